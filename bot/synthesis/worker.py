"""Learns tables in a subprocess of low priority, which has no access to secrets and may be killed at any time. `python -m
bot.synthesis.worker` reads an order from standard input and writes messages to standard output. Order and messages have
the same format: a line of JSON with the lengths of the bodies that follow it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from bot.errors import FileError, Phrase, QuillmateError
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess

from .learning import ONE_THREAD, TrainingProgress

if TYPE_CHECKING:
    from .columns import Values
    from .report import Report
    from .table import Table
    from .table_model import TableModel

# Minimum interval between checkpoints.
CHECKPOINT_SECONDS = 30.0
# Minimum interval between progress messages.
_MIN_PROGRESS_SECONDS = 1.0
_MAX_LINE_BYTES = 1024 * 1024
# A tenth of a core that answering takes entirely; at 19 a busy machine left it a hundredth, so that small tables took minutes.
_NICENESS = 10
# Limits of address space and CPU time while an untrusted file is read.
_MAX_READING_BYTES, _MAX_READING_SECONDS = 2 * 1024 * 1024 * 1024, 120
# Limit of data memory of the subprocess.
_MAX_MEMORY_BYTES = 4 * 1024 * 1024 * 1024
# Training that takes longer is stopped, and its best weights are used.
_MAX_LEARNING_SECONDS = 3600.0
_FAILED = (
    "Something went wrong with that table on my side: it may be too large for my machine. Try fewer rows or columns."
)


@dataclass(frozen=True, slots=True)
class TableOrder:
    """An order to learn a table and sample rows, or to sample rows from a model. `name` is the name of the file; with 0
    `rows`, as many are made as the table has, or 100 by a model. The field names are keys of durable jobs.
    """

    name: str
    rows: int = 0
    model: str = "auto"
    seed: int = 1
    without: tuple[str, ...] = ()
    condition: str = ""
    epsilon: float = 0.0
    # Whether to return the model in addition to the rows.
    keep: bool = False
    # The language of the report.
    locale: str = "en"
    # For sequences: the columns with the entity and the time of a row.
    entity: str = ""
    time: str = ""
    # Columns with personal data, as "contact" or "contact=phone number"; columns that keep their real values; and rules
    # that hold in every row.
    personal: tuple[str, ...] = ()
    real: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableOrder:
        """Rebuild an order from `to_json`."""
        lists = {name: tuple(data.get(name, ())) for name in ("without", "personal", "real", "rules")}
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True)
class WorkerMessage:
    """A message from the subprocess. Its kind is "progress", "checkpoint", "done" (with files), or "refused"."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def progress(self) -> TrainingProgress:
        """The progress of training."""
        return TrainingProgress(**self.data)


async def run_worker(
    order: TableOrder, bodies: Mapping[str, bytes], *, checkpoint_seconds: float = CHECKPOINT_SECONDS
) -> AsyncIterator[WorkerMessage]:
    """Run an order in a subprocess and yield its messages; the last one is "done". `bodies` contain either the "source",
    with a "checkpoint" to resume from if there is one, or a "model". Checkpoints arrive at intervals of at least
    `checkpoint_seconds`. Closing the generator ends the subprocess.

    Raises:
        FileError: the order was refused, for example because the table is too small, or the subprocess failed.
    """
    process = await start_subprocess(
        "bot.synthesis.worker",
        is_counted=False,
        environment=ONE_THREAD,
        limit=_MAX_LINE_BYTES,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(_encode_message("order", {**order.to_json(), "between": checkpoint_seconds}, bodies))
            await process.stdin.drain()
            process.stdin.close()
        while message := await _read_message(process.stdout):
            if message.kind == "refused":
                raise FileError(Phrase.from_json(message.data))
            yield message
            if message.kind == "done":
                return
        raise FileError(_FAILED)
    finally:
        await kill_subprocess(process)


async def _read_message(stream: asyncio.StreamReader) -> WorkerMessage | None:
    line = await stream.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    try:
        bodies = {name: await stream.readexactly(size) for name, size in head["sizes"].items()}
    except asyncio.IncompleteReadError:
        return None
    return WorkerMessage(head["what"], head["about"], bodies)


def _encode_message(kind: str, data: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> bytes:
    head = {"what": kind, "about": data, "sizes": {name: len(body) for name, body in bodies.items()}}
    return b"".join([json.dumps(head).encode(), b"\n", *bodies.values()])


def _main(source: BinaryIO, out: BinaryIO) -> None:
    """Read an order, carry it out and send messages."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    head = json.loads(source.readline())
    bodies = {name: source.read(size) for name, size in head["sizes"].items()}
    checkpoint_seconds = head["about"].pop("between")

    def send(kind: str, data: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> None:
        out.write(_encode_message(kind, data, bodies))
        out.flush()

    try:
        _set_limit("RLIMIT_DATA", _MAX_MEMORY_BYTES)
        data, files = (_sample_table if "model" in bodies else _learn_table)(
            TableOrder.from_json(head["about"]), bodies, send, checkpoint_seconds
        )
        send("done", data, files)
    except QuillmateError as error:
        send("refused", error.phrase.to_json())
    except MemoryError:
        send("refused", Phrase(_FAILED).to_json())


MessageWriter = Callable[..., None]


def _learn_table(
    order: TableOrder, bodies: Mapping[str, bytes], send: MessageWriter, checkpoint_seconds: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    from .columns import parse_values
    from .conditions import filter_rows
    from .holdout import split_holdout
    from .report import build_report
    from .sampling import sample_values

    table = _read_source(order, bodies["source"])
    learnt_table, held_out_table = split_holdout(table, order.seed, order.entity, privately=bool(order.epsilon))
    table_model = _train(
        order, learnt_table, held_out_table, bodies.get("checkpoint", b""), _Reporter(send, checkpoint_seconds)
    )
    columns = table_model.plan.columns
    values = sample_values(
        table_model, order.rows or _choose_row_count(table_model, table), seed=order.seed, condition=order.condition
    )
    learnt_values, held_out_values = (
        filter_rows(order.condition, parse_values(part, columns), columns) for part in (learnt_table, held_out_table)
    )
    report = build_report(table_model, learnt_values, held_out_values, values, seed=order.seed)
    return _summarise(report, table_model), _render_files(order, table_model, values, report)


def _read_source(order: TableOrder, source: bytes) -> Table:
    """Read the table, replace its people by fictional ones, and drop the columns to leave out."""
    from .personal_data import parse_personal_columns
    from .pseudonymizer import Pseudonymizer
    from .table import read_table

    with _limit_reading():
        table = read_table(order.name, source)
    # Fictional people are derived from the table: the same after a restart, and unpredictable without it.
    pseudonymizer = Pseudonymizer(hashlib.sha256(source).digest())
    table = pseudonymizer.pseudonymize(table, parse_personal_columns(order.personal), order.real)
    return table.drop_columns(order.without) if order.without else table


class _Reporter:
    """Sends progress and checkpoints of training at minimum intervals."""

    def __init__(self, send: MessageWriter, checkpoint_seconds: float) -> None:
        self.send, self.checkpoint_seconds = send, checkpoint_seconds
        self._checkpoint_sent_at, self._progress_sent_at = time.monotonic(), 0.0

    def send_checkpoint(self, state: bytes) -> None:
        """Send a checkpoint, unless the last one was sent recently."""
        if time.monotonic() - self._checkpoint_sent_at >= self.checkpoint_seconds:
            self.send("checkpoint", {}, {"checkpoint": state})
            self._checkpoint_sent_at = time.monotonic()

    def send_progress(self, progress: TrainingProgress) -> None:
        """Send progress, unless the last progress was sent recently."""
        if time.monotonic() - self._progress_sent_at >= min(_MIN_PROGRESS_SECONDS, self.checkpoint_seconds):
            self.send("progress", asdict(progress))
            self._progress_sent_at = time.monotonic()


def _train(order: TableOrder, table: Table, held_out: Table, checkpoint: bytes, reporter: _Reporter) -> TableModel:
    from .engine import LearningOptions, learn
    from .learning import Method
    from .table_model import TableModel

    options = LearningOptions(
        Method(order.model),
        order.seed,
        entity=order.entity,
        time=order.time,
        epsilon=order.epsilon,
        condition=order.condition,
        rules=order.rules,
        max_seconds=_MAX_LEARNING_SECONDS,
    )
    if not order.epsilon:
        return learn(
            table,
            options,
            on_progress=reporter.send_progress,
            save_checkpoint=reporter.send_checkpoint,
            checkpoint=checkpoint,
            held_out=held_out,
        )
    table_model = TableModel.unpack(checkpoint) if checkpoint else learn(table, options)
    # A resumed order has to use the same model: learning again would spend epsilon twice.
    reporter.send("checkpoint", {}, {"checkpoint": table_model.pack()})
    return table_model


def _choose_row_count(table_model: TableModel, table: Table) -> int:
    """Return the number of rows of the table; under epsilon an estimate by the model, as the exact number is private."""
    from .holdout import HOLDOUT_SHARE

    return round(table_model.row_count / (1 - HOLDOUT_SHARE)) if table_model.epsilon else table.row_count


def _render_files(order: TableOrder, table_model: TableModel, values: Values, report: Report) -> dict[str, bytes]:
    from . import page

    files = {
        "table": _render_table(order, table_model.format_rows(values)),
        "png": page.render_report_png(report, order.name, order.locale),
        "pdf": page.render_pdf(report, order.name, order.locale),
    }
    return files | ({"model": table_model.pack()} if order.keep else {})


def _summarise(report: Report, table_model: TableModel) -> dict[str, Any]:
    """Return the figures that accompany the rows; under epsilon, those that compare them with real rows are separate, in
    "compared".
    """
    notes = [note.to_json() for note in report.notes]
    comparison = {
        "rows": report.row_count,
        "learnt": report.learnt_row_count,
        "copied": report.copy_count,
        "model": report.method,
        "overall": round(report.quality.overall, 2),
        "told_apart": round(report.separability, 2),
        "sentences": [sentence.to_json() for sentence in report.sentences],
        "notes": notes,
    }
    if not table_model.epsilon:
        return comparison
    return {
        "rows": report.row_count,
        "learnt": table_model.row_count,
        "model": report.method,
        "sentences": [sentence.to_json() for sentence in report.public_sentences],
        "notes": notes,
        "compared": comparison,
    }


def _sample_table(
    order: TableOrder, bodies: Mapping[str, bytes], _send: MessageWriter, _checkpoint_seconds: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    from .sampling import sample
    from .table_model import TableModel

    table_model = TableModel.unpack(bodies["model"])
    table = sample(table_model, order.rows or 100, seed=order.seed, condition=order.condition)
    return {"rows": table.row_count, "model": table_model.method.value, "epsilon": table_model.epsilon}, {
        "table": _render_table(order, table)
    }


def _render_table(order: TableOrder, table: Any) -> bytes:
    from .table import render_csv, render_xlsx

    return render_xlsx(table) if order.name.casefold().endswith(".xlsx") else render_csv(table)


@contextlib.contextmanager
def _limit_reading() -> Iterator[None]:
    """Limit memory and CPU time of the process while a file is read."""
    memory = _set_limit("RLIMIT_AS", _MAX_READING_BYTES)
    seconds = _set_limit("RLIMIT_CPU", round(time.process_time()) + _MAX_READING_SECONDS)
    try:
        yield
    finally:
        _set_limit("RLIMIT_AS", memory)
        _set_limit("RLIMIT_CPU", seconds)


def _set_limit(name: str, limit: int) -> int:
    """Set a resource limit of this process; return the previous one."""
    try:
        import resource
    except ImportError:  # Windows has none.
        return limit
    soft, hard = resource.getrlimit(getattr(resource, name))
    if hard == resource.RLIM_INFINITY or 0 <= limit <= hard:
        resource.setrlimit(getattr(resource, name), (limit, hard))
    return soft


if __name__ == "__main__":
    exit_with_parent()
    _main(sys.stdin.buffer, sys.stdout.buffer)
