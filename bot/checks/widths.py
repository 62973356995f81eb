"""Measure the width of a line in Arial, the font of search results, and wrap text to a width."""

from __future__ import annotations

import math
import unicodedata

# Units per em. Liberation Sans, which is metric-compatible with Arial, has these advance widths in its table `hmtx`.
_EM = 2048
# The size of a title in a search result, in pixels.
TITLE_SIZE = 20
_SIGNS_BY_WIDTH = {
    391: "'",
    455: "ijl‘’",
    532: "|¦",
    569: " !,./:;I[\\]ft",
    682: "()-`r¡“”",
    684: "{}",
    717: "•",
    727: '"',
    797: "*",
    819: "°",
    961: "^",
    1024: "Jcksvxyz",
    1139: "#$0123456789?L_abdeghnopqu£¥§«»€–",
    1196: "+<=>~",
    1251: "FTZ¿ß",
    1366: "&ABEKPSVXY",
    1479: "CDHNRUw",
    1509: "©®",
    1593: "GOQ",
    1706: "Mm",
    1821: "%æ",
    1933: "Wœ",
    2048: "ÆŒ—…™",
    2079: "@",
}
_WIDTH_BY_SIGN = {sign: width for width, signs in _SIGNS_BY_WIDTH.items() for sign in signs}
# The ratio of the widths of Noto Sans, the font of drawings, to Arial.
_NOTO_SANS_RATIO = 1.09
# The maximum characters of a line.
_MAX_LINE_CHARACTERS = 1_000
# The width of characters missing from the table: that of digits and most small letters.
_DEFAULT_WIDTH = 1139


def measure_pixels(text: str) -> int:
    """Return the width of a line in Arial at 20 px, rounded up. Accents add no width; CJK characters fill an em."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).strip())
    return math.ceil(sum(map(_measure_sign, plain)) * TITLE_SIZE / _EM)


def _measure_sign(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return _WIDTH_BY_SIGN.get(sign) or (_EM if unicodedata.east_asian_width(sign) in "WF" else _DEFAULT_WIDTH)


def measure_drawn_width(text: str, size: float) -> float:
    """Return the approximate width of a line in Noto Sans, in the unit of `size`."""
    return measure_pixels(text) * size / TITLE_SIZE * _NOTO_SANS_RATIO


def wrap_text(text: str, width: float, size: float, max_lines: int) -> list[str]:
    """Wrap a text into lines that fit a width; if there are more than `max_lines`, the last ends with an ellipsis.

    Words longer than a line, as in Chinese, are broken between characters.
    """
    lines: list[str] = []
    for word in text[: _MAX_LINE_CHARACTERS * max_lines].split():
        if lines and measure_drawn_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _break_word(word, width, size, max_lines)
    if len(lines) <= max_lines:
        return lines
    return [*lines[: max_lines - 1], _shorten_line(lines[max_lines - 1], width, size)]


def _shorten_line(line: str, width: float, size: float) -> str:
    """Return the beginning of a line, between words if possible, that fits a width with an ellipsis."""
    while " " in line and measure_drawn_width(f"{line}…", size) > width:
        line = line.rpartition(" ")[0]
    while len(line) > 1 and measure_drawn_width(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line.rstrip(' ,.;:')}…"


def _break_word(word: str, width: float, size: float, max_lines: int) -> list[str]:
    """Break a word into at most `max_lines` + 1 pieces that fit a width; combining marks stay with their letters."""
    if measure_drawn_width(word, size) <= width:
        return [word]
    pieces = [""]
    for sign in word:
        if pieces[-1] and not unicodedata.combining(sign) and measure_drawn_width(pieces[-1] + sign, size) > width:
            pieces.append("")
            if len(pieces) > max_lines + 1:
                return pieces[:-1]
        pieces[-1] += sign
    return pieces
