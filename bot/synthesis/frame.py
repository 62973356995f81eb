"""Encodes a table as continuous and discrete features without missing values (a frame), the only thing that models
know, and decodes frames. Missing cells are marked by features of their own, dates become seconds, numbers with few
distinct values are discrete, computed columns are left out, the later of two ordered columns becomes the gap from the
earlier, and columns whose values belong together become one feature (`relations.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Array, Column, ColumnType, Values, count_rows, find_missing, round_values, take_rows
from .relations import Relations

# A numeric column with at most this many distinct values is discrete.
_MAX_DISTINCT_NUMBERS = 12
# The maximum number of levels of a feature. Rarer categories share the last level and are drawn by frequency.
MAX_LEVELS = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature that a model learns: continuous (`size` 0), or discrete with `size` levels."""

    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of features: arrays of floats for continuous features, of levels from 0 for discrete ones."""

    features: tuple[Feature, ...]
    data: dict[str, Array]

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return count_rows(self.data)

    def take(self, indices: Array) -> Frame:
        """Return the rows at these indices."""
        return Frame(self.features, take_rows(self.data, indices))


@dataclass(frozen=True, slots=True)
class ColumnCombination:
    """Columns that form one feature: their combinations of values (None if missing), and the count of each, the most
    frequent first.
    """

    names: tuple[str, ...]
    values: list[list[Any]]
    counts: list[int]

    def get_values(self, name: str, indices: Array) -> Array:
        """Return the values of a column in the combinations at these indices."""
        values = [row[self.names.index(name)] for row in self.values]
        if all(value is None or isinstance(value, float) for value in values):
            return np.array([np.nan if value is None else value for value in values])[indices]
        return np.array(["" if value is None else value for value in values], dtype=object)[indices]


@dataclass(frozen=True, slots=True)
class FramePlan:
    """The mapping between a table and its frame."""

    columns: tuple[Column, ...]
    relations: Relations
    features: tuple[Feature, ...]
    # The values of each discrete feature by level; a last level of None stands for all rare categories.
    levels: dict[str, list[Any]] = field(default_factory=dict)
    # The categories that share the last level of a feature, with their counts.
    rare_categories: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    # The feature that marks missing cells, by column.
    masks: dict[str, str] = field(default_factory=dict)
    # The combinations of columns whose values belong together, by the name of their feature.
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
    """Plan the frame of a table from its columns, relations and values."""
    computed_names = {formula.name for formula in relations.formulas}
    later_names = {order.second for order in relations.orders}
    features, levels, rare_categories = list[Feature](), dict[str, list[Any]](), dict[str, list[tuple[str, int]]]()
    masks, mask_by_pattern, combinations = dict[str, str](), dict[bytes, str](), dict[str, ColumnCombination]()
    for combination in relations.combinations:
        name = "\t".join(("", *combination.names))
        combinations[name] = _combine_columns(combination.names, values)
        size = min(len(combinations[name].values), MAX_LEVELS)
        features.append(Feature(name, size))
        levels[name] = list(range(size))
    combined_names = {name for combination in combinations.values() for name in combination.names}
    for column in columns:
        if column.type in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY) or column.name in combined_names:
            continue
        array = values[column.name]
        is_missing = find_missing(array)
        if is_missing.any():
            # Columns that are missing in the same rows share a feature.
            name = mask_by_pattern.setdefault(np.packbits(is_missing).tobytes(), f"{column.name}\tmissing")
            if name == f"{column.name}\tmissing":
                features.append(Feature(name, 2))
                levels[name] = [False, True]
            masks[column.name] = name
        if column.name in computed_names:
            continue
        if column.is_numeric:
            distinct_values = np.unique(array[~is_missing])
            is_discrete = len(distinct_values) <= _MAX_DISTINCT_NUMBERS and column.name not in later_names
            features.append(Feature(column.name, len(distinct_values) if is_discrete else 0))
            if is_discrete:
                levels[column.name] = [float(value) for value in distinct_values]
        else:
            levels[column.name] = [*column.categories[: MAX_LEVELS - 1]]
            if len(column.categories) >= MAX_LEVELS:
                levels[column.name].append(None)
                rare_categories[column.name] = _count_categories(array, column.categories[MAX_LEVELS - 1 :])
            features.append(Feature(column.name, len(levels[column.name])))
    return FramePlan(tuple(columns), relations, tuple(features), levels, rare_categories, masks, combinations)


def _count_categories(array: Array, categories: Sequence[str]) -> list[tuple[str, int]]:
    cells, counts = np.unique(array[np.isin(array, categories)].astype(str), return_counts=True)
    return [(str(cell), int(count)) for cell, count in zip(cells, counts, strict=True)]


def _combine_columns(names: Sequence[str], values: Values) -> ColumnCombination:
    counts = Counter(_list_rows(names, values))
    most_frequent = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return ColumnCombination(
        tuple(names), [list(row) for row, _ in most_frequent], [count for _, count in most_frequent]
    )


def _list_rows(names: Sequence[str], values: Values) -> list[tuple[Any, ...]]:
    """Return the values of columns row by row, None if missing."""
    # NaN differs from itself.
    columns = [[None if value == "" or value != value else value for value in values[name].tolist()] for name in names]
    return list(zip(*columns, strict=True))


def build_frame(plan: FramePlan, values: Values, rng: np.random.Generator) -> Frame:
    """Encode a table. Missing values are replaced by random values of their column, as masks mark them."""
    data: dict[str, Array] = {}
    column_of_mask = {mask: name for name, mask in plan.masks.items()}
    for feature in plan.features:
        if feature.name in column_of_mask:
            data[feature.name] = find_missing(values[column_of_mask[feature.name]]).astype(np.int64)
        elif combination := plan.combinations.get(feature.name):
            index_of_row = {tuple(row): index for index, row in enumerate(combination.values)}
            indices = [index_of_row.get(row, feature.size - 1) for row in _list_rows(combination.names, values)]
            data[feature.name] = np.array(indices, dtype=np.int64).clip(0, feature.size - 1)
        elif plan.get_column(feature.name).is_numeric:
            data[feature.name] = _encode_numbers(plan, feature, values, rng)
        else:
            data[feature.name] = _encode_categories(plan, feature, values[feature.name], rng)
    return Frame(plan.features, data)


def _encode_numbers(plan: FramePlan, feature: Feature, values: Values, rng: np.random.Generator) -> Array:
    array = values[feature.name]
    if earlier := next((order.first for order in plan.relations.orders if order.second == feature.name), ""):
        array = array - values[earlier]
    array = _fill_missing(array, rng)
    if not feature.size:
        return array
    return np.searchsorted(np.array(plan.levels[feature.name]), array).clip(0, feature.size - 1)


def _encode_categories(plan: FramePlan, feature: Feature, array: Array, rng: np.random.Generator) -> Array:
    level_of_cell = {cell: level for level, cell in enumerate(plan.levels[feature.name]) if cell is not None}
    codes = np.array([level_of_cell.get(cell, feature.size - 1) if cell else np.nan for cell in array], dtype=float)
    return _fill_missing(codes, rng).astype(np.int64)


def decode_frame(plan: FramePlan, frame: Frame, rng: np.random.Generator) -> Values:
    """Decode the rows of a frame; keys and texts are empty."""
    values: Values = {}
    for name, combination in plan.combinations.items():
        indices = frame.data[name].copy()
        is_last = indices == len(plan.levels[name]) - 1
        counts = np.array(combination.counts[len(plan.levels[name]) - 1 :], dtype=float)
        indices[is_last] += rng.choice(len(counts), size=int(is_last.sum()), p=counts / counts.sum())
        values |= {column_name: combination.get_values(column_name, indices) for column_name in combination.names}
    for column in plan.columns:
        if column.name in values:
            continue
        if column.name in frame.data:
            values[column.name] = _decode_column(plan, column, frame.data[column.name], rng)
        elif not column.is_numeric:
            values[column.name] = np.array([""] * frame.row_count, dtype=object)
    # Orders are sorted so that the first column of each is complete.
    for order in plan.relations.orders:
        gaps = np.maximum(values[order.second], 0)
        values[order.second] = round_values(plan.get_column(order.second), values[order.first] + gaps)
    for formula in plan.relations.formulas:
        column, computed = plan.get_column(formula.name), formula.expression.evaluate(values)
        values[formula.name] = computed if column.type is ColumnType.DATE else np.round(computed, column.decimals)
    for name, mask in plan.masks.items():
        is_numeric = plan.get_column(name).is_numeric
        masked = np.where(frame.data[mask] == 1, np.nan if is_numeric else "", values[name])
        values[name] = masked if is_numeric else masked.astype(object)
    return {column.name: values[column.name] for column in plan.columns}


def _decode_column(plan: FramePlan, column: Column, data: Array, rng: np.random.Generator) -> Array:
    """Return the values of a column from its feature: floats, or levels."""
    if column.is_numeric:
        if column.name in plan.levels:
            return np.array(plan.levels[column.name])[data]
        is_gap = any(order.second == column.name for order in plan.relations.orders)
        return data if is_gap else round_values(column, data)
    cells = np.array(["" if cell is None else cell for cell in plan.levels[column.name]], dtype=object)[data]
    if column.name in plan.rare_categories:
        categories, counts = zip(*plan.rare_categories[column.name], strict=True)
        is_rare = data == len(plan.levels[column.name]) - 1
        weights = np.array(counts, dtype=float)
        cells[is_rare] = rng.choice(
            np.array(categories, dtype=object), size=int(is_rare.sum()), p=weights / weights.sum()
        )
    return cells


def _fill_missing(array: Array, rng: np.random.Generator) -> Array:
    is_missing = np.isnan(array)
    known_values = array[~is_missing]
    if not is_missing.any():
        return array
    return np.where(is_missing, rng.choice(known_values, size=len(array)) if len(known_values) else 0.0, array)
