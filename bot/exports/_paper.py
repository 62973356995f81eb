"""Texts as they stand on paper: what the chat cannot show, a table, room to write in or bars with their chords, is set there."""

from __future__ import annotations

import math
import re
from typing import Any

from bot.content import Content
from bot.kinds._labels import in_every_language

from ._parts import entries, texts

_KEYS = frozenset(f"**{one}**" for one in in_every_language("Answer key"))
# A line to write on, and how many characters of an answer a pupil's hand gets on it.
_LINE, _BY_HAND, _MOST_LINES = "_" * 68, 30, 5
# Bars that stand side by side.
_BARS = 4


def is_answer_key(line: str) -> bool:
    """Whether a line is the heading of an answer key, which has a page of its own."""
    return line in _KEYS


def is_writing_line(line: str) -> bool:
    """Whether a line is there to be written on."""
    return line == _LINE


def on_paper(content: Content) -> str:
    """The text of a content for a page: a rubric and the bars of a song as tables, a worksheet's tasks with lines to write on."""
    return _tabled(content) or _ruled(content) or _barred(content) or content.text


def _tabled(content: Content) -> str:
    """A rubric with its levels side by side; empty for other texts, and where the text is not as its parts say."""
    criteria, levels = entries(content, "criteria"), texts(content, "levels")
    rows, rest, lines = list[list[str]](), list[str](), content.text.splitlines()
    while lines:
        line = lines.pop(0)
        if len(rows) < len(criteria) and levels and line.startswith(f"**{criteria[len(rows)].get('name')}**"):
            cells = [_cell(one, level) for one, level in zip(lines, levels, strict=False)]
            if len(cells) < len(levels) or not all(cells):
                return ""
            rows.append([line, *cells])
            lines = lines[len(levels) :]
        else:
            rest.append(line)
    if not rows or len(rows) < len(criteria):
        return ""
    table = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in [["", *levels], *rows])
    return "\n".join([*rest[:1], "", table, "", *rest[1:]])


def _cell(line: str, level: str) -> str:
    """What a line says of a level, with the level's points behind it."""
    found = re.fullmatch(rf"- {re.escape(level)}( \(\d+\))?: (.+)", line)
    return f"{found[2]}{found[1] or ''}" if found else ""


def _ruled(content: Content) -> str:
    """A worksheet whose tasks have lines below them, more for a long answer; empty for other texts."""
    tasks = entries(content, "items")
    if not tasks or not all(task.get("answer") and not task.get("options") for task in tasks):
        return ""
    written, number, asked = list[str](), 0, True
    for line in content.text.splitlines():
        written.append(line)
        asked = asked and not is_answer_key(line)
        if asked and number < len(tasks) and line.startswith(f"{number + 1}. "):
            needed = math.ceil(len(str(tasks[number]["answer"])) / _BY_HAND)
            written += [_LINE] * min(max(needed, 1), _MOST_LINES)
            number += 1
    return "\n".join(written)


def _barred(content: Content) -> str:
    """A lead sheet whose chords stand in cells, each with what it is in the key below it; empty for other texts."""
    sections = entries(content, "song")
    if not sections or content.text.count("```") != 2 * len(sections):
        return ""
    pieces = content.text.split("```")
    for number, section in enumerate(sections):
        pieces[2 * number + 1] = _bars(section["bars"])
    return "\n".join(piece.strip("\n") for piece in pieces)


def _bars(bars: list[dict[str, Any]]) -> str:
    rows = list[list[str]]()
    for at in range(0, len(bars), _BARS):
        line = bars[at : at + _BARS]
        rows += [
            [f"**{' '.join(one['symbol'] for one in bar['chords'])}**" for bar in line],
            [" ".join(one["numeral"] for one in bar["chords"]) for bar in line],
        ]
    return "\n".join(f"| {' | '.join([*row, *[''] * (min(_BARS, len(bars)) - len(row))])} |" for row in rows)
