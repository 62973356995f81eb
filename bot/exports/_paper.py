"""Gives a text what only paper needs: lines to write on, answers in their key alone, and a song's bars as tables."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.markup import parse_document
from bot.reading.surrounding_labels import translate_to_all

from ._blocks import strip_marks
from ._parts import get_entries

_MAX_HEADING_CHARACTERS = 120
_ANSWER_KEY_HEADINGS = frozenset(heading.casefold() for heading in (*translate_to_all("Answer key"), "Answers", "Key"))
# "Answer: 3 B", as small models write it below a question and again in the key; "Answer: ____" is there to be written on.
_ANSWER_LINE = re.compile(
    rf"\W{{0,4}}(?:{'|'.join(translate_to_all('Answer'))})\W{{0,4}}:[\s*]{{0,4}}(?!_)\w.{{0,200}}", re.IGNORECASE
)
# A line to write on, and how many characters of an answer fit on it in handwriting.
_WRITING_LINE, _CHARACTERS_PER_LINE, _MAX_WRITING_LINES = "_" * 68, 30, 5
_WRITING_LINE_PATTERN = re.compile(r"_{5,}")
_BARS_PER_ROW = 4


def is_answer_key(line: str) -> bool:
    """Whether a line is the heading of an answer key, which begins a new page."""
    return len(line) <= _MAX_HEADING_CHARACTERS and strip_marks(line).strip(" :#").casefold() in _ANSWER_KEY_HEADINGS


def is_writing_line(line: str) -> bool:
    """Whether a line is there to be written on."""
    return bool(_WRITING_LINE_PATTERN.fullmatch(line))


def format_for_paper(content: Content) -> str:
    """Return the Markdown of a content for paper: a worksheet with lines to write on, a song with its bars as tables."""
    content = replace(content, text=_remove_repeated_answers(content.text))
    return _format_worksheet(content) or _format_lead_sheet(content) or content.text


def _remove_repeated_answers(text: str) -> str:
    """Return a text without the answers below its questions if a key at its end has one for each of them."""
    lines = text.split("\n")
    key_at = next((at for at, line in enumerate(lines) if is_answer_key(line)), len(lines))
    questions = [line for line in lines[:key_at] if not _ANSWER_LINE.fullmatch(line.strip())]
    answer_count = key_at - len(questions)
    has_all_answers = sum(bool(line.strip()) for line in lines[key_at + 1 :]) >= answer_count
    return "\n".join([*questions, *lines[key_at:]]) if answer_count and has_all_answers else text


def _format_worksheet(content: Content) -> str:
    """Return a worksheet with lines below each task, as many as its answer needs. Empty if the content is not a worksheet, has
    such lines already, or its tasks are not found in the text.
    """
    tasks = get_entries(content, "items")
    if not tasks or not all(task.get("answer") and not task.get("options") for task in tasks):
        return ""
    source_lines = content.text.split("\n")
    if any(is_writing_line(line.strip()) for line in source_lines):
        return ""
    line_counts = dict[int, int]()
    for line in parse_document(content.text).lines:
        if is_answer_key(line.source) or len(line_counts) == len(tasks):
            break
        if line.numbered[0] == len(line_counts) + 1:
            answer = str(tasks[len(line_counts)]["answer"])
            needed = math.ceil(len(answer) / _CHARACTERS_PER_LINE)
            line_counts[line.at] = min(max(needed, 1), _MAX_WRITING_LINES)
    if len(line_counts) < len(tasks):
        return ""
    paper_lines = list[str]()
    for index, source_line in enumerate(source_lines):
        paper_lines.append(source_line)
        if index in line_counts:
            paper_lines += ["", "\n\n".join([_WRITING_LINE] * line_counts[index])]
    return "\n".join(paper_lines)


def _format_lead_sheet(content: Content) -> str:
    """Return a lead sheet with each section's bars as a table instead of a code block; empty for other texts."""
    sections = get_entries(content, "song")
    if not sections or content.text.count("```") != 2 * len(sections):
        return ""
    pieces = content.text.split("```")
    for number, section in enumerate(sections):
        pieces[2 * number + 1] = _format_bars(section["bars"])
    return "\n\n".join(piece.strip("\n") for piece in pieces)


def _format_bars(bars: list[dict[str, Any]]) -> str:
    """Return a table with a column per bar and two rows per line of music: chord symbols, and their numerals below."""
    rows = list[list[str]]()
    for start in range(0, len(bars), _BARS_PER_ROW):
        line = bars[start : start + _BARS_PER_ROW]
        rows += [
            [f"**{' '.join(chord['symbol'] for chord in bar['chords'])}**" for bar in line],
            [" ".join(chord["numeral"] for chord in bar["chords"]) for bar in line],
        ]
    width = min(_BARS_PER_ROW, len(bars))
    first, *others = (f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows)
    return "\n".join([first, f"|{'---|' * width}", *others])
