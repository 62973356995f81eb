"""Parent keys: between the operator's key and owners' keys, in a file of their own, so that one can be destroyed.

A database keeps deleted rows for a while: in free pages, write-ahead logs, replicas, dumps. A file does not. So owners' keys
are wrapped with parent keys that stand in no database. Whoever is forgotten shares a parent with a few others; these are given a
new parent, and the old one is destroyed. From then on no copy of the database opens what was forgotten, not even with the
operator's key (docs/decisions/0009-keys-that-are-destroyed.md).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from .errors import StorageError

# People are spread over so many parents: of a million of them, 16,000 are given a new parent when one is forgotten.
BUCKETS = 64
_LOCK_SECONDS = 10.0
# What the public names of parent keys begin with; those of the operator's keys are hexadecimal.
PARENT = "p"
# Wraps and unwraps bytes with the operator's key for a purpose.
WrapFunction = Callable[[bytes, str], bytes]


@dataclass(frozen=True, slots=True)
class _Parent:
    """A parent key: its public name, the bucket of people that it serves, that of the operator's key which wrapped it, and
    the key as it stands in the file.
    """

    id: str
    bucket: int
    operator_key_id: str
    wrapped: bytes

    @property
    def purpose(self) -> str:
        return f"parent {self.id} {self.bucket}"

    @property
    def line(self) -> str:
        return f"{self.id} {self.bucket} {self.operator_key_id} {self.wrapped.hex()}\n"


class ParentKeys:
    """The parent keys in a file, a line each: name, bucket, name of the operator's key, and the key, wrapped with that.

    Of a bucket's parents the last line is the current one. Several processes may share the file; lines may be repeated, so two
    copies of it can be joined. `wrap` and `unwrap` are the operator's, `by` gives the name of the key that wraps.
    """

    def __init__(self, file: Path, wrap: WrapFunction, unwrap: WrapFunction, by: Callable[[], str]) -> None:
        self.file = file
        self._wrap, self._unwrap, self._get_operator_key_id = wrap, unwrap, by
        self._parents: dict[str, _Parent] = {}
        self._keys: dict[str, bytes] = {}
        self._read_at: tuple[int, int] | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The public names of the parents that are there."""
        self._refresh()
        return frozenset(self._parents)

    @property
    def usable_ids(self) -> frozenset[str]:
        """The public names of those that the operator's keys open."""
        return frozenset(one for one in self.ids if self._can_open(one))

    def find_operator_key_id(self, parent_id: str) -> str | None:
        """The public name of the operator's key that wrapped a parent, None for a parent that is not there."""
        return self._parents[parent_id].operator_key_id if parent_id in self.ids else None

    def _can_open(self, parent_id: str) -> bool:
        try:
            return self.find_key(parent_id) is not None
        except StorageError:
            return False

    def find_key(self, parent_id: str) -> bytes | None:
        """A parent key by its public name, None where there is none (any more).

        Raises:
            StorageError: the operator's key that it was wrapped with is not here, or the file cannot be read.
        """
        if parent_id not in self._parents:
            self._refresh()
        if parent_id not in self._parents:
            return None
        if parent_id not in self._keys:
            parent = self._parents[parent_id]
            self._keys[parent_id] = self._unwrap(parent.wrapped, parent.purpose)
        return self._keys[parent_id]

    def get_current(self, owner_id: str) -> tuple[str, bytes]:
        """Name and key of the parent that an owner's key is to be wrapped with; made when it is the bucket's first.

        Raises:
            StorageError: the file cannot be read or written.
        """
        self._refresh()
        bucket = compute_bucket(owner_id)
        found = self._find_current(bucket) or self._add(bucket, first=True)
        if not self._can_open(found.id):  # The operator's key that wrapped it is lost, and with it what this one wraps.
            found = self._add(bucket, first=False)
        key = self.find_key(found.id)
        assert key is not None
        return found.id, key

    def renew(self, parent_id: str) -> str:
        """Makes a new current parent for the bucket of another, and gives its name. The old one stays until `destroy`."""
        self._refresh()
        return self._add(self._parents[parent_id].bucket, first=False).id

    def destroy(self, parent_ids: Collection[str]) -> None:
        """Removes parents from the file and overwrites where they stood: what they wrapped is lost for good.

        Raises:
            StorageError: the file cannot be written; nothing was destroyed.
        """
        with self._lock_file():
            gone = [one for one in parent_ids if one in self._parents]
            if not gone:
                return
            self._write([one for one in self._parents.values() if one.id not in gone])
            for parent_id in gone:
                self._parents.pop(parent_id)
                self._keys.pop(parent_id, None)

    def renew_all(self) -> None:
        """Makes a new current parent for every bucket that has one; the old ones stay until `destroy`."""
        self._refresh()
        for bucket in sorted({one.bucket for one in self._parents.values()}):
            self._add(bucket, first=False)

    def merge_lines(self, lines: Sequence[str]) -> None:
        """Adds the parents that a copy of the file holds; those that are here stay the current ones.

        Raises:
            StorageError: the file cannot be read or written, or a line is no key.
        """
        with self._lock_file():
            older = [self._parse_line(line) for line in lines if line.strip()]
            self._write([*(one for one in older if one.id not in self._parents), *self._parents.values()])
            self._read_at = None

    def list_unused(self, used: Collection[str]) -> list[str]:
        """Parents that nothing is wrapped with, but for each bucket's current one, if that can be opened."""
        self._refresh()
        current = {
            one.id for bucket in range(BUCKETS) if (one := self._find_current(bucket)) and self._can_open(one.id)
        }
        return [one for one in self._parents if one not in used and one not in current]

    def _add(self, bucket: int, *, first: bool) -> _Parent:
        with self._lock_file():
            if first and (found := self._find_current(bucket)):
                return found  # Another process was quicker.
            name, key = f"{PARENT}{secrets.token_hex(6)}", secrets.token_bytes(32)
            made = _Parent(name, bucket, self._get_operator_key_id(), self._wrap(key, f"parent {name} {bucket}"))
            self._write([*self._parents.values(), made])
            self._parents[name], self._keys[name] = made, key
            return made

    def _find_current(self, bucket: int) -> _Parent | None:
        return next((one for one in reversed(self._parents.values()) if one.bucket == bucket), None)

    @contextlib.contextmanager
    def _lock_file(self) -> Iterator[None]:
        """Holds the file against other processes, with what it says now."""
        try:
            with FileLock(f"{self.file}.lock", timeout=_LOCK_SECONDS, mode=0o600):
                self._refresh()
                yield
        except (OSError, TimeoutError) as error:
            said = getattr(error, "strerror", None) or "another process holds it"
            raise StorageError(
                f"{self.file} cannot be written: {said}. It is to hold the keys of people's keys."
            ) from error

    def _refresh(self) -> None:
        """Reads the file again where it has changed."""
        try:
            status = self.file.stat()
            if (status.st_mtime_ns, status.st_ino) == self._read_at:
                return
            lines = self.file.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            self._parents, self._keys, self._read_at = {}, {}, None
            return
        except (OSError, UnicodeDecodeError):
            raise StorageError(f"{self.file}, which holds the keys of people's keys, cannot be read.") from None
        if os.name == "posix" and status.st_mode & 0o077:
            raise StorageError(f"{self.file} holds keys and can be read by others. Run: chmod 600 {self.file}")
        self._parents = {one.id: one for one in map(self._parse_line, filter(str.strip, lines))}
        self._keys = {name: key for name, key in self._keys.items() if name in self._parents}
        self._read_at = (status.st_mtime_ns, status.st_ino)

    def _parse_line(self, line: str) -> _Parent:
        try:
            name, bucket, by, wrapped = line.split()
            return _Parent(name, int(bucket), by, bytes.fromhex(wrapped))
        except ValueError:
            raise StorageError(f"{self.file} holds a line that is no key. Put a copy of it back.") from None

    def _write(self, parents: list[_Parent]) -> None:
        """Puts a new file in the place of the old one, and zeros over what stood there."""
        fresh = self.file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.writelines(one.line for one in parents)
            opened.flush()
            os.fsync(opened.fileno())
        old = self.file.open("r+b") if self.file.exists() else None
        try:
            fresh.replace(self.file)
            _sync_folder(self.file.parent)
            if old is not None:
                size = os.fstat(old.fileno()).st_size
                old.write(bytes(size))
                old.flush()
                os.fsync(old.fileno())
        finally:
            if old is not None:
                old.close()
        status = self.file.stat()
        self._read_at = (status.st_mtime_ns, status.st_ino)


def compute_bucket(owner_id: str) -> int:
    """Which of the buckets an owner is in."""
    return hashlib.sha256(owner_id.encode()).digest()[0] % BUCKETS


def _sync_folder(folder: Path) -> None:
    """Makes a rename outlive a power cut, where folders can be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
