"""What keys and other made-up cells look like."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Sequence

# So many cells that share a letter at a place tell nothing of one of them.
_MANY = 20
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2,}( [^\W\d_]{2,})*")
# Whoever is made up, as `people.py` writes them.
MAIL, WORD = "en\t{mail}", "en\t{given} {family}"
# What each sign of a shape may be.
SIGNS = {"0": string.digits, "A": string.ascii_uppercase, "a": string.ascii_lowercase, "h": "0123456789abcdef"}


def shape_of(cell: str) -> str:
    """What a cell looks like: "A" and "a" for letters and "0" for digits; a backslash before any other sign that stands
    as it is.
    """
    if _UUID.fullmatch(cell):
        return re.sub("[0-9a-f]", "h", cell)
    if _MAIL.fullmatch(cell):
        return MAIL
    if " " in cell or (_WORDS.fullmatch(cell) and not cell.isupper()):
        return WORD
    # A code with a zero before it has one in what is made, and no other has.
    first = "\\0" if cell.isdigit() and len(cell) > 1 and cell[0] == "0" else mark_of(cell[:1])
    return first + "".join(mark_of(sign) for sign in cell[1:])


def shapes_of(cells: Sequence[str], most: int = 20) -> tuple[tuple[str, int], ...]:
    """The commonest shapes of cells, with how often each is seen. A letter that all of so many cells have at one place stands
    there as it is: the P of P00123.
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for cell in cells:
        alike[shape_of(cell)].append(cell)
    commonest = sorted(alike.items(), key=lambda one: -len(one[1]))[:most]
    return tuple((_kept(shape, found) if len(found) >= _MANY else shape, len(found)) for shape, found in commonest)


def _kept(shape: str, cells: Sequence[str]) -> str:
    if shape in (MAIL, WORD) or "h" in shape:
        return shape
    zero = shape[:2] if shape.startswith("\\0") else ""
    return zero + "".join(
        f"\\{signs[0]}" if signs[0].isalpha() and len(set(signs)) == 1 else mark_of(signs[0])
        for signs in list(zip(*cells, strict=True))[1 if zero else 0 :]
    )


def mark_of(sign: str) -> str:
    """What one sign looks like."""
    if not sign:
        return ""
    if sign.isdigit():
        return "0"
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return f"\\{sign}" if sign in "0Aah\\" else sign
