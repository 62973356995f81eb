"""A course in the terminal: what is asked next, hints, and how one stands at the end.

When each question is due is kept in the data folder, by marks of the questions: no word of them stands there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.runtime.files import keep_private, read_file, write_file
from bot.team.classroom import mastery
from bot.team.classroom.bkt import MASTERY_THRESHOLD
from bot.team.classroom.course import (
    Course,
    Lesson,
    RecordedAnswers,
    begin_session,
    end_session,
    find_next_due,
    give_hint,
    list_objective_progress,
    record_answer,
    record_claim,
)
from bot.team.classroom.hints import find_struck_options
from bot.team.classroom.lessons import read_lesson
from bot.team.classroom.quiz_game import QuizItem
from bot.team.classroom.spacing import CardMemory

# Within the data folder.
FOLDER = "learnt"
_LETTERS = "abcdefgh"
_WAYS = "A letter answers, several as in “a c”, or its words; numbers are typed. ? gives a hint, ! says that you know it, q stops."
_BAR = 20


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a course is asked: how a line is read, and one written; `ask` gives None at the end of what is typed."""

    ask: Callable[[str], str | None]
    say: Callable[[str], None]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the questions of a lesson are due, in a file of the data folder; a deck of that title that has changed goes on with the
    cards that it still has.
    """

    file: Path

    @classmethod
    def of(cls, lesson: Lesson, data: Path) -> Schedule:
        """That of a lesson, by its title."""
        return cls(data / FOLDER / f"{_mark(lesson.title)}.json")

    def opened(self, lesson: Lesson) -> tuple[Course, mastery.Record]:
        """The course as it was left, and the last answers to each objective; those of a beginner where nothing is kept."""
        kept = self._read()
        questions = {_mark_of(item): number for number, item in enumerate(lesson.items)}
        objectives = {_mark(item.objective): item.objective for item in lesson.items}
        memories = {
            questions[mark]: CardMemory.from_json(one) for mark, one in kept["due"].items() if mark in questions
        }
        record = {objectives[mark]: signs for mark, signs in kept["answers"].items() if mark in objectives}
        return Course(lesson, memories), record

    def keep(self, course: Course, record: mastery.Record) -> None:
        """Keeps how far a course is.

        Raises:
            FileError: it cannot be written.
        """
        kept, items = self._read(), course.lesson.items
        kept["due"] |= {_mark_of(items[number]): one.to_json() for number, one in course.memories.items()}
        kept["answers"] |= {_mark(name): list(signs) for name, signs in record.items()}
        keep_private()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_file(self.file, json.dumps(kept).encode())

    def forget(self) -> None:
        """Begins anew."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> dict[str, dict[str, Any]]:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads(self.file.read_bytes())
            for one in kept["due"].values():
                CardMemory.from_json(one)
            return {"due": dict(kept["due"]), "answers": dict(kept["answers"])}
        return {"due": {}, "answers": {}}


def _mark(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def _mark_of(item: QuizItem) -> str:
    return _mark(json.dumps([item.question.text, sorted(item.question.right)]))


def learn_file(
    file: Path, terminal: Terminal, data: Path, *, most: int = 0, ahead: bool = False, anew: bool = False
) -> int:
    """Asks what is to be asked now of what a file holds, at most so many questions, all for 0; gives the exit code.

    Who goes on `ahead` is asked although nothing is due; `anew` forgets how far they were.

    Raises:
        FileError: it cannot be read, or there is nothing in it to learn from.
    """
    lesson = read_lesson(file.name, read_file(file))
    schedule = Schedule.of(lesson, data)
    if anew:
        schedule.forget()
    course, record = schedule.opened(lesson)
    course = begin_session(course, record, terminal.clock(), ahead=ahead)
    if course.at is None:
        terminal.say(f"{lesson.title}: nothing is due now. --ahead asks all the same, --anew begins anew.")
        for line in _summary(course, record, terminal.clock())[1:]:
            terminal.say(line)
        return 0
    terminal.say(f"{lesson.title}: {len(lesson.items)} questions. {_WAYS}\n")
    while course.at is not None and (not most or course.asked < most):
        typed = terminal.ask(_asked(course))
        if typed is None or typed.strip().casefold() == "q":
            course = end_session(course)
            break
        course, said = _done(course, typed.strip(), record, terminal)
        record = mastery.add_answers(record, said)
        if said:
            schedule.keep(course, record)
    for line in _summary(course, record, terminal.clock()):
        terminal.say(line)
    return 0


def _asked(course: Course) -> str:
    """The question with its options and the hints so far."""
    item, out = course.item, find_struck_options(course.given_hints)
    lines = [item.question.text, *(f"  {number}. {left}" for number, left in enumerate(item.question.lefts, 1))]
    if not item.is_written:
        shown = zip(_LETTERS, item.question.options, strict=False)
        lines += [f"  {letter}) {option}" for at, (letter, option) in enumerate(shown) if at not in out]
    lines += [f"  hint: {hint.words}" for hint in course.given_hints if hint.words]
    return "\n".join([*lines, "> "])


def _done(course: Course, typed: str, record: mastery.Record, terminal: Terminal) -> tuple[Course, RecordedAnswers]:
    """What a line does, and says of what is known; one that is no answer says how one is given."""
    now, item = terminal.clock(), course.item
    if typed == "?":
        after, said = give_hint(course, record, now)
    elif typed == "!":
        after, said = record_claim(course, record, now)
    elif (choice := _choice(item, typed)) is not None:
        after, said = record_answer(course, choice, record, now)
    else:
        terminal.say(_WAYS)
        return course, []
    if after.shown is not None and after.asked > course.asked:
        right = " / ".join(item.question.right)
        told = {"right": f"Right: {right}", "claimed": f"It is: {right}", "told": f"It is: {right}"}
        feedback = f" ({item.question.feedback})" if item.question.feedback else ""
        terminal.say(f"{told.get(after.shown.outcome, f'Not right. It is: {right}')}{feedback}\n")
    return after, said


def _choice(item: QuizItem, typed: str) -> str | None:
    """An answer as it is kept, of letters or an option's own words where there are options; None where it is none."""
    if item.is_written:
        return typed or None
    words = [" ".join(option.casefold().split()) for option in item.question.options]
    if not item.is_matching and len(typed) > 1 and (said := " ".join(typed.casefold().split())) in words:
        return str(words.index(said))
    places = [_LETTERS.find(one) for one in typed.casefold().replace(",", " ").split()]
    if not places or not all(0 <= at < len(item.question.options) for at in places):
        return None
    if (
        len(places) != len(item.question.lefts)
        if item.is_matching
        else len(places) > 1 and not item.has_several_answers
    ):
        return None
    return ",".join(map(str, places))


def _summary(course: Course, record: mastery.Record, now: datetime) -> list[str]:
    lines = [f"{course.right} of {course.asked} right."]
    for one in list_objective_progress(course, record, now):
        filled = round(one.known * _BAR)
        known = "known" if one.known >= MASTERY_THRESHOLD else "open"
        bar = "#" * filled + "." * (_BAR - filled)
        lines.append(f"{bar} {one.known:4.0%} {known:5}  {one.objective} ({one.seen} of {one.all} asked)")
    due = find_next_due(course)
    return [*lines, f"The next question is due {due.astimezone():%d %B %Y, %H:%M}."] if due else lines
