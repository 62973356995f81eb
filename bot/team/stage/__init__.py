"""Role plays, interviews with personas, and panels of simulated readers."""
