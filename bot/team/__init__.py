"""What teams plan together: when their posts go out."""
