"""Sequences of rows, each of one entity in the order of time: an LSTM that makes a row from those before it, column by
column.

Numbers are cut into bins, so that every column is one of so many; gaps and steps within a bin are those that real rows have, and a
category follows only those that it has followed. What stays the same in each sequence is drawn first, and how long it is; then each
row by the state of the LSTM and those of its columns that are drawn already. Time is learnt as the gap behind the row before, so it
never runs backwards, and a sequence that would end behind the last real row begins earlier or ends sooner. A number that moves
little from row to row is learnt as its step from the one before, and the LSTM sees where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Sort, Values
from .frame import Feature, Frame, Plan
from .models import Wanted
from .networks import arrays_to_weights, weights_to_arrays
from .relations import finest
from .training import Course, epochs_of, trained

SEQUENCE = "\tsequence"
# Where more than so many of all rows are the only one of their entity, there are no sequences.
MAX_ALONE = 0.8
_START, _GAP, _LENGTH = "\tstart", "\tgap", "\tlength"
# Of a number that is learnt by its steps: what it is in the first row, and the step in each other.
_FIRST, _STEP = "\tfirst", "\tstep"
# A bin holds so many values at least, so that none of them is one that somebody has alone.
_BINS, _WITHIN, _MAX, _MIN_IN_BIN = 40, 11, 200, 5
_STATE, _UNITS, _BATCH, _MIN_BATCH, _RATE, _HELD = 128, 32, 64, 8, 2e-3, 10
# Steps count as little where they spread less than this share of what the number itself does; by chance it is 1.4 times as much.
_LITTLE, _MIN_STEPS = 0.7, 20
_NEAR = 1e-9
_PARTS = ("edges", "steps", "levels")


def sequenced(plan: Plan, values: Values, entity: str, time: str) -> tuple[str, str]:
    """The columns that say whose a row is and when it was; those that are named, else those that look so.

    Raises:
        RefusedError: there are none.
    """
    keys = [one.name for one in plan.columns if one.sort is Sort.KEY and not one.unique]
    dates = [one.name for one in plan.columns if one.sort is Sort.DATE]
    entity, time = entity or (finest(keys, values) if keys else ""), time or next(iter(dates), "")
    if not entity or not time:
        raise RefusedError(
            "Sequences need two columns: one that says who or what each row belongs to, and one that says when. "
            "Name both: entity and time."
        )
    if not plan.column(time).measured:
        raise RefusedError(
            '"{name}" has no dates or numbers, so it cannot put the rows in order. Choose another column.', name=time
        )
    if len(np.unique(values[entity].astype(str))) > MAX_ALONE * len(values[entity]):
        raise RefusedError(
            'Nearly every row has its own "{name}", so there are no sequences. Choose another model.', name=entity
        )
    return entity, time


def epochs(frame: Frame) -> int:
    """How many epochs it learns for, unless told."""
    return epochs_of(frame, _BATCH * 10, most=300 if frame.rows < 5_000 else 120, steps=4_000)


@dataclass(frozen=True, slots=True)
class Cuts:
    """How each column is one of so many: the edges of a number's bins, and quantiles within each of them."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    within: dict[str, Array]

    @property
    def starts(self) -> Array:
        """Where each column stands in a row of zeros and ones."""
        return np.cumsum([0, *self.sizes])

    def values(self, codes: Array, rng: np.random.Generator) -> dict[str, Array]:
        """The columns of rows of codes."""
        found = dict[str, Array]()
        for at, name in enumerate(self.names):
            which = codes[:, at]
            if name in self.within and _is_step(name):
                found[name] = self.within[name][which, rng.integers(0, self.within[name].shape[1], len(which))]
            elif name in self.within:
                place = rng.random(len(which)) * (_WITHIN - 1)
                low = place.astype(np.int64).clip(0, _WITHIN - 2)
                grid = self.within[name]
                found[name] = grid[which, low] + (place - low) * (grid[which, low + 1] - grid[which, low])
            else:
                found[name] = which
        return found


def _is_step(name: str) -> bool:
    """Whether a column is a gap or a step: what lies between two that there are need not be one."""
    return name == _GAP or name.endswith(_STEP)


def _cut(columns: dict[str, Array], sizes: dict[str, int]) -> tuple[Cuts, Array]:
    """The cuts of columns, and their codes."""
    within, codes, counts = dict[str, Array](), list[Array](), list[int]()
    for name, values in columns.items():
        if sizes.get(name):
            codes.append(values.astype(np.int64))
            counts.append(sizes[name])
            continue
        edges = np.unique(np.quantile(values, np.linspace(0, 1, min(_BINS, max(2, len(values) // _MIN_IN_BIN)) + 1)))
        _, which = np.unique(np.searchsorted(edges[1:-1], values, side="right"), return_inverse=True)
        parts = [values[which == one] for one in range(int(which.max()) + 1)]
        way: Any = "inverted_cdf" if _is_step(name) else "linear"
        within[name] = np.stack([np.quantile(part, np.linspace(0, 1, _WITHIN), method=way) for part in parts])
        codes.append(which)
        counts.append(len(parts))
    return Cuts(tuple(columns), tuple(counts), within), np.stack(codes, axis=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A number that is learnt by its steps, as the network sees where it stands: the inner edges of its bins, and its bounds; and the
    steps that there are. One with few values has these as `levels`.
    """

    name: str
    low: float
    high: float
    edges: Array
    steps: Array
    levels: Array

    @classmethod
    def of(cls, name: str, values: Array, steps: Array, levels: Sequence[float] = ()) -> Seen:
        """As it is seen after these values and steps."""
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS // 2 + 1)[1:-1]))
        return cls(
            name, float(values.min()), float(values.max()), edges, np.unique(steps), np.array(levels, dtype=float)
        )

    def after(self, values: Array, steps: Array) -> Array:
        """Where it stands after these steps; where one would lead out of its bounds, after the nearest that does not."""
        least = np.searchsorted(self.steps, self.low - values - _NEAR).clip(max=len(self.steps) - 1)
        most = (np.searchsorted(self.steps, self.high - values + _NEAR, side="right") - 1).clip(min=0)
        return np.asarray((values + steps.clip(self.steps[least], self.steps[most])).clip(self.low, self.high))

    def written(self, values: Array) -> Array:
        """Its values as a frame has them."""
        if not len(self.levels):
            return values
        return np.asarray(np.searchsorted((self.levels[1:] + self.levels[:-1]) / 2, values))

    def codes(self, values: Array) -> Array:
        """Which bins values lie in."""
        return np.searchsorted(self.edges, values, side="right")


def _seen_cuts(seen: Sequence[Seen]) -> Cuts:
    return Cuts(tuple(one.name for one in seen), tuple(len(one.edges) + 1 for one in seen), {})


class Rnn:
    """A network that has learnt, with what draws sequences from it."""

    def __init__(
        self, features: tuple[Feature, ...], levels: list[float], time: str, span: tuple[float, float, float], still: Cuts,
        moving: Cuts, seen: Sequence[Seen], follows: dict[str, Array], weights: Any,
    ) -> None:  # fmt: skip
        # Of each category which may follow which.
        self.follows = follows
        # The first and the last time, and the least gap.
        self.features, self.levels, self.time, self.span = features, levels, time, span
        self.still, self.moving, self.seen, self.weights = still, moving, tuple(seen), weights

    def sample(self, rows: int, seed: int, wanted: Wanted) -> Frame:
        """Rows of whole sequences, the same for the same seed; the last sequence may be cut."""
        import torch

        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        net = _network(self.still, self.moving, _seen_cuts(self.seen))
        net.load_state_dict(self.weights)
        parts, have = list[dict[str, Array]](), 0
        with torch.no_grad():
            while have < rows:
                parts.append(self._sequences(torch, net, generator, rng, have))
                have += len(parts[-1][SEQUENCE])
        data = {name: np.concatenate([part[name] for part in parts])[:rows] for name in parts[0]}
        return Frame(self.features, data)

    def _sequences(
        self, torch: Any, net: Any, generator: Any, rng: np.random.Generator, before: int
    ) -> dict[str, Array]:
        count, seen_cuts = 500, _seen_cuts(self.seen)
        still = net["still"].drawn(torch, torch.zeros((count, 1)), generator)
        context, still_values = _one_hot(torch, still, self.still), self.still.values(still.numpy(), rng)
        width = int(self.moving.starts[-1] + seen_cuts.starts[-1])
        row, state, alive = torch.zeros((count, width)), None, np.arange(count)
        stands = {one.name: still_values[one.name + _FIRST] for one in self.seen}
        lengths = np.round(still_values.pop(_LENGTH))
        rows, owners = list[dict[str, Array]](), list[Array]()
        before_row: Any = None
        for at in range(_MAX):
            out, state = net["lstm"](torch.cat([context, row], dim=1)[:, None], state)
            may = {} if before_row is None else {
                index: torch.from_numpy(self.follows[name])[before_row[:, index]]
                for index, name in enumerate(self.moving.names) if name in self.follows
            }  # fmt: skip
            drawn = net["moving"].drawn(torch, torch.cat([out[:, 0], context], dim=1), generator, may)
            values = self.moving.values(drawn.numpy(), rng)
            for one in self.seen:
                step = values.pop(one.name + _STEP)
                values[one.name] = stands[one.name] if at == 0 else one.after(stands[one.name], step)
            rows.append(values | {one.name: one.written(values[one.name]) for one in self.seen})
            owners.append(alive)
            kept = at + 1 < lengths[alive]
            if not kept.any():
                break
            on = torch.from_numpy(kept)
            alive, context = alive[kept], context[on]
            stands = {one.name: values[one.name][kept] for one in self.seen}
            before_row, row = drawn[on], _one_hot(torch, drawn, self.moving)[on]
            if self.seen:
                codes = np.stack([one.codes(stands[one.name]) for one in self.seen], axis=1)
                row = torch.cat([row, _one_hot(torch, torch.from_numpy(codes), seen_cuts)], dim=1)
            state = (state[0][:, on], state[1][:, on])
        owner, steps = np.concatenate(owners), np.concatenate([np.full(len(one), at) for at, one in enumerate(owners)])
        order = np.lexsort((steps, owner))
        owner, steps = owner[order], steps[order]
        data = {name: np.concatenate([values[name] for values in rows])[order] for name in rows[0]}
        data |= {name: values[owner] for name, values in still_values.items() if not name.endswith(_FIRST)}
        data[self.time], within = self._times(data.pop(_START), data.pop(_GAP), steps)
        data[SEQUENCE] = owner + before
        return {name: values[within] for name, values in data.items()}

    def _times(self, start: Array, gap: Array, steps: Array) -> tuple[Array, Array]:
        """The times of rows, and which of them are within those that there are."""
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
        """All of it: plain data, and arrays."""
        both = {"still": self.still, "moving": self.moving}
        data: dict[str, Any] = {"levels": self.levels, "time": self.time, "span": list(self.span)}
        data |= {part: [list(cuts.names), list(cuts.sizes)] for part, cuts in both.items()}
        data["seen"] = [[one.name, one.low, one.high] for one in self.seen]
        arrays = {
            f"{part}{cuts.names.index(name)}": grid for part, cuts in both.items() for name, grid in cuts.within.items()
        }
        for at, one in enumerate(self.seen):
            arrays |= {f"seen{at}.{part}": getattr(one, part) for part in _PARTS}
        arrays |= {f"follows{self.moving.names.index(name)}": one for name, one in self.follows.items()}
        return data, arrays | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, data: dict[str, Any], features: tuple[Feature, ...], arrays: dict[str, Array]) -> Rnn:
        """The model whose `state` that is."""
        import torch

        cuts = {}
        for part in ("still", "moving"):
            names, sizes = data[part]
            within = {name: arrays[f"{part}{at}"] for at, name in enumerate(names) if f"{part}{at}" in arrays}
            cuts[part] = Cuts(tuple(names), tuple(sizes), within)
        weights = arrays_to_weights(torch, arrays)
        seen = [
            Seen(name, low, high, *(arrays[f"seen{at}.{part}"] for part in _PARTS))
            for at, (name, low, high) in enumerate(data["seen"])
        ]
        names = cuts["moving"].names
        follows = {name: arrays[f"follows{at}"] for at, name in enumerate(names) if f"follows{at}" in arrays}
        low, high, least = data["span"]
        span = low, high, least
        return cls(features, data["levels"], data["time"], span, cuts["still"], cuts["moving"], seen, follows, weights)


def learnt(plan: Plan, frame: Frame, values: Values, entity: str, time: str, course: Course) -> Rnn:
    """The model of a frame whose rows belong to entities."""
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
            columns[name] = _carried(columns[name], columns[mask] == 1, owner)
    constant = {name for name, column in columns.items() if _stays(column, first, lengths)}
    seen = list[Seen]()
    for name in [one for one in columns if one not in constant and one not in plan.masks.values()]:
        known = plan.levels.get(name, [])
        is_number = not sizes[name] or (name not in plan.combined and all(isinstance(one, float) for one in known))
        numbers = np.array(known)[columns[name]] if sizes[name] and is_number else columns[name]
        if is_number and _moves_little(numbers, first):
            columns[name] = numbers
            seen.append(Seen.of(name, numbers, np.delete(_steps(numbers, first), first), known))
    stepped = {one.name for one in seen}
    still = {name: columns[name][first] for name in columns if name in constant} | {
        _START: times[first],
        _LENGTH: lengths.astype(float),
    }
    still |= {name + _FIRST: columns[name][first] for name in stepped}
    gaps = np.diff(times, prepend=times[0])
    gaps[first] = 0.0
    steps = {name + _STEP: _steps(columns[name], first) for name in columns if name in stepped}
    moving = {_GAP: gaps} | steps
    moving |= {name: columns[name] for name in columns if name not in constant | stepped}
    follows = {name: _following(column, sizes[name], first) for name, column in moving.items() if sizes.get(name)}
    still_cuts, still_codes = _cut(still, sizes)
    moving_cuts, moving_codes = _cut(moving, sizes)
    seen_codes = (
        np.stack([one.codes(columns[one.name]) for one in seen], axis=1)
        if seen
        else np.zeros((len(owner), 0), np.int64)
    )
    for at, (name, size) in enumerate(zip(moving_cuts.names, moving_cuts.sizes, strict=True)):
        if _is_step(name):  # Those of the first rows are none.
            there = np.isin(np.arange(size), np.delete(moving_codes[:, at], first))
            follows[name] = np.tile(there if there.any() else ~there, (size, 1))
    learner = _Learner(
        still_cuts, still_codes, moving_cuts, moving_codes, _seen_cuts(seen), seen_codes, first, lengths, course.seed
    )
    weights = trained(learner, course)
    span = float(times.min()), float(times.max()), float(np.delete(gaps, first).min(initial=gaps.max()))
    return Rnn(
        frame.features, [float(one) for one in levels], time, span, still_cuts, moving_cuts, seen, follows, weights
    )


def _following(column: Array, size: int, first: Array) -> Array:
    """Which of a column's values come after which in a sequence; after one that nothing comes after, any."""
    may = np.zeros((size, size), dtype=bool)
    after = np.delete(np.arange(len(column)), first)
    may[column[after - 1], column[after]] = True
    may[~may.any(axis=1)] = True
    return may


def _carried(column: Array, gone: Array, owner: Array) -> Array:
    """A number where it is missing as it was in the row before of the same entity, as what is drawn for it there is no step."""
    known = np.where(gone, -1, np.arange(len(column)))
    last = np.maximum.accumulate(known)
    is_own = (last >= 0) & (owner[last.clip(min=0)] == owner)
    return np.where(gone & is_own, column[last.clip(min=0)], column)


def _steps(column: Array, first: Array) -> Array:
    """How far a number moves in each row; not at all in the first of a sequence."""
    steps = np.diff(column, prepend=column[0])
    steps[first] = 0.0
    return steps


def _moves_little(column: Array, first: Array) -> bool:
    """Whether a number stays near where it was from one row of a sequence to the next."""
    steps = np.delete(_steps(column, first), first)
    return len(steps) >= _MIN_STEPS and float(steps.std()) < _LITTLE * float(column.std())


def _stays(column: Array, first: Array, lengths: Array) -> bool:
    """Whether a column is the same in each sequence."""
    return bool((column == np.repeat(column[first], lengths)).all())


def _one_hot(torch: Any, codes: Any, cuts: Cuts) -> Any:
    rows = torch.zeros((*codes.shape[:-1], int(cuts.starts[-1])))
    return rows.scatter_(-1, codes + torch.from_numpy(cuts.starts[:-1]), 1.0)


def _network(still: Cuts, moving: Cuts, seen: Cuts) -> Any:
    import torch
    from torch import nn

    class Turns(nn.Module):
        """Columns one after another, each by what is known and by those before it."""

        def __init__(self, known: int, cuts: Cuts) -> None:
            super().__init__()
            self.cuts, (count, width) = cuts, (len(cuts.sizes), int(cuts.starts[-1]))
            self.known, self.before = nn.Linear(known, count * _UNITS), nn.Linear(width, count * _UNITS, bias=False)
            self.out, self.plain = nn.Linear(count * _UNITS, width), nn.Linear(known, width)
            column = np.repeat(np.arange(count), cuts.sizes)
            unit = np.repeat(np.arange(count), _UNITS)
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

        def drawn(self, torch: Any, known: Any, generator: Any, may: Mapping[int, Any] | None = None) -> Any:
            """Codes of columns, each drawn by those before it; of some only what `may` come."""
            starts, codes = self.cuts.starts, list[Any]()
            rows, fixed, plain = torch.zeros((len(known), int(starts[-1]))), self.known(known), self.plain(known)
            for at in range(len(self.cuts.sizes)):
                own, units = slice(int(starts[at]), int(starts[at + 1])), slice(at * _UNITS, (at + 1) * _UNITS)
                hidden = torch.relu(fixed[:, units] + rows[:, : own.start] @ self.before.weight[units, : own.start].T)
                logits = hidden @ self.out.weight[own, units].T + self.out.bias[own] + plain[:, own]
                if may and at in may:
                    logits = logits.masked_fill(~may[at], -1e9)
                codes.append(torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator))
                rows[:, own].scatter_(1, codes[-1], 1.0)
            return torch.cat(codes, dim=1)

    context, row = int(still.starts[-1]), int(moving.starts[-1] + seen.starts[-1])
    return nn.ModuleDict({
        "still": Turns(1, still), "lstm": nn.LSTM(context + row, _STATE, batch_first=True), "moving": Turns(_STATE + context, moving),
    })  # fmt: skip


class _Learner:
    """The network as it learns."""

    def __init__(
        self,
        still: Cuts,
        still_codes: Array,
        moving: Cuts,
        moving_codes: Array,
        seen: Cuts,
        seen_codes: Array,
        first: Array,
        lengths: Array,
        seed: int,
    ) -> None:
        import torch

        self.torch, self.still, self.moving, self.seen = torch, still, moving, seen
        self.still_codes, self.moving_codes = torch.from_numpy(still_codes), torch.from_numpy(moving_codes)
        self.seen_codes = torch.from_numpy(seen_codes)
        self.first, self.lengths = first, lengths.clip(max=_MAX)
        # Some sequences are not learnt, and tell when it is enough.
        order = np.random.default_rng(seed).permutation(len(first))
        held = max(1, len(order) // _HELD)
        self.held, self.learnt = order[:held], order[held:]
        # Of few sequences fewer at once, so that an epoch has some steps.
        self.batch = min(_BATCH, max(_MIN_BATCH, len(self.learnt) // 8))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _network(still, moving, seen)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_RATE)

    def epoch(self) -> None:
        """Goes through the sequences once."""
        self.net.train()
        order = self.learnt[self.torch.randperm(len(self.learnt)).numpy()]
        for start in range(0, len(order), self.batch):
            loss, _ = self._loss(order[start : start + self.batch])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimizer.step()

    def _loss(self, which: Array) -> tuple[Any, float]:
        """The loss of sequences, and the same for each column of each row."""
        torch = self.torch
        longest = int(self.lengths[which].max())
        steps = np.arange(longest)
        real = torch.from_numpy(steps[None] < self.lengths[which][:, None])
        at = torch.from_numpy((self.first[which][:, None] + steps[None]).clip(max=len(self.moving_codes) - 1))
        codes, still = self.moving_codes[at], self.still_codes[torch.from_numpy(which)]
        rows, context = _one_hot(torch, codes, self.moving), _one_hot(torch, still, self.still)
        known = torch.cat([rows, _one_hot(torch, self.seen_codes[at], self.seen)], dim=2)
        before = torch.cat([torch.zeros_like(known[:, :1]), known[:, :-1]], dim=1)
        along = context[:, None].expand(-1, longest, -1)
        out, _ = self.net["lstm"](torch.cat([along, before], dim=2))
        logits = self.net["moving"](torch.cat([out, along], dim=2)[real], rows[real])
        moving = self._entropy(logits, codes[real], self.moving)
        first = self._entropy(self.net["still"](torch.zeros((len(which), 1)), context), still, self.still)
        whole = moving + first
        each = whole.item() / (int(real.sum()) * len(self.moving.sizes) + len(which) * len(self.still.sizes))
        return whole / len(which), each

    def _entropy(self, logits: Any, codes: Any, cuts: Cuts) -> Any:
        loss, starts = self.torch.zeros(()), cuts.starts
        for at in range(len(cuts.sizes)):
            part = logits[:, int(starts[at]) : int(starts[at + 1])]
            loss = loss + self.torch.nn.functional.cross_entropy(part, codes[:, at], reduction="sum")
        return loss

    def score(self) -> float:
        """How well it foresees the columns of rows that it has not learnt, from 0 to 1."""
        self.net.eval()
        with self.torch.no_grad():
            return float(np.exp(-self._loss(self.held[:500])[1]))

    def weights(self) -> dict[str, Any]:
        """What rows are made of."""
        return {name: value.clone() for name, value in self.net.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from there."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
