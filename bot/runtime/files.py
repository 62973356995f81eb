"""Files as they are written: whole or not at all, and readable by their owner alone where they are Quillmate's own."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from bot.errors import FileError

_FOLDER, _FILE = 0o700, 0o600


def read_file(file: Path, most: int = -1) -> bytes:
    """The bytes of a file, no more than `most` of them where that is given.

    Raises:
        FileError: it cannot be read, or is a pipe or a device, which may never end.
    """
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise FileError(f"{file} is a pipe or a device. Save what it gives in a file, and name that.")
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise FileError("{name} cannot be read: {why}.", name=str(file), why=error.strerror or "") from error


def write_file(out: Path, body: bytes) -> None:
    """Writes a file: its old content stays until the new one is there to the last byte.

    What is no file, such as a pipe or /dev/stdout, is written to as it is.

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
    """Behind symbolic links, which stay; with the rights that the file had."""
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o666
    if file.exists() and not os.access(file, os.W_OK):
        raise PermissionError(13, os.strerror(13))
    beside = file.with_name(f".{file.name[:40]}.{secrets.token_hex(4)}")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(opened, "wb") as new:
            new.write(body)
            new.flush()
            os.fsync(new.fileno())
        if file.exists():
            beside.chmod(mode)
        beside.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def keep_private() -> None:
    """From now on whatever this process makes can be read by its own user alone."""
    os.umask(0o077)


def tighten(folder: Path, own: Sequence[str]) -> list[Path]:
    """Takes the rights of others from what is Quillmate's in a folder, by patterns of names, and from all below that.

    The folder itself is only changed where it holds nothing else: it could be anybody's. Gives what others still have
    rights to.
    """
    if os.name == "nt":  # Rights are inherited from the user's own folder there.
        return []
    entries = list(folder.iterdir())
    ours = [one for one in entries if any(fnmatch(one.name, pattern) for pattern in own)]
    left = [path for one in ours for path in (one, *_below(one)) if not _tightened(path)]
    shared = len(ours) < len(entries) or not _tightened(folder)
    return [*([folder] if shared and stat.S_IMODE(folder.stat().st_mode) & 0o077 else []), *left]


def _below(folder: Path) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return
    for root, folders, files in os.walk(folder):
        yield from (Path(root) / name for name in (*folders, *files))


def _tightened(path: Path) -> bool:
    """What is a link is another's; what has gone meanwhile needs nothing."""
    try:
        found = path.lstat()
        wanted = _FOLDER if stat.S_ISDIR(found.st_mode) else _FILE
        if stat.S_ISLNK(found.st_mode) or not stat.S_IMODE(found.st_mode) & ~wanted & 0o077:
            return True
        path.chmod(stat.S_IMODE(found.st_mode) & ~0o077)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
