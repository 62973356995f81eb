"""The board of a campaign as an SVG drawing: a row per text with its state. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, LINE, PAPER, SMALL, cut_to_width, draw_text

WIDTH = 1400
# Discord on a desktop shows it 550 pixels wide, where letters of this size are 12 pixels high.
MIN_SIZE = 31
_EDGE, _TOP, _HEADS, _ROW = 24, 104, 52, 66
# Left edge and width of each column: place, kind, status, assignee, and whether the text fits the brief.
_COLUMNS = ((_EDGE + 14, 350), (388, 256), (654, 276), (936, 196), (1136, 236))
_STRIPES = ("#2a2c33", "#24262c")
_STALE = "#ffd479"
# Every pair has a contrast of more than 4.5 to 1.
STATES = {
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
    """A row of the board; all fields but `state` and `stale` are text to be shown."""

    place: str
    kind: str
    status: str
    who: str
    fits: str
    state: str
    stale: bool = False


def draw_board(title: str, heads: Sequence[str], rows: Sequence[BoardRow], foot: str) -> str:
    """Draw the board as SVG; `foot` is a summary line."""
    height = compute_board_height(len(rows))
    parts = [draw_text(_EDGE, 68, cut_to_width(title, WIDTH - 2 * _EDGE, 40), 40, INK, bold=True)]
    parts += [
        draw_text(x, _TOP + 34, cut_to_width(name, width, MIN_SIZE), MIN_SIZE, SMALL, bold=True)
        for (x, width), name in zip(_COLUMNS, heads, strict=True)
    ]
    for number, row in enumerate(rows):
        parts += _draw_row(row, _TOP + _HEADS + number * _ROW, _STRIPES[number % 2])
    parts.append(draw_text(_EDGE, height - 32, cut_to_width(foot, WIDTH - 2 * _EDGE, MIN_SIZE), MIN_SIZE, SMALL))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def compute_board_height(rows: int) -> int:
    """Return the height of a board with so many rows."""
    return _TOP + _HEADS + rows * _ROW + 76


def _draw_row(row: BoardRow, top: int, ground: str) -> list[str]:
    colour, ink = STATES.get(row.state, STATES["waiting"])
    edge = _STALE if row.stale else LINE
    words = (
        (row.place, INK, True),
        (row.kind, INK, False),
        (row.status, ink, True),
        (row.who, INK, False),
        (row.fits, _STALE if row.stale else SMALL, row.stale),
    )
    pill = _COLUMNS[2]
    parts = [
        f'<rect x="{_EDGE}" y="{top + 3}" width="{WIDTH - 2 * _EDGE}" height="{_ROW - 6}" rx="8" fill="{ground}" stroke="{edge}"/>',
        f'<rect x="{pill[0] - 10}" y="{top + 11}" width="{pill[1] - 6}" height="{_ROW - 22}" rx="6" fill="{colour}"/>',
    ]
    for (x, width), (text, shade, bold) in zip(_COLUMNS, words, strict=True):
        parts.append(draw_text(x, top + 44, cut_to_width(text, width - 14, MIN_SIZE), MIN_SIZE, shade, bold=bold))
    return parts
