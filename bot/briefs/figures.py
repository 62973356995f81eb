"""Which numbers of a brief are of its subject and must stand in the result. Pure."""

from __future__ import annotations

from .items import Brief, Item, clause, item_at
from .lexicon import normalised
from .quantities import Quantity

# Items before and behind a number that may say that it is about whoever writes.
_BEFORE, _BEHIND = 5, 3


def figures_of(brief: Brief, left: list[Quantity], end: int) -> list[str]:
    """The figures of the subject, as they are written, in their order.

    `left` are the numbers that count nothing; behind `end` stands somebody's own text, whose numbers are all of the subject.
    """
    items, free = brief.items, {one.number: one for one in left}
    found: list[str] = []
    for at, item in enumerate(items):
        if item.used or item.sort not in ("figure", "number") or _is_writers(items, at):
            continue
        if item.sort == "figure":
            found.append(item.text if item.kind == "date" else item.text.rstrip(" .,"))
        elif item.text[:1].isdigit() and not _is_label(brief, items, at):
            if at in free and free[at].bound == "range":
                last = max(place for place in range(at, free[at].last + 1) if items[place].sort == "number")
                found.append(brief.text[item.start : items[last].end])
            elif item.kind == "ordinal" or at in free or at >= end:
                found.append(item.text)
    return found


def _is_writers(items: list[Item], at: int) -> bool:
    """Whether a number is about whoever writes, or about the work: deadlines, budgets, the size of a class."""
    start, end = clause(items, at)
    return any(item.has("writer") for item in items[max(start, at - _BEFORE) : min(end, at + _BEHIND)])


def _is_label(brief: Brief, items: list[Item], at: int) -> bool:
    """Whether a number is part of a name or tells when: "Trailmate 300", "A4", "chapter 4", "acts 1-3", "in 10 minutes"."""
    item, before, after = items[at], item_at(items, at - 1), item_at(items, at + 1)
    if brief.language == "ja":
        return before.end == item.start and normalised(before.text).isascii() and before.text.isalpha()
    if after.start == item.end and after.text.isalpha() and item.kind != "ordinal":
        return True
    if before.has("label") or (
        before.has("to") and item_at(items, at - 2).sort == "number" and item_at(items, at - 3).has("label")
    ):
        return True
    if normalised(before.text) == "in" and after.has("time"):
        return True
    glued = before.sort == "word" and before.end == item.start and before.text.isalpha()
    # In German every noun is written with a capital.
    named = (
        before.sort == "word"
        and not before.means
        and before.text[:1].isupper()
        and item_at(items, at - 2).sort != "stop"
        and brief.language != "de"
    )
    return glued or (named and at > 1 and before.end + 1 == item.start)
