"""A quiz for Kahoot's import: its own spreadsheet's columns and limits."""

from __future__ import annotations

import io

from bot.content import Content
from bot.errors import FileError, Phrase

from ._parts import Question, all_questions, entries, question_of, questions
from .xlsx import put, saved

LABEL = "Kahoot"
ENDING = "xlsx"
# As in Kahoot's template: the heading is its eighth row, questions begin in the second column.
_HEADING_ROW, _FIRST_COLUMN = 8, 2
_MAX_QUESTION, _MAX_ANSWER, _ANSWERS = 120, 75, 4
_SECONDS = 30
# Questions that do not fit are named, at most.
_NAMED = 5
_ASKED = ("choice", "true_false")
_HEADING = (
    f"Question - max {_MAX_QUESTION} characters",
    *(f"Answer {number} - max {_MAX_ANSWER} characters" for number in range(1, _ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def fits(content: Content) -> bool:
    """It is a quiz of questions with two to four answers."""
    return all_questions(content) and all(map(_is_taken, questions(content)))


def lacking(content: Content) -> Phrase | None:
    """What Kahoot takes, and which questions are otherwise; None where there are no questions at all."""
    asked = {number: question_of(item) for number, item in enumerate(entries(content, "items"), 1)}
    others = [number for number, one in asked.items() if one is None or not _is_taken(one)]
    if not asked:
        return None
    named = [Phrase("question {number}", number=number) for number in others[:_NAMED]]
    said = "Kahoot takes only questions with 2 to {most} answers to choose from, unlike {parts}."
    return Phrase(said, most=_ANSWERS, parts=named)


def _is_taken(one: Question) -> bool:
    return len(one.options) <= _ANSWERS and one.form in _ASKED


def export(title: str, content: Content) -> bytes:
    """The filled template.

    Raises:
        FileError: a question or answer is longer than Kahoot takes.
    """
    from openpyxl import Workbook, load_workbook

    rows: list[tuple[str | int, ...]] = [_HEADING]
    for number, one in enumerate(questions(content), 1):
        _check(Phrase("question {number}", number=number), one.text, _MAX_QUESTION)
        for option in one.options:
            _check(Phrase("an answer of question {number}", number=number), option, _MAX_ANSWER)
        options = [*one.options, *[""] * (_ANSWERS - len(one.options))]
        rows.append((one.text, *options, _SECONDS, ",".join(str(at + 1) for at in one.correct)))
    book = Workbook()
    sheet = book.active
    put(sheet, 2, _FIRST_COLUMN, title)
    for row, cells in enumerate(rows):
        if row:
            put(sheet, _HEADING_ROW + row, 1, row)
        for column, value in enumerate(cells):
            put(sheet, _HEADING_ROW + row, _FIRST_COLUMN + column, value)
    body = saved(book)
    read = load_workbook(io.BytesIO(body)).active.iter_rows(
        min_row=_HEADING_ROW, min_col=_FIRST_COLUMN, max_col=_FIRST_COLUMN + len(_HEADING) - 1, values_only=True
    )
    assert [tuple("" if cell is None else cell for cell in row) for row in read] == rows
    return body


def _check(part: Phrase, text: str, most: int) -> None:
    if len(text) > most:
        said = "Too long for Kahoot: {part}, with {count} of at most {most} characters."
        raise FileError(said, part=part, count=len(text), most=most)
