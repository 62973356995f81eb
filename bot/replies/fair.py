"""Room for answers, shared fairly by the channels: see bot/fair.py."""

from bot.fair import FairRoom

__all__ = ["FairRoom"]
