"""Days of the week that a brief moves to others, and where a text still names one of them as if it held. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.days_said import weekday_of, weekdays_said

from .wording import MOST_READ, filled, spoken

_SENTENCE = re.compile(r"[^.!?…\n]{1,400}")
_MOVES = r"(?<!\w)(?:<moved.moves>)(?!\w)"
# Before the day that is left, between the two, and before the one that comes in its place.
_FROM, _TO = (
    r"(?<!\w)(?:<moved.from>)\s(?:<moved.the>\s)?$",
    r"^(?:\W|\s[^\W\d]{0,12}){0,3}?\W(?:<moved.to>)\s(?:<moved.the>\s)?$",
)
_NOT = r"(?<!\w)(?:<moved.not>)\s(?:<moved.on>\s)?(?:<moved.the>\s)?$"
# What tells that a day is the one of before: that it moves, is none any more, or was the usual one.
_TOLD = r"(?<!\w)(?:<moved.moves>|<moved.not>|<moved.before>)(?!\w)"
_MOST_BEFORE, _MOST_BETWEEN = 40, 40


@dataclass(frozen=True, slots=True)
class MovedDay:
    """A day of the week that another takes the place of, as it is written, and where it stands."""

    said: str
    start: int

    @property
    def weekday(self) -> int | None:
        """Its number, 0 for Monday."""
        return weekday_of(self.said)


def moved_days(text: str, code: str = "") -> list[MovedDay]:
    """The days that a text moves to others: "from Tuesday to Thursday", "on Thursday instead of Tuesday"."""
    code = code or spoken(text)
    return [one for sentence, start in _sentences(text[:MOST_READ]) for one in _moved_in(sentence, start, code)]


def still_said(text: str, brief: str, code: str) -> list[str]:
    """The days that a brief moves and that a text names as if they held, each as it is written there.

    A sentence that tells of the change may name them, and all may where the brief names such a day for something else.
    """
    moved = moved_days(brief)
    left = {one.weekday for one in moved}
    named = [weekday_of(word) for word, _ in weekdays_said(brief[:MOST_READ])]
    left -= {day for day in left if named.count(day) > sum(one.weekday == day for one in moved)}
    if not left:
        return []
    told, from_it = filled(_TOLD, code), filled(_FROM, code)
    return [
        word
        for sentence, _ in _sentences(text)
        if not told.search(sentence)
        for word, at in weekdays_said(sentence)
        if weekday_of(word) in left and not from_it.search(sentence[max(0, at - _MOST_BEFORE) : at])
    ]


def _sentences(text: str) -> Iterator[tuple[str, int]]:
    for found in _SENTENCE.finditer(text):
        yield found.group(), found.start()


def _moved_in(sentence: str, start: int, code: str) -> Iterator[MovedDay]:
    days = weekdays_said(sentence)
    moves = bool(len(days) > 1 and filled(_MOVES, code).search(sentence))
    for at, (word, place) in enumerate(days):
        before = sentence[max(0, place - _MOST_BEFORE) : place]
        if at and filled(_NOT, code).search(before) and weekday_of(word) != weekday_of(days[at - 1][0]):
            yield MovedDay(word, start + place)
        elif moves and at + 1 < len(days) and filled(_FROM, code).search(before):
            other, there = days[at + 1]
            between = sentence[place + len(word) : there][:_MOST_BETWEEN]
            if weekday_of(other) != weekday_of(word) and filled(_TO, code).search(between):
                yield MovedDay(word, start + place)
