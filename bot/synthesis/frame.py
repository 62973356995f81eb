"""The encoding of a table for models: continuous or discrete features without gaps; and its decoding. Missing cells
get features of their own, dates become seconds, numbers with few distinct values are discrete, computed columns are
left out, the later one of two ordered columns becomes a gap, and columns whose values belong together become one
feature (`relations.py`). Models know nothing about columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Array, Column, ColumnType, Values, round_values
from .relations import Relations

# A numeric column with at most this many distinct values is discrete.
_MAX_DISTINCT_NUMBERS = 12
# Rarer categories share the last level and are drawn by frequency.
MAX_LEVELS = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature that a model learns: continuous (`size` 0), or discrete with `size` levels."""

    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of features: a float for each continuous one, a level from 0 for each discrete one."""

    features: tuple[Feature, ...]
    data: dict[str, Array]

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(next(iter(self.data.values())))

    def take(self, which: Array) -> Frame:
        """Return a subset of the rows."""
        return Frame(self.features, {name: values[which] for name, values in self.data.items()})


@dataclass(frozen=True, slots=True)
class ColumnCombination:
    """Columns that form one feature, their combinations of values (None if missing), and the count of each."""

    names: tuple[str, ...]
    values: list[list[Any]]
    counts: list[int]

    def get_values(self, name: str, indices: Array) -> Array:
        """Return the values of a column in the combinations at these indices."""
        cells = [row[self.names.index(name)] for row in self.values]
        if all(cell is None or isinstance(cell, float) for cell in cells):
            return np.array([np.nan if cell is None else cell for cell in cells])[indices]
        return np.array(["" if cell is None else cell for cell in cells], dtype=object)[indices]


@dataclass(frozen=True, slots=True)
class FramePlan:
    """The mapping between a table and its frame."""

    columns: tuple[Column, ...]
    relations: Relations
    features: tuple[Feature, ...]
    # The values of a discrete feature by level; the last level of categories may represent several.
    levels: dict[str, list[Any]] = field(default_factory=dict)
    # The categories that share the last level, with their counts.
    rare_categories: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    # The feature that marks missing cells, by column.
    masks: dict[str, str] = field(default_factory=dict)
    # The combinations of columns whose values belong together, most frequent first, by the name of their feature.
    combinations: dict[str, ColumnCombination] = field(default_factory=dict)

    def get_column(self, name: str) -> Column:
        """Return a column by name."""
        return next(column for column in self.columns if column.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "relations": self.relations.to_json(),
            "features": [[feature.name, feature.size] for feature in self.features],
            "levels": self.levels,
            "rest": self.rare_categories,
            "masks": self.masks,
            "combined": {
                name: [list(combination.names), combination.values, combination.counts]
                for name, combination in self.combinations.items()
            },
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FramePlan:
        """Rebuild a plan from `to_json`."""
        return cls(
            tuple(map(Column.from_json, data["columns"])),
            Relations.from_json(data["relations"]),
            tuple(Feature(name, size) for name, size in data["features"]),
            data["levels"],
            {name: [(cell, int(count)) for cell, count in cells] for name, cells in data["rest"].items()},
            data["masks"],
            {
                name: ColumnCombination(tuple(names), values, counts)
                for name, (names, values, counts) in data["combined"].items()
            },
        )


def build_plan(columns: Sequence[Column], relations: Relations, values: Values) -> FramePlan:
    """Plan the frame of a table with these values."""
    computed = {formula.name for formula in relations.formulas}
    later_names = {order.second for order in relations.orders}
    features, levels, rest = list[Feature](), dict[str, list[Any]](), dict[str, list[tuple[str, int]]]()
    masks, seen, combined = dict[str, str](), dict[bytes, str](), dict[str, ColumnCombination]()
    for fixed in relations.combinations:
        name = "\t".join(("", *fixed.names))
        combined[name] = _combine_columns(fixed.names, values)
        size = min(len(combined[name].values), MAX_LEVELS)
        features.append(Feature(name, size))
        levels[name] = list(range(size))
    combined_names = {name for combination in combined.values() for name in combination.names}
    for column in columns:
        if column.type in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY) or column.name in combined_names:
            continue
        found = values[column.name]
        gone = np.isnan(found) if column.is_numeric else found == ""
        if gone.any():
            # Columns that are missing together share a feature.
            name = seen.setdefault(np.packbits(gone).tobytes(), f"{column.name}\tmissing")
            if name == f"{column.name}\tmissing":
                features.append(Feature(name, 2))
                levels[name] = [False, True]
            masks[column.name] = name
        if column.name in computed:
            continue
        if column.is_numeric:
            different = np.unique(found[~gone])
            few = len(different) <= _MAX_DISTINCT_NUMBERS and column.name not in later_names
            features.append(Feature(column.name, len(different) if few else 0))
            if few:
                levels[column.name] = [float(value) for value in different]
        else:
            kept: list[str | None] = list(column.categories[: MAX_LEVELS - 1])
            beyond = column.categories[MAX_LEVELS - 1 :]
            if beyond:
                cells, counts = np.unique(found[np.isin(found, beyond)].astype(str), return_counts=True)
                rest[column.name] = [(str(cell), int(count)) for cell, count in zip(cells, counts, strict=True)]
                kept.append(None)
            features.append(Feature(column.name, len(kept)))
            levels[column.name] = kept
    return FramePlan(tuple(columns), relations, tuple(features), levels, rest, masks, combined)


def _combine_columns(names: Sequence[str], values: Values) -> ColumnCombination:
    counts = Counter(_list_rows(names, values))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return ColumnCombination(tuple(names), [list(row) for row, _ in ordered], [count for _, count in ordered])


def _list_rows(names: Sequence[str], values: Values) -> list[tuple[Any, ...]]:
    """Return the values of columns row by row, None if missing."""
    cells = [[None if value == "" or value != value else value for value in values[name].tolist()] for name in names]
    return list(zip(*cells, strict=True))


def build_frame(plan: FramePlan, values: Values, rng: np.random.Generator) -> Frame:
    """Encode a table. Missing values are drawn from the others by `rng`, as a feature of their own marks them."""
    data: dict[str, Array] = {}
    masks = {feature: name for name, feature in plan.masks.items()}
    earlier = {order.second: order.first for order in plan.relations.orders}
    for feature in plan.features:
        if feature.name in masks:
            found = values[masks[feature.name]]
            data[feature.name] = (_find_missing(found)).astype(np.int64)
            continue
        if combined := plan.combinations.get(feature.name):
            places = {tuple(row): at for at, row in enumerate(combined.values)}
            which = [places.get(row, feature.size - 1) for row in _list_rows(combined.names, values)]
            data[feature.name] = np.array(which, dtype=np.int64).clip(0, feature.size - 1)
            continue
        column = plan.get_column(feature.name)
        found = values[feature.name]
        if column.is_numeric:
            if first := earlier.get(feature.name):
                found = found - values[first]
            found = _fill_missing(found, rng)
            data[feature.name] = (
                np.searchsorted(np.array(plan.levels[feature.name]), found).clip(0, feature.size - 1)
                if feature.size
                else found
            )
        else:
            known = {cell: index for index, cell in enumerate(plan.levels[feature.name]) if cell is not None}
            codes = np.array([known.get(cell, feature.size - 1) if cell else -1 for cell in found], dtype=np.int64)
            data[feature.name] = _fill_missing(np.where(codes < 0, np.nan, codes), rng).astype(np.int64)
    return Frame(plan.features, data)


def decode_frame(plan: FramePlan, frame: Frame, rng: np.random.Generator) -> Values:
    """Decode the rows of a frame; keys and texts are empty."""
    values: Values = {}
    orders = {order.second: order.first for order in plan.relations.orders}
    for name, combined in plan.combinations.items():
        which = frame.data[name].copy()
        last = which == len(plan.levels[name]) - 1
        counts = np.array(combined.counts[len(plan.levels[name]) - 1 :], dtype=float)
        which[last] += rng.choice(len(counts), size=int(last.sum()), p=counts / counts.sum())
        values |= {name: combined.get_values(name, which) for name in combined.names}
    for column in plan.columns:
        if column.name in values:
            continue
        if column.name in frame.data:
            values[column.name] = _decode_column(plan, column, frame.data[column.name], rng)
        elif not column.is_numeric:
            values[column.name] = np.array([""] * frame.row_count, dtype=object)
    for second, first in orders.items():  # Each first column is decoded before the ones computed from it.
        column = plan.get_column(second)
        values[second] = round_values(column, values[first] + np.maximum(values[second], 0))
    for formula in plan.relations.formulas:
        column, generated = plan.get_column(formula.name), formula.expression.evaluate(values)
        values[formula.name] = generated if column.type is ColumnType.DATE else np.round(generated, column.decimals)
    for name, feature in plan.masks.items():
        values[name] = np.where(
            frame.data[feature] == 1, np.nan if plan.get_column(name).is_numeric else "", values[name]
        )
        if not plan.get_column(name).is_numeric:
            values[name] = values[name].astype(object)
    return {column.name: values[column.name] for column in plan.columns}


def _decode_column(plan: FramePlan, column: Column, data: Array, rng: np.random.Generator) -> Array:
    if column.is_numeric:
        if column.name in plan.levels:
            return np.array(plan.levels[column.name])[data]
        gap = any(order.second == column.name for order in plan.relations.orders)
        return data if gap else round_values(column, data)
    cells = np.array(["" if cell is None else cell for cell in plan.levels[column.name]], dtype=object)[data]
    if column.name in plan.rare_categories:
        others, counts = zip(*plan.rare_categories[column.name], strict=True)
        beyond = data == len(plan.levels[column.name]) - 1
        weights = np.array(counts, dtype=float)
        cells[beyond] = rng.choice(np.array(others, dtype=object), size=int(beyond.sum()), p=weights / weights.sum())
    return cells


def _find_missing(found: Array) -> Array:
    return found == "" if found.dtype == object else np.isnan(found)


def _fill_missing(found: Array, rng: np.random.Generator) -> Array:
    gone = np.isnan(found)
    known = found[~gone]
    if not gone.any():
        return found
    return np.where(gone, rng.choice(known, size=len(found)) if len(known) else 0.0, found)
