"""Texts as they stand on paper: what the chat cannot show, a table, room to write in or bars with their chords, is set there."""

from __future__ import annotations

import math
import re
from typing import Any

from bot.content import Content
from bot.kinds._labels import translate_to_all
from bot.markup import parse_document

from ._blocks import bare
from ._parts import entries

_MAX_HEADING = 120
_KEYS = frozenset(one.casefold() for name in ("Answer key", "Answers") for one in translate_to_all(name))
# A line to write on, and how many characters of an answer a pupil's hand gets on it.
_LINE, _BY_HAND, _MAX_LINES = "_" * 68, 30, 5
_WRITING_LINE = re.compile(r"_{5,}")
# Bars that stand side by side.
_BARS = 4


def is_answer_key(line: str) -> bool:
    """Whether a line is the heading of an answer key, which has a page of its own."""
    return len(line) <= _MAX_HEADING and bare(line).strip(" :#").casefold() in _KEYS


def is_writing_line(line: str) -> bool:
    """Whether a line is there to be written on."""
    return bool(_WRITING_LINE.fullmatch(line))


def on_paper(content: Content) -> str:
    """The text of a content for a page: the bars of a song as a table, a worksheet's tasks with lines to write on."""
    return _ruled(content) or _barred(content) or content.text


def _ruled(content: Content) -> str:
    """A worksheet whose tasks have lines below them, more for a long answer; empty for other texts, and where it has its own."""
    tasks = entries(content, "items")
    if not tasks or not all(task.get("answer") and not task.get("options") for task in tasks):
        return ""
    if any(is_writing_line(line.strip()) for line in content.text.split("\n")):
        return ""
    text, number, lines_below = content.text.split("\n"), 0, dict[int, int]()
    for line in parse_document(content.text).lines:
        if is_answer_key(line.source) or number == len(tasks):
            break
        if line.numbered[0] == number + 1:
            needed = math.ceil(len(str(tasks[number]["answer"])) / _BY_HAND)
            lines_below[line.at] = min(max(needed, 1), _MAX_LINES)
            number += 1
    if number < len(tasks):
        return ""
    return "\n".join(
        "\n".join([line, *(["", *["\n\n".join([_LINE] * lines_below[at])]] if at in lines_below else [])])
        for at, line in enumerate(text)
    )


def _barred(content: Content) -> str:
    """A lead sheet whose chords stand in cells, each with what it is in the key below it; empty for other texts."""
    sections = entries(content, "song")
    if not sections or content.text.count("```") != 2 * len(sections):
        return ""
    pieces = content.text.split("```")
    for number, section in enumerate(sections):
        pieces[2 * number + 1] = _bars(section["bars"])
    return "\n\n".join(piece.strip("\n") for piece in pieces)


def _bars(bars: list[dict[str, Any]]) -> str:
    rows = list[list[str]]()
    for at in range(0, len(bars), _BARS):
        line = bars[at : at + _BARS]
        rows += [
            [f"**{' '.join(one['symbol'] for one in bar['chords'])}**" for bar in line],
            [" ".join(one["numeral"] for one in bar["chords"]) for bar in line],
        ]
    width = min(_BARS, len(bars))
    first, *others = (f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows)
    return "\n".join([first, f"|{'---|' * width}", *others])
