"""Users: what is known and learnt about them, and what they may see, export and delete."""
