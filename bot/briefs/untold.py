"""What a brief tells its writer alone: "it's because the U14s pushed us out, leave that out", "don't name them (Davi, Bia)". Pure.

Of that, names and words with figures are looked for in a text: each says it, whatever words stand around. What the brief says elsewhere
as well is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bot.checks.dates import MONTH

from .lexicon import forms_of
from .wording import MOST_READ, filled, pattern_in, spoken

# Where a clause ends: a sign, not the point or comma of a number, nor that of a date.
_ENDS = re.compile(r"[;!?\n()]|[.,:](?!\d)|\s[–—-]\s")
# Signs that end the thought with the clause; a comma or a colon goes on with it.
_THOUGHT = frozenset(".;!?\n()")
# What is behind it is no more of the order, as in "don't say that the coach is ill".
_UNTOLD = r"(?<!\w)<untold.untold>(?=\s*(?:[.,;:!?()\n]|$))(?!\s*,\s*<untold.that>(?!\w))"
_NAMED = r"(?<!\w)<untold.unnamed>(?!\w)[^.;!?()\n]{0,40}[(:]\s?"
# In the clause of a figure, what tells that nobody is to be told of it.
_HUSHED = r"(?<!\w)<untold.hushed>(?!\w)"
_MOST_HUSHED = 80
_NAME = re.compile(r"(?:[^\W\d_a-zà-ÿ][\w'’-]{1,30}\s?){1,3}")
_JOINED = re.compile(r"\s?(?:,|&|\+|(?<!\w)(?:and|or|und|oder|y|o|et|ou|e)(?!\w))\s?")
_WORD = re.compile(r"[^\W_][\w'’-]*[^\W_]|[^\W_]")
_MONTH = re.compile(MONTH, re.IGNORECASE)
_QUOTED = re.compile(r"[\"“„«»‘]|(?<!\w)'")
_LEAST_LETTERS = 3


class Untold(NamedTuple):
    """The words that tell what is not to be told, and where it stands in the brief."""

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def untold_in(brief: str) -> Untold:
    """What a brief says that it is not to be told to readers."""
    text = brief[:MOST_READ]
    spans = [*_clauses_before(text), *_names_behind(text)]
    rest = text
    for start, end in spans:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    said = {word.casefold() for word in _WORD.findall(rest)}
    words = (word for span in spans for word in _telling(text, *span))
    return Untold(tuple(dict.fromkeys(word for word in words if word.casefold() not in said)), tuple(spans))


def is_hushed(text: str, start: int, end: int, code: str) -> bool:
    """Whether the clause of some words says that nobody is to be told: "it cost 340 last year but don't mention the money"."""
    head = _ENDS.split(text[max(0, start - _MOST_HUSHED) : start])[-1]
    tail = _ENDS.split(text[end : end + _MOST_HUSHED])[0]
    return filled(_HUSHED, code).search(head + text[start:end] + tail) is not None


def _clauses_before(text: str) -> Iterator[tuple[int, int]]:
    """The clause that "leave that out" is said of: its own up to there, else the one before it."""
    found = list(pattern_in(text, _UNTOLD).finditer(text))
    if not found:
        return
    ends = [(one.start(), one.group()) for one in _ENDS.finditer(text)]
    for one in found:
        before = [place for place in ends if place[0] < one.start()]
        start = before[-1][0] + 1 if before else 0
        if _QUOTED.search(text, start, one.start()):
            continue  # "'cosy' is overused, leave it out": the word itself is not wanted.
        if len(_WORD.findall(text[start : one.start()])) > 1 and any(_telling(text, start, one.start())):
            yield start, one.start()
        elif before and before[-1][1] not in _THOUGHT:
            yield (before[-2][0] + 1 if len(before) > 1 else 0), before[-1][0]


def _names_behind(text: str) -> Iterator[tuple[int, int]]:
    """The names that stand in brackets or behind a colon where nobody is to be named."""
    for one in pattern_in(text, _NAMED).finditer(text):
        at = end = one.end()
        while name := _NAME.match(text, at):
            end = name.end()
            joined = _JOINED.match(text, end)
            at = joined.end() if joined else end
            if joined is None:
                break
        if end > one.end():
            yield one.end(), end


def _telling(text: str, start: int, end: int) -> Iterator[str]:
    """The names and the words with figures of a stretch of a brief; in German nouns are written as names are."""
    code = spoken(text)
    opens = not text[:start].rstrip() or text[:start].rstrip()[-1] in ".!?\n"
    for number, found in enumerate(_WORD.finditer(text[start:end])):
        word = found.group()
        named = word[0].isupper() and (code == "de" or number > 0 or not opens) and len(word) >= _LEAST_LETTERS
        figured = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
        if (named or figured) and word.casefold() not in _small(code) and not _MONTH.fullmatch(word):
            yield word


@cache
def _small(code: str) -> frozenset[str]:
    return frozenset(forms_of(code, "word", "word").split("|"))
