"""The board of a campaign as an SVG drawing: a row per text with its state. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, LINE_COLOUR, MUTED_INK, PAPER, cut_to_width, draw_text

WIDTH = 1400
# Desktop Discord scales the board to 550 px wide, which renders this font size about 12 px high.
FONT_SIZE = 31
_MARGIN, _HEADER_TOP, _HEADER_HEIGHT, _ROW_HEIGHT = 24, 104, 52, 66
# Left edge and width of each column: destination, kind, status, assignee, and whether the text fits the brief.
_COLUMNS = ((_MARGIN + 14, 350), (388, 256), (654, 276), (936, 196), (1136, 236))
_STRIPES = ("#2a2c33", "#24262c")
_STALE_COLOUR = "#ffd479"
# Background and text colours by state; every pair has a contrast of more than 4.5 to 1.
STATE_COLOURS = {
    "draft": ("#3c4f73", "#ffffff"),
    "submitted": ("#6a4a86", "#ffffff"),
    "approved": ("#2f6f4f", "#ffffff"),
    "scheduled": ("#1f6b73", "#ffffff"),
    "published": ("#2b5f8f", "#ffffff"),
    "archived": ("#4a4e58", "#ffffff"),
    "failed": ("#8f3a33", "#ffffff"),
    "waiting": ("#4a4e58", "#ffffff"),
}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A row of the board; all fields but `state` (a key of `STATE_COLOURS`) and `stale` are displayed text."""

    destination: str
    kind: str
    status_text: str
    assignee: str
    fit_text: str
    state: str
    stale: bool = False


def draw_board(title: str, headings: Sequence[str], rows: Sequence[BoardRow], footer: str) -> str:
    """Draw the board as SVG; `headings` has one for each column, `footer` is a summary line."""
    height = compute_board_height(len(rows))
    parts = [draw_text(_MARGIN, 68, cut_to_width(title, WIDTH - 2 * _MARGIN, 40), 40, INK, bold=True)]
    parts += [
        draw_text(x, _HEADER_TOP + 34, cut_to_width(name, width, FONT_SIZE), FONT_SIZE, MUTED_INK, bold=True)
        for (x, width), name in zip(_COLUMNS, headings, strict=True)
    ]
    for number, row in enumerate(rows):
        parts += _draw_row(row, _HEADER_TOP + _HEADER_HEIGHT + number * _ROW_HEIGHT, _STRIPES[number % 2])
    parts.append(
        draw_text(_MARGIN, height - 32, cut_to_width(footer, WIDTH - 2 * _MARGIN, FONT_SIZE), FONT_SIZE, MUTED_INK)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def compute_board_height(row_count: int) -> int:
    """Return the height of a board with `row_count` rows."""
    return _HEADER_TOP + _HEADER_HEIGHT + row_count * _ROW_HEIGHT + 76


def _draw_row(row: BoardRow, top: int, background: str) -> list[str]:
    colour, state_text_colour = STATE_COLOURS.get(row.state, STATE_COLOURS["waiting"])
    stroke = _STALE_COLOUR if row.stale else LINE_COLOUR
    cells = (
        (row.destination, INK, True),
        (row.kind, INK, False),
        (row.status_text, state_text_colour, True),
        (row.assignee, INK, False),
        (row.fit_text, _STALE_COLOUR if row.stale else MUTED_INK, row.stale),
    )
    pill = _COLUMNS[2]
    row_width, row_height = WIDTH - 2 * _MARGIN, _ROW_HEIGHT - 6
    parts = [
        f'<rect x="{_MARGIN}" y="{top + 3}" width="{row_width}" height="{row_height}" rx="8" fill="{background}" stroke="{stroke}"/>',
        f'<rect x="{pill[0] - 10}" y="{top + 11}" width="{pill[1] - 6}" height="{_ROW_HEIGHT - 22}" rx="6" fill="{colour}"/>',
    ]
    for (x, width), (text, text_colour, bold) in zip(_COLUMNS, cells, strict=True):
        parts.append(
            draw_text(x, top + 44, cut_to_width(text, width - 14, FONT_SIZE), FONT_SIZE, text_colour, bold=bold)
        )
    return parts
