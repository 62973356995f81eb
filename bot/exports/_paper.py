"""Texts laid out for paper: tables, room to write in, or bars with their chords, which the chat cannot show."""

from __future__ import annotations

import math
import re
from typing import Any

from bot.content import Content
from bot.markup import parse_document
from bot.reading.surrounding_labels import translate_to_all

from ._blocks import strip_marks
from ._parts import get_entries

_MAX_HEADING_CHARACTERS = 120
_KEYS = frozenset(one.casefold() for name in ("Answer key", "Answers") for one in translate_to_all(name))
# A line to write on, and how many characters of a handwritten answer fit on it.
_LINE, _HANDWRITTEN_CHARACTERS, _MAX_WRITING_LINES = "_" * 68, 30, 5
_WRITING_LINE = re.compile(r"_{5,}")
# The number of bars per row.
_BARS_PER_ROW = 4


def is_answer_key(line: str) -> bool:
    """Whether a line is the heading of an answer key, which gets a page of its own."""
    return len(line) <= _MAX_HEADING_CHARACTERS and strip_marks(line).strip(" :#").casefold() in _KEYS


def is_writing_line(line: str) -> bool:
    """Whether a line is there to be written on."""
    return bool(_WRITING_LINE.fullmatch(line))


def format_for_paper(content: Content) -> str:
    """Return the text of a content for a page: the bars of a song as a table, a worksheet's tasks with lines to write on."""
    return _format_worksheet(content) or _format_lead_sheet(content) or content.text


def _format_worksheet(content: Content) -> str:
    """Return a worksheet with lines below its tasks, more for a long answer; empty for other texts, and if it has lines of
    its own.
    """
    tasks = get_entries(content, "items")
    if not tasks or not all(task.get("answer") and not task.get("options") for task in tasks):
        return ""
    if any(is_writing_line(line.strip()) for line in content.text.split("\n")):
        return ""
    text, number, lines_below = content.text.split("\n"), 0, dict[int, int]()
    for line in parse_document(content.text).lines:
        if is_answer_key(line.source) or number == len(tasks):
            break
        if line.numbered[0] == number + 1:
            needed = math.ceil(len(str(tasks[number]["answer"])) / _HANDWRITTEN_CHARACTERS)
            lines_below[line.at] = min(max(needed, 1), _MAX_WRITING_LINES)
            number += 1
    if number < len(tasks):
        return ""
    return "\n".join(
        "\n".join([line, *(["", *["\n\n".join([_LINE] * lines_below[at])]] if at in lines_below else [])])
        for at, line in enumerate(text)
    )


def _format_lead_sheet(content: Content) -> str:
    """Return a lead sheet with its chords in cells, each with its numeral below it; empty for other texts."""
    sections = get_entries(content, "song")
    if not sections or content.text.count("```") != 2 * len(sections):
        return ""
    pieces = content.text.split("```")
    for number, section in enumerate(sections):
        pieces[2 * number + 1] = _format_bars(section["bars"])
    return "\n\n".join(piece.strip("\n") for piece in pieces)


def _format_bars(bars: list[dict[str, Any]]) -> str:
    rows = list[list[str]]()
    for at in range(0, len(bars), _BARS_PER_ROW):
        line = bars[at : at + _BARS_PER_ROW]
        rows += [
            [f"**{' '.join(one['symbol'] for one in bar['chords'])}**" for bar in line],
            [" ".join(one["numeral"] for one in bar["chords"]) for bar in line],
        ]
    width = min(_BARS_PER_ROW, len(bars))
    first, *others = (f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows)
    return "\n".join([first, f"|{'---|' * width}", *others])
