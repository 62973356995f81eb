"""How wide a line is on the screen: advance widths of Arial, which search results are set in; and lines that fit a width."""

from __future__ import annotations

import math
import unicodedata

# Units of an em; Liberation Sans, which is made to Arial's widths, has the same numbers in its table `hmtx`.
_EM = 2048
# The size of a title in a search result, in pixels.
TITLE_SIZE = 20
_WIDTHS = {
    391: "'", 455: "ijl‘’", 532: "|¦", 569: " !,./:;I[\\]ft", 682: "()-`r¡“”", 684: "{}", 717: "•", 727: '"', 797: "*",
    819: "°", 961: "^", 1024: "Jcksvxyz", 1139: "#$0123456789?L_abdeghnopqu£¥§«»€–", 1196: "+<=>~", 1251: "FTZ¿ß",
    1366: "&ABEKPSVXY", 1479: "CDHNRUw", 1509: "©®", 1593: "GOQ", 1706: "Mm", 1821: "%æ", 1933: "Wœ", 2048: "ÆŒ—…™", 2079: "@",
}  # fmt: skip
_OF = {sign: width for width, signs in _WIDTHS.items() for sign in signs}
# Noto Sans, which drawings are set in, is about so much wider than Arial.
_WIDER = 1.09
# More characters than any line has.
_A_LINE = 1_000
# A letter that the table does not have is as wide as most digits and small letters.
_USUAL = 1139


def pixels(text: str) -> int:
    """Width of a line in Arial of 20 px, rounded up. Letters with accents are as wide as without; CJK signs fill an em."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).strip())
    return math.ceil(sum(map(_width, plain)) * TITLE_SIZE / _EM)


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return _OF.get(sign) or (_EM if unicodedata.east_asian_width(sign) in "WF" else _USUAL)


def drawn_width(text: str, size: float) -> float:
    """About how wide a line of a drawing is in Noto Sans of a size, in the size's unit."""
    return pixels(text) * size / TITLE_SIZE * _WIDER


def wrapped(text: str, width: float, size: float, most: int) -> list[str]:
    """A text in lines that fit a width at a size; of more than `most` the last ends with an ellipsis.

    What is longer than a line and has no spaces, as in Chinese, is broken between its signs.
    """
    lines: list[str] = []
    for word in text[: _A_LINE * most].split():
        if lines and drawn_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _broken(word, width, size, most)
    if len(lines) > most:
        lines = lines[:most]
        while " " in lines[-1] and drawn_width(f"{lines[-1]}…", size) > width:
            lines[-1] = lines[-1].rpartition(" ")[0]
        while len(lines[-1]) > 1 and drawn_width(f"{lines[-1]}…", size) > width:
            lines[-1] = lines[-1][:-1]
        lines[-1] = f"{lines[-1].rstrip(' ,.;:')}…"
    return lines


def _broken(word: str, width: float, size: float, most: int) -> list[str]:
    """A word in pieces that fit a width, one more than `most` of them at the most; marks stay with their letters."""
    if drawn_width(word, size) <= width:
        return [word]
    pieces = [""]
    for sign in word:
        if pieces[-1] and not unicodedata.combining(sign) and drawn_width(pieces[-1] + sign, size) > width:
            pieces.append("")
            if len(pieces) > most + 1:
                return pieces[:-1]
        pieces[-1] += sign
    return pieces
