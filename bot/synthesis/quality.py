"""How similar generated rows are to real ones, column by column and pair by pair. The figures are those that the
SDMetrics library calls KSComplement, TVComplement, CorrelationSimilarity and ContingencySimilarity, from 0 to 1.
They are computed here because that library depends on one whose licence is incompatible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .columns import Array

_BIN_COUNT = 10
# Minimum dependence of pairs that count overall, as in SDMetrics' report: correlation, or Cramér's V.
_MIN_CORRELATION, _MIN_ASSOCIATION = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Quality:
    """The similarity of columns' shapes and pairs' trends, each and overall."""

    shapes: dict[str, float]
    trends: dict[tuple[str, str], float]
    # The pairs that are dependent in the real rows.
    dependent_pairs: frozenset[tuple[str, str]] = frozenset()

    @property
    def shape(self) -> float:
        """The mean over all columns."""
        return compute_mean(list(self.shapes.values()))

    @property
    def trend(self) -> float:
        """The mean over the dependent pairs; over all pairs if none is dependent."""
        return compute_mean(
            [figure for pair, figure in self.trends.items() if pair in self.dependent_pairs or not self.dependent_pairs]
        )

    @property
    def overall(self) -> float:
        """The mean of shapes and trends; only of shapes if there is one column."""
        return compute_mean([self.shape, self.trend] if self.trends else [self.shape])


def compute_mean(figures: Sequence[float]) -> float:
    """Return the mean of figures; 0 if there are none."""
    return float(np.mean(figures)) if len(figures) else 0.0


def measure_quality(real: dict[str, Array], generated: dict[str, Array]) -> Quality:
    """Measure the quality of generated rows. Columns of floats are numeric, others categorical; missing values are
    ignored.
    """
    shapes = {name: compare_shapes(real[name], generated[name]) for name in real}
    spans = {name: _find_span(real[name]) for name in real if real[name].dtype != object}
    coded = {name: (_encode_samples(real, name, generated[name], real[name], spans)) for name in real}
    trends, dependent_pairs = {}, set()
    for first, second in combinations(real, 2):
        if first in spans and second in spans:
            pair = (
                compute_correlation(real[first], real[second]),
                compute_correlation(generated[first], generated[second]),
            )
            if not np.isnan(pair[0]):
                trends[first, second] = 1 - abs(pair[0] - (0.0 if np.isnan(pair[1]) else pair[1])) / 2
                dependent_pairs |= {(first, second)} if abs(pair[0]) > _MIN_CORRELATION else set()
        else:
            trends[first, second], association = _compare_contingency(coded[first], coded[second])
            dependent_pairs |= {(first, second)} if association > _MIN_ASSOCIATION else set()
    return Quality(shapes, trends, frozenset(dependent_pairs))


def compare_shapes(real: Array, generated: Array) -> float:
    """Return the similarity of two distributions: 1 minus the largest gap of their cumulative shares (numbers), or
    minus half the sum of the gaps of shares (categories).
    """
    if real.dtype != object:
        real, generated = np.sort(real[~np.isnan(real)]), np.sort(generated[~np.isnan(generated)])
        if not len(real) or not len(generated):
            return float(len(real) == len(generated))
        at = np.concatenate([real, generated])
        below = (
            np.searchsorted(real, at, side="right") / len(real),
            np.searchsorted(generated, at, side="right") / len(generated),
        )
        return 1 - float(np.abs(below[0] - below[1]).max())
    real, generated = real[real != ""].astype(str), generated[generated != ""].astype(str)
    if not len(real) or not len(generated):
        return float(len(real) == len(generated))
    levels, codes = np.unique(np.concatenate([real, generated]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(levels)) / len(part) for part in (codes[: len(real)], codes[len(real) :])]
    return 1 - float(np.abs(shares[0] - shares[1]).sum()) / 2


def compute_correlation(first: Array, second: Array) -> float:
    """Compute Pearson's correlation over rows that have both values; NaN if one of them is constant."""
    known = ~np.isnan(first) & ~np.isnan(second)
    if known.sum() < 2:
        return float("nan")
    first, second = first[known], second[known]
    spread = first.std() * second.std()
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else float("nan")


def _find_span(values: Array) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _encode_samples(
    real: dict[str, Array], name: str, generated: Array, found: Array, spans: dict[str, tuple[float, float]]
) -> tuple[Array, Array, int]:
    """Encode both samples as integers from 0: categories, or tenths of the real span; missing values get their own."""
    if name in spans:
        low, high = spans[name]
        both = [np.floor((values - low) / ((high - low) or 1.0) * _BIN_COUNT) for values in (found, generated)]
        codes = [np.where(np.isnan(bins), _BIN_COUNT, bins.clip(0, _BIN_COUNT - 1)).astype(np.int64) for bins in both]
        return codes[0], codes[1], _BIN_COUNT + 1
    levels, both_codes = np.unique(np.concatenate([found, generated]).astype(str), return_inverse=True)
    return both_codes[: len(found)], both_codes[len(found) :], len(levels)


def _compare_contingency(first: tuple[Array, Array, int], second: tuple[Array, Array, int]) -> tuple[float, float]:
    """Return the similarity of two samples' contingency tables, and Cramér's V of the first."""
    real, generated = (
        np.bincount(first_codes * second[2] + second_codes, minlength=first[2] * second[2]).reshape(first[2], second[2])
        / len(first_codes)
        for first_codes, second_codes in ((first[0], second[0]), (first[1], second[1]))
    )
    rows, columns = real.sum(axis=1, keepdims=True), real.sum(axis=0, keepdims=True)
    expected, fewer = rows * columns, min((rows > 0).sum(), (columns > 0).sum()) - 1
    chi_squared = np.where(expected > 0, (real - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0).sum()
    return 1 - float(np.abs(real - generated).sum()) / 2, float(np.sqrt(chi_squared / fewer)) if fewer > 0 else 0.0
