"""The rows of sequences, prepared for learning: sorted by entity and time, and parted into what is constant in each sequence and
what varies.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .columns import Array, Values
from .frame import Frame, FramePlan
from .sequence_bins import FIRST, GAP, LENGTH, START, STEP, ColumnBins, SteppedNumber, is_step

# Steps are small if their standard deviation is below this share of the number's, whereas steps between independent values
# have 1.4 times its standard deviation.
_MAX_STEP_SPREAD, _MIN_STEPS = 0.7, 20


@dataclass(frozen=True, slots=True)
class SequenceRows:
    """Rows sorted by entity and time: the columns, the sizes of the discrete ones (0 for others), the time of each row, and
    the first row and the number of rows of each sequence.
    """

    columns: dict[str, Array]
    sizes: dict[str, int]
    times: Array
    first_rows: Array
    lengths: Array


def sort_rows(plan: FramePlan, frame: Frame, values: Values, entity: str, time: str) -> SequenceRows:
    """Sort the rows of a frame by entity and time, with missing numbers carried forward."""
    _, entity_codes = np.unique(values[entity].astype(str), return_inverse=True)
    levels = plan.levels.get(time, [])
    times = np.array(levels)[frame.data[time]] if levels else frame.data[time]
    order = np.lexsort((times, entity_codes))
    entity_codes, times = entity_codes[order], times[order].astype(float)
    first_rows = np.flatnonzero(np.diff(entity_codes, prepend=-1))
    columns = {feature.name: frame.data[feature.name][order] for feature in frame.features if feature.name != time}
    sizes = {feature.name: feature.size for feature in frame.features}
    for name, mask in plan.masks.items():
        if name in columns and mask in columns and not sizes[name]:
            columns[name] = _carry_forward(columns[name], columns[mask] == 1, entity_codes)
    return SequenceRows(columns, sizes, times, first_rows, np.diff([*first_rows, len(entity_codes)]))


def extract_stepped_numbers(
    plan: FramePlan, rows: SequenceRows, constant_names: Collection[str]
) -> list[SteppedNumber]:
    """Return the numbers that are learnt by their steps. If they are discrete, their columns in `rows` are changed from
    levels to values.
    """
    stepped = list[SteppedNumber]()
    for name, column in rows.columns.items():
        if name in constant_names or name in plan.masks.values():
            continue
        levels = plan.levels.get(name, [])
        is_number = not rows.sizes[name] or (
            name not in plan.combinations and all(isinstance(level, float) for level in levels)
        )
        numbers = np.array(levels)[column] if rows.sizes[name] and is_number else column
        if is_number and _has_small_steps(numbers, rows.first_rows):
            rows.columns[name] = numbers
            steps = np.delete(compute_steps(numbers, rows.first_rows), rows.first_rows)
            stepped.append(SteppedNumber.build(name, numbers, steps, levels))
    return stepped


def split_columns(
    rows: SequenceRows, constant_names: Collection[str], stepped: Sequence[SteppedNumber], gaps: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Split columns into those that are constant in each sequence, with a value per sequence, and those that vary, with a
    value per row.
    """
    columns, first_rows, names = rows.columns, rows.first_rows, [number.name for number in stepped]
    static = {name: columns[name][first_rows] for name in columns if name in constant_names} | {
        START: rows.times[first_rows],
        LENGTH: rows.lengths.astype(float),
    }
    static |= {name + FIRST: columns[name][first_rows] for name in names}
    varying = {GAP: gaps} | {name + STEP: compute_steps(columns[name], first_rows) for name in names}
    varying |= {name: column for name, column in columns.items() if name not in constant_names and name not in names}
    return static, varying


def find_all_successors(
    rows: SequenceRows, varying: dict[str, Array], bins: ColumnBins, codes: Array
) -> dict[str, Array]:
    """Return for each varying category a matrix of which values may follow which. Any bin of gaps and steps that occurs
    after the first row of a sequence may follow any other.
    """
    successors = {
        name: _find_successors(column, rows.sizes[name], rows.first_rows)
        for name, column in varying.items()
        if rows.sizes.get(name)
    }
    for index, (name, size) in enumerate(zip(bins.names, bins.sizes, strict=True)):
        if is_step(name):
            occurs = np.isin(np.arange(size), np.delete(codes[:, index], rows.first_rows))
            successors[name] = np.tile(occurs if occurs.any() else ~occurs, (size, 1))
    return successors


def _find_successors(column: Array, size: int, first_rows: Array) -> Array:
    """Return a matrix of which values of a column follow which in sequences; any value may follow one without successors."""
    allowed = np.zeros((size, size), dtype=bool)
    later_rows = np.delete(np.arange(len(column)), first_rows)
    allowed[column[later_rows - 1], column[later_rows]] = True
    allowed[~allowed.any(axis=1)] = True
    return allowed


def _carry_forward(column: Array, is_missing: Array, entity_codes: Array) -> Array:
    """Fill missing numbers with the previous value of the same entity, as values drawn for them would make false
    steps.
    """
    known_rows = np.where(is_missing, -1, np.arange(len(column)))
    last_known = np.maximum.accumulate(known_rows)
    is_same_entity = (last_known >= 0) & (entity_codes[last_known.clip(min=0)] == entity_codes)
    return np.where(is_missing & is_same_entity, column[last_known.clip(min=0)], column)


def compute_steps(column: Array, first_rows: Array) -> Array:
    """Return the change of a number in each row; 0 in the first of a sequence."""
    steps = np.diff(column, prepend=column[0])
    steps[first_rows] = 0.0
    return steps


def _has_small_steps(column: Array, first_rows: Array) -> bool:
    """Whether a number changes little from one row of a sequence to the next."""
    steps = np.delete(compute_steps(column, first_rows), first_rows)
    return len(steps) >= _MIN_STEPS and float(steps.std()) < _MAX_STEP_SPREAD * float(column.std())


def is_constant(column: Array, first_rows: Array, lengths: Array) -> bool:
    """Whether a column is constant in each sequence."""
    return bool((column == np.repeat(column[first_rows], lengths)).all())
