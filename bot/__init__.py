"""The bot: from an event in Discord, or a line on the command line, to a finished result."""

__version__ = "0.1.0"
