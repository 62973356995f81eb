"""What a result draws on, in the lines below it: documents by name and page, and whether anybody has checked its facts."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.content import Result
from bot.generation.sources import UNCHECKED, is_unchecked
from bot.locales import translate

# Characters of the line that names documents.
_MAX_SOURCES = 400


def sources_line(result: Result, locale: str) -> str:
    """The documents and pages that a result cites, and those that were only consulted; empty without any."""
    parts = result.content.parts
    cited, consulted = _shortly(parts.get("sources", ())), _shortly(parts.get("consulted", ()))
    lines = [
        f"{translate('Sources', locale)}: {cited}" if cited else "",
        f"{translate('Consulted', locale)}: {consulted}" if consulted else "",
    ]
    return " · ".join(filter(None, lines))


def _shortly(names: Sequence[str]) -> str:
    said = discord.utils.escape_markdown(", ".join(names))
    return said if len(said) <= _MAX_SOURCES else said[: _MAX_SOURCES - 1] + "…"


def facts_line(result: Result, from_material: bool, locale: str) -> str:
    """That nobody has checked what a lesson says, unless it comes from documents; empty for all other texts."""
    return translate(UNCHECKED, locale) if is_unchecked(result, from_material=from_material) else ""
