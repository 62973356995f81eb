"""What a brief says of a portion of what it asks for: "the last 2 are word problems", "20 minutes in class". Pure.

No bound holds it, so its numbers are none of the whole; it is kept in the brief's own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .forms import Form
from .items import Item, clause, item_at
from .lexicon import meaning_of
from .quantities import Quantity

# Items between a word such as "last" and its number or noun.
_NEAR = 2
# Entries that a portion has at most.
_MAX = 60
_TIMES = ("1", "60", "0")
# Signs within a clause.
_JOINTS = frozenset("/|·•-–")
_LISTS = frozenset(",、،")
Span = tuple[int, int]


def portions_of(items: list[Item], form: Form, quantities: list[Quantity]) -> list[Span]:
    """From where to where a brief speaks of portions, in its order; the numbers there are used then."""
    names = _names(form)
    found = [one for one in quantities if _is_portion(items, one, quantities, names)]
    starts = [_start(items, one, names) for one in found]
    if form.lasts:
        timed = list(_times(items, quantities))
        starts += [_stretch(items, one.first)[0] for one in timed]
        found += timed
    for one in found:
        one.used = True
        for item in items[one.first : one.last + 1]:
            item.used = True
    starts += _rests(items, starts)
    starts += _without_numbers(items, names)
    return sorted({(items[start].start, items[_stretch(items, start)[1] - 1].end) for start in starts})


@cache
def _names(form: Form) -> frozenset[str]:
    """What a kind's entries are called in a reading."""
    return frozenset({form.main, *form.entries.values(), *form.called, *map(meaning_of, form.nouns)}) - {"", "skip"}


def _stretch(items: list[Item], at: int) -> Span:
    """The stretch between commas and stops that a place stands in; a slash or a bracket ends none."""
    start, end = clause(items, at)
    while start and items[start - 1].text in _JOINTS:
        start, _ = clause(items, start - 2) if start > 1 else (0, 0)
    while end < len(items) and items[end].text in _JOINTS:
        _, end = clause(items, end + 1) if end + 1 < len(items) else (0, end + 1)
    return start, end


def _says(item: Item, what: str) -> bool:
    return item.means.get("portion") == what


def _named(item: Item, names: frozenset[str]) -> bool:
    return item.noun in names or item.has("own")


def _start(items: list[Item], one: Quantity, names: frozenset[str]) -> int:
    """Where the words that tell a portion begin, back to those beside its number."""
    start, _ = clause(items, one.first)
    near = range(max(start, one.first - _NEAR), one.first)
    told = next((at for at in near if _says(items[at], "rank") or _named(items[at], names)), one.first)
    return told - 1 if told > start and items[told - 1].has("article") else told


def _rests(items: list[Item], starts: list[int]) -> Iterator[int]:
    """Where the rest is told right behind a portion: "questions 1-6 multiple choice, the rest true or false"."""
    for start in starts:
        _, end = _stretch(items, start)
        first = next((at for at in (end + 1, end + 2) if _says(item_at(items, at), "rank")), None)
        if first is not None and item_at(items, first + 1).sort == "word":
            yield end + 1


def _is_portion(items: list[Item], one: Quantity, all_of: list[Quantity], names: frozenset[str]) -> bool:
    """Whether a number is that of some of the entries: "the last 2", "questions 1-3"."""
    if one.used or one.high > _MAX or one.bound not in ("", "range"):
        return False
    start, end = clause(items, one.first)
    before, behind = item_at(items, one.first - 1), items[one.last + 1 : end]
    if _named(before, names) and not before.has("units"):
        goes_on = bool(behind) and not behind[0].has("each", "units", "time") and not behind[0].noun
        if one.bound == "range" and one.low == 1:
            return goes_on
        if not items[one.number].text.isdigit():
            return False
        whole = next((other for other in all_of if _counts(items, other, names)), None)
        return goes_on and behind[0].has("is") and whole is not None and whole is not one and one.high <= whole.high
    named_behind = any(_named(item, names) for item in behind[: _NEAR + 1])
    if _says(before, "among") and one.bound == "":
        return not named_behind
    ranked = any(_says(item, "rank") for item in items[max(start, one.first - _NEAR) : one.first])
    after = behind[1:2] if behind and _named(behind[0], names) else behind[:1]
    ranked = ranked or any(_says(item, "rank") for item in after)
    if not ranked or any(item.has("time", "when") for item in behind[:1]):
        return False
    if named_behind:
        return True
    whole = next((other for other in all_of if _counts(items, other, names)), None)
    return whole is not None and whole is not one and one.high < whole.high


def _counts(items: list[Item], one: Quantity, names: frozenset[str]) -> bool:
    """Whether a number is that of the entries in all."""
    near = [*items[one.last + 1 : one.last + 1 + _NEAR], *items[max(0, one.first - _NEAR) : one.first]]
    return any(_named(item, names) for item in near)


def _times(items: list[Item], quantities: list[Quantity]) -> Iterator[Quantity]:
    """Durations beside the one of the whole, and the numbers that take their unit: "10 minutes outside, 25 in class"."""
    ends: set[int] = set()
    listed: list[Quantity] = []
    for one in quantities:
        unit = one.last + 1 + (item_at(items, one.last + 1).text == "-")
        start, end = clause(items, one.first)
        if one.used:
            listed = []
        elif item_at(items, unit).means.get("time") in _TIMES:
            glued = item_at(items, unit + 1).start == items[unit].end and item_at(items, unit + 1).sort == "number"
            if not glued and not any(item.has("writer") or item.means.get("time") == "no" for item in items[start:end]):
                ends.add(end)
                yield from (*listed, one)
            listed = []
        elif start - 1 in ends and start == one.first and _is_bare(items, one):
            ends.add(end)
            yield one
        else:
            joins = item_at(items, one.last + 1)
            listed = (
                [*listed, one] if joins.text in _LISTS or joins.has("also") or joins.means.get("to") == "and" else []
            )


def _is_bare(items: list[Item], one: Quantity) -> bool:
    """Whether words stand behind a number, none of which it counts."""
    _, end = clause(items, one.first)
    behind = items[one.last + 1 : end]
    return bool(behind) and not any(item.has("units", "nouns", "own") for item in behind[:_NEAR])


def _without_numbers(items: list[Item], names: frozenset[str]) -> Iterator[int]:
    """Where a brief speaks of an entry by its place, or tells where the key stands: "first slide is a question"."""
    for at, item in enumerate(items):
        if _says(item, "rank") and _named(item_at(items, at + 1), names) and item_at(items, at + 2).has("is"):
            yield at
        if _says(item, "share") and (
            _named(item_at(items, at + 1), names) or item_at(items, at + 1).has("pronoun", "each")
        ):
            yield at
        if _says(item, "apart"):
            start, end = clause(items, at)
            key = next((place for place in range(start, end) if _is_key(items[place])), None)
            if key is not None and not any(one.sort == "number" and not one.used for one in items[start:end]):
                yield min(key, at)


def _is_key(item: Item) -> bool:
    return _says(item, "key") or item.noun == "answer"


def shared_duration(items: list[Item], at: int, quantities: list[Quantity]) -> bool:
    """Whether a duration, whose unit stands at a place, begins a row of them, each with what it is for, and so is none of the whole."""
    start, end = clause(items, at)
    one = next((known for known in quantities if known.first == start and known.last + 1 == at), None)
    if (
        one is None
        or end - at < _NEAR
        or (item_at(items, at + 1).has("nouns", "time", "of") and not _tells(items, at, end))
    ):
        return False
    follows = next((known for known in quantities if known.first == end + 1), None)
    if follows is None or item_at(items, end).text not in _LISTS:
        return False
    again = item_at(items, follows.last + 1).means.get("time") in _TIMES
    return again or _is_bare(items, follows)


def _tells(items: list[Item], at: int, end: int) -> bool:
    """Whether plain words stand behind a duration: "10 minutes in the garden"."""
    return any(item.sort == "word" and not item.means for item in items[at + 1 : end])
