"""The pictures of a classroom as SVG: the podium of a game, the mastery of a class, and the progress of a learner. No I/O.

They have an opaque background, so that they are legible in dark and light themes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, LINE_COLOUR, MUTED_INK, PAPER, cut_to_width, draw_text

WIDTH, PODIUM_HEIGHT = 1200, 620
_MARGIN = 40
# Maximum names listed below the podium, and rows and columns of a heat map.
MAX_LISTED_NAMES, MAX_ROWS, MAX_COLUMNS = 7, 20, 8
_STEP_COLOURS = ("#ffd479", "#cdd3de", "#d99a6c")
_STEP_HEIGHTS = (230, 170, 120)
# Fill and text colours from low to high shares; they differ in lightness, so that they are distinguishable without hue.
COLOUR_SCALE = (
    ("#3d1a4f", "#ffffff"),
    ("#46427c", "#ffffff"),
    ("#2f6f86", "#ffffff"),
    ("#37a27c", "#101114"),
    ("#f2dd4b", "#101114"),
)
_CELL_HEIGHT, _HEADER_HEIGHT, _NAME_WIDTH = 56, 150, 260
# The height of a bar including the space below it, and the minimum width, for which its percentage has room.
_BAR_HEIGHT, _MIN_BAR_WIDTH = 72, 70
# Maximum characters of a heading that are wrapped.
_MAX_TEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class PodiumRow:
    """A player on the podium."""

    place: int
    name: str
    points: str
    detail: str


@dataclass(frozen=True, slots=True)
class MasteryCell:
    """A cell of the heat map: a share from 0 to 1, its text, and the number of answers."""

    share: float
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MasteryBar:
    """An objective's bar: a share from 0 to 1, its text, and a detail below the objective's name."""

    name: str
    share: float
    text: str
    detail: str


def draw_podium(title: str, heading: str, rows: Sequence[PodiumRow]) -> str:
    """Draw the first three players on a podium, and the next ones as a list."""
    listed_rows = rows[3 : 3 + MAX_LISTED_NAMES]
    height = PODIUM_HEIGHT + len(listed_rows) * 46
    parts = [draw_text(_MARGIN, 66, cut_to_width(title, WIDTH - 2 * _MARGIN, 42), 42, INK, bold=True)]
    parts.append(draw_text(_MARGIN, 104, cut_to_width(heading, WIDTH - 2 * _MARGIN, 24), 24, MUTED_INK))
    floor, width = PODIUM_HEIGHT - 110, 320
    for index, row in enumerate(rows[:3]):
        x = WIDTH / 2 - width / 2 + (0, -1, 1)[index] * (width + 16)
        parts += _draw_step(
            row, x, floor, width, _STEP_HEIGHTS[min(row.place, 3) - 1], _STEP_COLOURS[min(row.place, 3) - 1]
        )
    parts.append(f'<rect x="{_MARGIN}" y="{floor}" width="{WIDTH - 2 * _MARGIN}" height="4" fill="{LINE_COLOUR}"/>')
    for number, row in enumerate(listed_rows):
        y = floor + 62 + number * 46
        parts.append(draw_text(_MARGIN + 80, y, f"{row.place}.", 26, MUTED_INK, anchor="end"))
        parts.append(draw_text(_MARGIN + 100, y, cut_to_width(row.name, 560, 26), 26, INK))
        parts.append(draw_text(WIDTH - _MARGIN - 260, y, row.points, 26, INK, anchor="end", bold=True))
        parts.append(draw_text(WIDTH - _MARGIN, y, row.detail, 22, MUTED_INK, anchor="end"))
    return _render_svg(WIDTH, height if listed_rows else PODIUM_HEIGHT - 60, parts)


def _draw_step(row: PodiumRow, x: float, floor: float, width: float, height: float, colour: str) -> list[str]:
    centre, top = x + width / 2, floor - height
    return [
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width}" height="{height}" rx="10" fill="{colour}"/>',
        draw_text(centre, top + 70, str(row.place), 60, "#101114", bold=True, anchor="middle"),
        draw_text(centre, top - 84, cut_to_width(row.name, width, 32), 32, INK, bold=True, anchor="middle"),
        draw_text(centre, top - 48, row.points, 30, INK, anchor="middle"),
        draw_text(centre, top - 18, row.detail, 22, MUTED_INK, anchor="middle"),
    ]


def draw_heat_map(
    title: str,
    heading: str,
    names: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[MasteryCell | None]],
) -> str:
    """Draw users by objectives; a cell shows its share as colour and number, or a dot if it is None."""
    column_width = max(110.0, min(220.0, (WIDTH - 2 * _MARGIN - _NAME_WIDTH) / max(1, len(columns))))
    top = 160 + _HEADER_HEIGHT
    width = max(WIDTH, round(2 * _MARGIN + _NAME_WIDTH + column_width * len(columns)))
    height = top + len(names) * _CELL_HEIGHT + 110
    parts = [draw_text(_MARGIN, 66, cut_to_width(title, width - 2 * _MARGIN, 40), 40, INK, bold=True)]
    parts += [
        draw_text(_MARGIN, 102 + line_number * 27, line_text, 20, MUTED_INK)
        for line_number, line_text in enumerate(_wrap(heading, width - 2 * _MARGIN, 20, 2))
    ]
    for index, name in enumerate(columns):
        x = _MARGIN + _NAME_WIDTH + index * column_width + 6
        for line_number, line_text in enumerate(_wrap(name, column_width - 12, 20, 5)):
            parts.append(draw_text(x, 180 + line_number * 25, line_text, 20, INK))
    for row, name in enumerate(names):
        y = top + row * _CELL_HEIGHT
        parts.append(draw_text(_MARGIN, y + 36, cut_to_width(name, _NAME_WIDTH - 20, 24), 24, INK))
        for index, cell in enumerate(cells[row]):
            parts += _draw_cell(cell, _MARGIN + _NAME_WIDTH + index * column_width, y, column_width)
    parts += _draw_legend(height - 70)
    return _render_svg(width, height, parts)


def _draw_cell(cell: MasteryCell | None, x: float, y: float, width: float) -> list[str]:
    centre = x + width / 2 - 3
    if cell is None:
        return [draw_text(centre, y + 34, "·", 24, MUTED_INK, anchor="middle")]
    fill, text_colour = _pick_colour(cell.share)
    return [
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width - 6:.1f}" height="{_CELL_HEIGHT - 6}" rx="6" fill="{fill}"/>',
        draw_text(centre, y + 26, cell.text, 23, text_colour, bold=True, anchor="middle"),
        draw_text(centre, y + 44, cell.detail, 15, text_colour, anchor="middle"),
    ]


def draw_bars(title: str, heading: str, rows: Sequence[MasteryBar], *, threshold: float) -> str:
    """Draw a bar for each objective, with a line at the threshold from which it counts as known."""
    left, top, full_width = _MARGIN + 360, 150, WIDTH - 2 * _MARGIN - 360
    parts = [draw_text(_MARGIN, 66, cut_to_width(title, WIDTH - 2 * _MARGIN, 40), 40, INK, bold=True)]
    parts.append(draw_text(_MARGIN, 104, cut_to_width(heading, WIDTH - 2 * _MARGIN, 22), 22, MUTED_INK))
    for index, row in enumerate(rows):
        y = top + index * _BAR_HEIGHT
        fill, text_colour = _pick_colour(row.share)
        bar_width = max(_MIN_BAR_WIDTH, full_width * row.share)
        parts.append(draw_text(_MARGIN, y + 24, cut_to_width(row.name, 340, 24), 24, INK))
        parts.append(draw_text(_MARGIN, y + 48, cut_to_width(row.detail, 340, 18), 18, MUTED_INK))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{full_width}" height="46" rx="6" fill="none" stroke="{LINE_COLOUR}"/>'
        )
        parts.append(
            f'<rect x="{left}" y="{y}" width="{bar_width:.1f}" height="46" rx="6" fill="{fill}" stroke="{LINE_COLOUR}"/>'
        )
        parts.append(draw_text(left + 12, y + 31, row.text, 23, text_colour, bold=True))
    bottom = top + len(rows) * _BAR_HEIGHT
    x = left + full_width * threshold
    parts.append(
        f'<line x1="{x:.1f}" y1="{top - 10}" x2="{x:.1f}" y2="{bottom - 4}" stroke="{INK}" stroke-dasharray="6 5"/>'
    )
    return _render_svg(WIDTH, bottom + 30, parts)


def _pick_colour(share: float) -> tuple[str, str]:
    return COLOUR_SCALE[min(len(COLOUR_SCALE) - 1, int(share * len(COLOUR_SCALE)))]


def _draw_legend(y: float) -> list[str]:
    parts = []
    for index, (fill, text_colour) in enumerate(COLOUR_SCALE):
        x = _MARGIN + index * 130
        low, high = index * 100 // len(COLOUR_SCALE), (index + 1) * 100 // len(COLOUR_SCALE)
        parts.append(f'<rect x="{x}" y="{y}" width="124" height="34" rx="6" fill="{fill}" stroke="{LINE_COLOUR}"/>')
        parts.append(draw_text(x + 62, y + 24, f"{low}-{high} %", 19, text_colour, anchor="middle"))
    return parts


def _render_svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="Noto Sans">'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _wrap(text: str, width: float, size: float, max_lines: int) -> list[str]:
    """Wrap a text into at most `max_lines` lines; a longer text ends in an ellipsis. Width and font size are in pixels."""
    lines = [""]
    for word in text[:_MAX_TEXT_CHARACTERS].split():
        longer = f"{lines[-1]} {word}".strip()
        if cut_to_width(longer, width, size) == longer or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    visible_lines = [cut_to_width(line, width, size) for line in lines[:max_lines]]
    return [*visible_lines[:-1], f"{visible_lines[-1].rstrip('…')}…"] if len(lines) > max_lines else visible_lines
