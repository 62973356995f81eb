"""Which model writes, in one line for people."""

from __future__ import annotations

from bot.engines import Engine
from bot.errors import Phrase
from bot.locales import said, translate


def writer_line(engine: Engine, locale: str = "en") -> str:
    """Which model it is, and of a small one that there are better ones, and how they are had."""
    line = said(Phrase("{engine} writes here.", engine=engine.label), locale)
    if engine.traits.capable:
        return line
    better = translate("It is small; whoever runs me gets a better one with `quillmate model get`.", locale)
    return f"{line} {better}"
