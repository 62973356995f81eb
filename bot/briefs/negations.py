"""Negations of a brief, and whether one concerns a place: "no circle badge", "superlatives are out". Pure."""

from __future__ import annotations

from bisect import bisect_left

from .items import Item, find_clause, get_item

# The maximum distance of a negation from what it rules out: "not in a circle".
_MAX_DISTANCE = 3
# The maximum distance of a trailing "in none of them".
_MAX_TRAILING_DISTANCE = 2
MAX_CLAUSE_ITEMS = 6
# Literals of a list that one negation rules out together.
_MAX_LISTED_LITERALS = 4


def is_forbidden(items: list[Item], at: int) -> bool:
    """Whether a negation precedes or follows a literal in its clause, or in its list.

    The next clause may rule it out as well: "'cosy' is overused, leave it out".
    """
    start, end = _find_listed_clause(items, at)
    before, behind = items[start:at][-MAX_CLAUSE_ITEMS:], items[at + 1 : end]
    following = [one for one in behind if one.sort != "literal" and not one.has("also")][:MAX_CLAUSE_ITEMS]
    return (
        any(map(_forbids, before))
        or any(one.has("no.after", "none") for one in following)
        or any(is_none_of_them(one) for one in following[:_MAX_TRAILING_DISTANCE])
        or _is_dropped(items, end)
    )


def _find_listed_clause(items: list[Item], at: int) -> tuple[int, int]:
    """Return the clause of a literal, extended to the literals in its list: "'cosy', 'snug' and 'homely' must go"."""
    start, end = find_clause(items, at)
    for _ in range(_MAX_LISTED_LITERALS):
        if start > 1 and items[start - 2].sort == "literal" and all(map(_is_listed, items[start:at])):
            start, _ = find_clause(items, start - 2)
        if get_item(items, end + 1).sort == "literal" and all(map(_is_listed, items[at:end])):
            _, end = find_clause(items, end + 1)
    return start, end


def _is_listed(item: Item) -> bool:
    return item.sort in ("literal", "comma") or item.has("also")


def _forbids(item: Item) -> bool:
    denies = item.has("no.before", "unsaid", "none", "without") or is_none_of_them(item)
    return denies and not item.has("most.before")


def is_none_of_them(item: Item) -> bool:
    """Whether an item is "none of them" as a negation, not a bound: "none of them longer than 30 characters"."""
    return item.meanings.get("each") == "none" and not item.has("most.before")


def _is_dropped(items: list[Item], end: int) -> bool:
    """Whether the clause after a place only rules out what was named: "..., so leave it out please"."""
    _, stop = find_clause(items, end + 1) if end + 1 < len(items) else (end, end)
    remaining = [one for one in items[end + 1 : stop] if not one.has("please", "also")]
    return (
        0 < len(remaining) <= _MAX_DISTANCE
        and remaining[-1].has("none")
        and not any(one.has("nouns", "avoid") for one in remaining)
    )


def is_ruled_out(items: list[Item], start: int) -> bool:
    """Whether a negation directly precedes a place in its clause: "no circle badge", "not in a circle"."""
    at = bisect_left(items, start, key=lambda item: item.start)
    begins, _ = find_clause(items, at) if at < len(items) else (at, at)
    before = items[max(begins, at - _MAX_DISTANCE) : at]
    return any(one.has("no.before") and not one.has("most.before") for one in before)


def is_refused(items: list[Item], at: int) -> bool:
    """Whether a negation follows something in its clause: "superlatives are out"."""
    _, end = find_clause(items, at)
    behind = items[at + 1 : min(end, at + MAX_CLAUSE_ITEMS)]
    other = any(one.has("nouns") and not one.has("avoid") for one in behind[:2])
    return not other and any(one.has("no.after") for one in behind)
