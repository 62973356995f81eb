"""File access: atomic writes, and private modes for Quillmate's own files."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from bot.errors import FileError

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


def read_file(file: Path, most: int = -1) -> bytes:
    """Read a file, at most `most` bytes where given.

    Raises:
        FileError: it cannot be read, or is a pipe or a device, which may be endless.
    """
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise FileError(f"{file} is a pipe or a device. Save its output to a file, and name that file.")
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise FileError("{name} cannot be read: {why}.", name=str(file), why=error.strerror or "") from error


def write_file(out: Path, body: bytes) -> None:
    """Write a file atomically: the old content stays until the new one is complete.

    Pipes and devices such as /dev/stdout are written directly.

    Raises:
        FileError: it cannot be written.
    """
    try:
        if out.exists() and not out.is_file():
            out.write_bytes(body)
        else:
            _replace(Path(os.path.realpath(out)), body)
    except OSError as error:
        raise FileError(f"{out} cannot be written: {error.strerror}.") from error


def _replace(file: Path, body: bytes) -> None:
    """Replace the file behind symbolic links, which stay; the mode is kept."""
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o666
    if file.exists() and not os.access(file, os.W_OK):
        raise PermissionError(13, os.strerror(13))
    temporary = file.with_name(f".{file.name[:40]}.{secrets.token_hex(4)}")
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(opened, "wb") as new:
            new.write(body)
            new.flush()
            os.fsync(new.fileno())
        if file.exists():
            temporary.chmod(mode)
        temporary.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def restrict_umask() -> None:
    """Make new files of this process accessible to its own user only."""
    os.umask(0o077)


def tighten(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Remove others' access to matching entries of a folder and everything below them.

    The folder itself is only changed when it holds nothing else, as it could be anyone's. Returns what others can
    still access.
    """
    if os.name == "nt":  # Permissions are inherited from the user's folder there.
        return []
    entries = list(folder.iterdir())
    matching = [one for one in entries if any(fnmatch(one.name, pattern) for pattern in patterns)]
    remaining = [path for one in matching for path in (one, *_walk(one)) if not _tighten_path(path)]
    shared = len(matching) < len(entries) or not _tighten_path(folder)
    return [*([folder] if shared and stat.S_IMODE(folder.stat().st_mode) & 0o077 else []), *remaining]


def _walk(folder: Path) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return
    for root, folders, files in os.walk(folder):
        yield from (Path(root) / name for name in (*folders, *files))


def _tighten_path(path: Path) -> bool:
    """Return whether a path is private now. Links belong to others; missing paths need nothing."""
    try:
        found = path.lstat()
        mode = _FOLDER_MODE if stat.S_ISDIR(found.st_mode) else _FILE_MODE
        if stat.S_ISLNK(found.st_mode) or not stat.S_IMODE(found.st_mode) & ~mode & 0o077:
            return True
        path.chmod(stat.S_IMODE(found.st_mode) & ~0o077)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
