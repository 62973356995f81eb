"""Encodes the columns of sequences as categories: bins of numbers, and bins of numbers that are learnt by their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Array

# Names of columns that are not in the frame: the time at which a sequence begins, the gap between its rows, and its length.
START, GAP, LENGTH = "\tstart", "\tgap", "\tlength"
# Suffixes of the columns that replace a number learnt by its steps: its first value, and the step in each other row.
FIRST, STEP = "\tfirst", "\tstep"
MAX_SEQUENCE_LENGTH = 200
# Bins have a minimum size so that none holds the value of a single entity.
_MAX_BINS, _MIN_BIN_VALUES, _BIN_QUANTILES = 40, 5, 11
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class ColumnBins:
    """The encoding of columns as categories: the names, the number of bins of each column, and for each number the quantiles
    within its bins (`within`, bins × quantiles).
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    within: dict[str, Array]

    @property
    def starts(self) -> Array:
        """The start of each column in a one-hot row, and the width of the row."""
        return np.cumsum([0, *self.sizes])

    def decode(self, codes: Array, rng: np.random.Generator) -> dict[str, Array]:
        """Decode codes (rows × columns) into columns; values within a bin are random."""
        columns = dict[str, Array]()
        for column, name in enumerate(self.names):
            bins = codes[:, column]
            if name in self.within and is_step(name):
                columns[name] = self.within[name][bins, rng.integers(0, self.within[name].shape[1], len(bins))]
            elif name in self.within:
                positions = rng.random(len(bins)) * (_BIN_QUANTILES - 1)
                low = positions.astype(np.int64).clip(0, _BIN_QUANTILES - 2)
                grid = self.within[name]
                columns[name] = grid[bins, low] + (positions - low) * (grid[bins, low + 1] - grid[bins, low])
            else:
                columns[name] = bins
        return columns


def is_step(name: str) -> bool:
    """Whether a column holds gaps or steps, for which only real values are possible, and none between them."""
    return name == GAP or name.endswith(STEP)


def bin_columns(columns: dict[str, Array], sizes: dict[str, int]) -> tuple[ColumnBins, Array]:
    """Bin columns; those with a size are categories already. Return the bins and the codes (rows × columns)."""
    within, codes, counts = dict[str, Array](), list[Array](), list[int]()
    for name, values in columns.items():
        if sizes.get(name):
            codes.append(values.astype(np.int64))
            counts.append(sizes[name])
            continue
        edges = np.unique(
            np.quantile(values, np.linspace(0, 1, min(_MAX_BINS, max(2, len(values) // _MIN_BIN_VALUES)) + 1))
        )
        _, bins = np.unique(np.searchsorted(edges[1:-1], values, side="right"), return_inverse=True)
        values_by_bin = [values[bins == code] for code in range(int(bins.max()) + 1)]
        method: Any = "inverted_cdf" if is_step(name) else "linear"
        within[name] = np.stack(
            [np.quantile(part, np.linspace(0, 1, _BIN_QUANTILES), method=method) for part in values_by_bin]
        )
        codes.append(bins)
        counts.append(len(values_by_bin))
    return ColumnBins(tuple(columns), tuple(counts), within), np.stack(codes, axis=1)


@dataclass(frozen=True, slots=True)
class SteppedNumber:
    """A number that is learnt by its steps: its bounds, the inner edges of its bins, and the steps that occur. `levels` are
    its values if it is a discrete feature.
    """

    name: str
    low: float
    high: float
    edges: Array
    steps: Array
    levels: Array

    @classmethod
    def build(cls, name: str, values: Array, steps: Array, levels: Sequence[float] = ()) -> SteppedNumber:
        """Derive a number's bounds and bins from its values and steps."""
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _MAX_BINS // 2 + 1)[1:-1]))
        return cls(
            name, float(values.min()), float(values.max()), edges, np.unique(steps), np.array(levels, dtype=float)
        )

    def move(self, values: Array, steps: Array) -> Array:
        """Add steps to values; a step that would leave the bounds is replaced by the nearest one that does not."""
        lowest = np.searchsorted(self.steps, self.low - values - _TOLERANCE).clip(max=len(self.steps) - 1)
        highest = (np.searchsorted(self.steps, self.high - values + _TOLERANCE, side="right") - 1).clip(min=0)
        return np.asarray((values + steps.clip(self.steps[lowest], self.steps[highest])).clip(self.low, self.high))

    def to_frame(self, values: Array) -> Array:
        """Convert values to those of the frame: levels if the feature is discrete."""
        if not len(self.levels):
            return values
        return np.asarray(np.searchsorted((self.levels[1:] + self.levels[:-1]) / 2, values))

    def encode(self, values: Array) -> Array:
        """Return the bins of values."""
        return np.searchsorted(self.edges, values, side="right")


def build_stepped_bins(stepped: Sequence[SteppedNumber]) -> ColumnBins:
    """Return the bins in which the network sees numbers that are learnt by their steps."""
    return ColumnBins(tuple(number.name for number in stepped), tuple(len(number.edges) + 1 for number in stepped), {})
