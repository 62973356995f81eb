"""The files of `data make` and `data more`: read, written, and refused before anything is learnt."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.errors import FileError
from bot.runtime.files import read_file, write_file
from bot.synthesis.table import MAX_BYTES, RENDERERS, Table, refuse_format, render_csv

_PEOPLE_FILE = "people.secret"
# Denotes standard output.
STDOUT = Path("-")


def load_or_create_people_secret(folder: Path) -> bytes:
    """Load this machine's secret for deriving fictional people, creating it if it does not exist.

    With it, the same person is replaced alike in every table. Return b"" if it cannot be stored.
    """
    file = folder / _PEOPLE_FILE
    with contextlib.suppress(OSError):
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_privately(file, secrets.token_bytes(32))
        return file.read_bytes()
    return b""


def refuse_unwritable(outputs: Sequence[Path], other_files: Sequence[Path]) -> None:
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


def refuse_overwriting(sources: Sequence[Path], outputs: Sequence[Path | None]) -> None:
    """Reject outputs that would overwrite a source or each other.

    Raises:
        FileError: a file is named twice.
    """
    used_paths = [os.path.realpath(source) for source in sources]
    for out in outputs:
        if out is None or out == STDOUT:
            continue
        if os.path.realpath(out) in used_paths:
            raise FileError("{file} is named twice. Write to another file.", file=out)
        used_paths.append(os.path.realpath(out))


def write_table(out: Path, table: Table) -> None:
    """Write a table in the format of the file's extension, or as CSV to standard output."""
    if out == STDOUT:
        sys.stdout.buffer.write(render_csv(table))
        sys.stdout.buffer.flush()
    else:
        write_file(out, RENDERERS[out.suffix.casefold()](table))


def read_source(file: Path) -> bytes:
    """Read a file.

    Raises:
        FileError: it cannot be read, or is too large.
    """
    content = read_file(file, 4 * MAX_BYTES + 1)
    if len(content) > 4 * MAX_BYTES:
        raise FileError("{file} is far too large; the limit is {most} MB.", file=file, most=MAX_BYTES // 1024 // 1024)
    return content


def write_privately(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    file.touch(mode=0o600, exist_ok=True)
    file.chmod(0o600)
    write_file(file, content)
