"""The model that writes, on one line."""

from __future__ import annotations

from bot.engines import Engine
from bot.errors import Phrase
from bot.locales import localize, translate

_SMALL = "Its texts are first drafts that need editing. Use /model to see what could write better."


def _strip_location(engine: Engine) -> str:
    return engine.label.removesuffix(", local")


def writer_name(engine: Engine, locale: str = "en") -> str:
    """Return the model and where it runs: "Qwen2.5 Coder 1.5B, on this machine"."""
    if not engine.on_this_machine:
        return engine.label
    return localize(Phrase("{model}, on this machine", model=_strip_location(engine)), locale)


def writer_line(engine: Engine, locale: str = "en") -> str:
    """Return which model writes, and for a small one what it is good for."""
    line = localize(Phrase("Written here by {engine}.", engine=_strip_location(engine)), locale)
    return f"{line} {translate(_SMALL, locale)}" if engine.traits.small else line
