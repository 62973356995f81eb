"""Reads the text of an attachment, in a process of its own that may be killed: files from strangers can be traps.

`python -m bot.materials ENDING` reads a file from standard input and writes its text to standard output.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import sys
import zipfile
from pathlib import PurePosixPath
from typing import Any

from bot.errors import FileError, Phrase, RefusedError
from personas.profile import clean

MOST_BYTES = 8 * 1024 * 1024
MOST_CHARACTERS = 60_000
# A document that is searched may be longer than one that is written from as a whole.
MOST_OF_DOCUMENT = 300_000
ENDINGS = ("txt", "md", "pdf", "docx")
DOCUMENTS = (*ENDINGS, "html", "htm", "csv")
# What stands between two pages, where a file has pages.
_PAGE = "\f"
# What the process that reads writes before the reason why it could not.
_REFUSED = "FileError: "
# A .docx is a zip: what it says it unpacks to may be so large at most, and so many times its own size.
_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_RATIO = 120
_MOST_PAGES = 200
_SECONDS = 20.0
_READERS = asyncio.Semaphore(2)
_CPU_SECONDS = 15
_PASSED_ON = {
    "PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LANG",
    "SYSTEMROOT",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
}
_ENCRYPTED = "That .pdf is encrypted. Save it without a password and send it again."
_MEMORY = 1024 * 1024 * 1024
# What a browser does not show.
_UNSEEN = (
    "//script|//style|//noscript|//template|//head|//iframe|//object|//svg|//*[@hidden or @aria-hidden='true']"
    "|//*[contains(translate(@style, ' ', ''), 'display:none') or contains(translate(@style, ' ', ''), 'visibility:hidden')"
    " or contains(translate(@style, ' ', ''), 'font-size:0')]"
)

_TAKES = "I can read {others} and {last} files of at most {most} MB."


def check(name: str, size: int, content_type: str = "", endings: tuple[str, ...] = ENDINGS) -> str:
    """The ending of a file that can be read, one of `endings`.

    Raises:
        FileError: it is of another type, or too large.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if not ending and content_type.startswith("text/plain"):
        ending = "txt"
    *others, last = (f".{one}" for one in endings)
    takes = Phrase(_TAKES, others=others, last=last, most=MOST_BYTES // 1024 // 1024)
    if ending not in endings:
        if ending.isalnum() and len(ending) <= 8:
            raise FileError("I cannot read .{ending} files. {takes}", ending=ending, takes=takes)
        raise FileError("I cannot read files of that type. {takes}", takes=takes)
    if size > MOST_BYTES:
        raise FileError("That file has {size:.1f} MB. {takes}", size=size / 1024 / 1024, takes=takes)
    return ending


async def read(name: str, body: bytes, content_type: str = "") -> str:
    """The text of a file.

    Raises:
        FileError: it is of another type, too large, damaged, encrypted, empty, or takes too long to read.
    """
    ending = check(name, len(body), content_type)
    text = _decoded(body) if ending in ("txt", "md") else (await _apart(ending, body)).replace(_PAGE, "\n\n")
    return _bounded(text, MOST_CHARACTERS)


async def read_pages(name: str, body: bytes, content_type: str = "") -> list[str]:
    """The text of a document, page by page; one page where it has none. Headings begin with "#".

    Raises:
        FileError: as `read` does, of what is read here: web pages and tables too.
    """
    ending = check(name, len(body), content_type, DOCUMENTS)
    text = _decoded(body) if ending in ("txt", "md") else await _apart(ending, body)
    return [clean(page) for page in _bounded(text, MOST_OF_DOCUMENT).split(_PAGE)]


async def _apart(ending: str, body: bytes) -> str:
    """The text of a file, read by a process that knows none of our secrets and may be killed."""
    async with _READERS:
        return await _in_process(ending, body)


async def _in_process(ending: str, body: bytes) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.materials", ending,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name in _PASSED_ON},
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(body), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise FileError("That file took too long to read. Copy the text you need into the brief instead.") from None
    if process.returncode:
        *_, last = ["", *err.decode("utf-8", "replace").strip().splitlines()]
        if last.startswith(_REFUSED):
            raise FileError(Phrase.from_json(json.loads(last.removeprefix(_REFUSED))))
        raise FileError("That .{ending} file is damaged.", ending=ending)
    return out.decode("utf-8", "replace")


def _bounded(text: str, most: int) -> str:
    text = clean(text)
    if not text:
        raise FileError("There is no text in that file. If it is a scan, copy the text you need into the brief.")
    if len(text) > most:
        said = "That file has {count:,} characters; I can use {most:,}. Send the part that matters."
        raise RefusedError(said, count=len(text), most=most)
    return text


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("That file is not a text in any encoding I know. Save it as UTF-8.")


def _pdf(body: bytes) -> str:
    import pypdf
    import pypdf.errors

    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileError(_ENCRYPTED)
        if len(reader.pages) > _MOST_PAGES:
            said = "That .pdf has {count} pages; I read {most}. Send the part that matters."
            raise FileError(said, count=len(reader.pages), most=_MOST_PAGES)
        return _PAGE.join(page.extract_text() for page in reader.pages)
    except FileError:
        raise
    except pypdf.errors.DependencyError as error:
        raise FileError(_ENCRYPTED) from error
    except Exception as error:
        raise FileError("That .pdf file is damaged. Export it again, or copy the text into the brief.") from error


def _docx(body: bytes) -> str:
    from docx import Document

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MOST_UNPACKED or unpacked > _MOST_RATIO * len(body):
            raise FileError("That .docx unpacks to far more than it should hold, so I did not open it.")
        document = Document(io.BytesIO(body))
        cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
        return "\n".join([*map(_paragraph, document.paragraphs), *cells])
    except FileError:
        raise
    except Exception as error:
        raise FileError("That .docx file is damaged or is not a Word file. Save it again as .docx.") from error


def _paragraph(paragraph: Any) -> str:
    heading = str(getattr(paragraph.style, "name", "")).startswith(("Heading", "Title"))
    return f"# {paragraph.text}" if heading and paragraph.text.strip() else str(paragraph.text)


def _html(body: bytes) -> str:
    """What a reader of the page sees: no scripts, no comments, nothing hidden, no addresses of links."""
    from lxml import etree, html

    try:
        page = html.document_fromstring(_decoded(body))
        for hidden in page.xpath(_UNSEEN):
            hidden.drop_tree()
        etree.strip_elements(page, etree.Comment, etree.ProcessingInstruction, with_tail=False)
        for element in page.iter("h1", "h2", "h3", "h4", "p", "li", "tr", "br", "div", "section", "blockquote"):
            mark = "# " if str(element.tag).startswith("h") else ""
            element.text = f"\n\n{mark}{(element.text or '').lstrip()}"
            element.tail = f"\n{element.tail or ''}"
        lines = (" ".join(line.split()) for line in str(page.text_content()).splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    except FileError:
        raise
    except Exception as error:
        raise FileError(
            "That .html file is damaged. Save the page again, or copy the text into a .txt file."
        ) from error


def _csv(body: bytes) -> str:
    """A line a row, each value with its column's heading before it."""
    text = _decoded(body)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        heads, *rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(map(str.strip, row))] or [[]]
    except csv.Error as error:
        raise FileError("That .csv file is damaged. Save the table again as CSV.") from error
    told = (
        "; ".join(f"{head.strip()}: {cell.strip()}" for head, cell in zip(heads, row, strict=False)) for row in rows
    )
    return "\n".join(told) or "; ".join(heads)


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit of the parent holds there too.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _main() -> int:
    _limit_resources()
    body = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        text = {"pdf": _pdf, "docx": _docx, "html": _html, "htm": _html, "csv": _csv}[sys.argv[1]](body)
    except FileError as error:
        sys.stderr.write(f"{_REFUSED}{json.dumps(error.said.as_json())}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
