"""A script as paragraphs of a screenplay, which its formats write each in its own way."""

from __future__ import annotations

from typing import Literal

from bot.content import Content
from bot.kinds._labels import label_in

from ._spoken import spoken

Paragraph = tuple[Literal["Scene Heading", "Action", "Character", "Dialogue"], str]


def is_script(content: Content) -> bool:
    """It has scenes, in which something is seen and said."""
    return any(one.picture for one in spoken(content))


def screenplay(content: Content) -> list[Paragraph]:
    """Each scene under its number and time: what is seen, who speaks, what is said."""
    called, found = label_in("Scene", content.language).upper(), list[Paragraph]()
    for number, one in enumerate(spoken(content), 1):
        start, end = (f"{int(at) // 60}:{int(at) % 60:02d}" for at in (one.start, one.end))
        found.append(("Scene Heading", f"{called} {number} – {start}–{end}"))
        found += [("Action", one.picture)] if one.picture else []
        found += [("Character", one.speaker.upper() or "–"), ("Dialogue", one.words)]
    return found
