"""Read an attachment in an isolated process that can be killed, as files can be malicious.

`python -m bot.documents.materials READER` reads a file from standard input and writes its text, a table's rows
as JSON, or a picture in Base64 to standard output.
"""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.admission.fair import FairSemaphore
from bot.documents.web_pages import decode_as_declared, read_html
from bot.errors import FileError, Phrase, RefusedError
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess
from personas.profile import clean

from . import pictures, sheets
from .encodings import decode_text
from .word import OversizedError, read_docx

MAX_BYTES = 8 * 1024 * 1024
MAX_CHARACTERS = 60_000
# A document that is searched may be longer than one that is used in full.
MAX_DOCUMENT_CHARACTERS = 300_000
ENDINGS = ("txt", "md", "pdf", "docx")
DOCUMENTS = (*ENDINGS, "html", "htm", "csv")
# The separator of pages.
_PAGE_BREAK = "\f"
# The prefix of an error on the standard error of the reading process.
_ERROR_PREFIX = "FileError: "
# The prefix of a note to the user about a file that could be read.
_NOTE_PREFIX = "Note: "
_MAX_PAGES = 200
_READ_TIMEOUT_SECONDS = 20.0
# Including the time in the queue.
_TOTAL_TIMEOUT_SECONDS = 60.0
_READER_SLOTS = FairSemaphore(2)
# A lock per user with the number of calls that hold or await it: one file of a user is read at a time.
_locks_by_user: dict[str, tuple[asyncio.Lock, int]] = {}
_CPU_SECONDS = 15
_ENCRYPTED = "That .pdf is encrypted. Save it without a password and send it again."
_MAX_MEMORY_BYTES = 1024 * 1024 * 1024

_ACCEPTED_FILES = "I can read {others} and {last} files of at most {most} MB."


def check_file(name: str, size: int, content_type: str = "", endings: tuple[str, ...] = ENDINGS) -> str:
    """Check that a file can be read, and return its ending, one of `endings`.

    Raises:
        FileError: it has another type, is empty, or too large.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if not ending and content_type.startswith("text/plain"):
        ending = "txt"
    *others, last = (f".{known}" for known in endings)
    accepted = Phrase(_ACCEPTED_FILES, others=others, last=last, most=MAX_BYTES // 1024 // 1024)
    if ending not in endings:
        if ending.isalnum() and len(ending) <= 8:
            raise FileError("I cannot read .{ending} files. {takes}", ending=ending, takes=accepted)
        raise FileError("I cannot read files of that type. {takes}", takes=accepted)
    if not size:
        raise FileError("That file is empty (0 bytes). Attach another one.")
    if size > MAX_BYTES:
        raise FileError("That file is {size:.1f} MB. {takes}", size=size / 1024 / 1024, takes=accepted)
    return ending


# Limits that refuse cells that are too long, and limits that cut them.
_STRICT_LIMITS, _CUTTING_LIMITS = sheets.SheetLimits(), sheets.SheetLimits(cut=True)


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file by pages, and notes to its owner about how it was read."""

    pages: tuple[str, ...]
    notes: tuple[Phrase, ...] = ()

    @property
    def text(self) -> str:
        """The text of all pages."""
        return "\n\n".join(self.pages)


async def read(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> str:
    """Return the text of a file.

    Raises:
        FileError: as `read_material` does.
    """
    return (await read_material(name, body, content_type, user_id=user_id)).text


async def read_material(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> FileText:
    """Read a file that is used in full. The files of one user are read one at a time.

    Raises:
        FileError: it has another type, is too large, damaged, encrypted or empty, or takes too long to read.
        RefusedError: it has too many characters.
    """
    ending = check_file(name, len(body), content_type)
    text, notes = await _read_text(ending, body, user_id)
    return FileText(_clean_pages([text.replace(_PAGE_BREAK, "\n\n")], MAX_CHARACTERS), notes)


async def read_document(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> FileText:
    """Read a document by pages, also a web page or a table. Headings begin with "#".

    Raises:
        FileError: as `read_material` does.
        RefusedError: it has too many characters.
    """
    ending = check_file(name, len(body), content_type, DOCUMENTS)
    text, notes = await _read_text(ending, body, user_id)
    return FileText(_clean_pages(text.split(_PAGE_BREAK), MAX_DOCUMENT_CHARACTERS), notes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its headings, rows of as many cells, notes to its owner about how it was read, and the delimiter of a .csv."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Phrase, ...] = ()
    delimiter: str = ","


async def read_sheet(name: str, body: bytes, content_type: str = "", *, user_id: str = "", cut: bool = False) -> Sheet:
    """Read a table with headings from a .csv or .xlsx; `cut` cuts cells that are too long instead of refusing them.

    Raises:
        FileError: as `read_material` does, and without rows below the headings.
    """
    ending = check_file(name, len(body), content_type, sheets.ENDINGS)
    text, notes = await _read_isolated(ending, body, user_id, f"{'cut' if cut else 'sheet'}.{ending}")
    table = json.loads(text)
    headings, *rows = ([clean(cell) for cell in row] for row in table["rows"] or [[]])
    if not rows:
        raise FileError(
            "That table has no rows. The first row must contain the headings; every other row becomes a text."
        )
    return Sheet(tuple(headings), tuple(map(tuple, rows)), notes, table.get("delimiter", ","))


async def read_picture(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> bytes:
    """Read a picture as a small JPEG. The files of one user are read one at a time.

    Raises:
        FileError: it has another type, is too large or damaged, or has too many pixels.
    """
    ending = check_file(name, len(body), content_type, pictures.ENDINGS)
    text, _ = await _read_isolated(ending, body, user_id, "picture")
    return base64.b64decode(text)


async def _read_text(ending: str, body: bytes, user_id: str) -> tuple[str, tuple[Phrase, ...]]:
    if ending in ("txt", "md"):
        decoded = decode_text(body)
        return decoded.text, tuple(describe_guess(decoded.guessed_encoding))
    return await _read_isolated(ending, body, user_id)


def describe_guess(encoding: str) -> Iterator[Phrase]:
    """Yield a note about a guessed encoding; nothing for an empty one."""
    if encoding:
        yield Phrase("I read that file as {encoding}. If characters look wrong, save it as UTF-8.", encoding=encoding)


async def _read_isolated(ending: str, body: bytes, user_id: str, reader: str = "") -> tuple[str, tuple[Phrase, ...]]:
    """Read a file in an isolated process without our secrets, with a named `reader` or that of its ending."""
    try:
        async with asyncio.timeout(_TOTAL_TIMEOUT_SECONDS), _hold_slot(user_id):
            return await _run_process(ending, body, reader or ending)
    except TimeoutError:
        raise FileError("I have too many files to read right now. Attach it again in a minute.") from None


@asynccontextmanager
async def _hold_slot(user_id: str) -> AsyncIterator[None]:
    """Hold a slot for reading. Users take turns; without a user id each call is a user of its own."""
    if not user_id:
        async with _READER_SLOTS.place(object()):
            yield
        return
    lock, call_count = _locks_by_user.get(user_id, (asyncio.Lock(), 0))
    _locks_by_user[user_id] = lock, call_count + 1
    try:
        async with lock, _READER_SLOTS.place(user_id):
            yield
    finally:
        lock, call_count = _locks_by_user.pop(user_id)
        if call_count > 1:
            _locks_by_user[user_id] = lock, call_count - 1


async def _run_process(ending: str, body: bytes, reader: str) -> tuple[str, tuple[Phrase, ...]]:
    process = await start_subprocess(
        "bot.documents.materials",
        reader,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(body), _READ_TIMEOUT_SECONDS)
    except asyncio.CancelledError:
        await kill_subprocess(process)
        raise
    except TimeoutError:
        await kill_subprocess(process)
        raise FileError("That file took too long to read. Copy the text you need into the brief instead.") from None
    messages = ["", *err.decode("utf-8", "replace").strip().splitlines()]
    if process.returncode:
        last = messages[-1]
        if last.startswith(_ERROR_PREFIX):
            raise FileError(Phrase.from_json(json.loads(last.removeprefix(_ERROR_PREFIX))))
        raise FileError("That .{ending} file is damaged. Save it again, then send it once more.", ending=ending)
    notes = (line.removeprefix(_NOTE_PREFIX) for line in messages if line.startswith(_NOTE_PREFIX))
    return out.decode("utf-8", "replace"), tuple(Phrase.from_json(json.loads(note)) for note in notes)


def _clean_pages(pages: Sequence[str], max_characters: int) -> tuple[str, ...]:
    """Return the pages without invisible characters; empty ones stay, so that the others keep their numbers.

    Raises:
        FileError: there is no text.
        RefusedError: there are too many characters.
    """
    cleaned = tuple(map(clean, pages))
    count = sum(map(len, cleaned))
    if not count:
        raise FileError("There is no text in that file. If it is a scan, copy the text you need into the brief.")
    if count > max_characters:
        message = "That file has {count:,} characters; I can use at most {most:,}. Send the part that matters."
        raise RefusedError(message, count=count, most=max_characters)
    return cleaned


def _send_notes(notes: Sequence[Phrase]) -> None:
    """Send notes for the user to the parent process."""
    for note in notes:
        sys.stderr.write(f"{_NOTE_PREFIX}{json.dumps(note.to_json())}\n")


def _decode(body: bytes) -> str:
    decoded = decode_text(body)
    _send_notes(list(describe_guess(decoded.guessed_encoding)))
    return decoded.text


def _read_pdf(body: bytes) -> str:
    import pypdf
    import pypdf.errors

    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileError(_ENCRYPTED)
        if len(reader.pages) > _MAX_PAGES:
            message = "That .pdf has {count} pages; I can read at most {most}. Send the part that matters."
            raise FileError(message, count=len(reader.pages), most=_MAX_PAGES)
        pages = [page.extract_text() for page in reader.pages]
        empty = [number for number, page in enumerate(pages, 1) if not page.strip()]
        if empty and len(empty) < len(pages):
            message = "I left out pages without text, such as scans: {pages}. Type in what you need from them."
            _send_notes([Phrase(message, pages=_format_ranges(empty))])
        return _PAGE_BREAK.join(pages)
    except FileError:
        raise
    except pypdf.errors.DependencyError as error:
        raise FileError(_ENCRYPTED) from error
    except Exception as error:  # pypdf raises errors of many sorts on damaged files.
        raise FileError("That .pdf file is damaged. Export it again, or copy the text into the brief.") from error


def _format_ranges(numbers: Sequence[int]) -> str:
    """Format numbers as ranges: 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _read_docx(body: bytes) -> str:
    try:
        return read_docx(body)
    except OversizedError as error:
        raise FileError(
            "That .docx unpacks to far more data than it should contain, so I did not open it. Save "
            "it again as a new file."
        ) from error
    except Exception as error:  # The readers of .docx raise errors of many sorts on damaged files.
        raise FileError("That .docx file is damaged or is not a Word file. Save it again as .docx.") from error


def _read_html(body: bytes) -> str:
    return read_html(decode_as_declared(body) or _decode(body))


def _read_csv(body: bytes) -> str:
    """Return a line per row, each value after its heading; values beyond the headings have none."""
    text = _decode(body)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(MAX_BYTES)
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        headings, *rows = [row for row in table if any(map(str.strip, row))] or [[]]
    except csv.Error as error:
        raise FileError("That .csv file is damaged. Save the table again as CSV.") from error
    return "\n".join("; ".join(_iter_cells(headings, row)) for row in rows) or "; ".join(headings)


def _iter_cells(headings: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for number, cell in enumerate(map(str.strip, row)):
        heading = headings[number].strip() if number < len(headings) else ""
        if heading or cell:
            yield f"{heading}: {cell}" if heading else cell


def _read_picture(body: bytes) -> str:
    return base64.b64encode(pictures.shrink_picture(body)).decode()


def _read_sheet_csv(body: bytes, limits: sheets.SheetLimits = _STRICT_LIMITS) -> str:
    text = _decode(body)
    return json.dumps({"rows": sheets.parse_csv(text, limits), "delimiter": sheets.find_delimiter(text)})


def _read_sheet_xlsx(body: bytes, limits: sheets.SheetLimits = _STRICT_LIMITS) -> str:
    return json.dumps({"rows": sheets.parse_xlsx(body, limits)})


# The readers by name: of text, of tables as rows, and of pictures.
_READERS_BY_NAME: dict[str, Callable[[bytes], str]] = {
    "pdf": _read_pdf,
    "docx": _read_docx,
    "html": _read_html,
    "htm": _read_html,
    "csv": _read_csv,
    "sheet.csv": _read_sheet_csv,
    "sheet.xlsx": _read_sheet_xlsx,
    "cut.csv": lambda body: _read_sheet_csv(body, _CUTTING_LIMITS),
    "cut.xlsx": lambda body: _read_sheet_xlsx(body, _CUTTING_LIMITS),
    "picture": _read_picture,
}


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's timeout applies there too.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))


def _main() -> int:
    exit_with_parent()
    _limit_resources()
    body = sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        text = _READERS_BY_NAME[sys.argv[1]](body)
    except FileError as error:
        sys.stderr.write(f"{_ERROR_PREFIX}{json.dumps(error.phrase.to_json())}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
