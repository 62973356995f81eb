"""What formats read from a content's parts: questions, cards, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from bot.checks.cells import is_formula
from bot.content import Content
from bot.kinds._labels import format_part_name, translate_label

from .txt import plain

# Parts that are tables already, in the order in which the first is taken.
_TABLES = ("rows", "items", "cards", "calendar", "key_terms", "budget", "emails", "activities", "faq", "shots", "turns")
# Parts that are lists of texts, one row each, and what people call one of them.
_LISTS = {
    "headlines": "Headline", "descriptions": "Description", "variants": "Version", "posts": "Post", "bullets": "Point",
    "quotes": "Quote", "steps": "Step", "weeks": "Week", "channels": "Channel", "kpis": "Key figure",
}  # fmt: skip


Form = Literal["choice", "true_false", "short_answer", "numeric", "matching"]
_FORMS: dict[str, Form] = {
    "true_false": "true_false", "short_answer": "short_answer", "numeric": "numeric", "matching": "matching",
}  # fmt: skip
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with options, of which those at `correct` are right.

    Of a matching question the option at `correct[n]` belongs to `lefts[n]`; of one that is answered in writing the options
    are the answers that count. `feedbacks` say something of each option, `feedback` of the question.
    """

    text: str
    options: tuple[str, ...]
    correct: tuple[int, ...]
    feedback: str = ""
    form: Form = "choice"
    lefts: tuple[str, ...] = ()
    feedbacks: tuple[str, ...] = ()

    @property
    def right(self) -> list[str]:
        """The right options; of a matching question with what each belongs to."""
        rights = [self.options[at] for at in self.correct]
        return [f"{left}: {right}" for left, right in zip(self.lefts, rights, strict=True)] if self.lefts else rights

    @property
    def number(self) -> str:
        """The answer of a numeric question, as programs write numbers."""
        return self.options[0].strip().replace("−", "-").replace(",", ".").removeprefix("+")

    @property
    def sound(self) -> bool:
        """It can be asked and marked."""
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


def questions(content: Content) -> list[Question]:
    """The questions that can be asked and marked."""
    return [one for item in entries(content, "items") if (one := question_of(item)) is not None]


def question_of(item: dict[str, Any]) -> Question | None:
    """The question that an item is, None where it cannot be asked and marked."""
    found = _question(item) if item.get("options") else None
    return found if found is not None and found.sound else None


def _question(item: dict[str, Any]) -> Question:
    said = item.get("feedback")
    each = isinstance(said, list)
    return Question(
        text=_text(item.get("question")),
        options=tuple(map(_text, item["options"])),
        correct=tuple(item.get("correct") or ()),
        feedback="" if each else _text(said),
        form=_FORMS.get(str(item.get("type")), "choice"),
        lefts=tuple(map(_text, item.get("lefts") or ())),
        feedbacks=tuple(map(_text, said)) if isinstance(said, list) and len(said) == len(item["options"]) else (),
    )


def all_questions(content: Content) -> bool:
    """Every item is such a question, so that a quiz loses none when it is written."""
    return 0 < len(questions(content)) == len(entries(content, "items"))


def cards(content: Content) -> list[tuple[str, str]]:
    """Fronts and backs: of cards, or made of questions and their answers."""
    found = [(_text(card.get("front")), _text(card.get("back"))) for card in entries(content, "cards")]
    found += [(item.text, "\n".join(item.right)) for item in questions(content)]
    found += [
        (_text(item["question"]), _text(item["answer"])) for item in entries(content, "items") if item.get("answer")
    ]
    return [(front, back) for front, back in found if front and back]


def table(content: Content) -> list[list[str | int | float]]:
    """Rows with a heading row; empty when the content has nothing that is one."""
    heading, rows_of = content.parts.get("columns"), content.parts.get("rows")
    if _is_texts(heading) and isinstance(rows_of, list) and rows_of and all(map(_is_texts, rows_of)):
        return [heading, *rows_of]
    if graded := entries(content, "criteria"):
        return _rubric(graded, texts(content, "levels"), content.language)
    for name in _TABLES:
        if found := entries(content, name):
            return _columns([_called(one, name, content.language) for one in found], content.language)
    listed = {name: content.parts[name] for name in _LISTS if _is_texts(content.parts.get(name))}
    rows: list[list[str | int | float]] = [
        [translate_label(_LISTS[name], content.language), number, _text(entry)]
        for name, each in listed.items()
        for number, entry in enumerate(each, 1)
    ]
    return [[translate_label(one, content.language) for one in ("Part", "Number", "Text")], *rows] if rows else []


def harmless(cell: str, mark: str = "'") -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like one begins with a mark instead; numbers stay."""
    number = cell.strip().lstrip("+-").replace(".", "", 1).isdecimal()
    return f"{mark}{cell}" if is_formula(cell) and not number else cell


def texts(content: Content, name: str) -> list[str]:
    """A part that is a list of texts; empty where it is none."""
    value: Any = content.parts.get(name)
    return list(map(_text, value)) if _is_texts(value) else []


# Fields whose words are ours, and not a writer's.
_OURS = {"shots": ("size", "move")}


def _called(entry: dict[str, Any], part: str, language: str) -> dict[str, Any]:
    """An entry with our own words in a language."""
    return entry | {name: translate_label(str(entry[name]), language) for name in _OURS.get(part, ()) if name in entry}


def _columns(listed: list[dict[str, Any]], language: str) -> list[list[str | int | float]]:
    flat = [_flat(entry) for entry in listed]
    names = list(dict.fromkeys(name for entry in flat for name in entry))
    # Numbered options belong together, also where the first entry has fewer than others.
    order = sorted(
        names,
        key=lambda name: (names.index(name.split(" ")[0] + " 1"), name) if " " in name else (names.index(name), ""),
    )
    heading: list[str | int | float] = [format_part_name(name, language) for name in order]
    return [heading, *([entry.get(name, "") for name in order] for entry in flat)]


def _rubric(criteria: list[dict[str, Any]], levels: list[str], language: str) -> list[list[str | int | float]]:
    """A criterion a row, what each level of it looks like beside it, and its points where it has some."""
    graded = any(one.get("points") for one in criteria)
    shown = [list(map(_text, one.get("cells") or ())) for one in criteria]
    width = max(map(len, shown))
    criterion, points, level = (translate_label(one, language) for one in ("Criterion", "Points", "Level"))
    names = [*levels, *(f"{level} {number}" for number in range(len(levels) + 1, width + 1))][:width]
    rows: list[list[str | int | float]] = [
        [_text(one.get("name")), *cells, *[""] * (width - len(cells)), *([one.get("points") or 0] if graded else [])]
        for one, cells in zip(criteria, shown, strict=True)
    ]
    return [[criterion, *names, *([points] if graded else [])], *rows]


def _flat(entry: dict[str, Any]) -> dict[str, str | int | float]:
    flat: dict[str, str | int | float] = {}
    for name, value in entry.items():
        if name == "correct" and isinstance(value, list):
            flat[name] = ", ".join(str(at + 1) for at in value)
        elif isinstance(value, list):
            flat |= {f"{name.removesuffix('s')} {number}": _text(one) for number, one in enumerate(value, 1)}
        else:
            flat[name] = value if isinstance(value, int | float) and not isinstance(value, bool) else _text(value)
    return flat


def entries(content: Content, name: str) -> list[dict[str, Any]]:
    """A part that is a list of entries with fields; empty where it is none."""
    value = content.parts.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _text(value: Any) -> str:
    return "" if value is None else plain(str(value))
