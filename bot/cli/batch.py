"""`quillmate batch`: generates a text for each job of a file; each is appended to the file of results at once."""

from __future__ import annotations

import asyncio
import codecs
import csv
import errno
import io
import json
import os
import re
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bot.admission.fair import FairSemaphore
from bot.checks.units import format_count
from bot.configured_engines import build_image_engine
from bot.content import Request
from bot.engines import Engine
from bot.engines.images import ImageEngine
from bot.errors import FileError, SettingsError, describe_error
from bot.generation.pipeline import Pipeline
from bot.images.studio import use_engine_dialect
from bot.settings import Settings
from personas.profile import clean

from .generate import (
    build_progress_bar,
    open_pipeline,
    parse_json,
    parse_profile,
    read_text,
    result_to_json,
    validate_brief,
)

_JOB_KEYS = {"id", "kind", "brief", "profile"}
# Columns in the order of writing, to recognise partial rows.
_ERROR_COLUMNS = ("id", "error")
_REQUIRED_COLUMNS = ("id", "kind", "text", "parts", "checks", "engine", "seed", "ms")
# Rows of earlier versions lack some of these.
_RESULT_COLUMNS = (*_REQUIRED_COLUMNS, "note", "understood", "unchecked", "to_check", "calls")
_ERROR_KEYS, _RESULT_KEYS = set(_ERROR_COLUMNS), set(_REQUIRED_COLUMNS)
_MAX_PARTIAL_LINE_CHARACTERS = 50_000_000
_MAX_CONCURRENT_TEXTS = 8


async def generate_many(settings: Settings, jobs_file: Path, out: Path, *, seed: int) -> int:
    """Generate a text for each job without a result in `out`, several concurrently.

    Raises:
        QuillmateError: a file cannot be used; both are unchanged.
    """
    jobs = read_jobs(jobs_file)
    _refuse_same(jobs_file, out)
    with open_results(out) as result_file:
        pending_jobs = [job for job in jobs if str(job["id"]) not in result_file.done]
        images = build_image_engine(settings)
        async with open_pipeline(settings) as pipeline:
            failed = await _generate_texts(pipeline, images, pending_jobs, result_file, seed)
    if failed:
        print(f"{failed} of {len(pending_jobs)} jobs failed; see their lines in {out}.", file=sys.stderr)
    return 1 if failed else 0


async def _generate_texts(
    pipeline: Pipeline,
    images: ImageEngine | None,
    pending_jobs: Sequence[dict[str, Any]],
    result_file: ResultFile,
    seed: int,
) -> int:
    slots, failed = FairSemaphore(_count_slots(pipeline.engines.first)), 0
    with build_progress_bar() as bar:
        task = bar.add_task("Making texts", total=len(pending_jobs))

        async def generate(job: dict[str, Any]) -> None:
            nonlocal failed
            async with slots.place(None):
                row = await _generate_row(pipeline, images, job, seed)
                result_file.append(row)
                slots.resize(_count_slots(pipeline.engines.first))
            failed += "error" in row
            bar.advance(task)

        tasks = [asyncio.create_task(generate(job)) for job in pending_jobs]
        try:
            await asyncio.gather(*tasks)
        finally:  # If a row cannot be written, no more are generated.
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return failed


def _count_slots(engine: Engine) -> int:
    """Return the number of concurrent texts: as many as a local model still writes quickly, else one more than its
    streams.
    """
    if engine.traits.local and engine.traits.capable:
        return engine.max_concurrent
    return max(1, min(_MAX_CONCURRENT_TEXTS, engine.traits.streams + 1))


async def _generate_row(
    pipeline: Pipeline, images: ImageEngine | None, job: dict[str, Any], seed: int
) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        if unknown := set(job) - _JOB_KEYS:
            raise SettingsError(
                f"The job has no field {', '.join(sorted(unknown))}; it knows {', '.join(sorted(_JOB_KEYS))}."
            )
        if re.search("[\ud800-\udfff]", str(job["id"])):
            raise SettingsError("The job's ID contains half a character (a lone surrogate). Give it another ID.")
        brief = job.get("brief", "")
        if not isinstance(brief, str) or not clean(brief):
            raise SettingsError("The job has no brief, a text that says what to make.")
        request = Request(str(job["id"]), "cli", validate_brief(clean(brief)), kind=str(job.get("kind", "")), seed=seed)
        assignment = await pipeline.build_assignment(request, parse_profile(job.get("profile") or {}))
        result, *others = await pipeline.run(use_engine_dialect(assignment, images))
    except Exception as error:  # One job that fails must not end the batch; its row says why.
        return {"id": job["id"], "error": describe_error(error)}
    row = result_to_json(result, round(1000 * (time.perf_counter() - started)))
    if others:
        texts = [one.content.text for one in (result, *others)]
        prompts = [one.content.parts.get("prompt", one.content.text) for one in (result, *others)]
        row |= {"text": "\n\n".join(texts), "parts": {**row["parts"], "variants": prompts}}
    return {"id": job["id"], **row}


def read_jobs(file: Path) -> list[dict[str, Any]]:
    """Read the jobs of a JSONL or CSV file; the profile column of a CSV file contains JSON or is empty.

    Raises:
        QuillmateError: the file cannot be read, or a line is no job; the message names the line.
    """
    text = read_text(file)
    if file.suffix.lower() == ".csv":
        jobs = _parse_csv(text, file)
    else:
        jobs = [parse_json(line, file, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, job in enumerate(jobs, 1):
        if not isinstance(job, dict) or "id" not in job:
            raise FileError(f'Job {number} of {file} is not an object with an "id".')
    return jobs


def _parse_csv(text: str, file: Path) -> list[Any]:
    """Parse the rows of a table; one with more cells than the heading is rejected, as it results from an unquoted
    comma.
    """
    jobs = []
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        heads = list(reader.fieldnames or ())
        if duplicates := sorted({head for head in heads if head and heads.count(head) > 1}):
            raise FileError(f"{file} has two columns {duplicates[0]}. Rename or remove one.")
        for row in reader:
            if any(cell.strip() for cell in row.get(None) or ()):
                raise FileError(
                    f"Line {reader.line_num} of {file} has more cells than the heading, which has {len(heads)}. "
                    'Put a cell that contains a comma in quotes: "tea, hot and sweet".'
                )
            job = {key: value for key, value in row.items() if key and value}
            if job.get("profile"):
                job["profile"] = parse_json(job["profile"], file, reader.line_num)
            jobs.append(job)
    except csv.Error as error:
        raise FileError(f"{file} is not valid CSV: {error}.") from error
    return jobs


def _refuse_same(jobs_file: Path, out: Path) -> None:
    if out.exists() and out.samefile(jobs_file):
        raise SettingsError(f"{out} is the file of jobs; name another file for the results.")


class ResultFile:
    """An open file of results. `done` are the ids with a result; errors are tried again."""

    def __init__(self, file: Path, descriptor: int, done: frozenset[str]) -> None:
        self._file, self._descriptor, self.done = file, descriptor, done

    def append(self, row: dict[str, Any]) -> None:
        """Append a row; if it cannot be written completely, remove its beginning if possible.

        Raises:
            FileError: the file cannot be written, for example because the disk is full.
        """
        # Lone surrogates have no UTF-8, but a JSON escape.
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        before = os.fstat(self._descriptor).st_size
        try:
            _write_fully(self._descriptor, line)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, before)
            raise FileError(
                f"{self._file} cannot be written: {error.strerror}. Run it again after that; finished results are kept."
            ) from error


@contextmanager
def open_results(out: Path) -> Iterator[ResultFile]:
    """Open and lock a file of results, so that no other batch writes to it. Nothing is changed before its format is
    verified.

    Raises:
        FileError: the file cannot be read or written, or has other contents.
        SettingsError: another batch writes to it.
    """
    try:
        descriptor = os.open(out, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise FileError(f"{out} cannot be written: {error.strerror}.") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # A pipe or a device has no earlier results.
            yield ResultFile(out, descriptor, frozenset())
            return
        if not _try_lock(descriptor):
            raise SettingsError(f"Another batch writes to {out}. Let it finish, or name another file for the results.")
        try:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                body = file.read()
            rows, partial_line = _parse_rows(body, out)
            _repair_end(out, descriptor, body, partial_line)
        except OSError as error:
            raise FileError(f"{out} cannot be written: {error.strerror}.") from error
        yield ResultFile(out, descriptor, frozenset(str(row["id"]) for row in rows if "error" not in row))
    finally:
        os.close(descriptor)


def _parse_rows(body: bytes, out: Path) -> tuple[list[dict[str, Any]], bytes]:
    """Parse the rows of a file of results, and return the partial last line of a killed process.

    Raises:
        FileError: the file has another format.
    """
    lines = body.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = lines.pop()
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            row = _parse_row(line)
            if row is None:
                raise FileError(
                    f"Line {number} of {out} is not a batch result, so nothing was written. Name another file."
                )
            rows.append(row)
    if not last.strip():  # Batches leave no blank lines: keep them.
        return rows, b""
    if (row := _parse_row(last)) is not None:
        return [*rows, row], b""
    if not (_is_row_beginning(last, ordered=not rows) if last.strip(b"\0") else rows):
        raise FileError(f"The last line of {out} is not a batch result, so nothing was written. Name another file.")
    return rows, last


def _parse_row(line: bytes) -> dict[str, Any] | None:
    """Parse a line as a result or an error of a batch; None if it is neither."""
    try:
        found = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    is_row = isinstance(found, dict) and (set(found) == _ERROR_KEYS or set(found) >= _RESULT_KEYS)
    return found if is_row else None


def _is_row_beginning(partial_line: bytes, *, ordered: bool) -> bool:
    """Whether a partial line can be the beginning of a row: an id first, followed only by columns of results. In a
    file without any row they have to be in order, as notes may also have an id and a text.
    """
    try:  # A power cut leaves zeros, or partial characters.
        text = codecs.getincrementaldecoder("utf-8")().decode(partial_line.rstrip(b"\0"))
    except UnicodeDecodeError:
        return False
    if '{"id": '.startswith(text):
        return True
    if not text.startswith('{"id": '):
        return False
    known_names: tuple[str, ...] = ()
    at, decoder = 0, json.JSONDecoder()
    while found := re.match(r'[{,] ?"(\w*)("?)(:? ?)', text[at:]):
        name, quote, colon = found.groups()
        if not quote or not colon.startswith(":"):
            return at + found.end() == len(text) and any(
                key.startswith(name) for key in _list_next_keys(known_names, ordered)
            )
        if name not in _list_next_keys(known_names, ordered):
            return False
        known_names += (name,)
        try:
            _, at = decoder.raw_decode(text, at + found.end())
        except (ValueError, RecursionError):
            return "\n" not in text and len(text) < _MAX_PARTIAL_LINE_CHARACTERS  # A partial value.
    return text[at:] in ("", ",", ", ")


def _list_next_keys(known_names: tuple[str, ...], ordered: bool) -> list[str]:
    """Return the columns that may follow the first ones of a row."""
    if not ordered:
        return [*_RESULT_COLUMNS, *_ERROR_COLUMNS]
    orders = (_RESULT_COLUMNS, _ERROR_COLUMNS)
    return [
        order[len(known_names)]
        for order in orders
        if len(order) > len(known_names) and order[: len(known_names)] == known_names
    ]


def _repair_end(out: Path, descriptor: int, body: bytes, partial_line: bytes) -> None:
    """Make the next row begin on a new line; a partial line is moved to a separate file."""
    if partial_line.strip():
        _save_partial_line(out, partial_line)
    if partial_line:
        os.ftruncate(descriptor, len(body) - len(partial_line))
    elif body and not body.endswith(b"\n"):
        _write_fully(descriptor, b"\n")


def _save_partial_line(out: Path, partial_line: bytes) -> None:
    """Save a partial line in a new file, as existing files of that name may have another origin."""
    for number in range(1, 1000):
        new_file = out.with_name(f"{out.name}.torn" if number == 1 else f"{out.name}.torn-{number}")
        try:
            with new_file.open("xb") as file:
                file.write(partial_line)
        except FileExistsError:
            continue
        print(f"The last line of {out} was incomplete; it was moved to {new_file.name}.", file=sys.stderr)
        return
    raise FileError(f"{format_count(999, 'file')} {out.name}.torn stand beside {out}. Move them away.")


def _write_fully(descriptor: int, body: bytes) -> None:
    while body:
        if not (written := os.write(descriptor, body)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        body = body[written:]


def _try_lock(descriptor: int) -> bool:
    """Lock an open file for the life of the process or until it is closed; return whether it was unlocked."""
    try:
        import fcntl
    except ImportError:
        return _try_lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # Some network file systems have no locks: continue without.
        return True
    return True


def _try_lock_on_windows(descriptor: int) -> bool:
    import msvcrt

    lock: Any = msvcrt
    try:
        os.lseek(descriptor, 1 << 40, os.SEEK_SET)  # Beyond all rows, as locked ranges cannot be read.
        lock.locking(descriptor, lock.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        return False
    return True
