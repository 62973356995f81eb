"""Pictures of personas: the gallery of several, and a portrait of one. Drawn as SVG, rendered by resvg."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bot.checks.widths import measure_drawn_width, wrap_text
from bot.errors import Phrase
from bot.exports._drawing import render_png
from bot.locales import localize, translate
from personas.persona import Persona

_PAPER, _CARD, _INK, _SOFT, _RULE = "#F5F1EA", "#FFFFFF", "#22252B", "#6A6E78", "#E6DFD3"
_COLUMNS, _CARD_WIDTH, _CARD_HEIGHT, _GAP, _EDGE = 3, 500, 292, 24, 40
# The colour and icon of each built-in persona: a path in a 24 by 24 square.
_SIGNS = {
    "copywriter": ("#C8553D", "M4 20l1-4L16 5l3 3L8 19z M14 7l3 3"),
    "brand_strategist": ("#7A4E9E", "M12 3a9 9 0 1 0 0.01 0 M12 8a4 4 0 1 0 0.01 0 M12 12h.01"),
    "primary_teacher": (
        "#D98E04",
        "M12 8c-2-2.5-7-2-7 3 0 4 3 9 5 9 1 0 1-.6 2-.6s1 .6 2 .6c2 0 5-5 5-9 0-5-5-5.5-7-3z M12 8c0-2 1-4 3-5",
    ),
    "secondary_teacher": (
        "#2E7D6B",
        "M9 3h6 M10 3v6l-5 10a1.5 1.5 0 0 0 1.3 2h11.4a1.5 1.5 0 0 0 1.3-2l-5-10V3 M7.5 15h9",
    ),
    "teacher": ("#3B7DD8", "M4 5h6a2 2 0 0 1 2 2v13a2 2 0 0 0-2-2H4z M20 5h-6a2 2 0 0 0-2 2v13a2 2 0 0 1 2-2h6z"),
    "lecturer": ("#2B4C7E", "M2 9l10-5 10 5-10 5z M6 11v5c3 3 9 3 12 0v-5 M22 9v6"),
    "trainer": ("#B23A63", "M9 6h11 M9 12h11 M9 18h11 M3.5 6l1 1 2-2 M3.5 12l1 1 2-2 M3.5 18l1 1 2-2"),
    "museum_guide": ("#8C6A3F", "M3 9l9-5 9 5z M5 9v9 M10 9v9 M14 9v9 M19 9v9 M3 20h18"),
    "art_director": (
        "#8E5BD0",
        "M12 3a9 9 0 0 0 0 18c1.5 0 2-1 1.5-2-.7-1.5.3-3 2-3H18a3 3 0 0"
        " 0 3-3c0-6-4-10-9-10z M8 9h.01 M12 7h.01 M16 9h.01 M7 13h.01",
    ),
    "photographer": ("#3D5A6C", "M4 8h3l2-3h6l2 3h3v11H4z M12 10a3.5 3.5 0 1 0 .01 0"),
    "plain_editor": ("#2F9C95", "M4 6h16 M4 11h10 M4 16h13 M4 21h6"),
    "social_media_manager": ("#C2477F", "M4 5h16v11h-8l-5 4v-4H4z M8 9h8 M8 12h5"),
    "host": ("#5F6B7A", "M12 4a8 8 0 1 0 .01 0 M9 10h.01 M15 10h.01 M8.5 14c1.5 2.5 5.5 2.5 7 0"),
}


@dataclass(frozen=True, slots=True)
class _Font:
    size: int
    leading: int
    colour: str = _INK
    weight: int = 400
    style: str = "normal"


_TITLE = _Font(27, 34, weight=700)
_SUMMARY = _Font(19, 27, _SOFT)
_QUOTE = _Font(19, 28)


_HEADING = "Voices that write for you"
_INTRODUCTION = (
    "Quillmate comes with {count} personas. Choose one with /persona use, make your own with /persona make, or "
    "import a Character Card."
)


def render_gallery(personas: Sequence[Persona], locale: str = "en") -> bytes:
    """Render a picture of personas as PNG, 1,600 pixels wide: each with its title, summary and a sample."""
    rows = -(-(len(personas) + 2) // _COLUMNS)  # The heading takes two cells.
    width = 2 * _EDGE + _COLUMNS * _CARD_WIDTH + (_COLUMNS - 1) * _GAP
    height = 2 * _EDGE + rows * _CARD_HEIGHT + (rows - 1) * _GAP
    parts = [f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>', _render_heading(len(personas), locale)]
    for number, one in enumerate(personas, 2):
        row, column = divmod(number, _COLUMNS)
        parts.append(
            _render_card(one, locale, _EDGE + column * (_CARD_WIDTH + _GAP), _EDGE + row * (_CARD_HEIGHT + _GAP))
        )
    return render_png(_build_svg(width, height, parts), max(1600, round(1600 * height / width)))


def render_portrait(one: Persona) -> bytes:
    """Render a picture of one persona as PNG, 800 pixels high, as programs for Character Cards show it."""
    width, height, centre = 600, 800, 300
    colour, _ = _find_design(one)
    parts = [
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        f'<rect width="{width}" height="330" fill="{colour}"/>',
        _render_sign(one, centre - 80, 85, 160, "#FFFFFF"),
    ]
    y = 400
    for font, text, most in (
        (_Font(40, 50, weight=700), one.title, 2),
        (_Font(22, 32, _SOFT), one.summary, 3),
        (_Font(22, 33), _find_quote(one), 5),
    ):
        lines = wrap_text(text, width - 96, font.size, most)
        parts += [_render_text(line, 48, y + at * font.leading, font) for at, line in enumerate(lines)]
        y += len(lines) * font.leading + 14
    return render_png(_build_svg(width, height, parts), height)


def _render_heading(count: int, locale: str) -> str:
    x, y, wide = _EDGE, _EDGE, 2 * _CARD_WIDTH + _GAP
    big, words = _Font(58, 66, "#FFFFFF", 700), _Font(24, 34, "#D9DCE3")
    introduction = localize(Phrase(_INTRODUCTION, count=count), locale)
    lines = [
        _render_text(line, x + 48, y + 178 + at * words.leading, words)
        for at, line in enumerate(wrap_text(introduction, wide - 120, 24, 3))
    ]
    return "".join(
        [
            f'<rect x="{x}" y="{y}" width="{wide}" height="{_CARD_HEIGHT}" rx="22" fill="{_INK}"/>',
            _render_text(translate(_HEADING, locale), x + 48, y + 112, big),
            *lines,
        ]
    )


def _render_card(one: Persona, locale: str, x: int, y: int) -> str:
    colour, _ = _find_design(one)
    parts = [
        f'<rect x="{x}" y="{y}" width="{_CARD_WIDTH}" height="{_CARD_HEIGHT}" rx="22" fill="{_CARD}" stroke="{_RULE}" '
        'stroke-width="1.5"/>',
        f'<rect x="{x + 28}" y="{y + 28}" width="60" height="60" rx="16" fill="{colour}"/>',
        _render_sign(one, x + 41, y + 41, 34, "#FFFFFF"),
        _render_text(translate(one.title, locale), x + 106, y + 67, _TITLE),
    ]
    top = y + 126
    for at, line in enumerate(wrap_text(translate(one.summary, locale), _CARD_WIDTH - 56, _SUMMARY.size, 2)):
        parts.append(_render_text(line, x + 28, top + at * _SUMMARY.leading, _SUMMARY))
    quote = wrap_text(_find_quote(one), _CARD_WIDTH - 82, _QUOTE.size, 3)
    top = y + 206
    bar = len(quote) * _QUOTE.leading
    parts.append(f'<rect x="{x + 28}" y="{top - 20}" width="4" height="{bar}" rx="2" fill="{colour}"/>')
    parts += [_render_text(line, x + 48, top + at * _QUOTE.leading, _QUOTE) for at, line in enumerate(quote)]
    return "".join(parts)


def _find_quote(one: Persona) -> str:
    return f"“{one.examples[0].text}”" if one.examples else one.voice


def _find_design(one: Persona) -> tuple[str, str]:
    """Return the colour and icon of a persona; a user's own has a colour derived from its title and an initial."""
    colours = [colour for colour, _ in _SIGNS.values()]
    own = colours[hashlib.sha256(one.title.encode()).digest()[0] % len(colours)]
    return _SIGNS.get(one.name, (own, ""))


def _render_sign(one: Persona, x: int, y: int, size: int, colour: str) -> str:
    _, path = _find_design(one)
    if not path:
        initial = _Font(size, size, colour, 700)
        middle = x + size / 2 - measure_drawn_width(one.title[:1], size) / 2
        return _render_text(one.title[:1], round(middle), y + round(size * 0.86), initial)
    return (
        f'<g transform="translate({x} {y}) scale({size / 24})"><path d="{path}" fill="none" stroke="{colour}" '
        'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></g>'
    )


def _render_text(text: str, x: int, y: int, font: _Font) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="Noto Sans" font-size="{font.size}" font-weight="{font.weight}" '
        f'font-style="{font.style}" fill="{font.colour}">{escape(text)}</text>'
    )


def _build_svg(width: int, height: int, parts: Sequence[str]) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'
