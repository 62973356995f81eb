"""Scheduled posts as commands share them: views, forms, and sending to a channel."""
