"""A Gaussian copula: the distribution of each feature, and the correlation between them. It is fitted in seconds, without
PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import WantedLevels
from .normal import compute_cdf, compute_quantiles

_MAX_QUANTILES = 1001


class Copula:
    """The marginal distributions of features, and the correlation of their normal scores."""

    def __init__(self, features: tuple[Feature, ...], margins: dict[str, Array], correlation: Array) -> None:
        # Continuous features: equidistant quantiles. Discrete ones: two rows, the levels in order and their cumulative
        # shares.
        self.features, self.margins, self.correlation = features, margins, correlation

    def sample(self, rows: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return rows, the same for the same seed; wanted levels are ignored."""
        rng = np.random.default_rng(seed)
        scores = rng.standard_normal((rows, len(self.features))) @ _factorise(self.correlation).T
        shares = compute_cdf(scores)
        return Frame(
            self.features,
            {
                feature.name: self._apply_margin(feature, shares[:, index])
                for index, feature in enumerate(self.features)
            },
        )

    def _apply_margin(self, feature: Feature, shares: Array) -> Array:
        margin = self.margins[feature.name]
        if not feature.size:
            return np.interp(shares, np.linspace(0, 1, len(margin)), margin)
        levels, cumulative_shares = margin
        return np.asarray(levels.astype(np.int64)[np.searchsorted(cumulative_shares[:-1], shares, side="right")])

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        margins = {f"margin{index}": self.margins[feature.name] for index, feature in enumerate(self.features)}
        return {}, {"correlation": self.correlation, **margins}

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Copula:
        """Rebuild a copula from its `to_state`."""
        margins = {feature.name: arrays[f"margin{index}"] for index, feature in enumerate(features)}
        return cls(features, margins, arrays["correlation"])


def fit_copula(frame: Frame, seed: int) -> Copula:
    """Fit a copula to a frame."""
    rng = np.random.default_rng(seed)
    order = order_levels(frame)
    margins, scores = dict[str, Array](), list[Array]()
    for feature in frame.features:
        values = frame.data[feature.name]
        if feature.size:
            counts = np.bincount(values, minlength=feature.size)[order[feature.name]] / frame.row_count
            margins[feature.name] = np.stack([order[feature.name].astype(float), np.cumsum(counts)])
            ranks = np.empty(feature.size, dtype=np.int64)
            ranks[order[feature.name]] = np.arange(feature.size)
            values = ranks[values]
        else:
            margins[feature.name] = np.quantile(values, np.linspace(0, 1, min(_MAX_QUANTILES, frame.row_count)))
        scores.append(_compute_mean_scores(values, rng))
    return Copula(frame.features, margins, estimate_correlation(np.stack(scores, axis=1)))


def order_levels(frame: Frame) -> dict[str, Array]:
    """Order the levels of each discrete feature along the first principal component of all features, so that they
    correlate with the others.
    """
    rows = slice(0, 5000)
    parts = [
        _standardise(
            np.eye(feature.size)[frame.data[feature.name][rows]]
            if feature.size
            else _rank(frame.data[feature.name][rows])
        )
        for feature in frame.features
    ]
    columns = np.concatenate(parts, axis=1)
    direction = np.ones(columns.shape[1]) / np.sqrt(columns.shape[1])
    for _ in range(20):
        direction = columns.T @ (columns @ direction)
        direction /= np.linalg.norm(direction) or 1.0
    projections, order = columns @ direction, dict[str, Array]()
    for feature in frame.features:
        if feature.size:
            levels = frame.data[feature.name][rows]
            counts = np.bincount(levels, minlength=feature.size)
            means = np.bincount(levels, weights=projections, minlength=feature.size) / np.maximum(counts, 1)
            order[feature.name] = np.argsort(means, kind="stable")
    return order


def _standardise(values: Array) -> Array:
    std = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(std > 0, std, 1.0) / np.sqrt(values.shape[1]))


def _rank(values: Array) -> Array:
    return np.asarray(np.argsort(np.argsort(values, kind="stable"), kind="stable")[:, None] / len(values))


def _compute_mean_scores(values: Array, rng: np.random.Generator) -> Array:
    """Return the normal score of each row by its rank; rows with the same value get the mean of their scores."""
    order = np.lexsort((rng.random(len(values)), values))
    scores = np.empty(len(values))
    scores[order] = compute_quantiles((np.arange(len(values)) + 0.5) / len(values))
    _, level = np.unique(values, return_inverse=True)
    return np.asarray((np.bincount(level, weights=scores) / np.bincount(level))[level])


def estimate_correlation(scores: Array) -> Array:
    """Estimate the correlation of normal scores from the mean scores of tied rows (rows × features). By taking means, the
    variances and the covariances shrink by the same factor, so covariances are divided by variances.
    """
    variances = scores.var(axis=0)
    divisors = np.where(variances > 1e-9, variances, 1.0)
    centred = scores - scores.mean(axis=0)
    correlation = centred.T @ centred / len(scores) / np.outer(divisors, divisors)
    return project_correlation(np.clip(correlation, -0.98, 0.98))


def project_correlation(matrix: Array) -> Array:
    """Return a valid correlation matrix near this one: without negative eigenvalues, and with a unit diagonal."""
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    for _ in range(10):
        values, vectors = np.linalg.eigh(matrix)
        if values[0] > 1e-6:
            break
        matrix = (vectors * np.maximum(values, 1e-4)) @ vectors.T
        scale = np.sqrt(np.diag(matrix))
        matrix = matrix / np.outer(scale, scale)
    return matrix


def _factorise(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
