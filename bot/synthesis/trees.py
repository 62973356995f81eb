"""Gradient-boosted decision trees over binned columns, to tell generated rows from real ones and to predict a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array

BIN_COUNT = 32
_TREE_COUNT, _DEPTH, _LEARNING_RATE, _REGULARISATION = 40, 4, 0.2, 1.0


@dataclass(frozen=True, slots=True)
class Binning:
    """The bin edges of each numeric column, or the most frequent categories of each other column."""

    edges: dict[str, Array]

    def encode(self, values: dict[str, Array]) -> Array:
        """Encode rows as bins; missing and unknown values get a bin of their own."""
        return np.stack([_bin_values(values[name], edges) for name, edges in self.edges.items()], axis=1)


def build_binning(values: dict[str, Array]) -> Binning:
    """Derive the bins from rows."""
    edges = dict[str, Array]()
    for name, array in values.items():
        if array.dtype == object:
            cells, counts = np.unique(array.astype(str), return_counts=True)
            edges[name] = cells[np.argsort(-counts, kind="stable")][: BIN_COUNT - 1].astype(object)
        else:
            known_values = array[~np.isnan(array)]
            edges[name] = (
                np.unique(np.quantile(known_values, np.linspace(0, 1, BIN_COUNT)[1:-1]))
                if len(known_values)
                else np.zeros(0)
            )
    return Binning(edges)


def _bin_values(array: Array, edges: Array) -> Array:
    if edges.dtype == object:
        bin_of_cell = {cell: index for index, cell in enumerate(edges)}
        return np.array([bin_of_cell.get(str(cell), BIN_COUNT - 1) for cell in array], dtype=np.int64)
    return np.where(np.isnan(array), BIN_COUNT - 1, np.searchsorted(edges, array, side="left")).astype(np.int64)


def predict(rows: Array, target: Array, query_rows: Array, *, as_probability: bool) -> Array:
    """Train trees on binned rows and their targets, and predict the target of `query_rows`: a number, or with
    `as_probability` the probability that a target of 0 or 1 is 1.
    """
    base = float(target.mean())
    if as_probability:
        probability = min(max(base, 1e-3), 1 - 1e-3)
        base = float(np.log(probability / (1 - probability)))
    row_outputs, query_outputs = np.full(len(rows), base), np.full(len(query_rows), base)
    for _ in range(_TREE_COUNT):
        predictions = 1 / (1 + np.exp(-row_outputs)) if as_probability else row_outputs
        gradients, hessians = (
            predictions - target,
            predictions * (1 - predictions) if as_probability else np.ones(len(rows)),
        )
        row_steps, query_steps = _fit_tree(rows, gradients, hessians, query_rows)
        row_outputs, query_outputs = (
            row_outputs + _LEARNING_RATE * row_steps,
            query_outputs + _LEARNING_RATE * query_steps,
        )
    return np.asarray(1 / (1 + np.exp(-query_outputs))) if as_probability else query_outputs


def _fit_tree(rows: Array, gradients: Array, hessians: Array, query_rows: Array) -> tuple[Array, Array]:
    """Fit one tree to the gradients and hessians of the loss; return its outputs for `rows` and for `query_rows`."""
    row_nodes, query_nodes = np.zeros(len(rows), dtype=np.int64), np.zeros(len(query_rows), dtype=np.int64)
    for depth in range(_DEPTH):
        node_count = 2**depth
        best_gains, split_features, split_bins = (
            np.zeros(node_count),
            np.zeros(node_count, dtype=np.int64),
            np.full(node_count, BIN_COUNT),
        )
        for feature in range(rows.shape[1]):
            cells = row_nodes * BIN_COUNT + rows[:, feature]
            gradient_sums, hessian_sums = (
                np.bincount(cells, weights=weights, minlength=node_count * BIN_COUNT)
                .reshape(node_count, BIN_COUNT)
                .cumsum(axis=1)
                for weights in (gradients, hessians)
            )
            parent_score = gradient_sums[:, -1:] ** 2 / (hessian_sums[:, -1:] + _REGULARISATION)
            gains = (
                gradient_sums**2 / (hessian_sums + _REGULARISATION)
                + (gradient_sums[:, -1:] - gradient_sums) ** 2 / (hessian_sums[:, -1:] - hessian_sums + _REGULARISATION)
                - parent_score
            )
            best_bins = gains.argmax(axis=1)
            is_better = gains[np.arange(node_count), best_bins] > best_gains + 1e-9
            best_gains = np.where(is_better, gains[np.arange(node_count), best_bins], best_gains)
            split_features, split_bins = (
                np.where(is_better, feature, split_features),
                np.where(is_better, best_bins, split_bins),
            )
        row_nodes = row_nodes * 2 + (rows[np.arange(len(rows)), split_features[row_nodes]] > split_bins[row_nodes])
        query_nodes = query_nodes * 2 + (
            query_rows[np.arange(len(query_rows)), split_features[query_nodes]] > split_bins[query_nodes]
        )
    leaf_count = 2**_DEPTH
    sums = [np.bincount(row_nodes, weights=weights, minlength=leaf_count) for weights in (gradients, hessians)]
    leaf_outputs = -sums[0] / (sums[1] + _REGULARISATION)
    return leaf_outputs[row_nodes], leaf_outputs[query_nodes]


def compute_auc(labels: Array, scores: Array) -> float:
    """Compute the area under the ROC curve: the probability that a positive row (label 1) scores above a negative one;
    0.5 unless there are both.
    """
    positive_count = int(labels.sum())
    if not positive_count or positive_count == len(labels):
        return 0.5
    _, levels, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[levels]
    return float(
        (ranks[labels == 1].sum() - positive_count * (positive_count + 1) / 2)
        / positive_count
        / (len(labels) - positive_count)
    )
