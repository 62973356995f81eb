"""Limits of one brief that cannot hold together, and the question which of them does. Pure."""

from __future__ import annotations

from bot.briefs import SizeBound, read_by_patterns
from bot.checks.limits import limits_of
from bot.content import Assignment, Kind
from bot.errors import Phrase

# A word has at least so many characters with its space, in any language that puts spaces between words.
_SHORTEST_WORD = 4
_COUNTED_IN_CHARACTERS = ("characters", "graphemes", "weighted characters", "bytes")


def question_about(assignment: Assignment) -> Phrase | None:
    """The question which of two limits holds, None where all can. Wishes that came later stand for themselves."""
    for said in (assignment.request.brief, *assignment.request.notes):
        for most in (_mosts(said, assignment.kind), _of_place(assignment)):
            found = _clash(_wanted(said, assignment.kind), most)
            if found:
                said = "{wanted} and {most} cannot both be. Which one holds? Ask again with that one alone."
                return Phrase(said, wanted=found[0], most=found[1])
    return None


_Bound = tuple[int, str, Phrase]


def _lengths(said: str, kind: Kind) -> list[SizeBound]:
    """What a text says of the length of the whole."""
    sizes = read_by_patterns(said, kind.reader).size
    return [size for size in sizes if size.of == "all" and size.unit in ("words", "characters")]


def _wanted(said: str, kind: Kind) -> list[_Bound]:
    """The lengths that a text asks for or more: the number, its unit, and how it is called."""
    lengths = _lengths(said, kind)
    least = [
        (size.low, size.unit, _bound("At least {count} {unit}", size.low, size.unit))
        for size in lengths
        if size.low and not size.high
    ]
    about = [
        (size.about, size.unit, _bound("About {count} {unit}", size.about, size.unit))
        for size in lengths
        if size.about and size.unit == "words"
    ]
    return [*least, *about]


def _mosts(said: str, kind: Kind) -> list[_Bound]:
    """The lengths that a text allows at most, for the whole."""
    return [
        (size.high, size.unit, _bound("at most {count} {unit}", size.high, size.unit))
        for size in _lengths(said, kind)
        if size.high and not size.low
    ]


def _of_place(assignment: Assignment) -> list[_Bound]:
    """What the place takes, for kinds whose text it bounds as a whole."""
    return [
        (
            limit.max,
            "characters",
            _bound("the {count:,} {unit} that {place} takes", limit.max, limit.unit, place=_title(limit.place)),
        )
        for limit in limits_of(assignment.place, assignment.language)
        if limit.field == "text" and limit.unit in _COUNTED_IN_CHARACTERS
    ]


def _clash(wanted: list[_Bound], mosts: list[_Bound]) -> tuple[Phrase, Phrase] | None:
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


def _bound(said: str, count: int, unit: str, **more: str) -> Phrase:
    return Phrase(said, count=count, unit=Phrase(unit), **more)


def _title(place: str) -> str:
    return {"x": "X"}.get(place, place.replace("_", " ").title())
