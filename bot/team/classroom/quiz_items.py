"""The questions of a quiz as they are asked, and whether an answer is right. No I/O."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from bot.checks.terms import normalise
from bot.content import Content
from bot.errors import RefusedError
from bot.exports._parts import QuizQuestion, collect_questions, get_entries

from . import bkt, mastery

MAX_ANSWER_CHARACTERS = 100
# Maximum pairs of a matching question, as a form has room for five menus, and of its options, as each has a letter.
MAX_PAIRS, _MAX_OPTIONS = 5, 8
_MAX_NUMBER_CHARACTERS = 40
_NO_SUCH_ANSWER = "That answer does not exist."
_NO_QUESTIONS = "That quiz has no questions that can be asked here. Choose another one."


@dataclass(frozen=True, slots=True)
class QuizItem:
    """A question of a quiz with its objective."""

    question: QuizQuestion
    objective: str = ""

    @property
    def is_written(self) -> bool:
        """Whether the answer is typed: a short text or a number."""
        return self.question.form in ("short_answer", "numeric")

    @property
    def is_matching(self) -> bool:
        """Whether it is a matching question; its answer has the index of an option for each left side, in order."""
        return self.question.form == "matching"

    @property
    def needs_form(self) -> bool:
        """Whether it is answered in a form instead of by buttons or a menu."""
        return self.is_written or self.is_matching

    @property
    def has_several_answers(self) -> bool:
        """Whether more than one option is right; all of them have to be chosen."""
        return not self.needs_form and len(self.question.correct) > 1

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["question"].items()
        }
        return cls(QuizQuestion(**fields), data["objective"])


def parse_items(content: Content, topic: str) -> tuple[list[QuizItem], int]:
    """Return the questions of a quiz that can be asked, and the number of those that cannot. `topic` is the default objective."""
    objectives_by_text = {
        str(entry.get("question")).strip(): str(entry.get("objective") or "") for entry in get_entries(content, "items")
    }
    questions = collect_questions(content)
    quiz_items = [
        QuizItem(question, objectives_by_text.get(question.text) or topic)
        for question in questions
        if _fits_form(question)
    ]
    return quiz_items, len(get_entries(content, "items")) - len(quiz_items)


def _fits_form(quiz_question: QuizQuestion) -> bool:
    return quiz_question.form != "matching" or (
        len(quiz_question.lefts) <= MAX_PAIRS and len(quiz_question.options) <= _MAX_OPTIONS
    )


def require_items(items: Sequence[QuizItem]) -> None:
    """Check that there is a question to ask.

    Raises:
        RefusedError: there is none.
    """
    if not items:
        raise RefusedError(_NO_QUESTIONS)


def select_items(items: Sequence[QuizItem], count: int, *, shuffled: bool, seed: int) -> list[QuizItem]:
    """Return the first `count` questions, all if 0; if `shuffled`, questions and options are put in random order first."""
    selected = list(items)
    rng = random.Random(seed)
    if shuffled:
        rng.shuffle(selected)
        selected = [shuffle_options(item, rng) for item in selected]
    return selected[: count or len(selected)]


def shuffle_options(item: QuizItem, rng: random.Random) -> QuizItem:
    """Return a choice question with its options in random order; any other question unchanged."""
    question = item.question
    if question.form != "choice":
        return item
    order = rng.sample(range(len(question.options)), len(question.options))
    feedbacks = tuple(question.feedbacks[index] for index in order) if question.feedbacks else ()
    return replace(
        item,
        question=replace(
            question,
            options=tuple(question.options[index] for index in order),
            correct=tuple(sorted(order.index(index) for index in question.correct)),
            feedbacks=feedbacks,
        ),
    )


def is_right(item: QuizItem, choice: str) -> bool:
    """Return whether an answer is right: exactly the right options, or an accepted text or number."""
    question = item.question
    if question.form == "numeric":
        number = _parse_number(choice)
        return number is not None and number == _parse_number(question.numeric_answer)
    if question.form == "short_answer":
        given_text = normalise(choice).strip(" .!?")
        return bool(given_text) and any(given_text == normalise(option).strip(" .!?") for option in question.options)
    if item.is_matching:
        return [question.options[index] for index in parse_option_indexes(choice)] == [
            question.options[index] for index in question.correct
        ]
    return set(parse_option_indexes(choice)) == set(question.correct)


def _parse_number(text: str) -> Decimal | None:
    compact_text = "".join(text[:_MAX_NUMBER_CHARACTERS].replace("−", "-").replace(",", ".").split())
    try:
        number = Decimal(compact_text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def parse_option_indexes(choice: str) -> list[int]:
    """Parse the indexes of the chosen options from a stored answer, such as "0,2"."""
    return [int(part) for part in choice.split(",") if part.isdecimal()]


def validate_choice(item: QuizItem, choice: str) -> str:
    """Return an answer as it is stored: a normalised text, or comma-separated option indexes.

    Raises:
        RefusedError: an option does not exist, or a pair is missing.
    """
    if item.is_written:
        return " ".join(choice.split())[:MAX_ANSWER_CHARACTERS]
    chosen_indexes = parse_option_indexes(choice)
    indexes = chosen_indexes if item.is_matching else sorted(set(chosen_indexes))
    if not indexes or max(indexes) >= len(item.question.options):
        raise RefusedError(_NO_SUCH_ANSWER)
    if item.is_matching and len(indexes) != len(item.question.lefts):
        raise RefusedError(_NO_SUCH_ANSWER)
    return ",".join(map(str, indexes))


def format_matches(item: QuizItem, choice: str) -> list[str]:
    """Format the pairs of a matching answer, one string each."""
    question = item.question
    return [
        f"{left}: {question.options[index]}"
        for left, index in zip(question.lefts, parse_option_indexes(choice), strict=False)
    ]


def list_objective_answers(items: Sequence[QuizItem], rights: Mapping[int, bool]) -> list[tuple[str, int]]:
    """Return pairs of objective and encoded answer for the mastery records; `rights` has whether each question was answered right."""
    return [
        (items[number].objective, mastery.encode_answer(right=right, guess=bkt.estimate_guess(items[number].question)))
        for number, right in sorted(rights.items())
    ]
