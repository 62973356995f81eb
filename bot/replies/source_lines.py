"""The lines below a result about its sources: documents by name and page, and whether its facts were checked."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.content import Result
from bot.generation.sources import UNCHECKED, is_unchecked
from bot.locales import translate
from bot.markup import shorten

# Maximum length of the list of documents.
_MAX_SOURCES_CHARACTERS = 400


def sources_line(result: Result, locale: str) -> str:
    """Return the documents and pages that a result cites, and those only consulted; empty without any."""
    parts, lines = result.content.parts, list[str]()
    if cited := parts.get("sources"):
        lines.append(f"{translate('Sources', locale)}: {_join_names(cited)}")
    if consulted := parts.get("consulted"):
        lines.append(f"{translate('Also read', locale)}: {_join_names(consulted)}")
    return " · ".join(lines)


def _join_names(names: Sequence[str]) -> str:
    joined = discord.utils.escape_markdown(", ".join(names))
    return shorten(joined, _MAX_SOURCES_CHARACTERS)


def facts_line(result: Result, from_material: bool, locale: str) -> str:
    """Return the note that nobody has checked a lesson's facts, unless they come from documents; empty for other
    texts.
    """
    return translate(UNCHECKED, locale) if is_unchecked(result, from_material=from_material) else ""
