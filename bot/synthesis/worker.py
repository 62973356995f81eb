"""Learning of tables in a subprocess of low priority, which has no access to secrets and may be killed. `python -m
bot.synthesis.worker` reads an order from standard input, and writes messages to standard output: each a line of
JSON with the lengths of the bodies that follow it.
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
# Limits while an untrusted file is read.
_MAX_READING_BYTES, _MAX_READING_SECONDS = 2 * 1024 * 1024 * 1024, 120
# Limit of data memory while a table is learnt.
_MAX_MEMORY_BYTES = 4 * 1024 * 1024 * 1024
# Training that takes longer is stopped, and its best weights are used.
_MAX_LEARNING_SECONDS = 3600.0
_BROKEN = (
    "Something went wrong with that table on my side: it may be too large for my machine. Try fewer rows or columns."
)


@dataclass(frozen=True, slots=True)
class TableOrder:
    """An order to learn a table, or to sample from a model; 0 `rows` mean as many as the table has."""

    name: str
    rows: int = 0
    model: str = "auto"
    seed: int = 1
    without: tuple[str, ...] = ()
    condition: str = ""
    epsilon: float = 0.0
    # Whether to return the model, too.
    keep: bool = False
    # The language of the report.
    locale: str = "en"
    # For sequences: the columns with the entity and the time of a row.
    entity: str = ""
    time: str = ""
    # Columns with personal data, as "contact" or "contact=phone number"; columns with real values; rules for every row.
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
    """A message from the subprocess: `progress`, a `checkpoint`, `done` with files, or `refused`."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def progress(self) -> TrainingProgress:
        """The progress of training."""
        return TrainingProgress(**self.data)


async def run_worker(
    order: TableOrder, bodies: Mapping[str, bytes], *, between: float = CHECKPOINT_SECONDS
) -> AsyncIterator[WorkerMessage]:
    """Run an order in a subprocess and yield its messages, the files last. `bodies` contain the `source` and perhaps a
    `checkpoint`, or a `model`. Closing the generator ends the subprocess.

    Raises:
        FileError: the table cannot be used, or no rows meet the condition.
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
            process.stdin.write(_encode_message("order", {**order.to_json(), "between": between}, bodies))
            await process.stdin.drain()
            process.stdin.close()
        while message := await _read_message(process.stdout):
            if message.kind == "refused":
                raise FileError(Phrase.from_json(message.data))
            yield message
            if message.kind == "done":
                return
        raise FileError(_BROKEN)
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


def _encode_message(what: str, about: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> bytes:
    head = {"what": what, "about": about, "sizes": {name: len(body) for name, body in bodies.items()}}
    return b"".join([json.dumps(head).encode(), b"\n", *bodies.values()])


def _main(source: BinaryIO, out: BinaryIO) -> None:
    """Carry out the order and send messages."""
    if hasattr(os, "nice"):
        os.nice(19)
    head = json.loads(source.readline())
    bodies = {name: source.read(size) for name, size in head["sizes"].items()}
    between = head["about"].pop("between")

    def send(what: str, about: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> None:
        out.write(_encode_message(what, about, bodies))
        out.flush()

    try:
        _set_limit("RLIMIT_DATA", _MAX_MEMORY_BYTES)
        about, files = (_sample_table if "model" in bodies else _learn_table)(
            TableOrder.from_json(head["about"]), bodies, send, between
        )
        send("done", about, files)
    except QuillmateError as error:
        send("refused", error.phrase.to_json())
    except MemoryError:
        send("refused", Phrase(_BROKEN).to_json())


MessageWriter = Callable[..., None]


def _learn_table(
    order: TableOrder, bodies: Mapping[str, bytes], send: MessageWriter, between: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    from .columns import parse_values
    from .conditions import filter_rows
    from .holdout import split_holdout
    from .report import build_report
    from .sampling import sample_values

    table = _read_source(order, bodies["source"])
    learnt, held_out = split_holdout(table, order.seed, order.entity, privately=bool(order.epsilon))
    table_model = _train(order, learnt, held_out, bodies.get("checkpoint", b""), _Reporter(send, between))
    columns = table_model.plan.columns
    values = sample_values(
        table_model, order.rows or _count_rows(table_model, table), seed=order.seed, condition=order.condition
    )
    real, held_sample = (
        filter_rows(order.condition, parse_values(part, columns), columns) for part in (learnt, held_out)
    )
    report = build_report(table_model, real, held_sample, values, seed=order.seed)
    return _summarise(report, table_model), _render_files(order, table_model, values, report)


def _read_source(order: TableOrder, source: bytes) -> Table:
    """Read the table, with its people replaced by fictional ones and without the columns to leave out."""
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
    """Sends progress and checkpoints of training, each at most so often."""

    def __init__(self, send: MessageWriter, between: float) -> None:
        self.send, self.between = send, between
        self._saved_at, self._sent_at = time.monotonic(), 0.0

    def save(self, state: bytes) -> None:
        """Send a checkpoint if the last one is old enough."""
        if time.monotonic() - self._saved_at >= self.between:
            self.send("checkpoint", {}, {"checkpoint": state})
            self._saved_at = time.monotonic()

    def report_progress(self, progress: TrainingProgress) -> None:
        """Send the progress if the last message is old enough."""
        if time.monotonic() - self._sent_at >= min(_MIN_PROGRESS_SECONDS, self.between):
            self.send("progress", asdict(progress))
            self._sent_at = time.monotonic()


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
            on_progress=reporter.report_progress,
            save_checkpoint=reporter.save,
            checkpoint=checkpoint,
            held_out=held_out,
        )
    table_model = TableModel.unpack(checkpoint) if checkpoint else learn(table, options)
    # A resumed order has to give the same rows: others would reveal twice as much.
    reporter.send("checkpoint", {}, {"checkpoint": table_model.pack()})
    return table_model


def _count_rows(table_model: TableModel, table: Table) -> int:
    """Return the number of rows of the table; under epsilon as the model estimates it, as the exact number is private."""
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
    """Return the figures that accompany the rows; under epsilon, those that compare them with the real ones are apart."""
    notes = [note.to_json() for note in report.notes]
    compared = {
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
        return compared
    return {
        "rows": report.row_count,
        "learnt": table_model.row_count,
        "model": report.method,
        "sentences": [sentence.to_json() for sentence in report.public_sentences],
        "notes": notes,
        "compared": compared,
    }


def _sample_table(
    order: TableOrder, bodies: Mapping[str, bytes], _send: MessageWriter, _between: float
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


def _set_limit(name: str, most: int) -> int:
    """Set a resource limit of this process; return the previous one."""
    try:
        import resource
    except ImportError:  # Windows has none.
        return most
    soft, hard = resource.getrlimit(getattr(resource, name))
    if hard == resource.RLIM_INFINITY or 0 <= most <= hard:
        resource.setrlimit(getattr(resource, name), (most, hard))
    return soft


if __name__ == "__main__":
    exit_with_parent()
    _main(sys.stdin.buffer, sys.stdout.buffer)
