"""`quillmate data`: generated tables, learnt from a table or described in words, without any network access."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.errors import FileError, RefusedError
from bot.locales import localize
from bot.runtime.files import write_file
from bot.synthesis.columns import ColumnType, Values, detect_columns, parse_values
from bot.synthesis.conditions import filter_rows
from bot.synthesis.engine import LearningOptions, build_kept_notes, learn
from bot.synthesis.holdout import HOLDOUT_SHARE, split_holdout
from bot.synthesis.joins import TableJoin, join_tables, split_table
from bot.synthesis.learning import EpochCallback, Method, TrainingProgress
from bot.synthesis.models import pack, unpack
from bot.synthesis.personal_data import parse_personal_columns
from bot.synthesis.pseudonymizer import Pseudonymizer
from bot.synthesis.sampling import MAX_GENERATED_ROWS, sample, sample_values
from bot.synthesis.table import Table, find_heading, read_table
from bot.synthesis.table_model import TableModel

from .data_files import read_source, refuse_overwriting, refuse_unwritable, write_privately, write_table

# Interval between lines of progress without a terminal.
_PROGRESS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TableRequest:
    """The arguments of `data make`."""

    method: str
    rows: int
    seed: int
    dropped_columns: tuple[str, ...] = ()
    condition: str = ""
    entity: str = ""
    time: str = ""
    epsilon: float = 0.0
    epochs: int = 0
    minutes: float = 0.0
    report: Path | None = None
    save: Path | None = None
    language: str = "en"
    personal_columns: tuple[str, ...] = ()
    real_columns: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    # A second table, and the output for its rows. Both or neither are set.
    second_source: Path | None = None
    second_out: Path | None = None
    # The column that both tables have.
    key: str = ""
    # The secret that fictional people are derived from; if empty, the table itself.
    secret: bytes = b""

    @property
    def options(self) -> LearningOptions:
        """The options for learning the table."""
        return LearningOptions(
            Method(self.method),
            self.seed,
            excluded_columns=self.dropped_columns,
            entity=self.entity,
            time=self.time,
            epochs=self.epochs,
            epsilon=self.epsilon,
            max_seconds=self.minutes * 60 or float("inf"),
            rules=self.rules,
            condition=self.condition,
        )


def make(source: Path, out: Path, request: TableRequest) -> int:
    """Learn a table and write generated rows. Also write the report and the model if requested.

    Raises:
        QuillmateError: a file cannot be used, the table cannot be learnt, or no rows meet the condition.
    """
    began = time.monotonic()
    sources = [source, *([request.second_source] if request.second_source else [])]
    outputs = [out, *([request.second_out] if request.second_out else [])]
    refuse_unwritable(outputs, [path for path in (request.report, request.save) if path is not None])
    refuse_overwriting(sources, [*outputs, request.report, request.save])
    _check_row_count(request.rows or 1)
    table, options, join, source_bytes = _read_tables(source, request)
    holdout = None
    default_row_count = len(set(table.columns[join.key])) if join else table.row_count
    if request.report is not None:
        table, holdout = split_holdout(
            table, request.seed, options.entity or options.join_key, privately=bool(request.epsilon)
        )
    checkpoint = _Checkpoint.build(out, source_bytes, request)
    with _show_progress() as on_progress:
        table_model = learn(
            table,
            options,
            on_progress=on_progress,
            save_checkpoint=checkpoint.save,
            checkpoint=checkpoint.load(),
            held_out=holdout,
        )
    if request.epsilon:
        default_row_count = round(table_model.row_count / (1 - HOLDOUT_SHARE)) if holdout else table_model.row_count
    first_table_rows = request.rows or default_row_count
    values = _sample_rows(table_model, first_table_rows, table, join, request)
    generated_table = table_model.format_rows(values)
    if request.save is not None:
        write_privately(request.save, table_model.pack())
    if request.report is not None:
        assert holdout is not None
        _write_report(request.report, source, table_model, table, holdout, values, request, began)
    tables = split_table(generated_table, join, first_table_rows) if join else (generated_table,)
    for file, output_table in zip(outputs, tables, strict=True):
        write_table(file, output_table)
    checkpoint.forget()
    _print_notes(table, table_model, request.language)
    duration = time.monotonic() - began
    for file, output_table in zip(outputs, tables, strict=True):
        print(
            f"{file}: {output_table.row_count:,} rows, made by {table_model.method.value} in {duration:.0f} s.",
            file=sys.stderr,
        )
    return 0


def _print_notes(table: Table, table_model: TableModel, language: str) -> None:
    """Print what users should know of a learnt table; notes about kept columns are already printed."""
    for note in table_model.notes[len(build_kept_notes(table)) :]:
        print(localize(note, language), file=sys.stderr)


def _read_tables(source: Path, request: TableRequest) -> tuple[Table, LearningOptions, TableJoin | None, bytes]:
    """Read the tables of a request, joined into one, with personal data replaced.

    Also return the learning options, the join if there is one, and the bytes of the source files.
    """
    source_bytes = read_source(source)
    table, options, join = read_table(source.name, source_bytes), request.options, None
    if request.second_source:
        second_bytes = read_source(request.second_source)
        second_table = read_table(request.second_source.name, second_bytes)
        source_bytes += second_bytes
    pseudonymizer = Pseudonymizer(request.secret or hashlib.sha256(source_bytes).digest())
    if request.second_source:
        table, options, join = _pseudonymize_and_join(table, second_table, pseudonymizer, request)
    else:
        personal_columns = parse_personal_columns(request.personal_columns)
        table = pseudonymizer.pseudonymize(table, personal_columns, request.real_columns)
    for note in build_kept_notes(table):
        print(localize(note, request.language), file=sys.stderr)
    if request.dropped_columns and not join:
        table = table.drop_columns(request.dropped_columns)
    return table, options, join, source_bytes


def _pseudonymize_and_join(
    first: Table, second: Table, pseudonymizer: Pseudonymizer, request: TableRequest
) -> tuple[Table, LearningOptions, TableJoin]:
    """Replace the personal data in two tables and join them.

    Raises:
        QuillmateError: no key is named, epsilon is set, neither table has a named column, or the tables cannot be joined.
    """
    if not request.key:
        raise RefusedError("Name a column that both tables have, such as --key patient_id.")
    if request.epsilon:
        raise RefusedError(
            "With epsilon, no two rows belong together, so there can be no second table. Leave out --with, or epsilon."
        )

    def select_names(names: tuple[str, ...], table: Table) -> tuple[str, ...]:
        headings = {name.casefold() for name in table.columns}
        return tuple(name for name in names if name.partition("=")[0].strip().casefold() in headings)

    for name in (*request.personal_columns, *request.real_columns, *request.dropped_columns):
        if not any(select_names((name,), table) for table in (first, second)):
            # Raises, as neither table has the column.
            find_heading([*first.columns, *second.columns], name.partition("=")[0])
    first, second = (
        table.drop_columns(names) if (names := select_names(request.dropped_columns, table)) else table
        for table in (first, second)
    )
    pseudonymized_tables = [
        pseudonymizer.pseudonymize(
            table,
            parse_personal_columns(select_names(request.personal_columns, table)),
            select_names(request.real_columns, table),
        )
        for table in (first, second)
    ]
    table, join = join_tables(pseudonymized_tables[0], pseudonymized_tables[1], request.key)
    has_dates = any(column.type is ColumnType.DATE for column in detect_columns(table))
    entity = join.key if request.method in ("auto", "rnn") and has_dates else ""
    return (
        table,
        replace(request.options, entity=request.entity or entity, join_key=join.key, row_marker=join.row_marker),
        join,
    )


def _sample_rows(
    table_model: TableModel, first_table_rows: int, table: Table, join: TableJoin | None, request: TableRequest
) -> Values:
    """Sample rows. For joined tables, sample until they have more distinct keys than the first table is to have rows, or the
    maximum number of rows is reached.
    """
    wanted_rows = first_table_rows
    if join:
        wanted_rows = round(1.1 * first_table_rows * table.row_count / len(set(table.columns[join.key]))) + 20
    while True:
        values = sample_values(
            table_model, min(wanted_rows, MAX_GENERATED_ROWS), seed=request.seed, condition=request.condition
        )
        # One key more than needed, as the last sequence may be cut.
        if join is None or len(set(values[join.key].tolist())) > first_table_rows or wanted_rows >= MAX_GENERATED_ROWS:
            return values
        wanted_rows *= 2


def generate_more(model_file: Path, out: Path, rows: int, seed: int, condition: str) -> int:
    """Generate more rows from a saved model and write them.

    Raises:
        QuillmateError: a file cannot be used, or no rows meet the condition.
    """
    refuse_unwritable([out], [])
    _check_row_count(rows)
    write_table(out, sample(TableModel.unpack(read_source(model_file)), rows, seed=seed, condition=condition))
    return 0


def invent(description: str, out: Path, rows: int, seed: int) -> int:
    """Generate a table from a description and write it.

    Raises:
        QuillmateError: the description names no columns, or the file cannot be written.
    """
    from bot.synthesis.schema import build_schema, generate_table

    refuse_unwritable([out], [])
    _check_row_count(rows or 1)
    schema = build_schema(description)
    table = generate_table(schema, rows or schema.row_count, seed)
    write_table(out, table)
    for note in schema.notes:
        print(note, file=sys.stderr)
    print(f"{out}: {table.row_count:,} rows of {len(table.columns)} columns, all of them made up.", file=sys.stderr)
    return 0


def _write_report(
    file: Path,
    source: Path,
    table_model: TableModel,
    table: Table,
    holdout: Table,
    values: Any,
    request: TableRequest,
    began: float,
) -> None:
    from bot.synthesis import page
    from bot.synthesis.report import build_report

    columns = table_model.plan.columns
    learnt_values, holdout_values = (
        filter_rows(request.condition, parse_values(part, columns), columns) for part in (table, holdout)
    )
    report = build_report(table_model, learnt_values, holdout_values, values, seed=request.seed)
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
    # A hash of the source files and the options.
    fingerprint: str

    @classmethod
    def build(cls, out: Path, source_bytes: bytes, request: TableRequest) -> _Checkpoint:
        options = {
            name: str(value) for name, value in asdict(request.options).items() if name not in ("seconds", "condition")
        }
        # As files of earlier versions call these.
        options |= {"personal": str(request.personal_columns), "keep": str(request.real_columns)}
        options |= {"key": str(request.key), "secret": str(request.secret), "way": options.pop("method")}
        options["report"] = str(request.report is not None)
        fingerprint = hashlib.sha256(source_bytes + json.dumps(options, sort_keys=True).encode()).hexdigest()
        return cls(out.with_name(f".{out.name}.training"), fingerprint)

    def save(self, state: bytes) -> None:
        if self.file.name == ".-.training":  # Standard output has no folder to put a checkpoint in.
            return
        write_privately(self.file, pack({"mark": self.fingerprint}, {"state": np.frombuffer(state, dtype=np.uint8)}))

    def load(self) -> bytes:
        with contextlib.suppress(OSError, FileError):
            metadata, arrays = unpack(self.file.read_bytes())
            if metadata.get("mark") == self.fingerprint:
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
        task, last_printed_at = bar.add_task("", total=None), 0.0

        def on_progress(progress: TrainingProgress) -> None:
            nonlocal last_printed_at
            status = f"{progress.seconds:.0f} s left at most, likeness {progress.score:.2f}"
            bar.update(task, completed=progress.epoch, total=progress.epochs, description=status)
            if not console.is_terminal and time.monotonic() - last_printed_at > _PROGRESS_SECONDS:
                last_printed_at = time.monotonic()
                print(f"Epoch {progress.epoch} of {progress.epochs}, {status}.", file=sys.stderr, flush=True)

        yield on_progress


def _check_row_count(rows: int) -> None:
    if rows > MAX_GENERATED_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_GENERATED_ROWS, count=rows)
