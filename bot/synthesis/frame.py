"""A table as models take it: features that are continuous or discrete, without gaps; and back.

Missing cells are features of their own, dates are seconds, numbers with few values are discrete, what is reckoned is left out, the
later of two in order is a gap, and columns whose values belong together are one feature (`relations.py`). Models know nothing of
columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Array, Column, Sort, Values, rounded
from .relations import Relations

# A number with at most so many different values is one of these.
_MAX_VALUES = 12
# So many categories are told apart; what is beyond is drawn by how often it comes.
MAX_DISCRETE = 100


@dataclass(frozen=True, slots=True)
class Feature:
    """What a model learns: of a continuous one numbers (`size` 0), of a discrete one which of `size`."""

    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of features: a float for each continuous one, a number from 0 for each discrete one."""

    features: tuple[Feature, ...]
    data: dict[str, Array]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.data.values())))

    def take(self, which: Array) -> Frame:
        """Some of its rows."""
        return Frame(self.features, {name: values[which] for name, values in self.data.items()})


@dataclass(frozen=True, slots=True)
class Combined:
    """Columns of one feature, the values that come together in them (None where one is missing), and how often each does."""

    names: tuple[str, ...]
    values: list[list[Any]]
    often: list[int]

    def column(self, name: str, which: Array) -> Array:
        """The values of a column in those combinations."""
        cells = [one[self.names.index(name)] for one in self.values]
        if all(cell is None or isinstance(cell, float) for cell in cells):
            return np.array([np.nan if cell is None else cell for cell in cells])[which]
        return np.array(["" if cell is None else cell for cell in cells], dtype=object)[which]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table becomes a frame and a frame a table."""

    columns: tuple[Column, ...]
    relations: Relations
    features: tuple[Feature, ...]
    # Of a discrete feature the values that its numbers stand for; the last one of categories may stand for several.
    levels: dict[str, list[Any]] = field(default_factory=dict)
    # Of what the last level stands for, each with how often it comes.
    rest: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    # For each column with missing cells the feature that says so.
    masks: dict[str, str] = field(default_factory=dict)
    # Of columns whose values belong together what comes together, the commonest first, by the name of their feature.
    combined: dict[str, Combined] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(one for one in self.columns if one.name == name)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "columns": [one.to_json() for one in self.columns],
            "relations": self.relations.to_json(),
            "features": [[one.name, one.size] for one in self.features],
            "levels": self.levels, "rest": self.rest, "masks": self.masks,
            "combined": {name: [list(one.names), one.values, one.often] for name, one in self.combined.items()},
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        """The plan that `to_json` gave."""
        return cls(
            tuple(map(Column.from_json, data["columns"])),
            Relations.from_json(data["relations"]),
            tuple(Feature(name, size) for name, size in data["features"]),
            data["levels"],
            {name: [(cell, int(often)) for cell, often in cells] for name, cells in data["rest"].items()},
            data["masks"],
            {name: Combined(tuple(names), values, often) for name, (names, values, often) in data["combined"].items()},
        )


def plan_of(columns: Sequence[Column], relations: Relations, values: Values) -> Plan:
    """How the table of these values becomes a frame."""
    reckoned = {one.name for one in relations.formulas}
    behind = {one.second for one in relations.orders}
    features, levels, rest = list[Feature](), dict[str, list[Any]](), dict[str, list[tuple[str, int]]]()
    masks, seen, combined = dict[str, str](), dict[bytes, str](), dict[str, Combined]()
    for fixed in relations.fixed:
        name = "\t".join(("", *fixed.names))
        combined[name] = _combined(fixed.names, values)
        size = min(len(combined[name].values), MAX_DISCRETE)
        features.append(Feature(name, size))
        levels[name] = list(range(size))
    together = {name for one in combined.values() for name in one.names}
    for column in columns:
        if column.sort in (Sort.KEY, Sort.TEXT, Sort.EMPTY) or column.name in together:
            continue
        found = values[column.name]
        gone = np.isnan(found) if column.measured else found == ""
        if gone.any():
            # Columns that are missing together share a feature.
            name = seen.setdefault(np.packbits(gone).tobytes(), f"{column.name}\tmissing")
            if name == f"{column.name}\tmissing":
                features.append(Feature(name, 2))
                levels[name] = [False, True]
            masks[column.name] = name
        if column.name in reckoned:
            continue
        if column.measured:
            different = np.unique(found[~gone])
            few = len(different) <= _MAX_VALUES and column.name not in behind
            features.append(Feature(column.name, len(different) if few else 0))
            if few:
                levels[column.name] = [float(one) for one in different]
        else:
            kept: list[str | None] = list(column.categories[: MAX_DISCRETE - 1])
            beyond = column.categories[MAX_DISCRETE - 1 :]
            if beyond:
                cells, often = np.unique(found[np.isin(found, beyond)].astype(str), return_counts=True)
                rest[column.name] = [(str(cell), int(count)) for cell, count in zip(cells, often, strict=True)]
                kept.append(None)
            features.append(Feature(column.name, len(kept)))
            levels[column.name] = kept
    return Plan(tuple(columns), relations, tuple(features), levels, rest, masks, combined)


def _combined(names: Sequence[str], values: Values) -> Combined:
    counts = Counter(_rows(names, values))
    ordered = sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))
    return Combined(tuple(names), [list(one) for one, _ in ordered], [often for _, often in ordered])


def _rows(names: Sequence[str], values: Values) -> list[tuple[Any, ...]]:
    """The values of columns row by row, None where one is missing."""
    cells = [[None if one == "" or one != one else one for one in values[name].tolist()] for name in names]
    return list(zip(*cells, strict=True))


def frame_of(plan: Plan, values: Values, rng: np.random.Generator) -> Frame:
    """The frame of a table. What is missing is filled with what others have, drawn by `rng`: the feature of its own
    says that it is.
    """
    data: dict[str, Array] = {}
    masks = {feature: name for name, feature in plan.masks.items()}
    earlier = {one.second: one.first for one in plan.relations.orders}
    for feature in plan.features:
        if feature.name in masks:
            found = values[masks[feature.name]]
            data[feature.name] = (_gone(found)).astype(np.int64)
            continue
        if combined := plan.combined.get(feature.name):
            places = {tuple(one): at for at, one in enumerate(combined.values)}
            which = [places.get(one, feature.size - 1) for one in _rows(combined.names, values)]
            data[feature.name] = np.array(which, dtype=np.int64).clip(0, feature.size - 1)
            continue
        column = plan.column(feature.name)
        found = values[feature.name]
        if column.measured:
            if first := earlier.get(feature.name):
                found = found - values[first]
            found = _filled(found, rng)
            data[feature.name] = (
                np.searchsorted(np.array(plan.levels[feature.name]), found).clip(0, feature.size - 1)
                if feature.size
                else found
            )
        else:
            known = {cell: index for index, cell in enumerate(plan.levels[feature.name]) if cell is not None}
            codes = np.array([known.get(cell, feature.size - 1) if cell else -1 for cell in found], dtype=np.int64)
            data[feature.name] = _filled(np.where(codes < 0, np.nan, codes), rng).astype(np.int64)
    return Frame(plan.features, data)


def values_from(plan: Plan, frame: Frame, rng: np.random.Generator) -> Values:
    """The values of a frame's rows, but for keys and texts, which are empty."""
    values: Values = {}
    orders = {one.second: one.first for one in plan.relations.orders}
    for name, combined in plan.combined.items():
        which = frame.data[name].copy()
        last = which == len(plan.levels[name]) - 1
        often = np.array(combined.often[len(plan.levels[name]) - 1 :], dtype=float)
        which[last] += rng.choice(len(often), size=int(last.sum()), p=often / often.sum())
        values |= {one: combined.column(one, which) for one in combined.names}
    for column in plan.columns:
        if column.name in values:
            continue
        if column.name in frame.data:
            values[column.name] = _column_from(plan, column, frame.data[column.name], rng)
        elif not column.measured:
            values[column.name] = np.array([""] * frame.rows, dtype=object)
    for second, first in orders.items():  # Each first stands before what is reckoned from it.
        column = plan.column(second)
        values[second] = rounded(column, values[first] + np.maximum(values[second], 0))
    for formula in plan.relations.formulas:
        column, made = plan.column(formula.name), formula.expression.of(values)
        values[formula.name] = made if column.sort is Sort.DATE else np.round(made, column.decimals)
    for name, feature in plan.masks.items():
        values[name] = np.where(frame.data[feature] == 1, np.nan if plan.column(name).measured else "", values[name])
        if not plan.column(name).measured:
            values[name] = values[name].astype(object)
    return {one.name: values[one.name] for one in plan.columns}


def _column_from(plan: Plan, column: Column, data: Array, rng: np.random.Generator) -> Array:
    if column.measured:
        if column.name in plan.levels:
            return np.array(plan.levels[column.name])[data]
        gap = any(one.second == column.name for one in plan.relations.orders)
        return data if gap else rounded(column, data)
    cells = np.array(["" if cell is None else cell for cell in plan.levels[column.name]], dtype=object)[data]
    if column.name in plan.rest:
        others, often = zip(*plan.rest[column.name], strict=True)
        beyond = data == len(plan.levels[column.name]) - 1
        weights = np.array(often, dtype=float)
        cells[beyond] = rng.choice(np.array(others, dtype=object), size=int(beyond.sum()), p=weights / weights.sum())
    return cells


def _gone(found: Array) -> Array:
    return found == "" if found.dtype == object else np.isnan(found)


def _filled(found: Array, rng: np.random.Generator) -> Array:
    gone = np.isnan(found)
    known = found[~gone]
    if not gone.any():
        return found
    return np.where(gone, rng.choice(known, size=len(found)) if len(known) else 0.0, found)
