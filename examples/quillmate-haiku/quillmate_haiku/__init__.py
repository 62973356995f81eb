"""Haiku for Quillmate."""
