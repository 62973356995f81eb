"""Colours and contrast named in a brief. Pure."""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from collections.abc import Mapping

from .phrases import build_pattern
from .wording import MAX_READ, compile_for_text

_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_CONTRAST = r"<picture.contrast>\D{0,20}(\d{1,2}(?:\.\d)?)|(\d{1,2}(?:\.\d)?)\s*(?::\s*1)?\s*(?:<picture.of_contrast>\s+)?<picture.contrast>|\b(AAA)\b"
# Refused colours, one or a list that ends with "or": "neither of them black", "no red, pink or gold".
_REFUSED_COLOURS = (
    r"\b<picture.refused>\s+(?:<picture.article>\s+)?"
    r"((?:(?:%(colour)s)\s*,\s*)*(?:%(colour)s)\s+(?:or|and|nor)\s+(?:%(colour)s)|(?:%(colour)s))\b"
)
# The contrast of level AAA, and the maximum.
_AAA, _MAX_CONTRAST = 7.0, 21.0


def find_contrast(brief: str) -> float | None:
    """Return the contrast that a brief asks for: 7 for "contrast 7:1" and "AAA"."""
    found = compile_for_text(brief, _CONTRAST).search(brief[:MAX_READ])
    return None if found is None else min(_MAX_CONTRAST, _AAA if found[3] else float(found[1] or found[2]))


def find_refused_colours(text: str, names: Mapping[str, str]) -> frozenset[str]:
    """Return the named colours that a text rules out."""
    colour = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = compile_for_text(text, _REFUSED_COLOURS % {"colour": colour}).finditer(text[:MAX_READ])
    return frozenset(value for one in found for value in find_colours(one[1], names))


def find_colours(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the colours in a text, by name or as #RRGGBB, in order."""
    found = [(at.start(), at.group().upper()) for at in _HEX.finditer(text)]
    taken: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        for at in build_pattern(name).finditer(text):
            if not any(start <= at.start() < end for start, end in taken):
                taken.append(at.span())
                found.append((at.start(), names[name]))
    return list(dict.fromkeys(value for _, value in sorted(found)))
