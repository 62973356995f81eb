"""A brand on one page: its colours, readable combinations, words, links and legal lines; and its colours for programs.

Contrast is WCAG 2.2's: 4.5 to 1 for text (success criterion 1.4.3, AA), 7 to 1 for AAA (1.4.6).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.checks.widths import measure_drawn_width
from bot.composition.colours import MIN_TEXT_CONTRAST, compute_contrast
from bot.errors import Phrase
from bot.exports._drawing import render_png
from bot.locales import localize, translate
from personas.book import Book, Colour

from .palette import (
    BLACK,
    EDGE,
    GAP,
    INK,
    PAPER,
    RATIO,
    RULE,
    SOFT,
    WHITE,
    WIDTH,
    describe_palette,
    fit_text,
    render_cards,
    render_text,
)

_AAA = 7.0
_TITLE, _HEADING, _TEXT, _PAIR_TEXT = 52, 28, 22, 20
_PAIR_HEIGHT, _PAIR_WIDTH, _PAIR_COLUMNS = 84, 300, 4
# The most pairs and list entries on the page; the brand's page in Discord shows all.
_MAX_PAIRS, _MAX_LINES = 16, 6
_PAIRS = "Readable colour combinations"
_NO_PAIRS = "None of the colours is readable on another one, or on white or black."
LISTS = {
    "prefer": "Words to use",
    "avoid": "Words to avoid",
    "claims": "Approved claims",
    "links": "Links",
    "legal": "Legal lines",
}


def find_readable_pairs(colours: Sequence[Colour], locale: str = "en") -> list[tuple[Colour, Colour, float]]:
    """Return readable combinations of colours, including white and black, strongest contrast first."""
    own = {colour.hex for colour in colours}
    plain = ((translate("White", locale), WHITE), (translate("Black", locale), BLACK))
    more = [Colour(name=name, hex=digits) for name, digits in plain if digits not in own]
    found = [
        (ink, ground, compute_contrast(ink.hex, ground.hex))
        for ground in colours
        for ink in (*colours, *more)
        if compute_contrast(ink.hex, ground.hex) >= MIN_TEXT_CONTRAST
    ]
    return sorted(found, key=lambda pair: -pair[2])


def sheet_picture(name: str, book: Book, locale: str) -> bytes:
    """Render the page as PNG, as high as necessary."""
    parts, at = (
        [render_text(fit_text(name, WIDTH - 2 * EDGE, _TITLE), EDGE, EDGE + 50, _TITLE, INK, bold=True)],
        EDGE + 64,
    )
    for line in _wrap_text(book.about, _TEXT, WIDTH - 2 * EDGE):
        at += 34
        parts.append(render_text(line, EDGE, at, _TEXT, SOFT))
    if book.palette:
        drawing, at = render_cards(book.palette, at + 28, locale)
        parts += drawing
        parts.append(render_text(translate(_PAIRS, locale), EDGE, at + 56, _HEADING, INK, bold=True))
        drawing, at = _render_pairs(book.palette, at + 76, locale)
        parts += drawing
    for heading, lines in _list_sections(book, locale):
        at += 52
        parts.append(render_text(heading, EDGE, at, _HEADING, INK, bold=True))
        for line in lines:
            at += 34
            parts.append(render_text(fit_text(line, WIDTH - 2 * EDGE, _TEXT), EDGE, at, _TEXT, SOFT))
    height = at + EDGE + 10
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">{ground}{"".join(parts)}</svg>'
    return render_png(svg, max(WIDTH, height))


def describe_sheet(name: str, book: Book, locale: str) -> str:
    """Describe the page in words."""
    lines = [name, *filter(None, [book.about])]
    if book.palette:
        lines.append(describe_palette(book.palette, locale))
        pair_lines = "; ".join(
            _format_pair(*pair, locale) for pair in find_readable_pairs(book.palette, locale)[:_MAX_PAIRS]
        )
        lines.append(f"{translate(_PAIRS, locale)}: {pair_lines or translate(_NO_PAIRS, locale)}")
    lines += [f"{heading}: {'; '.join(entries)}" for heading, entries in _list_sections(book, locale)]
    return "\n".join(lines)


def _render_pairs(colours: Sequence[Colour], top: int, locale: str) -> tuple[list[str], int]:
    found, parts = find_readable_pairs(colours, locale)[:_MAX_PAIRS], list[str]()
    if not found:
        return [render_text(translate(_NO_PAIRS, locale), EDGE, top + 24, _TEXT, SOFT)], top + 34
    for at, (ink, ground, ratio) in enumerate(found):
        left = EDGE + at % _PAIR_COLUMNS * (_PAIR_WIDTH + GAP)
        high = top + at // _PAIR_COLUMNS * (_PAIR_HEIGHT + GAP)
        parts += [
            f'<rect x="{left}" y="{high}" width="{_PAIR_WIDTH}" height="{_PAIR_HEIGHT}" rx="12" fill="{ground.hex}" '
            f'stroke="{RULE}" stroke-width="2"/>',
            render_text(
                fit_text(f"{_format_name(ink)} {_format_contrast(ratio, locale)}", _PAIR_WIDTH - 36, _PAIR_TEXT),
                left + 18,
                high + 52,
                _PAIR_TEXT,
                ink.hex,
            ),
        ]
    rows = -(-len(found) // _PAIR_COLUMNS)
    return parts, top + rows * _PAIR_HEIGHT + (rows - 1) * GAP


def _format_pair(ink: Colour, ground: Colour, ratio: float, locale: str) -> str:
    return f"{_format_name(ink)} / {_format_name(ground)} {_format_contrast(ratio, locale)}"


def _format_contrast(ratio: float, locale: str) -> str:
    return f"{localize(Phrase(RATIO, ratio=ratio), locale)} {'AAA' if ratio >= _AAA else 'AA'}"


def _format_name(colour: Colour) -> str:
    return colour.name or colour.hex


def _list_sections(book: Book, locale: str) -> Iterator[tuple[str, list[str]]]:
    for name, heading in LISTS.items():
        if entries := [str(one) for one in getattr(book, name)]:
            more = [f"+ {len(entries) - _MAX_LINES}"] if len(entries) > _MAX_LINES else []
            yield translate(heading, locale), [*entries[:_MAX_LINES], *more]


def _wrap_text(text: str, size: int, width: float) -> list[str]:
    """Wrap a text to a width in pixels."""
    lines = list[str]()
    for word in text.split():
        if lines and measure_drawn_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def format_css(colours: Sequence[Colour]) -> str:
    """Format the colours as CSS custom properties."""
    lines = (f"  --{name}: {colour.hex};" for name, colour in _add_keys(colours))
    return "\n".join((":root {", *lines, "}")) + "\n"


def format_tokens(colours: Sequence[Colour]) -> str:
    """Format the colours as design tokens, in the format of the W3C's Design Tokens Community Group (2025.10)."""
    tokens = {
        name: {
            "$type": "color",
            "$value": {
                "colorSpace": "srgb",
                "components": [round(int(colour.hex[at : at + 2], 16) / 255, 4) for at in (1, 3, 5)],
                "hex": colour.hex.lower(),
            },
        }
        for name, colour in _add_keys(colours)
    }
    return json.dumps({"color": tokens}, ensure_ascii=False, indent=2) + "\n"


def _add_keys(colours: Sequence[Colour]) -> Iterator[tuple[str, Colour]]:
    """Yield each colour with a unique identifier."""
    taken = set[str]()
    for number, colour in enumerate(colours, 1):
        bare = unicodedata.normalize("NFKD", colour.name).encode("ascii", "ignore").decode().casefold()
        key = re.sub(r"[^a-z0-9]+", "-", bare).strip("-") or f"colour-{number}"
        if key[0].isdigit():
            key = f"colour-{key}"
        while key in taken:
            key = f"{key}-{number}"
        taken.add(key)
        yield key, colour
