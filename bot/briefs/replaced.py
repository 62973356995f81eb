"""What another takes the place of in a brief: a day, a time, a price or a code of before, and the hour of what is off. Pure.

None of these has to be told, and a text that still names such a day as if it held says something wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.days_said import weekday_of, weekdays_said

from .wording import MOST_READ, filled, spoken

_SENTENCE = re.compile(r"[^.!?…\n]{1,400}")
_END = re.compile(r"[.!?…;\n]\s")
_CLAUSE = re.compile(r"[!?…;\n]|[.:,]\s")
_MOVES = r"(?<!\w)(?:<replaced.moves>)(?!\w)"
_OFF = r"(?<!\w)(?:<replaced.off>)(?!\w)"
# A day of the week may stand beside each.
_DAY = (
    r"(?:(?:[^\W\d_]{2,8}(?:day|tag|woch|di|feira|dì)|tues?|wed|thurs?|[a-z]{2}|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|seg|ter|qua|qui"
    r"|sex|mon|fri|sat|sun|martes|lunes|jueves|viernes|sábado|domingo|miércoles|terça|quinta|sexta|segunda|quarta)\.?,?\s)?"
)
# Before what is left.
_FROM = r"(?<!\w)(?:<replaced.from>)\s(?:<replaced.the>\s)?"
_NOT = r"(?<!\w)(?:<replaced.not>)\s(?:<replaced.on>\s)?(?:<replaced.the>\s)?"
_WAS = r"(?<!\w)(?:<replaced.was>)[\s:]{1,2}(?:<replaced.the>\s)?"
# Behind one that is taken back: "15 % no sorry 5 %", "9.6kg.. hang on no that's the big one, this is 5.8".
_SORRY = r"^\s?(?:\.{2,3}|[,;–(…-])?\s?(?:<replaced.sorry>)(?=[\s,:–-])[^.;!?\n\d]{0,40}\d"
# Behind one that another follows from: "10 % off = 15.25".
_MAKES = re.compile(r"[^\d.;!?=\n]{0,20}=\s?[^\d\s]{0,3}\s?\d")
# Between what is left and what comes: a figure, or a day.
_TO = r"(?:<replaced.to>)\s(?:<replaced.the>\s)?"
_TO_FIGURE = rf"^[\w.,:]{{0,10}}\s(?:[^\W\d_]{{1,12}}\s){{0,3}}?{_TO}(?:[^\W\d_]{{2,12}}\.?,?\s){{0,2}}\d"
_TO_DAY = rf"^(?:\W|\s[^\W\d]{{0,12}}){{0,3}}?\W{_TO}$"
# What tells that a day is the one of before: that it moves, is none any more, or was the usual one.
_TOLD = r"(?<!\w)(?:<replaced.moves>|<replaced.not>|<replaced.before>)(?!\w)"
_MOST_BEFORE, _MOST_BETWEEN, _MOST_AROUND = 60, 40, 160


@dataclass(frozen=True, slots=True)
class MovedDay:
    """A day of the week that another takes the place of, as it is written, and where it stands."""

    said: str
    start: int

    @property
    def weekday(self) -> int | None:
        """Its number, 0 for Monday."""
        return weekday_of(self.said)


def is_replaced(text: str, start: int, end: int, code: str) -> bool:
    """Whether words of a brief are what another takes the place of: "from 12 to 14", "not 12", "10 % off = 15.25"."""
    before = text[max(0, start - _MOST_BEFORE) : start]
    if filled(rf"{_NOT}{_DAY}$", code).search(before) or filled(rf"{_WAS}{_DAY}$", code).search(before):
        return True
    behind = text[end : end + _MOST_BEFORE]
    if filled(_SORRY, code).search(behind) or _MAKES.match(behind):
        return True
    if not filled(rf"{_FROM}{_DAY}$", code).search(before):
        return False
    head = _END.split(text[max(0, start - _MOST_AROUND) : start])[-1]
    tail = _END.split(text[end : end + _MOST_AROUND])[0]
    return bool(filled(_TO_FIGURE, code).search(tail) and filled(_MOVES, code).search(head + tail))


def is_off(text: str, start: int, end: int, code: str) -> bool:
    """Whether the clause around words of a brief says that something does not take place: "termin 14:15 fällt aus"."""
    head = _CLAUSE.split(text[max(0, start - _MOST_AROUND) : start])[-1]
    tail = _CLAUSE.split(text[end : end + _MOST_AROUND])[0]
    return filled(_OFF, code).search(head + text[start:end] + tail) is not None


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
    told, from_it = filled(_TOLD, code), filled(f"{_FROM}$", code)
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
        if at and filled(f"{_NOT}$", code).search(before) and weekday_of(word) != weekday_of(days[at - 1][0]):
            yield MovedDay(word, start + place)
        elif moves and at + 1 < len(days) and filled(f"{_FROM}$", code).search(before):
            other, there = days[at + 1]
            between = sentence[place + len(word) : there][:_MOST_BETWEEN]
            if weekday_of(other) != weekday_of(word) and filled(_TO_DAY, code).search(between):
                yield MovedDay(word, start + place)
