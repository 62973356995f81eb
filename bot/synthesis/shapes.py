"""What keys and other made-up cells look like."""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2,}( [^\W\d_]{2,})*")
MAIL, WORD = "<mail>", "<name>"


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
    return "".join(_mark(sign) for sign in cell)


def _mark(sign: str) -> str:
    if sign.isdigit():
        return "0"
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return f"\\{sign}" if sign in "0Aah\\" else sign
