"""`quillmate data`: generated tables, learnt from a table or described in words, without any network access."""

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
from bot.synthesis.columns import ColumnType, Values, detect_columns, parse_values
from bot.synthesis.conditions import filter_rows
from bot.synthesis.engine import LearningOptions, build_kept_note, learn
from bot.synthesis.holdout import HOLDOUT_SHARE, split_holdout
from bot.synthesis.joins import TableJoin, join_tables, split_table
from bot.synthesis.learning import EpochCallback, Method, TrainingProgress
from bot.synthesis.models import pack, unpack
from bot.synthesis.personal_data import parse_personal_columns
from bot.synthesis.pseudonymizer import Pseudonymizer
from bot.synthesis.sampling import MAX_GENERATED_ROWS, sample, sample_values
from bot.synthesis.table import MAX_BYTES, RENDERERS, Table, find_heading, read_table, refuse_format, render_csv
from bot.synthesis.table_model import TableModel

# Interval between lines of progress without a terminal.
_PROGRESS_SECONDS = 5.0
_PEOPLE_FILE = "people.secret"


# Denotes standard output.
STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class TableRequest:
    """The arguments of `data make`."""

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
    # A second table, the output for its rows, and the common column.
    second: tuple[Path, Path] | None = None
    key: str = ""
    # The secret that fictional people are derived from; if empty, the table itself.
    secret: bytes = b""

    @property
    def options(self) -> LearningOptions:
        """The options for learning the table."""
        most = self.minutes * 60 or float("inf")
        named = (self.without, self.entity, self.time)
        return LearningOptions(
            Method(self.model),
            self.seed,
            *named,
            self.epochs,
            self.epsilon,
            most,
            rules=self.rules,
            condition=self.condition,
        )


def make(source: Path, out: Path, request: TableRequest) -> int:
    """Learn a table and write generated rows; also the figures and the model, if requested.

    Raises:
        QuillmateError: a file cannot be used, the table cannot be learnt, or no rows meet the condition.
    """
    began = time.monotonic()
    outputs = [out, *([request.second[1]] if request.second else [])]
    _refuse_unwritable(outputs, [one for one in (request.report, request.save) if one is not None])
    _refuse_overwriting(
        [source, *([request.second[0]] if request.second else [])], [*outputs, request.report, request.save]
    )
    _refuse_count(request.rows or 1)
    table, options, join, body = _read_tables(source, request)
    held = None
    whole = len(set(table.columns[join.key])) if join else table.rows
    if request.report is not None:
        table, held = split_holdout(table, request.seed, options.entity or options.key, privately=bool(request.epsilon))
    checkpoint = _Checkpoint.build(out, body, request)
    with _show_progress() as on_progress:
        table_model = learn(
            table, options, on_progress=on_progress, save=checkpoint.save, checkpoint=checkpoint.load(), held_out=held
        )
    if request.epsilon:
        whole = round(table_model.rows / (1 - HOLDOUT_SHARE)) if held else table_model.rows
    row_count = request.rows or whole
    values = _sample_rows(table_model, row_count, table, join, request)
    made = table_model.format_rows(values)
    if request.save is not None:
        _write_privately(request.save, table_model.pack())
    if request.report is not None:
        assert held is not None
        _write_report(request.report, source, table_model, table, held, values, request, began)
    tables = split_table(made, join, row_count) if join else (made,)
    for file, one in zip(outputs, tables, strict=True):
        _write(file, one)
    checkpoint.forget()
    for note in table_model.notes[len(build_kept_note(table)) :]:
        print(localize(note, request.language), file=sys.stderr)
    duration = time.monotonic() - began
    for file, one in zip(outputs, tables, strict=True):
        print(f"{file}: {one.rows:,} rows, made by {table_model.method.value} in {duration:.0f} s.", file=sys.stderr)
    return 0


def _read_tables(source: Path, request: TableRequest) -> tuple[Table, LearningOptions, TableJoin | None, bytes]:
    """Read the table or tables of a request as one in which personal data is replaced, and the bytes they were read of."""
    body = _read(source)
    table, options, join = read_table(source.name, body), request.options, None
    if request.second:
        other = _read(request.second[0])
        body, second = body + other, read_table(request.second[0].name, other)
    pseudonymizer = Pseudonymizer(request.secret or hashlib.sha256(body).digest())
    if request.second:
        table, options, join = _join_tables(table, second, pseudonymizer, request)
    else:
        table = pseudonymizer.pseudonymize(table, parse_personal_columns(request.personal), request.keep)
    for note in build_kept_note(table):
        print(localize(note, request.language), file=sys.stderr)
    if request.without and not join:
        table = table.drop_columns(request.without)
    return table, options, join, body


def _join_tables(
    first: Table, second: Table, pseudonymizer: Pseudonymizer, request: TableRequest
) -> tuple[Table, LearningOptions, TableJoin]:
    """Join two tables in which personal data is replaced."""
    if not request.key:
        raise RefusedError("Name a column that both tables have, such as --key patient_id.")
    if request.epsilon:
        raise RefusedError(
            "With epsilon, no two rows belong together, so there can be no second table. Leave out --with, or epsilon."
        )

    def select_names(names: tuple[str, ...], table: Table) -> tuple[str, ...]:
        own = {name.casefold() for name in table.columns}
        return tuple(name for name in names if name.partition("=")[0].strip().casefold() in own)

    for name in (*request.personal, *request.keep, *request.without):
        if not any(select_names((name,), table) for table in (first, second)):
            find_heading([*first.columns, *second.columns], name.partition("=")[0])
    first, second = (
        table.drop_columns(those) if (those := select_names(request.without, table)) else table
        for table in (first, second)
    )
    replaced = [
        pseudonymizer.pseudonymize(
            table, parse_personal_columns(select_names(request.personal, table)), select_names(request.keep, table)
        )
        for table in (first, second)
    ]
    table, join = join_tables(replaced[0], replaced[1], request.key)
    has_dates = any(one.type is ColumnType.DATE for one in detect_columns(table))
    entity = join.key if request.model in ("auto", "rnn") and has_dates else ""
    return table, replace(request.options, entity=request.entity or entity, key=join.key, alone=join.row_marker), join


def _sample_rows(
    table_model: TableModel, row_count: int, table: Table, join: TableJoin | None, request: TableRequest
) -> Values:
    """Sample rows; for joined tables, rows of the wanted number of keys."""
    wanted_rows = row_count
    if join:
        wanted_rows = round(1.1 * row_count * table.rows / len(set(table.columns[join.key]))) + 20
    while True:
        values = sample_values(
            table_model, min(wanted_rows, MAX_GENERATED_ROWS), seed=request.seed, condition=request.condition
        )
        # The last sequence may be cut.
        if join is None or len(set(values[join.key].tolist())) > row_count or wanted_rows >= MAX_GENERATED_ROWS:
            return values
        wanted_rows *= 2


def more(model_file: Path, out: Path, rows: int, seed: int, condition: str) -> int:
    """Write more rows of a saved model.

    Raises:
        QuillmateError: a file cannot be used, or no rows meet the condition.
    """
    _refuse_unwritable([out], [])
    _refuse_count(rows)
    _write(out, sample(TableModel.unpack(_read(model_file)), rows, seed=seed, condition=condition))
    return 0


def invent(words: str, out: Path, rows: int, seed: int) -> int:
    """Write a table that is described in words.

    Raises:
        QuillmateError: the words name no columns, or the file cannot be written.
    """
    from bot.synthesis.schema import build_schema, generate_table

    _refuse_unwritable([out], [])
    _refuse_count(rows or 1)
    schema = build_schema(words)
    table = generate_table(schema, rows or schema.rows, seed)
    _write(out, table)
    for note in schema.notes:
        print(note, file=sys.stderr)
    print(f"{out}: {table.rows:,} rows of {len(table.columns)} columns, all of them made up.", file=sys.stderr)
    return 0


def _write_report(
    file: Path,
    source: Path,
    table_model: TableModel,
    table: Table,
    held: Table,
    values: Any,
    request: TableRequest,
    began: float,
) -> None:
    from bot.synthesis import page
    from bot.synthesis.report import build_report

    columns = table_model.plan.columns
    real, apart = (filter_rows(request.condition, parse_values(part, columns), columns) for part in (table, held))
    report = build_report(table_model, real, apart, values, seed=request.seed)
    figures = report.to_json() | {"seconds": round(time.monotonic() - began, 1)}
    write_file(file, (json.dumps(figures, indent=2, ensure_ascii=False) + "\n").encode())
    write_file(file.with_suffix(".pdf"), page.render_pdf(report, source.name, request.language))
    write_file(file.with_suffix(".png"), page.render_report_png(report, source.name, request.language))
    for sentence in report.sentences:
        print(localize(sentence, request.language), file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """A checkpoint of training in a file next to the result; only valid for the same table and options."""

    file: Path
    mark: str

    @classmethod
    def build(cls, out: Path, body: bytes, request: TableRequest) -> _Checkpoint:
        options = {
            name: str(value) for name, value in asdict(request.options).items() if name not in ("seconds", "condition")
        }
        options |= {name: str(getattr(request, name)) for name in ("personal", "keep", "key", "secret")}
        options["report"] = str(request.report is not None)
        options["way"] = options.pop("method")  # As files of earlier versions call it.
        mark = hashlib.sha256(body + json.dumps(options, sort_keys=True).encode()).hexdigest()
        return cls(out.with_name(f".{out.name}.training"), mark)

    def save(self, state: bytes) -> None:
        if self.file.name == ".-.training":  # There is no place for it with standard output.
            return
        _write_privately(self.file, pack({"mark": self.mark}, {"state": np.frombuffer(state, dtype=np.uint8)}))

    def load(self) -> bytes:
        with contextlib.suppress(OSError, FileError):
            about, arrays = unpack(self.file.read_bytes())
            if about.get("mark") == self.mark:
                print("Continuing the interrupted training.", file=sys.stderr)
                return bytes(arrays["state"].tobytes())
        return b""

    def forget(self) -> None:
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)


@contextmanager
def _show_progress() -> Iterator[EpochCallback]:
    """Show progress on standard error: a bar on terminals, else a line from time to time."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("Learning, epoch"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task, before = bar.add_task("", total=None), 0.0

        def on_progress(progress: TrainingProgress) -> None:
            nonlocal before
            left = f"{progress.seconds:.0f} s left at most, likeness {progress.score:.2f}"
            bar.update(task, completed=progress.epoch, total=progress.epochs, description=left)
            if not console.is_terminal and time.monotonic() - before > _PROGRESS_SECONDS:
                before = time.monotonic()
                print(f"Epoch {progress.epoch} of {progress.epochs}, {left}.", file=sys.stderr, flush=True)

        yield on_progress


def load_people_secret(folder: Path) -> bytes:
    """Load the secret that fictional people are derived from on this machine, so that they are the same in every
    table; b"" if it cannot be stored.
    """
    file = folder / _PEOPLE_FILE
    with contextlib.suppress(OSError):
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_privately(file, secrets.token_bytes(32))
        return file.read_bytes()
    return b""


def _refuse_unwritable(outputs: Sequence[Path], other_files: Sequence[Path]) -> None:
    """Reject outputs that cannot be written, before anything is learnt.

    Raises:
        FileError: a file's extension is unknown, or its folder is missing or not writable.
    """
    for out in outputs:
        refuse_format(out.name)
    for file in (*outputs, *other_files):
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


def _refuse_overwriting(sources: Sequence[Path], outputs: Sequence[Path | None]) -> None:
    """Reject outputs that would overwrite a source or each other.

    Raises:
        FileError: a file is named twice.
    """
    used_paths = [os.path.realpath(one) for one in sources]
    for out in outputs:
        if out is None or out == STDOUT:
            continue
        if os.path.realpath(out) in used_paths:
            raise FileError("{file} is named twice. Write to another file.", file=out)
        used_paths.append(os.path.realpath(out))


def _refuse_count(rows: int) -> None:
    if rows > MAX_GENERATED_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_GENERATED_ROWS, count=rows)


def _write(out: Path, table: Table) -> None:
    if out == STDOUT:
        sys.stdout.buffer.write(render_csv(table))
        sys.stdout.buffer.flush()
    else:
        write_file(out, RENDERERS[out.suffix.casefold()](table))


def _read(file: Path) -> bytes:
    body = read_file(file, 4 * MAX_BYTES + 1)
    if len(body) > 4 * MAX_BYTES:
        raise FileError("{file} is far too large; the limit is {most} MB.", file=file, most=MAX_BYTES // 1024 // 1024)
    return body


def _write_privately(file: Path, body: bytes) -> None:
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    write_file(file, body)
