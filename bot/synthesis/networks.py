"""What networks over a `MatrixLayout` share: sampling of levels, and the correction of rows after training. A network
only approximates the shares of levels, the distribution of a number and the correlation of numbers. As the real
ones are known, its rows are corrected: a bias is learnt for each level, numbers are mapped to the real distribution
by quantile, and the normal scores of numbers are shifted to their means by level and transformed, as little as
possible, to the remaining correlation. Anything beyond correlation stays as the network drew it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .modes import MatrixLayout
from .normal import compute_quantiles
from .quality import compute_mean, measure_quality

_GRID = 401
_MIN_ROWS, _MAX_ROWS, _ROUNDS = 1_000, 6_000, 6
_RIDGE, _MIN_SPREAD = 2.0, 1e-3


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of rows: a bias for each position of a row; for each number the network's own quantiles above the
    real ones; and `tie`, which corrects the dependence of numbers on each other and on levels.
    """

    bias: Array
    quantiles: dict[str, Array] = field(default_factory=dict)
    tie: Tie | None = None

    def apply(self, frame: Frame) -> Frame:
        """Return the rows with their numbers corrected."""
        data = dict(frame.data)
        for name, (own, real) in self.quantiles.items():
            data[name] = np.interp(data[name], own, real)
        if self.tie is not None:
            grids = {name: real for name, (_, real) in self.quantiles.items()}
            shares = np.linspace(0, 1, _GRID)
            scores = self.tie.apply(_compute_scores(data, grids), _collect_levels(frame))
            for at, (name, real) in enumerate(grids.items()):
                data[name] = np.interp(np.interp(scores[:, at], self.tie.places[at], shares), shares, real)
        return Frame(frame.features, data)

    def to_state(self, features: tuple[Feature, ...]) -> dict[str, Array]:
        """Return the complete state as arrays."""
        at = {feature.name: index for index, feature in enumerate(features)}
        tie = {} if self.tie is None else {f"tie.{one.name}": getattr(self.tie, one.name) for one in fields(self.tie)}
        return {"bias": self.bias} | {f"quantiles{at[name]}": grid for name, grid in self.quantiles.items()} | tie

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Correction:
        """Rebuild a correction from its `state`."""
        found = {feature.name: arrays.get(f"quantiles{index}") for index, feature in enumerate(features)}
        tie = Tie(*(arrays[f"tie.{one.name}"] for one in fields(Tie))) if "tie.turn" in arrays else None
        return cls(arrays["bias"], {name: grid for name, grid in found.items() if grid is not None}, tie)


@dataclass(frozen=True, slots=True)
class Tie:
    """A map that makes the scores of numbers as dependent as the real ones: means by level of the network's `own` rows
    and of `real` ones (levels × numbers), the rotation `turn` of the residuals (numbers × numbers), and the
    quantiles of the outcome (numbers × grid).
    """

    own: Array
    real: Array
    turn: Array
    places: Array

    def apply(self, scores: Array, levels: Array) -> Array:
        """Transform scores of rows (rows × numbers) with their levels (rows × features)."""
        return np.asarray(
            _sum_level_means(self.real, levels) + (scores - _sum_level_means(self.own, levels)) @ self.turn
        )


def _fit_tie(quantiles: dict[str, Array], real: Frame, rows: Frame) -> Tie | None:
    """Fit a tie from a network's rows, with numbers already mapped to the real distributions, to real ones; None if
    there are too few rows.
    """
    grids = {name: grid for name, (_, grid) in quantiles.items()}
    if not grids or real.row_count <= len(grids):
        return None
    real = real.take(np.arange(0, real.row_count, 1 + real.row_count // _MAX_ROWS))
    parts = [(_compute_scores(frame.data, grids), _collect_levels(frame)) for frame in (rows, real)]
    means, spreads = list[Array](), list[Array]()
    count = 1 + sum(feature.size for feature in real.features)
    for scores, levels in parts:
        ones = np.zeros((len(levels), count))
        np.put_along_axis(ones, levels, 1.0, axis=1)
        # A ridge worth a few rows, as rare levels carry little information.
        mean = np.linalg.solve(ones.T @ ones + _RIDGE * np.eye(count), ones.T @ scores)
        left = scores - ones @ mean
        means.append(mean)
        spreads.append(left.T @ left / len(left) + _MIN_SPREAD * np.eye(len(grids)))
    root = _compute_root(spreads[0])
    back = np.linalg.inv(root)
    # Of all maps between these covariances this one moves rows least.
    tie = Tie(means[0], means[1], back @ _compute_root(root @ spreads[1] @ root) @ back, np.zeros((0, 0)))
    generated = tie.apply(*parts[0])
    rising = np.arange(_GRID) * 1e-12
    places = np.stack([np.quantile(generated[:, at], np.linspace(0, 1, _GRID)) + rising for at in range(len(grids))])
    return replace(tie, places=places)


def _compute_scores(data: dict[str, Array], grids: dict[str, Array]) -> Array:
    """Return the normal scores of numbers by their quantiles in the real distribution: rows × numbers."""
    shares = np.linspace(0, 1, _GRID)
    found = list[Array]()
    for name, grid in grids.items():
        # Tied values get the midpoint.
        ends = [np.searchsorted(grid, data[name], side=side) for side in ("left", "right")]
        alike = (shares[ends[0].clip(0, _GRID - 1)] + shares[(ends[1] - 1).clip(0, _GRID - 1)]) / 2
        between = np.interp(data[name], grid, shares)
        share = np.where(ends[1] - ends[0] > 1, alike, between)
        found.append(compute_quantiles(share.clip(0.5 / _GRID, 1 - 0.5 / _GRID)))
    return np.stack(found, axis=1)


def _collect_levels(frame: Frame) -> Array:
    """Return the levels of each row, numbered through all features; the first level is common to all. Rows × features."""
    found, at = [np.zeros(frame.row_count, dtype=np.int64)], 1
    for feature in frame.features:
        if feature.size:
            found.append(frame.data[feature.name].astype(np.int64) + at)
            at += feature.size
    return np.stack(found, axis=1)


def _sum_level_means(means: Array, levels: Array) -> Array:
    """Return the sum of the means (levels × numbers) of each row's levels (rows × features): rows × numbers."""
    found = np.zeros((len(levels), means.shape[1]))
    for column in levels.T:
        found += means[column]
    return found


def _compute_root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def fit_correction(layout: MatrixLayout, real: Frame, draw: Callable[[int, int, Array], Frame]) -> Correction:
    """Fit the correction of a network that draws rows by count, seed and bias."""
    bias, count = np.zeros(layout.width, dtype=np.float32), min(max(4 * real.row_count, _MIN_ROWS), _MAX_ROWS)
    discrete = [span for span in layout.spans if span.feature.size]
    for round_number in range(_ROUNDS if discrete else 0):
        rows = draw(count, round_number, bias)
        for span in discrete:
            wanted, found = (
                np.bincount(frame.data[span.feature.name], minlength=span.one_hot_size) / frame.row_count
                for frame in (real, rows)
            )
            bias[span.one_hot] += np.log((wanted + 1e-4) / (found + 1e-4)).clip(-2, 2) * (
                1.0 if round_number < 3 else 0.6
            )
    quantiles, steps = dict[str, Array](), np.linspace(0, 1, _GRID)
    rows = draw(count, _ROUNDS, bias)
    for feature in layout.features:
        if not feature.size:
            own = np.quantile(rows.data[feature.name], steps)
            # np.interp needs increasing places; ties are broken by an invisible amount.
            own = own + np.arange(_GRID) * 1e-12 * max(1.0, float(np.abs(own).max()))
            quantiles[feature.name] = np.stack([own, np.quantile(real.data[feature.name], steps)])
    return Correction(bias, quantiles, _fit_tie(quantiles, real, Correction(bias, quantiles).apply(rows)))


def sample_choices(torch: Any, layout: MatrixLayout, logits: Any, generator: Any) -> Any:
    """Return rows with their choices sampled from logits; places are unchanged."""
    noise = torch.rand(logits.shape, generator=generator).clamp_(1e-9, 1 - 1e-7)
    noisy = logits - torch.log(-torch.log(noise))
    rows = logits.clone()
    for span in layout.spans:
        which = noisy[:, span.one_hot].argmax(dim=1, keepdim=True)
        rows[:, span.one_hot] = 0.0
        rows[:, span.one_hot].scatter_(1, which, 1.0)
    return rows


def score_similarity(real: Frame, generated: Frame) -> float:
    """Score the similarity of a frame's rows to real ones."""
    both = [
        {
            feature.name: frame.data[feature.name].astype(str).astype(object)
            if feature.size
            else frame.data[feature.name]
            for feature in real.features[:40]
        }
        for frame in (real, generated)
    ]
    quality = measure_quality(both[0], both[1])
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
