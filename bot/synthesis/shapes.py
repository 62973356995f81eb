"""Shapes of keys, codes and other cells whose values follow a pattern, such as "A00000"."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Sequence

# A letter is kept only if at least this many cells share it, so that it reveals nothing about one of them.
_MIN_SHARED_CELLS = 20
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)
_NAME_WORDS = re.compile(r"[^\W\d_]{2,}( [^\W\d_]{2,})*")
# Templates for `people.py`: cells that hold e-mail addresses or names get those of fictional people.
EMAIL_TEMPLATE, NAME_TEMPLATE = "en\t{mail}", "en\t{given} {family}"
# The alphabet of each character of a shape.
CHARACTER_ALPHABETS = {
    "0": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "h": "0123456789abcdef",
}


def detect_shape(cell: str) -> str:
    """Return the shape of a cell: "A" and "a" for letters, "0" for digits, "h" for the hex digits of a UUID.

    Other characters stand for themselves, after a backslash if they could be mistaken for these. E-mail addresses and words get a
    template.
    """
    if _UUID.fullmatch(cell):
        return re.sub("[0-9a-f]", "h", cell)
    if _MAIL.fullmatch(cell):
        return EMAIL_TEMPLATE
    if " " in cell or (_NAME_WORDS.fullmatch(cell) and not cell.isupper()):
        return NAME_TEMPLATE
    # An all-digit cell keeps its leading zero; all-digit shapes without one never produce one.
    first = "\\0" if cell.isdigit() and len(cell) > 1 and cell[0] == "0" else build_character_shape(cell[:1])
    return first + "".join(build_character_shape(character) for character in cell[1:])


def collect_shapes(cells: Sequence[str], limit: int = 20) -> tuple[tuple[str, int], ...]:
    """Return the most frequent shapes of cells with their counts.

    A letter that all cells of a shape share in one position is literal if the cells are enough: the P of P00123.
    """
    cells_by_shape: defaultdict[str, list[str]] = defaultdict(list)
    for cell in cells:
        cells_by_shape[detect_shape(cell)].append(cell)
    most_frequent = sorted(cells_by_shape.items(), key=lambda item: -len(item[1]))[:limit]
    return tuple(
        (
            _make_shared_letters_literal(shape, shape_cells) if len(shape_cells) >= _MIN_SHARED_CELLS else shape,
            len(shape_cells),
        )
        for shape, shape_cells in most_frequent
    )


def _make_shared_letters_literal(shape: str, cells: Sequence[str]) -> str:
    if shape in (EMAIL_TEMPLATE, NAME_TEMPLATE) or "h" in shape:
        return shape
    zero_prefix = shape[:2] if shape.startswith("\\0") else ""
    return zero_prefix + "".join(
        f"\\{characters[0]}"
        if characters[0].isalpha() and len(set(characters)) == 1
        else build_character_shape(characters[0])
        for characters in list(zip(*cells, strict=True))[1 if zero_prefix else 0 :]
    )


def build_character_shape(character: str) -> str:
    """Return the shape of a single character."""
    if not character:
        return ""
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return f"\\{character}" if character in "0Aah\\" else character
