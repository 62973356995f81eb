"""A course: questions and cards that one person learns from, which of them is asked next, and what an answer changes. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from . import bkt, mastery, spacing
from .hints import Hint, guess_after, hints_of
from .mastery import Record, estimate
from .quiz_game import Item, is_right, mixed
from .spacing import Grade, Memory

MAX_ITEMS = 500
# So many objectives are told apart in a course; what is rarer is of the course as a whole.
MAX_OBJECTIVES = 40
_PLAIN = ("at", "hints", "turn", "asked", "right", "ahead")
# What is not due is not asked again within a sitting, also where its objective is open.
RESTS = timedelta(hours=8)

_NEVER = datetime.min.replace(tzinfo=UTC)

Outcome = Literal["right", "wrong", "claimed", "told"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a course is made of: its title, questions, and which objectives come before which. `cards` are facts of their own."""

    title: str
    items: tuple[Item, ...]
    cards: bool = False
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What was answered last: the number of the question, the answer, and how it went."""

    number: int
    choice: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Course:
    """How far somebody is with a lesson. `at` is the question that is asked, None between sittings; `hints` were given to it.

    `turn` rises with each thing that is done, `asked` with each answer; `memories` are of the questions that were asked. Who goes on
    `ahead` is asked although nothing is to be asked for now.
    """

    lesson: Lesson
    memories: Mapping[int, Memory] = field(default_factory=dict)
    at: int | None = None
    hints: int = 0
    turn: int = 0
    asked: int = 0
    right: int = 0
    shown: Shown | None = None
    ahead: bool = False

    @property
    def item(self) -> Item:
        """The question that is asked, its options in the order of this time."""
        assert self.at is not None
        return self._as_asked(self.at, self.asked)

    @property
    def shown_item(self) -> Item:
        """The question that was answered last, as it was asked."""
        assert self.shown is not None
        return self._as_asked(self.shown.number, self.asked - 1)

    @property
    def given(self) -> list[Hint]:
        """The hints to the question that is asked."""
        return hints_of(self.item)[: self.hints]

    @property
    def objectives(self) -> list[str]:
        """What its questions are about, in their order."""
        return list(dict.fromkeys(one.objective for one in self.lesson.items))

    def _as_asked(self, number: int, asked: int) -> Item:
        return mixed(self.lesson.items[number], random.Random(f"{number} {asked}"))

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        one = self.lesson
        return {
            "title": one.title, "items": [item.to_json() for item in one.items], "cards": one.cards, "source": one.source,
            "before": {name: list(names) for name, names in one.before.items()}, "skipped": one.skipped,
            "memories": {str(number): memory.to_json() for number, memory in self.memories.items()},
            "shown": [self.shown.number, self.shown.choice, self.shown.outcome] if self.shown else None,
            **{name: getattr(self, name) for name in _PLAIN},
        }  # fmt: skip

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept."""
        lesson = Lesson(
            data["title"], tuple(map(Item.of, data["items"])), data["cards"],
            {name: tuple(names) for name, names in data["before"].items()}, data["source"], data["skipped"],
        )  # fmt: skip
        memories = {int(number): Memory.of(one) for number, one in data["memories"].items()}
        shown = Shown(*data["shown"]) if data["shown"] else None
        plain = {name: data[name] for name in _PLAIN}
        return cls(lesson, memories, shown=shown, **plain)


def bounded(lesson: Lesson) -> Lesson:
    """A lesson with as many questions and objectives as a course has room for."""
    items = lesson.items[:MAX_ITEMS]
    names = [one.objective for one in items]
    kept = sorted(set(names), key=lambda name: (-names.count(name), names.index(name)))[:MAX_OBJECTIVES]
    items = tuple(one if one.objective in kept else replace(one, objective=lesson.title) for one in items)
    before = {name: tuple(one for one in first if one in kept) for name, first in lesson.before.items() if name in kept}
    return replace(lesson, items=items, before=before, skipped=lesson.skipped + len(lesson.items) - len(items))


def due(course: Course, now: datetime) -> list[int]:
    """The questions that are due, what is recalled least likely first."""
    found = [number for number, memory in course.memories.items() if memory.due <= now]
    return sorted(found, key=lambda number: (spacing.recall(course.memories[number], now), course.memories[number].due))


def next_due(course: Course) -> datetime | None:
    """When the first of its questions is due, None where none was asked."""
    return min((memory.due for memory in course.memories.values()), default=None)


def known_of(course: Course, record: Record) -> dict[str, float]:
    """How likely each of its objectives is known."""
    return {name: estimate(record.get(name, ())) for name in course.objectives}


def next_item(course: Course, record: Record, now: datetime, last: int | None = None) -> int | None:
    """The question that is asked next, never the one that was asked `last`; None where nothing is to be asked for now.

    What is due comes first. Then comes the objective of which most is to be gained, before which nothing is open that should
    be known first; then cards that were never asked. Who goes on ahead is asked of what is known least what was asked longest ago.
    """
    waiting = [number for number in due(course, now) if number != last]
    if waiting:
        return waiting[0]
    fresh = [number for number in range(len(course.lesson.items)) if number != last and _may_come(course, number, now)]
    known = known_of(course, record)
    opens = [name for name, share in known.items() if share < bkt.MASTERED]
    ready = [name for name in opens if not any(one in opens for one in course.lesson.before.get(name, ()))]
    for names in (ready, opens):
        if found := [number for number in fresh if course.lesson.items[number].objective in names]:
            return max(found, key=lambda number: _worth(course, number, known))
    unseen = [number for number in fresh if number not in course.memories]
    if unseen and course.lesson.cards:
        return unseen[0]
    others = [number for number in range(len(course.lesson.items)) if number != last]
    return min(others, key=lambda number: _long_ago(course, number, known)) if course.ahead and others else None


def _may_come(course: Course, number: int, now: datetime) -> bool:
    memory = course.memories.get(number)
    return memory is None or now - memory.seen >= RESTS


def _worth(course: Course, number: int, known: Mapping[str, float]) -> tuple[float, bool, int]:
    """What a question brings: by its objective, then what was never asked, in their order."""
    gained = bkt.gain(known[course.lesson.items[number].objective])
    return gained, number not in course.memories, -number


def _long_ago(course: Course, number: int, known: Mapping[str, float]) -> tuple[float, datetime]:
    return known[course.lesson.items[number].objective], course.memories[
        number
    ].seen if number in course.memories else _NEVER


def sat_down(course: Course, record: Record, now: datetime, *, ahead: bool = False) -> Course:
    """The course at the begin of a sitting; one that is at a question stays there."""
    if course.at is not None:
        return course
    course = replace(course, hints=0, turn=course.turn + 1, ahead=ahead)
    last = course.shown.number if course.shown else None
    at = next_item(course, record, now, last)
    if at is None and last is not None and course.memories[last].due <= now:
        at = last
    return replace(course, at=at, shown=None if at is not None else course.shown)


# An answer as it is added to a record: its objective, and its sign there.
Said = list[tuple[str, int]]


def answered(course: Course, choice: str, record: Record, now: datetime) -> tuple[Course, Said]:
    """The course after an answer. One with hints shows less: the chance to guess was larger."""
    item = course.item
    if is_right(item, choice):
        grade = Grade.HARD if course.hints else Grade.GOOD
        return _moved(course, "right", choice, guess_after(item, course.given), grade, record, now)
    return _moved(course, "wrong", choice, bkt.guess_of(item.question), Grade.AGAIN, record, now)


def claimed(course: Course, record: Record, now: datetime) -> tuple[Course, Said]:
    """The course after somebody says that they know it: it is due late, and shows little."""
    return _moved(
        course, "claimed", "", max(bkt.CLAIMED, guess_after(course.item, course.given)), Grade.EASY, record, now
    )


def hinted(course: Course, record: Record, now: datetime) -> tuple[Course, Said]:
    """The course after one more hint. The last one is the answer, and counts as a wrong one."""
    steps = hints_of(course.item)
    if course.hints + 1 < len(steps):
        return replace(course, hints=course.hints + 1, turn=course.turn + 1), []
    return _moved(course, "told", "", bkt.guess_of(course.item.question), Grade.AGAIN, record, now)


def stopped(course: Course) -> Course:
    """The course after its sitting was ended."""
    return replace(course, at=None, hints=0, turn=course.turn + 1, ahead=False)


def _moved(
    course: Course, outcome: Outcome, choice: str, guess: float, grade: Grade, record: Record, now: datetime
) -> tuple[Course, Said]:
    number = course.at
    assert number is not None
    right = outcome in ("right", "claimed")
    said = [(course.lesson.items[number].objective, mastery.sign(right=right, guess=guess))]
    memories = {**course.memories, number: spacing.reviewed(course.memories.get(number), grade, now)}
    moved = replace(
        course, memories=memories, hints=0, turn=course.turn + 1, asked=course.asked + 1,
        right=course.right + (outcome == "right"), shown=Shown(number, choice, outcome),
    )  # fmt: skip
    return replace(moved, at=next_item(moved, mastery.added(record, said), now, number)), said


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with an objective: how likely it is known, how many of its questions were asked, and are due."""

    objective: str
    known: float
    seen: int
    all: int
    due: int


def standings(course: Course, record: Record, now: datetime) -> list[Standing]:
    """How somebody stands with each objective of a course, what is known least first."""
    waiting, known = set(due(course, now)), known_of(course, record)
    rows = []
    for name in course.objectives:
        numbers: Sequence[int] = [at for at, one in enumerate(course.lesson.items) if one.objective == name]
        seen = sum(one in course.memories for one in numbers)
        rows.append(Standing(name, known[name], seen, len(numbers), sum(one in waiting for one in numbers)))
    return sorted(rows, key=lambda one: (one.known, one.objective.casefold()))
