"""Tables are learnt in a process of their own, of low priority, that knows none of our secrets and may be killed.

`python -m bot.synthesis.apart` reads an order from standard input, and writes what it has to tell to standard output: each a line
of JSON, which says how long the bodies are that follow it.
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
from typing import Any, BinaryIO

from bot.errors import FileError, Phrase, QuillmateError
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess

from .learning import ONE_THREAD, Progress

# Checkpoints stand at least so many seconds apart.
BETWEEN_CHECKPOINTS = 30.0
# Progress is told so many seconds apart.
_BETWEEN_TOLD = 1.0
_MAX_LINE = 1024 * 1024
# For as long as a file of a stranger's is read: what unpacks to more, or takes longer, is refused.
_READING, _READING_SECONDS = 2 * 1024 * 1024 * 1024, 120
# All that may be written to, while a table is learnt.
_MEMORY = 4 * 1024 * 1024 * 1024
# What takes longer is given as far as it has come.
_LEARNING_SECONDS = 3600.0
_BROKEN = (
    "Something went wrong with that table on my side: it may be too large for my machine. Try fewer rows or columns."
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of a table, or of a model that has learnt one: `rows` of 0 are as many as the table has."""

    name: str
    rows: int = 0
    model: str = "auto"
    seed: int = 1
    without: tuple[str, ...] = ()
    condition: str = ""
    epsilon: float = 0.0
    # Whether what was learnt is wanted as well.
    keep: bool = False
    # The language of the report.
    locale: str = "en"
    # Of sequences: the columns that say whose a row is and when it was.
    entity: str = ""
    time: str = ""
    # Columns that hold people, as "contact" or "contact=phone number"; that keep their real values; what holds in every row.
    personal: tuple[str, ...] = ()
    real: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """The order that `to_json` gave."""
        lists = {name: tuple(data.get(name, ())) for name in ("without", "personal", "real", "rules")}
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True)
class Told:
    """What the process tells: `progress`, a `checkpoint`, that it is `done` with files, or that it has `refused`."""

    what: str
    about: Mapping[str, Any] = field(default_factory=dict)
    bodies: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(**self.about)


async def made(
    order: Order, bodies: Mapping[str, bytes], *, between: float = BETWEEN_CHECKPOINTS
) -> AsyncIterator[Told]:
    """What the process tells of an order, the files at last. `bodies`: the `source` and perhaps a `checkpoint`, or a `model`.

    Whoever stops listening ends the process.

    Raises:
        FileError: the table cannot be used, or there are no such rows.
    """
    process = await start_subprocess(
        "bot.synthesis.apart", is_counted=False, environment=ONE_THREAD, limit=_MAX_LINE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(_framed("order", {**order.to_json(), "between": between}, bodies))
            await process.stdin.drain()
            process.stdin.close()
        while told := await _heard(process.stdout):
            if told.what == "refused":
                raise FileError(Phrase.from_json(told.about))
            yield told
            if told.what == "done":
                return
        raise FileError(_BROKEN)
    finally:
        await kill_subprocess(process)


async def _heard(stream: asyncio.StreamReader) -> Told | None:
    line = await stream.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    try:
        bodies = {name: await stream.readexactly(size) for name, size in head["sizes"].items()}
    except asyncio.IncompleteReadError:
        return None
    return Told(head["what"], head["about"], bodies)


def _framed(what: str, about: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> bytes:
    head = {"what": what, "about": about, "sizes": {name: len(body) for name, body in bodies.items()}}
    return b"".join([json.dumps(head).encode(), b"\n", *bodies.values()])


def _main(source: BinaryIO, out: BinaryIO) -> None:
    """Does what it is told to, and tells of it."""
    if hasattr(os, "nice"):
        os.nice(19)
    head = json.loads(source.readline())
    bodies = {name: source.read(size) for name, size in head["sizes"].items()}
    between = head["about"].pop("between")

    def tell(what: str, about: Mapping[str, Any], bodies: Mapping[str, bytes] = {}) -> None:
        out.write(_framed(what, about, bodies))
        out.flush()

    try:
        _limit("RLIMIT_DATA", _MEMORY)
        about, files = (_more if "model" in bodies else _learnt)(Order.from_json(head["about"]), bodies, tell, between)
        tell("done", about, files)
    except QuillmateError as error:
        tell("refused", error.phrase.to_json())
    except MemoryError:
        tell("refused", Phrase(_BROKEN).to_json())


Tell = Callable[..., None]


def _learnt(
    order: Order, bodies: Mapping[str, bytes], tell: Tell, between: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    from . import page
    from .columns import values_of
    from .conditions import meeting
    from .engine import HELD_OUT, Learnt, Wish, learn, parted, sample_values
    from .learning import Way
    from .people import Register
    from .personal import kinds_of
    from .report import report_of
    from .table import read_table

    with _bounded_reading():
        table = read_table(order.name, bodies["source"])
    # Who is made up follows from the table itself: the same after a restart, and nothing to go by without it.
    register = Register(hashlib.sha256(bodies["source"]).digest())
    table = register.replaced(table, kinds_of(order.personal), order.real)
    if order.without:
        table = table.without(order.without)
    whole, last = table.rows, bodies.get("checkpoint", b"")
    table, held = parted(table, order.seed, order.entity, privately=bool(order.epsilon))
    saved = [time.monotonic()]
    told = [0.0]

    def save(state: bytes) -> None:
        if time.monotonic() - saved[0] >= between:
            tell("checkpoint", {}, {"checkpoint": state})
            saved[0] = time.monotonic()

    def passed(progress: Progress) -> None:
        if time.monotonic() - told[0] >= min(_BETWEEN_TOLD, between):
            tell("progress", asdict(progress))
            told[0] = time.monotonic()

    wish = Wish(
        Way(order.model), order.seed, entity=order.entity, time=order.time, epsilon=order.epsilon,
        condition=order.condition, rules=order.rules, seconds=_LEARNING_SECONDS,
    )  # fmt: skip
    if not order.epsilon:
        learnt = learn(table, wish, tell=passed, save=save, last=last, besides=held)
    else:
        learnt = Learnt.unpacked(last) if last else learn(table, wish)
        # Whoever goes on from here gives the same rows once more: others would tell twice as much.
        tell("checkpoint", {}, {"checkpoint": learnt.packed()})
        whole = round(learnt.rows / (1 - HELD_OUT))
    columns = learnt.plan.columns
    values = sample_values(learnt, order.rows or whole, seed=order.seed, condition=order.condition)
    real, apart = (meeting(order.condition, values_of(one, columns), columns) for one in (table, held))
    report = report_of(learnt, real, apart, values, seed=order.seed)
    files = {
        "table": _table(order, learnt.written(values)),
        "png": page.png(report, order.name, order.locale), "pdf": page.pdf(report, order.name, order.locale),
    }  # fmt: skip
    if order.keep:
        files["model"] = learnt.packed()
    notes = [one.to_json() for one in report.notes]
    compared = {
        "rows": report.rows, "learnt": report.learnt_rows, "copied": report.copied, "model": report.way,
        "overall": round(report.quality.overall, 2), "told_apart": round(report.told_apart, 2),
        "sentences": [one.to_json() for one in report.sentences], "notes": notes,
    }  # fmt: skip
    if not order.epsilon:
        return compared, files
    said = [one.to_json() for one in report.sentences_for_all]
    about = {"rows": report.rows, "learnt": learnt.rows, "model": report.way, "sentences": said, "notes": notes}
    return about | {"compared": compared}, files


def _more(
    order: Order, bodies: Mapping[str, bytes], _tell: Tell, _between: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    from .engine import Learnt, sample

    learnt = Learnt.unpacked(bodies["model"])
    table = sample(learnt, order.rows or 100, seed=order.seed, condition=order.condition)
    return {"rows": table.rows, "model": learnt.way.value, "epsilon": learnt.epsilon}, {"table": _table(order, table)}


def _table(order: Order, table: Any) -> bytes:
    from .table import written, written_as_workbook

    return written_as_workbook(table) if order.name.casefold().endswith(".xlsx") else written(table)


@contextlib.contextmanager
def _bounded_reading() -> Iterator[None]:
    """Lets the process have so much memory and so many seconds alone, for as long as a file is read."""
    memory = _limit("RLIMIT_AS", _READING)
    seconds = _limit("RLIMIT_CPU", round(time.process_time()) + _READING_SECONDS)
    try:
        yield
    finally:
        _limit("RLIMIT_AS", memory)
        _limit("RLIMIT_CPU", seconds)


def _limit(name: str, most: int) -> int:
    """Sets a limit of the system's on this process; gives the one before."""
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
