"""`quillmate batch`: a text for each job of a file, each appended to the file of results as soon as it is there."""

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
from bot.app import build_image_engine
from bot.checks.units import format_count
from bot.content import Request
from bot.engines import Engine
from bot.engines.images import ImageEngine
from bot.errors import FileError, SettingsError, describe_error
from bot.generation.pipeline import Pipeline
from bot.images.studio import use_engine_dialect
from bot.settings import Settings
from personas.profile import clean

from .generate import as_object, bounded, json_of, pipeline_of, progress, remembered, text_of

_JOB_KEYS = {"id", "kind", "brief", "profile"}
# In the order in which rows are written, by which half a row is known.
_ERROR_ORDER = ("id", "error")
_RESULTS_EVER = ("id", "kind", "text", "parts", "checks", "engine", "seed", "ms")
# Rows of earlier versions have not all of these.
_RESULT_ORDER = (*_RESULTS_EVER, "note", "understood", "unchecked", "to_check", "calls")
_ERROR_KEYS, _RESULT_KEYS = set(_ERROR_ORDER), set(_RESULTS_EVER)
_MAX_TORN = 50_000_000
_MAX_AT_ONCE = 8


async def generate_many(settings: Settings, jobs_file: Path, out: Path, *, seed: int) -> int:
    """Makes a text for each job that `out` holds no result of, a few at once.

    Raises:
        QuillmateError: a file cannot be used; nothing of either was changed then.
    """
    jobs = read_jobs(jobs_file)
    _refuse_same(jobs_file, out)
    with results(out) as kept:
        waiting = [job for job in jobs if str(job["id"]) not in kept.done]
        images = build_image_engine(settings)
        async with pipeline_of(settings) as pipeline:
            failed = await _make(pipeline, images, waiting, kept, seed)
    if failed:
        print(f"{failed} of {len(waiting)} jobs failed; see their lines in {out}.", file=sys.stderr)
    return 1 if failed else 0


async def _make(
    pipeline: Pipeline, images: ImageEngine | None, waiting: Sequence[dict[str, Any]], kept: Results, seed: int
) -> int:
    room, failed = FairSemaphore(_places(pipeline.engines.first)), 0
    with progress() as bar:
        task = bar.add_task("Making texts", total=len(waiting))

        async def work(job: dict[str, Any]) -> None:
            nonlocal failed
            async with room.place(None):
                row = await _job_row(pipeline, images, job, seed)
                kept.append(row)
                room.resize(_places(pipeline.engines.first))
            failed += "error" in row
            bar.advance(task)

        at_work = [asyncio.create_task(work(job)) for job in waiting]
        try:
            await asyncio.gather(*at_work)
        finally:  # Where a row cannot be written, no more are made.
            for one in at_work:
                one.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
    return failed


def _places(engine: Engine) -> int:
    """How many texts are made at once: as many as a local model still writes quickly, else one more than there are streams."""
    if engine.traits.local and engine.traits.capable:
        return engine.at_once
    return max(1, min(_MAX_AT_ONCE, engine.traits.streams + 1))


async def _job_row(pipeline: Pipeline, images: ImageEngine | None, job: dict[str, Any], seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        if unknown := set(job) - _JOB_KEYS:
            raise SettingsError(
                f"The job has no field {', '.join(sorted(unknown))}; it knows {', '.join(sorted(_JOB_KEYS))}."
            )
        if re.search("[\ud800-\udfff]", str(job["id"])):
            raise SettingsError("The job's id holds half a character (a lone surrogate). Give it another id.")
        brief = job.get("brief", "")
        if not isinstance(brief, str) or not clean(brief):
            raise SettingsError("The job has no brief, which is a text that says what to make.")
        request = Request(str(job["id"]), "cli", bounded(clean(brief)), kind=str(job.get("kind", "")), seed=seed)
        assignment = await pipeline.build_assignment(request, remembered(job.get("profile") or {}))
        result, *others = await pipeline.run(use_engine_dialect(assignment, images))
    except Exception as error:
        return {"id": job["id"], "error": describe_error(error)}
    row = as_object(result, round(1000 * (time.perf_counter() - started)))
    if others:
        made = [one.content.text for one in (result, *others)]
        told = [one.content.parts.get("prompt", one.content.text) for one in (result, *others)]
        row |= {"text": "\n\n".join(made), "parts": {**row["parts"], "variants": told}}
    return {"id": job["id"], **row}


def read_jobs(file: Path) -> list[dict[str, Any]]:
    """The jobs of a JSONL or CSV file; a CSV's profile column holds JSON or is empty.

    Raises:
        QuillmateError: it cannot be read, or a line is no job; the sentence names the line.
    """
    text = text_of(file)
    if file.suffix.lower() == ".csv":
        jobs = _rows(text, file)
    else:
        jobs = [json_of(line, file, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, job in enumerate(jobs, 1):
        if not isinstance(job, dict) or "id" not in job:
            raise FileError(f'Job {number} of {file} is no object with an "id".')
    return jobs


def _rows(text: str, file: Path) -> list[Any]:
    """The rows of a table; one that has more cells than the heading is refused, as an unquoted comma makes them."""
    jobs = []
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        heads = list(reader.fieldnames or ())
        if twice := sorted({head for head in heads if head and heads.count(head) > 1}):
            raise FileError(f"{file} has two columns {twice[0]}. Rename or remove one.")
        for row in reader:
            if any(cell.strip() for cell in row.get(None) or ()):
                raise FileError(
                    f"Line {reader.line_num} of {file} has more cells than the heading, which has {len(heads)}. "
                    'Put a cell that holds a comma into quotes: "tea, hot and sweet".'
                )
            job = {key: value for key, value in row.items() if key and value}
            if job.get("profile"):
                job["profile"] = json_of(job["profile"], file, reader.line_num)
            jobs.append(job)
    except csv.Error as error:
        raise FileError(f"{file} is no CSV: {error}.") from error
    return jobs


def _refuse_same(jobs_file: Path, out: Path) -> None:
    if out.exists() and out.samefile(jobs_file):
        raise SettingsError(f"{out} holds the jobs; name another file for the results.")


class Results:
    """A file of results that is held open. `done` are the ids that it has a result for; errors are tried again."""

    def __init__(self, file: Path, opened: int, done: frozenset[str]) -> None:
        self._file, self._opened, self.done = file, opened, done

    def append(self, row: dict[str, Any]) -> None:
        """Adds a row; one that does not fit is taken back as far as that is possible.

        Raises:
            FileError: it cannot be written, as on a full disk.
        """
        # Half a character has no UTF-8, but an escape that JSON knows.
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        before = os.fstat(self._opened).st_size
        try:
            _write(self._opened, line)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._opened, before)
            raise FileError(
                f"{self._file} cannot be written: {error.strerror}. Start it again then; what is made already stays."
            ) from error


@contextmanager
def results(out: Path) -> Iterator[Results]:
    """Holds a file of results, so that no other batch writes to it. Nothing is changed before it is known as such a file.

    Raises:
        FileError: it cannot be read or written, or holds something else.
        SettingsError: another batch writes to it.
    """
    try:
        opened = os.open(out, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise FileError(f"{out} cannot be written: {error.strerror}.") from error
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):  # A pipe or a device holds nothing to go on with.
            yield Results(out, opened, frozenset())
            return
        if not _held(opened):
            raise SettingsError(f"Another batch writes to {out}. Let it finish, or name another file for the results.")
        try:
            with os.fdopen(opened, "rb", closefd=False) as file:
                body = file.read()
            whole, torn = _known(body, out)
            _repair_end(out, opened, body, torn)
        except OSError as error:
            raise FileError(f"{out} cannot be written: {error.strerror}.") from error
        yield Results(out, opened, frozenset(str(row["id"]) for row in whole if "error" not in row))
    finally:
        os.close(opened)


def _known(body: bytes, out: Path) -> tuple[list[dict[str, Any]], bytes]:
    """The rows of a file of results, and what a process that was killed left of its last one.

    Raises:
        FileError: it is another file.
    """
    lines = body.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = lines.pop()
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            row = _row(line)
            if row is None:
                raise FileError(
                    f"Line {number} of {out} is no result of a batch, so nothing was written. Name another file."
                )
            rows.append(row)
    if not last.strip():  # Spaces are nothing that a batch leaves; they stay.
        return rows, b""
    if (row := _row(last)) is not None:
        return [*rows, row], b""
    if not (_begins_as_ours(last, ordered=not rows) if last.strip(b"\0") else rows):
        raise FileError(f"The last line of {out} is no result of a batch, so nothing was written. Name another file.")
    return rows, last


def _row(line: bytes) -> dict[str, Any] | None:
    """A line as a result or an error of a batch, None where it is neither."""
    try:
        found = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    ours = isinstance(found, dict) and (set(found) == _ERROR_KEYS or set(found) >= _RESULT_KEYS)
    return found if ours else None


def _begins_as_ours(torn: bytes, *, ordered: bool) -> bool:
    """Whether half a line can be the beginning of a row: an id first, then only what results have. In a file that holds no
    row it has to be in their order, as notes may have an id and a text as well.
    """
    try:  # A power cut leaves zeros, or half a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(torn.rstrip(b"\0"))
    except UnicodeDecodeError:
        return False
    if '{"id": '.startswith(text):
        return True
    if not text.startswith('{"id": '):
        return False
    names: tuple[str, ...] = ()
    at, decoder = 0, json.JSONDecoder()
    while found := re.match(r'[{,] ?"(\w*)("?)(:? ?)', text[at:]):
        name, closed, colon = found.groups()
        if not closed or not colon.startswith(":"):
            return at + found.end() == len(text) and any(key.startswith(name) for key in _next_keys(names, ordered))
        if name not in _next_keys(names, ordered):
            return False
        names += (name,)
        try:
            _, at = decoder.raw_decode(text, at + found.end())
        except (ValueError, RecursionError):
            return "\n" not in text and len(text) < _MAX_TORN  # The value that it broke off in.
    return text[at:] in ("", ",", ", ")


def _next_keys(names: tuple[str, ...], ordered: bool) -> list[str]:
    """What may stand behind the first names of a row."""
    if not ordered:
        return [*_RESULT_ORDER, *_ERROR_ORDER]
    orders = (_RESULT_ORDER, _ERROR_ORDER)
    return [order[len(names)] for order in orders if len(order) > len(names) and order[: len(names)] == names]


def _repair_end(out: Path, opened: int, body: bytes, torn: bytes) -> None:
    """Lets the next row begin on a line of its own; what is left of a row that broke off is set aside beside the file."""
    if torn.strip():
        _set_aside(out, torn)
    if torn:
        os.ftruncate(opened, len(body) - len(torn))
    elif body and not body.endswith(b"\n"):
        _write(opened, b"\n")


def _set_aside(out: Path, torn: bytes) -> None:
    """Into a new file, as one of that name may be anybody's."""
    for number in range(1, 1000):
        beside = out.with_name(f"{out.name}.torn" if number == 1 else f"{out.name}.torn-{number}")
        try:
            with beside.open("xb") as file:
                file.write(torn)
        except FileExistsError:
            continue
        print(f"The last line of {out} was broken off; it is set aside in {beside.name}.", file=sys.stderr)
        return
    raise FileError(f"{format_count(999, 'file')} {out.name}.torn stand beside {out}. Move them away.")


def _write(opened: int, body: bytes) -> None:
    while body:
        if not (written := os.write(opened, body)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        body = body[written:]


def _held(opened: int) -> bool:
    """Holds an open file as long as the process lives or it is closed; tells whether nobody held it."""
    try:
        import fcntl
    except ImportError:
        return _held_on_windows(opened)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # Some file systems of a network have no locks; it goes without there.
        return True
    return True


def _held_on_windows(opened: int) -> bool:
    import msvcrt

    lock: Any = msvcrt
    try:
        os.lseek(opened, 1 << 40, os.SEEK_SET)  # Beyond all rows, as what is held cannot be read there.
        lock.locking(opened, lock.LK_NBLCK, 1)
        os.lseek(opened, 0, os.SEEK_SET)
    except OSError:
        return False
    return True
