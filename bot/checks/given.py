"""Which amounts that a text says in words no source gives: neither as they are, nor in another unit, nor so that they follow. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations

from .currencies import money_weighed, other_money
from .dates import LANGUAGES, any_of, day_names
from .derived import Followed, days_that_follow, followed, follows, loose_numbers
from .figures import Figure, figures_of, is_told
from .figures import Sort as FigureSort
from .language import foreign_script
from .language import language as language_of
from .months import other_days
from .worded import LANGUAGES as READ
from .worded import Amount, Sort, amounts_said, numbers_in_words, spans_of

# What a figure may be that gives an amount; what is not said to be anything may be all.
_GIVEN_BY: dict[Sort, tuple[FigureSort, ...]] = {
    "money": ("money", ""), "share": ("share", ""), "time": ("time", ""), "date": ("date", ""), "span": ("", "time"),
    "measure": ("", "money"), "count": ("",), "many": ("",),
}  # fmt: skip
# By how much, as a share, two spans of time may differ that are the same: twelve months are a year.
_SAME_SPAN = Fraction(3, 100)
_DAY, _WEEK, _YEAR = 86_400, 604_800, 31_557_600
_YEAR_SAID = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d\d(?![\d.,]\d|\d)")
# How far a round number of years may be below what it stands for, and any above: "thirty years" since 1993 or 1997.
_ROUND_YEARS, _BELOW, _ABOVE = 5, 5, 1
_STARTS_WITH_HOUR = re.compile(r"(\d{1,2})(?![\d,])")
_CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d\d))?")
_NOON = re.compile(r"\b(?:noon|midday|mittags?|midi|mediodía|meio-dia|mezzogiorno)\b", re.IGNORECASE)
_MIDNIGHT = re.compile(r"\b(?:midnight|mitternacht|minuit|medianoche|meia-noite|mezzanotte)\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[.:;!?\n]")
_SEPARATORS = re.compile(r",(?: (?:and|und|et|y|e|ou?r?|oder)\b)?|\b(?:and|und|et|y|e|ou?r?|oder)\b|&|\+|/")
# People and things that a source may list one by one, and characters of a source that are read for it.
_MOST_LISTED, _MOST_READ = 10, 8_000
# Different times or days that are set against each other at most.
_MOST = 12
# Characters of a source in Latin script that tell its language.
_TELLING = 80


# Characters of each text that are read for small counts: a digit, and the noun right behind it.
_MOST_COUNTED = 6_000
_DIGITS = re.compile(r"\d{1,9}")
_COUNTED = re.compile(r"(?<![^\s(–—-])(10|\d) ([^\W\d_]{4,30})(?![\w’'])")
# A word with its number: "under-9s".
_JOINED = re.compile(r"(?<![\w-])([^\W\d_]{2,20}-)(\d{1,2})(?![\d.,:-]\d)")


def loose_figures(text: str, sources: Sequence[str], language: str, today: date) -> list[str]:
    """The figures of a text, in digits or in words, that no source gives and that follow from none that a source gives."""
    days = other_days(text, sources, today)
    if days:
        following = days_that_follow(text, sources, today)
        days = [one for one in days if one not in following]
    others = other_money(text, sources) + money_weighed(text, sources) + days + other_counts(text, sources)
    return loose_numbers(text, sources, language, today) + others + ungrounded_amounts(text, sources, language, today)


def other_counts(text: str, sources: Iterable[str]) -> list[str]:
    """The small counts of a text that contradict a source: "5 tailors" where "4 tailors" is all that is told of them.

    Other small numbers are free, as a text may list three reasons of its own.
    """
    given: set[str] = set()
    numbers: set[str] = set()
    for source in sources:
        numbers |= set(_DIGITS.findall(source[:_MOST_COUNTED]))
        given |= {_begun(noun) for _, noun in _COUNTED.findall(source[:_MOST_COUNTED])}
        given |= {head.casefold() for head, _ in _JOINED.findall(source[:_MOST_COUNTED])}
    text = text[:_MOST_COUNTED]
    counts = [(found.group(), _begun(found[2]), found[1]) for found in _COUNTED.finditer(text)]
    counts += [(found.group(), found[1].casefold(), found[2]) for found in _JOINED.finditer(text)]
    return [said for said, of, number in counts if of in given and number not in numbers and number != "1"]


def _begun(noun: str) -> str:
    """A noun without its ending, which its number may change."""
    return noun.casefold()[: max(4, len(noun) - 2)]


def ungrounded_amounts(text: str, sources: Iterable[str], language: str, today: date) -> list[str]:
    """The words of the amounts of a text that no source gives, in digits or in words.

    English, German, French, Spanish, Portuguese and Italian. Where a source is in another language, nothing is found.
    """
    said = amounts_said(text, language)
    if not said:
        return []
    given = _Given(tuple(sources), language, today)
    judged = {(one.sort, one.value, one.unit, one.part): one for one in said}
    loose_ones = {key for key, one in judged.items() if not given.gives(one)}
    loose = [one.said for one in said if (one.sort, one.value, one.unit, one.part) in loose_ones]
    return loose if loose and not any(map(_is_unread, given.sources)) else []


@dataclass(frozen=True)
class _Given:
    """What sources give, each looked at once it is needed."""

    sources: tuple[str, ...]
    language: str
    today: date

    @cached_property
    def figures(self) -> list[Figure]:
        found = [figure for one in self.sources for figure in figures_of(one)]
        for pattern, hour in ((_NOON, "12"), (_MIDNIGHT, "0")):
            if any(pattern.search(one) for one in self.sources):
                found.append(Figure(hour, "time"))
        return list(dict.fromkeys(found))

    @cached_property
    def in_words(self) -> frozenset[str]:
        return frozenset().union(*map(numbers_in_words, self.sources))

    @cached_property
    def spans(self) -> frozenset[Fraction]:
        return frozenset().union(*map(spans_of, self.sources))

    @cached_property
    def listed(self) -> int:
        """How many things a clause of a source lists at most."""
        clauses = (clause for one in self.sources for clause in _CLAUSES.split(one[:_MOST_READ]))
        return max((len(_SEPARATORS.findall(clause)) + 1 for clause in clauses), default=0)

    @cached_property
    def followed(self) -> list[Followed]:
        return followed(self.sources, self.language)

    def gives(self, amount: Amount) -> bool:
        """Whether an amount is given, or follows from what is."""
        sorts = _GIVEN_BY[amount.sort]
        figure = Figure(amount.number, sorts[0])
        alike = [one for one in self.figures if one.sort in sorts]
        if amount.number in self.in_words or any(is_told(Figure(amount.number, sort), alike) for sort in sorts):
            return True
        match amount.sort:
            case "many":
                numbers = [one.number for one in alike] + list(self.in_words)
                return any(_at_least(number, amount.value) for number in numbers) or self._says(amount.said)
            case "time" | "span":
                return self._has_hour(amount, alike) or self._lasts(amount)
            case "count":
                return amount.value <= min(_MOST_LISTED, self.listed)
            case "money" if any(_is_half_more(one.number, amount.number) for one in alike):
                return True
            case "money" | "share":
                return follows(figure, self.followed, self.language)
            case _:
                return False

    def _says(self, words: str) -> bool:
        """Whether a source says as much with the same word: "hundreds"."""
        first = words.casefold().split()[0]
        return any(re.search(rf"(?<!\w){re.escape(first)}(?!\w)", one.casefold()) for one in self.sources)

    def _has_hour(self, amount: Amount, alike: Sequence[Figure]) -> bool:
        """Whether a time of that hour is given, or half an hour before it, as "halb acht" is."""
        if amount.sort != "time":
            return False
        hours = {int(found[1]) for one in alike if (found := _STARTS_WITH_HOUR.match(one.number))}
        meant = {int(amount.value) % 12} | ({(int(amount.value) - 1) % 12} if amount.part else set())
        return not meant.isdisjoint(hour % 12 for hour in hours)

    def _lasts(self, amount: Amount) -> bool:
        """Whether a span of time is given in another unit, or lies between times, days or years that are given."""
        if not amount.seconds:
            return False
        if any(abs(one - amount.seconds) <= _SAME_SPAN * amount.seconds for one in self.spans):
            return True
        if amount.unit >= _YEAR:
            return self._lies_between_years(amount.seconds / _YEAR)
        if amount.unit <= 3600:
            hours = _apart([value for one in self.figures if (value := _hour(one)) is not None])
            return amount.seconds / 3600 in hours
        days = _apart(
            [Fraction(one.number) for one in self.figures if one.sort in ("date", "") and one.number.isdigit()]
        )
        if amount.unit in (_DAY, _WEEK) and any(abs(amount.seconds / _DAY - one) <= 1 for one in days):
            return True
        return amount.unit == _DAY and amount.value <= 7 and len(self.weekdays) > 1

    def _lies_between_years(self, years: Fraction) -> bool:
        said = {int(one) for source in self.sources for one in _YEAR_SAID.findall(source)}
        below = _BELOW if years % _ROUND_YEARS == 0 else _ABOVE
        apart = _apart([Fraction(one) for one in sorted(said | {self.today.year})]) if said else set()
        return any(-_ABOVE <= one - years <= below for one in apart)

    @cached_property
    def weekdays(self) -> set[str]:
        """The days of the week that sources name."""
        return {one.casefold() for source in self.sources for one in _weekday().findall(source[:_MOST_READ])}


@cache
def _weekday() -> re.Pattern[str]:
    names = {name for language in LANGUAGES for several in day_names(language) for name in several if len(name) > 2}
    return re.compile(rf"(?<!\w)(?:{any_of(names)})s?(?!\w)", re.IGNORECASE)


def _is_unread(source: str) -> bool:
    """Whether a source may say amounts in a language whose words of numbers are not read."""
    if foreign_script(source, "en"):
        return True
    return len(source) >= _TELLING and language_of(source) not in (*READ, None)


def _is_half_more(number: str, whole: str) -> bool:
    """Whether a number is a whole one and a half: 7,50 is "seven and a half"."""
    return re.fullmatch(rf"{re.escape(whole)}[.,]50?", number) is not None


def _at_least(number: str, least: Fraction) -> bool:
    digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number)
    return digits.isdigit() and int(digits) >= least


def _hour(figure: Figure) -> Fraction | None:
    found = _CLOCK.fullmatch(figure.number)
    if found is None or not (figure.sort == "time" or (not figure.sort and int(found[1]) <= 24)):
        return None
    return Fraction(int(found[1])) + Fraction(int(found[2] or 0), 60)


def _apart(values: Sequence[Fraction]) -> set[Fraction]:
    """How far some values lie apart, on a clock of twelve hours as well."""
    first = list(dict.fromkeys(values))[:_MOST]
    apart = {abs(one - other) for one, other in combinations(first, 2)}
    return apart | {12 - one for one in apart if one < 12}
