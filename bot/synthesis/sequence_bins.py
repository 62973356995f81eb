"""The encoding of sequences as categories: bins of numbers, and numbers that are learnt by their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Array

START, GAP, LENGTH = "\tstart", "\tgap", "\tlength"
# Suffixes for a number that is learnt by its steps: its first value, and the step in each other row.
FIRST, STEP = "\tfirst", "\tstep"
# Bins have a minimum size so that none holds the value of a single entity.
_BINS, _BIN_QUANTILES, MAX_SEQUENCE_LENGTH, _MIN_BIN_VALUES = 40, 11, 200, 5
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class ColumnBins:
    """The encoding of columns as categories: the number of bins of each, and quantiles within each bin of a number."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    within: dict[str, Array]

    @property
    def starts(self) -> Array:
        """The start of each column in a one-hot row."""
        return np.cumsum([0, *self.sizes])

    def decode(self, codes: Array, rng: np.random.Generator) -> dict[str, Array]:
        """Decode rows of codes to columns."""
        found = dict[str, Array]()
        for at, name in enumerate(self.names):
            which = codes[:, at]
            if name in self.within and is_step(name):
                found[name] = self.within[name][which, rng.integers(0, self.within[name].shape[1], len(which))]
            elif name in self.within:
                place = rng.random(len(which)) * (_BIN_QUANTILES - 1)
                low = place.astype(np.int64).clip(0, _BIN_QUANTILES - 2)
                grid = self.within[name]
                found[name] = grid[which, low] + (place - low) * (grid[which, low + 1] - grid[which, low])
            else:
                found[name] = which
        return found


def is_step(name: str) -> bool:
    """Whether a column is a gap or a step: a value between two real ones need not be possible."""
    return name == GAP or name.endswith(STEP)


def bin_columns(columns: dict[str, Array], sizes: dict[str, int]) -> tuple[ColumnBins, Array]:
    """Bin columns; return the bins and the codes."""
    within, codes, counts = dict[str, Array](), list[Array](), list[int]()
    for name, values in columns.items():
        if sizes.get(name):
            codes.append(values.astype(np.int64))
            counts.append(sizes[name])
            continue
        edges = np.unique(
            np.quantile(values, np.linspace(0, 1, min(_BINS, max(2, len(values) // _MIN_BIN_VALUES)) + 1))
        )
        _, which = np.unique(np.searchsorted(edges[1:-1], values, side="right"), return_inverse=True)
        parts = [values[which == code] for code in range(int(which.max()) + 1)]
        method: Any = "inverted_cdf" if is_step(name) else "linear"
        within[name] = np.stack([np.quantile(part, np.linspace(0, 1, _BIN_QUANTILES), method=method) for part in parts])
        codes.append(which)
        counts.append(len(parts))
    return ColumnBins(tuple(columns), tuple(counts), within), np.stack(codes, axis=1)


@dataclass(frozen=True, slots=True)
class SteppedNumber:
    """A number that is learnt by its steps: the inner edges of its bins for the network, its bounds, and the steps
    that occur. If it has few values, they are its `levels`.
    """

    name: str
    low: float
    high: float
    edges: Array
    steps: Array
    levels: Array

    @classmethod
    def build(cls, name: str, values: Array, steps: Array, levels: Sequence[float] = ()) -> SteppedNumber:
        """Derive bins and bounds from values and steps."""
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS // 2 + 1)[1:-1]))
        return cls(
            name, float(values.min()), float(values.max()), edges, np.unique(steps), np.array(levels, dtype=float)
        )

    def move(self, values: Array, steps: Array) -> Array:
        """Add steps to values; a step that would leave the bounds is replaced by the nearest one that does not."""
        least = np.searchsorted(self.steps, self.low - values - _TOLERANCE).clip(max=len(self.steps) - 1)
        most = (np.searchsorted(self.steps, self.high - values + _TOLERANCE, side="right") - 1).clip(min=0)
        return np.asarray((values + steps.clip(self.steps[least], self.steps[most])).clip(self.low, self.high))

    def to_frame(self, values: Array) -> Array:
        """Convert values to those of a frame."""
        if not len(self.levels):
            return values
        return np.asarray(np.searchsorted((self.levels[1:] + self.levels[:-1]) / 2, values))

    def encode(self, values: Array) -> Array:
        """Return the bins of values."""
        return np.searchsorted(self.edges, values, side="right")


def build_stepped_bins(stepped: Sequence[SteppedNumber]) -> ColumnBins:
    """Return the bins that the network sees of numbers that are learnt by their steps."""
    return ColumnBins(tuple(number.name for number in stepped), tuple(len(number.edges) + 1 for number in stepped), {})
