"""A course: the questions and cards that one user learns from, which is asked next, and what an answer changes. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from . import bkt, mastery, spacing
from .hints import Hint, estimate_guess_after, list_hints
from .mastery import Record, estimate
from .quiz_game import QuizItem, is_right, shuffle_options
from .spacing import CardMemory, Grade

MAX_ITEMS = 500
# Objectives of a course; the questions of rarer ones belong to the course itself.
MAX_OBJECTIVES = 40
_SCALAR_FIELDS = ("at", "hints", "turn", "asked", "right", "ahead")
# How long a question that is not due rests, even if its objective is open.
MIN_REST = timedelta(hours=8)

_NEVER = datetime.min.replace(tzinfo=UTC)

Outcome = Literal["right", "wrong", "claimed", "told"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The material of a course. `before` lists the prerequisites of objectives; `cards` marks independent facts."""

    title: str
    items: tuple[QuizItem, ...]
    cards: bool = False
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The last answer: the number of the question, the answer and its outcome."""

    number: int
    choice: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Course:
    """A user's progress with a lesson. `at` is the open question, None between sessions; `hints` counts its hints.

    `turn` counts all actions, `asked` the answers; `memories` are those of the questions asked so far. With `ahead` questions are
    asked even if none is due.
    """

    lesson: Lesson
    memories: Mapping[int, CardMemory] = field(default_factory=dict)
    at: int | None = None
    hints: int = 0
    turn: int = 0
    asked: int = 0
    right: int = 0
    last_answer: LastAnswer | None = None
    ahead: bool = False

    @property
    def item(self) -> QuizItem:
        """The open question, with its options in the order shown."""
        assert self.at is not None
        return self._as_asked(self.at, self.asked)

    @property
    def shown_item(self) -> QuizItem:
        """The last answered question, with its options in the order shown."""
        assert self.last_answer is not None
        return self._as_asked(self.last_answer.number, self.asked - 1)

    @property
    def given_hints(self) -> list[Hint]:
        """The hints given to the open question."""
        return list_hints(self.item)[: self.hints]

    @property
    def objectives(self) -> list[str]:
        """The objectives of its questions, in order."""
        return list(dict.fromkeys(item.objective for item in self.lesson.items))

    def _as_asked(self, number: int, asked: int) -> QuizItem:
        return shuffle_options(self.lesson.items[number], random.Random(f"{number} {asked}"))

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        lesson = self.lesson
        return {
            "title": lesson.title,
            "items": [item.to_json() for item in lesson.items],
            "cards": lesson.cards,
            "source": lesson.source,
            "before": {name: list(names) for name, names in lesson.before.items()},
            "skipped": lesson.skipped,
            "memories": {str(number): memory.to_json() for number, memory in self.memories.items()},
            "shown": [self.last_answer.number, self.last_answer.choice, self.last_answer.outcome]
            if self.last_answer
            else None,
            **{name: getattr(self, name) for name in _SCALAR_FIELDS},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        lesson = Lesson(
            data["title"],
            tuple(map(QuizItem.from_json, data["items"])),
            data["cards"],
            {name: tuple(names) for name, names in data["before"].items()},
            data["source"],
            data["skipped"],
        )
        memories = {int(number): CardMemory.from_json(memory) for number, memory in data["memories"].items()}
        last_answer = LastAnswer(*data["shown"]) if data["shown"] else None
        plain = {name: data[name] for name in _SCALAR_FIELDS}
        return cls(lesson, memories, last_answer=last_answer, **plain)


def limit_size(lesson: Lesson) -> Lesson:
    """Limit a lesson to the questions and objectives of a course."""
    items = lesson.items[:MAX_ITEMS]
    names = [one.objective for one in items]
    kept_names = sorted(set(names), key=lambda name: (-names.count(name), names.index(name)))[:MAX_OBJECTIVES]
    items = tuple(one if one.objective in kept_names else replace(one, objective=lesson.title) for one in items)
    before = {
        name: tuple(one for one in first if one in kept_names)
        for name, first in lesson.before.items()
        if name in kept_names
    }
    return replace(lesson, items=items, before=before, skipped=lesson.skipped + len(lesson.items) - len(items))


def list_due(course: Course, now: datetime) -> list[int]:
    """Return the due questions, the least likely to be recalled first."""
    numbers = [number for number, memory in course.memories.items() if memory.due <= now]
    return sorted(
        numbers, key=lambda number: (spacing.estimate_recall(course.memories[number], now), course.memories[number].due)
    )


def find_next_due(course: Course) -> datetime | None:
    """Return when the first question is due, None if none was asked."""
    return min((memory.due for memory in course.memories.values()), default=None)


def estimate_objectives(course: Course, record: Record) -> dict[str, float]:
    """Return the probability that each objective is known."""
    return {name: estimate(record.get(name, ())) for name in course.objectives}


def choose_next_item(course: Course, record: Record, now: datetime, last: int | None = None) -> int | None:
    """Choose the next question, never the `last` one; return None if nothing is to be asked now.

    Due questions come first, then the objective with the highest expected gain whose prerequisites are known, then new cards. With
    `ahead`, the question of the least known objective that was asked longest ago follows.
    """
    due_numbers = [number for number in list_due(course, now) if number != last]
    if due_numbers:
        return due_numbers[0]
    rested_numbers = [
        number for number in range(len(course.lesson.items)) if number != last and _is_rested(course, number, now)
    ]
    estimates = estimate_objectives(course, record)
    opens = [name for name, share in estimates.items() if share < bkt.MASTERY_THRESHOLD]
    open_names = [name for name in opens if not any(one in opens for one in course.lesson.before.get(name, ()))]
    for names in (open_names, opens):
        if candidates := [number for number in rested_numbers if course.lesson.items[number].objective in names]:
            return max(candidates, key=lambda number: _rank_gain(course, number, estimates))
    unseen = [number for number in rested_numbers if number not in course.memories]
    if unseen and course.lesson.cards:
        return unseen[0]
    others = [number for number in range(len(course.lesson.items)) if number != last]
    return min(others, key=lambda number: _rank_age(course, number, estimates)) if course.ahead and others else None


def _is_rested(course: Course, number: int, now: datetime) -> bool:
    memory = course.memories.get(number)
    return memory is None or now - memory.seen >= MIN_REST


def _rank_gain(course: Course, number: int, estimates: Mapping[str, float]) -> tuple[float, bool, int]:
    """Return a sort key: the expected gain of the objective, then new questions first, in order."""
    gained = bkt.expect_gain(estimates[course.lesson.items[number].objective])
    return gained, number not in course.memories, -number


def _rank_age(course: Course, number: int, estimates: Mapping[str, float]) -> tuple[float, datetime]:
    return estimates[course.lesson.items[number].objective], course.memories[
        number
    ].seen if number in course.memories else _NEVER


def begin_session(course: Course, record: Record, now: datetime, *, ahead: bool = False) -> Course:
    """Return the course at the beginning of a session; an open question stays open."""
    if course.at is not None:
        return course
    course = replace(course, hints=0, turn=course.turn + 1, ahead=ahead)
    last_number = course.last_answer.number if course.last_answer else None
    item_number = choose_next_item(course, record, now, last_number)
    if item_number is None and last_number is not None and course.memories[last_number].due <= now:
        item_number = last_number
    return replace(course, at=item_number, last_answer=None if item_number is not None else course.last_answer)


# Answers for the record of mastery: objective and encoded answer.
RecordedAnswers = list[tuple[str, int]]


def record_answer(course: Course, choice: str, record: Record, now: datetime) -> tuple[Course, RecordedAnswers]:
    """Return the course after an answer; with hints it counts less, as guessing was easier."""
    item = course.item
    if is_right(item, choice):
        grade = Grade.HARD if course.hints else Grade.GOOD
        return _apply_outcome(
            course, "right", choice, estimate_guess_after(item, course.given_hints), grade, record, now
        )
    return _apply_outcome(course, "wrong", choice, bkt.estimate_guess(item.question), Grade.AGAIN, record, now)


def record_claim(course: Course, record: Record, now: datetime) -> tuple[Course, RecordedAnswers]:
    """Return the course after the user claims to know the answer: it is due late and counts little."""
    return _apply_outcome(
        course,
        "claimed",
        "",
        max(bkt.CLAIM_GUESS, estimate_guess_after(course.item, course.given_hints)),
        Grade.EASY,
        record,
        now,
    )


def give_hint(course: Course, record: Record, now: datetime) -> tuple[Course, RecordedAnswers]:
    """Return the course after one more hint; the last hint is the answer, which counts as wrong."""
    steps = list_hints(course.item)
    if course.hints + 1 < len(steps):
        return replace(course, hints=course.hints + 1, turn=course.turn + 1), []
    return _apply_outcome(course, "told", "", bkt.estimate_guess(course.item.question), Grade.AGAIN, record, now)


def end_session(course: Course) -> Course:
    """Return the course after the end of a session."""
    return replace(course, at=None, hints=0, turn=course.turn + 1, ahead=False)


def _apply_outcome(
    course: Course, outcome: Outcome, choice: str, guess: float, grade: Grade, record: Record, now: datetime
) -> tuple[Course, RecordedAnswers]:
    number = course.at
    assert number is not None
    is_answer_right = outcome in ("right", "claimed")
    answers = [(course.lesson.items[number].objective, mastery.encode_answer(right=is_answer_right, guess=guess))]
    memories = {**course.memories, number: spacing.review_card(course.memories.get(number), grade, now)}
    updated = replace(
        course,
        memories=memories,
        hints=0,
        turn=course.turn + 1,
        asked=course.asked + 1,
        right=course.right + (outcome == "right"),
        last_answer=LastAnswer(number, choice, outcome),
    )
    return replace(updated, at=choose_next_item(updated, mastery.add_answers(record, answers), now, number)), answers


@dataclass(frozen=True, slots=True)
class ObjectiveProgress:
    """The progress with an objective: the probability of knowing it, and how many of its questions were asked and are due."""

    objective: str
    known: float
    seen: int
    all: int
    due: int


def list_objective_progress(course: Course, record: Record, now: datetime) -> list[ObjectiveProgress]:
    """Return the progress with each objective of a course, the least known first."""
    waiting, known = set(list_due(course, now)), estimate_objectives(course, record)
    rows = []
    for name in course.objectives:
        numbers: Sequence[int] = [at for at, one in enumerate(course.lesson.items) if one.objective == name]
        seen = sum(number in course.memories for number in numbers)
        rows.append(
            ObjectiveProgress(name, known[name], seen, len(numbers), sum(number in waiting for number in numbers))
        )
    return sorted(rows, key=lambda one: (one.known, one.objective.casefold()))
