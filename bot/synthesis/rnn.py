"""An LSTM for sequences of rows, each of one entity in chronological order: it generates a row from those before it,
column by column. Numbers are binned, so that every column is categorical; gaps and steps within a bin are taken
from real rows, and a category only follows those that it follows in real rows. What is constant in each sequence is
drawn first, together with its length; then each row from the state of the LSTM and those of its columns that are
already drawn. Time is learnt as the gap from the previous row, so it never decreases, and a sequence that would end
after the last real row begins earlier or ends sooner. A number that changes little from row to row is learnt as its
step from the previous value, and the LSTM sees its current bin.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, ColumnType, Values
from .dependences import find_finest_key
from .frame import Feature, Frame, FramePlan
from .models import WantedLevels
from .networks import arrays_to_weights, weights_to_arrays
from .sequence_bins import (
    FIRST,
    GAP,
    LENGTH,
    MAX_SEQUENCE_LENGTH,
    START,
    STEP,
    ColumnBins,
    SteppedNumber,
    bin_columns,
    build_stepped_bins,
    is_step,
)
from .sequence_network import BATCH_SIZE, Learner, build_network, encode_one_hot
from .training import TrainingSettings, limit_epochs, train

SEQUENCE = "\tsequence"
# With more entities per row than this, there are no sequences.
MAX_SINGLE_ROW_SHARE = 0.8
# Steps are small if their standard deviation is below this share of the number's; by chance it is 1.4 times.
_MAX_STEP_SPREAD, _MIN_STEPS = 0.7, 20
_STEPPED_FIELDS = ("edges", "steps", "levels")


def find_sequence_columns(plan: FramePlan, values: Values, entity: str, time: str) -> tuple[str, str]:
    """Return the columns with the entity and the time of each row: the named ones, else those detected.

    Raises:
        RefusedError: there are no such columns.
    """
    keys = [column.name for column in plan.columns if column.type is ColumnType.KEY and not column.unique]
    dates = [column.name for column in plan.columns if column.type is ColumnType.DATE]
    entity, time = entity or (find_finest_key(keys, values) if keys else ""), time or next(iter(dates), "")
    if not entity or not time:
        raise RefusedError(
            "Sequences need two columns: one that says who or what each row belongs to, and one that says when. "
            "Name both: entity and time."
        )
    if not plan.get_column(time).is_numeric:
        raise RefusedError(
            '"{name}" has no dates or numbers, so it cannot put the rows in order. Choose another column.', name=time
        )
    if len(np.unique(values[entity].astype(str))) > MAX_SINGLE_ROW_SHARE * len(values[entity]):
        raise RefusedError(
            'Nearly every row has its own "{name}", so there are no sequences. Choose another model.', name=entity
        )
    return entity, time


def choose_epochs(frame: Frame) -> int:
    """Return the default number of epochs."""
    return limit_epochs(frame, BATCH_SIZE * 10, most=300 if frame.row_count < 5_000 else 120, steps=4_000)


class Rnn:
    """A trained network with what is needed to sample sequences from it."""

    def __init__(
        self,
        features: tuple[Feature, ...],
        levels: list[float],
        time: str,
        span: tuple[float, float, float],
        static: ColumnBins,
        moving: ColumnBins,
        stepped: Sequence[SteppedNumber],
        successors: dict[str, Array],
        weights: Any,
    ) -> None:
        # For each category, which values may follow which.
        self.successors = successors
        # The first time, the last time, and the smallest gap.
        self.features, self.levels, self.time, self.span = features, levels, time, span
        self.static, self.moving, self.stepped, self.weights = static, moving, tuple(stepped), weights

    def sample(self, rows: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return rows of complete sequences, the same for the same seed; the last sequence may be cut."""
        import torch

        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        net = build_network(self.static, self.moving, build_stepped_bins(self.stepped))
        net.load_state_dict(self.weights)
        parts, have = list[dict[str, Array]](), 0
        with torch.no_grad():
            while have < rows:
                parts.append(self._sample_sequences(torch, net, generator, rng, have))
                have += len(parts[-1][SEQUENCE])
        data = {name: np.concatenate([part[name] for part in parts])[:rows] for name in parts[0]}
        return Frame(self.features, data)

    def _sample_sequences(
        self, torch: Any, net: Any, generator: Any, rng: np.random.Generator, before: int
    ) -> dict[str, Array]:
        count, stepped_bins = 500, build_stepped_bins(self.stepped)
        static = net["still"].sample(torch.zeros((count, 1)), generator)
        context, static_values = encode_one_hot(torch, static, self.static), self.static.decode(static.numpy(), rng)
        width = int(self.moving.starts[-1] + stepped_bins.starts[-1])
        row, state, alive = torch.zeros((count, width)), None, np.arange(count)
        current_values = {number.name: static_values[number.name + FIRST] for number in self.stepped}
        lengths = np.round(static_values.pop(LENGTH))
        rows, owners = list[dict[str, Array]](), list[Array]()
        before_row: Any = None
        for at in range(MAX_SEQUENCE_LENGTH):
            out, state = net["lstm"](torch.cat([context, row], dim=1)[:, None], state)
            allowed = (
                {}
                if before_row is None
                else {
                    index: torch.from_numpy(self.successors[name])[before_row[:, index]]
                    for index, name in enumerate(self.moving.names)
                    if name in self.successors
                }
            )
            drawn = net["moving"].sample(torch.cat([out[:, 0], context], dim=1), generator, allowed)
            values = self.moving.decode(drawn.numpy(), rng)
            for number in self.stepped:
                step = values.pop(number.name + STEP)
                values[number.name] = (
                    current_values[number.name] if at == 0 else number.move(current_values[number.name], step)
                )
            rows.append(values | {number.name: number.to_frame(values[number.name]) for number in self.stepped})
            owners.append(alive)
            kept = at + 1 < lengths[alive]
            if not kept.any():
                break
            on = torch.from_numpy(kept)
            alive, context = alive[kept], context[on]
            current_values = {number.name: values[number.name][kept] for number in self.stepped}
            before_row, row = drawn[on], encode_one_hot(torch, drawn, self.moving)[on]
            if self.stepped:
                codes = np.stack([number.encode(current_values[number.name]) for number in self.stepped], axis=1)
                row = torch.cat([row, encode_one_hot(torch, torch.from_numpy(codes), stepped_bins)], dim=1)
            state = (state[0][:, on], state[1][:, on])
        owner, steps = (
            np.concatenate(owners),
            np.concatenate([np.full(len(step_owners), at) for at, step_owners in enumerate(owners)]),
        )
        order = np.lexsort((steps, owner))
        owner, steps = owner[order], steps[order]
        data = {name: np.concatenate([values[name] for values in rows])[order] for name in rows[0]}
        data |= {name: values[owner] for name, values in static_values.items() if not name.endswith(FIRST)}
        data[self.time], within = self._compute_times(data.pop(START), data.pop(GAP), steps)
        data[SEQUENCE] = owner + before
        return {name: values[within] for name, values in data.items()}

    def _compute_times(self, start: Array, gap: Array, steps: Array) -> tuple[Array, Array]:
        """Return the times of rows, and which of them are within the real time span."""
        low, high, least = self.span
        gap = np.where(steps == 0, 0.0, np.maximum(gap, least))
        passed = np.cumsum(gap)
        first = np.flatnonzero(steps == 0)
        lengths = np.diff([*first, len(steps)])
        since = passed - np.repeat(passed[first], lengths)
        begin = np.minimum(start[first], high - since[first + lengths - 1]).clip(min=low)
        times = np.repeat(begin, lengths) + since
        within = times <= high
        if not self.levels:
            return times, within
        levels = np.array(self.levels)
        which = np.searchsorted((levels[1:] + levels[:-1]) / 2, times)
        if least:
            within &= (steps == 0) | (np.diff(which, prepend=-1) != 0)
        return which, within

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        both = {"still": self.static, "moving": self.moving}
        data: dict[str, Any] = {"levels": self.levels, "time": self.time, "span": list(self.span)}
        data |= {part: [list(bins.names), list(bins.sizes)] for part, bins in both.items()}
        data["seen"] = [[number.name, number.low, number.high] for number in self.stepped]
        arrays = {
            f"{part}{bins.names.index(name)}": grid for part, bins in both.items() for name, grid in bins.within.items()
        }
        for at, number in enumerate(self.stepped):
            arrays |= {f"seen{at}.{part}": getattr(number, part) for part in _STEPPED_FIELDS}
        arrays |= {f"follows{self.moving.names.index(name)}": allowed for name, allowed in self.successors.items()}
        return data, arrays | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, data: dict[str, Any], features: tuple[Feature, ...], arrays: dict[str, Array]) -> Rnn:
        """Rebuild a model from its `state`."""
        import torch

        bins = {}
        for part in ("still", "moving"):
            names, sizes = data[part]
            within = {name: arrays[f"{part}{at}"] for at, name in enumerate(names) if f"{part}{at}" in arrays}
            bins[part] = ColumnBins(tuple(names), tuple(sizes), within)
        weights = arrays_to_weights(torch, arrays)
        stepped = [
            SteppedNumber(name, low, high, *(arrays[f"seen{at}.{part}"] for part in _STEPPED_FIELDS))
            for at, (name, low, high) in enumerate(data["seen"])
        ]
        names = bins["moving"].names
        successors = {name: arrays[f"follows{at}"] for at, name in enumerate(names) if f"follows{at}" in arrays}
        low, high, least = data["span"]
        span = low, high, least
        return cls(
            features, data["levels"], data["time"], span, bins["still"], bins["moving"], stepped, successors, weights
        )


@dataclass(frozen=True, slots=True)
class _SequenceRows:
    """Rows sorted by entity and time: the columns, the sizes of those that are categories, the time of each row, and of each
    sequence the first row and the number of rows.
    """

    columns: dict[str, Array]
    sizes: dict[str, int]
    times: Array
    first: Array
    lengths: Array


def train_rnn(plan: FramePlan, frame: Frame, values: Values, entity: str, time: str, settings: TrainingSettings) -> Rnn:
    """Train a model on a frame whose rows belong to entities."""
    rows = _sort_rows(plan, frame, values, entity, time)
    constant = {name for name, column in rows.columns.items() if _is_constant(column, rows.first, rows.lengths)}
    stepped = _extract_stepped_numbers(plan, rows, constant)
    gaps = _compute_steps(rows.times, rows.first)
    static, moving = _split_columns(rows, constant, stepped, gaps)
    static_bins, static_codes = bin_columns(static, rows.sizes)
    moving_bins, moving_codes = bin_columns(moving, rows.sizes)
    stepped_codes = (
        np.stack([number.encode(rows.columns[number.name]) for number in stepped], axis=1)
        if stepped
        else np.zeros((len(rows.times), 0), np.int64)
    )
    learner = Learner(
        static_bins,
        static_codes,
        moving_bins,
        moving_codes,
        build_stepped_bins(stepped),
        stepped_codes,
        rows.first,
        rows.lengths,
        settings.seed,
    )
    weights = train(learner, settings)
    least_gap = float(np.delete(gaps, rows.first).min(initial=gaps.max()))
    return Rnn(
        frame.features,
        [float(level) for level in plan.levels.get(time, [])],
        time,
        (float(rows.times.min()), float(rows.times.max()), least_gap),
        static_bins,
        moving_bins,
        stepped,
        _find_all_successors(rows, moving, moving_bins, moving_codes),
        weights,
    )


def _sort_rows(plan: FramePlan, frame: Frame, values: Values, entity: str, time: str) -> _SequenceRows:
    """Sort the rows of a frame by entity and time, with missing numbers carried forward."""
    _, owner = np.unique(values[entity].astype(str), return_inverse=True)
    levels = plan.levels.get(time, [])
    times = np.array(levels)[frame.data[time]] if levels else frame.data[time]
    order = np.lexsort((times, owner))
    owner, times = owner[order], times[order].astype(float)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    columns = {feature.name: frame.data[feature.name][order] for feature in frame.features if feature.name != time}
    sizes = {feature.name: feature.size for feature in frame.features}
    for name, mask in plan.masks.items():
        if name in columns and mask in columns and not sizes[name]:
            columns[name] = _carry_forward(columns[name], columns[mask] == 1, owner)
    return _SequenceRows(columns, sizes, times, first, np.diff([*first, len(owner)]))


def _extract_stepped_numbers(plan: FramePlan, rows: _SequenceRows, constant: Collection[str]) -> list[SteppedNumber]:
    """Return the numbers that are learnt by their steps; their columns become the numbers of their levels."""
    stepped = list[SteppedNumber]()
    for name, column in rows.columns.items():
        if name in constant or name in plan.masks.values():
            continue
        levels = plan.levels.get(name, [])
        is_number = not rows.sizes[name] or (
            name not in plan.combinations and all(isinstance(level, float) for level in levels)
        )
        numbers = np.array(levels)[column] if rows.sizes[name] and is_number else column
        if is_number and _has_small_steps(numbers, rows.first):
            rows.columns[name] = numbers
            steps = np.delete(_compute_steps(numbers, rows.first), rows.first)
            stepped.append(SteppedNumber.build(name, numbers, steps, levels))
    return stepped


def _split_columns(
    rows: _SequenceRows, constant: Collection[str], stepped: Sequence[SteppedNumber], gaps: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the columns of sequences, a value for each, and those of rows."""
    columns, first, names = rows.columns, rows.first, [number.name for number in stepped]
    static = {name: columns[name][first] for name in columns if name in constant} | {
        START: rows.times[first],
        LENGTH: rows.lengths.astype(float),
    }
    static |= {name + FIRST: columns[name][first] for name in names}
    moving = {GAP: gaps} | {name + STEP: _compute_steps(columns[name], first) for name in names}
    moving |= {name: column for name, column in columns.items() if name not in constant and name not in names}
    return static, moving


def _find_all_successors(
    rows: _SequenceRows, moving: dict[str, Array], bins: ColumnBins, codes: Array
) -> dict[str, Array]:
    """Return which values of the columns of rows may follow which; of gaps and steps, those of rows that are no first ones."""
    successors = {
        name: _find_successors(column, rows.sizes[name], rows.first)
        for name, column in moving.items()
        if rows.sizes.get(name)
    }
    for at, (name, size) in enumerate(zip(bins.names, bins.sizes, strict=True)):
        if is_step(name):
            there = np.isin(np.arange(size), np.delete(codes[:, at], rows.first))
            successors[name] = np.tile(there if there.any() else ~there, (size, 1))
    return successors


def _find_successors(column: Array, size: int, first: Array) -> Array:
    """Return which values of a column follow which in a sequence; any value may follow one without successors."""
    allowed = np.zeros((size, size), dtype=bool)
    after = np.delete(np.arange(len(column)), first)
    allowed[column[after - 1], column[after]] = True
    allowed[~allowed.any(axis=1)] = True
    return allowed


def _carry_forward(column: Array, gone: Array, owner: Array) -> Array:
    """Fill missing numbers with the previous value of the same entity, as values drawn for them would make false
    steps.
    """
    known = np.where(gone, -1, np.arange(len(column)))
    last = np.maximum.accumulate(known)
    is_own = (last >= 0) & (owner[last.clip(min=0)] == owner)
    return np.where(gone & is_own, column[last.clip(min=0)], column)


def _compute_steps(column: Array, first: Array) -> Array:
    """Return the change of a number in each row; 0 in the first of a sequence."""
    steps = np.diff(column, prepend=column[0])
    steps[first] = 0.0
    return steps


def _has_small_steps(column: Array, first: Array) -> bool:
    """Whether a number changes little from one row of a sequence to the next."""
    steps = np.delete(_compute_steps(column, first), first)
    return len(steps) >= _MIN_STEPS and float(steps.std()) < _MAX_STEP_SPREAD * float(column.std())


def _is_constant(column: Array, first: Array, lengths: Array) -> bool:
    """Whether a column is constant in each sequence."""
    return bool((column == np.repeat(column[first], lengths)).all())
