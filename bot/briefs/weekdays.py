"""Which days of the week a brief names of its subject, so that its text must say them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.dates import LANGUAGES
from bot.checks.days_said import weekdays_said
from bot.checks.weekdays import named_days

from .items import Brief, Item, item_at

# What stands before a day that is over, or on which the text itself comes out.
_PAST = re.compile(
    r"(?<!\w)(?:last|past|letzt(?:e[nrms]?)|vorig(?:e[nrms]?)|vergangen(?:e[nrms]?)|dernier|pasado|passad[oa]|scors[oa])\s$",
    re.IGNORECASE,
)
_PAST_BEHIND = re.compile(r"\s(?:dernier|pasado|passad[oa]|scors[oa])(?!\w)", re.IGNORECASE)
# What stands before a day that another takes the place of, which a text need not name.
_NOT = re.compile(
    r"(?<!\w)(?:not|instead of|nicht|statt|anstatt|non|pas le|au lieu d[eu]|en vez de|em vez de|não|invece d[ei])"
    r"\s(?:on |am |le |el |na |no )?$",
    re.IGNORECASE,
)
# Portuguese calls days as it counts: "na segunda" is Monday, "a segunda edição" the second one.
_COUNTED = frozenset({"segunda", "terça", "quarta", "quinta", "sexta"})
_ON = re.compile(r"(?<!\w)(?:n[ao]s?|toda|todas as|às|até|próxima|desta|nesta|esta)\s$", re.IGNORECASE)
_ENDS = re.compile(
    r"\s{0,3}(?:[.,;:!?)\n]|$|(?:às?|das|de (?:manhã|tarde|noite)|à|ao|pela|e|até|que vem|\d)(?!\w))", re.IGNORECASE
)
_MOST_BEFORE = 30


def weekdays_of(brief: Brief) -> Iterator[tuple[int, str, int]]:
    """The days that are named without a date, each with the number of the item that it stands in, as it is written, and its place.

    Not those that are over or no more, those of which a date tells, and those that only say when the text comes out: "a post for
    Friday".
    """
    dated = {
        day.start
        for code in dict.fromkeys((brief.language, "en"))
        if code in LANGUAGES
        for day in named_days(brief.text, code)
    }
    places = {item.start: number for number, item in enumerate(brief.items)}
    for word, start in weekdays_said(brief.text):
        number = next((number for at, number in places.items() if at <= start < brief.items[number].end), None)
        if (
            number is None
            or start in dated
            or brief.items[number].used
            or brief.items[number].sort not in ("word", "number")
        ):
            continue
        before = brief.text[max(0, start - _MOST_BEFORE) : start]
        behind = brief.text[start + len(word) :]
        if (
            _PAST.search(before)
            or _NOT.search(before)
            or _PAST_BEHIND.match(behind)
            or _is_ordinal(word, before, behind)
        ):
            continue
        if not _is_of_the_text(brief.items, number, behind):
            yield number, word.removesuffix("’s").removesuffix("'s"), start


def _is_ordinal(word: str, before: str, behind: str) -> bool:
    return word.casefold() in _COUNTED and not (_ON.search(before) and _ENDS.match(behind))


def _is_of_the_text(items: list[Item], number: int, behind: str) -> bool:
    """Whether a day says when the text comes out, or labels a line: "our Friday newsletter", "a post for Monday", "Monday: …"."""
    after = item_at(items, number + 1)
    if after.has("nouns", "own") and after.noun != "skip":
        return True
    for_it, noun = item_at(items, number - 1), item_at(items, number - 2)
    if (
        for_it.text.casefold() in ("for", "für", "pour", "para", "per")
        and noun.has("nouns", "own")
        and noun.noun != "skip"
    ):
        return True
    return behind.lstrip().startswith(":")
