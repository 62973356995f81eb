"""Encryption at rest with AES-256-GCM: data is sealed with its owner's key, which a parent key wraps, which the operator's
key wraps.

An owner is a user or a workspace (`owners.py`). Without the operator's key no user's data can be read; without an owner's key,
nothing of that owner. If no file for parent keys is configured, the operator's key wraps owners' keys directly.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import DamagedError, StorageError
from .owners import describe_owners
from .parent_keys import PARENT_ID_PREFIX, ParentKeys

KEY_BYTES = 32
# NIST SP 800-38D: a random nonce of 96 bits is safe for 2^32 messages under one key.
_NONCE_BYTES = 12
_KEY_FORMAT = "32 bytes in base64, as `openssl rand -base64 32` prints them; older keys may follow after commas"


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """One owner's key. What it seals can be opened only for the same owner and the same purpose, such as a table's row.

    The `_older` keys, from before rotations of the operator's key, only open what they sealed.
    """

    owner_id: str
    _key: bytes
    _older: tuple[bytes, ...] = ()

    def seal(self, value: Any, purpose: str) -> bytes:
        """Encrypt a JSON value."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return self.seal_bytes(plain, purpose)

    def open(self, sealed: bytes, purpose: str) -> Any:
        """Decrypt a sealed JSON value.

        Raises:
            DamagedError: it was changed, or sealed for another owner or purpose.
        """
        return json.loads(self.open_bytes(sealed, purpose).decode("utf-8", "surrogatepass"))

    def seal_bytes(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt bytes."""
        return _encrypt(self._key, plain, f"{self.owner_id}/{purpose}")

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt sealed bytes.

        Raises:
            DamagedError: they were changed, or sealed for another owner or purpose.
        """
        for key in (self._key, *self._older):
            with contextlib.suppress(InvalidTag, ValueError):  # ValueError: the data is too short to contain a nonce.
                return _decrypt(key, sealed, f"{self.owner_id}/{purpose}")
        raise DamagedError

    def renew(self) -> OwnerKey:
        """Return the key with a new one in front, for future data; data sealed before can still be opened."""
        return OwnerKey(self.owner_id, secrets.token_bytes(KEY_BYTES), (self._key, *self._older))

    def pack(self) -> bytes:
        """Return the bytes to wrap: all keys, newest first."""
        return b"".join((self._key, *self._older))

    @classmethod
    def unpack(cls, owner_id: str, packed: bytes) -> Self:
        """Return the key that was packed."""
        current, *older = (packed[start : start + KEY_BYTES] for start in range(0, len(packed), KEY_BYTES))
        return cls(owner_id, current, tuple(older))


class Keyring:
    """The operator's keys: the first is current, the others are from before rotations.

    They come from a setting, or from a `file` of mode 600 that is created when first needed. With a file for `parents`,
    owners' keys are wrapped by parent keys, which can be destroyed one by one.
    """

    def __init__(self, keys: tuple[bytes, ...] = (), file: Path | None = None, parents: Path | None = None) -> None:
        self._keys, self._file = keys, file
        self.parents = ParentKeys(parents, self._wrap, self._unwrap, lambda: self.current_id) if parents else None

    @classmethod
    def load(cls, text: str, file: Path, parents: Path | None = None) -> Self:
        """Load the keyring from the text of QUILLMATE_KEY, or from the file if the text is empty.

        Raises:
            StorageError: a key is malformed, or the file cannot be read, or can be read by other system users.
        """
        if text.strip():
            return cls(_parse_keys(text, "QUILLMATE_KEY"), parents=parents)
        return cls(_read_keys(file), file, parents)

    @classmethod
    def create_ephemeral(cls) -> Self:
        """Create a keyring that is stored nowhere, for data that need not outlive the process."""
        return cls((secrets.token_bytes(KEY_BYTES),))

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the available operator and parent keys."""
        operator_key_ids = frozenset(map(_compute_key_id, self._keys))
        return operator_key_ids | self.parents.usable_ids if self.parents and self._keys else operator_key_ids

    @property
    def current_id(self) -> str:
        """The id of the current operator's key; the file is created if there is none."""
        return _compute_key_id(self._get_current_key())

    @property
    def location(self) -> str:
        """Where the operator's keys are, for messages."""
        return str(self._file) if self._file else "QUILLMATE_KEY"

    @property
    def has_older_keys(self) -> bool:
        """Whether there are operator's keys besides the current one."""
        return len(self._keys) > 1

    @property
    def has_key(self) -> bool:
        """Whether there is an operator's key; one in a file is created together with the first owner's key."""
        return bool(self._keys)

    @property
    def is_in_file(self) -> bool:
        """Whether the operator's keys are in a file, which a rotation may write."""
        return self._file is not None

    def create_owner_key(self, owner_id: str) -> tuple[OwnerKey, bytes, str]:
        """Create a key for an owner; return it, its wrapped bytes, and the id of the wrapping key."""
        owner_key = OwnerKey(owner_id, secrets.token_bytes(KEY_BYTES))
        return owner_key, *self.wrap(owner_key)

    def wrap(self, key: OwnerKey) -> tuple[bytes, str]:
        """Wrap an owner's key with the current parent or operator's key; return the bytes and the wrapping key's id."""
        purpose = f"key of {key.owner_id}"
        if self.parents is None:
            return self._wrap(key.pack(), purpose), self.current_id
        self._get_current_key()  # Create the operator's key first: it wraps the parent.
        parent_id, parent = self.parents.get_or_create_current(key.owner_id)
        return _encrypt(parent, key.pack(), purpose), parent_id

    def unwrap(self, owner_id: str, wrapped: bytes, key_id: str) -> OwnerKey:
        """Unwrap an owner's key with the wrapping key of an id.

        Raises:
            StorageError: the wrapping key is not available.
        """
        parent = self.parents.find_key(key_id) if self.parents and key_id[:1] == PARENT_ID_PREFIX else None
        wrapping_keys = [parent] if parent else [key for key in self._keys if _compute_key_id(key) == key_id]
        for key in wrapping_keys:
            with contextlib.suppress(InvalidTag, ValueError):
                return OwnerKey.unpack(owner_id, _decrypt(key, wrapped, f"key of {owner_id}"))
        raise StorageError(describe_lost_keys([self.find_lost_key_id(key_id)], self.location))

    def find_lost_key_id(self, key_id: str) -> str:
        """Return the id of the key that is missing to use a wrapping key: its operator's key if it is a parent, else its own."""
        return (self.parents.find_operator_key_id(key_id) if self.parents else None) or key_id

    def pseudonymise(self, owner_id: str) -> str:
        """Return a name of 64 characters for an owner, which cannot be computed without the operator's key."""
        return hmac.new(self._get_current_key(), f"forgotten {owner_id}".encode(), hashlib.sha256).hexdigest()

    def rewrap(self, owner_id: str, wrapped: bytes, key_id: str, *, renew: bool = False) -> tuple[bytes, str]:
        """Rewrap an owner's key, with `renew` after adding a new key; return the bytes and the wrapping key's id."""
        key = self.unwrap(owner_id, wrapped, key_id)
        return self.wrap(key.renew() if renew else key)

    def add_key(self) -> None:
        """Add a new current operator's key; the older ones stay until `drop_old_keys`. Only for keys in a file."""
        self._save((secrets.token_bytes(KEY_BYTES), *self._keys))

    def drop_old_keys(self) -> None:
        """Delete all operator's keys but the current one. Only for keys in a file."""
        self._save(self._keys[:1])

    def _get_current_key(self) -> bytes:
        if not self._keys:
            assert self._file is not None
            with contextlib.suppress(FileExistsError):  # Another process was quicker.
                _write_keys(self._file, (secrets.token_bytes(KEY_BYTES),))
            self._keys = _read_keys(self._file)
        return self._keys[0]

    def _save(self, keys: tuple[bytes, ...]) -> None:
        if self._file is None:
            raise StorageError("The key stands in QUILLMATE_KEY: put a new one before it there, with a comma between.")
        new_file = self._file.with_suffix(".new")
        new_file.unlink(missing_ok=True)
        _write_keys(new_file, keys)
        new_file.replace(self._file)
        self._keys = keys

    def _wrap(self, plain: bytes, purpose: str) -> bytes:
        """Wrap a parent key with the current operator's key."""
        return _encrypt(self._get_current_key(), plain, purpose)

    def _unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Unwrap a parent key with whichever operator's key wrapped it."""
        for key in self._keys:
            with contextlib.suppress(InvalidTag, ValueError):
                return _decrypt(key, wrapped, purpose)
        raise StorageError(
            f"{self.parents.file if self.parents else 'A key'} was written with an operator's key that is not in "
            f"{self.location}. Put that key back there: without it nothing that people wrote can be read."
        )


def describe_lost_keys(key_ids: list[str], location: str, owner_ids: Collection[str] = ()) -> str:
    """Return the message about missing keys: what cannot be read without them, and what to do."""
    subject = f"What {describe_owners(owner_ids)} wrote" if owner_ids else "What was written"
    names = " and ".join(sorted(key_ids)[:3]) + (f" and {len(key_ids) - 3} more" if len(key_ids) > 3 else "")
    if any(key_id[:1] == PARENT_ID_PREFIX for key_id in key_ids):
        kind, location = "the key", "parents.key: that file has to be of the same time as the database"
    else:
        kind = "the operator's key"
    return (
        f"{subject} is encrypted with {kind} {names}, which is not in {location}. Put it back there: without it "
        "these profiles, results and documents cannot be read by anybody. To go on without them: quillmate db forget-lost."
    )


def _encrypt(key: bytes, plain: bytes, purpose: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode())


def _decrypt(key: bytes, sealed: bytes, purpose: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())


def _compute_key_id(key: bytes) -> str:
    return hashlib.sha256(b"quillmate operator key" + key).hexdigest()[:8]


def _parse_keys(text: str, location: str) -> tuple[bytes, ...]:
    keys = []
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        try:
            key = base64.b64decode(part.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise StorageError(f"{location} holds no usable key; it should be {_KEY_FORMAT}.")
        keys.append(key)
    return tuple(keys)


def _read_keys(file: Path) -> tuple[bytes, ...]:
    try:
        text = file.read_text(encoding="ascii")
        mode = file.stat().st_mode
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise StorageError(f"{file}, which holds the operator's key, cannot be read.") from None
    if os.name == "posix" and mode & 0o077:
        raise StorageError(f"{file} holds the operator's key and can be read by others. Run: chmod 600 {file}")
    keys = _parse_keys(text, str(file))
    if not keys:
        raise StorageError(
            f"{file} holds no key. Put the operator's key back, or remove the file if nothing was kept yet."
        )
    return keys


def _write_keys(file: Path, keys: tuple[bytes, ...]) -> None:
    """Write keys to a new file. Raises FileExistsError if it exists."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write("".join(f"{base64.b64encode(key).decode()}\n" for key in keys))
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}. It is to hold the operator's key.") from error
