"""`quillmate data`: tables that are made up, learnt from a table or drawn from words. Nothing is asked of anybody on the network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.errors import FileError
from bot.locales import said
from bot.runtime.files import read_file, write_file
from bot.synthesis.columns import values_of
from bot.synthesis.conditions import meeting
from bot.synthesis.engine import HELD_OUT, Learnt, Wish, learn, parted, sample_values
from bot.synthesis.learning import Progress as Passed
from bot.synthesis.learning import Tell, Way
from bot.synthesis.models import packed, unpacked
from bot.synthesis.table import MOST_BYTES, Table, read_table, written

# A line of progress where no bar can be drawn, so many seconds apart.
_BETWEEN = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What `data make` was asked for, as it was typed."""

    model: str
    rows: int
    seed: int
    without: tuple[str, ...] = ()
    condition: str = ""
    entity: str = ""
    time: str = ""
    epsilon: float = 0.0
    epochs: int = 0
    minutes: float = 0.0
    report: Path | None = None
    keep: Path | None = None
    language: str = "en"

    @property
    def wish(self) -> Wish:
        """How the table is to be learnt."""
        most = self.minutes * 60 or float("inf")
        named = (self.without, self.entity, self.time)
        return Wish(Way(self.model), self.seed, *named, self.epochs, self.epsilon, most, self.condition)


def make(source: Path, out: Path, asked: Asked) -> int:
    """Learns a table and writes rows that are made up; the figures, and what was learnt, where they are wanted.

    Raises:
        QuillmateError: a file cannot be used, or the table not be learnt, or there are no such rows.
    """
    began = time.monotonic()
    body = _read(source)
    table, held = read_table(source.name, body), None
    if asked.without:
        table = table.without(asked.without)
    if asked.report is not None:
        table, held = parted(table, asked.seed, asked.entity, privately=bool(asked.epsilon))
    checkpoint = _Checkpoint.beside(out, body, asked)
    with _told() as tell:
        learnt = learn(table, asked.wish, tell=tell, save=checkpoint.save, last=checkpoint.last(), besides=held)
    whole = table.rows + (held.rows if held else 0)
    if asked.epsilon:
        whole = round(learnt.rows / (1 - HELD_OUT)) if held else learnt.rows
    count = asked.rows or whole
    values = sample_values(learnt, count, seed=asked.seed, condition=asked.condition)
    made = learnt.written(values)
    if asked.keep is not None:
        _write_privately(asked.keep, learnt.packed())
    if asked.report is not None:
        assert held is not None
        _report(asked.report, source, learnt, table, held, values, asked, began)
    write_file(out, written(made))
    checkpoint.forget()
    for note in learnt.notes:
        print(said(note, asked.language), file=sys.stderr)
    print(
        f"{out}: {made.rows:,} rows, made by {learnt.way.value} in {time.monotonic() - began:.0f} s.", file=sys.stderr
    )
    return 0


def more(kept: Path, out: Path, rows: int, seed: int, condition: str) -> int:
    """Writes more rows of what was learnt.

    Raises:
        QuillmateError: a file cannot be used, or there are no such rows.
    """
    from bot.synthesis.engine import sample

    learnt = Learnt.unpacked(_read(kept))
    write_file(out, written(sample(learnt, rows, seed=seed, condition=condition)))
    return 0


def invent(words: str, out: Path, rows: int, seed: int) -> int:
    """Writes a table that words describe.

    Raises:
        QuillmateError: the words name no columns, or the file cannot be written.
    """
    from bot.synthesis.schema import invented, schema_of

    schema = schema_of(words)
    table = invented(schema, rows or schema.rows, seed)
    write_file(out, written(table))
    for note in schema.notes:
        print(note, file=sys.stderr)
    print(f"{out}: {table.rows:,} rows of {len(table.columns)} columns, all of them made up.", file=sys.stderr)
    return 0


def _report(
    file: Path, source: Path, learnt: Learnt, table: Table, held: Table, values: Any, asked: Asked, began: float
) -> None:
    from bot.synthesis import page
    from bot.synthesis.report import report_of

    columns = learnt.plan.columns
    real, apart = (meeting(asked.condition, values_of(part, columns), columns) for part in (table, held))
    report = report_of(learnt, real, apart, values, seed=asked.seed)
    figures = report.as_json() | {"seconds": round(time.monotonic() - began, 1)}
    write_file(file, (json.dumps(figures, indent=2, ensure_ascii=False) + "\n").encode())
    write_file(file.with_suffix(".pdf"), page.pdf(report, source.name, asked.language))
    write_file(file.with_suffix(".png"), page.png(report, source.name, asked.language))
    for sentence in report.sentences:
        print(said(sentence, asked.language), file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """What training goes on from, in a file beside the result; only for the very same table and wish."""

    file: Path
    mark: str

    @classmethod
    def beside(cls, out: Path, body: bytes, asked: Asked) -> _Checkpoint:
        wish = {name: str(value) for name, value in asdict(asked.wish).items() if name not in ("seconds", "condition")}
        wish["report"] = str(asked.report is not None)
        mark = hashlib.sha256(body + json.dumps(wish, sort_keys=True).encode()).hexdigest()
        return cls(out.with_name(f".{out.name}.training"), mark)

    def save(self, state: bytes) -> None:
        _write_privately(self.file, packed({"mark": self.mark}, {"state": np.frombuffer(state, dtype=np.uint8)}))

    def last(self) -> bytes:
        with contextlib.suppress(OSError, FileError):
            about, arrays = unpacked(self.file.read_bytes())
            if about.get("mark") == self.mark:
                print("Going on with the training that was broken off.", file=sys.stderr)
                return bytes(arrays["state"].tobytes())
        return b""

    def forget(self) -> None:
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)


@contextmanager
def _told() -> Iterator[Tell]:
    """Tells of progress on standard error: a bar, or where that is no terminal a line now and then."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("Learning, epoch"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task, before = bar.add_task("", total=None), 0.0

        def tell(passed: Passed) -> None:
            nonlocal before
            left = f"{passed.seconds:.0f} s left at most, likeness {passed.score:.2f}"
            bar.update(task, completed=passed.epoch, total=passed.epochs, description=left)
            if not console.is_terminal and time.monotonic() - before > _BETWEEN:
                before = time.monotonic()
                print(f"Epoch {passed.epoch} of {passed.epochs}, {left}.", file=sys.stderr, flush=True)

        yield tell


def _read(file: Path) -> bytes:
    body = read_file(file, 4 * MOST_BYTES + 1)
    if len(body) > 4 * MOST_BYTES:
        raise FileError("{file} is far too large: I read {most} MB.", file=file, most=MOST_BYTES // 1024 // 1024)
    return body


def _write_privately(file: Path, body: bytes) -> None:
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    write_file(file, body)
