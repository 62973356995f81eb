"""Encryption at rest: AES-256-GCM under a key of each owner; those are wrapped by parent keys, and these by the operator's.

An owner is a person or a workspace (`owners.py`). Without the operator's key nothing that people wrote can be read; without an
owner's key, nothing of that owner. Where there is no file for parent keys, owners' keys are wrapped by the operator's themselves.
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
_FORM = "32 bytes in base64, as `openssl rand -base64 32` prints them; older keys may follow after commas"


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """One owner's key. What it seals opens only for the same owner and the same purpose, such as a table's row.

    `_older` are keys from before the operator's key was rotated: they open what they sealed, and seal nothing more.
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
            DamagedError: it was changed, or sealed for somebody or something else.
        """
        return json.loads(self.open_bytes(sealed, purpose).decode("utf-8", "surrogatepass"))

    def seal_bytes(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt bytes."""
        return _encrypt(self._key, plain, f"{self.owner_id}/{purpose}")

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt sealed bytes; raises as `open` does."""
        for key in (self._key, *self._older):
            with contextlib.suppress(InvalidTag, ValueError):  # ValueError: the data is too short to contain a nonce.
                return _decrypt(key, sealed, f"{self.owner_id}/{purpose}")
        raise DamagedError

    def renew(self) -> OwnerKey:
        """Return a new key for future data; data sealed before still opens."""
        return OwnerKey(self.owner_id, secrets.token_bytes(KEY_BYTES), (self._key, *self._older))

    def pack(self) -> bytes:
        """Return the keys, newest first, to be wrapped."""
        return b"".join((self._key, *self._older))

    @classmethod
    def unpack(cls, owner_id: str, packed: bytes) -> Self:
        """Return the key from packed bytes."""
        current, *older = (packed[start : start + KEY_BYTES] for start in range(0, len(packed), KEY_BYTES))
        return cls(owner_id, current, tuple(older))


class Keyring:
    """The operator's keys: the first wraps, the others are known from before a rotation.

    They come from a text (the environment), or from a file of mode 600 that is made when first needed. With a file for
    `parents`, owners' keys are wrapped by those, so that one can be destroyed.
    """

    def __init__(self, keys: tuple[bytes, ...] = (), file: Path | None = None, parents: Path | None = None) -> None:
        self._keys, self._file = keys, file
        self.parents = ParentKeys(parents, self._wrap, self._unwrap, lambda: self.current_id) if parents else None

    @classmethod
    def load(cls, text: str, file: Path, parents: Path | None = None) -> Self:
        """Load the keyring from a text, or from the file if the text is empty.

        Raises:
            StorageError: a key has another form, or the file can be read by others.
        """
        if text.strip():
            return cls(_parse_keys(text, "QUILLMATE_KEY"), parents=parents)
        return cls(_read_keys(file), file, parents)

    @classmethod
    def create_ephemeral(cls) -> Self:
        """Create a keyring that ends with the process, for data that need not outlive it."""
        return cls((secrets.token_bytes(KEY_BYTES),))

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the available keys; each wrapped key is stored with the id of its wrapping key."""
        return frozenset(map(_compute_key_id, self._keys)) | (
            self.parents.usable_ids if self.parents and self._keys else frozenset()
        )

    @property
    def current_id(self) -> str:
        """The id of the operator's wrapping key; the file is created if there is none."""
        return _compute_key_id(self._get_current_key())

    @property
    def location(self) -> str:
        """Where the operator's keys are, for messages."""
        return str(self._file) if self._file else "QUILLMATE_KEY"

    @property
    def has_older_keys(self) -> bool:
        """Whether older keys exist besides the current one."""
        return len(self._keys) > 1

    @property
    def has_key(self) -> bool:
        """Whether there is a key; one in a file is created with the first owner."""
        return bool(self._keys)

    @property
    def is_in_file(self) -> bool:
        """Whether the keys are in our own file, which a rotation may write."""
        return self._file is not None

    def new_owner(self, owner_id: str) -> tuple[OwnerKey, bytes, str]:
        """Create a key for an owner; return it, the wrapped key, and the id of its wrapping key."""
        owner_key = OwnerKey(owner_id, secrets.token_bytes(KEY_BYTES))
        return owner_key, *self.wrap(owner_key)

    def wrap(self, key: OwnerKey) -> tuple[bytes, str]:
        """Wrap an owner's key with the current parent or operator key; return it and the wrapping key's id."""
        purpose = f"key of {key.owner_id}"
        if self.parents is None:
            return self._wrap(key.pack(), purpose), self.current_id
        self._get_current_key()  # Create the wrapping key first.
        parent_id, parent = self.parents.get_or_create_current(key.owner_id)
        return _encrypt(parent, key.pack(), purpose), parent_id

    def unwrap(self, owner_id: str, wrapped: bytes, key_id: str) -> OwnerKey:
        """Unwrap an owner's key.

        Raises:
            StorageError: the key it was wrapped with is not available.
        """
        parent = self.parents.find_key(key_id) if self.parents and key_id[:1] == PARENT_ID_PREFIX else None
        for key in (
            [parent] if parent else [candidate for candidate in self._keys if _compute_key_id(candidate) == key_id]
        ):
            with contextlib.suppress(InvalidTag, ValueError):
                return OwnerKey.unpack(owner_id, _decrypt(key, wrapped, f"key of {owner_id}"))
        raise StorageError(describe_lost_keys([self.find_lost_name(key_id)], self.location))

    def find_lost_name(self, key_id: str) -> str:
        """Return the id of the missing key: the operator key that wrapped its parent, else the key's own."""
        return (self.parents.find_operator_key_id(key_id) if self.parents else None) or key_id

    def pseudonymise(self, owner_id: str) -> str:
        """Return a name for an owner that only holders of the operator's key can link to them, 64 characters."""
        return hmac.new(self._get_current_key(), f"forgotten {owner_id}".encode(), hashlib.sha256).hexdigest()

    def rewrap(self, owner_id: str, wrapped: bytes, key_id: str, *, renew: bool = False) -> tuple[bytes, str]:
        """Rewrap an owner's key, with `renew` a new one added; return it and the id of the current wrapping key."""
        key = self.unwrap(owner_id, wrapped, key_id)
        return self.wrap(key.renew() if renew else key)

    def add_key(self) -> None:
        """Add a new current key; the older ones stay until `drop_old_keys`. Only for keys in a file."""
        self._save((secrets.token_bytes(KEY_BYTES), *self._keys))

    def drop_old_keys(self) -> None:
        """Keep only the current key. Only for keys in a file."""
        self._save(self._keys[:1])

    def _get_current_key(self) -> bytes:
        if not self._keys:
            assert self._file is not None
            with contextlib.suppress(FileExistsError):  # Another process was quicker.
                _write_keys(self._file, (secrets.token_bytes(KEY_BYTES),), new=True)
            self._keys = _read_keys(self._file)
        return self._keys[0]

    def _save(self, keys: tuple[bytes, ...]) -> None:
        if self._file is None:
            raise StorageError("The key stands in QUILLMATE_KEY: put a new one before it there, with a comma between.")
        new_file = self._file.with_suffix(".new")
        new_file.unlink(missing_ok=True)
        _write_keys(new_file, keys, new=True)
        new_file.replace(self._file)
        self._keys = keys

    def _wrap(self, plain: bytes, purpose: str) -> bytes:
        """Wrap bytes with the operator's current key."""
        return _encrypt(self._get_current_key(), plain, purpose)

    def _unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Unwrap bytes with the operator's key that wrapped them."""
        for key in self._keys:
            with contextlib.suppress(InvalidTag, ValueError):
                return _decrypt(key, wrapped, purpose)
        raise StorageError(
            f"{self.parents.file if self.parents else 'A key'} was written with an operator's key that is not in "
            f"{self.location}. Put that key back there: without it nothing that people wrote can be read."
        )


def describe_lost_keys(ids: list[str], location: str, owner_ids: Collection[str] = ()) -> str:
    """Return the message for missing keys: what is lost without them, and what to do."""
    subject = f"What {describe_owners(owner_ids)} wrote" if owner_ids else "What was written"
    names = " and ".join(sorted(ids)[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    if any(item_id[:1] == PARENT_ID_PREFIX for item_id in ids):
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
            raise StorageError(f"{location} holds no usable key; it should be {_FORM}.")
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


def _write_keys(file: Path, keys: tuple[bytes, ...], *, new: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC)
    try:
        handle = os.open(file, flags, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write("".join(f"{base64.b64encode(key).decode()}\n" for key in keys))
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}. It is to hold the operator's key.") from error
