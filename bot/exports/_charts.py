"""Draws bar charts as SVG on a background of their own, so that they are legible on dark and light pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, MUTED_INK, PAPER, cut_to_width, draw_text

# All lengths and font sizes are in pixels.
WIDTH = 1200
_MARGIN, _ROW_HEIGHT, _SPACE_BELOW_LEAD = 44, 52, 16
# The room for labels and for the texts of values; if all of those texts are short, labels get more.
_LABEL_WIDTH, _VALUE_WIDTH = 330, 410
_WIDE_LABEL_WIDTH, _NARROW_VALUE_WIDTH = 600, 140
_MAX_SHORT_VALUE_CHARACTERS = 12
# Text has a contrast of more than 4.5 to 1 with the paper, bars of more than 3 to 1.
BAR_COLOUR, MARKED_COLOUR = "#6d9eeb", "#ffd479"
_TITLE_SIZE, _HEADING_SIZE, _TEXT_SIZE, _NOTE_SIZE = 40, 28, 24, 21
# The width of a legend's average character, as a share of the font size.
_LEGEND_CHARACTER_WIDTH = 0.6
# As many wide letters as fit on a line.
_MAX_NOTE_CHARACTERS, _MAX_LEAD_CHARACTERS = 104, 80


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar with its label. `marked_value` is the part of `value` that is drawn in another colour."""

    label: str
    value: float
    value_text: str
    marked_value: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """Bars on the same scale under a heading; without bars, `empty_text` is shown."""

    heading: str
    bars: Sequence[ChartBar]
    empty_text: str = ""
    # What the bar and its marked part mean, if that has to be explained.
    legend: tuple[str, str] | None = None


def draw_chart(
    title: str, blocks: Sequence[ChartBlock], notes: Sequence[str] = (), *, lead: str = ""
) -> tuple[str, int]:
    """Return the SVG and its height in pixels: title and lead, the blocks below each other, and the notes."""
    title = cut_to_width(title, WIDTH - 2 * _MARGIN, _TITLE_SIZE)
    parts, y = [draw_text(_MARGIN, 68, title, _TITLE_SIZE, INK, bold=True)], 92.0
    for number, line in enumerate(_wrap_text(lead, _MAX_LEAD_CHARACTERS) if lead else ()):
        y += 36 if number else 28
        parts.append(draw_text(_MARGIN, y, line, _HEADING_SIZE, MARKED_COLOUR))
    y += _SPACE_BELOW_LEAD if lead else 0
    for block in blocks:
        drawing, y = _draw_block(block, y)
        parts += drawing
    y += 8
    for note in notes:
        for line in _wrap_text(note, _MAX_NOTE_CHARACTERS):
            y += 32
            parts.append(draw_text(_MARGIN, y, line, _NOTE_SIZE, MUTED_INK))
    height = round(y + _MARGIN)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )
    return svg, height


def _draw_block(block: ChartBlock, y: float) -> tuple[list[str], float]:
    """Return a block's elements below `y`, and where the block ends."""
    y += 44
    parts = [draw_text(_MARGIN, y, block.heading, _HEADING_SIZE, INK, bold=True)]
    if block.legend is not None and block.bars:
        y += 38
        parts += _draw_legend(block.legend, y)
    y += 18
    if not block.bars:
        return [*parts, draw_text(_MARGIN, y + 28, block.empty_text, _TEXT_SIZE, MUTED_INK)], y + 40
    longest = max(bar.value for bar in block.bars) or 1
    is_short = all(len(bar.value_text) <= _MAX_SHORT_VALUE_CHARACTERS for bar in block.bars)
    label_width, value_width = (_WIDE_LABEL_WIDTH, _NARROW_VALUE_WIDTH) if is_short else (_LABEL_WIDTH, _VALUE_WIDTH)
    max_bar_width = WIDTH - 2 * _MARGIN - label_width - value_width
    left = _MARGIN + label_width
    for bar in block.bars:
        middle = y + _ROW_HEIGHT / 2
        label = cut_to_width(bar.label, label_width - 20, _TEXT_SIZE)
        parts.append(draw_text(_MARGIN, middle + 8, label, _TEXT_SIZE, INK))
        bar_width = max(3.0, max_bar_width * bar.value / longest) if bar.value else 0.0
        marked_width = bar_width * bar.marked_value / (bar.value or 1)
        for width, colour in ((bar_width, BAR_COLOUR), (marked_width, MARKED_COLOUR)):
            if width:
                parts.append(
                    f'<rect x="{left}" y="{middle - 14:.1f}" width="{width:.1f}" height="28" rx="5" fill="{colour}"/>'
                )
        value_text = cut_to_width(bar.value_text, value_width - 14, _TEXT_SIZE)
        parts.append(draw_text(left + bar_width + 14, middle + 8, value_text, _TEXT_SIZE, INK))
        y += _ROW_HEIGHT
    return parts, y


def _draw_legend(legend: tuple[str, str], y: float) -> list[str]:
    parts, x = list[str](), _MARGIN
    for meaning, colour in zip(legend, (BAR_COLOUR, MARKED_COLOUR), strict=True):
        parts.append(f'<rect x="{x}" y="{y - 18}" width="20" height="20" rx="4" fill="{colour}"/>')
        parts.append(draw_text(x + 30, y, meaning, _NOTE_SIZE, MUTED_INK))
        x += 60 + round(len(meaning) * _NOTE_SIZE * _LEGEND_CHARACTER_WIDTH)
    return parts


def _wrap_text(text: str, max_characters: int) -> list[str]:
    """Return the lines of a text, broken between words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= max_characters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
