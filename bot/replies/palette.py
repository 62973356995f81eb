"""A palette as a picture: each colour with its name, its digits, and how far it stands out from white and black."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bot.checks.widths import drawn_width
from bot.exports._drawing import rendered
from bot.kinds._colours import READABLE, contrast
from bot.locales import translate
from personas.book import Colour

_PAPER, _INK, _SOFT, _RULE = "#FFFFFF", "#22252B", "#5B6070", "#D9DCE3"
_WHITE, _BLACK = "#FFFFFF", "#000000"
_COLUMNS, _WIDE, _SWATCH, _HIGH, _GAP, _EDGE = 4, 300, 150, 300, 20, 30
_NAME, _SMALL = 24, 20


def palette_picture(colours: Sequence[Colour], locale: str) -> bytes:
    """The colours side by side, up to four a row, as PNG."""
    columns = min(_COLUMNS, len(colours))
    rows = -(-len(colours) // _COLUMNS)
    width = 2 * _EDGE + columns * _WIDE + (columns - 1) * _GAP
    height = 2 * _EDGE + rows * _HIGH + (rows - 1) * _GAP
    parts = [f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>']
    for at, colour in enumerate(colours):
        left = _EDGE + at % _COLUMNS * (_WIDE + _GAP)
        top = _EDGE + at // _COLUMNS * (_HIGH + _GAP)
        parts += _card(colour, left, top, locale)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'
    return rendered(svg, max(width, height))


def palette_in_words(colours: Sequence[Colour], locale: str) -> str:
    """What the picture shows, for those who do not see it."""
    on_white, on_black = translate("on white", locale), translate("on black", locale)
    return "; ".join(
        f"{colour}, {on_white} {contrast(colour.hex, _WHITE):.1f}, {on_black} {contrast(colour.hex, _BLACK):.1f}"
        for colour in colours
    )


def _card(colour: Colour, left: int, top: int, locale: str) -> list[str]:
    ink = _BLACK if contrast(colour.hex, _BLACK) >= contrast(colour.hex, _WHITE) else _WHITE
    lines = [
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="14" fill="none" stroke="{_RULE}" stroke-width="2"/>',
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_SWATCH}" rx="14" fill="{colour.hex}" stroke="{_RULE}" '
        'stroke-width="2"/>',
        _text("Aa", left + 20, top + _SWATCH - 24, 48, ink, bold=True),
        _text(_fitted(colour.name or colour.hex), left + 20, top + _SWATCH + 38, _NAME, _INK, bold=True),
        _text(colour.hex, left + 20, top + _SWATCH + 68, _SMALL, _SOFT),
    ]
    grounds = ((translate("on white", locale), _WHITE), (translate("on black", locale), _BLACK))
    for number, (word, ground) in enumerate(grounds):
        found = contrast(colour.hex, ground)
        sign = "✓" if found >= READABLE else "–"
        told = f"{word} {found:.1f} : 1 {sign}"
        lines.append(_text(told, left + 20, top + _SWATCH + 100 + 28 * number, _SMALL, _SOFT))
    return lines


def _fitted(name: str) -> str:
    """As much of a name as a card has room for."""
    if drawn_width(name, _NAME) <= _WIDE - 40:
        return name
    while name and drawn_width(f"{name}…", _NAME) > _WIDE - 40:
        name = name[:-1]
    return f"{name.rstrip()}…"


def _text(text: str, x: int, y: int, size: int, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'
