"""A text as a template: its prices, dates, names and figures are blanks to be filled in, without a model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from bot.checks.amounts import AMOUNT
from bot.checks.dates import LANGUAGES, MONTH, NTH, OF, build_alternatives, load_day_names

BlankSort = Literal["price", "date", "name", "figure"]
# The most fields of a modal.
MAX_BLANKS = 5
# Characters of a text that are searched, and of the value of a blank.
_MAX_TEXT_CHARACTERS, _MAX_VALUE_CHARACTERS = 6_000, 80
# Characters of context on each side of a blank.
_CONTEXT_CHARACTERS = 24
# Languages that capitalise nouns, in which names cannot be recognised.
_CAPITALISED_NOUN_LANGUAGES = ("de",)

_SIGN = r"(?:[€£$¥]|R\$|\b(?:CHF|EUR|USD|GBP|BRL)\b)"
_UNIT = r"(?:[€£$¥]|(?:CHF|EUR|USD|GBP|BRL|euros?|dollars?|pounds?|francs?|Franken|reais|pence|centavos)\b)"
_PRICE = re.compile(rf"{_SIGN}\s?{AMOUNT}|{AMOUNT}\s?{_UNIT}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d.,:])\d{1,2}(?::\d\d(?::\d\d)?(?:\s?[ap]\.?m\b|\s?(?:Uhr|h)\b)?"
    r"|\s?[ap]\.?m\b|\s?Uhr\b|\s?h(?:\s?\d\d)?\b)(?!\d)",
    re.IGNORECASE,
)
_FIGURE = re.compile(rf"{AMOUNT}(?:\s?%)?", re.IGNORECASE)
# Likely names: "Fern & Fog Coffee" within a sentence, "Maria Lopez" at its beginning too.
_NAME = re.compile(r"(?:(?<=[a-z,;] )|(?<!\S)(?=[A-Z][\w'’-]{3,40} [A-Z]))[A-Z][\w'’-]+(?: (?:& |and )?[A-Z][\w'’-]+)*")
_LINK = re.compile(r"https?://\S+|www\.\S+|(?<!\S)[^\s@]{1,64}@[^\s@.]{1,63}\.\S{1,190}|(?<!\w)#\w+|@\w+")


# Markdown: headings, lists, quotes, table rules, emphasis.
_MARKS = re.compile(
    r"^[ \t]*(?:#{1,6}|[-*+]|\d{1,3}[.)])[ \t]|^[ \t]*>[ \t]?|^[ \t|:-]{3,}$|[*_~`|]{1,3}", re.MULTILINE
)
# Headings, and labels at the beginning of a line, which are not names.
_LABELS = re.compile(
    r"^[ \t]*#{1,6}[ \t].*$|^[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t])?[*_]{0,3}[^\W\d_][^\n:*|]{0,40}(?::[*_]{0,3}|[*_]{1,3}:)(?=[ \t]|$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Blank:
    """A variable part of a text: its sort, its value, and the words around it."""

    sort: BlankSort
    value: str
    around: str


def find_blanks(text: str, language: str = "en") -> list[Blank]:
    """Return up to `MAX_BLANKS` blanks of a text in its order; prices and dates take precedence, then names, then figures.

    A repeated value is one blank. `language` (ISO 639-1) is the text's.
    """
    text = text[:_MAX_TEXT_CHARACTERS]
    is_taken = bytearray(len(text))
    # Figures in addresses and in Markdown are not blanks.
    for pattern in (_LINK, _MARKS):
        for one in pattern.finditer(text):
            is_taken[one.start() : one.end()] = b"\x01" * (one.end() - one.start())
    labels = [one.span() for one in _LABELS.finditer(text)]
    found: dict[str, tuple[int, Blank]] = {}
    plain_text = _MARKS.sub(lambda one: " " * len(one[0]), text)
    for sort, start, end in _iter_spans(plain_text, language):
        value = text[start:end]
        if any(is_taken[start:end]) or len(value) > _MAX_VALUE_CHARACTERS:
            continue
        if sort == "name" and any(first <= start < last for first, last in labels):
            continue
        is_taken[start:end] = b"\x01" * (end - start)
        if value not in found and len(found) < MAX_BLANKS:
            found[value] = start, Blank(sort, value, _extract_context(text, start, end))
    return [blank for _, blank in sorted(found.values(), key=lambda one: one[0])]


def _iter_spans(text: str, language: str) -> Iterator[tuple[BlankSort, int, int]]:
    """Yield the spans of possible blanks, the likeliest first."""
    for pattern in (_PRICE,):
        yield from (("price", one.start(), one.end()) for one in pattern.finditer(text))
    for pattern in (_build_date_pattern(), _CLOCK):
        yield from (("date", one.start(), one.end()) for one in pattern.finditer(text))
    if language not in _CAPITALISED_NOUN_LANGUAGES:
        yield from (("name", one.start(), one.end()) for one in _NAME.finditer(text))
    yield from (("figure", one.start(), one.end()) for one in _FIGURE.finditer(text))


@cache
def _build_date_pattern() -> re.Pattern[str]:
    """Build the pattern of days with or without weekday and year: "Saturday, 3 May 2027", "May 3rd", "2027-05-03", "Monday"."""
    names = {name for code in LANGUAGES for name in load_day_names(code)[0] if len(name) > 3}
    weekday = rf"(?<!\w)(?:{build_alternatives(names)})(?!\w)"
    year = r"(?:,?\s(?:de\s)?(?:19|20)\d\d(?!\d))?"
    named = rf"(?<![\d.,])\d{{1,2}}{NTH}{OF}\s?\b{MONTH}\b{year}|\b{MONTH}\.?\s\d{{1,2}}(?![\d:]){NTH}\b{year}"
    numbers = r"(?<![\d./-])(?:(?:19|20)\d\d-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:(?:19|20)?\d\d)?)(?![\d/])"
    day = rf"(?:{named}|{numbers})"
    return re.compile(rf"{weekday},?\s(?:the |den |le |el |dem )?{day}|{day}|{weekday}", re.IGNORECASE)


def _extract_context(text: str, start: int, end: int) -> str:
    """Return the words on both sides of a blank, on its line."""
    before = text[max(0, start - _CONTEXT_CHARACTERS) : start].rpartition("\n")[2]
    after = text[end : end + _CONTEXT_CHARACTERS].partition("\n")[0]
    if start > _CONTEXT_CHARACTERS and len(before) == _CONTEXT_CHARACTERS:
        before = before.partition(" ")[2]
    if len(after) == _CONTEXT_CHARACTERS:
        after = after.rpartition(" ")[0]
    return " ".join(f"{_MARKS.sub(' ', before)}___{_MARKS.sub(' ', after)}".split())


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace the values of blanks in a text, by old value; in a single pass, so that no value is replaced twice."""
    changed_values = {old: new for old, new in values.items() if new and new != old}
    if not changed_values:
        return text
    pattern = "|".join(_escape_value(one) for one in sorted(changed_values, key=len, reverse=True))
    return re.sub(pattern, lambda found: changed_values[found[0]], text)


def fill_parts(value: Any, values: Mapping[str, str]) -> Any:
    """Fill in every string in the parts of a text."""
    match value:
        case str():
            return fill(value, values)
        case list():
            return [fill_parts(one, values) for one in value]
        case dict():
            return {name: fill_parts(one, values) for name, one in value.items()}
        case _:
            return value


def _escape_value(value: str) -> str:
    """Return a pattern that matches a value only by itself: "5" not within "15" or "5.30"."""
    before = r"(?<!\w)(?<!\d[.,:])" if value[:1].isalnum() else ""
    after = r"(?!\w)(?![.,:]\d)" if value[-1:].isalnum() else ""
    return f"{before}{re.escape(value)}{after}"
