"""Fetches a model: checks free space, tries one source after another, and verifies the file's hash before giving it its
final name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from bot.errors import EngineError, FileError

from .catalogue import Model, format_size
from .machine import get_free_bytes
from .shelf import ModelShelf
from .sources import ModelSource, ProgressCallback, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Space left free besides the file: for wheels in transit, and for other programs that write to the disk.
SPARE_BYTES = 500_000_000
_CHUNK = 1 << 20


class ProgressReporter(Protocol):
    """Reports progress to the user."""

    def __call__(self, doing: str, total: int | None) -> AbstractContextManager[ProgressCallback]:
        """Start reporting work of so many bytes."""


def fetch_model(model: Model, shelf: ModelShelf, sources: Sequence[ModelSource], tell: ProgressReporter) -> Path:
    """Return the model's file, fetched from the first source that provides all of it, unless it is already here.

    Raises:
        EngineError: no source provides it.
        FileError: the folder cannot be written, or there is no space.
    """
    path = shelf.path_of(model)
    try:
        shelf.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock_model(model, shelf):
            if not shelf.has(model):
                _fetch_to_shelf(model, shelf, sources, tell)
    except OSError as error:
        raise FileError(
            f"{model.title} cannot be written to {shelf.folder}: {error.strerror or error}. Run the command again to "
            "continue the download."
        ) from error
    return path


def _fetch_to_shelf(model: Model, shelf: ModelShelf, sources: Sequence[ModelSource], tell: ProgressReporter) -> None:
    partial, failures = shelf.partial_of(model), []
    for source in sources:
        try:
            _check_free_space(model, source.size(model), shelf)
            with tell(f"{model.title} from {source.name}", model.bytes) as moved:
                source.fetch(model, partial, moved)
            with tell("Checking", model.bytes) as moved:
                found = compute_sha256(partial, moved)
            if found != model.sha256:
                partial.unlink()  # A download with a wrong hash cannot be resumed.
                raise SourceError("sent another file: its SHA-256 is not the one in the catalogue")
        except SourceError as error:
            failures.append(f"{source.name} {error}")
            continue
        _finish_file(partial, shelf.path_of(model))
        return
    raise EngineError(
        f"{model.title} could not be downloaded: {', and '.join(failures) or 'no source has it'}. Check the network, or bring the file "
        f"({model.file}) and run: quillmate model get {model.name} --file FILE"
    )


def _finish_file(partial: Path, path: Path) -> None:
    """Give a complete and verified file its final name."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(path)


def _check_free_space(model: Model, size: int | None, shelf: ModelShelf) -> None:
    """Raise FileError if the rest of a file does not fit on the disk."""
    size = model.bytes or size
    partial = shelf.partial_of(model)
    have = partial.stat().st_size if partial.exists() else 0
    free = get_free_bytes(shelf.folder)
    if size is not None and free < (wanted := max(0, size - have) + SPARE_BYTES):
        raise FileError(
            f"{model.title} needs {format_size(wanted)} on the disk of {shelf.folder}, but only {format_size(free)} is "
            "free. Free up some space, or let QUILLMATE_DATA name a folder on another disk."
        )


@contextmanager
def _lock_model(model: Model, shelf: ModelShelf) -> Iterator[None]:
    """Prevent other processes from writing the same file.

    Raises:
        FileError: one does.
    """
    lock = FileLock(shelf.folder / f".{model.name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise FileError(
            f"{model.title} is already being downloaded by another process. Wait until it is done."
        ) from None
    try:
        yield
    finally:
        lock.release()


def compute_sha256(file: Path, moved: ProgressCallback) -> str:
    """Return the hash of a file in hexadecimal digits."""
    digest, at = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while block := opened.read(_CHUNK):
            digest.update(block)
            at += len(block)
            moved(at)
    return digest.hexdigest()
