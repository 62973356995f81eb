"""Room for answers, shared fairly by the channels: see bot/admission/fair.py."""

from bot.admission.fair import FairRoom

__all__ = ["FairRoom"]
