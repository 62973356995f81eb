"""A course: the questions and cards that one user learns from, the choice of the next one, and the effect of an answer. No I/O."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from . import bkt, mastery, spacing
from .hints import Hint, estimate_guess_after, list_hints
from .mastery import Record, estimate
from .quiz_items import QuizItem, is_right, shuffle_options
from .spacing import CardMemory, Grade

MAX_ITEMS = 500
# Maximum objectives of a course; questions of the rarest ones get the course's title as their objective.
MAX_OBJECTIVES = 40
# Minimum time before a question that is not due is asked again, even if its objective is not mastered.
MIN_REST = timedelta(hours=8)

_NEVER = datetime.min.replace(tzinfo=UTC)

Outcome = Literal["right", "wrong", "claimed", "told"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The material of a course.

    `prerequisites` maps an objective to those that have to be known first. With `are_cards` the questions are independent facts, so
    all of them are asked, even those of a mastered objective. `source` identifies the result or file that the lesson comes from;
    `skipped` counts the questions that were left out.
    """

    title: str
    items: tuple[QuizItem, ...]
    are_cards: bool = False
    prerequisites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
    """A user's progress with a lesson. Questions are identified by their index in `lesson.items`, called number.

    `open_number` is the open question, None between sessions, and `hint_count` the number of its hints given. `turn` counts all
    actions, `answer_count` all answers, and `right_count` the right ones; `memories` has the questions asked so far. With `ahead`,
    questions are asked even if none is due.
    """

    lesson: Lesson
    memories: Mapping[int, CardMemory] = field(default_factory=dict)
    open_number: int | None = None
    hint_count: int = 0
    turn: int = 0
    answer_count: int = 0
    right_count: int = 0
    last_answer: LastAnswer | None = None
    ahead: bool = False

    @property
    def item(self) -> QuizItem:
        """The open question, with its options in the displayed order."""
        assert self.open_number is not None
        return self._shuffle_as_asked(self.open_number, self.answer_count)

    @property
    def last_item(self) -> QuizItem:
        """The last answered question, with its options in the displayed order."""
        assert self.last_answer is not None
        return self._shuffle_as_asked(self.last_answer.number, self.answer_count - 1)

    @property
    def given_hints(self) -> list[Hint]:
        """The hints given to the open question."""
        return list_hints(self.item)[: self.hint_count]

    @property
    def objectives(self) -> list[str]:
        """The objectives of the lesson's questions, in order of appearance."""
        return list(dict.fromkeys(item.objective for item in self.lesson.items))

    def _shuffle_as_asked(self, number: int, answer_count: int) -> QuizItem:
        return shuffle_options(self.lesson.items[number], random.Random(f"{number} {answer_count}"))

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        lesson = self.lesson
        return {
            "title": lesson.title,
            "items": [item.to_json() for item in lesson.items],
            "cards": lesson.are_cards,
            "source": lesson.source,
            "before": {name: list(names) for name, names in lesson.prerequisites.items()},
            "skipped": lesson.skipped,
            "memories": {str(number): memory.to_json() for number, memory in self.memories.items()},
            "shown": [self.last_answer.number, self.last_answer.choice, self.last_answer.outcome]
            if self.last_answer
            else None,
            "at": self.open_number,
            "hints": self.hint_count,
            "turn": self.turn,
            "asked": self.answer_count,
            "right": self.right_count,
            "ahead": self.ahead,
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
        return cls(
            lesson,
            memories,
            data["at"],
            data["hints"],
            data["turn"],
            data["asked"],
            data["right"],
            last_answer,
            data["ahead"],
        )


def limit_size(lesson: Lesson) -> Lesson:
    """Limit a lesson to the maximum numbers of questions and objectives of a course."""
    items = lesson.items[:MAX_ITEMS]
    names = [item.objective for item in items]
    objectives = sorted(set(names), key=lambda name: (-names.count(name), names.index(name)))[:MAX_OBJECTIVES]
    items = tuple(item if item.objective in objectives else replace(item, objective=lesson.title) for item in items)
    prerequisites = {
        objective: tuple(name for name in required_names if name in objectives)
        for objective, required_names in lesson.prerequisites.items()
        if objective in objectives
    }
    return replace(
        lesson, items=items, prerequisites=prerequisites, skipped=lesson.skipped + len(lesson.items) - len(items)
    )


def list_due(course: Course, now: datetime) -> list[int]:
    """Return the numbers of the due questions, the least likely to be recalled first."""
    numbers = [number for number, memory in course.memories.items() if memory.due <= now]
    return sorted(
        numbers, key=lambda number: (spacing.estimate_recall(course.memories[number], now), course.memories[number].due)
    )


def find_next_due(course: Course) -> datetime | None:
    """Return when the first question is due; None if none has been asked yet."""
    return min((memory.due for memory in course.memories.values()), default=None)


def estimate_objectives(course: Course, record: Record) -> dict[str, float]:
    """Return the probability that each objective is known."""
    return {name: estimate(record.get(name, ())) for name in course.objectives}


def choose_next_item(course: Course, record: Record, now: datetime, last_number: int | None = None) -> int | None:
    """Choose the number of the next question, never `last_number`; return None if nothing is to be asked now.

    Due questions come first, then those of the objective with the highest expected gain whose prerequisites are mastered, then
    new cards. With `course.ahead`, the last resort is the question of the least known objective that was asked longest ago.
    """
    due_numbers = [number for number in list_due(course, now) if number != last_number]
    if due_numbers:
        return due_numbers[0]
    rested_numbers = [
        number
        for number in range(len(course.lesson.items))
        if number != last_number and _is_rested(course, number, now)
    ]
    estimates = estimate_objectives(course, record)
    unmastered = [name for name, probability in estimates.items() if probability < bkt.MASTERY_THRESHOLD]
    ready = [
        objective
        for objective in unmastered
        if not any(name in unmastered for name in course.lesson.prerequisites.get(objective, ()))
    ]
    for names in (ready, unmastered):
        if candidates := [number for number in rested_numbers if course.lesson.items[number].objective in names]:
            return max(candidates, key=lambda number: _rank_gain(course, number, estimates))
    unseen_numbers = [number for number in rested_numbers if number not in course.memories]
    if unseen_numbers and course.lesson.are_cards:
        return unseen_numbers[0]
    other_numbers = [number for number in range(len(course.lesson.items)) if number != last_number]
    if not course.ahead or not other_numbers:
        return None
    return min(other_numbers, key=lambda number: _rank_age(course, number, estimates))


def _is_rested(course: Course, number: int, now: datetime) -> bool:
    memory = course.memories.get(number)
    return memory is None or now - memory.seen >= MIN_REST


def _rank_gain(course: Course, number: int, estimates: Mapping[str, float]) -> tuple[float, bool, int]:
    """Return a sort key, highest first: the expected gain of the objective, then new questions, then the order of the lesson."""
    gain = bkt.expect_gain(estimates[course.lesson.items[number].objective])
    return gain, number not in course.memories, -number


def _rank_age(course: Course, number: int, estimates: Mapping[str, float]) -> tuple[float, datetime]:
    """Return a sort key: the probability that the objective is known, then when the question was asked last."""
    seen_at = course.memories[number].seen if number in course.memories else _NEVER
    return estimates[course.lesson.items[number].objective], seen_at


def begin_session(course: Course, record: Record, now: datetime, *, ahead: bool = False) -> Course:
    """Return the course with a session begun; an open question stays open."""
    if course.open_number is not None:
        return course
    course = replace(course, hint_count=0, turn=course.turn + 1, ahead=ahead)
    last_number = course.last_answer.number if course.last_answer else None
    item_number = choose_next_item(course, record, now, last_number)
    if item_number is None and last_number is not None and course.memories[last_number].due <= now:
        item_number = last_number
    return replace(course, open_number=item_number, last_answer=None if item_number is not None else course.last_answer)


# Answers for the record of mastery: objective and encoded answer.
RecordedAnswers = list[tuple[str, int]]


def record_answer(course: Course, choice: str, record: Record, now: datetime) -> tuple[Course, RecordedAnswers]:
    """Return the course after an answer; after hints a right one counts less, as guessing was easier."""
    item = course.item
    if is_right(item, choice):
        grade = Grade.HARD if course.hint_count else Grade.GOOD
        return _apply_outcome(
            course, "right", choice, estimate_guess_after(item, course.given_hints), grade, record, now
        )
    return _apply_outcome(course, "wrong", choice, bkt.estimate_guess(item.question), Grade.AGAIN, record, now)


def record_claim(course: Course, record: Record, now: datetime) -> tuple[Course, RecordedAnswers]:
    """Return the course after the user claims to know the answer: the question is due much later, and the claim counts little."""
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
    """Return the course after one more hint; the last hint is the answer, and counts as a wrong answer of the user."""
    hints = list_hints(course.item)
    if course.hint_count + 1 < len(hints):
        return replace(course, hint_count=course.hint_count + 1, turn=course.turn + 1), []
    return _apply_outcome(course, "told", "", bkt.estimate_guess(course.item.question), Grade.AGAIN, record, now)


def end_session(course: Course) -> Course:
    """Return the course with its session ended."""
    return replace(course, open_number=None, hint_count=0, turn=course.turn + 1, ahead=False)


def _apply_outcome(
    course: Course, outcome: Outcome, choice: str, guess: float, grade: Grade, record: Record, now: datetime
) -> tuple[Course, RecordedAnswers]:
    number = course.open_number
    assert number is not None
    is_right_answer = outcome in ("right", "claimed")
    answers = [(course.lesson.items[number].objective, mastery.encode_answer(right=is_right_answer, guess=guess))]
    memories = {**course.memories, number: spacing.review_card(course.memories.get(number), grade, now)}
    updated = replace(
        course,
        memories=memories,
        hint_count=0,
        turn=course.turn + 1,
        answer_count=course.answer_count + 1,
        right_count=course.right_count + (outcome == "right"),
        last_answer=LastAnswer(number, choice, outcome),
    )
    return replace(
        updated, open_number=choose_next_item(updated, mastery.add_answers(record, answers), now, number)
    ), answers


@dataclass(frozen=True, slots=True)
class ObjectiveProgress:
    """The progress with an objective: the probability that it is known, and the numbers of its questions asked, in all, and due."""

    objective: str
    probability: float
    seen_count: int
    item_count: int
    due_count: int


def list_objective_progress(course: Course, record: Record, now: datetime) -> list[ObjectiveProgress]:
    """Return the progress with each objective of a course, the least known first."""
    due_numbers, estimates = set(list_due(course, now)), estimate_objectives(course, record)
    rows = []
    for objective in course.objectives:
        numbers = [number for number, item in enumerate(course.lesson.items) if item.objective == objective]
        seen_count = sum(number in course.memories for number in numbers)
        due_count = sum(number in due_numbers for number in numbers)
        rows.append(ObjectiveProgress(objective, estimates[objective], seen_count, len(numbers), due_count))
    return sorted(rows, key=lambda row: (row.probability, row.objective.casefold()))
