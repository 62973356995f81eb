"""Figures as a drawing: bars with their words beside them. Pure: it makes SVG, on paper of its own, so that it reads the same on a
dark page and on a light one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.exports._lettering import INK, PAPER, SMALL, cut, written

WIDTH = 1200
_EDGE, _ROW, _BELOW_LEAD = 44, 52, 16
# Room for the names of bars and for their figures; where all of these are short, the names have more.
_LABELS, _WORDS, _LONG_LABELS, _SHORT_WORDS, _SHORT = 330, 410, 600, 140, 12
# All text stands on the paper, from which each of these differs by more than 4.5 to 1 in contrast; bars by more than 3 to 1.
WHOLE, PART = "#6d9eeb", "#ffd479"
_TITLE, _HEADING, _TEXT, _NOTE = 40, 28, 24, 21
# Characters of a line of notes; a line is as wide as so many of the broad letters.
_LINE, _LEAD_LINE = 104, 80


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it is of, how long it is, what part of it is marked, and its figures in words."""

    label: str
    value: float
    words: str
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """Bars that are measured by the same scale, under a heading; where there are none, `empty` says so."""

    heading: str
    bars: Sequence[Bar]
    empty: str = ""
    # What the whole of a bar and its marked part are, where that has to be said.
    legend: tuple[str, str] | None = None


def drawn(title: str, blocks: Sequence[Block], notes: Sequence[str] = (), *, lead: str = "") -> tuple[str, int]:
    """A drawing of blocks under a title and what matters most, with notes below them, as SVG; and its height."""
    parts, at = [written(_EDGE, 68, cut(title, WIDTH - 2 * _EDGE, _TITLE), _TITLE, INK, bold=True)], 92.0
    for number, line in enumerate(_lines(lead, _LEAD_LINE) if lead else ()):
        at += 36 if number else 28
        parts.append(written(_EDGE, at, line, _HEADING, PART))
    at += _BELOW_LEAD if lead else 0
    for block in blocks:
        drawing, at = _block(block, at)
        parts += drawing
    at += 8
    for line in [line for note in notes for line in _lines(note)]:
        at += 32
        parts.append(written(_EDGE, at, line, _NOTE, SMALL))
    height = round(at + _EDGE)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )
    return svg, height


def _block(block: Block, at: float) -> tuple[list[str], float]:
    at += 44
    parts = [written(_EDGE, at, block.heading, _HEADING, INK, bold=True)]
    if block.legend is not None and block.bars:
        at += 38
        place = _EDGE
        for said, colour in zip(block.legend, (WHOLE, PART), strict=True):
            parts.append(f'<rect x="{place}" y="{at - 18}" width="20" height="20" rx="4" fill="{colour}"/>')
            parts.append(written(place + 30, at, said, _NOTE, SMALL))
            place += 60 + round(len(said) * _NOTE * 0.6)
    at += 18
    if not block.bars:
        return [*parts, written(_EDGE, at + 28, block.empty, _TEXT, SMALL)], at + 40
    longest = max(bar.value for bar in block.bars) or 1
    short = all(len(bar.words) <= _SHORT for bar in block.bars)
    labels, words = (_LONG_LABELS, _SHORT_WORDS) if short else (_LABELS, _WORDS)
    room = WIDTH - 2 * _EDGE - labels - words
    for bar in block.bars:
        middle = at + _ROW / 2
        parts.append(written(_EDGE, middle + 8, cut(bar.label, labels - 20, _TEXT), _TEXT, INK))
        left, width = _EDGE + labels, max(3.0, room * bar.value / longest) if bar.value else 0.0
        for size, colour in ((width, WHOLE), (width * bar.part / (bar.value or 1), PART)):
            if size:
                parts.append(
                    f'<rect x="{left}" y="{middle - 14:.1f}" width="{size:.1f}" height="28" rx="5" fill="{colour}"/>'
                )
        parts.append(written(left + width + 14, middle + 8, cut(bar.words, words - 14, _TEXT), _TEXT, INK))
        at += _ROW
    return parts, at


def _lines(text: str, most: int = _LINE) -> list[str]:
    """A text in lines that fit."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
