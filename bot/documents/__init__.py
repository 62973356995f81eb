"""Users' files: their text, split into passages and searched for each request."""
