"""A scroll: the lines of a haiku from right to left, one below the other, as plain text."""

from __future__ import annotations

from itertools import zip_longest

from bot.api import Content

LABEL = "Scroll"


def fits(content: Content) -> bool:
    """Only haiku fit."""
    return bool(content.parts.get("haiku"))


def export(_title: str, content: Content) -> bytes:
    """The first haiku, each line as a column."""
    columns = reversed(content.parts["haiku"][0].split("\n"))
    rows = zip_longest(*columns, fillvalue=" ")
    return "\n".join("  ".join(row).rstrip() for row in rows).encode()
