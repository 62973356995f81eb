"""The network of sequences, and its training. It needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .columns import Array
from .sequence_bins import (
    MAX_SEQUENCE_LENGTH,
    ColumnBins,
)

_STATE_SIZE, _COLUMN_UNITS, BATCH, _MIN_BATCH, _RATE, _HOLDOUT_DIVISOR = 128, 32, 64, 8, 2e-3, 10


def encode_one_hot(torch: Any, codes: Any, bins: ColumnBins) -> Any:
    """Return codes of columns as rows of zeros and ones."""
    rows = torch.zeros((*codes.shape[:-1], int(bins.starts[-1])))
    return rows.scatter_(-1, codes + torch.from_numpy(bins.starts[:-1]), 1.0)


def _define_columns() -> Any:
    """Define the module of columns; a function, as torch is only imported when it is needed."""
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

        def sample(self, known: Any, generator: Any, allowed: Mapping[int, Any] | None = None) -> Any:
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

    return AutoregressiveColumns


def build_network(static: ColumnBins, moving: ColumnBins, stepped: ColumnBins) -> Any:
    """Build the network: what is constant in a sequence, the state along it, and the columns of a row."""
    from torch import nn

    columns = _define_columns()
    context, row = int(static.starts[-1]), int(moving.starts[-1] + stepped.starts[-1])
    return nn.ModuleDict(
        {
            "still": columns(1, static),
            "lstm": nn.LSTM(context + row, _STATE_SIZE, batch_first=True),
            "moving": columns(_STATE_SIZE + context, moving),
        }
    )


class Learner:
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
        self.first, self.lengths = first, lengths.clip(max=MAX_SEQUENCE_LENGTH)
        # Held-out sequences for early stopping.
        order = np.random.default_rng(seed).permutation(len(first))
        held = max(1, len(order) // _HOLDOUT_DIVISOR)
        self.holdout, self.training_set = order[:held], order[held:]
        # Smaller batches for few sequences, so that an epoch has several steps.
        self.batch = min(BATCH, max(_MIN_BATCH, len(self.training_set) // 8))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = build_network(static, moving, stepped)
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
        rows, context = encode_one_hot(torch, codes, self.moving), encode_one_hot(torch, static, self.static)
        known = torch.cat([rows, encode_one_hot(torch, self.stepped_codes[at], self.stepped)], dim=2)
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
