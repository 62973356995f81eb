"""An LSTM for sequences: the rows of an entity in chronological order. It generates each row from the rows before it, column
by column.

Numbers are binned, so that every column is categorical; gaps and steps are real values of their bin, and a category only
follows categories that it follows in real rows. The columns that are constant in each sequence are sampled first, together
with its length; then each row is sampled from the state of the LSTM, each column given those before it. Time is learnt as
the gap from the previous row, so it never decreases; a sequence that would end after the last real row begins earlier or is
cut. A number that changes little from row to row is learnt as the step from its previous value, whose bin the LSTM sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bot.errors import RefusedError

from .columns import Array, ColumnType, Values, take_rows
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
)
from .sequence_network import BATCH_SIZE, Learner, build_network, encode_one_hot
from .sequence_rows import (
    compute_steps,
    extract_stepped_numbers,
    find_all_successors,
    is_constant,
    sort_rows,
    split_columns,
)
from .training import TrainingSettings, limit_epochs, train

SEQUENCE = "\tsequence"
_SEQUENCES_PER_BATCH = 500
# With more entities per row, there are no sequences.
MAX_SINGLE_ROW_SHARE = 0.8
_STEPPED_FIELDS = ("edges", "steps", "levels")


def find_sequence_columns(plan: FramePlan, values: Values, entity: str, time: str) -> tuple[str, str]:
    """Return the names of the columns with the entity and the time of each row: those given, or else detected.

    Raises:
        RefusedError: there are no such columns, or nearly every row has an entity of its own.
    """
    key_names = [column.name for column in plan.columns if column.type is ColumnType.KEY and not column.unique]
    date_names = [column.name for column in plan.columns if column.type is ColumnType.DATE]
    entity = entity or (find_finest_key(key_names, values) if key_names else "")
    time = time or next(iter(date_names), "")
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
    return limit_epochs(frame, BATCH_SIZE * 10, max_epochs=300 if frame.row_count < 5_000 else 120, max_steps=4_000)


class Rnn:
    """A trained network with the encoding of its columns. `time` is the name of the time feature, `levels` are its values
    if it is discrete, and `span` is the first time, the last time and the smallest gap. `successors` are for each
    category, gap or step a matrix of which values may follow which.
    """

    def __init__(
        self,
        features: tuple[Feature, ...],
        levels: list[float],
        time: str,
        span: tuple[float, float, float],
        static: ColumnBins,
        varying: ColumnBins,
        stepped: Sequence[SteppedNumber],
        successors: dict[str, Array],
        weights: Any,
    ) -> None:
        self.features, self.levels, self.time, self.span = features, levels, time, span
        self.successors = successors
        self.static, self.varying, self.stepped, self.weights = static, varying, tuple(stepped), weights

    def sample(self, count: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return rows of sequences, the same for the same seed; the last sequence may be cut. Wanted levels are ignored."""
        import torch

        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        net = build_network(self.static, self.varying, build_stepped_bins(self.stepped))
        net.load_state_dict(self.weights)
        batches, row_count = list[dict[str, Array]](), 0
        with torch.no_grad():
            while row_count < count:
                batches.append(self._sample_sequences(torch, net, generator, rng, row_count))
                row_count += len(batches[-1][SEQUENCE])
        data = {name: np.concatenate([batch[name] for batch in batches])[:count] for name in batches[0]}
        return Frame(self.features, data)

    def _sample_sequences(
        self, torch: Any, net: Any, generator: Any, rng: np.random.Generator, first_number: int
    ) -> dict[str, Array]:
        """Return the rows of a batch of sequences, numbered from `first_number`, as columns of the frame."""
        static_codes = net["still"].sample(torch.zeros((_SEQUENCES_PER_BATCH, 1)), generator)
        static_values = self.static.decode(static_codes.numpy(), rng)
        steps = list(self._sample_steps(torch, net, generator, rng, static_codes, static_values))
        sequence_of_row = np.concatenate([sequences for sequences, _ in steps])
        step_of_row = np.concatenate([np.full(len(sequences), step) for step, (sequences, _) in enumerate(steps)])
        order = np.lexsort((step_of_row, sequence_of_row))
        sequence_of_row, step_of_row = sequence_of_row[order], step_of_row[order]
        data = {name: np.concatenate([values[name] for _, values in steps])[order] for name in steps[0][1]}
        data |= {
            name: values[sequence_of_row]
            for name, values in static_values.items()
            if name != LENGTH and not name.endswith(FIRST)
        }
        data[self.time], is_in_span = self._compute_times(data.pop(START), data.pop(GAP), step_of_row)
        data[SEQUENCE] = sequence_of_row + first_number
        return take_rows(data, is_in_span)

    def _sample_steps(
        self,
        torch: Any,
        net: Any,
        generator: Any,
        rng: np.random.Generator,
        static_codes: Any,
        static_values: dict[str, Array],
    ) -> Iterator[tuple[Array, dict[str, Array]]]:
        """Yield the first rows of all sequences, then the second rows, and so on: the indices of the sequences that have
        such a row, and its columns.
        """
        stepped_bins, lengths = build_stepped_bins(self.stepped), np.round(static_values[LENGTH])
        context = encode_one_hot(torch, static_codes, self.static)
        width = int(self.varying.starts[-1] + stepped_bins.starts[-1])
        previous_row, state, sequences = torch.zeros((len(lengths), width)), None, np.arange(len(lengths))
        current_values = {number.name: static_values[number.name + FIRST] for number in self.stepped}
        allowed: dict[int, Any] = {}
        for step in range(MAX_SEQUENCE_LENGTH):
            output, state = net["lstm"](torch.cat([context, previous_row], dim=1)[:, None], state)
            codes = net["moving"].sample(torch.cat([output[:, 0], context], dim=1), generator, allowed)
            values = self.varying.decode(codes.numpy(), rng)
            for number in self.stepped:
                change = values.pop(number.name + STEP)
                if step:
                    current_values[number.name] = number.move(current_values[number.name], change)
            frame_values = {number.name: number.to_frame(current_values[number.name]) for number in self.stepped}
            yield sequences, values | frame_values
            continues = step + 1 < lengths[sequences]
            if not continues.any():
                return
            mask = torch.from_numpy(continues)
            sequences, context, codes = sequences[continues], context[mask], codes[mask]
            state = (state[0][:, mask], state[1][:, mask])
            current_values = take_rows(current_values, continues)
            previous_row = encode_one_hot(torch, codes, self.varying)
            if self.stepped:
                bins = np.stack([number.encode(current_values[number.name]) for number in self.stepped], axis=1)
                previous_row = torch.cat(
                    [previous_row, encode_one_hot(torch, torch.from_numpy(bins), stepped_bins)], dim=1
                )
            allowed = {
                column: torch.from_numpy(self.successors[name])[codes[:, column]]
                for column, name in enumerate(self.varying.names)
                if name in self.successors
            }

    def _compute_times(self, starts: Array, gaps: Array, step_of_row: Array) -> tuple[Array, Array]:
        """Return the times of rows, and a mask of the rows within the real time span. `starts` are the times at which
        the rows' sequences begin, `gaps` the gaps from the previous row, `step_of_row` the index of a row in its sequence.
        """
        low, high, min_gap = self.span
        gaps = np.where(step_of_row == 0, 0.0, np.maximum(gaps, min_gap))
        cumulative_gaps = np.cumsum(gaps)
        first_rows = np.flatnonzero(step_of_row == 0)
        lengths = np.diff([*first_rows, len(step_of_row)])
        elapsed = cumulative_gaps - np.repeat(cumulative_gaps[first_rows], lengths)
        sequence_starts = np.minimum(starts[first_rows], high - elapsed[first_rows + lengths - 1]).clip(min=low)
        times = np.repeat(sequence_starts, lengths) + elapsed
        is_in_span = times <= high
        if not self.levels:
            return times, is_in_span
        levels = np.array(self.levels)
        nearest_levels = np.searchsorted((levels[1:] + levels[:-1]) / 2, times)
        if min_gap:
            is_in_span &= (step_of_row == 0) | (np.diff(nearest_levels, prepend=-1) != 0)
        return nearest_levels, is_in_span

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        bins_by_part = {"still": self.static, "moving": self.varying}
        data: dict[str, Any] = {"levels": self.levels, "time": self.time, "span": list(self.span)}
        data |= {part: [list(bins.names), list(bins.sizes)] for part, bins in bins_by_part.items()}
        data["seen"] = [[number.name, number.low, number.high] for number in self.stepped]
        arrays = {
            f"{part}{bins.names.index(name)}": grid
            for part, bins in bins_by_part.items()
            for name, grid in bins.within.items()
        }
        for index, number in enumerate(self.stepped):
            arrays |= {f"seen{index}.{part}": getattr(number, part) for part in _STEPPED_FIELDS}
        arrays |= {f"follows{self.varying.names.index(name)}": allowed for name, allowed in self.successors.items()}
        return data, arrays | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, data: dict[str, Any], features: tuple[Feature, ...], arrays: dict[str, Array]) -> Rnn:
        """Rebuild a model from its `to_state`."""
        import torch

        bins = {}
        for part in ("still", "moving"):
            names, sizes = data[part]
            within = {name: arrays[f"{part}{index}"] for index, name in enumerate(names) if f"{part}{index}" in arrays}
            bins[part] = ColumnBins(tuple(names), tuple(sizes), within)
        weights = arrays_to_weights(torch, arrays)
        stepped = [
            SteppedNumber(name, low, high, *(arrays[f"seen{index}.{part}"] for part in _STEPPED_FIELDS))
            for index, (name, low, high) in enumerate(data["seen"])
        ]
        names = bins["moving"].names
        successors = {
            name: arrays[f"follows{index}"] for index, name in enumerate(names) if f"follows{index}" in arrays
        }
        low, high, min_gap = data["span"]
        span = low, high, min_gap
        return cls(
            features, data["levels"], data["time"], span, bins["still"], bins["moving"], stepped, successors, weights
        )


def train_rnn(plan: FramePlan, frame: Frame, values: Values, entity: str, time: str, settings: TrainingSettings) -> Rnn:
    """Train a model on a frame whose rows belong to entities."""
    rows = sort_rows(plan, frame, values, entity, time)
    constant_names = {
        name for name, column in rows.columns.items() if is_constant(column, rows.first_rows, rows.lengths)
    }
    stepped = extract_stepped_numbers(plan, rows, constant_names)
    gaps = compute_steps(rows.times, rows.first_rows)
    static, varying = split_columns(rows, constant_names, stepped, gaps)
    static_bins, static_codes = bin_columns(static, rows.sizes)
    varying_bins, varying_codes = bin_columns(varying, rows.sizes)
    stepped_codes = (
        np.stack([number.encode(rows.columns[number.name]) for number in stepped], axis=1)
        if stepped
        else np.zeros((len(rows.times), 0), np.int64)
    )
    learner = Learner(
        static_bins,
        static_codes,
        varying_bins,
        varying_codes,
        build_stepped_bins(stepped),
        stepped_codes,
        rows.first_rows,
        rows.lengths,
        settings.seed,
    )
    weights = train(learner, settings)
    min_gap = float(np.delete(gaps, rows.first_rows).min(initial=gaps.max()))
    return Rnn(
        frame.features,
        [float(level) for level in plan.levels.get(time, [])],
        time,
        (float(rows.times.min()), float(rows.times.max()), min_gap),
        static_bins,
        varying_bins,
        stepped,
        find_all_successors(rows, varying, varying_bins, varying_codes),
        weights,
    )
