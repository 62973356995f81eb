"""Figures that follow from those that are given: a reduced price, a total, what is left, an hour later, a week from today. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, islice, pairwise, permutations, product

from .amounts import amounts_in
from .days_said import short_weekdays, weekday_of, weekdays_said
from .figures import MOST_COUNTED, Figure, figures_of, plain_number, ungrounded_numbers
from .months import Day, days_given, days_in_figures, days_of, named_days_in
from .quantities import figure_of
from .reckoning import right_figures
from .worded import numbers_in_words, spans_of

# Characters of a text in which figures that follow are looked for.
MOST_READ = 6_000
# Different figures of a sort that are put together at most, and days of a text that are looked at.
_MOST, _MOST_PARTS, _MOST_DAYS = 12, 24, 40
# How often anything is counted that is paid for at most.
_MOST_TIMES, _MOST_AMOUNT = 100, 10**12
_CENT = Fraction(1, 200)
# "The firm matched it pound for pound", "half of it now".
_TIMES_OVER = (Fraction(2), Fraction(1, 2))
# The least number that may be an amount of money without its sign, and the least that may be a price beside another.
_LEAST_AMOUNT, _LEAST_PRICE = 100, 10
_CENTS = re.compile(r"\d{1,4}[.,]\d\d")
_DAY, _MONTH, _YEAR = 86_400, 28 * 86_400, 31_500_000
# By how many days what so many days or months later is may be told otherwise: the first may count or not.
_COUNTED, _OF_MONTHS = 1, 3
# Parts in words, in per cent: "over 65s knock a quarter off".
_PARTS = [
    (Fraction(part), re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE))
    for part, words in (
        (Fraction(50), "half|hälfte|halben?|halber|moitié|demi-tarif|mitad|metade"),
        (Fraction(25), "a quarter|viertel|un quart|cuarto|um quarto"),
        (Fraction(100, 3), "a third|drittel|tiers|tercio|terço"),
    )
]  # fmt: skip
# What says that something is left, and what asks whoever writes to reckon.
_REST = re.compile(
    r"(?<!\w)(?:rest|remaining|remainder|left|over|übrig\w*|restlich\w*|reste\w*|resto|restante\w*|demás|quedan?|faltan?|sobram?|faltam?)(?!\w)",
    re.IGNORECASE,
)
_RECKON = re.compile(
    r"(?<!\w)(?:work (?:it|that|this|them) out|(?:add|total) (?:it|them) up|calculate|adds? up to|do the (?:maths?|sums?)"
    r"|rechne\w*|ausrechnen|calcul\w+|fais le total"
    r"|saca (?:tú )?(?:el total|la cuenta)|haz la cuenta|faz a conta|soma (?:tudo|aí)|som(?:e|ar))(?!\w)",
    re.IGNORECASE,
)
# A number that may be one of thousands.
_SHORT_NUMBER = re.compile(r"(?<![\d.,:/-])\d{1,3}(?:[.,]\d)?(?![\d:/-]|[.,]\d)")
_SENTENCES = re.compile(r"(?<=[.!?…])\s|\n")
# How many days after today a day is that is said from there.
_FROM_TODAY = [
    (days, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE))
    for days, words in (
        (1, "tomorrow|tmrw|tmw|tomoz|2moro|morgen|demain|mañana|amanhã|domani"),
        (2, "day after tomorrow|übermorgen|après-demain|pasado mañana|depois de amanhã|dopodomani"),
    )
]
# What happens on the day after the last one of a break.
_BACK = re.compile(
    r"(?<!\w)(?:back|again|reopen\w*|return\w*|resum\w+|wieder|zurück|de retour|rouvr\w+|repren\w+|reprise|vuelv\w+|volve\w+"
    r"|reabr\w+|reanud\w+|volt(?:a|amos|aremos|am)|retorn\w+|retom\w+)(?!\w)",
    re.IGNORECASE,
)
# A sum of money, a share or a number that follows from given figures.
Followed = tuple[str, Fraction]
Values = Sequence[Fraction]


def loose_numbers(text: str, sources: Sequence[str], language: str, today: date) -> list[str]:
    """The figures of a text, in digits, that no source gives and that do not follow from any that a source gives."""
    loose = ungrounded_numbers(text, sources)
    if not loose:
        return []
    left, text = dict.fromkeys(loose), text[:MOST_READ]
    reckons = any(_RECKON.search(source[:MOST_READ]) for source in sources)
    known, times = followed(sources, language), times_that_follow(sources)
    thousands = set[str]().union(*map(_in_thousands, sources))
    days = days_that_follow(text, sources, today)
    for figure in dict.fromkeys(figures_of(text)):
        if figure.number in left and (
            follows(figure, known, language)
            or plain_number(figure.number) in thousands
            or figure.number in days
            or (reckons and figure.sort in ("money", ""))
            or (figure.may_be_a_time and minutes_of(figure.number) in times)
        ):
            left.pop(figure.number)
    _take_reckoned(left, text, language)
    return [number for number in loose if number in left]


def followed(sources: Iterable[str], language: str) -> list[Followed]:
    """What follows from the figures of sources, and from the numbers that they say in words."""
    told = [(source, list(figures_of(source))) for source in sources]
    given = [figure for source, figures in told for figure in (*figures, *_counts(source))]
    parts = [part for part, pattern in _PARTS if any(pattern.search(source[:MOST_READ]) for source, _ in told)]
    rest = any(_REST.search(source[:MOST_READ]) for source, _ in told)
    beside = [one for _, figures in told for one in _from_neighbours(figures[: 2 * _MOST], language)]
    return [*_followed(given, language, parts, rest=rest), *beside]


def _counts(source: str) -> Iterator[Figure]:
    return (Figure(number, "") for number in sorted(numbers_in_words(source)))


def follows(figure: Figure, known: Iterable[Followed], language: str) -> bool:
    """Whether a figure is one of those that follow from others; a sum of money in cents too, as "90p" is."""
    values = _value(figure.number, language)
    if figure.sort == "money":
        values += tuple(value / 100 for value in values)
    return any(sort == figure.sort and abs(value - one) < _CENT for value in values for sort, one in known)


def _take_reckoned(left: dict[str, None], text: str, language: str) -> None:
    """Takes out what a text reckons from figures that are given, or that followed from such."""
    for numbers in right_figures(text, language):
        new = {number for number in numbers if number in left}
        if len(new) == 1 and len(set(numbers)) > 1:
            left.pop(new.pop())


def _followed(given: Sequence[Figure], language: str, parts: Sequence[Fraction], *, rest: bool) -> Iterator[Followed]:
    """The sums of money, the shares and what is left that follow from given figures and parts in words, each with its sort."""
    money, shares, counts = (_values(given, sort, language) for sort in ("money", "share", ""))
    yield from _taken_off(money, counts, shares, parts)
    yield from _multiplied(money, counts)
    yield from _put_together(money, counts)
    if rest:
        yield from _left_over(counts, shares)


def _taken_off(money: Values, counts: Values, shares: Values, parts: Values) -> Iterator[Followed]:
    """A share of a price, and the price with it off or on; of a part in words the price may stand without its sign."""
    for price, share in product(money, shares):
        yield from (("money", price * part / 100) for part in (share, 100 - share, 100 + share))
    for price, share in product((*money, *counts), parts):
        yield from (("money", price * part / 100) for part in (share, 100 - share))


def _multiplied(money: Values, counts: Values) -> Iterator[Followed]:
    """A price so many times, as "23 people, deposit 10 a head", and an amount twice or half: "matched pound for pound"."""
    for price in money:
        yield from (("money", price * count) for count in counts if 1 < count <= _MOST_TIMES)
    for one, other in combinations(counts, 2):
        if min(one, other) <= _MOST_TIMES and one * other >= _LEAST_AMOUNT:
            yield "money", one * other
    for amount in (*money, *(count for count in counts if count >= _LEAST_AMOUNT)):
        yield from (("money", amount * times) for times in _TIMES_OVER)


def _put_together(money: Values, counts: Values) -> Iterator[Followed]:
    """The sum of two prices, their difference, and that as a share; one may stand without its sign: "£6 more than the 89"."""
    for one, other in product(money, (count for count in counts if count >= _LEAST_PRICE)):
        yield from (("money", abs(one + sign * other)) for sign in (1, -1))
    for one, other in permutations(money, 2):
        yield "money", one + other
        if one > other:
            yield "money", one - other
            yield "share", Fraction(round((one - other) * 100 / one))


def _left_over(counts: Values, shares: Values) -> Iterator[Followed]:
    """What is left of a number or of all: "41 of the 64 were given", "70 % wool, 25 alpaca, the rest nylon"."""
    yield from (("", one - other) for one, other in permutations(counts, 2) if one > other)
    for one, other in product(shares, (Fraction(0), *shares, *counts)):
        if other != one and 0 < one + other < 100:
            yield "share", 100 - one - other


def _from_neighbours(figures: Sequence[Figure], language: str) -> Iterator[Followed]:
    """What two figures make that stand one behind the other: "60 small firs, 15 large ones", "14.20 to 15.10 a kilo"."""
    for one, other in pairwise(figures):
        if {one.sort, other.sort} <= {"", "money"}:
            priced = "money" in (one.sort, other.sort) or all(_CENTS.fullmatch(each.number) for each in (one, other))
            for first, second in zip(_value(one.number, language), _value(other.number, language), strict=False):
                for value in (first + second, abs(first - second)):
                    yield "money" if priced or value >= _LEAST_AMOUNT else "", value
                    yield "", value


def _values(given: Sequence[Figure], sort: str, language: str) -> list[Fraction]:
    """The first different values of a sort."""
    numbers = dict.fromkeys(figure.number for figure in given if figure.sort == sort)
    found = (value for number in islice(numbers, _MOST) for value in _value(number, language))
    return list(dict.fromkeys(found))


def _value(number: str, language: str) -> tuple[Fraction, ...]:
    figure = figure_of(number, language) if number[:1].isdigit() and ":" not in number else None
    return figure.values[:1] if figure else ()


def minutes_of(number: str) -> int:
    """The minutes of a time of day with minutes, by a clock of twelve hours; -1 for what is none."""
    clock = re.fullmatch(r"([01]?\d|2[0-4])[.:]([0-5]\d)", number)
    return 60 * int(clock[1]) % 720 + int(clock[2]) if clock else -1


def times_that_follow(sources: Iterable[str]) -> frozenset[int]:
    """The times that are so long before or after a given one as sources say, in minutes of a clock of twelve hours."""
    given = list(sources)
    told = {one for source in given for one in figures_of(source) if one.sort == "time"}
    times = {minutes_of(f"{one.number}:00" if one.number.isdigit() else one.number) for one in told} - {-1}
    spans = {int(one) // 60 for source in given for one in spans_of(source) if one < 12 * 3600}
    several = sorted(times)[:_MOST_PARTS]
    return frozenset(
        (one + sign * span) % 720 for one in several for span in sorted(spans)[:_MOST_PARTS] for sign in (1, -1)
    )


def _in_thousands(source: str) -> set[str]:
    """What a source's numbers are where it says another in thousands: the 200 of "£312k of which 200 lottery", and what is left."""
    whole = [int(value) for value in amounts_in(source) if value >= 1000]
    if not whole:
        return set()
    numbers = (plain_number(one.number) for one in figures_of(source))
    whole += [int(one) for one in numbers if one.isdigit() and 1000 <= int(one) < _MOST_AMOUNT]
    plain = [round(float(number.replace(",", ".")) * 1000) for number in _SHORT_NUMBER.findall(source[:MOST_COUNTED])]
    parts = list(dict.fromkeys([*whole, *plain]))[:_MOST_PARTS]
    return {str(one) for one in plain} | {str(abs(one - other)) for one in whole for other in parts}


def days_that_follow(text: str, sources: Sequence[str], today: date) -> set[str]:
    """The days of a text that follow, as their words and their numbers, and the year of a date: "this Wed" as "2 December", so long
    after today or a given day as a source says, the day after a break.
    """
    text = text[:MOST_READ]
    said = list(dict.fromkeys((*days_of(text), *days_in_figures(text))))[:_MOST_DAYS]
    told = [source[:MOST_READ] for source in sources]
    weekdays = {day for source in told for word, _ in weekdays_said(source) if (day := weekday_of(word)) is not None}
    weekdays = weekdays.union(*map(short_weekdays, told))
    given = {when for pair in sorted(days_given(told))[:_MOST_DAYS] if (when := _coming(*pair, today))}
    given |= {today} | {
        today + timedelta(days) for days, pattern in _FROM_TODAY for source in told if pattern.search(source)
    }
    spans = [span for source in told for span in spans_of(source) if _DAY <= span < _YEAR][:_MOST]
    back = [sentence for sentence in _SENTENCES.split(text) if _BACK.search(sentence)]

    def follows_from(day: Day) -> bool:
        when = _coming(day.day, day.month, today)
        if when is None:
            return False
        if when in given or when.weekday() in weekdays or any(_is_so_far(when, one, spans) for one in given):
            return True
        return when - timedelta(1) in given and any(day.said in " ".join(one.split()) for one in back)

    fine = [one for one in said if follows_from(one)]
    dated = "|".join(re.escape(one.said) for one in said) or r"(?!)"
    years = re.findall(rf"(?:{dated})\.?,?\s(?:de |del )?(20\d\d)(?!\d)", text)
    coming = {str(today.year), str(today.year + 1)}.intersection(years)
    figures = {str(one.month) for one in fine if not any(map(str.isalpha, one.said))}
    named = {str(day) for source in told for day, _ in named_days_in(source)}
    return named | {str(one.day) for one in fine} | {one.said for one in fine} | figures | coming


def _is_so_far(when: date, start: date, spans: Iterable[Fraction]) -> bool:
    """Whether a day is as far from another as one of some spans of time is long."""
    apart = abs((when - start).days)
    return any(
        abs(apart - round(span / _DAY)) <= (_OF_MONTHS if span >= _MONTH and span % _DAY else _COUNTED)
        for span in spans
    )


def _coming(day: int, month: int, today: date) -> date | None:
    """A day of a month in the year that comes; None where there is none."""
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
