"""Reads questions, cards, tables and lists from a content's parts, for the formats to write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.checks.cells import is_formula
from bot.content import Content
from bot.reading.surrounding_labels import format_part_name, translate_label

from .txt import to_plain_text

# Parts that are lists of entries, in the order of preference.
_TABLE_PARTS = (
    "rows",
    "items",
    "cards",
    "calendar",
    "key_terms",
    "budget",
    "emails",
    "activities",
    "faq",
    "shots",
    "turns",
)
# Parts that are lists of texts, with the label of each row.
_LIST_LABELS = {
    "headlines": "Headline",
    "descriptions": "Description",
    "variants": "Version",
    "posts": "Post",
    "bullets": "Point",
    "quotes": "Quote",
    "steps": "Step",
    "weeks": "Week",
    "channels": "Channel",
    "kpis": "Key figure",
}
# Fields of entries, by part, whose values are words of ours rather than the writer's.
_TRANSLATED_FIELDS = {"shots": ("size", "move")}
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")

QuestionForm = Literal["choice", "true_false", "short_answer", "numeric", "matching"]
_FORMS: dict[str, QuestionForm] = {form: form for form in get_args(QuestionForm)}
TableRow = list[str | int | float]


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question with options, of which those at the indexes `correct` are right.

    In a matching question the option at `correct[n]` belongs to `lefts[n]`; in a short-answer or numeric one the options are the
    accepted answers. `feedbacks` has a remark on each option, or is empty; `feedback` is on the question.
    """

    text: str
    options: tuple[str, ...]
    correct: tuple[int, ...]
    feedback: str = ""
    form: QuestionForm = "choice"
    lefts: tuple[str, ...] = ()
    feedbacks: tuple[str, ...] = ()

    @property
    def right_answers(self) -> list[str]:
        """The right options; in a matching question each with the item it belongs to: "red: rouge"."""
        answers = [self.options[index] for index in self.correct]
        return (
            [f"{left}: {answer}" for left, answer in zip(self.lefts, answers, strict=True)] if self.lefts else answers
        )

    @property
    def numeric_answer(self) -> str:
        """The answer of a numeric question as programs write it: "-1.5"."""
        return self.options[0].strip().replace("−", "-").replace(",", ".").removeprefix("+")

    @property
    def is_usable(self) -> bool:
        """Whether the question can be asked and marked."""
        indexes = range(len(self.options))
        if (
            not self.text
            or not self.correct
            or not all(type(index) is int and index in indexes for index in self.correct)
        ):
            return False
        match self.form:
            case "short_answer":
                return all(self.options)
            case "numeric":
                return bool(_NUMBER.fullmatch(self.options[0].strip()))
            case "matching":
                return len(self.lefts) == len(self.correct) > 1
            case _:
                return len(self.options) > 1


def collect_questions(content: Content) -> list[QuizQuestion]:
    """Return the questions that can be asked and marked."""
    questions = map(parse_question, get_entries(content, "items"))
    return [question for question in questions if question is not None]


def parse_question(item: dict[str, Any]) -> QuizQuestion | None:
    """Return an item as a question; None if it cannot be asked and marked."""
    options = tuple(map(_format_value, _get_list(item, "options")))
    feedback = item.get("feedback")
    option_feedback = tuple(map(_format_value, feedback)) if isinstance(feedback, list) else ()
    question = QuizQuestion(
        text=_format_value(item.get("question")),
        options=options,
        correct=tuple(_get_list(item, "correct")),
        feedback="" if isinstance(feedback, list) else _format_value(feedback),
        form=_FORMS.get(str(item.get("type")), "choice"),
        lefts=tuple(map(_format_value, _get_list(item, "lefts"))),
        feedbacks=option_feedback if len(option_feedback) == len(options) else (),
    )
    return question if question.is_usable else None


def has_only_questions(content: Content) -> bool:
    """Whether a content has items and all are questions that can be asked and marked, so that an export loses none."""
    return 0 < len(collect_questions(content)) == len(get_entries(content, "items"))


def collect_cards(content: Content) -> list[tuple[str, str]]:
    """Return the fronts and backs of a content's cards, of its questions, and of its items with an answer."""
    cards = [
        (_format_value(card.get("front")), _format_value(card.get("back"))) for card in get_entries(content, "cards")
    ]
    cards += [(question.text, "\n".join(question.right_answers)) for question in collect_questions(content)]
    cards += [
        (_format_value(item.get("question")), _format_value(item["answer"]))
        for item in get_entries(content, "items")
        if item.get("answer") and parse_question(item) is None
    ]
    return [(front, back) for front, back in cards if front and back]


def build_table(content: Content) -> list[TableRow]:
    """Return a content's entries, rubric or lists as rows, the first with the column names; empty if it has none."""
    columns, rows = content.parts.get("columns"), content.parts.get("rows")
    if _is_text_list(columns) and isinstance(rows, list) and rows and all(map(_is_text_list, rows)):
        return [columns, *rows]
    if criteria := get_entries(content, "criteria"):
        return _build_rubric_table(criteria, get_texts(content, "levels"), content.language)
    for name in _TABLE_PARTS:
        if entries := get_entries(content, name):
            translated = [_translate_fields(entry, name, content.language) for entry in entries]
            return _build_entry_table(translated, content.language)
    return _build_list_table(content)


def escape_formula(cell: str, prefix: str = "'") -> str:
    """Return a cell that no spreadsheet evaluates: text that begins like a formula gets a prefix; numbers are unchanged."""
    is_number = cell.strip().lstrip("+-").replace(".", "", 1).isdecimal()
    return f"{prefix}{cell}" if is_formula(cell) and not is_number else cell


def get_texts(content: Content, name: str) -> list[str]:
    """Return a part that is a list of texts, without markup; empty if it is not one."""
    value: Any = content.parts.get(name)
    return list(map(_format_value, value)) if _is_text_list(value) else []


def get_entries(content: Content, name: str) -> list[dict[str, Any]]:
    """Return a part that is a list of entries with fields; empty if it is not one."""
    value = content.parts.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _get_list(entry: dict[str, Any], name: str) -> list[Any]:
    """Return a field that is a list; empty if it is not one, as in a file that somebody has edited."""
    value = entry.get(name)
    return list(value) if isinstance(value, list | tuple) else []


def _translate_fields(entry: dict[str, Any], part: str, language: str) -> dict[str, Any]:
    names = [name for name in _TRANSLATED_FIELDS.get(part, ()) if name in entry]
    return entry | {name: translate_label(str(entry[name]), language) for name in names}


def _build_entry_table(entries: list[dict[str, Any]], language: str) -> list[TableRow]:
    """Return a column per field, and per value of a field that is a list."""
    flat_entries = [_flatten_entry(entry) for entry in entries]
    names = list(dict.fromkeys(name for entry in flat_entries for name in entry))

    def get_sort_key(name: str) -> tuple[int, int]:
        # "option 3" follows "option 2", even if the first entry has only two options.
        field, _, number = name.rpartition(" ")
        is_list_item = number.isdecimal() and f"{field} 1" in names
        return (names.index(f"{field} 1"), int(number)) if is_list_item else (names.index(name), 0)

    names_in_order = sorted(names, key=get_sort_key)
    heading: TableRow = [format_part_name(name, language) for name in names_in_order]
    return [heading, *([entry.get(name, "") for name in names_in_order] for entry in flat_entries)]


def _build_rubric_table(criteria: list[dict[str, Any]], levels: list[str], language: str) -> list[TableRow]:
    """Return a row per criterion: its name, its description at each level, and its points if any criterion has some."""
    has_points = any(criterion.get("points") for criterion in criteria)
    descriptions = [list(map(_format_value, _get_list(criterion, "cells"))) for criterion in criteria]
    width = max(map(len, descriptions))
    criterion_label, points_label, level_label = (
        translate_label(label, language) for label in ("Criterion", "Points", "Level")
    )
    numbered_levels = (f"{level_label} {number}" for number in range(len(levels) + 1, width + 1))
    rows: list[TableRow] = [
        [criterion_label, *[*levels, *numbered_levels][:width], *([points_label] if has_points else [])]
    ]
    for criterion, cells in zip(criteria, descriptions, strict=True):
        points = [criterion.get("points") or 0] if has_points else []
        rows.append([_format_value(criterion.get("name")), *cells, *[""] * (width - len(cells)), *points])
    return rows


def _build_list_table(content: Content) -> list[TableRow]:
    """Return a row per text of the lists, numbered within its list; empty if there are none."""
    language = content.language
    rows: list[TableRow] = []
    for name, label in _LIST_LABELS.items():
        rows += [
            [translate_label(label, language), number, text] for number, text in enumerate(get_texts(content, name), 1)
        ]
    return [[translate_label(label, language) for label in ("Part", "Number", "Text")], *rows] if rows else []


def _flatten_entry(entry: dict[str, Any]) -> dict[str, str | int | float]:
    """Return an entry with a field for each value of a list ("option 1", "option 2"); the right options become numbers."""
    flat_entry: dict[str, str | int | float] = {}
    for name, value in entry.items():
        if name == "correct" and isinstance(value, list):
            flat_entry[name] = ", ".join(str(index + 1 if type(index) is int else index) for index in value)
        elif isinstance(value, list):
            singular = name.removesuffix("s")
            flat_entry |= {f"{singular} {number}": _format_value(item) for number, item in enumerate(value, 1)}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat_entry[name] = value
        else:
            flat_entry[name] = _format_value(value)
    return flat_entry


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _format_value(value: Any) -> str:
    """Return a value as text without markup; a value that is only markup, such as ">" on a card, unchanged."""
    return "" if value is None else to_plain_text(str(value)) or str(value)
