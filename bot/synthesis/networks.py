"""What networks over a `Layout` share: choices among levels, and rows set right after training.

A network comes near the shares of levels and the distribution of a number, not to them. Both are known, so its rows are
set right: a number goes to the place in the real distribution that it has in the network's own, and a bias is learnt
for each level. How features go together stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .modes import Layout
from .quality import mean, quality_of

_GRID = 401
_LEAST_ROWS, _MOST_ROWS, _ROUNDS = 1_000, 6_000, 6


@dataclass(frozen=True, slots=True)
class Correction:
    """What sets rows right: a bias for each place of a row, and for each number the network's own quantiles above the
    real ones.
    """

    bias: Array
    quantiles: dict[str, Array] = field(default_factory=dict)

    def apply(self, frame: Frame) -> Frame:
        """The rows with their numbers set right."""
        data = dict(frame.data)
        for name, (own, real) in self.quantiles.items():
            data[name] = np.interp(data[name], own, real)
        return Frame(frame.features, data)

    def state(self, features: tuple[Feature, ...]) -> dict[str, Array]:
        """All of it as arrays."""
        at = {one.name: index for index, one in enumerate(features)}
        return {"bias": self.bias} | {f"quantiles{at[name]}": grid for name, grid in self.quantiles.items()}

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Correction:
        """The correction whose `state` that is."""
        found = {one.name: arrays.get(f"quantiles{index}") for index, one in enumerate(features)}
        return cls(arrays["bias"], {name: grid for name, grid in found.items() if grid is not None})


def corrected(layout: Layout, real: Frame, draw: Callable[[int, int, Array], Frame]) -> Correction:
    """The correction of a network that draws rows by number, seed and bias."""
    bias, count = np.zeros(layout.width, dtype=np.float32), min(max(4 * real.rows, _LEAST_ROWS), _MOST_ROWS)
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
    return Correction(bias, quantiles)


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
