"""Parent keys: intermediate key-encryption keys, kept in a separate file so that each can be destroyed (crypto-shredding).

A database keeps deleted rows for a while: in free pages, write-ahead logs, replicas, dumps. A file can be overwritten.
So owners' keys are wrapped with parent keys that are not stored in any database. A forgotten owner shares a
parent with the other owners of a bucket; their keys are rewrapped with a new parent, and the old one is destroyed.
From then on the erased data cannot be decrypted from any copy of the database, not even with the operator's key
(docs/decisions/0009-keys-that-are-destroyed.md).
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

# The number of buckets that owners are hashed into. Of a million owners, 16,000 are rewrapped when one is forgotten.
BUCKET_COUNT = 64
_LOCK_SECONDS = 10.0
# Prefix of parent key ids; operator key ids are hexadecimal.
PARENT_ID_PREFIX = "p"
# Wraps or unwraps bytes with the operator's key, bound to a purpose (associated data).
WrapFunction = Callable[[bytes, str], bytes]


@dataclass(frozen=True, slots=True)
class _Parent:
    """A parent key: its id, its bucket, the id of the operator key that wrapped it, and the wrapped key."""

    id: str
    bucket: int
    operator_key_id: str
    wrapped: bytes

    @property
    def purpose(self) -> str:
        """What its key is wrapped for."""
        return f"parent {self.id} {self.bucket}"

    @property
    def line(self) -> str:
        """The line of the file."""
        return f"{self.id} {self.bucket} {self.operator_key_id} {self.wrapped.hex()}\n"


class ParentKeys:
    """The parent keys in a file, one per line: id, bucket, operator key id, wrapped key.

    The last line of a bucket is its current parent. Several processes may share the file; lines may be repeated, so two
    copies of it can be joined. `wrap` and `unwrap` use the operator's keys; `get_operator_key_id` returns the id of the
    current one.
    """

    def __init__(
        self, file: Path, wrap: WrapFunction, unwrap: WrapFunction, get_operator_key_id: Callable[[], str]
    ) -> None:
        self.file = file
        self._wrap, self._unwrap, self._get_operator_key_id = wrap, unwrap, get_operator_key_id
        self._parents: dict[str, _Parent] = {}
        self._keys: dict[str, bytes] = {}
        self._file_version: tuple[int, int] | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all parents in the file."""
        self._refresh()
        return frozenset(self._parents)

    @property
    def usable_ids(self) -> frozenset[str]:
        """The ids of the parents that the operator's keys can unwrap."""
        return frozenset(parent_id for parent_id in self.ids if self._can_unwrap(parent_id))

    def find_operator_key_id(self, parent_id: str) -> str | None:
        """Return the id of the operator key that wrapped a parent; None if the parent does not exist."""
        return self._parents[parent_id].operator_key_id if parent_id in self.ids else None

    def _can_unwrap(self, parent_id: str) -> bool:
        try:
            return self.find_key(parent_id) is not None
        except StorageError:
            return False

    def find_key(self, parent_id: str) -> bytes | None:
        """Return a parent key by its id; None if it never existed or was destroyed.

        Raises:
            StorageError: the operator key that wrapped it is not available, or the file cannot be read.
        """
        if parent_id not in self._parents:
            self._refresh()
        if parent_id not in self._parents:
            return None
        if parent_id not in self._keys:
            parent = self._parents[parent_id]
            self._keys[parent_id] = self._unwrap(parent.wrapped, parent.purpose)
        return self._keys[parent_id]

    def get_or_create_current(self, owner_id: str) -> tuple[str, bytes]:
        """Return the id and key of the owner's current parent; created if the bucket has none.

        Raises:
            StorageError: the file cannot be read or written.
        """
        self._refresh()
        bucket = compute_bucket(owner_id)
        parent = self._find_current(bucket) or self._add(bucket, only_if_missing=True)
        if not self._can_unwrap(parent.id):  # Its operator key is lost, and with it all keys that the parent wraps.
            parent = self._add(bucket, only_if_missing=False)
        key = self.find_key(parent.id)
        assert key is not None
        return parent.id, key

    def rotate(self, parent_id: str) -> str:
        """Add a new current parent to the bucket of `parent_id` and return its id. The old one stays until `destroy`."""
        self._refresh()
        return self._add(self._parents[parent_id].bucket, only_if_missing=False).id

    def destroy(self, parent_ids: Collection[str]) -> None:
        """Remove parents from the file and overwrite their bytes on disk: the keys they wrapped are lost for good.

        Raises:
            StorageError: the file cannot be written; nothing was destroyed.
        """
        with self._lock_file():
            existing_ids = [parent_id for parent_id in parent_ids if parent_id in self._parents]
            if not existing_ids:
                return
            self._write([parent for parent in self._parents.values() if parent.id not in existing_ids])
            for parent_id in existing_ids:
                self._parents.pop(parent_id)
                self._keys.pop(parent_id, None)

    def rotate_all(self) -> None:
        """Add a new current parent to every bucket that has one; the old ones stay until `destroy`."""
        self._refresh()
        for bucket in sorted({parent.bucket for parent in self._parents.values()}):
            self._add(bucket, only_if_missing=False)

    def merge_lines(self, lines: Sequence[str]) -> None:
        """Add the parents in a copy of the file; current parents stay current.

        Raises:
            StorageError: the file cannot be read or written, or a line is malformed.
        """
        with self._lock_file():
            imported = [self._parse_line(line) for line in lines if line.strip()]
            self._write([*(parent for parent in imported if parent.id not in self._parents), *self._parents.values()])
            self._file_version = None

    def list_unused(self, used_ids: Collection[str]) -> list[str]:
        """Return the ids of the parents that are not in `used_ids`, except current ones that can be unwrapped."""
        self._refresh()
        current_ids = {
            parent.id
            for bucket in range(BUCKET_COUNT)
            if (parent := self._find_current(bucket)) and self._can_unwrap(parent.id)
        }
        return [parent_id for parent_id in self._parents if parent_id not in used_ids and parent_id not in current_ids]

    def _add(self, bucket: int, *, only_if_missing: bool) -> _Parent:
        with self._lock_file():
            if only_if_missing and (existing := self._find_current(bucket)):
                return existing  # Another process was quicker.
            parent_id, key = f"{PARENT_ID_PREFIX}{secrets.token_hex(6)}", secrets.token_bytes(32)
            wrapped = self._wrap(key, f"parent {parent_id} {bucket}")
            parent = _Parent(parent_id, bucket, self._get_operator_key_id(), wrapped)
            self._write([*self._parents.values(), parent])
            self._parents[parent_id], self._keys[parent_id] = parent, key
            return parent

    def _find_current(self, bucket: int) -> _Parent | None:
        return next((parent for parent in reversed(self._parents.values()) if parent.bucket == bucket), None)

    @contextlib.contextmanager
    def _lock_file(self) -> Iterator[None]:
        """Lock the file against other processes and reload it."""
        try:
            with FileLock(f"{self.file}.lock", timeout=_LOCK_SECONDS, mode=0o600):
                self._refresh()
                yield
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or "another process holds it"
            raise StorageError(
                f"{self.file} cannot be written: {reason}. It has to hold the keys that encrypt users' keys."
            ) from error

    def _refresh(self) -> None:
        """Reload the file if it has changed."""
        try:
            status = self.file.stat()
            if (status.st_mtime_ns, status.st_ino) == self._file_version:
                return
            lines = self.file.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            self._parents, self._keys, self._file_version = {}, {}, None
            return
        except (OSError, UnicodeDecodeError):
            raise StorageError(f"{self.file}, which holds the keys that encrypt users' keys, cannot be read.") from None
        if os.name == "posix" and status.st_mode & 0o077:
            raise StorageError(f"{self.file} holds keys but can be read by others. Run: chmod 600 {self.file}")
        self._parents = {parent.id: parent for parent in map(self._parse_line, filter(str.strip, lines))}
        self._keys = {parent_id: key for parent_id, key in self._keys.items() if parent_id in self._parents}
        self._file_version = (status.st_mtime_ns, status.st_ino)

    def _parse_line(self, line: str) -> _Parent:
        try:
            parent_id, bucket, operator_key_id, wrapped = line.split()
            return _Parent(parent_id, int(bucket), operator_key_id, bytes.fromhex(wrapped))
        except ValueError:
            raise StorageError(f"{self.file} contains a line that is not a key. Restore a backup of it.") from None

    def _write(self, parents: list[_Parent]) -> None:
        """Replace the file atomically, then overwrite the old one with zeros."""
        new_path = self.file.with_suffix(".new")
        new_path.unlink(missing_ok=True)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.writelines(parent.line for parent in parents)
            stream.flush()
            os.fsync(stream.fileno())
        old_file = self.file.open("r+b") if self.file.exists() else None
        try:
            new_path.replace(self.file)
            _sync_folder(self.file.parent)
            if old_file is not None:
                size = os.fstat(old_file.fileno()).st_size
                old_file.write(bytes(size))
                old_file.flush()
                os.fsync(old_file.fileno())
        finally:
            if old_file is not None:
                old_file.close()
        status = self.file.stat()
        self._file_version = (status.st_mtime_ns, status.st_ino)


def compute_bucket(owner_id: str) -> int:
    """Return the number of an owner's bucket."""
    return hashlib.sha256(owner_id.encode()).digest()[0] % BUCKET_COUNT


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder survive a power cut, if the system can sync folders."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
