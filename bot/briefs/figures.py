"""Which numbers of a brief are of its subject and must stand in the result. Pure."""

from __future__ import annotations

import re

from bot.checks.amounts import AMOUNT

from .forms import Form
from .items import Brief, Item, clause, item_at
from .lexicon import forms_of, normalised
from .numbered import numbers_that_name
from .quantities import Quantity
from .replaced import is_off, is_replaced, moved_days
from .untold import is_hushed
from .weekdays import weekdays_of
from .wording import filled

# Items before and behind a number that may say that it is about whoever writes.
_BEFORE, _BEHIND = 5, 3
# Figures that no other words can say.
_EXACT = frozenset({"date", "time", "hours", "money", "percent", "weekday", "number"})
# What those are of a thing that is described.
_OF_THINGS = frozenset({"size", "measure"})
_ENDS = ("stop", "comma")
_ALWAYS = re.compile(r"24\s?[/h]\s?(?:24|7)|7\s?/\s?7")
# What is a part and no day: "the 3/4 cello".
_FRACTIONS = frozenset({"1/2", "1/3", "2/3", "1/4", "3/4", "1/8"})
_THE = re.compile(r"(?<!\w)(?:the|an?|ein|eine|einem|une?|una|uma?)\s$", re.IGNORECASE)
# What looks like a price is one, also without its currency.
_CENTS = re.compile(r"\d{1,4}[.,]\d\d")
_AMOUNT = re.compile(AMOUNT, re.IGNORECASE)
# What stands before the day on which a text is sent, which is no matter of the text.
_SENT = r"(?<!\w)(?:<sending.sent>)\s*(?:(?:<sending.on>)\s*)?(?:(?:<order.day>),?\s*)?$"
_MOST_BEFORE = 60
# What stands around the number of those who are taught.
_BEFORE_CROWD = r"(?:^|[,.;:\n]|(?P<opened>\(\s?(?:<crowd.before>)?)|(?<!\w)<crowd.before>)\s*$"
_CROWD = r"\s{1,3}(?:[\w-]{1,30}\s)?<crowd.crowd>\s*(?:[,.;:!?()\n]|$)"
_OURS = r"\s{1,3}<crowd.ours>\s?\)"


def figures_of(brief: Brief, form: Form, left: list[Quantity], end: int) -> list[tuple[str, str]]:
    """The figures of the subject, as they are written, in their order, each with its kind, such as "date"; "" for plain numbers.

    `left` are the numbers that count nothing; behind `end` stands somebody's own text, whose numbers are all of the subject.
    """
    items, free = brief.items, {one.number: one for one in left}
    found: list[tuple[str, str]] = []
    for at, item in enumerate(items):
        if item.used or item.sort not in ("figure", "number") or _is_writers(items, at):
            continue
        if item.sort == "number" and _is_crowd(brief, item, taught=form.taught):
            continue
        if item.sort == "number" and item.kind == "ordinal" and _is_of_sending(brief, item):
            continue
        if item.sort == "figure":
            if not _is_of_sending(brief, item):
                found.append((_written(item), "" if _is_left_open(brief, item) else item.kind))
        elif item.text[:1].isdigit() and not _is_label(brief, items, at):
            if at in free and free[at].bound == "range":
                last = max(place for place in range(at, free[at].last + 1) if items[place].sort == "number")
                found.append((brief.text[item.start : items[last].end], ""))
            elif item.kind == "ordinal" or at in free or at >= end:
                written = _with_multiple(brief, item)
                found.append((written, "money" if _CENTS.fullmatch(written) else ""))
    return found


def is_exact(kind: str, form: Form) -> bool:
    """Whether figures of a kind have to stand in a text, as no other words can say them."""
    return kind in _EXACT or (form.measured and kind in _OF_THINGS)


def weekdays_told(brief: Brief) -> list[tuple[str, str]]:
    """The days of the week of the subject, as they are written, each with its kind, "weekday"; none that another takes the place of."""
    left = {one.start for one in moved_days(brief.text, brief.language)}
    return [
        (word, "weekday")
        for number, word, start in weekdays_of(brief)
        if start not in left and not _is_writers(brief.items, number) and not _is_sent_before(brief, start)
    ]


def numbers_told(brief: Brief, form: Form) -> list[tuple[str, str]]:
    """The numbers of codes, rooms and buses, as they are written, each with its kind, "number"; of a task's story none is due."""
    return [] if form.taught else [(number, "number") for number, _ in numbers_that_name(brief)]


def _is_left_open(brief: Brief, item: Item) -> bool:
    """Whether a figure need not be told: another takes its place, nobody is to know, it is of what is off or of a saying: "24/7"."""
    at = brief.text, item.start, item.end, brief.language
    before = brief.text[max(0, item.start - _MOST_BEFORE) : item.start]
    return (
        (item.text in _FRACTIONS and _THE.search(before) is not None)
        or _ALWAYS.fullmatch(item.text.strip()) is not None
        or is_replaced(*at)
        or is_hushed(*at)
        or (item.kind in ("time", "hours") and is_off(*at))
    )


def _written(item: Item) -> str:
    """A figure without the signs that end its clause; "6." is a day in German."""
    dotted = item.kind == "date" and item.text[-2:-1].isdigit()
    return item.text if dotted else item.text.rstrip(" .,")


def _with_multiple(brief: Brief, item: Item) -> str:
    """A number with the word that multiplies it: "46 million"."""
    amount = _AMOUNT.match(brief.text, item.start)
    return amount.group() if amount and amount.end() > item.end and " " in amount.group() else item.text


def _is_of_sending(brief: Brief, item: Item) -> bool:
    """Whether a date is when a text is sent, which is no matter of the text."""
    return item.kind in ("date", "ordinal") and _is_sent_before(brief, item.start)


def _is_sent_before(brief: Brief, start: int) -> bool:
    before = brief.text[max(0, start - _MOST_BEFORE) : start]
    return bool(filled(_SENT, brief.language).search(before))


def _is_writers(items: list[Item], at: int) -> bool:
    """Whether a number is about whoever writes, or about the work: deadlines, budgets, the size of a class."""
    start, end = clause(items, at)
    told = item_at(items, at - 1).has("subject") and item_at(items, at - 2).text.casefold() == "to"
    return told or any(item.has("writer") for item in items[max(start, at - _BEFORE) : min(end, at + _BEHIND)])


def _is_crowd(brief: Brief, item: Item, *, taught: bool) -> bool:
    """Whether a number is that of those who are taught, "a lesson, 28 kids", or of who comes together: "(there'll be 14 of us)"."""
    before = filled(_BEFORE_CROWD, brief.language).search(brief.text[max(0, item.start - _MOST_BEFORE) : item.start])
    if before is None:
        return False
    if taught and filled(_CROWD, brief.language).match(brief.text, item.end):
        return True
    return before["opened"] is not None and filled(_OURS, brief.language).match(brief.text, item.end) is not None


def _is_label(brief: Brief, items: list[Item], at: int) -> bool:
    """Whether a number is part of a name or tells when: "Trailmate 300", "A4", "chapter 4", "acts 1-3", "in 10 minutes"."""
    item, before, after = items[at], item_at(items, at - 1), item_at(items, at + 1)
    if brief.language == "ja":
        return before.end == item.start and normalised(before.text).isascii() and before.text.isalpha()
    if after.start == item.end and after.text.isalpha() and item.kind != "ordinal":
        return True
    if item.kind == "ordinal" and str(int(item.value)) in forms_of(brief.language, "audience", "grades").split("|"):
        # "Pour des 6e, 8 questions": a school year, and no sixth of something.
        return after.sort in _ENDS or after.has("of", "also", "is", "to", "session")
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
