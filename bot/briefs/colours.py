"""Colours and contrast that a brief names. Pure."""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from collections.abc import Mapping

from .phrases import pattern_of
from .wording import MAX_READ, pattern_in

_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_CONTRAST = r"<picture.contrast>\D{0,20}(\d{1,2}(?:\.\d)?)|(\d{1,2}(?:\.\d)?)\s*(?::\s*1)?\s*(?:<picture.of_contrast>\s+)?<picture.contrast>|\b(AAA)\b"
# Colours that are not wanted, one or a row that ends with "or": "neither of them black", "no red, pink or gold".
_REFUSED = (
    r"\b<picture.refused>\s+(?:<picture.article>\s+)?"
    r"((?:(?:%(colour)s)\s*,\s*)*(?:%(colour)s)\s+(?:or|and|nor)\s+(?:%(colour)s)|(?:%(colour)s))\b"
)
# The contrast of level AAA, and the most there is.
_AAA, _MAX_CONTRAST = 7.0, 21.0


def contrast_in(brief: str) -> float | None:
    """The contrast that a brief asks for: 7 of "contrast 7:1" and of "AAA"."""
    found = pattern_in(brief, _CONTRAST).search(brief[:MAX_READ])
    return None if found is None else min(_MAX_CONTRAST, _AAA if found[3] else float(found[1] or found[2]))


def colours_refused(text: str, names: Mapping[str, str]) -> frozenset[str]:
    """Of colours with some names those that a text wants none of."""
    colour = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = pattern_in(text, _REFUSED % {"colour": colour}).finditer(text[:MAX_READ])
    return frozenset(value for one in found for value in colours_named(one[1], names))


def colours_named(text: str, names: Mapping[str, str]) -> list[str]:
    """The colours that a text names, by some names or as #RRGGBB, in its order."""
    found = [(at.start(), at.group().upper()) for at in _HEX.finditer(text)]
    taken: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        for at in pattern_of(name).finditer(text):
            if not any(start <= at.start() < end for start, end in taken):
                taken.append(at.span())
                found.append((at.start(), names[name]))
    return list(dict.fromkeys(value for _, value in sorted(found)))
