"""A palette on one page: its colours, readable combinations with their contrast, and corrections; as a picture and in
words.
"""

from __future__ import annotations

from bot.design.palettes import LARGE, ROLES, Pair, Palette, build_ratio_phrase, describe_repair, grade_contrast
from bot.exports._drawing import render_png
from bot.locales import localize, translate
from personas.book import Colour

from .palette import EDGE, GAP, INK, PAPER, RULE, SOFT, WIDTH, fit_text, render_cards, render_text

_HEADING, _TEXT, _PAIR_TEXT = 28, 22, 22
_PAIR_HEIGHT, _PAIR_WIDTH, _PAIR_COLUMNS = 92, 406, 3
_ON = "{text} on {ground}"
_PAIRS = "Readable combinations"
_CORRECTED = "Corrections"


def list_colours(palette: Palette, locale: str) -> list[Colour]:
    """Return the colours named by use and name."""
    return [Colour(name=f"{translate(ROLES[one.role], locale)} · {one.name}", hex=one.hex) for one in palette.swatches]


def palette_page(palette: Palette, locale: str) -> bytes:
    """Render the page as PNG, as high as necessary."""
    parts, at = render_cards(list_colours(palette, locale), EDGE, locale)
    parts.append(render_text(translate(_PAIRS, locale), EDGE, at + 56, _HEADING, INK, bold=True))
    drawing, at = _render_pairs(palette, at + 76, locale)
    parts += drawing
    if palette.repairs:
        at += 56
        parts.append(render_text(translate(_CORRECTED, locale), EDGE, at, _HEADING, INK, bold=True))
        for one in palette.repairs:
            at += 34
            line = fit_text(localize(describe_repair(one), locale), WIDTH - 2 * EDGE, _TEXT)
            parts.append(render_text(line, EDGE, at, _TEXT, SOFT))
    height = at + EDGE + 10
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">{ground}{"".join(parts)}</svg>'
    return render_png(svg, max(WIDTH, height))


def format_palette(palette: Palette, locale: str) -> str:
    """Format the palette as Markdown."""
    colours = [f"{colour.name}: {colour.hex}" for colour in list_colours(palette, locale)]
    pairs = (format_pair(pair, locale) for pair in palette.pairs)
    lines = [*colours, "", f"**{translate(_PAIRS, locale)}**", *(f"- {one}" for one in pairs)]
    if palette.repairs:
        repairs = (localize(describe_repair(one), locale) for one in palette.repairs)
        lines += ["", f"**{translate(_CORRECTED, locale)}**", *(f"- {one}" for one in repairs)]
    return "\n".join(lines)


def format_pair(pair: Pair, locale: str) -> str:
    """Format a pair with its contrast and WCAG level."""
    names = {"text": translate(ROLES[pair.text.role], locale), "ground": translate(ROLES[pair.background.role], locale)}
    ratio = localize(build_ratio_phrase(pair.ratio), locale)
    return f"{translate(_ON, locale).format(**names)}: {ratio}, {_format_grade(pair, locale)}"


def _format_grade(pair: Pair, locale: str) -> str:
    level = grade_contrast(pair.ratio)
    return translate("AA, large text", locale) if level == "AA large" else level


def _render_pairs(palette: Palette, top: int, locale: str) -> tuple[list[str], int]:
    """Render each pair: its words in one colour on the other."""
    parts = list[str]()
    for at, pair in enumerate(palette.pairs):
        left, high = EDGE + at % _PAIR_COLUMNS * (_PAIR_WIDTH + GAP), top + at // _PAIR_COLUMNS * (_PAIR_HEIGHT + GAP)
        large = pair.min_ratio <= LARGE
        words = translate(_ON, locale).format(
            text=translate(ROLES[pair.text.role], locale), ground=translate(ROLES[pair.background.role], locale)
        )
        size = _PAIR_TEXT + 4 if large else _PAIR_TEXT
        parts += [
            f'<rect x="{left}" y="{high}" width="{_PAIR_WIDTH}" height="{_PAIR_HEIGHT}" rx="12" fill="{pair.background.hex}" '
            f'stroke="{RULE}" stroke-width="2"/>',
            render_text(fit_text(words, _PAIR_WIDTH - 36, size), left + 18, high + 38, size, pair.text.hex, bold=large),
            render_text(
                fit_text(
                    f"{localize(build_ratio_phrase(pair.ratio), locale)}  {_format_grade(pair, locale)}",
                    _PAIR_WIDTH - 36,
                    _PAIR_TEXT,
                ),
                left + 18,
                high + 70,
                _PAIR_TEXT,
                pair.text.hex,
                bold=large,
            ),
        ]
    rows = -(-len(palette.pairs) // _PAIR_COLUMNS)
    return parts, top + rows * _PAIR_HEIGHT + (rows - 1) * GAP
