"""A quiz as the spreadsheet that Kahoot imports, with the columns and limits of its template."""

from __future__ import annotations

import io

from bot.content import Content
from bot.errors import FileError, Phrase

from ._parts import QuizQuestion, collect_questions, get_entries, has_only_questions, parse_question
from .xlsx import save_workbook, write_cell

LABEL = "Kahoot"
ENDING = "xlsx"
# Where Kahoot's template has the title and the column names.
_TITLE_ROW, _HEADING_ROW, _FIRST_COLUMN = 2, 8, 2
_MAX_QUESTION_CHARACTERS, _MAX_ANSWER_CHARACTERS, _MAX_ANSWERS = 120, 75, 4
_TIME_LIMIT_SECONDS = 30
# How many unfit questions the refusal lists.
_MAX_LISTED_QUESTIONS = 5
_FORMS = ("choice", "true_false")
_HEADING = (
    f"Question - max {_MAX_QUESTION_CHARACTERS} characters",
    *(f"Answer {number} - max {_MAX_ANSWER_CHARACTERS} characters" for number in range(1, _MAX_ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def fits(content: Content) -> bool:
    """Whether a content is a quiz of questions with two to four answers to choose from."""
    return has_only_questions(content) and all(map(_is_importable, collect_questions(content)))


def lacking(content: Content) -> Phrase | None:
    """Return what Kahoot accepts and which questions do not fit; None if there are no questions."""
    questions = [parse_question(item) for item in get_entries(content, "items")]
    if not questions:
        return None
    unfit_numbers = [
        number for number, question in enumerate(questions, 1) if question is None or not _is_importable(question)
    ]
    parts = [Phrase("question {number}", number=number) for number in unfit_numbers[:_MAX_LISTED_QUESTIONS]]
    message = "Kahoot only takes questions with 2 to {most} answers to choose from. These questions do not: {parts}."
    return Phrase(message, most=_MAX_ANSWERS, parts=parts)


def _is_importable(question: QuizQuestion) -> bool:
    return len(question.options) <= _MAX_ANSWERS and question.form in _FORMS


def export(title: str, content: Content) -> bytes:
    """Return a workbook in the layout of Kahoot's template.

    Raises:
        FileError: a question or answer is longer than Kahoot accepts.
    """
    from openpyxl import Workbook, load_workbook

    rows: list[tuple[str | int, ...]] = [_HEADING]
    for number, question in enumerate(collect_questions(content), 1):
        _check_length(Phrase("question {number}", number=number), question.text, _MAX_QUESTION_CHARACTERS)
        for option in question.options:
            _check_length(Phrase("an answer of question {number}", number=number), option, _MAX_ANSWER_CHARACTERS)
        options = [*question.options, *[""] * (_MAX_ANSWERS - len(question.options))]
        right_numbers = ",".join(str(index + 1) for index in question.correct)
        rows.append((question.text, *options, _TIME_LIMIT_SECONDS, right_numbers))
    book = Workbook()
    sheet = book.active
    write_cell(sheet, _TITLE_ROW, _FIRST_COLUMN, title)
    for number, row in enumerate(rows):
        if number:
            write_cell(sheet, _HEADING_ROW + number, 1, number)
        for column, value in enumerate(row, _FIRST_COLUMN):
            write_cell(sheet, _HEADING_ROW + number, column, value)
    body = save_workbook(book)
    written_rows = load_workbook(io.BytesIO(body)).active.iter_rows(
        min_row=_HEADING_ROW, min_col=_FIRST_COLUMN, max_col=_FIRST_COLUMN + len(_HEADING) - 1, values_only=True
    )
    assert [tuple("" if cell is None else cell for cell in row) for row in written_rows] == rows
    return body


def _check_length(part: Phrase, text: str, limit: int) -> None:
    if len(text) > limit:
        message = "Too long for Kahoot: {part} ({count} characters; the limit is {most})."
        raise FileError(message, part=part, count=len(text), most=limit)
