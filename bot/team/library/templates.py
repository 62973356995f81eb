"""Turns a text into a template: finds its prices, dates, names and figures as blanks and fills them in, without calling
a model. Pure functions, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from bot.checks.amounts import AMOUNT
from bot.checks.dates import (
    DAY_MONTH_CONNECTOR,
    LANGUAGES,
    MONTH,
    ORDINAL_SUFFIX,
    build_alternatives,
    load_weekday_names,
)

BlankType = Literal["price", "date", "name", "figure"]
# The maximum number of fields in a modal.
MAX_BLANKS = 5
# Maximum characters of the text to search, and of a blank's value.
_MAX_TEXT_CHARACTERS, _MAX_VALUE_CHARACTERS = 6_000, 80
# Characters of context on each side of a blank.
_CONTEXT_CHARACTERS = 24
# Languages that capitalise all nouns, so that names cannot be recognised.
_CAPITALISED_NOUN_LANGUAGES = ("de",)

_CURRENCY_PREFIX = r"(?:[€£$¥]|R\$|\b(?:CHF|EUR|USD|GBP|BRL)\b)"
_CURRENCY_SUFFIX = r"(?:[€£$¥]|(?:CHF|EUR|USD|GBP|BRL|euros?|dollars?|pounds?|francs?|Franken|reais|pence|centavos)\b)"
_PRICE = re.compile(rf"{_CURRENCY_PREFIX}\s?{AMOUNT}|{AMOUNT}\s?{_CURRENCY_SUFFIX}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d.,:])\d{1,2}(?::\d\d(?::\d\d)?(?:\s?[ap]\.?m\b|\s?(?:Uhr|h)\b)?"
    r"|\s?[ap]\.?m\b|\s?Uhr\b|\s?h(?:\s?\d\d)?\b)(?!\d)",
    re.IGNORECASE,
)
_FIGURE = re.compile(rf"{AMOUNT}(?:\s?%)?", re.IGNORECASE)
# Likely names: capitalised words within a sentence, such as "Fern & Fog Coffee"; at its beginning, only two or more of them.
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
    """A variable part of a text: its type, its value, and the words around it."""

    type: BlankType
    value: str
    context: str


def find_blanks(text: str, language: str = "en") -> list[Blank]:
    """Return up to `MAX_BLANKS` blanks of a text in order of appearance; prices and dates take precedence, then names,
    then figures.

    A repeated value is one blank. `language` (ISO 639-1) is the text's.
    """
    text = text[:_MAX_TEXT_CHARACTERS]
    taken_mask = bytearray(len(text))
    # Nothing in links, mentions or Markdown markers is a blank.
    for pattern in (_LINK, _MARKS):
        for match in pattern.finditer(text):
            taken_mask[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    label_spans = [match.span() for match in _LABELS.finditer(text)]
    blanks_by_value: dict[str, tuple[int, Blank]] = {}
    plain_text = _MARKS.sub(lambda match: " " * len(match[0]), text)
    for blank_type, start, end in _iter_spans(plain_text, language):
        value = text[start:end]
        if any(taken_mask[start:end]) or len(value) > _MAX_VALUE_CHARACTERS:
            continue
        if blank_type == "name" and any(first <= start < last for first, last in label_spans):
            continue
        taken_mask[start:end] = b"\x01" * (end - start)
        if value not in blanks_by_value and len(blanks_by_value) < MAX_BLANKS:
            blanks_by_value[value] = start, Blank(blank_type, value, _extract_context(text, start, end))
    return [blank for _, blank in sorted(blanks_by_value.values(), key=lambda item: item[0])]


def _iter_spans(text: str, language: str) -> Iterator[tuple[BlankType, int, int]]:
    """Yield the type, start and end of each possible blank, the likeliest first; spans may overlap."""
    yield from (("price", match.start(), match.end()) for match in _PRICE.finditer(text))
    for pattern in (_build_date_pattern(), _CLOCK):
        yield from (("date", match.start(), match.end()) for match in pattern.finditer(text))
    if language not in _CAPITALISED_NOUN_LANGUAGES:
        yield from (("name", match.start(), match.end()) for match in _NAME.finditer(text))
    yield from (("figure", match.start(), match.end()) for match in _FIGURE.finditer(text))


@cache
def _build_date_pattern() -> re.Pattern[str]:
    """Build the pattern for days with or without weekday and year: "Saturday, 3 May 2027", "May 3rd", "2027-05-03", "Monday"."""
    names = {name for code in LANGUAGES for name in load_weekday_names(code)[0] if len(name) > 3}
    weekday = rf"(?<!\w)(?:{build_alternatives(names)})(?!\w)"
    year = r"(?:,?\s(?:de\s)?(?:19|20)\d\d(?!\d))?"
    day_first = rf"(?<![\d.,])\d{{1,2}}{ORDINAL_SUFFIX}{DAY_MONTH_CONNECTOR}\s?\b{MONTH}\b{year}"
    month_first = rf"\b{MONTH}\.?\s\d{{1,2}}(?![\d:]){ORDINAL_SUFFIX}\b{year}"
    numeric_date = r"(?<![\d./-])(?:(?:19|20)\d\d-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:(?:19|20)?\d\d)?)(?![\d/])"
    day = rf"(?:{day_first}|{month_first}|{numeric_date})"
    return re.compile(rf"{weekday},?\s(?:the |den |le |el |dem )?{day}|{day}|{weekday}", re.IGNORECASE)


def _extract_context(text: str, start: int, end: int) -> str:
    """Return the words on both sides of a blank, on the same line, with "___" for the blank."""
    before = text[max(0, start - _CONTEXT_CHARACTERS) : start].rpartition("\n")[2]
    after = text[end : end + _CONTEXT_CHARACTERS].partition("\n")[0]
    if start > _CONTEXT_CHARACTERS and len(before) == _CONTEXT_CHARACTERS:
        before = before.partition(" ")[2]
    if len(after) == _CONTEXT_CHARACTERS:
        after = after.rpartition(" ")[0]
    return " ".join(f"{_MARKS.sub(' ', before)}___{_MARKS.sub(' ', after)}".split())


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace blanks' values in a text; `values` maps each old value to its new one. A single pass, so that a new value
    is never replaced itself.
    """
    changed_values = {old: new for old, new in values.items() if new and new != old}
    if not changed_values:
        return text
    pattern = "|".join(_build_value_pattern(value) for value in sorted(changed_values, key=len, reverse=True))
    return re.sub(pattern, lambda match: changed_values[match[0]], text)


def fill_parts(value: Any, values: Mapping[str, str]) -> Any:
    """Return a nested part of a text with the values replaced in each of its strings."""
    match value:
        case str():
            return fill(value, values)
        case list():
            return [fill_parts(part, values) for part in value]
        case dict():
            return {name: fill_parts(part, values) for name, part in value.items()}
        case _:
            return value


def _build_value_pattern(value: str) -> str:
    """Build a pattern that matches a value only by itself: "5" not within "15" or "5.30"."""
    before = r"(?<!\w)(?<!\d[.,:])" if value[:1].isalnum() else ""
    after = r"(?!\w)(?![.,:]\d)" if value[-1:].isalnum() else ""
    return f"{before}{re.escape(value)}{after}"
