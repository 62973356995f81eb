"""The LSTM network that generates sequences of rows, and its training. Needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .columns import Array
from .sequence_bins import MAX_SEQUENCE_LENGTH, ColumnBins

# The size of the LSTM's state, and the number of hidden units for each column.
_STATE_SIZE, _COLUMN_UNITS = 128, 32
BATCH_SIZE, _MIN_BATCH_SIZE, _LEARNING_RATE = 64, 8, 2e-3
# One of so many sequences is held out.
_HOLDOUT_DIVISOR = 10


def encode_one_hot(torch: Any, codes: Any, bins: ColumnBins) -> Any:
    """Return codes (… × columns) as one-hot rows of all columns."""
    rows = torch.zeros((*codes.shape[:-1], int(bins.starts[-1])))
    return rows.scatter_(-1, codes + torch.from_numpy(bins.starts[:-1]), 1.0)


def _define_column_layer_class() -> Any:
    """Return the layer class. It is defined in a function so that torch is imported only when needed."""
    import torch
    from torch import nn

    class AutoregressiveColumns(nn.Module):
        """A layer that predicts the columns of a row one after another, each from the input and the columns before it.

        The names of its parameters are those of the stored weights.
        """

        def __init__(self, input_size: int, bins: ColumnBins) -> None:
            super().__init__()
            self.bins, (count, width) = bins, (len(bins.sizes), int(bins.starts[-1]))
            # `known` and `before` lead from the input and the earlier columns to the hidden units, `out` from these to the logits;
            # `plain` leads directly from the input to the logits.
            self.known = nn.Linear(input_size, count * _COLUMN_UNITS)
            self.before = nn.Linear(width, count * _COLUMN_UNITS, bias=False)
            self.out = nn.Linear(count * _COLUMN_UNITS, width)
            self.plain = nn.Linear(input_size, width)
            column = np.repeat(np.arange(count), bins.sizes)
            unit = np.repeat(np.arange(count), _COLUMN_UNITS)
            earlier_mask = (column[None] < unit[:, None]).astype(np.float32)
            own_mask = (column[:, None] == unit[None]).astype(np.float32)
            self.register_buffer("earlier_mask", torch.from_numpy(earlier_mask), persistent=False)
            self.register_buffer("own_mask", torch.from_numpy(own_mask), persistent=False)

        def forward(self, inputs: Any, rows: Any) -> Any:
            units = self.known(inputs) + nn.functional.linear(rows, self.before.weight * self.earlier_mask)
            logits = nn.functional.linear(torch.relu(units), self.out.weight * self.own_mask, self.out.bias)
            return logits + self.plain(inputs)

        def sample(self, inputs: Any, generator: Any, allowed: Mapping[int, Any] | None = None) -> Any:
            """Sample codes of columns, each from the input and the columns before it.

            `allowed` maps column positions to masks of the codes that may be sampled.
            """
            starts, codes = self.bins.starts, list[Any]()
            rows = torch.zeros((len(inputs), int(starts[-1])))
            from_input, input_logits = self.known(inputs), self.plain(inputs)
            for column in range(len(self.bins.sizes)):
                column_slice = slice(int(starts[column]), int(starts[column + 1]))
                units = slice(column * _COLUMN_UNITS, (column + 1) * _COLUMN_UNITS)
                earlier = slice(column_slice.start)
                hidden = torch.relu(from_input[:, units] + rows[:, earlier] @ self.before.weight[units, earlier].T)
                logits = hidden @ self.out.weight[column_slice, units].T
                logits = logits + self.out.bias[column_slice] + input_logits[:, column_slice]
                if allowed and column in allowed:
                    logits = logits.masked_fill(~allowed[column], -1e9)
                codes.append(torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator))
                rows[:, column_slice].scatter_(1, codes[-1], 1.0)
            return torch.cat(codes, dim=1)

    return AutoregressiveColumns


def build_network(static: ColumnBins, varying: ColumnBins, stepped: ColumnBins) -> Any:
    """Build the network: a layer for the columns that are constant in a sequence (`static`), an LSTM, and a layer for the
    columns that vary by row (`varying`). `stepped` numbers are only input. The keys are those of stored weights.
    """
    from torch import nn

    layer_class = _define_column_layer_class()
    context, row = int(static.starts[-1]), int(varying.starts[-1] + stepped.starts[-1])
    return nn.ModuleDict(
        {
            "still": layer_class(1, static),
            "lstm": nn.LSTM(context + row, _STATE_SIZE, batch_first=True),
            "moving": layer_class(_STATE_SIZE + context, varying),
        }
    )


class Learner:
    """Trains the network.

    `first_rows` are the indices of the sequences' first rows, `lengths` their numbers of rows; codes are those of the
    binned columns, with a row per sequence for `static` and a row per row of the table for the others.
    """

    def __init__(
        self,
        static: ColumnBins,
        static_codes: Array,
        varying: ColumnBins,
        varying_codes: Array,
        stepped: ColumnBins,
        stepped_codes: Array,
        first_rows: Array,
        lengths: Array,
        seed: int,
    ) -> None:
        import torch

        self.torch, self.static, self.varying, self.stepped = torch, static, varying, stepped
        self.static_codes, self.varying_codes = torch.from_numpy(static_codes), torch.from_numpy(varying_codes)
        self.stepped_codes = torch.from_numpy(stepped_codes)
        self.first_rows, self.lengths = first_rows, lengths.clip(max=MAX_SEQUENCE_LENGTH)
        # Held-out sequences for early stopping.
        order = np.random.default_rng(seed).permutation(len(first_rows))
        holdout_count = max(1, len(order) // _HOLDOUT_DIVISOR)
        self.holdout, self.training_set = order[:holdout_count], order[holdout_count:]
        # Smaller batches for few sequences, so that an epoch has several steps.
        self.batch_size = min(BATCH_SIZE, max(_MIN_BATCH_SIZE, len(self.training_set) // 8))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = build_network(static, varying, stepped)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_LEARNING_RATE)

    def train_epoch(self) -> None:
        """Train once on each sequence of the training set."""
        self.net.train()
        order = self.training_set[self.torch.randperm(len(self.training_set)).numpy()]
        for start in range(0, len(order), self.batch_size):
            loss, _ = self._compute_loss(order[start : start + self.batch_size])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimizer.step()

    def _compute_loss(self, sequences: Array) -> tuple[Any, float]:
        """Return the mean loss per sequence, and the mean loss per cell, of the sequences with these indices."""
        torch = self.torch
        longest = int(self.lengths[sequences].max())
        steps = np.arange(longest)
        is_row = torch.from_numpy(steps[None] < self.lengths[sequences][:, None])
        positions = self.first_rows[sequences][:, None] + steps[None]
        positions = torch.from_numpy(positions.clip(max=len(self.varying_codes) - 1))
        codes, static_codes = self.varying_codes[positions], self.static_codes[torch.from_numpy(sequences)]
        rows, context = encode_one_hot(torch, codes, self.varying), encode_one_hot(torch, static_codes, self.static)
        inputs = torch.cat([rows, encode_one_hot(torch, self.stepped_codes[positions], self.stepped)], dim=2)
        previous_inputs = torch.cat([torch.zeros_like(inputs[:, :1]), inputs[:, :-1]], dim=1)
        context_per_row = context[:, None].expand(-1, longest, -1)
        out, _ = self.net["lstm"](torch.cat([context_per_row, previous_inputs], dim=2))
        logits = self.net["moving"](torch.cat([out, context_per_row], dim=2)[is_row], rows[is_row])
        varying_loss = self._sum_cross_entropy(logits, codes[is_row], self.varying)
        static_logits = self.net["still"](torch.zeros((len(sequences), 1)), context)
        total_loss = varying_loss + self._sum_cross_entropy(static_logits, static_codes, self.static)
        cells = int(is_row.sum()) * len(self.varying.sizes) + len(sequences) * len(self.static.sizes)
        return total_loss / len(sequences), total_loss.item() / cells

    def _sum_cross_entropy(self, logits: Any, codes: Any, bins: ColumnBins) -> Any:
        loss, starts = self.torch.zeros(()), bins.starts
        for column in range(len(bins.sizes)):
            column_logits = logits[:, int(starts[column]) : int(starts[column + 1])]
            loss = loss + self.torch.nn.functional.cross_entropy(column_logits, codes[:, column], reduction="sum")
        return loss

    def score(self) -> float:
        """Return the geometric mean of the likelihoods of the cells of up to 500 held-out sequences, from 0 to 1."""
        self.net.eval()
        with self.torch.no_grad():
            return float(np.exp(-self._compute_loss(self.holdout[:500])[1]))

    def copy_weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""
        return {name: value.clone() for name, value in self.net.state_dict().items()}

    def get_state(self) -> dict[str, Any]:
        """Return the state needed to resume."""
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
