"""A text as a template: its prices, dates, names and figures are blanks that somebody fills in, without a model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from bot.checks.amounts import AMOUNT
from bot.checks.dates import LANGUAGES, MONTH, NTH, OF, build_alternatives, load_day_names

Sort = Literal["price", "date", "name", "figure"]
# A modal has so many fields.
MAX_BLANKS = 5
# Characters of a text that are looked through, and of a value that is a blank.
_MAX_READ, _MAX_VALUE = 6_000, 80
# Characters around a blank that tell which it is.
_AROUND = 24
# Nouns are written like names in these, so that none is known for one.
_NOUNS_ARE_CAPITALISED = ("de",)

_SIGN = r"(?:[€£$¥]|R\$|\b(?:CHF|EUR|USD|GBP|BRL)\b)"
_UNIT = r"(?:[€£$¥]|(?:CHF|EUR|USD|GBP|BRL|euros?|dollars?|pounds?|francs?|Franken|reais|pence|centavos)\b)"
_PRICE = re.compile(rf"{_SIGN}\s?{AMOUNT}|{AMOUNT}\s?{_UNIT}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d.,:])\d{1,2}(?::\d\d(?::\d\d)?(?:\s?[ap]\.?m\b|\s?(?:Uhr|h)\b)?"
    r"|\s?[ap]\.?m\b|\s?Uhr\b|\s?h(?:\s?\d\d)?\b)(?!\d)",
    re.IGNORECASE,
)
_FIGURE = re.compile(rf"{AMOUNT}(?:\s?%)?", re.IGNORECASE)
# What looks like a name: "Fern & Fog Coffee" within a sentence, "Maria Lopez" at its beginning too.
_NAME = re.compile(r"(?:(?<=[a-z,;] )|(?<!\S)(?=[A-Z][\w'’-]{3,40} [A-Z]))[A-Z][\w'’-]+(?: (?:& |and )?[A-Z][\w'’-]+)*")
_LINK = re.compile(r"https?://\S+|www\.\S+|(?<!\S)[^\s@]{1,64}@[^\s@.]{1,63}\.\S{1,190}|(?<!\w)#\w+|@\w+")


# What lays a text out: the signs of headings, lists and quotes, rules of tables, emphasis.
_MARKS = re.compile(
    r"^[ \t]*(?:#{1,6}|[-*+]|\d{1,3}[.)])[ \t]|^[ \t]*>[ \t]?|^[ \t|:-]{3,}$|[*_~`|]{1,3}", re.MULTILINE
)
# What says which part follows, and is no name: headings, and labels that a line begins with.
_LABELS = re.compile(
    r"^[ \t]*#{1,6}[ \t].*$|^[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t])?[*_]{0,3}[^\W\d_][^\n:*|]{0,40}(?::[*_]{0,3}|[*_]{1,3}:)(?=[ \t]|$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Blank:
    """A part of a text that is other each time: what it is, what stands there, and the words around it."""

    sort: Sort
    value: str
    around: str


def blanks(text: str, language: str = "en") -> list[Blank]:
    """The blanks of a text, in its order, five at most: prices and dates go first, then names, then other figures.

    What stands there twice is one. `language` (ISO 639-1) is the text's.
    """
    text = text[:_MAX_READ]
    taken = bytearray(len(text))
    # An address is not other each time by its figures, nor is what lays the text out.
    for pattern in (_LINK, _MARKS):
        for one in pattern.finditer(text):
            taken[one.start() : one.end()] = b"\x01" * (one.end() - one.start())
    labels = [one.span() for one in _LABELS.finditer(text)]
    found: dict[str, tuple[int, Blank]] = {}
    bare = _MARKS.sub(lambda one: " " * len(one[0]), text)
    for sort, start, end in _spans(bare, language):
        value = text[start:end]
        if any(taken[start:end]) or len(value) > _MAX_VALUE:
            continue
        if sort == "name" and any(first <= start < last for first, last in labels):
            continue
        taken[start:end] = b"\x01" * (end - start)
        if value not in found and len(found) < MAX_BLANKS:
            found[value] = start, Blank(sort, value, _around(text, start, end))
    return [blank for _, blank in sorted(found.values(), key=lambda one: one[0])]


def _spans(text: str, language: str) -> Iterator[tuple[Sort, int, int]]:
    """Where blanks may stand, the likeliest first."""
    for pattern in (_PRICE,):
        yield from (("price", one.start(), one.end()) for one in pattern.finditer(text))
    for pattern in (_dates(), _CLOCK):
        yield from (("date", one.start(), one.end()) for one in pattern.finditer(text))
    if language not in _NOUNS_ARE_CAPITALISED:
        yield from (("name", one.start(), one.end()) for one in _NAME.finditer(text))
    yield from (("figure", one.start(), one.end()) for one in _FIGURE.finditer(text))


@cache
def _dates() -> re.Pattern[str]:
    """A day with or without its weekday, year and month: "Saturday, 3 May 2027", "May 3rd", "03.05.", "2027-05-03", "Monday"."""
    names = {name for code in LANGUAGES for name in load_day_names(code)[0] if len(name) > 3}
    weekday = rf"(?<!\w)(?:{build_alternatives(names)})(?!\w)"
    year = r"(?:,?\s(?:de\s)?(?:19|20)\d\d(?!\d))?"
    named = rf"(?<![\d.,])\d{{1,2}}{NTH}{OF}\s?\b{MONTH}\b{year}|\b{MONTH}\.?\s\d{{1,2}}(?![\d:]){NTH}\b{year}"
    numbers = r"(?<![\d./-])(?:(?:19|20)\d\d-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:(?:19|20)?\d\d)?)(?![\d/])"
    day = rf"(?:{named}|{numbers})"
    return re.compile(rf"{weekday},?\s(?:the |den |le |el |dem )?{day}|{day}|{weekday}", re.IGNORECASE)


def _around(text: str, start: int, end: int) -> str:
    """The words on both sides of a blank, on its line."""
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    after = text[end : end + _AROUND].partition("\n")[0]
    if start > _AROUND and len(before) == _AROUND:
        before = before.partition(" ")[2]
    if len(after) == _AROUND:
        after = after.rpartition(" ")[0]
    return " ".join(f"{_MARKS.sub(' ', before)}___{_MARKS.sub(' ', after)}".split())


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with other values in its blanks, by those that stand there; each in one go, so that no value is replaced twice."""
    changed = {old: new for old, new in values.items() if new and new != old}
    if not changed:
        return text
    wanted = "|".join(_bounded(one) for one in sorted(changed, key=len, reverse=True))
    return re.sub(wanted, lambda found: changed[found[0]], text)


def filled_parts(value: Any, values: Mapping[str, str]) -> Any:
    """The parts of a text, every string of them filled in."""
    match value:
        case str():
            return filled(value, values)
        case list():
            return [filled_parts(one, values) for one in value]
        case dict():
            return {name: filled_parts(one, values) for name, one in value.items()}
        case _:
            return value


def _bounded(value: str) -> str:
    """A value where it stands by itself: "5" is no part of "15" or "5.30"."""
    before = r"(?<!\w)(?<!\d[.,:])" if value[:1].isalnum() else ""
    after = r"(?!\w)(?![.,:]\d)" if value[-1:].isalnum() else ""
    return f"{before}{re.escape(value)}{after}"
