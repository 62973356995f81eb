"""A quiz for Kahoot's import: the columns and limits of its own spreadsheet."""

from __future__ import annotations

import io

from bot.content import Content
from bot.errors import FileError, Phrase

from ._parts import QuizQuestion, collect_questions, get_entries, has_only_questions, parse_question
from .xlsx import save_workbook, write_cell

LABEL = "Kahoot"
ENDING = "xlsx"
# As in Kahoot's template: the heading is its eighth row, questions begin in the second column.
_HEADING_ROW, _FIRST_COLUMN = 8, 2
_MAX_QUESTION_CHARACTERS, _MAX_ANSWER_CHARACTERS, _MAX_ANSWERS = 120, 75, 4
_SECONDS = 30
# The maximum number of unfit questions that are listed.
_MAX_LISTED_QUESTIONS = 5
_MAX_LISTED_CHARACTERS = ("choice", "true_false")
_HEADING = (
    f"Question - max {_MAX_QUESTION_CHARACTERS} characters",
    *(f"Answer {number} - max {_MAX_ANSWER_CHARACTERS} characters" for number in range(1, _MAX_ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def fits(content: Content) -> bool:
    """Whether it is a quiz of questions with two to four answers."""
    return has_only_questions(content) and all(map(_is_importable, collect_questions(content)))


def lacking(content: Content) -> Phrase | None:
    """Return what Kahoot accepts and which questions do not fit; None if there are no questions."""
    asked = {number: parse_question(item) for number, item in enumerate(get_entries(content, "items"), 1)}
    others = [number for number, one in asked.items() if one is None or not _is_importable(one)]
    if not asked:
        return None
    named = [Phrase("question {number}", number=number) for number in others[:_MAX_LISTED_QUESTIONS]]
    said = "Kahoot only takes questions with 2 to {most} answers to choose from. These do not have that: {parts}."
    return Phrase(said, most=_MAX_ANSWERS, parts=named)


def _is_importable(one: QuizQuestion) -> bool:
    return len(one.options) <= _MAX_ANSWERS and one.form in _MAX_LISTED_CHARACTERS


def export(title: str, content: Content) -> bytes:
    """Return the filled template.

    Raises:
        FileError: a question or answer is longer than Kahoot accepts.
    """
    from openpyxl import Workbook, load_workbook

    rows: list[tuple[str | int, ...]] = [_HEADING]
    for number, one in enumerate(collect_questions(content), 1):
        _check_length(Phrase("question {number}", number=number), one.text, _MAX_QUESTION_CHARACTERS)
        for option in one.options:
            _check_length(Phrase("an answer of question {number}", number=number), option, _MAX_ANSWER_CHARACTERS)
        options = [*one.options, *[""] * (_MAX_ANSWERS - len(one.options))]
        rows.append((one.text, *options, _SECONDS, ",".join(str(at + 1) for at in one.correct)))
    book = Workbook()
    sheet = book.active
    write_cell(sheet, 2, _FIRST_COLUMN, title)
    for row, cells in enumerate(rows):
        if row:
            write_cell(sheet, _HEADING_ROW + row, 1, row)
        for column, value in enumerate(cells):
            write_cell(sheet, _HEADING_ROW + row, _FIRST_COLUMN + column, value)
    body = save_workbook(book)
    read = load_workbook(io.BytesIO(body)).active.iter_rows(
        min_row=_HEADING_ROW, min_col=_FIRST_COLUMN, max_col=_FIRST_COLUMN + len(_HEADING) - 1, values_only=True
    )
    assert [tuple("" if cell is None else cell for cell in row) for row in read] == rows
    return body


def _check_length(part: Phrase, text: str, most: int) -> None:
    if len(text) > most:
        said = "Too long for Kahoot: {part} ({count} characters; the limit is {most})."
        raise FileError(said, part=part, count=len(text), most=most)
