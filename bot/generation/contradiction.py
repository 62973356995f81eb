"""Limits of one brief that cannot hold together, and the question which of them does. Pure."""

from __future__ import annotations

import re

from bot.checks.limits import limits_of
from bot.content import Assignment, Kind

from .wishes import caps_in, words_in

# A word has at least so many characters with its space, in any language that puts spaces between words.
_SHORTEST_WORD = 4
_LEAST = re.compile(
    r"\b(?:at least|min(?:imum)?\.?(?:\s+of)?|more than|over|no less than)\s*(\d{1,5})\s*-?(char(?:acter)?s?|words?)\b",
    re.IGNORECASE,
)
_COUNTED_IN_CHARACTERS = ("characters", "graphemes", "weighted characters", "bytes")


def question_about(assignment: Assignment) -> str:
    """The question which of two limits holds, empty where all can. Wishes that came later stand for themselves."""
    for said in (assignment.request.brief, *assignment.request.notes):
        for wanted, most in ((_wanted(said), _mosts(said, assignment.kind)), (_wanted(said), _of_place(assignment))):
            found = _clash(wanted, most)
            if found:
                return f"{found[0]} and {found[1]} cannot both be. Which one holds? Ask again with that one alone."
    return ""


_Bound = tuple[int, str, str]


def _wanted(said: str) -> list[_Bound]:
    """The lengths that a text asks for or more: the number, its unit, and how it is called."""
    found = [
        (int(least[1]), _unit(least[2]), f"At least {least[1]} {_unit(least[2])}") for least in _LEAST.finditer(said)
    ]
    about = words_in(_LEAST.sub(" ", said))
    return [*found, (about, "words", f"About {about} words")] if about else found


def _mosts(said: str, kind: Kind) -> list[_Bound]:
    """The lengths that a text allows at most, for the whole."""
    caps = [(most, unit) for (noun, unit), most in caps_in(said, kind) if not noun]
    return [(most, unit, f"at most {most} {unit}") for most, unit in caps]


def _of_place(assignment: Assignment) -> list[_Bound]:
    """What the place takes, for kinds whose text it bounds as a whole."""
    return [
        (limit.max, "characters", f"the {limit.max:,} {limit.unit} that {_title(limit.place)} takes")
        for limit in limits_of(assignment.place)
        if limit.field == "text" and limit.unit in _COUNTED_IN_CHARACTERS
    ]


def _clash(wanted: list[_Bound], mosts: list[_Bound]) -> tuple[str, str] | None:
    for least, least_unit, first in wanted:
        for most, most_unit, second in mosts:
            if _characters(least, least_unit) > _characters(most, most_unit, longest=least_unit == most_unit):
                return first, second
    return None


def _characters(count: int, unit: str, *, longest: bool = True) -> int:
    """A length in characters; words of the least length, so that only what is impossible is a clash."""
    if unit == "words":
        return count * _SHORTEST_WORD if longest else count * 100
    return count


def _unit(written: str) -> str:
    return "words" if written.lower().startswith("word") else "characters"


def _title(place: str) -> str:
    return {"x": "X"}.get(place, place.replace("_", " ").title())
