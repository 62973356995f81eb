"""The command line: `verbs/` defines the commands, each other module implements one of them."""

from .verbs import app, main

__all__ = ["app", "main"]
