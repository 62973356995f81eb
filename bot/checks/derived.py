"""Figures that follow from those that are given: a reduced price, what is saved, a total, what a text reckons rightly. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, permutations

from .figures import Figure, figures_of
from .quantities import figure_of
from .reckoning import right_figures
from .worded import numbers_in_words

# Characters of a text in which figures that follow are looked for.
MOST_READ = 6_000
# Different figures of a sort that are put together at most.
_MOST = 12
# How often anything is counted that is paid for at most.
_MOST_TIMES = 100
_CENT = Fraction(1, 200)
# A sum of money or a share that follows from given figures.
Followed = tuple[str, Fraction]


def without_derived(loose: Sequence[str], text: str, sources: Iterable[str], language: str) -> list[str]:
    """The figures of a text that no source gives, without those that follow from what sources give."""
    if not loose:
        return []
    left, text = dict.fromkeys(loose), text[:MOST_READ]
    known = followed(sources, language)
    for figure in dict.fromkeys(figures_of(text)):
        if figure.number in left and follows(figure, known, language):
            left.pop(figure.number)
    _take_reckoned(left, text, language)
    return [number for number in loose if number in left]


def followed(sources: Iterable[str], language: str) -> list[Followed]:
    """What follows from the figures of sources, and from the numbers that they say in words."""
    given = [figure for source in sources for figure in (*figures_of(source), *_counts(source))]
    return list(_followed(given, language))


def _counts(source: str) -> Iterator[Figure]:
    return (Figure(number, "") for number in sorted(numbers_in_words(source)))


def follows(figure: Figure, known: Iterable[Followed], language: str) -> bool:
    """Whether a figure is one of those that follow from others."""
    return any(
        sort == figure.sort and abs(value - one) < _CENT
        for value in _value(figure.number, language)
        for sort, one in known
    )


def _take_reckoned(left: dict[str, None], text: str, language: str) -> None:
    """Takes out what a text reckons from figures that are given, or that followed from such."""
    for numbers in right_figures(text, language):
        new = {number for number in numbers if number in left}
        if len(new) == 1 and len(set(numbers)) > 1:
            left.pop(new.pop())


def _followed(given: Sequence[Figure], language: str) -> Iterator[Followed]:
    """The sums of money and the shares that follow from given figures, each with its sort."""
    money, shares, counts = (_values(given, sort, language) for sort in ("money", "share", ""))
    for price in money:
        for share in shares:
            yield from (("money", price * part / 100) for part in (share, 100 - share, 100 + share))
        yield from (("money", price * count) for count in counts if 1 < count <= _MOST_TIMES)
    # "£6 more than the 89": a price may stand without its sign.
    for one in money:
        yield from (("money", abs(one + sign * other)) for other in counts if other >= 10 for sign in (1, -1))
    for one, other in permutations(money, 2):
        yield "money", one + other
        if one > other:
            yield "money", one - other
            yield "share", Fraction(round((one - other) * 100 / one))


def _values(given: Sequence[Figure], sort: str, language: str) -> list[Fraction]:
    """The first different values of a sort."""
    numbers = dict.fromkeys(figure.number for figure in given if figure.sort == sort)
    found = (value for number in islice(numbers, _MOST) for value in _value(number, language))
    return list(dict.fromkeys(found))


def _value(number: str, language: str) -> tuple[Fraction, ...]:
    figure = figure_of(number, language) if number[:1].isdigit() and ":" not in number else None
    return figure.values[:1] if figure else ()
