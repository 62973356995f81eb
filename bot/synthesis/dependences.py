"""Search for values that come together: columns that determine others, pairs that never occur, keys of one entity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .columns import Array, Column, ColumnType, Values
from .formulas import MIN_ROWS, FixedCombination
from .personal_data import PersonalKind

# A pair of values is excluded if it never occurs, although this many rows are expected by chance.
_MIN_EXPECTED_ROWS = 7.0
_MAX_LEVELS, _MAX_SMALL_DOMAIN, _MAX_PAIRED_COLUMNS = 60, 12, 40
# A column is determined by another only if chance would give at least this many exceptions.
_MIN_EXCEPTIONS_BY_CHANCE = 10
# Number of rows checked before all are.
_HEAD_ROWS = 2_000
# Tolerates typing errors in keys.
_MAX_EXCEPTION_SHARE = 0.01
# Kinds that identify an entity poorly, as several people may share a value.
_SHARED_KINDS = (
    PersonalKind.GIVEN,
    PersonalKind.FAMILY,
    PersonalKind.ADDRESS,
    PersonalKind.PHONE,
    PersonalKind.ACCOUNT,
)
_MAX_SIZES = 1_000


@dataclass(frozen=True, slots=True)
class ExcludedPairs:
    """Two columns and the pairs of their values that never occur, as tab-separated texts."""

    first: str
    second: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys that together identify the entity of a row: the number of rows of each entity (`sizes`, a sample), and the
    other columns that are constant in all rows of one. Rows without a value in `alone` are the only ones of their
    entity.
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
    """Whether a column has few values, so that they may come together with those of others."""
    if column.type is ColumnType.CATEGORY:
        return True
    if not column.is_numeric:
        return False
    known = np.unique(values[column.name][~np.isnan(values[column.name])])
    # Postcodes look like numbers, and the price of a product repeats with it.
    return len(known) <= _MAX_SMALL_DOMAIN or (
        column.type is ColumnType.NUMBER and len(known) * 5 <= len(values[column.name])
    )


def list_levels(values: Array) -> tuple[Array, Array]:
    """Return the distinct values as texts, and the level of each row."""
    levels, codes = np.unique(format_cells(values), return_inverse=True)
    return levels, codes


def find_dependent_columns(discrete: dict[str, Array], rows: int) -> dict[str, list[str]]:
    """Map columns to those they determine; each column is determined by at most one, that with the fewest values."""
    if rows < MIN_ROWS:
        return {}
    rng = np.random.default_rng(0)
    counts = {name: int(codes.max()) + 1 for name, codes in discrete.items()}
    names = sorted(
        (name for name in list(discrete)[:_MAX_PAIRED_COLUMNS] if counts[name] > 1), key=lambda name: -counts[name]
    )
    leader, follows = dict[str, str](), dict[str, list[str]]()
    for second in reversed(names):
        for first in reversed(names):
            if (
                first == second
                or counts[first] < counts[second]
                or leader.get(first) == second
                or rows - counts[first] < MIN_ROWS
            ):
                continue
            if _count_exceptions(discrete[first][:_HEAD_ROWS], discrete[second][:_HEAD_ROWS]):
                continue
            if _count_exceptions(discrete[first], discrete[second]) == 0 and (
                _count_exceptions(discrete[first], rng.permutation(discrete[second])) >= _MIN_EXCEPTIONS_BY_CHANCE
            ):
                leader[second] = first
                break
    for second in leader:
        first, seen = leader[second], {second}
        while first in leader and first not in seen:
            seen.add(first)
            first = leader[first]
        if first != second:
            follows.setdefault(first, []).append(second)
    return follows


def _count_exceptions(first: Array, second: Array) -> int:
    """Count the rows whose second value is not the most frequent one for their first value."""
    _, pair, counts = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True, return_counts=True)
    most = np.zeros(int(first.max()) + 1, dtype=np.int64)
    np.maximum.at(most, first, counts[pair])
    return int(len(first) - most.sum())


def find_excluded_pairs(
    discrete: dict[str, tuple[Array, Array]], fixed: Sequence[FixedCombination]
) -> Iterable[ExcludedPairs]:
    """Yield pairs of values that never occur, although many rows would have them by chance; for a column that is
    determined by another, all pairs that do not occur.
    """
    rng = np.random.default_rng(0)
    few = [name for name, (levels, _) in discrete.items() if 1 < len(levels) <= _MAX_LEVELS][:_MAX_PAIRED_COLUMNS]
    for first, second in permutations(few, 2):
        if any(first in combination.names and second in combination.names for combination in fixed):
            continue
        (levels, codes), (others, other_codes) = discrete[first], discrete[second]
        rows = len(codes)
        counts = np.bincount(codes * len(others) + other_codes, minlength=len(levels) * len(others))
        counts = counts.reshape(len(levels), len(others))
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / rows
        never = (counts == 0) & (expected >= _MIN_EXPECTED_ROWS) & (first < second)
        follows = int((counts > 0).sum(axis=1).max()) == 1
        if follows and _count_exceptions(codes, rng.permutation(other_codes)) >= _MIN_EXCEPTIONS_BY_CHANCE:
            never |= counts == 0
        if never.any():
            yield ExcludedPairs(
                first,
                second,
                tuple(f"{levels[level]}\t{others[other_level]}" for level, other_level in np.argwhere(never)),
            )


def find_identities(columns: Sequence[Column], values: Values, alone: str) -> Iterable[Identity]:
    """Yield keys that repeat, each with those that identify the same entity."""
    keys = [column for column in columns if column.type is ColumnType.KEY and not column.unique and column.shapes]
    units = dict[str, tuple[Array, list[Column]]]()
    for column in keys:
        unit = f"\t{column.slot}" if column.slot >= 0 else column.name
        codes, members = units.get(unit, (np.zeros(len(values[column.name]), dtype=np.int64), []))
        own = np.unique(values[column.name].astype(str), return_inverse=True)[1]
        # The names of a person identify them together.
        joined = (
            codes
            if column.kind == PersonalKind.MAIL and members
            else np.unique(codes * (int(own.max()) + 1) + own, return_inverse=True)[1]
        )
        units[unit] = joined, [*members, column]
    remaining_units = sorted(
        units,
        key=lambda unit: (-int(units[unit][0].max()), all(column.kind in _SHARED_KINDS for column in units[unit][1])),
    )
    while remaining_units:
        lead, *remaining_units = remaining_units
        codes, members = units[lead]
        count, rows = int(codes.max()) + 1, len(codes)
        if rows - count < max(10, 0.02 * rows):
            continue
        same = [
            unit for unit in remaining_units if _count_exceptions(codes, units[unit][0]) <= _MAX_EXCEPTION_SHARE * rows
        ]
        remaining_units = [unit for unit in remaining_units if unit not in same]
        names = [column.name for unit in (lead, *same) for column in units[unit][1]]
        still = tuple(
            column.name
            for column in columns
            if column.type in (ColumnType.NUMBER, ColumnType.DATE, ColumnType.CATEGORY)
            and len(set(format_cells(values[column.name]))) > 1
            and _count_exceptions(codes, np.unique(format_cells(values[column.name]), return_inverse=True)[1]) == 0
        )
        sizes = np.bincount(codes[format_cells(values[alone]) != ""] if alone else codes)
        sizes = sizes[sizes > 0]
        yield Identity(
            tuple(names), still, tuple(int(size) for size in np.sort(sizes)[:: max(1, len(sizes) // _MAX_SIZES)]), alone
        )


def find_finest_key(names: Sequence[str], cells: Mapping[str, Sequence[str] | Array]) -> str:
    """Of keys that identify the same entity as the first, return the one with the most distinct values: a number
    rather than a name, which several people may share.
    """
    codes = {name: np.unique(np.asarray(cells[name]).astype(str), return_inverse=True)[1] for name in names}
    same = [
        name
        for name in names
        if _count_exceptions(codes[name], codes[names[0]]) <= _MAX_EXCEPTION_SHARE * len(codes[name])
    ]
    return max(same, key=lambda name: int(codes[name].max()), default="")
