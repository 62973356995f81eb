"""The command line. `verbs.py` has what can be typed, each other file what one of the verbs does."""

from .verbs import app, main

__all__ = ["app", "main"]
