"""Builds a screenplay's paragraphs from a script, for the export formats to lay out."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Literal

from bot.content import Content
from bot.reading.surrounding_labels import translate_label, translate_to_all

from ._parts import get_entries
from ._speech import build_passages

ScreenplayParagraph = tuple[Literal["Scene Heading", "Action", "Character", "Parenthetical", "Dialogue"], str]

# The INT. or EXT. that screenwriting programs expect at the beginning of a scene heading, with the German equivalents.
_INT_EXT_PREFIX = re.compile(
    r"(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?(?:\s?/\s?(INT|EXT|I|E|INNEN|AUSSEN|AUẞEN)\b\.?)?[\s,:–-]*"
)
_INT_EXT_NORMALIZED = {"I": "INT.", "INNEN": "INT.", "E": "EXT.", "AUSSEN": "EXT.", "AUẞEN": "EXT."}
# The prefix of a scene that is not marked as interior or exterior.
_INT_OR_EXT = "INT./EXT."
# A direction in brackets at the beginning of a speech.
_PARENTHETICAL = re.compile(r"(\([^()]{1,80}\))\s*(?=\S)")


def is_script(content: Content) -> bool:
    """Whether a content has scenes with speech."""
    return bool(get_entries(content, "scenes")) and bool(build_passages(content))


def build_screenplay(content: Content) -> list[ScreenplayParagraph]:
    """Return the paragraphs of all scenes. A scene without a heading gets one from its number and time."""
    scene_label, paragraphs = translate_label("Scene", content.language).upper(), list[ScreenplayParagraph]()
    for number, scene in itertools.groupby(build_passages(content), key=lambda passage: passage.scene):
        passages = list(scene)
        start, end = _format_time(passages[0].start), _format_time(passages[-1].end)
        heading = _format_scene_heading(passages[0].heading)
        paragraphs.append(("Scene Heading", heading or f"{_INT_OR_EXT} {scene_label} {number} – {start}–{end}"))
        for passage in passages:
            paragraphs += [("Action", passage.picture)] if passage.picture else []
            if passage.words:
                paragraphs.append(("Character", passage.speaker.upper() or "–"))
                parenthetical = _PARENTHETICAL.match(passage.words)
                paragraphs += [("Parenthetical", parenthetical[1])] if parenthetical else []
                dialogue = passage.words[parenthetical.end() :] if parenthetical else passage.words
                paragraphs.append(("Dialogue", dialogue))
    return paragraphs


def _format_time(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _format_scene_heading(heading: str) -> str:
    """Return a heading in the form that screenwriting programs recognise: INT. or EXT., place, time of day. Programs add the
    scene numbers themselves.
    """
    text = _build_scene_number_pattern().sub("", heading.upper(), count=1).strip()
    if not text:
        return ""
    match = _INT_EXT_PREFIX.match(text)
    if match is None or match.end() == len(text) or (len(match[1]) == 1 and not match[2]):
        return f"{_INT_OR_EXT} {text}"
    prefixes = [_INT_EXT_NORMALIZED.get(prefix, f"{prefix}.") for prefix in match.groups() if prefix]
    return f"{'/'.join(dict.fromkeys(prefixes))} {text[match.end() :]}"


@cache
def _build_scene_number_pattern() -> re.Pattern[str]:
    labels = "|".join(re.escape(label.upper()) for label in translate_to_all("Scene"))
    return re.compile(rf"(?:(?:{labels})\s*)?\d{{1,3}}\s*(?:[:.)–—-]\s*|$)")
