"""A learnt table: the model of its rows, and fingerprints to recognise copies of real rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from bot.errors import FileError, Phrase
from bot.runtime.extras import require_torch

from . import copula, gan, rnn, vae
from .columns import Array, Column, ColumnType, Values, count_rows, format_table, round_values
from .frame import FramePlan
from .learning import Method
from .models import Sampler, pack, unpack
from .people import compute_fingerprint
from .table import Table

_MAX_BATCH_ROWS = 20_000

FORMAT_VERSION = 3
NETWORK_METHODS = (Method.GAN, Method.VAE, Method.RNN)


@dataclass(frozen=True, slots=True)
class TableModel:
    """A learnt table: the plan and sampler that generate rows, and the fingerprints of real rows and of the real cells
    of keys. `row_count` is the number of learnt rows, approximate under epsilon.
    """

    method: Method
    plan: FramePlan
    sampler: Sampler
    row_fingerprints: frozenset[bytes]
    key_fingerprints: frozenset[bytes]
    seed: int
    entity: str = ""
    time: str = ""
    epsilon: float = 0.0
    notes: list[Phrase] = field(default_factory=list)
    row_count: int = 0
    kept_columns: tuple[str, ...] = ()
    # The format of the table's file, for files with generated rows.
    delimiter: str = ","
    has_bom: bool = False

    def format_rows(self, values: Values) -> Table:
        """Format values as cells, in the format of their columns."""
        return replace(format_table(values, self.plan.columns), delimiter=self.delimiter, has_bom=self.has_bom)

    def pack(self) -> bytes:
        """Serialise the model."""
        sampler_data, sampler_arrays = self.sampler.to_state()
        fingerprints = {
            "marks": _join_fingerprints(self.row_fingerprints),
            "keys": _join_fingerprints(self.key_fingerprints),
        }
        data = {
            "version": FORMAT_VERSION,
            "way": self.method.value,
            "plan": self.plan.to_json(),
            "seed": self.seed,
            "entity": self.entity,
            "time": self.time,
            "epsilon": self.epsilon,
            "rows": self.row_count,
            "model": sampler_data,
            "kept": list(self.kept_columns),
            "delimiter": self.delimiter,
            "marked": self.has_bom,
            "notes": [note.to_json() for note in self.notes],
        }
        return pack(data, {f"model.{name}": array for name, array in sampler_arrays.items()} | fingerprints)

    @classmethod
    def unpack(cls, body: bytes) -> TableModel:
        """Deserialise the output of `pack`.

        Raises:
            FileError: the body is damaged, or of another version.
            EngineError: the model is a network, and PyTorch is not installed.
        """
        data, arrays = unpack(body)
        if data.get("version") != FORMAT_VERSION:
            raise FileError("That model was made by another version of me. Learn from the table again.")
        plan, method = FramePlan.from_json(data["plan"]), Method(data["way"])
        if method in NETWORK_METHODS:
            require_torch()
        sampler_arrays = {
            name.removeprefix("model."): array for name, array in arrays.items() if name.startswith("model.")
        }
        loaders: dict[Method, Any] = {
            Method.COPULA: copula.Copula.from_state,
            Method.GAN: gan.Gan.from_state,
            Method.VAE: vae.Vae.from_state,
            Method.RNN: partial(rnn.Rnn.from_state, data["model"]),
        }
        return cls(
            method,
            plan,
            loaders[method](plan.features, sampler_arrays),
            _split_fingerprints(arrays["marks"]),
            _split_fingerprints(arrays["keys"]),
            data["seed"],
            data["entity"],
            data["time"],
            data["epsilon"],
            [Phrase.from_json(note) for note in data["notes"]],
            data["rows"],
            tuple(data["kept"]),
            data["delimiter"],
            data["marked"],
        )


def fingerprint_rows(values: Values, columns: Sequence[Column]) -> list[bytes]:
    """Return a fingerprint of each row to recognise copies, of all columns but keys and texts, which get new values
    anyway; an empty list if the other columns only hold fictional people.
    """
    columns_to_compare = [
        column for column in columns if column.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
    ]
    if all(column.kind for column in columns_to_compare):
        return []
    fingerprints = list[bytes]()
    # In batches, as cells need more memory than values.
    for start in range(0, count_rows(values), _MAX_BATCH_ROWS):
        part = {
            column.name: _round(column, values[column.name][start : start + _MAX_BATCH_ROWS])
            for column in columns_to_compare
        }
        fingerprints += [
            compute_fingerprint(json.dumps(row))
            for row in zip(*format_table(part, columns_to_compare).columns.values(), strict=True)
        ]
    return fingerprints


def _round(column: Column, values: Array) -> Array:
    return round_values(column, values) if column.is_numeric else values


def _join_fingerprints(fingerprints: frozenset[bytes]) -> Array:
    return np.frombuffer(b"".join(sorted(fingerprints)), dtype=np.uint8)


def _split_fingerprints(array: Array) -> frozenset[bytes]:
    body = array.tobytes()
    return frozenset(body[start : start + 8] for start in range(0, len(body), 8))
