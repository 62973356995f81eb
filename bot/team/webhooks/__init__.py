"""Other programs that are told what is done in a server."""
