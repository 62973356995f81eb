"""The library: a user's results and the server's assets, listed, searched and reused as templates."""
