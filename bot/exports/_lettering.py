"""Colours and lettering shared by a team's pictures: words as SVG, cut to the available width. Pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# The paper colour and those used on it. Every pair of paper and ink has a contrast of more than 4.5 to 1; lines do not.
PAPER, INK, SMALL, LINE = "#1e1f24", "#f4f5f7", "#b9bec8", "#4a4e58"
# The width of a character relative to the font size: of letters, and of characters nearly twice as wide.
_NARROW, _WIDE, _WIDE_FROM = 0.54, 1.8, 0x1100


def cut_to_width(text: str, width: float, size: float) -> str:
    """Return a text cut to a width, both in pixels."""
    room, kept = width / (size * _NARROW), ""
    for mark in text:
        room -= 1 if ord(mark) < _WIDE_FROM else _WIDE
        if room < 1:
            return f"{kept.rstrip(' .')}…"
        kept += mark
    return kept


def draw_text(
    x: float, y: float, words: str, size: float, colour: str, *, bold: bool = False, anchor: str = "start"
) -> str:
    """Return words at a position, as SVG; the `anchor` "middle" or "end" makes it the position of their middle or end."""
    printable = "".join(mark for mark in re.sub("[\u00a0\u202f]", " ", words) if mark.isprintable())
    weight = ' font-weight="700"' if bold else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight}{place}>{escape(printable)}</text>'
