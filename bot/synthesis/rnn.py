"""An LSTM for sequences of rows, each of one entity in chronological order: it generates a row from those before it,
column by column. Numbers are binned, so that every column is categorical; gaps and steps within a bin are taken
from real rows, and a category only follows those that it follows in real rows. What is constant in each sequence is
drawn first, together with its length; then each row from the state of the LSTM and those of its columns that are
already drawn. Time is learnt as the gap from the previous row, so it never decreases, and a sequence that would end
after the last real row begins earlier or ends sooner. A number that changes little from row to row is learnt as its
step from the previous value, and the LSTM sees its current bin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, ColumnType, Values
from .frame import Feature, Frame, FramePlan
from .models import WantedLevels
from .networks import arrays_to_weights, weights_to_arrays
from .relations import find_finest_key
from .training import TrainingSettings, limit_epochs, train

SEQUENCE = "\tsequence"
# With more entities per row than this, there are no sequences.
MAX_SINGLE_ROW_SHARE = 0.8
_START, _GAP, _LENGTH = "\tstart", "\tgap", "\tlength"
# Suffixes for a number that is learnt by its steps: its first value, and the step in each other row.
_FIRST, _STEP = "\tfirst", "\tstep"
# Bins have a minimum size so that none holds the value of a single entity.
_BINS, _BIN_QUANTILES, _MAX_SEQUENCE_LENGTH, _MIN_BIN_VALUES = 40, 11, 200, 5
_STATE_SIZE, _COLUMN_UNITS, _BATCH, _MIN_BATCH, _RATE, _HOLDOUT_DIVISOR = 128, 32, 64, 8, 2e-3, 10
# Steps are small if their standard deviation is below this share of the number's; by chance it is 1.4 times.
_MAX_STEP_SPREAD, _MIN_STEPS = 0.7, 20
_TOLERANCE = 1e-9
_STEPPED_FIELDS = ("edges", "steps", "levels")


def find_sequence_columns(plan: FramePlan, values: Values, entity: str, time: str) -> tuple[str, str]:
    """Return the columns with the entity and the time of each row: the named ones, else those detected.

    Raises:
        RefusedError: there are no such columns.
    """
    keys = [one.name for one in plan.columns if one.type is ColumnType.KEY and not one.unique]
    dates = [one.name for one in plan.columns if one.type is ColumnType.DATE]
    entity, time = entity or (find_finest_key(keys, values) if keys else ""), time or next(iter(dates), "")
    if not entity or not time:
        raise RefusedError(
            "Sequences need two columns: one that says who or what each row belongs to, and one that says when. "
            "Name both: entity and time."
        )
    if not plan.column(time).is_numeric:
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
    return limit_epochs(frame, _BATCH * 10, most=300 if frame.rows < 5_000 else 120, steps=4_000)


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
            if name in self.within and _is_step(name):
                found[name] = self.within[name][which, rng.integers(0, self.within[name].shape[1], len(which))]
            elif name in self.within:
                place = rng.random(len(which)) * (_BIN_QUANTILES - 1)
                low = place.astype(np.int64).clip(0, _BIN_QUANTILES - 2)
                grid = self.within[name]
                found[name] = grid[which, low] + (place - low) * (grid[which, low + 1] - grid[which, low])
            else:
                found[name] = which
        return found


def _is_step(name: str) -> bool:
    """Whether a column is a gap or a step: a value between two real ones need not be possible."""
    return name == _GAP or name.endswith(_STEP)


def _bin_columns(columns: dict[str, Array], sizes: dict[str, int]) -> tuple[ColumnBins, Array]:
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
        parts = [values[which == one] for one in range(int(which.max()) + 1)]
        method: Any = "inverted_cdf" if _is_step(name) else "linear"
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


def _build_stepped_bins(stepped: Sequence[SteppedNumber]) -> ColumnBins:
    return ColumnBins(tuple(one.name for one in stepped), tuple(len(one.edges) + 1 for one in stepped), {})


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
        net = _build_network(self.static, self.moving, _build_stepped_bins(self.stepped))
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
        count, stepped_bins = 500, _build_stepped_bins(self.stepped)
        static = net["still"].sample(torch, torch.zeros((count, 1)), generator)
        context, static_values = _encode_one_hot(torch, static, self.static), self.static.decode(static.numpy(), rng)
        width = int(self.moving.starts[-1] + stepped_bins.starts[-1])
        row, state, alive = torch.zeros((count, width)), None, np.arange(count)
        current_values = {one.name: static_values[one.name + _FIRST] for one in self.stepped}
        lengths = np.round(static_values.pop(_LENGTH))
        rows, owners = list[dict[str, Array]](), list[Array]()
        before_row: Any = None
        for at in range(_MAX_SEQUENCE_LENGTH):
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
            drawn = net["moving"].sample(torch, torch.cat([out[:, 0], context], dim=1), generator, allowed)
            values = self.moving.decode(drawn.numpy(), rng)
            for one in self.stepped:
                step = values.pop(one.name + _STEP)
                values[one.name] = current_values[one.name] if at == 0 else one.move(current_values[one.name], step)
            rows.append(values | {one.name: one.to_frame(values[one.name]) for one in self.stepped})
            owners.append(alive)
            kept = at + 1 < lengths[alive]
            if not kept.any():
                break
            on = torch.from_numpy(kept)
            alive, context = alive[kept], context[on]
            current_values = {one.name: values[one.name][kept] for one in self.stepped}
            before_row, row = drawn[on], _encode_one_hot(torch, drawn, self.moving)[on]
            if self.stepped:
                codes = np.stack([one.encode(current_values[one.name]) for one in self.stepped], axis=1)
                row = torch.cat([row, _encode_one_hot(torch, torch.from_numpy(codes), stepped_bins)], dim=1)
            state = (state[0][:, on], state[1][:, on])
        owner, steps = np.concatenate(owners), np.concatenate([np.full(len(one), at) for at, one in enumerate(owners)])
        order = np.lexsort((steps, owner))
        owner, steps = owner[order], steps[order]
        data = {name: np.concatenate([values[name] for values in rows])[order] for name in rows[0]}
        data |= {name: values[owner] for name, values in static_values.items() if not name.endswith(_FIRST)}
        data[self.time], within = self._compute_times(data.pop(_START), data.pop(_GAP), steps)
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

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        both = {"still": self.static, "moving": self.moving}
        data: dict[str, Any] = {"levels": self.levels, "time": self.time, "span": list(self.span)}
        data |= {part: [list(bins.names), list(bins.sizes)] for part, bins in both.items()}
        data["seen"] = [[one.name, one.low, one.high] for one in self.stepped]
        arrays = {
            f"{part}{bins.names.index(name)}": grid for part, bins in both.items() for name, grid in bins.within.items()
        }
        for at, one in enumerate(self.stepped):
            arrays |= {f"seen{at}.{part}": getattr(one, part) for part in _STEPPED_FIELDS}
        arrays |= {f"follows{self.moving.names.index(name)}": one for name, one in self.successors.items()}
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


def train_rnn(plan: FramePlan, frame: Frame, values: Values, entity: str, time: str, settings: TrainingSettings) -> Rnn:
    """Train a model on a frame whose rows belong to entities."""
    _, owner = np.unique(values[entity].astype(str), return_inverse=True)
    levels = plan.levels.get(time, [])
    times = np.array(levels)[frame.data[time]] if levels else frame.data[time]
    order = np.lexsort((times, owner))
    owner, times = owner[order], times[order].astype(float)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    lengths = np.diff([*first, len(owner)])
    columns = {one.name: frame.data[one.name][order] for one in frame.features if one.name != time}
    sizes = {one.name: one.size for one in frame.features}
    for name, mask in plan.masks.items():
        if name in columns and mask in columns and not sizes[name]:
            columns[name] = _carry_forward(columns[name], columns[mask] == 1, owner)
    constant = {name for name, column in columns.items() if _is_constant(column, first, lengths)}
    stepped = list[SteppedNumber]()
    for name in [one for one in columns if one not in constant and one not in plan.masks.values()]:
        known = plan.levels.get(name, [])
        is_number = not sizes[name] or (name not in plan.combinations and all(isinstance(one, float) for one in known))
        numbers = np.array(known)[columns[name]] if sizes[name] and is_number else columns[name]
        if is_number and _has_small_steps(numbers, first):
            columns[name] = numbers
            stepped.append(SteppedNumber.build(name, numbers, np.delete(_compute_steps(numbers, first), first), known))
    stepped_names = {one.name for one in stepped}
    static = {name: columns[name][first] for name in columns if name in constant} | {
        _START: times[first],
        _LENGTH: lengths.astype(float),
    }
    static |= {name + _FIRST: columns[name][first] for name in stepped_names}
    gaps = np.diff(times, prepend=times[0])
    gaps[first] = 0.0
    steps = {name + _STEP: _compute_steps(columns[name], first) for name in columns if name in stepped_names}
    moving = {_GAP: gaps} | steps
    moving |= {name: columns[name] for name in columns if name not in constant | stepped_names}
    successors = {
        name: _find_successors(column, sizes[name], first) for name, column in moving.items() if sizes.get(name)
    }
    static_bins, static_codes = _bin_columns(static, sizes)
    moving_bins, moving_codes = _bin_columns(moving, sizes)
    stepped_codes = (
        np.stack([one.encode(columns[one.name]) for one in stepped], axis=1)
        if stepped
        else np.zeros((len(owner), 0), np.int64)
    )
    for at, (name, size) in enumerate(zip(moving_bins.names, moving_bins.sizes, strict=True)):
        if _is_step(name):  # Exclude the first rows, which have no step.
            there = np.isin(np.arange(size), np.delete(moving_codes[:, at], first))
            successors[name] = np.tile(there if there.any() else ~there, (size, 1))
    learner = _Learner(
        static_bins,
        static_codes,
        moving_bins,
        moving_codes,
        _build_stepped_bins(stepped),
        stepped_codes,
        first,
        lengths,
        settings.seed,
    )
    weights = train(learner, settings)
    span = float(times.min()), float(times.max()), float(np.delete(gaps, first).min(initial=gaps.max()))
    return Rnn(
        frame.features,
        [float(one) for one in levels],
        time,
        span,
        static_bins,
        moving_bins,
        stepped,
        successors,
        weights,
    )


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


def _encode_one_hot(torch: Any, codes: Any, bins: ColumnBins) -> Any:
    rows = torch.zeros((*codes.shape[:-1], int(bins.starts[-1])))
    return rows.scatter_(-1, codes + torch.from_numpy(bins.starts[:-1]), 1.0)


def _build_network(static: ColumnBins, moving: ColumnBins, stepped: ColumnBins) -> Any:
    import torch
    from torch import nn

    class AutoregressiveColumns(nn.Module):
        """Columns one after another, each from the input and the columns before it."""

        def __init__(self, known: int, bins: ColumnBins) -> None:
            super().__init__()
            self.bins, (count, width) = bins, (len(bins.sizes), int(bins.starts[-1]))
            self.known, self.before = (
                nn.Linear(known, count * _COLUMN_UNITS),
                nn.Linear(width, count * _COLUMN_UNITS, bias=False),
            )
            self.out, self.plain = nn.Linear(count * _COLUMN_UNITS, width), nn.Linear(known, width)
            column = np.repeat(np.arange(count), bins.sizes)
            unit = np.repeat(np.arange(count), _COLUMN_UNITS)
            self.register_buffer(
                "earlier", torch.from_numpy((column[None] < unit[:, None]).astype(np.float32)), persistent=False
            )
            self.register_buffer(
                "own", torch.from_numpy((column[:, None] == unit[None]).astype(np.float32)), persistent=False
            )

        def forward(self, known: Any, rows: Any) -> Any:
            units = self.known(known) + nn.functional.linear(rows, self.before.weight * self.earlier)
            return nn.functional.linear(torch.relu(units), self.out.weight * self.own, self.out.bias) + self.plain(
                known
            )

        def sample(self, torch: Any, known: Any, generator: Any, allowed: Mapping[int, Any] | None = None) -> Any:
            """Sample codes of columns, each from those before it; if given, only `allowed` ones."""
            starts, codes = self.bins.starts, list[Any]()
            rows, fixed, plain = torch.zeros((len(known), int(starts[-1]))), self.known(known), self.plain(known)
            for at in range(len(self.bins.sizes)):
                own, units = (
                    slice(int(starts[at]), int(starts[at + 1])),
                    slice(at * _COLUMN_UNITS, (at + 1) * _COLUMN_UNITS),
                )
                hidden = torch.relu(fixed[:, units] + rows[:, : own.start] @ self.before.weight[units, : own.start].T)
                logits = hidden @ self.out.weight[own, units].T + self.out.bias[own] + plain[:, own]
                if allowed and at in allowed:
                    logits = logits.masked_fill(~allowed[at], -1e9)
                codes.append(torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator))
                rows[:, own].scatter_(1, codes[-1], 1.0)
            return torch.cat(codes, dim=1)

    context, row = int(static.starts[-1]), int(moving.starts[-1] + stepped.starts[-1])
    return nn.ModuleDict(
        {
            "still": AutoregressiveColumns(1, static),
            "lstm": nn.LSTM(context + row, _STATE_SIZE, batch_first=True),
            "moving": AutoregressiveColumns(_STATE_SIZE + context, moving),
        }
    )


class _Learner:
    """The network during training."""

    def __init__(
        self,
        static: ColumnBins,
        static_codes: Array,
        moving: ColumnBins,
        moving_codes: Array,
        stepped: ColumnBins,
        stepped_codes: Array,
        first: Array,
        lengths: Array,
        seed: int,
    ) -> None:
        import torch

        self.torch, self.static, self.moving, self.stepped = torch, static, moving, stepped
        self.static_codes, self.moving_codes = torch.from_numpy(static_codes), torch.from_numpy(moving_codes)
        self.stepped_codes = torch.from_numpy(stepped_codes)
        self.first, self.lengths = first, lengths.clip(max=_MAX_SEQUENCE_LENGTH)
        # Held-out sequences for early stopping.
        order = np.random.default_rng(seed).permutation(len(first))
        held = max(1, len(order) // _HOLDOUT_DIVISOR)
        self.holdout, self.training_set = order[:held], order[held:]
        # Smaller batches for few sequences, so that an epoch has several steps.
        self.batch = min(_BATCH, max(_MIN_BATCH, len(self.training_set) // 8))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _build_network(static, moving, stepped)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_RATE)

    def epoch(self) -> None:
        """Train on all sequences once."""
        self.net.train()
        order = self.training_set[self.torch.randperm(len(self.training_set)).numpy()]
        for start in range(0, len(order), self.batch):
            loss, _ = self._compute_loss(order[start : start + self.batch])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimizer.step()

    def _compute_loss(self, which: Array) -> tuple[Any, float]:
        """Return the loss of sequences, and the mean per column and row."""
        torch = self.torch
        longest = int(self.lengths[which].max())
        steps = np.arange(longest)
        real = torch.from_numpy(steps[None] < self.lengths[which][:, None])
        at = torch.from_numpy((self.first[which][:, None] + steps[None]).clip(max=len(self.moving_codes) - 1))
        codes, static = self.moving_codes[at], self.static_codes[torch.from_numpy(which)]
        rows, context = _encode_one_hot(torch, codes, self.moving), _encode_one_hot(torch, static, self.static)
        known = torch.cat([rows, _encode_one_hot(torch, self.stepped_codes[at], self.stepped)], dim=2)
        before = torch.cat([torch.zeros_like(known[:, :1]), known[:, :-1]], dim=1)
        along = context[:, None].expand(-1, longest, -1)
        out, _ = self.net["lstm"](torch.cat([along, before], dim=2))
        logits = self.net["moving"](torch.cat([out, along], dim=2)[real], rows[real])
        moving = self._compute_entropy(logits, codes[real], self.moving)
        first = self._compute_entropy(self.net["still"](torch.zeros((len(which), 1)), context), static, self.static)
        whole = moving + first
        each = whole.item() / (int(real.sum()) * len(self.moving.sizes) + len(which) * len(self.static.sizes))
        return whole / len(which), each

    def _compute_entropy(self, logits: Any, codes: Any, bins: ColumnBins) -> Any:
        loss, starts = self.torch.zeros(()), bins.starts
        for at in range(len(bins.sizes)):
            part = logits[:, int(starts[at]) : int(starts[at + 1])]
            loss = loss + self.torch.nn.functional.cross_entropy(part, codes[:, at], reduction="sum")
        return loss

    def score(self) -> float:
        """Return the likelihood of the columns of held-out rows, from 0 to 1."""
        self.net.eval()
        with self.torch.no_grad():
            return float(np.exp(-self._compute_loss(self.holdout[:500])[1]))

    def weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""
        return {name: value.clone() for name, value in self.net.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """Return the state needed to resume."""
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
