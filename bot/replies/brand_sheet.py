"""A brand on one page: its colours, which of them can be read on which, its words, links and legal lines; and its colours for programs.

Contrast is WCAG 2.2's: 4.5 to 1 for text (success criterion 1.4.3, AA), 7 to 1 for AAA (1.4.6).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.checks.widths import measure_drawn_width
from bot.errors import Phrase
from bot.exports._drawing import rendered
from bot.kinds._colours import READABLE, contrast
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
    cards,
    fitted,
    lettered,
    palette_in_words,
)

_AAA = 7.0
_TITLE, _HEADING, _TEXT, _CHIP = 52, 28, 22, 20
_CHIP_HIGH, _CHIP_WIDE, _CHIPS = 84, 300, 4
# Entries of a list that have room; the page of the brand shows all.
_MAX_PAIRS, _MAX_LINES = 16, 6
_PAIRS = "Readable colour combinations"
_NO_PAIRS = "None of the colours is readable on another one, or on white or black."
LISTS = {"prefer": "Words to use", "avoid": "Words to avoid", "claims": "Approved claims", "links": "Links",
          "legal": "Legal lines"}  # fmt: skip


def pairs(colours: Sequence[Colour], locale: str = "en") -> list[tuple[Colour, Colour, float]]:
    """Which colour can be read on which ground, with the contrast, the strongest first; white and black are taken as well."""
    own = {colour.hex for colour in colours}
    plain = ((translate("White", locale), WHITE), (translate("Black", locale), BLACK))
    more = [Colour(name=name, hex=digits) for name, digits in plain if digits not in own]
    found = [
        (ink, ground, contrast(ink.hex, ground.hex))
        for ground in colours
        for ink in (*colours, *more)
        if contrast(ink.hex, ground.hex) >= READABLE
    ]
    return sorted(found, key=lambda pair: -pair[2])


def sheet_picture(name: str, book: Book, locale: str) -> bytes:
    """The page as PNG, as high as it has to be."""
    parts, at = [lettered(fitted(name, WIDTH - 2 * EDGE, _TITLE), EDGE, EDGE + 50, _TITLE, INK, bold=True)], EDGE + 64
    for line in _wrapped(book.about, _TEXT, WIDTH - 2 * EDGE):
        at += 34
        parts.append(lettered(line, EDGE, at, _TEXT, SOFT))
    if book.palette:
        drawing, at = cards(book.palette, at + 28, locale)
        parts += drawing
        parts.append(lettered(translate(_PAIRS, locale), EDGE, at + 56, _HEADING, INK, bold=True))
        drawing, at = _chips(book.palette, at + 76, locale)
        parts += drawing
    for heading, lines in _lists(book, locale):
        at += 52
        parts.append(lettered(heading, EDGE, at, _HEADING, INK, bold=True))
        for line in lines:
            at += 34
            parts.append(lettered(fitted(line, WIDTH - 2 * EDGE, _TEXT), EDGE, at, _TEXT, SOFT))
    height = at + EDGE + 10
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">{ground}{"".join(parts)}</svg>'
    return rendered(svg, max(WIDTH, height))


def sheet_in_words(name: str, book: Book, locale: str) -> str:
    """The same in words."""
    lines = [name, *filter(None, [book.about])]
    if book.palette:
        lines.append(palette_in_words(book.palette, locale))
        told = "; ".join(_pair_line(*pair, locale) for pair in pairs(book.palette, locale)[:_MAX_PAIRS])
        lines.append(f"{translate(_PAIRS, locale)}: {told or translate(_NO_PAIRS, locale)}")
    lines += [f"{heading}: {'; '.join(entries)}" for heading, entries in _lists(book, locale)]
    return "\n".join(lines)


def _chips(colours: Sequence[Colour], top: int, locale: str) -> tuple[list[str], int]:
    found, parts = pairs(colours, locale)[:_MAX_PAIRS], list[str]()
    if not found:
        return [lettered(translate(_NO_PAIRS, locale), EDGE, top + 24, _TEXT, SOFT)], top + 34
    for at, (ink, ground, ratio) in enumerate(found):
        left = EDGE + at % _CHIPS * (_CHIP_WIDE + GAP)
        high = top + at // _CHIPS * (_CHIP_HIGH + GAP)
        parts += [
            f'<rect x="{left}" y="{high}" width="{_CHIP_WIDE}" height="{_CHIP_HIGH}" rx="12" fill="{ground.hex}" '
            f'stroke="{RULE}" stroke-width="2"/>',
            lettered(
                fitted(f"{_called(ink)} {_grade(ratio, locale)}", _CHIP_WIDE - 36, _CHIP),
                left + 18,
                high + 52,
                _CHIP,
                ink.hex,
            ),
        ]
    rows = -(-len(found) // _CHIPS)
    return parts, top + rows * _CHIP_HIGH + (rows - 1) * GAP


def _pair_line(ink: Colour, ground: Colour, ratio: float, locale: str) -> str:
    return f"{_called(ink)} / {_called(ground)} {_grade(ratio, locale)}"


def _grade(ratio: float, locale: str) -> str:
    return f"{localize(Phrase(RATIO, ratio=ratio), locale)} {'AAA' if ratio >= _AAA else 'AA'}"


def _called(colour: Colour) -> str:
    return colour.name or colour.hex


def _lists(book: Book, locale: str) -> Iterator[tuple[str, list[str]]]:
    for name, heading in LISTS.items():
        if entries := [str(one) for one in getattr(book, name)]:
            more = [f"+ {len(entries) - _MAX_LINES}"] if len(entries) > _MAX_LINES else []
            yield translate(heading, locale), [*entries[:_MAX_LINES], *more]


def _wrapped(text: str, size: int, width: float) -> list[str]:
    """A text in lines that a width in pixels has room for."""
    lines = list[str]()
    for word in text.split():
        if lines and measure_drawn_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def as_css(colours: Sequence[Colour]) -> str:
    """The colours as custom properties of CSS."""
    lines = (f"  --{name}: {colour.hex};" for name, colour in _keyed(colours))
    return "\n".join((":root {", *lines, "}")) + "\n"


def as_tokens(colours: Sequence[Colour]) -> str:
    """The colours as design tokens, in the format of the W3C's Design Tokens Community Group (2025.10)."""
    tokens = {
        name: {
            "$type": "color",
            "$value": {
                "colorSpace": "srgb",
                "components": [round(int(colour.hex[at : at + 2], 16) / 255, 4) for at in (1, 3, 5)],
                "hex": colour.hex.lower(),
            },
        }
        for name, colour in _keyed(colours)
    }
    return json.dumps({"color": tokens}, ensure_ascii=False, indent=2) + "\n"


def _keyed(colours: Sequence[Colour]) -> Iterator[tuple[str, Colour]]:
    """Each colour with a name that programs take, none twice."""
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
