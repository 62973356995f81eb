"""A script as paragraphs of a screenplay, which its formats write each in its own way."""

from __future__ import annotations

import itertools
from typing import Literal

from bot.content import Content
from bot.kinds._labels import label_in

from ._parts import entries
from ._spoken import spoken

Paragraph = tuple[Literal["Scene Heading", "Action", "Character", "Dialogue"], str]


def is_script(content: Content) -> bool:
    """It has scenes, in which something is said."""
    return bool(entries(content, "scenes")) and bool(spoken(content))


def screenplay(content: Content) -> list[Paragraph]:
    """Each scene under its own heading, else its number and time: what is seen, who speaks, what is said."""
    called, found = label_in("Scene", content.language).upper(), list[Paragraph]()
    for number, scene in itertools.groupby(spoken(content), key=lambda one: one.scene):
        turns = list(scene)
        start, end = (f"{int(at) // 60}:{int(at) % 60:02d}" for at in (turns[0].start, turns[-1].end))
        found.append(("Scene Heading", turns[0].heading.upper() or f"{called} {number} – {start}–{end}"))
        for one in turns:
            found += [("Action", one.picture)] if one.picture else []
            found += [("Character", one.speaker.upper() or "–"), ("Dialogue", one.words)] if one.words else []
    return found
