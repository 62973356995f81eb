"""Measures how similar generated rows are to real ones, column by column and pair by pair, with figures from 0 to 1: those
that the SDMetrics library calls KSComplement, TVComplement, CorrelationSimilarity and ContingencySimilarity. They are
computed here because SDMetrics depends on a library with an incompatible licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .columns import Array

_BIN_COUNT = 10
# A pair of columns is dependent, as in SDMetrics' report, if its correlation or Cramér's V is higher.
_MIN_CORRELATION, _MIN_ASSOCIATION = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Quality:
    """The similarity of each column's distribution (`shapes`) and each pair's dependence (`trends`)."""

    shapes: dict[str, float]
    trends: dict[tuple[str, str], float]
    # The pairs that are dependent in the real rows.
    dependent_pairs: frozenset[tuple[str, str]] = frozenset()

    @property
    def shape(self) -> float:
        """The mean similarity of the columns' distributions."""
        return compute_mean(list(self.shapes.values()))

    @property
    def trend(self) -> float:
        """The mean similarity of the dependent pairs; of all pairs if none is dependent."""
        return compute_mean(
            [trend for pair, trend in self.trends.items() if pair in self.dependent_pairs or not self.dependent_pairs]
        )

    @property
    def overall(self) -> float:
        """The mean of `shape` and `trend`; `shape` if there is only one column."""
        return compute_mean([self.shape, self.trend] if self.trends else [self.shape])


def compute_mean(figures: Sequence[float]) -> float:
    """Return the mean; 0 without figures."""
    return float(np.mean(figures)) if len(figures) else 0.0


def measure_quality(real: dict[str, Array], generated: dict[str, Array]) -> Quality:
    """Measure the similarity of generated rows to real ones. Arrays of floats are numeric, others categorical. Missing
    values are ignored, except as a level of their own in pairs with a category.
    """
    shapes = {name: compare_shapes(real[name], generated[name]) for name in real}
    spans = {name: _find_span(real[name]) for name in real if real[name].dtype != object}
    encoded = {name: _encode_samples(real[name], generated[name], spans.get(name)) for name in real}
    trends, dependent_pairs = {}, set()
    for first, second in combinations(real, 2):
        if first in spans and second in spans:
            correlations = (
                compute_correlation(real[first], real[second]),
                compute_correlation(generated[first], generated[second]),
            )
            if not np.isnan(correlations[0]):
                trends[first, second] = (
                    1 - abs(correlations[0] - (0.0 if np.isnan(correlations[1]) else correlations[1])) / 2
                )
                dependent_pairs |= {(first, second)} if abs(correlations[0]) > _MIN_CORRELATION else set()
        else:
            trends[first, second], association = _compare_contingency(encoded[first], encoded[second])
            dependent_pairs |= {(first, second)} if association > _MIN_ASSOCIATION else set()
    return Quality(shapes, trends, frozenset(dependent_pairs))


def compare_shapes(real: Array, generated: Array) -> float:
    """Return the similarity of two distributions: 1 minus the maximum difference of their cumulative shares for numbers
    (Kolmogorov–Smirnov), 1 minus half the sum of the differences of shares for categories (total variation).
    """
    if real.dtype != object:
        real, generated = np.sort(real[~np.isnan(real)]), np.sort(generated[~np.isnan(generated)])
        if not len(real) or not len(generated):
            return float(len(real) == len(generated))
        points = np.concatenate([real, generated])
        cdfs = (
            np.searchsorted(real, points, side="right") / len(real),
            np.searchsorted(generated, points, side="right") / len(generated),
        )
        return 1 - float(np.abs(cdfs[0] - cdfs[1]).max())
    real, generated = real[real != ""].astype(str), generated[generated != ""].astype(str)
    if not len(real) or not len(generated):
        return float(len(real) == len(generated))
    levels, codes = np.unique(np.concatenate([real, generated]), return_inverse=True)
    shares = [np.bincount(part, minlength=len(levels)) / len(part) for part in (codes[: len(real)], codes[len(real) :])]
    return 1 - float(np.abs(shares[0] - shares[1]).sum()) / 2


def compute_correlation(first: Array, second: Array) -> float:
    """Compute Pearson's correlation over the rows that have both values; NaN if a column is constant or there are fewer
    than two such rows.
    """
    has_both = ~np.isnan(first) & ~np.isnan(second)
    if has_both.sum() < 2:
        return float("nan")
    first, second = first[has_both], second[has_both]
    std_product = first.std() * second.std()
    return (
        float(((first - first.mean()) * (second - second.mean())).mean() / std_product)
        if std_product > 0
        else float("nan")
    )


def _find_span(values: Array) -> tuple[float, float]:
    known_values = values[~np.isnan(values)]
    return (float(known_values.min()), float(known_values.max())) if len(known_values) else (0.0, 0.0)


def _encode_samples(real: Array, generated: Array, span: tuple[float, float] | None) -> tuple[Array, Array, int]:
    """Encode both samples as integers from 0, and return them with the number of levels: categories, or tenths of the
    real span of a number; missing values are a level of their own.
    """
    if span is None:
        levels, codes = np.unique(np.concatenate([real, generated]).astype(str), return_inverse=True)
        return codes[: len(real)], codes[len(real) :], len(levels)
    low, high = span
    bins = [np.floor((values - low) / ((high - low) or 1.0) * _BIN_COUNT) for values in (real, generated)]
    real_codes, generated_codes = (
        np.where(np.isnan(sample), _BIN_COUNT, sample.clip(0, _BIN_COUNT - 1)).astype(np.int64) for sample in bins
    )
    return real_codes, generated_codes, _BIN_COUNT + 1


def _compare_contingency(first: tuple[Array, Array, int], second: tuple[Array, Array, int]) -> tuple[float, float]:
    """Return the similarity of the real and the generated contingency table of two encoded columns, and Cramér's V of the
    real one.
    """
    real, generated = (
        np.bincount(first_codes * second[2] + second_codes, minlength=first[2] * second[2]).reshape(first[2], second[2])
        / len(first_codes)
        for first_codes, second_codes in ((first[0], second[0]), (first[1], second[1]))
    )
    rows, columns = real.sum(axis=1, keepdims=True), real.sum(axis=0, keepdims=True)
    expected, fewer = rows * columns, min((rows > 0).sum(), (columns > 0).sum()) - 1
    chi_squared = np.where(expected > 0, (real - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0).sum()
    return 1 - float(np.abs(real - generated).sum()) / 2, float(np.sqrt(chi_squared / fewer)) if fewer > 0 else 0.0
