"""`quillmate data`: tables that are made up, learnt from a table or drawn from words. Nothing is asked of anybody on the network."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.errors import FileError, RefusedError
from bot.locales import localize
from bot.runtime.files import read_file, write_file
from bot.synthesis.columns import Sort, Values, columns_of, values_of
from bot.synthesis.conditions import meeting
from bot.synthesis.engine import HELD_OUT, MAX_MADE, Learnt, Wish, kept_note, learn, parted, sample, sample_values
from bot.synthesis.learning import Progress as Passed
from bot.synthesis.learning import Tell, Way
from bot.synthesis.linked import Join, apart, joined
from bot.synthesis.models import packed, unpacked
from bot.synthesis.people import Register
from bot.synthesis.personal import kinds_of
from bot.synthesis.table import FORMS, MAX_BYTES, Table, name_in, read_table, refuse_form, written

# A line of progress where no bar can be drawn, so many seconds apart.
_BETWEEN = 5.0
_KEPT_BY = "people.secret"


# What stands for standard output.
STDOUT = Path("-")


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
    save: Path | None = None
    language: str = "en"
    personal: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    # A second table, where its made-up rows go, and the column that both have.
    second: tuple[Path, Path] | None = None
    key: str = ""
    # What made-up people follow from; of none from the table itself.
    secret: bytes = b""

    @property
    def wish(self) -> Wish:
        """How the table is to be learnt."""
        most = self.minutes * 60 or float("inf")
        named = (self.without, self.entity, self.time)
        return Wish(
            Way(self.model), self.seed, *named, self.epochs, self.epsilon, most, rules=self.rules, condition=self.condition
        )  # fmt: skip


def make(source: Path, out: Path, asked: Asked) -> int:
    """Learns a table and writes rows that are made up; the figures, and what was learnt, where they are wanted.

    Raises:
        QuillmateError: a file cannot be used, or the table not be learnt, or there are no such rows.
    """
    began = time.monotonic()
    outs = [out, *([asked.second[1]] if asked.second else [])]
    _refuse_places(outs, [one for one in (asked.report, asked.save) if one is not None])
    _refuse_sources([source, *([asked.second[0]] if asked.second else [])], [*outs, asked.report, asked.save])
    _refuse_count(asked.rows or 1)
    body = _read(source)
    table, held, wish, join = read_table(source.name, body), None, asked.wish, None
    if asked.second:
        other = _read(asked.second[0])
        register = Register(asked.secret or hashlib.sha256(body + other).digest())
        table, wish, join = _joined(table, read_table(asked.second[0].name, other), register, asked)
        body += other
    else:
        register = Register(asked.secret or hashlib.sha256(body).digest())
        table = register.replaced(table, kinds_of(asked.personal), asked.keep)
    for note in kept_note(table):
        print(localize(note, asked.language), file=sys.stderr)
    if asked.without and not join:
        table = table.without(asked.without)
    whole = len(set(table.columns[join.key])) if join else table.rows
    if asked.report is not None:
        table, held = parted(table, asked.seed, wish.entity or wish.key, privately=bool(asked.epsilon))
    checkpoint = _Checkpoint.beside(out, body, asked)
    with _told() as tell:
        learnt = learn(table, wish, tell=tell, save=checkpoint.save, last=checkpoint.last(), besides=held)
    if asked.epsilon:
        whole = round(learnt.rows / (1 - HELD_OUT)) if held else learnt.rows
    count = asked.rows or whole
    values = _sampled(learnt, count, table, join, asked)
    made = learnt.written(values)
    if asked.save is not None:
        _write_privately(asked.save, learnt.packed())
    if asked.report is not None:
        assert held is not None
        _report(asked.report, source, learnt, table, held, values, asked, began)
    tables = apart(made, join, count) if join else (made,)
    for file, one in zip(outs, tables, strict=True):
        _write(file, one)
    checkpoint.forget()
    for note in learnt.notes[len(kept_note(table)) :]:
        print(localize(note, asked.language), file=sys.stderr)
    took = time.monotonic() - began
    for file, one in zip(outs, tables, strict=True):
        print(f"{file}: {one.rows:,} rows, made by {learnt.way.value} in {took:.0f} s.", file=sys.stderr)
    return 0


def _joined(first: Table, second: Table, register: Register, asked: Asked) -> tuple[Table, Wish, Join]:
    """Two tables as one, in which nobody is real."""
    if not asked.key:
        raise RefusedError("Name the column that both tables have: --key patient_id.")
    if asked.epsilon:
        raise RefusedError(
            "With epsilon no two rows belong together, so there is no second table. Leave out --with, or epsilon."
        )

    def named(names: tuple[str, ...], table: Table) -> tuple[str, ...]:
        own = {name.casefold() for name in table.columns}
        return tuple(name for name in names if name.partition("=")[0].strip().casefold() in own)

    for name in (*asked.personal, *asked.keep, *asked.without):
        if not any(named((name,), table) for table in (first, second)):
            name_in([*first.columns, *second.columns], name.partition("=")[0])
    first, second = (
        table.without(those) if (those := named(asked.without, table)) else table for table in (first, second)
    )
    replaced = [
        register.replaced(table, kinds_of(named(asked.personal, table)), named(asked.keep, table))
        for table in (first, second)
    ]
    table, join = joined(replaced[0], replaced[1], asked.key)
    has_dates = any(one.sort is Sort.DATE for one in columns_of(table))
    entity = join.key if asked.model in ("auto", "rnn") and has_dates else ""
    return table, replace(asked.wish, entity=asked.entity or entity, key=join.key, alone=join.here), join


def _sampled(learnt: Learnt, count: int, table: Table, join: Join | None, asked: Asked) -> Values:
    """So many rows; of two tables as many as so many keys have."""
    wanted = count
    if join:
        wanted = round(1.1 * count * table.rows / len(set(table.columns[join.key]))) + 20
    while True:
        values = sample_values(learnt, min(wanted, MAX_MADE), seed=asked.seed, condition=asked.condition)
        # The last sequence may have been cut.
        if join is None or len(set(values[join.key].tolist())) > count or wanted >= MAX_MADE:
            return values
        wanted *= 2


def more(kept: Path, out: Path, rows: int, seed: int, condition: str) -> int:
    """Writes more rows of what was learnt.

    Raises:
        QuillmateError: a file cannot be used, or there are no such rows.
    """
    _refuse_places([out], [])
    _refuse_count(rows)
    _write(out, sample(Learnt.unpacked(_read(kept)), rows, seed=seed, condition=condition))
    return 0


def invent(words: str, out: Path, rows: int, seed: int) -> int:
    """Writes a table that words describe.

    Raises:
        QuillmateError: the words name no columns, or the file cannot be written.
    """
    from bot.synthesis.schema import build_schema, invented

    _refuse_places([out], [])
    _refuse_count(rows or 1)
    schema = build_schema(words)
    table = invented(schema, rows or schema.rows, seed)
    _write(out, table)
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
    figures = report.to_json() | {"seconds": round(time.monotonic() - began, 1)}
    write_file(file, (json.dumps(figures, indent=2, ensure_ascii=False) + "\n").encode())
    write_file(file.with_suffix(".pdf"), page.pdf(report, source.name, asked.language))
    write_file(file.with_suffix(".png"), page.png(report, source.name, asked.language))
    for sentence in report.sentences:
        print(localize(sentence, asked.language), file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """What training goes on from, in a file beside the result; only for the very same table and wish."""

    file: Path
    mark: str

    @classmethod
    def beside(cls, out: Path, body: bytes, asked: Asked) -> _Checkpoint:
        wish = {name: str(value) for name, value in asdict(asked.wish).items() if name not in ("seconds", "condition")}
        wish |= {name: str(getattr(asked, name)) for name in ("personal", "keep", "key", "secret")}
        wish["report"] = str(asked.report is not None)
        mark = hashlib.sha256(body + json.dumps(wish, sort_keys=True).encode()).hexdigest()
        return cls(out.with_name(f".{out.name}.training"), mark)

    def save(self, state: bytes) -> None:
        if self.file.name == ".-.training":  # Nobody finds it again beside standard output.
            return
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


def secret_in(folder: Path) -> bytes:
    """What made-up people follow from on this machine, so that the same ones stand for the same people in every table; none where it
    cannot be kept.
    """
    file = folder / _KEPT_BY
    with contextlib.suppress(OSError):
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_privately(file, secrets.token_bytes(32))
        return file.read_bytes()
    return b""


def _refuse_places(outs: Sequence[Path], beside: Sequence[Path]) -> None:
    """Says before anything is learnt where its result cannot go.

    Raises:
        FileError: a file's ending is unknown, or its folder is not there or not to be written to.
    """
    for out in outs:
        refuse_form(out.name)
    for file in (*outs, *beside):
        if file == STDOUT:
            continue
        if file.is_dir():
            raise FileError("{file} is a folder. Name a file.", file=file)
        if file.exists() and not os.access(file, os.W_OK):
            raise FileError("{file} cannot be written: {why}.", file=file, why=os.strerror(errno.EACCES))
        if file.exists() and not file.is_file():
            continue
        try:
            with tempfile.TemporaryFile(dir=Path(os.path.realpath(file)).parent):
                pass
        except OSError as error:
            raise FileError("{file} cannot be written: {why}.", file=file, why=error.strerror or str(error)) from error


def _refuse_sources(sources: Sequence[Path], outs: Sequence[Path | None]) -> None:
    """Refuses to write over what is learnt from, and twice to one place.

    Raises:
        FileError: a file is both.
    """
    taken = [os.path.realpath(one) for one in sources]
    for out in outs:
        if out is None or out == STDOUT:
            continue
        if os.path.realpath(out) in taken:
            raise FileError("{file} is named twice. Write to another file.", file=out)
        taken.append(os.path.realpath(out))


def _refuse_count(rows: int) -> None:
    if rows > MAX_MADE:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_MADE, count=rows)


def _write(out: Path, table: Table) -> None:
    if out == STDOUT:
        sys.stdout.buffer.write(written(table))
        sys.stdout.buffer.flush()
    else:
        write_file(out, FORMS[out.suffix.casefold()](table))


def _read(file: Path) -> bytes:
    body = read_file(file, 4 * MAX_BYTES + 1)
    if len(body) > 4 * MAX_BYTES:
        raise FileError("{file} is far too large: I read {most} MB.", file=file, most=MAX_BYTES // 1024 // 1024)
    return body


def _write_privately(file: Path, body: bytes) -> None:
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    write_file(file, body)
