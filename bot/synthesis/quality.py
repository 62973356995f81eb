"""How near made-up rows come to real ones, column by column and pair by pair.

The figures are those that the SDMetrics library calls KSComplement, TVComplement, CorrelationSimilarity and
ContingencySimilarity, from 0 to 1. They are reckoned here as that library asks for another whose licence does not go
with this one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .columns import Array

_BINS = 10
# Pairs that go together more than so much in the real rows count for the whole, as in SDMetrics' report: correlation, or Cramér's V.
_CORRELATED, _ASSOCIATED = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Quality:
    """How near columns' shapes and pairs' trends come, each and on the whole."""

    shapes: dict[str, float]
    trends: dict[tuple[str, str], float]
    # Those pairs that go together in the real rows.
    together: frozenset[tuple[str, str]] = frozenset()

    @property
    def shape(self) -> float:
        """Of all columns."""
        return mean(list(self.shapes.values()))

    @property
    def trend(self) -> float:
        """Of the pairs that go together; of all where none do."""
        return mean([figure for pair, figure in self.trends.items() if pair in self.together or not self.together])

    @property
    def overall(self) -> float:
        """Shapes and trends alike; shapes alone where there is one column."""
        return mean([self.shape, self.trend] if self.trends else [self.shape])


def mean(figures: Sequence[float]) -> float:
    """The mean of figures; 0 of none."""
    return float(np.mean(figures)) if len(figures) else 0.0


def quality_of(real: dict[str, Array], made: dict[str, Array]) -> Quality:
    """The quality of made-up rows. Columns of floats are measured, others are categories; what is missing does not count."""
    shapes = {name: shape(real[name], made[name]) for name in real}
    spans = {name: _span(real[name]) for name in real if real[name].dtype != object}
    coded = {name: (_codes(real, name, made[name], real[name], spans)) for name in real}
    trends, together = {}, set()
    for first, second in combinations(real, 2):
        if first in spans and second in spans:
            pair = (correlation(real[first], real[second]), correlation(made[first], made[second]))
            if not np.isnan(pair[0]):
                trends[first, second] = 1 - abs(pair[0] - (0.0 if np.isnan(pair[1]) else pair[1])) / 2
                together |= {(first, second)} if abs(pair[0]) > _CORRELATED else set()
        else:
            trends[first, second], association = _contingency(coded[first], coded[second])
            together |= {(first, second)} if association > _ASSOCIATED else set()
    return Quality(shapes, trends, frozenset(together))


def shape(real: Array, made: Array) -> float:
    """How alike two samples are distributed: 1 less the largest gap of their cumulative shares, or half of all gaps of
    categories' shares.
    """
    if real.dtype != object:
        real, made = np.sort(real[~np.isnan(real)]), np.sort(made[~np.isnan(made)])
        if not len(real) or not len(made):
            return float(len(real) == len(made))
        at = np.concatenate([real, made])
        below = np.searchsorted(real, at, side="right") / len(real), np.searchsorted(made, at, side="right") / len(made)
        return 1 - float(np.abs(below[0] - below[1]).max())
    real, made = real[real != ""].astype(str), made[made != ""].astype(str)
    if not len(real) or not len(made):
        return float(len(real) == len(made))
    levels, codes = np.unique(np.concatenate([real, made]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(levels)) / len(part) for part in (codes[: len(real)], codes[len(real) :])]
    return 1 - float(np.abs(shares[0] - shares[1]).sum()) / 2


def correlation(first: Array, second: Array) -> float:
    """Pearson's correlation of rows that have both; NaN where one of them does not vary."""
    known = ~np.isnan(first) & ~np.isnan(second)
    if known.sum() < 2:
        return float("nan")
    first, second = first[known], second[known]
    spread = first.std() * second.std()
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else float("nan")


def _span(values: Array) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _codes(
    real: dict[str, Array], name: str, made: Array, found: Array, spans: dict[str, tuple[float, float]]
) -> tuple[Array, Array, int]:
    """Both samples as numbers from 0: categories, or tenths of the real span; what is missing is one more."""
    if name in spans:
        low, high = spans[name]
        both = [np.floor((one - low) / ((high - low) or 1.0) * _BINS) for one in (found, made)]
        codes = [np.where(np.isnan(one), _BINS, one.clip(0, _BINS - 1)).astype(np.int64) for one in both]
        return codes[0], codes[1], _BINS + 1
    levels, both_codes = np.unique(np.concatenate([found, made]).astype(str), return_inverse=True)
    return both_codes[: len(found)], both_codes[len(found) :], len(levels)


def _contingency(first: tuple[Array, Array, int], second: tuple[Array, Array, int]) -> tuple[float, float]:
    """How alike two samples' tables of a pair are; and Cramér's V of the first."""
    real, made = (
        np.bincount(one * second[2] + other, minlength=first[2] * second[2]).reshape(first[2], second[2]) / len(one)
        for one, other in ((first[0], second[0]), (first[1], second[1]))
    )
    rows, columns = real.sum(axis=1, keepdims=True), real.sum(axis=0, keepdims=True)
    expected, fewer = rows * columns, min((rows > 0).sum(), (columns > 0).sum()) - 1
    apart = np.where(expected > 0, (real - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0).sum()
    return 1 - float(np.abs(real - made).sum()) / 2, float(np.sqrt(apart / fewer)) if fewer > 0 else 0.0
