"""Functions shared by the GAN and the VAE: sampling levels, scoring, and the correction of rows after training. A network
only approximates the shares of levels, the distributions of numbers and their correlation. As the real ones are known,
its rows are corrected: a bias is fitted for each level, numbers are mapped to the real distribution by quantile, and the
normal scores of numbers are shifted and transformed, as little as possible, to the real means by level and the real
covariance. All other dependences remain as the network learnt them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .modes import MatrixLayout
from .normal import compute_quantiles
from .quality import compute_mean, measure_quality

_QUANTILE_COUNT = 401
# Rows drawn to fit a correction, and the rounds in which biases are fitted.
_MIN_ROWS, _MAX_ROWS, _BIAS_ROUNDS = 1_000, 6_000, 6
# Regularisation of the means by level, and of the covariance.
_RIDGE, _MIN_VARIANCE = 2.0, 1e-3


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of a network's rows: a bias for each column of the matrix; for each number two rows, the quantiles of
    the network's rows and the real ones; and a transform of the dependence of numbers on each other and on levels.
    """

    bias: Array
    quantiles: dict[str, Array] = field(default_factory=dict)
    transform: ScoreTransform | None = None

    def apply(self, frame: Frame) -> Frame:
        """Return the rows with corrected numbers; the bias is applied by the network."""
        data = dict(frame.data)
        for name, (generated, real) in self.quantiles.items():
            data[name] = np.interp(data[name], generated, real)
        if self.transform is not None:
            real_quantiles = {name: real for name, (_, real) in self.quantiles.items()}
            shares = np.linspace(0, 1, _QUANTILE_COUNT)
            scores = self.transform.apply(_compute_scores(data, real_quantiles), _collect_levels(frame))
            for index, (name, quantiles) in enumerate(real_quantiles.items()):
                ranks = np.interp(scores[:, index], self.transform.quantiles[index], shares)
                data[name] = np.interp(ranks, shares, quantiles)
        return Frame(frame.features, data)

    def to_state(self, features: tuple[Feature, ...]) -> dict[str, Array]:
        """Return the complete state as arrays."""
        index_of_feature = {feature.name: index for index, feature in enumerate(features)}
        arrays = {f"quantiles{index_of_feature[name]}": grid for name, grid in self.quantiles.items()}
        return {"bias": self.bias, **arrays, **(self.transform.to_state() if self.transform is not None else {})}

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Correction:
        """Rebuild a correction from its `to_state`."""
        quantiles = {
            feature.name: arrays[f"quantiles{index}"]
            for index, feature in enumerate(features)
            if f"quantiles{index}" in arrays
        }
        return cls(arrays["bias"], quantiles, ScoreTransform.from_state(arrays) if "tie.turn" in arrays else None)


@dataclass(frozen=True, slots=True)
class ScoreTransform:
    """A map of the normal scores of numbers that gives them the real means by level, and the real covariance of the
    residuals: the means by level of the network's rows and of real ones (levels × numbers), the matrix that transforms
    residuals (numbers × numbers), and the quantiles of the resulting scores (numbers × quantiles).
    """

    generated_means: Array
    real_means: Array
    matrix: Array
    quantiles: Array

    def apply(self, scores: Array, levels: Array) -> Array:
        """Transform scores of rows (rows × numbers) with their levels (rows × features)."""
        residuals = scores - _sum_level_means(self.generated_means, levels)
        return np.asarray(_sum_level_means(self.real_means, levels) + residuals @ self.matrix)

    def to_state(self) -> dict[str, Array]:
        """Return the complete state as arrays, with the names of stored models."""
        return {
            "tie.own": self.generated_means,
            "tie.real": self.real_means,
            "tie.turn": self.matrix,
            "tie.places": self.quantiles,
        }

    @classmethod
    def from_state(cls, arrays: dict[str, Array]) -> ScoreTransform:
        """Rebuild a transform from its `to_state`."""
        return cls(arrays["tie.own"], arrays["tie.real"], arrays["tie.turn"], arrays["tie.places"])


def _fit_transform(quantiles: dict[str, Array], real: Frame, generated: Frame) -> ScoreTransform | None:
    """Fit a transform of a network's rows, whose numbers already have the real distributions; None if there are no numbers
    or too few real rows.
    """
    real_quantiles = {name: real for name, (_, real) in quantiles.items()}
    if not real_quantiles or real.row_count <= len(real_quantiles):
        return None
    real = real.take(np.arange(0, real.row_count, 1 + real.row_count // _MAX_ROWS))
    scores, levels = _compute_scores(generated.data, real_quantiles), _collect_levels(generated)
    level_count = 1 + sum(feature.size for feature in real.features)
    generated_means, generated_covariance = _estimate_moments(scores, levels, level_count)
    real_means, real_covariance = _estimate_moments(
        _compute_scores(real.data, real_quantiles), _collect_levels(real), level_count
    )
    root = _compute_root(generated_covariance)
    inverse_root = np.linalg.inv(root)
    # Of all maps between these covariances, this one moves rows least.
    matrix = inverse_root @ _compute_root(root @ real_covariance @ root) @ inverse_root
    transform = ScoreTransform(generated_means, real_means, matrix, np.zeros((0, 0)))
    # np.interp needs increasing points.
    tie_breaks = np.arange(_QUANTILE_COUNT) * 1e-12
    shares = np.linspace(0, 1, _QUANTILE_COUNT)
    score_quantiles = [np.quantile(column, shares) + tie_breaks for column in transform.apply(scores, levels).T]
    return replace(transform, quantiles=np.stack(score_quantiles))


def _estimate_moments(scores: Array, levels: Array, level_count: int) -> tuple[Array, Array]:
    """Return the means of scores by level, as a sum over the levels of a row, and the covariance of the residuals."""
    indicators = np.zeros((len(levels), level_count))
    np.put_along_axis(indicators, levels, 1.0, axis=1)
    # A ridge worth a few rows, as rare levels carry little information.
    means = np.linalg.solve(indicators.T @ indicators + _RIDGE * np.eye(level_count), indicators.T @ scores)
    residuals = scores - indicators @ means
    return means, residuals.T @ residuals / len(residuals) + _MIN_VARIANCE * np.eye(scores.shape[1])


def _compute_scores(data: dict[str, Array], real_quantiles: dict[str, Array]) -> Array:
    """Return the normal scores of numbers by their ranks in the real distribution: rows × numbers."""
    shares = np.linspace(0, 1, _QUANTILE_COUNT)
    columns = list[Array]()
    for name, quantiles in real_quantiles.items():
        # Values that are several quantiles get the share in the middle of these.
        first, end = (np.searchsorted(quantiles, data[name], side=side) for side in ("left", "right"))
        middle = (shares[first.clip(0, _QUANTILE_COUNT - 1)] + shares[(end - 1).clip(0, _QUANTILE_COUNT - 1)]) / 2
        share = np.where(end - first > 1, middle, np.interp(data[name], quantiles, shares))
        columns.append(compute_quantiles(share.clip(0.5 / _QUANTILE_COUNT, 1 - 0.5 / _QUANTILE_COUNT)))
    return np.stack(columns, axis=1)


def _collect_levels(frame: Frame) -> Array:
    """Return the levels of each row, numbered across all discrete features, after a level 0 that all rows have: rows ×
    features.
    """
    columns, first_level = [np.zeros(frame.row_count, dtype=np.int64)], 1
    for feature in frame.features:
        if feature.size:
            columns.append(frame.data[feature.name].astype(np.int64) + first_level)
            first_level += feature.size
    return np.stack(columns, axis=1)


def _sum_level_means(means: Array, levels: Array) -> Array:
    """Return for each row the sum of the means (levels × numbers) of its levels (rows × features): rows × numbers."""
    sums = np.zeros((len(levels), means.shape[1]))
    for column in levels.T:
        sums += means[column]
    return sums


def _compute_root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


# Draws rows of a network: the number of rows, a seed, and the bias of each column of the matrix.
DrawRows = Callable[[int, int, Array], Frame]


def fit_correction(layout: MatrixLayout, real: Frame, draw_rows: DrawRows) -> Correction:
    """Fit the correction of a network's rows to the real rows."""
    count = min(max(4 * real.row_count, _MIN_ROWS), _MAX_ROWS)
    bias = _fit_bias(layout, real, draw_rows, count)
    rows = draw_rows(count, _BIAS_ROUNDS, bias)
    quantiles = {
        feature.name: _fit_quantiles(real.data[feature.name], rows.data[feature.name])
        for feature in layout.features
        if not feature.size
    }
    return Correction(bias, quantiles, _fit_transform(quantiles, real, Correction(bias, quantiles).apply(rows)))


def _fit_bias(layout: MatrixLayout, real: Frame, draw_rows: DrawRows, count: int) -> Array:
    """Fit the bias of each one-hot column, so that levels get their real shares."""
    bias = np.zeros(layout.width, dtype=np.float32)
    discrete_spans = [span for span in layout.spans if span.feature.size]
    for round_number in range(_BIAS_ROUNDS if discrete_spans else 0):
        rows = draw_rows(count, round_number, bias)
        rate = 1.0 if round_number < 3 else 0.6
        for span in discrete_spans:
            real_shares, generated_shares = (
                np.bincount(frame.data[span.feature.name], minlength=span.one_hot_size) / frame.row_count
                for frame in (real, rows)
            )
            bias[span.one_hot] += np.log((real_shares + 1e-4) / (generated_shares + 1e-4)).clip(-2, 2) * rate
    return bias


def _fit_quantiles(real: Array, generated: Array) -> Array:
    """Return the quantiles of generated values and those of real ones as two rows."""
    shares = np.linspace(0, 1, _QUANTILE_COUNT)
    quantiles = np.quantile(generated, shares)
    # np.interp needs increasing points.
    tie_breaks = np.arange(_QUANTILE_COUNT) * 1e-12 * max(1.0, float(np.abs(quantiles).max()))
    return np.stack([quantiles + tie_breaks, np.quantile(real, shares)])


def sample_levels(torch: Any, layout: MatrixLayout, logits: Any, generator: Any) -> Any:
    """Return matrix rows with one-hot levels sampled from logits; the offsets of numbers are unchanged."""
    noise = torch.rand(logits.shape, generator=generator).clamp_(1e-9, 1 - 1e-7)
    noisy = logits - torch.log(-torch.log(noise))
    rows = logits.clone()
    for span in layout.spans:
        levels = noisy[:, span.one_hot].argmax(dim=1, keepdim=True)
        rows[:, span.one_hot] = 0.0
        rows[:, span.one_hot].scatter_(1, levels, 1.0)
    return rows


def score_similarity(real: Frame, generated: Frame) -> float:
    """Return the similarity of generated rows to real ones, from 0 to 1."""
    real_columns, generated_columns = (
        {
            feature.name: frame.data[feature.name].astype(str).astype(object)
            if feature.size
            else frame.data[feature.name]
            for feature in real.features[:40]
        }
        for frame in (real, generated)
    )
    quality = measure_quality(real_columns, generated_columns)
    return compute_mean(
        [quality.shape, compute_mean(list(quality.trends.values()))] if quality.trends else [quality.shape]
    )


def weights_to_arrays(weights: dict[str, Any]) -> dict[str, Array]:
    """Convert a network's weights to arrays."""
    return {f"net.{name}": value.detach().cpu().numpy() for name, value in weights.items()}


def arrays_to_weights(torch: Any, arrays: dict[str, Array]) -> dict[str, Any]:
    """Convert the output of `weights_to_arrays` back."""
    return {
        name.removeprefix("net."): torch.from_numpy(value.copy())
        for name, value in arrays.items()
        if name.startswith("net.")
    }
