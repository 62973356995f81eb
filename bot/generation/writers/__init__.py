"""Who writes: a strategy for models that can write, and one for a small model whose drafts code corrects.

The pipeline picks one by an engine's traits, and knows nothing else of the difference.
"""

from __future__ import annotations

from bot.engines import Engine

from .base import Desk, Spot, Writer
from .capable import CAPABLE
from .small import SMALL

__all__ = ["Desk", "Spot", "Writer", "writer_for"]


def writer_for(engine: Engine) -> Writer:
    """The strategy that suits an engine's model."""
    return CAPABLE if engine.traits.capable else SMALL
