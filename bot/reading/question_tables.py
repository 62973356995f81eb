"""Parses questions from tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.markup import Line
from bot.reading.answers import ParsedQuestion, apply_answer
from bot.reading.key_answers import apply_key, mark_right_options
from bot.reading.keys import KeyEntry
from bot.reading.labels import collect_tables, find_column
from bot.reading.options import LETTER, ParsedOption, find_option_marks, parse_option, split_options

# The heading of a column that has one option of each question: "Option A", "B", "1".
_OPTION_HEADING = re.compile(rf"(?:[^\W\d_]{{3,14}}\s)?(?:{LETTER}|\d)[).]?")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The indexes of a table's columns: `lettered` are those of single options, `options` has all in one cell."""

    question: int
    lettered: Sequence[int]
    options: int | None
    answer: int | None
    feedback: int | None
    # Whether the first column numbers the questions.
    is_numbered: bool


def parse_item_tables(lines: Sequence[Line], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Return the questions in tables, one a row, with the answers that a key's entries give for them."""
    items: list[ParsedQuestion] = []
    sources = {line.cells: line.cell_sources for line in lines if line.sort == "row"}
    for headings, *rows in collect_tables(lines):
        columns = _find_columns(headings, rows)
        if columns is None:
            continue
        for row in rows:
            if columns.question < len(row) and row[columns.question]:
                items.append(_parse_row(row, sources.get(row, row), columns, len(items) + 1))
    apply_key(entries, items)
    return items


def _find_columns(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> _Columns | None:
    """Return the columns of a table of questions; None for a table that has neither options nor answers."""
    lettered = [
        column
        for column, cell in enumerate(headings)
        if _OPTION_HEADING.fullmatch(cell) and cell not in ("F", "P", "Q")
    ]
    names = ["" if column in lettered else cell for column, cell in enumerate(headings)]
    question, feedback, options = (find_column(names, name) for name in ("question", "feedback", "options"))
    answer = find_column(names, "answer", "right", "key")
    for column in range(len(headings)):
        if column != question and _has_options_in_all(rows, column):
            options = column
            if answer == options:
                answer = next((later for later in range(options + 1, len(headings)) if later != feedback), None)
            break
    if len(lettered) < 2 and answer is None and options is None:
        return None
    is_numbered = bool(rows) and all(re.fullmatch(r"\D{0,3}\d{1,3}\D{0,2}", row[0]) for row in rows)
    if question is None or (question == 0 and is_numbered and len(headings) > 2):
        question = 1 if is_numbered else 0
    if question == answer:  # An answer key: numbers and answers.
        return None
    return _Columns(question, lettered, options, answer, feedback, is_numbered)


def _has_options_in_all(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether the cells of a column each have several lettered options."""
    return bool(rows) and all(len(find_option_marks(" ".join(row[column].split()), 0)) > 1 for row in rows)


def _parse_row(row: Sequence[str], sources: Sequence[str], columns: _Columns, position: int) -> ParsedQuestion:
    """Parse a question from a row, whose `sources` are its cells with inline marks."""
    question = row[columns.question]
    number = re.match(r"\D{0,3}(\d{1,3})", row[0]) if columns.is_numbered else None
    item = ParsedQuestion(int(number[1]) if number else position, question=question)
    if len(columns.lettered) > 1:
        item.options = [
            parse_option(row[column], sources[column])
            for column in columns.lettered
            if row[column] not in ("", "—", "–", "-")
        ]
    elif columns.options is not None:
        item.options = _parse_option_cell(row[columns.options])
    else:
        text, options = split_options(" ".join(question.split()), question)
        if len(options) > 1:
            item.question, item.options = text, options
    mark_right_options(item)
    item.numbered_options = item.options
    if columns.feedback is not None and row[columns.feedback]:
        item.feedback.append(row[columns.feedback])
    if columns.answer is not None and row[columns.answer]:
        apply_answer(item, row[columns.answer])
    return item


def _parse_option_cell(cell: str) -> list[ParsedOption]:
    """Return the options in one cell: lettered ones, else the texts between separators."""
    text = " ".join(cell.split())
    before, options = split_options(text, text)
    if len(options) > 1 and not before:
        return options
    for separator in ("\n", ";", " / ", " | ", ","):
        if separator in cell:
            return [parse_option(piece.strip("-• "), piece) for piece in cell.split(separator) if piece.strip()]
    return []
