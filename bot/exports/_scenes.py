"""A script as the paragraphs of a screenplay, which each format writes in its own way."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Literal

from bot.content import Content
from bot.reading.surrounding_labels import translate_label, translate_to_all

from ._parts import get_entries
from ._spoken import build_passages

ScreenplayParagraph = tuple[Literal["Scene Heading", "Action", "Character", "Parenthetical", "Dialogue"], str]

# Interior or exterior, as every screenwriting program knows it; German uses other words.
_PLACE_HEADING = re.compile(
    r"(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?(?:\s?/\s?(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?)?[\s,:–-]*"
)
_PLACE_WORDS = {"I": "INT.", "INNEN": "INT.", "E": "EXT.", "AUSSEN": "EXT.", "AUẞEN": "EXT."}
# If a script does not say which.
_EITHER_PLACE = "INT./EXT."
# The manner of speaking, in brackets before a line.
_MANNER = re.compile(r"(\([^()]{1,80}\))\s*(?=\S)")


def is_script(content: Content) -> bool:
    """Whether it has scenes with speech."""
    return bool(get_entries(content, "scenes")) and bool(build_passages(content))


def build_screenplay(content: Content) -> list[ScreenplayParagraph]:
    """Return each scene under its heading, or its number and time: what is seen, who speaks, how, and what is said."""
    called, found = translate_label("Scene", content.language).upper(), list[ScreenplayParagraph]()
    for number, scene in itertools.groupby(build_passages(content), key=lambda one: one.scene):
        turns = list(scene)
        start, end = (f"{int(at) // 60}:{int(at) % 60:02d}" for at in (turns[0].start, turns[-1].end))
        found.append(
            (
                "Scene Heading",
                _format_scene_heading(turns[0].heading) or f"{_EITHER_PLACE} {called} {number} – {start}–{end}",
            )
        )
        for one in turns:
            found += [("Action", one.picture)] if one.picture else []
            if one.words:
                how = _MANNER.match(one.words)
                found.append(("Character", one.speaker.upper() or "–"))
                found += [("Parenthetical", how[1])] if how else []
                found.append(("Dialogue", one.words[how.end() :] if how else one.words))
    return found


def _format_scene_heading(heading: str) -> str:
    """Return a heading as programs number and sort scenes by it: INT. or EXT., the place and the time of day, without a
    number.
    """
    text = _build_number_pattern().sub("", heading.upper(), count=1).strip()
    if not text:
        return ""
    found = _PLACE_HEADING.match(text)
    if found is None or found.end() == len(text) or (len(found[1]) == 1 and not found[2]):
        return f"{_EITHER_PLACE} {text}"
    sides = [_PLACE_WORDS.get(side, f"{side}.") for side in found.groups() if side]
    return f"{'/'.join(dict.fromkeys(sides))} {text[found.end() :]}"


@cache
def _build_number_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(one.upper()) for one in translate_to_all("Scene"))
    return re.compile(rf"(?:(?:{names})\s*)?\d{{1,3}}\s*(?:[:.)–—-]\s*|$)")
