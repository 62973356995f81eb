"""Encodes frames as matrices for neural networks: a number as a mode and its offset within it, discrete features
one-hot. After Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular Data using Conditional GAN" (2019):
mode-specific normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame

_MAX_MODES, _MIN_MODE_SHARE = 10, 0.005
_MAX_ITERATIONS, _MAX_SAMPLED_VALUES = 60, 4_000
# Number of standard deviations from a mode's mean that maps to ±1 before clipping.
_MODE_REACH = 4.0


@dataclass(frozen=True, slots=True)
class FeatureSpan:
    """The position of a feature in a row: the offset within a mode, if continuous, followed by the one-hot block of
    `one_hot_size` columns.
    """

    feature: Feature
    start: int
    one_hot_size: int

    @property
    def stop(self) -> int:
        """The start of the next span."""
        return self.start + self.one_hot_size + (not self.feature.size)

    @property
    def one_hot(self) -> slice:
        """The one-hot block."""
        return slice(self.stop - self.one_hot_size, self.stop)


class MatrixLayout:
    """The layout of rows in a matrix."""

    def __init__(self, features: tuple[Feature, ...], modes: dict[str, Array]) -> None:
        # Per continuous feature, a 2 × n array: row 0 the means of its modes, row 1 their standard deviations.
        self.features, self.modes, self.spans = features, modes, list[FeatureSpan]()
        self.width = 0
        for feature in features:
            self.spans.append(FeatureSpan(feature, self.width, feature.size or modes[feature.name].shape[1]))
            self.width = self.spans[-1].stop

    def encode(self, frame: Frame, rng: np.random.Generator) -> Array:
        """Encode a frame as a matrix."""
        rows = np.arange(frame.row_count)
        matrix = np.zeros((frame.row_count, self.width), dtype=np.float32)
        for span in self.spans:
            values = frame.data[span.feature.name]
            if not span.feature.size:
                means, stds = self.modes[span.feature.name]
                responsibilities = _compute_responsibilities(values, means, stds, np.full(len(means), 1 / len(means)))
                below = responsibilities.cumsum(axis=1) < rng.random((frame.row_count, 1))
                mode_indices = below.sum(axis=1).clip(0, len(means) - 1)
                offsets = (values - means[mode_indices]) / (_MODE_REACH * stds[mode_indices])
                matrix[:, span.start] = offsets.clip(-0.99, 0.99)
                values = mode_indices
            matrix[rows, span.one_hot.start + values] = 1.0
        return matrix

    def decode(self, matrix: Array) -> Frame:
        """Decode a matrix: take the argmax of each one-hot block."""
        data = dict[str, Array]()
        for span in self.spans:
            indices = matrix[:, span.one_hot].argmax(axis=1)
            if span.feature.size:
                data[span.feature.name] = indices
            else:
                means, stds = self.modes[span.feature.name]
                offsets = matrix[:, span.start].astype(float).clip(-1, 1)
                data[span.feature.name] = offsets * _MODE_REACH * stds[indices] + means[indices]
        return Frame(self.features, data)

    def to_state(self) -> dict[str, Array]:
        """Return the modes as arrays."""
        return {
            f"modes{index}": self.modes[feature.name] for index, feature in enumerate(self.features) if not feature.size
        }

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Any]) -> MatrixLayout:
        """Rebuild a layout from its `to_state`."""
        return cls(
            features,
            {feature.name: arrays[f"modes{index}"] for index, feature in enumerate(features) if not feature.size},
        )


def build_layout(frame: Frame, seed: int) -> MatrixLayout:
    """Build the layout of a frame and fit the modes of its continuous features."""
    rng = np.random.default_rng(seed)
    return MatrixLayout(
        frame.features,
        {feature.name: _fit_modes(frame.data[feature.name], rng) for feature in frame.features if not feature.size},
    )


def _fit_modes(values: Array, rng: np.random.Generator) -> Array:
    """Fit a mixture of normal distributions; return the means and standard deviations of its modes as the two rows of
    an array. Modes with too small a share are dropped.
    """
    if len(values) > _MAX_SAMPLED_VALUES:
        values = rng.choice(values, size=_MAX_SAMPLED_VALUES, replace=False)
    count = min(_MAX_MODES, max(1, len(np.unique(values)) // 2))
    means = np.unique(np.quantile(values, (np.arange(count) + 0.5) / count))
    total_std = values.std() or 1.0
    stds, weights = np.full(len(means), total_std / len(means)), np.full(len(means), 1 / len(means))
    for _ in range(_MAX_ITERATIONS):
        responsibilities = _compute_responsibilities(values, means, stds, weights)
        effective_counts = responsibilities.sum(axis=0)
        is_kept = effective_counts > max(_MIN_MODE_SHARE * len(values), 2.0)
        if not is_kept.any():
            break
        responsibilities, effective_counts = responsibilities[:, is_kept], effective_counts[is_kept]
        # Subtracting one pseudo-count (a sparse Dirichlet prior) shrinks weak modes.
        weights = np.maximum(effective_counts - 1.0, 1e-3)
        weights /= weights.sum()
        means = values @ responsibilities / effective_counts
        squared_distances = (values[:, None] - means) ** 2
        stds = np.sqrt((responsibilities * squared_distances).sum(axis=0) / effective_counts) + total_std * 1e-3
    return np.stack([means, stds])


def _compute_responsibilities(values: Array, means: Array, stds: Array, weights: Array) -> Array:
    """Return the probability of each mode for each value."""
    z_scores = (values[:, None] - means) / stds
    logs = np.log(weights) - np.log(stds) - z_scores**2 / 2
    responsibilities = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(responsibilities / responsibilities.sum(axis=1, keepdims=True))
