"""Figures: which of a text's numbers nobody gave, and whether it says a figure in its own way. Pure.

A number is compared whole, as what stands around it makes of it: a day, a sum of money and a share are no times of day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, cast

import regex

from .amounts import AMOUNTS, SMALL, amount_of, amounts_in
from .clock import says_clock
from .dates import MONTH, NTH, OF
from .days_said import says_weekday, weekday_of
from .months import numeric_days, says_day, without_days_said
from .terms import norm
from .units import LINK
from .worded import numbers_in_words, spans_of

Sort = Literal["", "time", "date", "money", "share"]
# Characters of a text whose figures are looked up: as many as 5,000 words have, the most that is made in one go.
MOST_COUNTED = 30_000
_NUMBER = re.compile(r"\d+(?:[.,:٫٬，．：]\d+)*")
_FORMAT = regex.compile(r"\p{Cf}+")
# A time with its hour's letter or a point for a colon: "20 h 30", "14h30", "8.30 pm".
_WITHOUT_COLON = re.compile(
    r"(?<![\d.,:])(\d{1,2})(?:\s?h\s?(\d\d)(?!\d)|\.(\d\d)(?=\s?(?:[ap]\.?m|uhr)\b))", re.IGNORECASE
)
# "48 000".
_THOUSANDS = re.compile(r"(?<![\d.,:/-])(?<![\d.,:/-] )[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3}){1,3}(?![\d]|[ .,:/-]\d)")
_DAY_OF = rf"{NTH}{OF}{MONTH}\b"
# What stands behind a number, or before it, that says what it is; the name of the group is its sort. In this order.
_BEHIND = re.compile(
    r"(?P<share>\s?(?:%|٪|percent|per cent|prozent|por ?ciento|pour ?cent|por cento))"
    r"|(?P<money>\s?(?:[€£$¥]|(?:eur|euros?|pounds?|dollars?|reais|francs?|franken|chf|usd|gbp|brl|quid|bucks|pavos|paus|balles"
    r"|pence|cents?|ct|c[eé]ntimos?|centimes|cêntimos|centavos)\b)|p(?!\w))"
    rf"|(?P<date>{_DAY_OF}|\.?\s?(?:bis|to|until|till|and|und|au|al|a|à|até|et|y|e|[-–])\s?(?:zum |the |el |le )?\d{{1,2}}{_DAY_OF})"
    r"|(?P<time>\s?(?:[ap]\.?m\b|h\b|uhr\b|o['’]clock\b))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?P<money>(?:[€£$¥]|\b(?:chf|eur|usd|gbp|brl|fr\.))\s?$)"
    rf"|(?P<date>(?<!\d )(?<!\d(?:st|nd|rd|th) )\b{MONTH}(?:(?<![^\W\d_]{{4}})\.)? $)",
    re.IGNORECASE,
)
_MOST_BEHIND, _MOST_BEFORE = 30, 14
# What such words before a number end with.
_ENDS_BEFORE = frozenset(" \u00a0€£$¥.") | frozenset("frudpbhlFRUDPBHL")
_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {word: str(value) for words in SMALL.values() for word, value in words.items()}
# What the English call two of their notes.
_SMALL |= {"fiver": "5", "tenner": "10"}


# A number as it is said, with the hour's word behind it, and a name within a sentence.
_SAID = re.compile(r"\d+(?:[.,:]\d+)*(?:\s?(?:h(?:\s?\d\d)?|uhr|[ap]\.?m)\b)?", re.IGNORECASE)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
# An hour with its minutes or its word: "20:30", "8.15", "9 Uhr", "14h30".
_CLOCK = re.compile(
    r"^(?:[^\d]{0,12})?(?<!\d)([01]?\d|2[0-4])(?:[.:]([0-5]\d)|\s?h\s?([0-5]\d)?|(?=\s?(?:uhr|[ap]\.?m|horas?)\b))",
    re.IGNORECASE,
)
_RAISED = str.maketrans("¹²³", "   ")


class Figure(NamedTuple):
    """A number in ASCII digits, and what the words around it make of it."""

    number: str
    sort: Sort

    @property
    def may_be_a_time(self) -> bool:
        """Nothing says that it is something else."""
        return self.sort in ("", "time")


def numbers_said(text: str) -> list[str]:
    """The numbers of a text as they are said: "14.30", "9 Uhr"."""
    return _SAID.findall(text[:MOST_COUNTED])


def names_said(text: str) -> list[str]:
    """What looks like a name within a sentence. German writes every noun like that."""
    return _NAME.findall(text[:MOST_COUNTED])


def figures_of(text: str) -> Iterator[Figure]:
    """The numbers of a text, each with what it is where that is said: "3 May" holds a day, "3 %" a share."""
    text = text[:MOST_COUNTED]
    plain = _WITHOUT_COLON.sub(lambda time: f"{time[1]}:{time[2] or time[3]}", _FORMAT.sub("", text))
    plain = _THOUSANDS.sub(lambda found: re.sub(r"\s", "", found.group()), plain)
    for found in _NUMBER.finditer(plain):
        start, end = found.span()
        yield _figure(found.group(), plain[max(0, start - _MOST_BEFORE) : start], plain[end : end + _MOST_BEHIND])


@lru_cache(maxsize=16_384)
def _figure(number: str, before: str, behind: str) -> Figure:
    """A number with what stands beside it: a text that repeats itself has few of them."""
    number = number if number.isascii() else norm(number)
    sort = "time" if ":" in number else _sort(before, behind)
    # "12 June 11.30": what stands behind a month is a day of it, or nothing.
    return Figure(number, "" if sort == "date" and not number.isdigit() else sort)


def _sort(before: str, behind: str) -> Sort:
    found = _BEHIND.match(behind) or (_BEFORE.search(before) if before[-1:] in _ENDS_BEFORE else None)
    return cast(Sort, found.lastgroup) if found else ""


def ungrounded_numbers(text: str, sources: Iterable[str]) -> list[str]:
    """Figures of a text that stand in none of the sources.

    Whole numbers from 0 to 10 are free but where they are a sum of money, a share, a day or an hour. Separators before three digits
    and before cents may differ, and a time may be told with 12 or 24 hours.
    """
    given = list(sources)
    source = " \n".join(given)
    # Each by itself, so that a long document leaves room for what the profile says.
    told = [figure for one in given for figure in figures_of(one)]
    told += [Figure(str(day), "date") for one in given for day in numeric_days(one)]
    found = list(figures_of(without_days_said(LINK.sub(" ", text[:MOST_COUNTED]), given)))
    loose = {figure for figure in set(found) - set(told) if not _is_free(figure)}
    if not loose:
        return []
    anyhow = {str(int(amount)) for amount in amounts_in(source)}
    anyhow |= {_SMALL[word] for word in _WORD.findall(source.casefold()) if word in _SMALL}
    anyhow = anyhow.union(*map(numbers_in_words, given))
    loose = {figure for figure in loose if plain_number(figure.number) not in anyhow and not is_told(figure, told)}
    loose = {figure for figure in loose if not (figure.may_be_a_time and _is_clock(source, figure.number))}
    return [figure.number for figure in found if figure in loose]


def says_figure(text: str, figure: str) -> bool:
    """Whether a text says a figure in its own way: "25 May, 9 am" also as "25. Mai, 9 Uhr", "€12.50" also as "12,50 €", and
    "Thursday" also as "Thu 7 pm".
    """
    # "m³" is no three.
    text = text[:MOST_COUNTED].translate(_RAISED)
    if re.search(rf"(?<!\d)(?<!\d[.,:]){re.escape(norm(figure).strip())}(?![.,:]?\d)", norm(text)):
        return True
    if weekday_of(figure) is not None:
        return says_weekday(text, figure)
    told, asked = list(figures_of(text)), list(figures_of(figure))
    if not asked:  # "Eight to six."
        asked = [Figure(number, "") for number in sorted(numbers_in_words(figure))]
    if asked and (all(is_told(one, told) for one in asked) or says_day(text, figure)):
        return True
    if amounts := amounts_in(figure):  # "£85k" is "£85,000".
        return set(amounts) <= {value for one in AMOUNTS.findall(text) if (value := amount_of(one[0])) is not None}
    if asked and all(is_told(one, told) or _is_in_words(one, text) for one in asked):
        return True  # "Three euros", "from 9 to noon".
    if (lasting := spans_of(figure)) and lasting <= spans_of(text):
        return True  # "Two hours."
    clock = _CLOCK.search(figure)
    return clock is not None and says_clock(text, int(clock[1]), int(clock[2] or clock[3] or 0))


def _is_in_words(figure: Figure, text: str) -> bool:
    """Whether a text says a figure in words: 12 as noon too, and an hour of the afternoon by a clock of twelve hours."""
    if figure.sort not in ("", "money"):
        return False
    if figure.number == "12" and says_clock(text, 12, 0):
        return True
    said = numbers_in_words(text)
    hour = int(figure.number) - 12 if figure.number.isdigit() and not figure.sort and len(figure.number) == 2 else 0
    return figure.number in said or (0 < hour < 12 and str(hour) in said)


def _is_clock(text: str, number: str) -> bool:
    """Whether a text says a time of day in words that a number is: "10.30" of "half ten"."""
    clock = re.fullmatch(r"([01]?\d|2[0-4])[.:]([0-5]\d)", number)
    return clock is not None and says_clock(text, int(clock[1]), int(clock[2]))


def is_told(figure: Figure, told: Iterable[Figure]) -> bool:
    """Whether one of some figures is the same: as many of the same thing, or of what is not said; a time also by its other clock."""
    alike = [one for one in told if one.sort == figure.sort or not (one.sort and figure.sort)]
    if any(plain_number(one.number) == plain_number(figure.number) for one in alike):
        return True
    times = _clock(figure.number) if figure.may_be_a_time else set()
    return any(one.may_be_a_time and _clock(one.number) & times for one in alike)


def _is_free(figure: Figure) -> bool:
    number = figure.number
    return not figure.sort and number.isdigit() and len(number) <= 4 and int(number) <= 10


def plain_number(number: str) -> str:
    """A number without the signs that set its thousands apart, and with a point before its fraction, where it has one."""
    number = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number)
    return number.replace(",", ".").removesuffix(".00")


def _clock(number: str) -> set[str]:
    """What may be a time of day in 12 and in 24 hours; empty for what cannot be one."""
    clock = re.fullmatch(r"0?(\d{1,2})(?:[.:](\d\d))?", number)
    if not clock or int(clock[1]) > 24 or int(clock[2] or 0) > 59:
        return set()
    hour, minutes = int(clock[1]), clock[2] or "00"
    return {f"{hour}:{minutes}", f"{(hour + 12) % 24}:{minutes}"}
