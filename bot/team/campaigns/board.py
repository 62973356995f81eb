"""The board of a campaign as a drawing: a line for each of its texts, with how it stands. Pure: it makes SVG, on paper of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, LINE, PAPER, SMALL, cut, written

WIDTH = 1400
# On a desktop Discord shows it 550 pixels wide: letters of this size have 12 of those.
MIN_SIZE = 31
_EDGE, _TOP, _HEADS, _ROW = 24, 104, 52, 66
# Where each column begins, and how wide it is: what, kind, status, who, and whether it fits the brief.
_COLUMNS = ((_EDGE + 14, 350), (388, 256), (654, 276), (936, 196), (1136, 236))
_STRIPES = ("#2a2c33", "#24262c")
_STALE = "#ffd479"
# Every pair of these differs by more than 4.5 to 1 in contrast.
STATES = {
    "draft": ("#3c4f73", "#ffffff"), "submitted": ("#6a4a86", "#ffffff"), "approved": ("#2f6f4f", "#ffffff"),
    "scheduled": ("#1f6b73", "#ffffff"), "published": ("#2b5f8f", "#ffffff"), "archived": ("#4a4e58", "#ffffff"),
    "failed": ("#8f3a33", "#ffffff"), "waiting": ("#4a4e58", "#ffffff"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A line of the board: what it is, its kind, how it stands in words, who looks after it, and whether it fits the brief."""

    place: str
    kind: str
    status: str
    who: str
    fits: str
    state: str
    stale: bool = False


def drawn(title: str, heads: Sequence[str], rows: Sequence[BoardRow], foot: str) -> str:
    """The board as SVG; `foot` sums it up in a line."""
    height = board_height(len(rows))
    parts = [written(_EDGE, 68, cut(title, WIDTH - 2 * _EDGE, 40), 40, INK, bold=True)]
    parts += [
        written(x, _TOP + 34, cut(name, width, MIN_SIZE), MIN_SIZE, SMALL, bold=True)
        for (x, width), name in zip(_COLUMNS, heads, strict=True)
    ]
    for number, row in enumerate(rows):
        parts += _row(row, _TOP + _HEADS + number * _ROW, _STRIPES[number % 2])
    parts.append(written(_EDGE, height - 32, cut(foot, WIDTH - 2 * _EDGE, MIN_SIZE), MIN_SIZE, SMALL))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def board_height(rows: int) -> int:
    """How high a board with so many lines is."""
    return _TOP + _HEADS + rows * _ROW + 76


def _row(row: BoardRow, top: int, ground: str) -> list[str]:
    colour, ink = STATES.get(row.state, STATES["waiting"])
    edge = _STALE if row.stale else LINE
    words = ((row.place, INK, True), (row.kind, INK, False), (row.status, ink, True), (row.who, INK, False),
             (row.fits, _STALE if row.stale else SMALL, row.stale))  # fmt: skip
    pill = _COLUMNS[2]
    parts = [
        f'<rect x="{_EDGE}" y="{top + 3}" width="{WIDTH - 2 * _EDGE}" height="{_ROW - 6}" rx="8" fill="{ground}" stroke="{edge}"/>',
        f'<rect x="{pill[0] - 10}" y="{top + 11}" width="{pill[1] - 6}" height="{_ROW - 22}" rx="6" fill="{colour}"/>',
    ]
    for (x, width), (text, shade, bold) in zip(_COLUMNS, words, strict=True):
        parts.append(written(x, top + 44, cut(text, width - 14, MIN_SIZE), MIN_SIZE, shade, bold=bold))
    return parts
