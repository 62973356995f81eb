"""A palette as a picture: each colour with its name, code, and contrast with white and black."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bot.checks.widths import measure_drawn_width
from bot.composition.colours import MIN_TEXT_CONTRAST, compute_contrast
from bot.errors import Phrase
from bot.exports._drawing import render_png
from bot.locales import localize, translate
from personas.book import Colour

PAPER, INK, SOFT, RULE = "#FFFFFF", "#22252B", "#5B6070", "#D9DCE3"
WHITE, BLACK = "#FFFFFF", "#000000"
_COLUMNS, _CARD_WIDTH, _SWATCH_HEIGHT, _CARD_HEIGHT, GAP, EDGE = 4, 300, 150, 300, 20, 30
WIDTH = 2 * EDGE + _COLUMNS * _CARD_WIDTH + (_COLUMNS - 1) * GAP
_NAME, _SMALL, _MIN = 24, 20, 16
RATIO = "{ratio:.1f} : 1"
# Maximum length of a text before it is cut to a width.
_MAX_FITTED_CHARACTERS = 300


def palette_picture(colours: Sequence[Colour], locale: str) -> bytes:
    """Render the colours, up to four in a row, as PNG."""
    columns = min(_COLUMNS, len(colours))
    width = 2 * EDGE + columns * _CARD_WIDTH + (columns - 1) * GAP
    parts, end = render_cards(colours, EDGE, locale)
    height = end + EDGE
    ground = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{ground}{"".join(parts)}</svg>'
    return render_png(svg, max(width, height))


def render_cards(colours: Sequence[Colour], top: int, locale: str) -> tuple[list[str], int]:
    """Render the colours from a height on as SVG; return also where they end."""
    parts = list[str]()
    for at, colour in enumerate(colours):
        left = EDGE + at % _COLUMNS * (_CARD_WIDTH + GAP)
        parts += _render_card(colour, left, top + at // _COLUMNS * (_CARD_HEIGHT + GAP), locale)
    rows = -(-len(colours) // _COLUMNS)
    return parts, top + rows * _CARD_HEIGHT + (rows - 1) * GAP


def describe_palette(colours: Sequence[Colour], locale: str) -> str:
    """Describe the picture in words."""
    grounds = ((translate("on white", locale), WHITE), (translate("on black", locale), BLACK))
    return "; ".join(
        ", ".join(
            [
                str(colour),
                *(
                    f"{on} {localize(Phrase('{ratio:.1f}', ratio=compute_contrast(colour.hex, ground)), locale)}"
                    for on, ground in grounds
                ),
            ]
        )
        for colour in colours
    )


def _render_card(colour: Colour, left: int, top: int, locale: str) -> list[str]:
    ink = BLACK if compute_contrast(colour.hex, BLACK) >= compute_contrast(colour.hex, WHITE) else WHITE
    name = colour.name or colour.hex
    # Shrink a long name before cutting it.
    size = next((one for one in range(_NAME, _MIN, -1) if measure_drawn_width(name, one) <= _CARD_WIDTH - 40), _MIN)
    lines = [
        f'<rect x="{left}" y="{top}" width="{_CARD_WIDTH}" height="{_CARD_HEIGHT}" rx="14" fill="none" stroke="{RULE}" '
        'stroke-width="2"/>',
        f'<rect x="{left}" y="{top}" width="{_CARD_WIDTH}" height="{_SWATCH_HEIGHT}" rx="14" fill="{colour.hex}" stroke="{RULE}" '
        'stroke-width="2"/>',
        render_text("Aa", left + 20, top + _SWATCH_HEIGHT - 24, 48, ink, bold=True),
        render_text(fit_text(name, _CARD_WIDTH - 40, size), left + 20, top + _SWATCH_HEIGHT + 38, size, INK, bold=True),
        render_text(colour.hex, left + 20, top + _SWATCH_HEIGHT + 68, _SMALL, SOFT),
    ]
    grounds = ((translate("on white", locale), WHITE), (translate("on black", locale), BLACK))
    for number, (word, ground) in enumerate(grounds):
        found = compute_contrast(colour.hex, ground)
        sign = "✓" if found >= MIN_TEXT_CONTRAST else "–"
        contrast_text = f"{word} {localize(Phrase(RATIO, ratio=found), locale)} {sign}"
        lines.append(render_text(contrast_text, left + 20, top + _SWATCH_HEIGHT + 100 + 28 * number, _SMALL, SOFT))
    return lines


def fit_text(text: str, width: float, size: int) -> str:
    """Cut a text to a width in pixels."""
    text = text[:_MAX_FITTED_CHARACTERS]
    if measure_drawn_width(text, size) <= width:
        return text
    while text and measure_drawn_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def render_text(text: str, x: int, y: int, size: int, colour: str, *, bold: bool = False) -> str:
    """Render text at a position as SVG."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'
