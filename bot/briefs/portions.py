"""Statements on a portion of what a brief asks for: "the last 2 are word problems", "20 minutes in class". Pure.

Their numbers are not bounds of the full result.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .forms import Form
from .items import Item, find_clause, get_item
from .lexicon import find_meaning
from .quantities import Quantity

# Items allowed between a word such as "last" and its number or noun.
_NEAR = 2
# The maximum entries of a portion.
_MAX_ENTRIES = 60
_TIMES = ("1", "60", "0")
# Signs that do not end a portion's span.
_JOINTS = frozenset("/|·•-–")
_LISTS = frozenset(",、،")
Span = tuple[int, int]


def find_portions(items: list[Item], form: Form, quantities: list[Quantity]) -> list[Span]:
    """Return the spans of portions in a brief, in order; marks their numbers as used."""
    names = _list_entry_names(form)
    found = [one for one in quantities if _is_portion(items, one, quantities, names)]
    starts = [_find_start(items, one, names) for one in found]
    if form.lasts:
        timed = list(_find_partial_durations(items, quantities))
        starts += [_find_stretch(items, one.first)[0] for one in timed]
        found += timed
    for one in found:
        one.is_used = True
        for item in items[one.first : one.last + 1]:
            item.is_used = True
    starts += _find_rests(items, starts)
    starts += _find_unnumbered_portions(items, names)
    return sorted({(items[start].start, items[_find_stretch(items, start)[1] - 1].end) for start in starts})


@cache
def _list_entry_names(form: Form) -> frozenset[str]:
    """Return the nouns for a kind's entries in a reading."""
    return frozenset({form.main, *form.entries.values(), *form.called, *map(find_meaning, form.nouns)}) - {"", "skip"}


def _find_stretch(items: list[Item], at: int) -> Span:
    """Return the span between commas and stops around a place; slashes and brackets do not end it."""
    start, end = find_clause(items, at)
    while start and items[start - 1].text in _JOINTS:
        start, _ = find_clause(items, start - 2) if start > 1 else (0, 0)
    while end < len(items) and items[end].text in _JOINTS:
        _, end = find_clause(items, end + 1) if end + 1 < len(items) else (0, end + 1)
    return start, end


def _has_portion_meaning(item: Item, what: str) -> bool:
    return item.meanings.get("portion") == what


def _is_entry(item: Item, names: frozenset[str]) -> bool:
    return item.noun in names or item.has("own")


def _find_start(items: list[Item], one: Quantity, names: frozenset[str]) -> int:
    """Return the start of the words that describe a portion."""
    start, _ = find_clause(items, one.first)
    near = range(max(start, one.first - _NEAR), one.first)
    begin = next(
        (at for at in near if _has_portion_meaning(items[at], "rank") or _is_entry(items[at], names)), one.first
    )
    return begin - 1 if begin > start and items[begin - 1].has("article") else begin


def _find_rests(items: list[Item], starts: list[int]) -> Iterator[int]:
    """Yield the start of a "rest" directly after a portion: "questions 1-6 multiple choice, the rest true or false"."""
    for start in starts:
        _, end = _find_stretch(items, start)
        first = next((at for at in (end + 1, end + 2) if _has_portion_meaning(get_item(items, at), "rank")), None)
        if first is not None and get_item(items, first + 1).type == "word":
            yield end + 1


def _is_portion(items: list[Item], one: Quantity, all_of: list[Quantity], names: frozenset[str]) -> bool:
    """Whether a number is that of a part of the entries: "the last 2", "questions 1-3"."""
    if one.is_used or one.high > _MAX_ENTRIES or one.bound not in ("", "range"):
        return False
    start, end = find_clause(items, one.first)
    before, behind = get_item(items, one.first - 1), items[one.last + 1 : end]
    if _is_entry(before, names) and not before.has("units"):
        goes_on = bool(behind) and not behind[0].has("each", "units", "time") and not behind[0].noun
        if one.bound == "range" and one.low == 1:
            return goes_on
        if not items[one.number_index].text.isdigit():
            return False
        whole = next((other for other in all_of if _counts_entries(items, other, names)), None)
        return goes_on and behind[0].has("is") and whole is not None and whole is not one and one.high <= whole.high
    named_behind = any(_is_entry(item, names) for item in behind[: _NEAR + 1])
    if _has_portion_meaning(before, "among") and one.bound == "":
        return not named_behind
    ranked = any(_has_portion_meaning(item, "rank") for item in items[max(start, one.first - _NEAR) : one.first])
    after = behind[1:2] if behind and _is_entry(behind[0], names) else behind[:1]
    ranked = ranked or any(_has_portion_meaning(item, "rank") for item in after)
    if not ranked or any(item.has("time", "when") for item in behind[:1]):
        return False
    if named_behind:
        return True
    whole = next((other for other in all_of if _counts_entries(items, other, names)), None)
    return whole is not None and whole is not one and one.high < whole.high


def _counts_entries(items: list[Item], one: Quantity, names: frozenset[str]) -> bool:
    """Whether a number is the total of the entries."""
    near = [*items[one.last + 1 : one.last + 1 + _NEAR], *items[max(0, one.first - _NEAR) : one.first]]
    return any(_is_entry(item, names) for item in near)


def _find_partial_durations(items: list[Item], quantities: list[Quantity]) -> Iterator[Quantity]:
    """Yield partial durations besides the total, and the numbers that share their unit: "10 minutes outside, 25 in class"."""
    ends: set[int] = set()
    listed: list[Quantity] = []
    for one in quantities:
        unit = one.last + 1 + (get_item(items, one.last + 1).text == "-")
        start, end = find_clause(items, one.first)
        if one.is_used:
            listed = []
        elif get_item(items, unit).meanings.get("time") in _TIMES:
            glued = get_item(items, unit + 1).start == items[unit].end and get_item(items, unit + 1).type == "number"
            if not glued and not any(
                item.has("writer") or item.meanings.get("time") == "no" for item in items[start:end]
            ):
                ends.add(end)
                yield from (*listed, one)
            listed = []
        elif start - 1 in ends and start == one.first and _is_bare(items, one):
            ends.add(end)
            yield one
        else:
            joins = get_item(items, one.last + 1)
            listed = (
                [*listed, one] if joins.text in _LISTS or joins.has("also") or joins.meanings.get("to") == "and" else []
            )


def _is_bare(items: list[Item], one: Quantity) -> bool:
    """Whether words follow a number without a noun for it."""
    _, end = find_clause(items, one.first)
    behind = items[one.last + 1 : end]
    return bool(behind) and not any(item.has("units", "nouns", "own") for item in behind[:_NEAR])


def _find_unnumbered_portions(items: list[Item], names: frozenset[str]) -> Iterator[int]:
    """Yield the start of statements on an entry by its position, or on the location of the key: "first slide is a question"."""
    for at, item in enumerate(items):
        if (
            _has_portion_meaning(item, "rank")
            and _is_entry(get_item(items, at + 1), names)
            and get_item(items, at + 2).has("is")
        ):
            yield at
        if _has_portion_meaning(item, "share") and (
            _is_entry(get_item(items, at + 1), names) or get_item(items, at + 1).has("pronoun", "each")
        ):
            yield at
        if _has_portion_meaning(item, "apart"):
            start, end = find_clause(items, at)
            key = next((place for place in range(start, end) if _is_key(items[place])), None)
            if key is not None and not any(one.type == "number" and not one.is_used for one in items[start:end]):
                yield min(key, at)


def _is_key(item: Item) -> bool:
    return _has_portion_meaning(item, "key") or item.noun == "answer"


def is_shared_duration(items: list[Item], at: int, quantities: list[Quantity]) -> bool:
    """Whether the duration with its unit at a place begins a list of partial durations, and so is not the total."""
    start, end = find_clause(items, at)
    one = next((known for known in quantities if known.first == start and known.last + 1 == at), None)
    if (
        one is None
        or end - at < _NEAR
        or (get_item(items, at + 1).has("nouns", "time", "of") and not _has_plain_words(items, at, end))
    ):
        return False
    follows = next((known for known in quantities if known.first == end + 1), None)
    if follows is None or get_item(items, end).text not in _LISTS:
        return False
    again = get_item(items, follows.last + 1).meanings.get("time") in _TIMES
    return again or _is_bare(items, follows)


def _has_plain_words(items: list[Item], at: int, end: int) -> bool:
    """Whether plain words follow a duration: "10 minutes in the garden"."""
    return any(item.type == "word" and not item.meanings for item in items[at + 1 : end])
