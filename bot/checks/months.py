"""Days of a text whose month no source gives: "to March 1st" where only "from 1 February" was told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from .dates import LANGUAGES, NTH, OF, any_of, bare, month_names
from .quantities import plain
from .worded import spans_of

# Characters of each text that are read for days.
_MOST_READ = 6_000
# Sources that a date in figures is looked for in.
_MOST_SOURCES = 20
_DAY, _YEAR = 86_400, 31_500_000
_RANGE = r"(?:\s?[-–—/&+,]\s?|\s(?:to|till|until|through|bis|und|and|or|oder|à|au|et|ou|al?|hasta|y|e|até|ao)\s)"
_NUMERIC = re.compile(
    r"(?<![\d./-])(?:(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})|(?P<first>\d{1,2})[./](?P<second>\d{1,2})(?:[./](?:20)?\d\d|\.)?)"
    r"(?![\d/])"
)
# What may be a number with a point as well as a day: "6.3".
_FRACTION = re.compile(r"\d{1,2}\.\d{1,2}")


# "Mar 13 al vie 16 de octubre": a Tuesday, and no March.
_TUESDAY = re.compile(
    r"(?<!\w)mar(?=\.?\s\d{1,2}\s?(?:al?|hasta|y|e|au|et|[-–])\s?(?:el\s|le\s)?(?:mi[eé]|jue|vie|s[aá]b|dom|mer|jeu|ven|sam|dim)(?!\w))",
    re.IGNORECASE,
)


# Days of the year with a name of their own.
_NAMED = [
    (re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE), day)
    for day, names in {
        (
            24,
            12,
        ): r"(?:christmas|xmas) eve|heilig(?:er )?abend|heiligabend|nochebuena|veille de noël|réveillon de noël|v[eé]spera de natal",
        (25, 12): r"(?:christmas|xmas) day|erste[rn]? weihnachtstag|(?:día|dia) de navidad|jour de noël|dia de natal",
        (26, 12): r"boxing day|zweite[rn]? weihnachtstag|lendemain de noël",
        (
            31,
            12,
        ): r"(?:new year['’]?s|ny) eve|nye|silvester|nochevieja|fin de año|saint-sylvestre|réveillon|v[eé]spera de ano[ -]novo",
        (1, 1): r"new year['’]?s day|neujahr(?:stag)?|año nuevo|jour de l['’]an|nouvel an|ano[ -]novo",
        (6, 1): r"epiphany|dreikönig(?:e|stag)?|día de reyes|épiphanie|dia de reis",
        (14, 2): r"valentine['’]?s(?: day)?|valentinstag|san valentín|saint-valentin",
        (31, 10): r"halloween",
        (1, 11): r"all saints['’]?(?: day)?|allerheiligen|todos los santos|toussaint|todos os santos|finados",
    }.items()
]


class Day(NamedTuple):
    """A day of a month, 1 to 31 and 1 to 12, with the words that say it."""

    day: int
    month: int
    said: str


@cache
def _months() -> dict[str, int]:
    """The names of months in all languages that are read, the short ones of three letters or more."""
    found: dict[str, int] = {}
    for code in LANGUAGES:
        if code != "ja":
            found |= {name: month for name, month in month_names(code).items() if len(name) > 2}
    return found | month_names("en")


@cache
def _pattern() -> re.Pattern[str]:
    month = rf"(?:{any_of(_months())})(?![^\W\d_])"
    number = rf"\d{{1,2}}(?![\d:]){NTH}"
    day = rf"(?<![\d.,:/-]){number}"
    return re.compile(
        rf"(?P<days>{day}(?:{_RANGE}(?:the |zum |den |le |el |o )?{day}){{0,4}}){OF}\s?(?P<month>{month})"
        rf"|(?<![^\W_])(?P<ahead>{month})[.॰]?\s(?:the )?(?P<then>{number}(?:{_RANGE}{number}(?!\s?(?:[ap]\.?m|h\b|uhr)))?)"
        r"|(?P<number>\d{1,2})月(?P<nth>\d{1,2})日",
        re.IGNORECASE,
    )


def numeric_days(text: str) -> Iterator[int]:
    """The days, 1 to 31, of dates in figures that no number could be: "12.11.", "2027-11-12", "12/11/27"."""
    for found in _NUMERIC.finditer(plain(text[:_MOST_READ])):
        if not _FRACTION.fullmatch(found.group()):
            pair = (found["day"], "") if found["day"] else (found["first"], found["second"])
            yield from (int(one) for one in pair if one and 1 <= int(one) <= 31)


def without_days_said(text: str, sources: Sequence[str]) -> str:
    """A text without the dates in figures that a source says in its own way: "7/12" where that has "7 déc"."""
    if "/" not in text and "." not in text:
        return text
    flat, cut = plain(text[:_MOST_READ]), list[str]()
    for found in _NUMERIC.finditer(flat):
        if not _FRACTION.fullmatch(found.group()) and any(
            says_day(source, found.group()) for source in sources[:_MOST_SOURCES]
        ):
            cut.append(found.group())
    for one in dict.fromkeys(cut):
        text = text.replace(one, " ")
    return text


def _named_in(text: str) -> Iterator[int]:
    """The months that a text names."""
    for word in re.findall(r"[^\W\d_]{3,}", text):
        if month := _months().get(bare(word)):
            yield month


def days_of(text: str) -> Iterator[Day]:
    """The days of a text that stand beside the name of their month; of "3 to 5 May" both."""
    flat = _TUESDAY.sub("   ", plain(text[:_MOST_READ]))
    if "月" not in flat and not any(_named_in(flat)):
        return
    for found in _pattern().finditer(flat):
        named = found["month"] or found["ahead"]
        month = int(found["number"]) if found["number"] else _months()[bare(named)]
        for one in re.findall(r"\d+", found["days"] or found["then"] or found["nth"]):
            if 1 <= int(one) <= 31 and 1 <= month <= 12:
                yield Day(int(one), month, " ".join(found.group().split()))


def other_days(text: str, sources: Iterable[str], today: date) -> list[str]:
    """The words of the days of a text that no source gives in that month, where a source gives days at all.

    Nothing is found where a source tells how long something lasts, as another day follows from that; and a month that a source
    names without a day ("the first Saturday in March") leaves open which day is meant.
    """
    said = list(dict.fromkeys(days_of(text)))
    if not said:
        return []
    told = [_TUESDAY.sub("   ", plain(source[:_MOST_READ])) for source in sources]
    if not any(True for source in told for _ in days_of(source)):
        return []
    given = days_given(told) | {(today.day, today.month)}
    loose = [one for one in said if (one.day, one.month) not in given]
    if not loose or any(map(_lasts, told)):
        return []
    rest = [_pattern().sub(" ", source) for source in told]
    unsaid = {month for source in rest for month in _named_in(source)}
    months = {month for _, month in given}
    days = {number for source in rest for number in _days_alone(source)}
    return [one.said for one in loose if one.month not in unsaid and (one.month not in months or one.day not in days)]


def days_in_figures(text: str) -> Iterator[Day]:
    """The dates of a text in figures that no number could be, "3/5" both ways round."""
    for found in _NUMERIC.finditer(plain(text[:_MOST_READ])):
        if not _FRACTION.fullmatch(found.group()):
            pairs = sorted(set(_in_figures(found.group())))
            yield from (Day(*pair, found.group()) for pair in pairs if 1 <= pair[0] <= 31 and 1 <= pair[1] <= 12)


def named_days_in(text: str) -> Iterator[tuple[int, int]]:
    """The days of a year that a text calls by a name of their own: "xmas eve", "Silvester"."""
    yield from (day for pattern, day in _NAMED if pattern.search(text[:_MOST_READ]))


def days_given(sources: Iterable[str]) -> set[tuple[int, int]]:
    """The days of sources, each with its month, "3/5" both ways round."""
    told = [_TUESDAY.sub("   ", plain(source[:_MOST_READ])) for source in sources]
    named = {(one.day, one.month) for source in told for one in days_of(source)}
    named |= {day for source in told for day in named_days_in(source)}
    return named | {
        pair for source in told for pair in _in_figures(source) if 1 <= pair[1] <= 12 and 1 <= pair[0] <= 31
    }


def says_day(text: str, figure: str) -> bool:
    """Whether a text says the day that a figure is in its own way: "6.3." as "6. März", "28 June" as "28/06"; of "3/11" either."""
    written = plain(figure[:_MOST_READ]).strip()
    numeric = _NUMERIC.fullmatch(written)
    either = {pair for pair in _in_figures(written) if pair[1] <= 12} if numeric else set()
    said = {(one.day, one.month) for one in days_of(text)}
    if not said.isdisjoint(either or {(one.day, one.month) for one in days_of(written)}):
        return True
    # Two days in figures alone are the same in the same order.
    meant = {_in_order(numeric)} if numeric else {(one.day, one.month) for one in days_of(written)}
    return any(
        _in_order(one) in meant
        for one in _NUMERIC.finditer(plain(text[:_MOST_READ]))
        if not _FRACTION.fullmatch(one.group())
    )


def _in_order(found: re.Match[str]) -> tuple[int, int]:
    """The two numbers of a day in figures, the day's first where its year goes before."""
    if found["year"]:
        return int(found["day"]), int(found["month"])
    return int(found["first"]), int(found["second"])


def _in_figures(text: str) -> Iterator[tuple[int, int]]:
    """The days that a text gives in figures alone, "3/5" both ways round."""
    for found in _NUMERIC.finditer(text):
        if found["year"]:
            yield int(found["day"]), int(found["month"])
        else:
            first, second = int(found["first"]), int(found["second"])
            yield from ((first, second), (second, first))


def _days_alone(text: str) -> set[int]:
    """The numbers of a text that may be days."""
    return {int(one) for one in re.findall(r"(?<!\d)\d{1,2}(?!\d)", text)}


def _lasts(text: str) -> bool:
    """Whether a text tells a span from which another day follows; what it tells of years is no such span."""
    return any(_DAY <= span < _YEAR for span in spans_of(text))
