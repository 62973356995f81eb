"""What formats take from a content's parts: questions, cards, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from bot.checks.cells import is_formula
from bot.content import Content
from bot.reading.surrounding_labels import format_part_name, translate_label

from .txt import to_plain_text

# Parts that are tables, in the order of preference.
_TABLES = ("rows", "items", "cards", "calendar", "key_terms", "budget", "emails", "activities", "faq", "shots", "turns")
# Parts that are lists of texts, one row each, and what users call one of them.
_LISTS = {
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


QuestionForm = Literal["choice", "true_false", "short_answer", "numeric", "matching"]
_FORMS: dict[str, QuestionForm] = {
    "true_false": "true_false",
    "short_answer": "short_answer",
    "numeric": "numeric",
    "matching": "matching",
}
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question with options; those at `correct` are right.

    In a matching question the option at `correct[n]` belongs to `lefts[n]`; in one answered in writing the options are the
    accepted answers. `feedbacks` are remarks on each option, `feedback` the remark on the question.
    """

    text: str
    options: tuple[str, ...]
    correct: tuple[int, ...]
    feedback: str = ""
    form: QuestionForm = "choice"
    lefts: tuple[str, ...] = ()
    feedbacks: tuple[str, ...] = ()

    @property
    def right(self) -> list[str]:
        """The right options; in a matching question with the item each belongs to."""
        rights = [self.options[at] for at in self.correct]
        return [f"{left}: {right}" for left, right in zip(self.lefts, rights, strict=True)] if self.lefts else rights

    @property
    def number(self) -> str:
        """The answer of a numeric question, as programs write numbers."""
        return self.options[0].strip().replace("−", "-").replace(",", ".").removeprefix("+")

    @property
    def is_usable(self) -> bool:
        """Whether it can be asked and marked."""
        if not self.text or not self.correct or not all(0 <= at < len(self.options) for at in self.correct):
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
    return [one for item in get_entries(content, "items") if (one := parse_question(item)) is not None]


def parse_question(item: dict[str, Any]) -> QuizQuestion | None:
    """Return an item as a question, None if it cannot be asked and marked."""
    found = _build_question(item) if item.get("options") else None
    return found if found is not None and found.is_usable else None


def _build_question(item: dict[str, Any]) -> QuizQuestion:
    said = item.get("feedback")
    each = isinstance(said, list)
    return QuizQuestion(
        text=_format_value(item.get("question")),
        options=tuple(map(_format_value, item["options"])),
        correct=tuple(item.get("correct") or ()),
        feedback="" if each else _format_value(said),
        form=_FORMS.get(str(item.get("type")), "choice"),
        lefts=tuple(map(_format_value, item.get("lefts") or ())),
        feedbacks=tuple(map(_format_value, said))
        if isinstance(said, list) and len(said) == len(item["options"])
        else (),
    )


def has_only_questions(content: Content) -> bool:
    """Whether every item is such a question, so that a quiz loses none when it is written."""
    return 0 < len(collect_questions(content)) == len(get_entries(content, "items"))


def collect_cards(content: Content) -> list[tuple[str, str]]:
    """Return fronts and backs: of cards, or of questions and their answers."""
    found = [
        (_format_value(card.get("front")), _format_value(card.get("back"))) for card in get_entries(content, "cards")
    ]
    found += [(item.text, "\n".join(item.right)) for item in collect_questions(content)]
    found += [
        (_format_value(item["question"]), _format_value(item["answer"]))
        for item in get_entries(content, "items")
        if item.get("answer")
    ]
    return [(front, back) for front, back in found if front and back]


def build_table(content: Content) -> list[list[str | int | float]]:
    """Return rows with a heading row; empty if the content has no table."""
    heading, rows_of = content.parts.get("columns"), content.parts.get("rows")
    if _is_text_list(heading) and isinstance(rows_of, list) and rows_of and all(map(_is_text_list, rows_of)):
        return [heading, *rows_of]
    if graded := get_entries(content, "criteria"):
        return _build_rubric_table(graded, get_texts(content, "levels"), content.language)
    for name in _TABLES:
        if found := get_entries(content, name):
            return _build_columns([_translate_entry(one, name, content.language) for one in found], content.language)
    listed = {name: content.parts[name] for name in _LISTS if _is_text_list(content.parts.get(name))}
    rows: list[list[str | int | float]] = [
        [translate_label(_LISTS[name], content.language), number, _format_value(entry)]
        for name, each in listed.items()
        for number, entry in enumerate(each, 1)
    ]
    return [[translate_label(one, content.language) for one in ("Part", "Number", "Text")], *rows] if rows else []


def escape_formula(cell: str, mark: str = "'") -> str:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets a leading mark; numbers are
    unchanged.
    """
    number = cell.strip().lstrip("+-").replace(".", "", 1).isdecimal()
    return f"{mark}{cell}" if is_formula(cell) and not number else cell


def get_texts(content: Content, name: str) -> list[str]:
    """Return a part that is a list of texts; empty if it is not one."""
    value: Any = content.parts.get(name)
    return list(map(_format_value, value)) if _is_text_list(value) else []


# Fields with values from a fixed vocabulary rather than a writer's words.
_TRANSLATED_FIELDS = {"shots": ("size", "move")}


def _translate_entry(entry: dict[str, Any], part: str, language: str) -> dict[str, Any]:
    """Return an entry with its fixed vocabulary translated."""
    return entry | {
        name: translate_label(str(entry[name]), language) for name in _TRANSLATED_FIELDS.get(part, ()) if name in entry
    }


def _build_columns(listed: list[dict[str, Any]], language: str) -> list[list[str | int | float]]:
    flat = [_flatten_entry(entry) for entry in listed]
    names = list(dict.fromkeys(name for entry in flat for name in entry))
    # Numbered options stay together, even if the first entry has fewer than others.
    order = sorted(
        names,
        key=lambda name: (names.index(name.split(" ")[0] + " 1"), name) if " " in name else (names.index(name), ""),
    )
    heading: list[str | int | float] = [format_part_name(name, language) for name in order]
    return [heading, *([entry.get(name, "") for name in order] for entry in flat)]


def _build_rubric_table(
    criteria: list[dict[str, Any]], levels: list[str], language: str
) -> list[list[str | int | float]]:
    """Return a criterion per row, with the description of each level next to it, and its points if any."""
    graded = any(one.get("points") for one in criteria)
    shown = [list(map(_format_value, one.get("cells") or ())) for one in criteria]
    width = max(map(len, shown))
    criterion, points, level = (translate_label(one, language) for one in ("Criterion", "Points", "Level"))
    names = [*levels, *(f"{level} {number}" for number in range(len(levels) + 1, width + 1))][:width]
    rows: list[list[str | int | float]] = [
        [
            _format_value(one.get("name")),
            *cells,
            *[""] * (width - len(cells)),
            *([one.get("points") or 0] if graded else []),
        ]
        for one, cells in zip(criteria, shown, strict=True)
    ]
    return [[criterion, *names, *([points] if graded else [])], *rows]


def _flatten_entry(entry: dict[str, Any]) -> dict[str, str | int | float]:
    flat: dict[str, str | int | float] = {}
    for name, value in entry.items():
        if name == "correct" and isinstance(value, list):
            flat[name] = ", ".join(str(at + 1) for at in value)
        elif isinstance(value, list):
            flat |= {f"{name.removesuffix('s')} {number}": _format_value(one) for number, one in enumerate(value, 1)}
        else:
            flat[name] = (
                value if isinstance(value, int | float) and not isinstance(value, bool) else _format_value(value)
            )
    return flat


def get_entries(content: Content, name: str) -> list[dict[str, Any]]:
    """Return a part that is a list of entries with fields; empty if it is not one."""
    value = content.parts.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _format_value(value: Any) -> str:
    """Return a value without markup; a value of nothing else, such as ">" on a card, as it is."""
    return "" if value is None else to_plain_text(str(value)) or str(value)
