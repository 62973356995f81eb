"""Planned posts as commands share them: on the screen, in forms, and on their way to a channel."""
