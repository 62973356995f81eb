"""Colours and text of the pictures that show a team's data, as SVG. Pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# Inks have a contrast of more than 4.5 to 1 with the paper; lines have less.
PAPER, INK, MUTED_INK, LINE_COLOUR = "#1e1f24", "#f4f5f7", "#b9bec8", "#4a4e58"
# An ordinary character's width as a share of the font size; the widths of characters from a code point on, in ordinary ones.
_CHARACTER_WIDTH, _WIDE_CHARACTER, _FIRST_WIDE_CODE_POINT = 0.54, 1.8, 0x1100


def cut_to_width(text: str, width: float, size: float) -> str:
    """Return a text cut to a width at a font size, both in pixels; a cut text ends in "…"."""
    room, fitting = width / (size * _CHARACTER_WIDTH), ""
    for character in text:
        room -= 1 if ord(character) < _FIRST_WIDE_CODE_POINT else _WIDE_CHARACTER
        if room < 1:
            return f"{fitting.rstrip(' .')}…"
        fitting += character
    return fitting


def draw_text(
    x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False, anchor: str = "start"
) -> str:
    """Return a line of text as SVG. `x` is where its start is, or the point that another `anchor` ("middle", "end") names;
    `y` is its baseline.
    """
    text = re.sub("[\u00a0\u202f]", " ", text)
    printable = "".join(character for character in text if character.isprintable())
    weight = ' font-weight="700"' if bold else ""
    alignment = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight}{alignment}>{escape(printable)}</text>'
