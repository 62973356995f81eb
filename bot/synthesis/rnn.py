"""Sequences of rows, each of one entity in the order of time: an LSTM that makes a row from those before it, column by
column.

Numbers are cut into bins, so that every column is one of so many. What stays the same in each sequence is drawn first;
then each row by the state of the LSTM and those of its columns that are drawn already; at its end whether another row
follows. Time is learnt as the gap behind the row before, so it never runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, Sort, Values
from .frame import Feature, Frame, Plan
from .models import Wanted
from .networks import arrays_to_weights, weights_to_arrays
from .training import Course, epochs_of, trained

SEQUENCE = "\tsequence"
# Where more than so many of all rows are the only one of their entity, there are no sequences.
MOST_ALONE = 0.8
_START, _GAP, _LAST = "\tstart", "\tgap", "\tlast"
_BINS, _WITHIN, _LONGEST = 40, 11, 200
_STATE, _UNITS, _BATCH, _RATE, _HELD = 128, 32, 64, 2e-3, 10


def sequenced(plan: Plan, values: Values, entity: str, time: str) -> tuple[str, str]:
    """The columns that say whose a row is and when it was; those that are named, else those that look so.

    Raises:
        RefusedError: there are none.
    """
    keys = [one.name for one in plan.columns if one.sort is Sort.KEY and not one.unique]
    dates = [one.name for one in plan.columns if one.sort is Sort.DATE]
    entity, time = entity or next(iter(keys), ""), time or next(iter(dates), "")
    if not entity or not time:
        raise RefusedError(
            "Sequences need a column that says whose each row is and one that says when. Name both: entity and time."
        )
    if not plan.column(time).measured:
        raise RefusedError('"{name}" holds no dates or numbers, so rows cannot be put in order by it.', name=time)
    if len(np.unique(values[entity].astype(str))) > MOST_ALONE * len(values[entity]):
        raise RefusedError(
            'Nearly every row has a "{name}" of its own, so there are no sequences. Ask for another model.', name=entity
        )
    return entity, time


def epochs(frame: Frame) -> int:
    """How many epochs it learns for, unless told."""
    return epochs_of(frame, _BATCH * 10, most=120, steps=4_000)


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
            if name in self.within:
                place = rng.random(len(which)) * (_WITHIN - 1)
                low = place.astype(np.int64).clip(0, _WITHIN - 2)
                grid = self.within[name]
                found[name] = grid[which, low] + (place - low) * (grid[which, low + 1] - grid[which, low])
            else:
                found[name] = which
        return found


def _cut(columns: dict[str, Array], sizes: dict[str, int]) -> tuple[Cuts, Array]:
    """The cuts of columns, and their codes."""
    within, codes, counts = dict[str, Array](), list[Array](), list[int]()
    for name, values in columns.items():
        if sizes.get(name):
            codes.append(values.astype(np.int64))
            counts.append(sizes[name])
            continue
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)))
        _, which = np.unique(np.searchsorted(edges[1:-1], values, side="right"), return_inverse=True)
        parts = [values[which == one] for one in range(int(which.max()) + 1)]
        within[name] = np.stack([np.quantile(part, np.linspace(0, 1, _WITHIN)) for part in parts])
        codes.append(which)
        counts.append(len(parts))
    return Cuts(tuple(columns), tuple(counts), within), np.stack(codes, axis=1)


class Rnn:
    """A network that has learnt, with what draws sequences from it."""

    def __init__(
        self, features: tuple[Feature, ...], levels: list[float], time: str, still: Cuts, moving: Cuts, weights: Any
    ) -> None:
        self.features, self.levels, self.time = features, levels, time
        self.still, self.moving, self.weights = still, moving, weights

    def sample(self, rows: int, seed: int, wanted: Wanted) -> Frame:
        """Rows of whole sequences, the same for the same seed; the last sequence may be cut."""
        import torch

        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        net = _network(self.still, self.moving)
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
        count = 500
        still = net["still"].drawn(torch, torch.zeros((count, 1)), generator)
        context = _one_hot(torch, still, self.still)
        row, state = torch.zeros((count, int(self.moving.starts[-1]))), None
        alive, codes, owners = np.arange(count), list[Array](), list[Array]()
        for _ in range(_LONGEST):
            out, state = net["lstm"](torch.cat([context, row], dim=1)[:, None], state)
            drawn = net["moving"].drawn(torch, torch.cat([out[:, 0], context], dim=1), generator)
            codes.append(drawn.numpy())
            owners.append(alive)
            on = drawn[:, -1] == 0
            if not on.any():
                break
            alive, context = alive[on.numpy()], context[on]
            row = _one_hot(torch, drawn, self.moving)[on]
            state = (state[0][:, on], state[1][:, on])
        owner, steps = np.concatenate(owners), np.concatenate([np.full(len(one), at) for at, one in enumerate(owners)])
        order = np.lexsort((steps, owner))
        owner, steps = owner[order], steps[order]
        data = self.moving.values(np.concatenate(codes)[order], rng)
        data |= {name: values[owner] for name, values in self.still.values(still.numpy(), rng).items()}
        data[self.time] = self._times(data.pop(_START), data.pop(_GAP), owner, steps)
        data.pop(_LAST)
        data[SEQUENCE] = owner + before
        return data

    def _times(self, start: Array, gap: Array, owner: Array, steps: Array) -> Array:
        gap = np.where(steps == 0, 0.0, np.maximum(gap, 0))
        passed = np.cumsum(gap)
        first = np.flatnonzero(steps == 0)
        times = start + passed - np.repeat(passed[first], np.diff([*first, len(steps)]))
        if not self.levels:
            return np.asarray(times)
        levels = np.array(self.levels)
        return np.asarray(np.searchsorted((levels[1:] + levels[:-1]) / 2, times))

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it: plain data, and arrays."""
        both = {"still": self.still, "moving": self.moving}
        data: dict[str, Any] = {"levels": self.levels, "time": self.time}
        data |= {part: [list(cuts.names), list(cuts.sizes)] for part, cuts in both.items()}
        arrays = {
            f"{part}{cuts.names.index(name)}": grid for part, cuts in both.items() for name, grid in cuts.within.items()
        }
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
        return cls(features, data["levels"], data["time"], cuts["still"], cuts["moving"], weights)


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
    constant = {name for name, column in columns.items() if _stays(column, first, lengths)}
    still = {name: columns[name][first] for name in columns if name in constant} | {_START: times[first]}
    gaps = np.diff(times, prepend=times[0])
    gaps[first] = 0.0
    last = np.zeros(len(owner), dtype=np.int64)
    last[first + lengths - 1] = 1
    moving = {_GAP: gaps} | {name: columns[name] for name in columns if name not in constant} | {_LAST: last}
    still_cuts, still_codes = _cut(still, sizes)
    moving_cuts, moving_codes = _cut(moving, sizes | {_LAST: 2})
    learner = _Learner(still_cuts, still_codes, moving_cuts, moving_codes, first, lengths, course.seed)
    weights = trained(learner, course)
    return Rnn(frame.features, [float(one) for one in levels], time, still_cuts, moving_cuts, weights)


def _stays(column: Array, first: Array, lengths: Array) -> bool:
    """Whether a column is the same in each sequence."""
    return bool((column == np.repeat(column[first], lengths)).all())


def _one_hot(torch: Any, codes: Any, cuts: Cuts) -> Any:
    rows = torch.zeros((*codes.shape[:-1], int(cuts.starts[-1])))
    return rows.scatter_(-1, codes + torch.from_numpy(cuts.starts[:-1]), 1.0)


def _network(still: Cuts, moving: Cuts) -> Any:
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

        def drawn(self, torch: Any, known: Any, generator: Any) -> Any:
            """Codes of columns, each drawn by those before it."""
            starts, codes = self.cuts.starts, list[Any]()
            rows, fixed, plain = torch.zeros((len(known), int(starts[-1]))), self.known(known), self.plain(known)
            for at in range(len(self.cuts.sizes)):
                own, units = slice(int(starts[at]), int(starts[at + 1])), slice(at * _UNITS, (at + 1) * _UNITS)
                hidden = torch.relu(fixed[:, units] + rows[:, : own.start] @ self.before.weight[units, : own.start].T)
                logits = hidden @ self.out.weight[own, units].T + self.out.bias[own] + plain[:, own]
                codes.append(torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator))
                rows[:, own].scatter_(1, codes[-1], 1.0)
            return torch.cat(codes, dim=1)

    context, row = int(still.starts[-1]), int(moving.starts[-1])
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
        first: Array,
        lengths: Array,
        seed: int,
    ) -> None:
        import torch

        self.torch, self.still, self.moving = torch, still, moving
        self.still_codes, self.moving_codes = torch.from_numpy(still_codes), torch.from_numpy(moving_codes)
        self.first, self.lengths = first, lengths.clip(max=_LONGEST)
        # Some sequences are not learnt, and tell when it is enough.
        order = np.random.default_rng(seed).permutation(len(first))
        held = max(1, len(order) // _HELD)
        self.held, self.learnt = order[:held], order[held:]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _network(still, moving)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_RATE)

    def epoch(self) -> None:
        """Goes through the sequences once."""
        self.net.train()
        order = self.learnt[self.torch.randperm(len(self.learnt)).numpy()]
        for start in range(0, len(order), _BATCH):
            loss, _ = self._loss(order[start : start + _BATCH])
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
        before = torch.cat([torch.zeros_like(rows[:, :1]), rows[:, :-1]], dim=1)
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
