"""A course in the terminal: what is asked next, hints, and how one stands at the end. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.runtime.files import read_file
from bot.team.classroom import mastery
from bot.team.classroom.bkt import MASTERED
from bot.team.classroom.course import (
    Course,
    Said,
    answered,
    claimed,
    hinted,
    next_due,
    sat_down,
    standings,
    stopped,
)
from bot.team.classroom.hints import struck
from bot.team.classroom.lessons import read_lesson
from bot.team.classroom.quiz_game import Item

_LETTERS = "abcdefgh"
_WAYS = "A letter answers, several as in “a c”, or its words; numbers are typed. ? gives a hint, ! says that you know it, q stops."
_BAR = 20


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a course is asked: how a line is read, and one written; `ask` gives None at the end of what is typed."""

    ask: Callable[[str], str | None]
    say: Callable[[str], None]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def learn_file(file: Path, terminal: Terminal, *, most: int = 0) -> int:
    """Asks what a file holds, at most so many questions, all for 0; gives the exit code.

    Raises:
        FileError: it cannot be read, or there is nothing in it to learn from.
    """
    lesson = read_lesson(file.name, read_file(file))
    record: dict[str, list[int]] = {}
    course = sat_down(Course(lesson), record, terminal.clock())
    terminal.say(f"{lesson.title}: {len(lesson.items)} questions. {_WAYS}\n")
    while course.at is not None and (not most or course.asked < most):
        typed = terminal.ask(_asked(course))
        if typed is None or typed.strip().casefold() == "q":
            course = stopped(course)
            break
        course, said = _done(course, typed.strip(), record, terminal)
        record = mastery.added(record, said)
    for line in _summary(course, record, terminal.clock()):
        terminal.say(line)
    return 0


def _asked(course: Course) -> str:
    """The question with its options and the hints so far."""
    item, out = course.item, struck(course.given)
    lines = [item.question.text, *(f"  {number}. {left}" for number, left in enumerate(item.question.lefts, 1))]
    if not item.written:
        shown = zip(_LETTERS, item.question.options, strict=False)
        lines += [f"  {letter}) {option}" for at, (letter, option) in enumerate(shown) if at not in out]
    lines += [f"  hint: {hint.words}" for hint in course.given if hint.words]
    return "\n".join([*lines, "> "])


def _done(course: Course, typed: str, record: mastery.Record, terminal: Terminal) -> tuple[Course, Said]:
    """What a line does, and says of what is known; one that is no answer says how one is given."""
    now, item = terminal.clock(), course.item
    if typed == "?":
        after, said = hinted(course, record, now)
    elif typed == "!":
        after, said = claimed(course, record, now)
    elif (choice := _choice(item, typed)) is not None:
        after, said = answered(course, choice, record, now)
    else:
        terminal.say(_WAYS)
        return course, []
    if after.shown is not None and after.asked > course.asked:
        right = " / ".join(item.question.right)
        told = {"right": f"Right: {right}", "claimed": f"It is: {right}", "told": f"It is: {right}"}
        feedback = f" ({item.question.feedback})" if item.question.feedback else ""
        terminal.say(f"{told.get(after.shown.outcome, f'Not right. It is: {right}')}{feedback}\n")
    return after, said


def _choice(item: Item, typed: str) -> str | None:
    """An answer as it is kept, of letters or an option's own words where there are options; None where it is none."""
    if item.written:
        return typed or None
    words = [" ".join(option.casefold().split()) for option in item.question.options]
    if not item.matched and len(typed) > 1 and (said := " ".join(typed.casefold().split())) in words:
        return str(words.index(said))
    places = [_LETTERS.find(one) for one in typed.casefold().replace(",", " ").split()]
    if not places or not all(0 <= at < len(item.question.options) for at in places):
        return None
    if len(places) != len(item.question.lefts) if item.matched else len(places) > 1 and not item.several:
        return None
    return ",".join(map(str, places))


def _summary(course: Course, record: mastery.Record, now: datetime) -> list[str]:
    lines = [f"{course.right} of {course.asked} right."]
    for one in standings(course, record, now):
        filled = round(one.known * _BAR)
        known = "known" if one.known >= MASTERED else "open"
        bar = "#" * filled + "." * (_BAR - filled)
        lines.append(f"{bar} {one.known:4.0%} {known:5}  {one.objective} ({one.seen} of {one.all} asked)")
    due = next_due(course)
    return [*lines, f"The next question is due {due.astimezone():%d %B %Y, %H:%M}."] if due else lines
