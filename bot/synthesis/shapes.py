"""Shapes of keys and other generated cells."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Sequence

# Minimum cells that share a letter for it to reveal nothing about any of them.
_MIN_SHARED_CELLS = 20
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)
_NAME_WORDS = re.compile(r"[^\W\d_]{2,}( [^\W\d_]{2,})*")
# Fictional people, as templates of `people.py`.
MAIL, WORD = "en\t{mail}", "en\t{given} {family}"
# The alphabet of each sign of a shape.
CHARACTER_ALPHABETS = {
    "0": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "h": "0123456789abcdef",
}


def detect_shape(cell: str) -> str:
    """Return the shape of a cell: "A" and "a" for letters and "0" for digits; a backslash precedes any literal sign."""
    if _UUID.fullmatch(cell):
        return re.sub("[0-9a-f]", "h", cell)
    if _MAIL.fullmatch(cell):
        return MAIL
    if " " in cell or (_NAME_WORDS.fullmatch(cell) and not cell.isupper()):
        return WORD
    # A leading zero is kept, and no other code gets one.
    first = "\\0" if cell.isdigit() and len(cell) > 1 and cell[0] == "0" else classify_character(cell[:1])
    return first + "".join(classify_character(character) for character in cell[1:])


def collect_shapes(cells: Sequence[str], most: int = 20) -> tuple[tuple[str, int], ...]:
    """Return the most frequent shapes of cells with their counts. A letter that all of enough cells share at one
    position is literal: the P of P00123.
    """
    cells_by_shape: defaultdict[str, list[str]] = defaultdict(list)
    for cell in cells:
        cells_by_shape[detect_shape(cell)].append(cell)
    commonest = sorted(cells_by_shape.items(), key=lambda one: -len(one[1]))[:most]
    return tuple(
        (_fix_shared_letters(shape, found) if len(found) >= _MIN_SHARED_CELLS else shape, len(found))
        for shape, found in commonest
    )


def _fix_shared_letters(shape: str, cells: Sequence[str]) -> str:
    if shape in (MAIL, WORD) or "h" in shape:
        return shape
    zero = shape[:2] if shape.startswith("\\0") else ""
    return zero + "".join(
        f"\\{signs[0]}" if signs[0].isalpha() and len(set(signs)) == 1 else classify_character(signs[0])
        for signs in list(zip(*cells, strict=True))[1 if zero else 0 :]
    )


def classify_character(character: str) -> str:
    """Return the shape of a single character."""
    if not character:
        return ""
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return f"\\{character}" if character in "0Aah\\" else character
