"""A script as paragraphs of a screenplay, which its formats write each in its own way."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Literal

from bot.content import Content
from bot.kinds._labels import translate_label, translate_to_all

from ._parts import entries
from ._spoken import spoken

Paragraph = tuple[Literal["Scene Heading", "Action", "Character", "Parenthetical", "Dialogue"], str]

# Within or without, as every program of the trade knows it; in German it is said otherwise.
_PLACED = re.compile(r"(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?(?:\s?/\s?(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?)?[\s,:–-]*")
_SAID = {"I": "INT.", "INNEN": "INT.", "E": "EXT.", "AUSSEN": "EXT.", "AUẞEN": "EXT."}
# Where a script does not say which.
_EITHER = "INT./EXT."
# How a line is said, in brackets before it.
_HOW = re.compile(r"(\([^()]{1,80}\))\s*(?=\S)")


def is_script(content: Content) -> bool:
    """It has scenes, in which something is said."""
    return bool(entries(content, "scenes")) and bool(spoken(content))


def screenplay(content: Content) -> list[Paragraph]:
    """Each scene under its own heading, else its number and time: what is seen, who speaks, and how, what is said."""
    called, found = translate_label("Scene", content.language).upper(), list[Paragraph]()
    for number, scene in itertools.groupby(spoken(content), key=lambda one: one.scene):
        turns = list(scene)
        start, end = (f"{int(at) // 60}:{int(at) % 60:02d}" for at in (turns[0].start, turns[-1].end))
        found.append(("Scene Heading", _placed(turns[0].heading) or f"{_EITHER} {called} {number} – {start}–{end}"))
        for one in turns:
            found += [("Action", one.picture)] if one.picture else []
            if one.words:
                how = _HOW.match(one.words)
                found.append(("Character", one.speaker.upper() or "–"))
                found += [("Parenthetical", how[1])] if how else []
                found.append(("Dialogue", one.words[how.end() :] if how else one.words))
    return found


def _placed(heading: str) -> str:
    """A heading as programs number and sort scenes by it: INT. or EXT., the place and the time of day, without a number."""
    text = _numbered().sub("", heading.upper(), count=1).strip()
    if not text:
        return ""
    found = _PLACED.match(text)
    if found is None or found.end() == len(text) or (len(found[1]) == 1 and not found[2]):
        return f"{_EITHER} {text}"
    sides = [_SAID.get(side, f"{side}.") for side in found.groups() if side]
    return f"{'/'.join(dict.fromkeys(sides))} {text[found.end() :]}"


@cache
def _numbered() -> re.Pattern[str]:
    names = "|".join(re.escape(one.upper()) for one in translate_to_all("Scene"))
    return re.compile(rf"(?:(?:{names})\s*)?\d{{1,3}}\s*(?:[:.)–—-]\s*|$)")
