"""A palette on one page: its colours, what is read on what with its contrast, and what was put right; as a picture and in words."""

from __future__ import annotations

from bot.design.palettes import LARGE, USES, Pair, Palette, describe_repair, format_ratio, grade_contrast
from bot.exports._drawing import rendered
from bot.locales import localize, translate
from personas.book import Colour

from .palette import EDGE, GAP, INK, PAPER, RULE, SOFT, WIDTH, cards, fitted, lettered

_HEADING, _TEXT, _CHIP = 28, 22, 22
_CHIP_HIGH, _CHIP_WIDE, _CHIPS = 92, 406, 3
_ON = "{text} on {ground}"
_PAIRS = "Readable combinations"
_RIGHT = "What was corrected"


def colours_of(palette: Palette, locale: str) -> list[Colour]:
    """The colours by what they are for and what they are called."""
    return [Colour(name=f"{translate(USES[one.use], locale)} · {one.name}", hex=one.hex) for one in palette.swatches]


def palette_page(palette: Palette, locale: str) -> bytes:
    """The page as PNG, as high as it has to be."""
    parts, at = cards(colours_of(palette, locale), EDGE, locale)
    parts.append(lettered(translate(_PAIRS, locale), EDGE, at + 56, _HEADING, INK, bold=True))
    drawing, at = _chips(palette, at + 76, locale)
    parts += drawing
    if palette.repairs:
        at += 56
        parts.append(lettered(translate(_RIGHT, locale), EDGE, at, _HEADING, INK, bold=True))
        for one in palette.repairs:
            at += 34
            line = fitted(localize(describe_repair(one), locale), WIDTH - 2 * EDGE, _TEXT)
            parts.append(lettered(line, EDGE, at, _TEXT, SOFT))
    height = at + EDGE + 10
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">{ground}{"".join(parts)}</svg>'
    return rendered(svg, max(WIDTH, height))


def palette_told(palette: Palette, locale: str) -> str:
    """The same in words, as Markdown."""
    colours = [f"{colour.name}: {colour.hex}" for colour in colours_of(palette, locale)]
    pairs = (pair_told(pair, locale) for pair in palette.pairs)
    lines = [*colours, "", f"**{translate(_PAIRS, locale)}**", *(f"- {one}" for one in pairs)]
    if palette.repairs:
        repairs = (localize(describe_repair(one), locale) for one in palette.repairs)
        lines += ["", f"**{translate(_RIGHT, locale)}**", *(f"- {one}" for one in repairs)]
    return "\n".join(lines)


def pair_told(pair: Pair, locale: str) -> str:
    """A pair with its contrast, and what that is enough for."""
    names = {"text": translate(USES[pair.text.use], locale), "ground": translate(USES[pair.ground.use], locale)}
    return f"{translate(_ON, locale).format(**names)}: {localize(format_ratio(pair.ratio), locale)}, {_graded(pair, locale)}"


def _graded(pair: Pair, locale: str) -> str:
    told = grade_contrast(pair.ratio)
    return translate("AA, large text", locale) if told == "AA large" else told


def _chips(palette: Palette, top: int, locale: str) -> tuple[list[str], int]:
    """Each pair as it looks: its words in the one colour on the other."""
    parts = list[str]()
    for at, pair in enumerate(palette.pairs):
        left, high = EDGE + at % _CHIPS * (_CHIP_WIDE + GAP), top + at // _CHIPS * (_CHIP_HIGH + GAP)
        large = pair.least <= LARGE
        words = translate(_ON, locale).format(
            text=translate(USES[pair.text.use], locale), ground=translate(USES[pair.ground.use], locale)
        )
        size = _CHIP + 4 if large else _CHIP
        parts += [
            f'<rect x="{left}" y="{high}" width="{_CHIP_WIDE}" height="{_CHIP_HIGH}" rx="12" fill="{pair.ground.hex}" '
            f'stroke="{RULE}" stroke-width="2"/>',
            lettered(fitted(words, _CHIP_WIDE - 36, size), left + 18, high + 38, size, pair.text.hex, bold=large),
            lettered(
                fitted(f"{localize(format_ratio(pair.ratio), locale)}  {_graded(pair, locale)}", _CHIP_WIDE - 36, _CHIP),
                left + 18, high + 70, _CHIP, pair.text.hex, bold=large,
            ),
        ]  # fmt: skip
    rows = -(-len(palette.pairs) // _CHIPS)
    return parts, top + rows * _CHIP_HIGH + (rows - 1) * GAP
