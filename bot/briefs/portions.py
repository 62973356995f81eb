"""Marks the numbers of portions of what a brief asks for: "the last 2 are word problems", "20 minutes in class".

They are not bounds of the full result.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .forms import Form
from .items import Item, find_clause, get_item
from .lexicon import find_meaning
from .quantities import Quantity

# The maximum number of items between a word such as "last" and its number or noun.
_MAX_NEAR_ITEMS = 2
# The maximum number of entries of a portion.
_MAX_ENTRIES = 60
_TIME_UNITS = ("1", "60", "0")
_LIST_COMMAS = frozenset(",、،")


def mark_portions(items: list[Item], form: Form, quantities: list[Quantity]) -> None:
    """Mark the numbers of portions as used."""
    names = _list_entry_names(form)
    portions = [quantity for quantity in quantities if _is_portion(items, quantity, quantities, names)]
    if form.lasts:
        portions += _find_partial_durations(items, quantities)
    for portion in portions:
        portion.is_used = True
        for item in items[portion.first : portion.last + 1]:
            item.is_used = True


@cache
def _list_entry_names(form: Form) -> frozenset[str]:
    """Return the nouns for a kind's entries in a reading."""
    return frozenset({form.main, *form.entries.values(), *form.called, *map(find_meaning, form.nouns)}) - {"", "skip"}


def _has_portion_meaning(item: Item, meaning: str) -> bool:
    return item.meanings.get("portion") == meaning


def _is_entry(item: Item, names: frozenset[str]) -> bool:
    return item.noun in names or item.has("own")


def _is_portion(items: list[Item], quantity: Quantity, quantities: list[Quantity], names: frozenset[str]) -> bool:
    """Whether a number is that of some of the entries: "the last 2", "questions 1-3"."""
    if quantity.is_used or quantity.high > _MAX_ENTRIES or quantity.bound not in ("", "range"):
        return False
    start, end = find_clause(items, quantity.first)
    before, following = get_item(items, quantity.first - 1), items[quantity.last + 1 : end]
    total = next((other for other in quantities if _counts_entries(items, other, names)), None)
    if _is_entry(before, names) and not before.has("units"):
        continues = bool(following) and not following[0].has("each", "units", "time") and not following[0].noun
        if quantity.bound == "range" and quantity.low == 1:
            return continues
        if not continues or not items[quantity.number_index].text.isdigit() or not following[0].has("is"):
            return False
        return total is not None and total is not quantity and quantity.high <= total.high
    has_noun = any(_is_entry(item, names) for item in following[: _MAX_NEAR_ITEMS + 1])
    if _has_portion_meaning(before, "among") and quantity.bound == "":
        return not has_noun
    nearby_items = items[max(start, quantity.first - _MAX_NEAR_ITEMS) : quantity.first]
    nearby_items += following[1:2] if following and _is_entry(following[0], names) else following[:1]
    is_ranked = any(_has_portion_meaning(item, "rank") for item in nearby_items)
    if not is_ranked or any(item.has("time", "when") for item in following[:1]):
        return False
    return has_noun or (total is not None and total is not quantity and quantity.high < total.high)


def _counts_entries(items: list[Item], quantity: Quantity, names: frozenset[str]) -> bool:
    """Whether a number counts the entries, and so may be their total."""
    nearby_items = [
        *items[quantity.last + 1 : quantity.last + 1 + _MAX_NEAR_ITEMS],
        *items[max(0, quantity.first - _MAX_NEAR_ITEMS) : quantity.first],
    ]
    return any(_is_entry(item, names) for item in nearby_items)


def _find_partial_durations(items: list[Item], quantities: list[Quantity]) -> Iterator[Quantity]:
    """Yield partial durations and the numbers that share their unit: "10 minutes outside, 25 in class"."""
    clause_ends: set[int] = set()
    # The numbers of a list whose unit may follow, as in "10, 15 and 20 minutes".
    pending: list[Quantity] = []
    for quantity in quantities:
        joining_item = get_item(items, quantity.last + 1)
        unit_index = quantity.last + 1 + (joining_item.text == "-")
        start, end = find_clause(items, quantity.first)
        if quantity.is_used:
            pending = []
        elif get_item(items, unit_index).meanings.get("time") in _TIME_UNITS:
            following = get_item(items, unit_index + 1)
            is_code = following.start == items[unit_index].end and following.type == "number"  # "H2"
            if not is_code and not any(
                item.has("writer") or item.meanings.get("time") == "no" for item in items[start:end]
            ):
                clause_ends.add(end)
                yield from (*pending, quantity)
            pending = []
        elif start - 1 in clause_ends and start == quantity.first and _is_bare(items, quantity):
            clause_ends.add(end)
            yield quantity
        else:
            is_listed = joining_item.text in _LIST_COMMAS or joining_item.has("also")
            is_listed = is_listed or joining_item.meanings.get("to") == "and"
            pending = [*pending, quantity] if is_listed else []


def _is_bare(items: list[Item], quantity: Quantity) -> bool:
    """Whether words follow a number in its clause, but no noun or unit for it."""
    _, end = find_clause(items, quantity.first)
    following = items[quantity.last + 1 : end]
    return bool(following) and not any(item.has("units", "nouns", "own") for item in following[:_MAX_NEAR_ITEMS])


def is_shared_duration(items: list[Item], index: int, quantities: list[Quantity]) -> bool:
    """Whether the duration with its unit at an index begins a list of partial durations, and so is not the total."""
    start, end = find_clause(items, index)
    is_number = any(quantity.first == start and quantity.last + 1 == index for quantity in quantities)
    if not is_number or end - index < _MAX_NEAR_ITEMS:
        return False
    if get_item(items, index + 1).has("nouns", "time", "of") and not _has_plain_words(items, index, end):
        return False
    next_quantity = next((quantity for quantity in quantities if quantity.first == end + 1), None)
    if next_quantity is None or get_item(items, end).text not in _LIST_COMMAS:
        return False
    has_unit = get_item(items, next_quantity.last + 1).meanings.get("time") in _TIME_UNITS
    return has_unit or _is_bare(items, next_quantity)


def _has_plain_words(items: list[Item], index: int, end: int) -> bool:
    """Whether plain words follow a duration: "10 minutes in the garden"."""
    return any(item.type == "word" and not item.meanings for item in items[index + 1 : end])
