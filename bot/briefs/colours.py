"""Finds the colours and the contrast that a brief names."""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from collections.abc import Mapping

from .phrases import build_pattern
from .wording import MAX_BRIEF_CHARACTERS, compile_for_text

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_CONTRAST_TEMPLATE = r"<picture.contrast>\D{0,20}(\d{1,2}(?:\.\d)?)|(\d{1,2}(?:\.\d)?)\s*(?::\s*1)?\s*(?:<picture.of_contrast>\s+)?<picture.contrast>|\b(AAA)\b"
# Refused colours, one or a list that ends with "or": "neither of them black", "no red, pink or gold".
_REFUSED_COLOURS_TEMPLATE = (
    r"\b<picture.refused>\s+(?:<picture.article>\s+)?"
    r"((?:(?:%(colour)s)\s*,\s*)*(?:%(colour)s)\s+(?:or|and|nor)\s+(?:%(colour)s)|(?:%(colour)s))\b"
)
# The contrast of level AAA, and the maximum.
_AAA_CONTRAST, _MAX_CONTRAST = 7.0, 21.0


def find_contrast(brief: str) -> float | None:
    """Return the contrast ratio that a brief asks for, at most 21: 7 for "contrast 7:1" and "AAA"; None without one."""
    match = compile_for_text(brief, _CONTRAST_TEMPLATE).search(brief[:MAX_BRIEF_CHARACTERS])
    return None if match is None else min(_MAX_CONTRAST, _AAA_CONTRAST if match[3] else float(match[1] or match[2]))


def find_refused_colours(text: str, colours_by_name: Mapping[str, str]) -> frozenset[str]:
    """Return the colours that a text rules out by name."""
    names = "|".join(re.escape(name) for name in sorted(colours_by_name, key=len, reverse=True))
    pattern = compile_for_text(text, _REFUSED_COLOURS_TEMPLATE % {"colour": names})
    matches = pattern.finditer(text[:MAX_BRIEF_CHARACTERS])
    return frozenset(colour for match in matches for colour in find_colours(match[1], colours_by_name))


def find_colours(text: str, colours_by_name: Mapping[str, str]) -> list[str]:
    """Return the colours in a text, given by name or as #RRGGBB, in order of appearance."""
    positions_and_colours = [(match.start(), match.group().upper()) for match in _HEX_COLOUR.finditer(text)]
    spans: list[tuple[int, int]] = []
    # Longer names first, as "sky blue" contains "blue".
    for name in sorted(colours_by_name, key=len, reverse=True):
        for match in build_pattern(name).finditer(text):
            if not any(start <= match.start() < end for start, end in spans):
                spans.append(match.span())
                positions_and_colours.append((match.start(), colours_by_name[name]))
    return list(dict.fromkeys(colour for _, colour in sorted(positions_and_colours)))
