"""Texts as they stand on paper: what the chat cannot show, a table or room to write in, is set there."""

from __future__ import annotations

import math
import re

from bot.content import Content
from bot.kinds._labels import in_every_language

from ._parts import entries, texts

_KEYS = frozenset(f"**{one}**" for one in in_every_language("Answer key"))
# A line to write on, and how many characters of an answer a pupil's hand gets on it.
_LINE, _BY_HAND, _MOST_LINES = "_" * 68, 30, 5


def is_answer_key(line: str) -> bool:
    """Whether a line is the heading of an answer key, which has a page of its own."""
    return line in _KEYS


def is_writing_line(line: str) -> bool:
    """Whether a line is there to be written on."""
    return line == _LINE


def on_paper(content: Content) -> str:
    """The text of a content for a page: a rubric as a table, the tasks of a worksheet with lines to write on."""
    return _tabled(content) or _ruled(content) or content.text


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
