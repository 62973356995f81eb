"""A palette as a picture: each colour with its name, its digits, and how far it stands out from white and black."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bot.checks.widths import measure_drawn_width
from bot.errors import Phrase
from bot.exports._drawing import rendered
from bot.kinds._colours import READABLE, contrast
from bot.locales import localize, translate
from personas.book import Colour

PAPER, INK, SOFT, RULE = "#FFFFFF", "#22252B", "#5B6070", "#D9DCE3"
WHITE, BLACK = "#FFFFFF", "#000000"
_COLUMNS, _WIDE, _SWATCH, _HIGH, GAP, EDGE = 4, 300, 150, 300, 20, 30
WIDTH = 2 * EDGE + _COLUMNS * _WIDE + (_COLUMNS - 1) * GAP
_NAME, _SMALL, _MIN = 24, 20, 16
RATIO = "{ratio:.1f} : 1"
# Characters of a text that is cut to a width: no line has more.
_MAX_FITTED = 300


def palette_picture(colours: Sequence[Colour], locale: str) -> bytes:
    """The colours side by side, up to four a row, as PNG."""
    columns = min(_COLUMNS, len(colours))
    width = 2 * EDGE + columns * _WIDE + (columns - 1) * GAP
    parts, end = cards(colours, EDGE, locale)
    height = end + EDGE
    ground = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{ground}{"".join(parts)}</svg>'
    return rendered(svg, max(width, height))


def cards(colours: Sequence[Colour], top: int, locale: str) -> tuple[list[str], int]:
    """The colours from a height on, as SVG, and where they end."""
    parts = list[str]()
    for at, colour in enumerate(colours):
        left = EDGE + at % _COLUMNS * (_WIDE + GAP)
        parts += _card(colour, left, top + at // _COLUMNS * (_HIGH + GAP), locale)
    rows = -(-len(colours) // _COLUMNS)
    return parts, top + rows * _HIGH + (rows - 1) * GAP


def palette_in_words(colours: Sequence[Colour], locale: str) -> str:
    """What the picture shows, for those who do not see it."""
    grounds = ((translate("on white", locale), WHITE), (translate("on black", locale), BLACK))
    return "; ".join(
        ", ".join(
            [
                str(colour),
                *(
                    f"{on} {localize(Phrase('{ratio:.1f}', ratio=contrast(colour.hex, ground)), locale)}"
                    for on, ground in grounds
                ),
            ]
        )
        for colour in colours
    )


def _card(colour: Colour, left: int, top: int, locale: str) -> list[str]:
    ink = BLACK if contrast(colour.hex, BLACK) >= contrast(colour.hex, WHITE) else WHITE
    name = colour.name or colour.hex
    # A long name is written smaller before it is cut.
    size = next((one for one in range(_NAME, _MIN, -1) if measure_drawn_width(name, one) <= _WIDE - 40), _MIN)
    lines = [
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="14" fill="none" stroke="{RULE}" stroke-width="2"/>',
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_SWATCH}" rx="14" fill="{colour.hex}" stroke="{RULE}" '
        'stroke-width="2"/>',
        lettered("Aa", left + 20, top + _SWATCH - 24, 48, ink, bold=True),
        lettered(fitted(name, _WIDE - 40, size), left + 20, top + _SWATCH + 38, size, INK, bold=True),
        lettered(colour.hex, left + 20, top + _SWATCH + 68, _SMALL, SOFT),
    ]
    grounds = ((translate("on white", locale), WHITE), (translate("on black", locale), BLACK))
    for number, (word, ground) in enumerate(grounds):
        found = contrast(colour.hex, ground)
        sign = "✓" if found >= READABLE else "–"
        told = f"{word} {localize(Phrase(RATIO, ratio=found), locale)} {sign}"
        lines.append(lettered(told, left + 20, top + _SWATCH + 100 + 28 * number, _SMALL, SOFT))
    return lines


def fitted(text: str, width: float, size: int) -> str:
    """As much of a text as a width in pixels has room for."""
    text = text[:_MAX_FITTED]
    if measure_drawn_width(text, size) <= width:
        return text
    while text and measure_drawn_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def lettered(text: str, x: int, y: int, size: int, colour: str, *, bold: bool = False) -> str:
    """Words at a place, as SVG."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'
