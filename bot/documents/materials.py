"""Reads the text of an attachment, in a process of its own that may be killed: files from strangers can be traps.

`python -m bot.documents.materials READER` reads a file from standard input and writes its text, or a table's rows as JSON, to
standard output.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import csv
import io
import json
import re
import string
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.admission.fair import FairSemaphore
from bot.errors import FileError, Phrase, RefusedError
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess
from personas.profile import clean

from . import pictures, sheets
from .encodings import decoded
from .word import OversizedError, text_of_docx

MAX_BYTES = 8 * 1024 * 1024
MAX_CHARACTERS = 60_000
# A document that is searched may be longer than one that is written from as a whole.
MAX_OF_DOCUMENT = 300_000
ENDINGS = ("txt", "md", "pdf", "docx")
DOCUMENTS = (*ENDINGS, "html", "htm", "csv")
# What stands between two pages, where a file has pages.
_PAGE = "\f"
# What the process that reads writes before the reason why it could not.
_REFUSED = "FileError: "
# What stands before something that the person is told of a file that could be read.
_NOTED = "Note: "
_MAX_PAGES = 200
_SECONDS = 20.0
# For waiting and reading together.
_WHOLE_SECONDS = 60.0
_READERS = FairSemaphore(2)
# Who reads a file now, and how many of theirs wait: at most one file of a person is read at a time.
_of_person: dict[str, tuple[asyncio.Lock, int]] = {}
_CPU_SECONDS = 15
_ENCRYPTED = "That .pdf is encrypted. Save it without a password and send it again."
_MEMORY = 1024 * 1024 * 1024
# What a browser does not show; a style in its plainest writing.
_STYLE = f"translate(@style, '{string.ascii_uppercase} ', '{string.ascii_lowercase}')"
_INVISIBLE = (
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "font-size:0",
    "opacity:0;",
    "color:transparent",
)
_UNSEEN = (
    "//script|//style|//noscript|//template|//head|//iframe|//object|//svg|//*[@hidden or @aria-hidden='true']|//*["
    + " or ".join(f"contains(concat({_STYLE}, ';'), '{one}')" for one in _INVISIBLE)
    + "]"
)

_TAKES = "I can read {others} and {last} files of at most {most} MB."


def check(name: str, size: int, content_type: str = "", endings: tuple[str, ...] = ENDINGS) -> str:
    """The ending of a file that can be read, one of `endings`.

    Raises:
        FileError: it is of another type, empty, or too large.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if not ending and content_type.startswith("text/plain"):
        ending = "txt"
    *others, last = (f".{one}" for one in endings)
    takes = Phrase(_TAKES, others=others, last=last, most=MAX_BYTES // 1024 // 1024)
    if ending not in endings:
        if ending.isalnum() and len(ending) <= 8:
            raise FileError("I cannot read .{ending} files. {takes}", ending=ending, takes=takes)
        raise FileError("I cannot read files of that type. {takes}", takes=takes)
    if not size:
        raise FileError("That file is empty (0 bytes). Attach another one.")
    if size > MAX_BYTES:
        raise FileError("That file is {size:.1f} MB. {takes}", size=size / 1024 / 1024, takes=takes)
    return ending


# Tables whose cells have to fit, and whose cells are cut where they do not.
_WHOLE, _CUT = sheets.Limits(), sheets.Limits(cut=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, page by page, and what its owner should know of how it was read."""

    pages: tuple[str, ...]
    notes: tuple[Phrase, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "\n\n".join(self.pages)


async def read(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> str:
    """The text of a file.

    Raises:
        FileError: as `read_material` does.
    """
    return (await read_material(name, body, content_type, user_id=user_id)).text


async def read_material(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> Reading:
    """A file that something is written from as a whole. Those of one person are read one after another.

    Raises:
        FileError: it is of another type, too large, damaged, encrypted, empty, or takes too long to read.
    """
    ending = check(name, len(body), content_type)
    text, notes = await _text(ending, body, user_id)
    return Reading(_bounded([text.replace(_PAGE, "\n\n")], MAX_CHARACTERS), notes)


async def read_document(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> Reading:
    """A document page by page; one page where it has none. Headings begin with "#".

    Raises:
        FileError: as `read_material` does, of what is read here: web pages and tables too.
    """
    ending = check(name, len(body), content_type, DOCUMENTS)
    text, notes = await _text(ending, body, user_id)
    return Reading(_bounded(text.split(_PAGE), MAX_OF_DOCUMENT), notes)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its headings, and rows of as many cells each. `notes` are what its owner should know of how it was read, and
    `delimiter` is what parted its cells where it was a .csv.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Phrase, ...] = ()
    delimiter: str = ","


async def read_sheet(name: str, body: bytes, content_type: str = "", *, user_id: str = "", cut: bool = False) -> Sheet:
    """A table with a row of headings, from a .csv or .xlsx; where it is `cut`, cells that are too long end after what is looked at.

    Raises:
        FileError: as `read_material` does; also where there is no row below the headings.
    """
    ending = check(name, len(body), content_type, sheets.ENDINGS)
    text, notes = await _apart(ending, body, user_id, f"{'cut' if cut else 'sheet'}.{ending}")
    read = json.loads(text)
    headings, *rows = ([clean(cell) for cell in row] for row in read["rows"] or [[]])
    if not rows:
        raise FileError(
            "That table has no rows. The first row must contain the headings; every other row becomes a text."
        )
    return Sheet(tuple(headings), tuple(map(tuple, rows)), notes, read.get("delimiter", ","))


async def read_picture(name: str, body: bytes, content_type: str = "", *, user_id: str = "") -> bytes:
    """A picture as a small JPEG. Those of one person are read one after another.

    Raises:
        FileError: it is of another type, too large, damaged, or unpacks to far too much.
    """
    ending = check(name, len(body), content_type, pictures.ENDINGS)
    text, _ = await _apart(ending, body, user_id, "picture")
    return base64.b64decode(text)


async def _text(ending: str, body: bytes, user_id: str) -> tuple[str, tuple[Phrase, ...]]:
    if ending in ("txt", "md"):
        found = decoded(body)
        return found.text, tuple(guess(found.guessed))
    return await _apart(ending, body, user_id)


def guess(encoding: str) -> Iterator[Phrase]:
    """What is said of a file in an encoding that it does not name itself; nothing where there is none."""
    if encoding:
        yield Phrase("I read that file as {encoding}. If characters look wrong, save it as UTF-8.", encoding=encoding)


async def _apart(ending: str, body: bytes, user_id: str, reader: str = "") -> tuple[str, tuple[Phrase, ...]]:
    """What a `reader` makes of a file, without one that of its ending: a process that knows none of our secrets and may be killed."""
    try:
        async with asyncio.timeout(_WHOLE_SECONDS), _turn(user_id):
            return await _in_process(ending, body, reader or ending)
    except TimeoutError:
        raise FileError("I have too many files to read right now. Attach it again in a minute.") from None


@asynccontextmanager
async def _turn(user_id: str) -> AsyncIterator[None]:
    """A place to read in. People take turns; without a name, everybody is somebody else."""
    if not user_id:
        async with _READERS.place(object()):
            yield
        return
    lock, waiting = _of_person.get(user_id, (asyncio.Lock(), 0))
    _of_person[user_id] = lock, waiting + 1
    try:
        async with lock, _READERS.place(user_id):
            yield
    finally:
        lock, waiting = _of_person.pop(user_id)
        if waiting > 1:
            _of_person[user_id] = lock, waiting - 1


async def _in_process(ending: str, body: bytes, reader: str) -> tuple[str, tuple[Phrase, ...]]:
    process = await start_subprocess(
        "bot.documents.materials", reader,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(body), _SECONDS)
    except asyncio.CancelledError:  # Nobody waits for it any more.
        await kill_subprocess(process)
        raise
    except TimeoutError:
        await kill_subprocess(process)
        raise FileError("That file took too long to read. Copy the text you need into the brief instead.") from None
    said = ["", *err.decode("utf-8", "replace").strip().splitlines()]
    if process.returncode:
        last = said[-1]
        if last.startswith(_REFUSED):
            raise FileError(Phrase.from_json(json.loads(last.removeprefix(_REFUSED))))
        raise FileError("That .{ending} file is damaged. Save it again, then send it once more.", ending=ending)
    noted = (line.removeprefix(_NOTED) for line in said if line.startswith(_NOTED))
    return out.decode("utf-8", "replace"), tuple(Phrase.from_json(json.loads(one)) for one in noted)


def _bounded(pages: Sequence[str], most: int) -> tuple[str, ...]:
    """The pages without marks that nobody sees; those without text stay, so that the others keep their numbers."""
    cleaned = tuple(map(clean, pages))
    count = sum(map(len, cleaned))
    if not count:
        raise FileError("There is no text in that file. If it is a scan, copy the text you need into the brief.")
    if count > most:
        said = "That file has {count:,} characters; I can use at most {most:,}. Send the part that matters."
        raise RefusedError(said, count=count, most=most)
    return cleaned


def _note(notes: Sequence[Phrase]) -> None:
    """Tells the process that waits for the text something for its owner."""
    for note in notes:
        sys.stderr.write(f"{_NOTED}{json.dumps(note.as_json())}\n")


def _decoded(body: bytes) -> str:
    found = decoded(body)
    _note(list(guess(found.guessed)))
    return found.text


def _pdf(body: bytes) -> str:
    import pypdf
    import pypdf.errors

    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileError(_ENCRYPTED)
        if len(reader.pages) > _MAX_PAGES:
            said = "That .pdf has {count} pages; I can read at most {most}. Send the part that matters."
            raise FileError(said, count=len(reader.pages), most=_MAX_PAGES)
        pages = [page.extract_text() for page in reader.pages]
        empty = [number for number, page in enumerate(pages, 1) if not page.strip()]
        if empty and len(empty) < len(pages):
            said = "I left out pages without text, such as scans: {pages}. Type in what you need from them."
            _note([Phrase(said, pages=_ranges(empty))])
        return _PAGE.join(pages)
    except FileError:
        raise
    except pypdf.errors.DependencyError as error:
        raise FileError(_ENCRYPTED) from error
    except Exception as error:
        raise FileError("That .pdf file is damaged. Export it again, or copy the text into the brief.") from error


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers as people write them: 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _docx(body: bytes) -> str:
    try:
        return text_of_docx(body)
    except OversizedError as error:
        raise FileError(
            "That .docx unpacks to far more data than it should contain, so I did not open it. Save "
            "it again as a new file."
        ) from error
    except Exception as error:
        raise FileError("That .docx file is damaged or is not a Word file. Save it again as .docx.") from error


def _html(body: bytes) -> str:
    """What a reader of the page sees: no scripts, no comments, nothing hidden, no addresses of links."""
    from lxml import etree, html

    try:
        page = html.document_fromstring(_named_encoding(body))
        for hidden in page.xpath(_UNSEEN):
            hidden.drop_tree()
        etree.strip_elements(page, etree.Comment, etree.ProcessingInstruction, with_tail=False)
        for element in page.iter("h1", "h2", "h3", "h4", "p", "li", "tr", "br", "div", "section", "blockquote"):
            mark = "# " if str(element.tag).startswith("h") else ""
            element.text = f"\n\n{mark}{(element.text or '').lstrip()}"
            element.tail = f"\n{element.tail or ''}"
        for cell in page.iter("td", "th"):  # Else the words of two cells would be one.
            cell.tail = f" {cell.tail or ''}"
        lines = (" ".join(line.split()) for line in str(page.text_content()).splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    except FileError:
        raise
    except Exception as error:
        raise FileError(
            "That .html file is damaged. Save the page again, or copy the text into a .txt file."
        ) from error


def _named_encoding(body: bytes) -> str:
    """The text of a web page in the encoding that it names, where that fits."""
    named = re.search(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", body[:2048])
    if named and not body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return _undeclared(body.decode(named[1].decode("ascii")))
    return _undeclared(_decoded(body))


def _undeclared(text: str) -> str:
    """Without the declaration of an encoding, which lxml would not take of what is decoded already."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _csv(body: bytes) -> str:
    """A line a row, each value with its column's heading before it; what stands beyond the headings stands without one."""
    text = _decoded(body)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(MAX_BYTES)
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        heads, *rows = [row for row in table if any(map(str.strip, row))] or [[]]
    except csv.Error as error:
        raise FileError("That .csv file is damaged. Save the table again as CSV.") from error
    return "\n".join("; ".join(_cells(heads, row)) for row in rows) or "; ".join(heads)


def _cells(heads: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for number, cell in enumerate(map(str.strip, row)):
        head = heads[number].strip() if number < len(heads) else ""
        if head or cell:
            yield f"{head}: {cell}" if head else cell


def _picture(body: bytes) -> str:
    return base64.b64encode(pictures.small(body)).decode()


def _sheet_csv(body: bytes, limits: sheets.Limits = _WHOLE) -> str:
    text = _decoded(body)
    return json.dumps({"rows": sheets.rows_of_csv(text, limits), "delimiter": sheets.delimiter_of(text)})


def _sheet_xlsx(body: bytes, limits: sheets.Limits = _WHOLE) -> str:
    return json.dumps({"rows": sheets.rows_of_xlsx(body, limits)})


# By its name, what reads a file: as text, or a table as rows of cells.
_READS: dict[str, Callable[[bytes], str]] = {
    "pdf": _pdf, "docx": _docx, "html": _html, "htm": _html, "csv": _csv, "sheet.csv": _sheet_csv, "sheet.xlsx": _sheet_xlsx,
    "cut.csv": lambda body: _sheet_csv(body, _CUT), "cut.xlsx": lambda body: _sheet_xlsx(body, _CUT), "picture": _picture,
}  # fmt: skip


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit of the parent holds there too.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _main() -> int:
    exit_with_parent()
    _limit_resources()
    body = sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        text = _READS[sys.argv[1]](body)
    except FileError as error:
        sys.stderr.write(f"{_REFUSED}{json.dumps(error.phrase.as_json())}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
