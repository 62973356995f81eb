"""Quillmate as a server of the Model Context Protocol, for other assistants: the same texts, limits, moderation and privacy."""
