"""Bar charts as SVG, on paper of their own, so that they are legible on dark and light pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, PAPER, SMALL, cut_to_width, draw_text

WIDTH = 1200
_EDGE_PIXELS, _ROW_PIXELS, _BELOW_LEAD = 44, 52, 16
# Room for the labels of bars and for their figures; if all figures are short, the labels get more.
_LABELS, _WORDS, _LONG_LABELS, _SHORT_WORDS, _SHORT = 330, 410, 600, 140, 12
# All text is on the paper colour, with a contrast of more than 4.5 to 1; bars have more than 3 to 1.
WHOLE_COLOUR, PART_COLOUR = "#6d9eeb", "#ffd479"
_TITLE, _HEADING, _TEXT, _NOTE = 40, 28, 24, 21
# The maximum number of characters of a line of notes; a line is as wide as that many broad letters.
_LINE, _LEAD_LINE = 104, 80


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar: its label, its length, the marked part of it, and its figures in words."""

    label: str
    value: float
    words: str
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """Bars on the same scale, under a heading; without bars, `empty` is shown."""

    heading: str
    bars: Sequence[ChartBar]
    empty: str = ""
    # What the full bar and its marked part mean, if that has to be explained.
    legend: tuple[str, str] | None = None


def draw_chart(
    title: str, blocks: Sequence[ChartBlock], notes: Sequence[str] = (), *, lead: str = ""
) -> tuple[str, int]:
    """Return a drawing of blocks under a title and a lead, with notes below them, as SVG; and its height."""
    parts, at = (
        [draw_text(_EDGE_PIXELS, 68, cut_to_width(title, WIDTH - 2 * _EDGE_PIXELS, _TITLE), _TITLE, INK, bold=True)],
        92.0,
    )
    for number, line in enumerate(_wrap_lines(lead, _LEAD_LINE) if lead else ()):
        at += 36 if number else 28
        parts.append(draw_text(_EDGE_PIXELS, at, line, _HEADING, PART_COLOUR))
    at += _BELOW_LEAD if lead else 0
    for block in blocks:
        drawing, at = _draw_block(block, at)
        parts += drawing
    at += 8
    for line in [line for note in notes for line in _wrap_lines(note)]:
        at += 32
        parts.append(draw_text(_EDGE_PIXELS, at, line, _NOTE, SMALL))
    height = round(at + _EDGE_PIXELS)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )
    return svg, height


def _draw_block(block: ChartBlock, at: float) -> tuple[list[str], float]:
    at += 44
    parts = [draw_text(_EDGE_PIXELS, at, block.heading, _HEADING, INK, bold=True)]
    if block.legend is not None and block.bars:
        at += 38
        place = _EDGE_PIXELS
        for said, colour in zip(block.legend, (WHOLE_COLOUR, PART_COLOUR), strict=True):
            parts.append(f'<rect x="{place}" y="{at - 18}" width="20" height="20" rx="4" fill="{colour}"/>')
            parts.append(draw_text(place + 30, at, said, _NOTE, SMALL))
            place += 60 + round(len(said) * _NOTE * 0.6)
    at += 18
    if not block.bars:
        return [*parts, draw_text(_EDGE_PIXELS, at + 28, block.empty, _TEXT, SMALL)], at + 40
    longest = max(bar.value for bar in block.bars) or 1
    short = all(len(bar.words) <= _SHORT for bar in block.bars)
    labels, words = (_LONG_LABELS, _SHORT_WORDS) if short else (_LABELS, _WORDS)
    room = WIDTH - 2 * _EDGE_PIXELS - labels - words
    for bar in block.bars:
        middle = at + _ROW_PIXELS / 2
        parts.append(draw_text(_EDGE_PIXELS, middle + 8, cut_to_width(bar.label, labels - 20, _TEXT), _TEXT, INK))
        left, width = _EDGE_PIXELS + labels, max(3.0, room * bar.value / longest) if bar.value else 0.0
        for size, colour in ((width, WHOLE_COLOUR), (width * bar.part / (bar.value or 1), PART_COLOUR)):
            if size:
                parts.append(
                    f'<rect x="{left}" y="{middle - 14:.1f}" width="{size:.1f}" height="28" rx="5" fill="{colour}"/>'
                )
        parts.append(draw_text(left + width + 14, middle + 8, cut_to_width(bar.words, words - 14, _TEXT), _TEXT, INK))
        at += _ROW_PIXELS
    return parts, at


def _wrap_lines(text: str, most: int = _LINE) -> list[str]:
    """Return a text as lines that fit."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
