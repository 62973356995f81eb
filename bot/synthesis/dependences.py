"""Finds columns that determine others, pairs of values that never occur, and keys that identify the same entity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .columns import Array, Column, ColumnType, Values
from .formulas import MIN_ROWS, FixedCombination
from .personal_data import PersonalKind

# A pair of values is excluded if it never occurs although at least this many rows are expected by chance.
_MIN_EXPECTED_ROWS = 7.0
_MAX_PAIRED_LEVELS, _MAX_PAIRED_COLUMNS = 60, 40
# A number or date with at most this many values is discrete.
_MAX_DISCRETE_VALUES = 12
# A column is determined by another only if chance would give at least this many exceptions.
_MIN_EXCEPTIONS_BY_CHANCE = 10
# The number of rows checked first, to skip most pairs quickly.
_HEAD_ROWS = 2_000
# Keys that identify the same entity may differ in this share of rows, because of typing errors.
_MAX_EXCEPTION_SHARE = 0.01
# Kinds that identify a person poorly, as several people may share a value.
_SHARED_KINDS = (
    PersonalKind.GIVEN,
    PersonalKind.FAMILY,
    PersonalKind.ADDRESS,
    PersonalKind.PHONE,
    PersonalKind.ACCOUNT,
)
_MAX_SAMPLED_SIZES = 1_000


@dataclass(frozen=True, slots=True)
class ExcludedPairs:
    """Two columns, and the pairs of their values that never occur, formatted and joined by a tab."""

    first: str
    second: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys that identify the same entity: a sample of the entities' numbers of rows (`sizes`), and the other columns
    that are constant in all rows of an entity. Rows without a value in `row_marker` are the only ones of their entity.
    """

    names: tuple[str, ...]
    constant_columns: tuple[str, ...]
    sizes: tuple[int, ...]
    row_marker: str = ""


def format_cells(values: Array) -> Array:
    """Format values as texts; "" if missing."""
    if values.dtype == object:
        return values.astype(str)
    return np.array(["" if np.isnan(value) else f"{value:.12g}" for value in values.tolist()])


def is_discrete(column: Column, values: Values) -> bool:
    """Whether a column has so few distinct values that they may determine, or be determined by, those of others."""
    if column.type is ColumnType.CATEGORY:
        return True
    if not column.is_numeric:
        return False
    distinct_values = np.unique(values[column.name][~np.isnan(values[column.name])])
    # Numbers that repeat often: postcodes, or the prices of products.
    return len(distinct_values) <= _MAX_DISCRETE_VALUES or (
        column.type is ColumnType.NUMBER and len(distinct_values) * 5 <= len(values[column.name])
    )


def list_levels(values: Array) -> tuple[Array, Array]:
    """Return the distinct values as texts (the levels), and the index of each row's level."""
    levels, codes = np.unique(format_cells(values), return_inverse=True)
    return levels, codes


def find_dependent_columns(discrete_columns: dict[str, Array], row_count: int) -> dict[str, list[str]]:
    """Map columns to the columns that they determine, given the level indices of discrete columns. Each column is
    determined by at most one: the one with the fewest levels.
    """
    if row_count < MIN_ROWS:
        return {}
    rng = np.random.default_rng(0)
    level_counts = {name: int(codes.max()) + 1 for name, codes in discrete_columns.items()}
    names = sorted(
        (name for name in list(discrete_columns)[:_MAX_PAIRED_COLUMNS] if level_counts[name] > 1),
        key=lambda name: -level_counts[name],
    )
    leaders, dependents = dict[str, str](), dict[str, list[str]]()
    for second in reversed(names):
        for first in reversed(names):
            if (
                first == second
                or level_counts[first] < level_counts[second]
                or leaders.get(first) == second
                or row_count - level_counts[first] < MIN_ROWS
            ):
                continue
            if _count_exceptions(discrete_columns[first][:_HEAD_ROWS], discrete_columns[second][:_HEAD_ROWS]):
                continue
            if _count_exceptions(discrete_columns[first], discrete_columns[second]) == 0 and (
                _count_exceptions(discrete_columns[first], rng.permutation(discrete_columns[second]))
                >= _MIN_EXCEPTIONS_BY_CHANCE
            ):
                leaders[second] = first
                break
    for second in leaders:
        first, visited = leaders[second], {second}
        while first in leaders and first not in visited:
            visited.add(first)
            first = leaders[first]
        if first != second:
            dependents.setdefault(first, []).append(second)
    return dependents


def _count_exceptions(first: Array, second: Array) -> int:
    """Count the rows whose second level is not the most frequent one for their first level."""
    _, pair_indices, counts = np.unique(
        first * (int(second.max()) + 1) + second, return_inverse=True, return_counts=True
    )
    max_counts = np.zeros(int(first.max()) + 1, dtype=np.int64)
    np.maximum.at(max_counts, first, counts[pair_indices])
    return int(len(first) - max_counts.sum())


def find_excluded_pairs(
    discrete_columns: dict[str, tuple[Array, Array]], combinations: Sequence[FixedCombination]
) -> Iterable[ExcludedPairs]:
    """Yield the pairs of values that never occur although many rows are expected by chance; for a column that
    determines another, all pairs that do not occur. `discrete_columns` are levels and level indices by column.
    """
    rng = np.random.default_rng(0)
    names = [name for name, (levels, _) in discrete_columns.items() if 1 < len(levels) <= _MAX_PAIRED_LEVELS][
        :_MAX_PAIRED_COLUMNS
    ]
    for first, second in permutations(names, 2):
        if any(first in combination.names and second in combination.names for combination in combinations):
            continue
        (levels, codes), (other_levels, other_codes) = discrete_columns[first], discrete_columns[second]
        row_count = len(codes)
        counts = np.bincount(codes * len(other_levels) + other_codes, minlength=len(levels) * len(other_levels))
        counts = counts.reshape(len(levels), len(other_levels))
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / row_count
        is_excluded = (counts == 0) & (expected >= _MIN_EXPECTED_ROWS) & (first < second)
        first_determines_second = int((counts > 0).sum(axis=1).max()) == 1
        if (
            first_determines_second
            and _count_exceptions(codes, rng.permutation(other_codes)) >= _MIN_EXCEPTIONS_BY_CHANCE
        ):
            is_excluded |= counts == 0
        if is_excluded.any():
            yield ExcludedPairs(
                first,
                second,
                tuple(
                    f"{levels[level]}\t{other_levels[other_level]}" for level, other_level in np.argwhere(is_excluded)
                ),
            )


@dataclass(frozen=True, slots=True, eq=False)
class _KeyUnit:
    """Columns that identify an entity together, and the number of each row's entity."""

    columns: list[Column]
    codes: Array

    def determines(self, other: Array) -> bool:
        """Whether other codes are constant for each entity, except for a few rows."""
        return _count_exceptions(self.codes, other) <= _MAX_EXCEPTION_SHARE * len(other)


def find_identities(columns: Sequence[Column], values: Values, row_marker: str) -> Iterable[Identity]:
    """Yield the identities of a table: keys that repeat, grouped if they identify the same entity."""
    keys = [column for column in columns if column.type is ColumnType.KEY and not column.unique and column.shapes]
    units = sorted(
        _build_units(keys, values),
        key=lambda unit: (-int(unit.codes.max()), all(column.kind in _SHARED_KINDS for column in unit.columns)),
    )
    while units:
        leader, *units = units
        entity_count, row_count = int(leader.codes.max()) + 1, len(leader.codes)
        if row_count - entity_count < max(10, 0.02 * row_count):
            continue
        equivalent_units = [unit for unit in units if leader.determines(unit.codes)]
        units = [unit for unit in units if unit not in equivalent_units]
        constant_columns = tuple(
            column.name
            for column in columns
            if column.type in (ColumnType.NUMBER, ColumnType.DATE, ColumnType.CATEGORY)
            and len(set(format_cells(values[column.name]))) > 1
            and _count_exceptions(leader.codes, list_levels(values[column.name])[1]) == 0
        )
        sizes = np.bincount(leader.codes[format_cells(values[row_marker]) != ""] if row_marker else leader.codes)
        sizes = np.sort(sizes[sizes > 0])
        yield Identity(
            tuple(column.name for unit in (leader, *equivalent_units) for column in unit.columns),
            constant_columns,
            tuple(sizes[:: max(1, len(sizes) // _MAX_SAMPLED_SIZES)].tolist()),
            row_marker,
        )


def _build_units(keys: Sequence[Column], values: Values) -> list[_KeyUnit]:
    """Return a unit for each key; those with the names and e-mail addresses of one person form a unit together."""
    units = dict[str, _KeyUnit]()
    for column in keys:
        codes = np.unique(values[column.name].astype(str), return_inverse=True)[1]
        name = f"\t{column.slot}" if column.slot >= 0 else column.name
        if name not in units:
            units[name] = _KeyUnit([column], codes)
            continue
        unit = units[name]
        # Given names and surnames identify people together; an e-mail address adds nothing to a name.
        is_email = column.kind == PersonalKind.MAIL
        pairs = unit.codes * (int(codes.max()) + 1) + codes
        combined_codes = unit.codes if is_email else np.unique(pairs, return_inverse=True)[1]
        units[name] = _KeyUnit([*unit.columns, column], combined_codes)
    return list(units.values())


def find_finest_key(names: Sequence[str], cells: Mapping[str, Sequence[str] | Array]) -> str:
    """Return the key with the most distinct values among those that identify the same entity as the first: a number
    rather than a name, which several people may share. Empty if there are no keys.
    """
    codes = {name: np.unique(np.asarray(cells[name]).astype(str), return_inverse=True)[1] for name in names}
    equivalent_names = [
        name
        for name in names
        if _count_exceptions(codes[name], codes[names[0]]) <= _MAX_EXCEPTION_SHARE * len(codes[name])
    ]
    return max(equivalent_names, key=lambda name: int(codes[name].max()), default="")
