"""What was made in a server and what it took: summed up, drawn, and how much of it is given."""
