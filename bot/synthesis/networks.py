"""What networks over a `Layout` share: choices among levels, and rows set right after training.

A network comes near the shares of levels, the distribution of a number and how numbers go together, not to them. All are known,
so its rows are set right: a bias is learnt for each level, a number goes to the place in the real distribution that it has in the
network's own, and the normal scores of numbers are moved to the means that they have with each level and turned, as little as
does, to the correlation that is left. What is beyond correlation stays as the network drew it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .modes import Layout
from .normal import place_of
from .quality import mean, quality_of

_GRID = 401
_MIN_ROWS, _MAX_ROWS, _ROUNDS = 1_000, 6_000, 6
_RIDGE, _MIN_SPREAD = 2.0, 1e-3


@dataclass(frozen=True, slots=True)
class Correction:
    """What sets rows right: a bias for each place of a row; for each number the network's own quantiles above the real ones; and
    `tie`, which sets right how numbers go together and with levels.
    """

    bias: Array
    quantiles: dict[str, Array] = field(default_factory=dict)
    tie: Tie | None = None

    def apply(self, frame: Frame) -> Frame:
        """The rows with their numbers set right."""
        data = dict(frame.data)
        for name, (own, real) in self.quantiles.items():
            data[name] = np.interp(data[name], own, real)
        if self.tie is not None:
            grids = {name: real for name, (_, real) in self.quantiles.items()}
            shares = np.linspace(0, 1, _GRID)
            scores = self.tie.apply(_scores(data, grids), _levels(frame))
            for at, (name, real) in enumerate(grids.items()):
                data[name] = np.interp(np.interp(scores[:, at], self.tie.places[at], shares), shares, real)
        return Frame(frame.features, data)

    def state(self, features: tuple[Feature, ...]) -> dict[str, Array]:
        """All of it as arrays."""
        at = {one.name: index for index, one in enumerate(features)}
        tie = {} if self.tie is None else {f"tie.{one.name}": getattr(self.tie, one.name) for one in fields(self.tie)}
        return {"bias": self.bias} | {f"quantiles{at[name]}": grid for name, grid in self.quantiles.items()} | tie

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Correction:
        """The correction whose `state` that is."""
        found = {one.name: arrays.get(f"quantiles{index}") for index, one in enumerate(features)}
        tie = Tie(*(arrays[f"tie.{one.name}"] for one in fields(Tie))) if "tie.turn" in arrays else None
        return cls(arrays["bias"], {name: grid for name, grid in found.items() if grid is not None}, tie)


@dataclass(frozen=True, slots=True)
class Tie:
    """How the scores of numbers become as dependent as the real ones: means by level of the network's `own` rows and of `real` ones
    (levels × numbers), the `turn` of what is left (numbers × numbers), and the quantiles of what comes of it (numbers × grid).
    """

    own: Array
    real: Array
    turn: Array
    places: Array

    def apply(self, scores: Array, levels: Array) -> Array:
        """Scores of rows (rows × numbers) with their levels (rows × features), turned."""
        return np.asarray(_sums(self.real, levels) + (scores - _sums(self.own, levels)) @ self.turn)


def _tied(quantiles: dict[str, Array], real: Frame, rows: Frame) -> Tie | None:
    """The tie of a network's rows, numbers already on the real distributions, to real ones; none where there are too few."""
    grids = {name: grid for name, (_, grid) in quantiles.items()}
    if not grids or real.rows <= len(grids):
        return None
    real = real.take(np.arange(0, real.rows, 1 + real.rows // _MAX_ROWS))
    parts = [(_scores(one.data, grids), _levels(one)) for one in (rows, real)]
    means, spreads = list[Array](), list[Array]()
    count = 1 + sum(one.size for one in real.features)
    for scores, levels in parts:
        ones = np.zeros((len(levels), count))
        np.put_along_axis(ones, levels, 1.0, axis=1)
        # A ridge of a few rows, as rare levels tell little.
        mean = np.linalg.solve(ones.T @ ones + _RIDGE * np.eye(count), ones.T @ scores)
        left = scores - ones @ mean
        means.append(mean)
        spreads.append(left.T @ left / len(left) + _MIN_SPREAD * np.eye(len(grids)))
    root = _root(spreads[0])
    back = np.linalg.inv(root)
    # Of all maps that give one spread for another this moves rows least.
    tie = Tie(means[0], means[1], back @ _root(root @ spreads[1] @ root) @ back, np.zeros((0, 0)))
    made = tie.apply(*parts[0])
    rising = np.arange(_GRID) * 1e-12
    places = np.stack([np.quantile(made[:, at], np.linspace(0, 1, _GRID)) + rising for at in range(len(grids))])
    return replace(tie, places=places)


def _scores(data: dict[str, Array], grids: dict[str, Array]) -> Array:
    """The normal scores of numbers by their places in the real distribution: rows × numbers."""
    shares = np.linspace(0, 1, _GRID)
    found = list[Array]()
    for name, grid in grids.items():
        # Of values that are alike the middle of theirs.
        ends = [np.searchsorted(grid, data[name], side=side) for side in ("left", "right")]
        alike = (shares[ends[0].clip(0, _GRID - 1)] + shares[(ends[1] - 1).clip(0, _GRID - 1)]) / 2
        between = np.interp(data[name], grid, shares)
        share = np.where(ends[1] - ends[0] > 1, alike, between)
        found.append(place_of(share.clip(0.5 / _GRID, 1 - 0.5 / _GRID)))
    return np.stack(found, axis=1)


def _levels(frame: Frame) -> Array:
    """Which levels each row has, counted through all features; one that all have comes first. Rows × features."""
    found, at = [np.zeros(frame.rows, dtype=np.int64)], 1
    for one in frame.features:
        if one.size:
            found.append(frame.data[one.name].astype(np.int64) + at)
            at += one.size
    return np.stack(found, axis=1)


def _sums(means: Array, levels: Array) -> Array:
    """What the levels of each row (rows × features) have in means (levels × numbers) together: rows × numbers."""
    found = np.zeros((len(levels), means.shape[1]))
    for column in levels.T:
        found += means[column]
    return found


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def corrected(layout: Layout, real: Frame, draw: Callable[[int, int, Array], Frame]) -> Correction:
    """The correction of a network that draws rows by number, seed and bias."""
    bias, count = np.zeros(layout.width, dtype=np.float32), min(max(4 * real.rows, _MIN_ROWS), _MAX_ROWS)
    discrete = [span for span in layout.spans if span.feature.size]
    for turn in range(_ROUNDS if discrete else 0):
        rows = draw(count, turn, bias)
        for span in discrete:
            wanted, found = (
                np.bincount(one.data[span.feature.name], minlength=span.size) / one.rows for one in (real, rows)
            )
            bias[span.choice] += np.log((wanted + 1e-4) / (found + 1e-4)).clip(-2, 2) * (1.0 if turn < 3 else 0.6)
    quantiles, steps = dict[str, Array](), np.linspace(0, 1, _GRID)
    rows = draw(count, _ROUNDS, bias)
    for one in layout.features:
        if not one.size:
            own = np.quantile(rows.data[one.name], steps)
            # np.interp wants places that rise; equal ones are told apart by less than can be seen.
            own = own + np.arange(_GRID) * 1e-12 * max(1.0, float(np.abs(own).max()))
            quantiles[one.name] = np.stack([own, np.quantile(real.data[one.name], steps)])
    return Correction(bias, quantiles, _tied(quantiles, real, Correction(bias, quantiles).apply(rows)))


def chosen(torch: Any, layout: Layout, logits: Any, generator: Any) -> Any:
    """Rows whose choices are drawn from logits; places stay as they are."""
    noise = torch.rand(logits.shape, generator=generator).clamp_(1e-9, 1 - 1e-7)
    noisy = logits - torch.log(-torch.log(noise))
    rows = logits.clone()
    for span in layout.spans:
        which = noisy[:, span.choice].argmax(dim=1, keepdim=True)
        rows[:, span.choice] = 0.0
        rows[:, span.choice].scatter_(1, which, 1.0)
    return rows


def nearness(real: Frame, made: Frame) -> float:
    """How near the rows of a frame come to real ones."""
    both = [
        {
            one.name: frame.data[one.name].astype(str).astype(object) if one.size else frame.data[one.name]
            for one in real.features[:40]
        }
        for frame in (real, made)
    ]
    quality = quality_of(both[0], both[1])
    return mean([quality.shape, mean(list(quality.trends.values()))] if quality.trends else [quality.shape])


def weights_to_arrays(weights: dict[str, Any]) -> dict[str, Array]:
    """A network's weights as arrays."""
    return {f"net.{name}": value.detach().cpu().numpy() for name, value in weights.items()}


def arrays_to_weights(torch: Any, arrays: dict[str, Array]) -> dict[str, Any]:
    """The weights that `weights_to_arrays` gave arrays of."""
    return {
        name.removeprefix("net."): torch.from_numpy(value.copy())
        for name, value in arrays.items()
        if name.startswith("net.")
    }
