"""The encoding of frames for networks: a number as a mode and its position within it, discrete features one-hot. After
Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular Data using Conditional GAN" (2019):
mode-specific normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame

_MAX_MODES, _MIN_SHARE = 10, 0.005
_MAX_ITERATIONS, _MAX_SAMPLED_VALUES = 60, 4_000
# Standard deviations from the mean of a mode that are encoded as 1.
_MODE_REACH = 4.0


@dataclass(frozen=True, slots=True)
class FeatureSpan:
    """The position of a feature in a row: the place within a mode, if continuous, followed by the one-hot choice."""

    feature: Feature
    start: int
    size: int

    @property
    def stop(self) -> int:
        """The start of the next span."""
        return self.start + self.size + (not self.feature.size)

    @property
    def choice(self) -> slice:
        """The one-hot part."""
        return slice(self.stop - self.size, self.stop)


class MatrixLayout:
    """The layout of rows in a matrix."""

    def __init__(self, features: tuple[Feature, ...], modes: dict[str, Array]) -> None:
        # Means of the modes of each continuous feature above their standard deviations.
        self.features, self.modes, self.spans = features, modes, list[FeatureSpan]()
        at = 0
        for one in features:
            self.spans.append(FeatureSpan(one, at, one.size or modes[one.name].shape[1]))
            at = self.spans[-1].stop
        self.width = at

    def encode(self, frame: Frame, rng: np.random.Generator) -> Array:
        """Encode a frame as a matrix."""
        rows = np.arange(frame.rows)
        matrix = np.zeros((frame.rows, self.width), dtype=np.float32)
        for span in self.spans:
            values = frame.data[span.feature.name]
            if not span.feature.size:
                middles, spreads = self.modes[span.feature.name]
                chances = _compute_responsibilities(values, middles, spreads, np.full(len(middles), 1 / len(middles)))
                which = (chances.cumsum(axis=1) < rng.random((frame.rows, 1))).sum(axis=1).clip(0, len(middles) - 1)
                place = (values - middles[which]) / (_MODE_REACH * spreads[which])
                matrix[:, span.start] = place.clip(-0.99, 0.99)
                values = which
            matrix[rows, span.choice.start + values] = 1.0
        return matrix

    def decode(self, matrix: Array) -> Frame:
        """Decode a matrix whose choices are made."""
        data = dict[str, Array]()
        for span in self.spans:
            which = matrix[:, span.choice].argmax(axis=1)
            if span.feature.size:
                data[span.feature.name] = which
            else:
                middles, spreads = self.modes[span.feature.name]
                place = matrix[:, span.start].astype(float).clip(-1, 1)
                data[span.feature.name] = place * _MODE_REACH * spreads[which] + middles[which]
        return Frame(self.features, data)

    def state(self) -> dict[str, Array]:
        """Return the modes as arrays."""
        return {f"modes{at}": self.modes[one.name] for at, one in enumerate(self.features) if not one.size}

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Any]) -> MatrixLayout:
        """Rebuild a layout from its `state`."""
        return cls(features, {one.name: arrays[f"modes{at}"] for at, one in enumerate(features) if not one.size})


def build_layout(frame: Frame, seed: int) -> MatrixLayout:
    """Build the layout of a frame and fit the modes of its continuous features."""
    rng = np.random.default_rng(seed)
    return MatrixLayout(
        frame.features, {one.name: _fit_modes(frame.data[one.name], rng) for one in frame.features if not one.size}
    )


def _fit_modes(values: Array, rng: np.random.Generator) -> Array:
    """Fit a mixture of normal distributions; return the means of the modes above their standard deviations. Modes
    without a sufficient share are dropped.
    """
    if len(values) > _MAX_SAMPLED_VALUES:
        values = rng.choice(values, size=_MAX_SAMPLED_VALUES, replace=False)
    count = min(_MAX_MODES, max(1, len(np.unique(values)) // 2))
    middles = np.unique(np.quantile(values, (np.arange(count) + 0.5) / count))
    total_spread = values.std() or 1.0
    spreads, shares = np.full(len(middles), total_spread / len(middles)), np.full(len(middles), 1 / len(middles))
    for _ in range(_MAX_ITERATIONS):
        chances = _compute_responsibilities(values, middles, spreads, shares)
        weights = chances.sum(axis=0)
        # A prior worth a few rows makes weak modes fade.
        kept = weights > max(_MIN_SHARE * len(values), 2.0)
        if not kept.any():
            break
        chances, weights = chances[:, kept], weights[kept]
        shares = np.maximum(weights - 1.0, 1e-3)
        shares /= shares.sum()
        middles = values @ chances / weights
        distances = (values[:, None] - middles) ** 2
        spreads = np.sqrt((chances * distances).sum(axis=0) / weights) + total_spread * 1e-3
    return np.stack([middles, spreads])


def _compute_responsibilities(values: Array, middles: Array, spreads: Array, shares: Array) -> Array:
    """Return the probability of each mode for each value."""
    distances = (values[:, None] - middles) / spreads
    logs = np.log(shares) - np.log(spreads) - distances**2 / 2
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))
