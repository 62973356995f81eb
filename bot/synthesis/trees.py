"""Gradient-boosted trees over binned columns: what tells made-up rows from real ones, and foresees one column from the
others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array

BINS = 32
_TREES, _DEPTH, _RATE, _SMOOTH = 40, 4, 0.2, 1.0


@dataclass(frozen=True, slots=True)
class Binning:
    """Where the bins of each column end, or which categories it has; found of real rows."""

    edges: dict[str, Array]

    def codes(self, values: dict[str, Array]) -> Array:
        """Rows as bins; what is missing or unknown is a bin of its own."""
        return np.stack([_binned(values[name], edges) for name, edges in self.edges.items()], axis=1)


def binning_of(values: dict[str, Array]) -> Binning:
    """The bins of these rows."""
    edges = dict[str, Array]()
    for name, found in values.items():
        if found.dtype == object:
            cells, counts = np.unique(found.astype(str), return_counts=True)
            edges[name] = cells[np.argsort(-counts, kind="stable")][: BINS - 1].astype(object)
        else:
            known = found[~np.isnan(found)]
            edges[name] = np.unique(np.quantile(known, np.linspace(0, 1, BINS)[1:-1])) if len(known) else np.zeros(0)
    return Binning(edges)


def _binned(found: Array, edges: Array) -> Array:
    if edges.dtype == object:
        at = {cell: index for index, cell in enumerate(edges)}
        return np.array([at.get(str(cell), BINS - 1) for cell in found], dtype=np.int64)
    return np.where(np.isnan(found), BINS - 1, np.searchsorted(edges, found, side="left")).astype(np.int64)


def foreseen(rows: Array, target: Array, asked: Array, *, chance: bool) -> Array:
    """What trees that learn the target of rows say of the rows that are asked about: a number, or the `chance` that it
    is 1.
    """
    base = float(target.mean())
    if chance:
        share = min(max(base, 1e-3), 1 - 1e-3)
        base = float(np.log(share / (1 - share)))
    score, answer = np.full(len(rows), base), np.full(len(asked), base)
    for _ in range(_TREES):
        said = 1 / (1 + np.exp(-score)) if chance else score
        slope, bend = said - target, said * (1 - said) if chance else np.ones(len(rows))
        grown, told = _tree(rows, slope, bend, asked)
        score, answer = score + _RATE * grown, answer + _RATE * told
    return np.asarray(1 / (1 + np.exp(-answer))) if chance else answer


def _tree(rows: Array, slope: Array, bend: Array, asked: Array) -> tuple[Array, Array]:
    """What one tree says of the rows that it grew on, and of those that are asked about."""
    where, there = np.zeros(len(rows), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    for depth in range(_DEPTH):
        nodes = 2**depth
        best, feature, cut = np.zeros(nodes), np.zeros(nodes, dtype=np.int64), np.full(nodes, BINS)
        for at in range(rows.shape[1]):
            place = where * BINS + rows[:, at]
            slopes, bends = (
                np.bincount(place, weights=one, minlength=nodes * BINS).reshape(nodes, BINS).cumsum(axis=1)
                for one in (slope, bend)
            )
            whole = slopes[:, -1:] ** 2 / (bends[:, -1:] + _SMOOTH)
            gain = (
                slopes**2 / (bends + _SMOOTH)
                + (slopes[:, -1:] - slopes) ** 2 / (bends[:, -1:] - bends + _SMOOTH)
                - whole
            )
            top = gain.argmax(axis=1)
            better = gain[np.arange(nodes), top] > best + 1e-9
            best = np.where(better, gain[np.arange(nodes), top], best)
            feature, cut = np.where(better, at, feature), np.where(better, top, cut)
        where = where * 2 + (rows[np.arange(len(rows)), feature[where]] > cut[where])
        there = there * 2 + (asked[np.arange(len(asked)), feature[there]] > cut[there])
    leaves = 2**_DEPTH
    sums = [np.bincount(where, weights=one, minlength=leaves) for one in (slope, bend)]
    says = -sums[0] / (sums[1] + _SMOOTH)
    return says[where], says[there]


def area(truth: Array, score: Array) -> float:
    """The area under the ROC curve: how often a row that is one stands above a row that is none; half where there are
    not both.
    """
    ones = int(truth.sum())
    if not ones or ones == len(truth):
        return 0.5
    _, level, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[level]
    return float((ranks[truth == 1].sum() - ones * (ones + 1) / 2) / ones / (len(truth) - ones))
