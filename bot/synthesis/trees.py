"""Gradient-boosted trees over binned columns: they distinguish generated rows from real ones, and predict one column
from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array

BIN_COUNT = 32
_TREES, _DEPTH, _RATE, _SMOOTH = 40, 4, 0.2, 1.0


@dataclass(frozen=True, slots=True)
class Binning:
    """The bin edges of each numeric column, or its categories; derived from real rows."""

    edges: dict[str, Array]

    def encode(self, values: dict[str, Array]) -> Array:
        """Encode rows as bins; missing and unknown values get a bin of their own."""
        return np.stack([_bin_values(values[name], edges) for name, edges in self.edges.items()], axis=1)


def build_binning(values: dict[str, Array]) -> Binning:
    """Derive bins from rows."""
    edges = dict[str, Array]()
    for name, found in values.items():
        if found.dtype == object:
            cells, counts = np.unique(found.astype(str), return_counts=True)
            edges[name] = cells[np.argsort(-counts, kind="stable")][: BIN_COUNT - 1].astype(object)
        else:
            known = found[~np.isnan(found)]
            edges[name] = (
                np.unique(np.quantile(known, np.linspace(0, 1, BIN_COUNT)[1:-1])) if len(known) else np.zeros(0)
            )
    return Binning(edges)


def _bin_values(found: Array, edges: Array) -> Array:
    if edges.dtype == object:
        at = {cell: index for index, cell in enumerate(edges)}
        return np.array([at.get(str(cell), BIN_COUNT - 1) for cell in found], dtype=np.int64)
    return np.where(np.isnan(found), BIN_COUNT - 1, np.searchsorted(edges, found, side="left")).astype(np.int64)


def predict(rows: Array, target: Array, queries: Array, *, chance: bool) -> Array:
    """Train trees on rows and their targets; predict the queries: a number, or the `chance` that it is 1."""
    base = float(target.mean())
    if chance:
        share = min(max(base, 1e-3), 1 - 1e-3)
        base = float(np.log(share / (1 - share)))
    score, answer = np.full(len(rows), base), np.full(len(queries), base)
    for _ in range(_TREES):
        predictions = 1 / (1 + np.exp(-score)) if chance else score
        slope, bend = predictions - target, predictions * (1 - predictions) if chance else np.ones(len(rows))
        row_scores, query_scores = _fit_tree(rows, slope, bend, queries)
        score, answer = score + _RATE * row_scores, answer + _RATE * query_scores
    return np.asarray(1 / (1 + np.exp(-answer))) if chance else answer


def _fit_tree(rows: Array, slope: Array, bend: Array, queries: Array) -> tuple[Array, Array]:
    """Fit one tree; return its output for the rows that it was grown on, and for the queries."""
    nodes_of_rows, query_nodes = np.zeros(len(rows), dtype=np.int64), np.zeros(len(queries), dtype=np.int64)
    for depth in range(_DEPTH):
        nodes = 2**depth
        best, feature, cut = np.zeros(nodes), np.zeros(nodes, dtype=np.int64), np.full(nodes, BIN_COUNT)
        for at in range(rows.shape[1]):
            place = nodes_of_rows * BIN_COUNT + rows[:, at]
            slopes, bends = (
                np.bincount(place, weights=weights, minlength=nodes * BIN_COUNT)
                .reshape(nodes, BIN_COUNT)
                .cumsum(axis=1)
                for weights in (slope, bend)
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
        nodes_of_rows = nodes_of_rows * 2 + (rows[np.arange(len(rows)), feature[nodes_of_rows]] > cut[nodes_of_rows])
        query_nodes = query_nodes * 2 + (queries[np.arange(len(queries)), feature[query_nodes]] > cut[query_nodes])
    leaves = 2**_DEPTH
    sums = [np.bincount(nodes_of_rows, weights=weights, minlength=leaves) for weights in (slope, bend)]
    says = -sums[0] / (sums[1] + _SMOOTH)
    return says[nodes_of_rows], says[query_nodes]


def compute_auc(truth: Array, score: Array) -> float:
    """Compute the area under the ROC curve: the probability that a positive row scores above a negative one; 0.5
    without both.
    """
    ones = int(truth.sum())
    if not ones or ones == len(truth):
        return 0.5
    _, level, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[level]
    return float((ranks[truth == 1].sum() - ones * (ones + 1) / 2) / ones / (len(truth) - ones))
