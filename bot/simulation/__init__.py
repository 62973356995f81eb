"""What may come of assumptions: they are read, drawn from many times, and counted."""
