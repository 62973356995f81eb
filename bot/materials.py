"""Reads the text of an attachment, in a process of its own that may be killed: files from strangers can be traps.

`python -m bot.materials ENDING` reads a file from standard input and writes its text to standard output.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import zipfile
from pathlib import PurePosixPath

from bot.errors import FileError, RefusedError
from personas.profile import clean

MOST_BYTES = 8 * 1024 * 1024
MOST_CHARACTERS = 60_000
ENDINGS = ("txt", "md", "pdf", "docx")
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

_TAKES = "I can read .txt, .md, .pdf and .docx files of at most 8 MB."


def check(name: str, size: int, content_type: str = "") -> str:
    """The ending of a file that can be read.

    Raises:
        FileError: it is of another type, or too large.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if not ending and content_type.startswith("text/plain"):
        ending = "txt"
    if ending not in ENDINGS:
        shown = f".{ending} files" if ending.isalnum() and len(ending) <= 8 else "files of that type"
        raise FileError(f"I cannot read {shown}. {_TAKES}")
    if size > MOST_BYTES:
        raise FileError(f"That file has {size / 1024 / 1024:.1f} MB. {_TAKES}")
    return ending


async def read(name: str, body: bytes, content_type: str = "") -> str:
    """The text of a file.

    Raises:
        FileError: it is of another type, too large, damaged, encrypted, empty, or takes too long to read.
    """
    ending = check(name, len(body), content_type)
    if ending in ("txt", "md"):
        return _bounded(_decoded(body))
    async with _READERS:
        return _bounded(await _apart(ending, body))


async def _apart(ending: str, body: bytes) -> str:
    """The text of a file, read by a process that knows none of our secrets and may be killed."""
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
        said = err.decode("utf-8", "replace").strip().splitlines()
        known = said and said[-1].startswith("FileError: ")
        raise FileError(said[-1].removeprefix("FileError: ") if known else f"That .{ending} file is damaged.")
    return out.decode("utf-8", "replace")


def _bounded(text: str) -> str:
    text = clean(text)
    if not text:
        raise FileError("There is no text in that file. If it is a scan, copy the text you need into the brief.")
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(
            f"That file has {len(text):,} characters; I can use {MOST_CHARACTERS:,}. Send the part that matters."
        )
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
            raise FileError(
                f"That .pdf has {len(reader.pages)} pages; I read {_MOST_PAGES}. Send the part that matters."
            )
        return "\n\n".join(page.extract_text() for page in reader.pages)
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
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    except FileError:
        raise
    except Exception as error:
        raise FileError("That .docx file is damaged or is not a Word file. Save it again as .docx.") from error


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
        text = {"pdf": _pdf, "docx": _docx}[sys.argv[1]](body)
    except FileError as error:
        sys.stderr.write(f"FileError: {error}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
