"""Finds the negations that precede or follow an item of a brief."""

from __future__ import annotations

from bisect import bisect_left

from .items import Item, find_clause, get_item

# The maximum distance in items of a negation from what it rules out: "not in a circle".
_MAX_NEGATION_DISTANCE = 3
# The maximum distance of a trailing "in none of them".
_MAX_TRAILING_DISTANCE = 2
# The maximum number of literals in a list that one negation rules out.
_MAX_LISTED_LITERALS = 4
_MAX_CLAUSE_ITEMS = 6


def is_ruled_out(items: list[Item], start: int) -> bool:
    """Whether a negation shortly precedes a position of the text in its clause: "no circle", "not in a circle"."""
    index = bisect_left(items, start, key=lambda item: item.start)
    clause_start, _ = find_clause(items, index) if index < len(items) else (index, index)
    before = items[max(clause_start, index - _MAX_NEGATION_DISTANCE) : index]
    return any(item.has("no.before") and not item.has("most.before") for item in before)


def is_negated(items: list[Item], index: int) -> bool:
    """Whether a negation precedes or follows the literal at an index in its clause, or in its list.

    The next clause may rule it out as well: "'cosy' is overused, leave it out".
    """
    start, end = _find_listed_clause(items, index)
    before = items[start:index][-_MAX_CLAUSE_ITEMS:]
    after = [item for item in items[index + 1 : end] if item.type != "literal" and not item.has("also")]
    return (
        any(map(_is_negation, before))
        or any(item.has("no.after", "none") for item in after[:_MAX_CLAUSE_ITEMS])
        or any(map(is_none_of_them, after[:_MAX_TRAILING_DISTANCE]))
        or _is_dropped_afterwards(items, end)
    )


def is_negated_after(items: list[Item], index: int) -> bool:
    """Whether a negation follows the item at an index in its clause: "superlatives are out"."""
    _, end = find_clause(items, index)
    following = items[index + 1 : min(end, index + _MAX_CLAUSE_ITEMS)]
    has_other_noun = any(item.has("nouns") and not item.has("avoid") for item in following[:2])
    return not has_other_noun and any(item.has("no.after") for item in following)


def _find_listed_clause(items: list[Item], index: int) -> tuple[int, int]:
    """Return the clause of a literal, extended to the literals in its list: "'cosy', 'snug' and 'homely' must go"."""
    start, end = find_clause(items, index)
    for _ in range(_MAX_LISTED_LITERALS):
        if start > 1 and items[start - 2].type == "literal" and all(map(_is_list_item, items[start:index])):
            start, _ = find_clause(items, start - 2)
        if get_item(items, end + 1).type == "literal" and all(map(_is_list_item, items[index:end])):
            _, end = find_clause(items, end + 1)
    return start, end


def _is_list_item(item: Item) -> bool:
    return item.type in ("literal", "comma") or item.has("also")


def _is_negation(item: Item) -> bool:
    rules_out = item.has("no.before", "unsaid", "none", "without") or is_none_of_them(item)
    return rules_out and not item.has("most.before")


def is_none_of_them(item: Item) -> bool:
    """Whether an item is "none of them" as a negation, not a bound: "none of them longer than 30 characters"."""
    return item.meanings.get("each") == "none" and not item.has("most.before")


def _is_dropped_afterwards(items: list[Item], end: int) -> bool:
    """Whether the clause after an index only rules out what was named: "…, so leave it out please"."""
    _, clause_end = find_clause(items, end + 1) if end + 1 < len(items) else (end, end)
    remaining = [item for item in items[end + 1 : clause_end] if not item.has("please", "also")]
    return (
        0 < len(remaining) <= _MAX_NEGATION_DISTANCE
        and remaining[-1].has("none")
        and not any(item.has("nouns", "avoid") for item in remaining)
    )
