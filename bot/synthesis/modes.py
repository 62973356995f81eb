"""Frames as networks take them: a number by the mode that it belongs to and its place there, everything discrete as one
of so many.

After Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, "Modeling Tabular Data using Conditional GAN" (2019): mode-
specific normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame

_MAX_MODES, _MIN_SHARE = 10, 0.005
_STEPS, _SAMPLE = 60, 4_000
# How many deviations from the middle of a mode stand at 1.
_REACH = 4.0


@dataclass(frozen=True, slots=True)
class Span:
    """Where a feature stands in a row: its place in a mode, where it has one, before what it is one of."""

    feature: Feature
    start: int
    size: int

    @property
    def stop(self) -> int:
        """Where the next one starts."""
        return self.start + self.size + (not self.feature.size)

    @property
    def choice(self) -> slice:
        """The part that says which."""
        return slice(self.stop - self.size, self.stop)


class Layout:
    """How rows stand in a matrix."""

    def __init__(self, features: tuple[Feature, ...], modes: dict[str, Array]) -> None:
        # Of a continuous feature the middles of its modes above their deviations.
        self.features, self.modes, self.spans = features, modes, list[Span]()
        at = 0
        for one in features:
            self.spans.append(Span(one, at, one.size or modes[one.name].shape[1]))
            at = self.spans[-1].stop
        self.width = at

    def encoded(self, frame: Frame, rng: np.random.Generator) -> Array:
        """A frame as a matrix."""
        rows = np.arange(frame.rows)
        matrix = np.zeros((frame.rows, self.width), dtype=np.float32)
        for span in self.spans:
            values = frame.data[span.feature.name]
            if not span.feature.size:
                middles, spreads = self.modes[span.feature.name]
                chances = _belonging(values, middles, spreads, np.full(len(middles), 1 / len(middles)))
                which = (chances.cumsum(axis=1) < rng.random((frame.rows, 1))).sum(axis=1).clip(0, len(middles) - 1)
                place = (values - middles[which]) / (_REACH * spreads[which])
                matrix[:, span.start] = place.clip(-0.99, 0.99)
                values = which
            matrix[rows, span.choice.start + values] = 1.0
        return matrix

    def decoded(self, matrix: Array) -> Frame:
        """The frame of a matrix whose choices are made."""
        data = dict[str, Array]()
        for span in self.spans:
            which = matrix[:, span.choice].argmax(axis=1)
            if span.feature.size:
                data[span.feature.name] = which
            else:
                middles, spreads = self.modes[span.feature.name]
                place = matrix[:, span.start].astype(float).clip(-1, 1)
                data[span.feature.name] = place * _REACH * spreads[which] + middles[which]
        return Frame(self.features, data)

    def state(self) -> dict[str, Array]:
        """Its modes as arrays."""
        return {f"modes{at}": self.modes[one.name] for at, one in enumerate(self.features) if not one.size}

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Any]) -> Layout:
        """The layout whose `state` that is."""
        return cls(features, {one.name: arrays[f"modes{at}"] for at, one in enumerate(features) if not one.size})


def layout_of(frame: Frame, seed: int) -> Layout:
    """The layout of a frame, with the modes that its continuous features have."""
    rng = np.random.default_rng(seed)
    return Layout(
        frame.features, {one.name: _modes(frame.data[one.name], rng) for one in frame.features if not one.size}
    )


def _modes(values: Array, rng: np.random.Generator) -> Array:
    """The middles of a number's modes above their deviations: a mixture of normal distributions, as many as still have
    a share.
    """
    if len(values) > _SAMPLE:
        values = rng.choice(values, size=_SAMPLE, replace=False)
    count = min(_MAX_MODES, max(1, len(np.unique(values)) // 2))
    middles = np.unique(np.quantile(values, (np.arange(count) + 0.5) / count))
    whole = values.std() or 1.0
    spreads, shares = np.full(len(middles), whole / len(middles)), np.full(len(middles), 1 / len(middles))
    for _ in range(_STEPS):
        chances = _belonging(values, middles, spreads, shares)
        weights = chances.sum(axis=0)
        # A prior of the size of a few rows, so that modes that explain little fade.
        kept = weights > max(_MIN_SHARE * len(values), 2.0)
        if not kept.any():
            break
        chances, weights = chances[:, kept], weights[kept]
        shares = np.maximum(weights - 1.0, 1e-3)
        shares /= shares.sum()
        middles = values @ chances / weights
        apart = (values[:, None] - middles) ** 2
        spreads = np.sqrt((chances * apart).sum(axis=0) / weights) + whole * 1e-3
    return np.stack([middles, spreads])


def _belonging(values: Array, middles: Array, spreads: Array, shares: Array) -> Array:
    """How likely each value belongs to each mode."""
    apart = (values[:, None] - middles) / spreads
    logs = np.log(shares) - np.log(spreads) - apart**2 / 2
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))
