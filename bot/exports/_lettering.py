"""What pictures of a team's share: their colours, and words as SVG, cut to the room that there is. Pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# The paper, and what stands on it. Every pair of paper and ink differs by more than 4.5 to 1 in contrast; lines do not.
PAPER, INK, SMALL, LINE = "#1e1f24", "#f4f5f7", "#b9bec8", "#4a4e58"
# The width of a mark, of its size: of letters, and of signs that take nearly two of them.
_NARROW, _WIDE, _WIDE_FROM = 0.54, 1.8, 0x1100


def cut(text: str, width: float, size: float) -> str:
    """A text that fits a width, both in pixels."""
    room, kept = width / (size * _NARROW), ""
    for mark in text:
        room -= 1 if ord(mark) < _WIDE_FROM else _WIDE
        if room < 1:
            return f"{kept.rstrip(' .')}…"
        kept += mark
    return kept


def written(
    x: float, y: float, words: str, size: float, colour: str, *, bold: bool = False, anchor: str = "start"
) -> str:
    """Words at a place, as SVG; with the `anchor` "middle" or "end" it is the place of their middle or end."""
    printable = "".join(mark for mark in re.sub("[\u00a0\u202f]", " ", words) if mark.isprintable())
    weight = ' font-weight="700"' if bold else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight}{place}>{escape(printable)}</text>'
