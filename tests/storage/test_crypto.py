"""Keys: each person's own, wrapped by the operator's; found, made, rotated and lost."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.crypto import Keyring, OwnerKey
from storage.database import Database
from storage.errors import StorageError
from storage.profiles import Profiles

ONE, OTHER = b"1" * 32, b"2" * 32


def encode_base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_encrypted_data_can_be_opened_only_for_its_owner_and_purpose() -> None:
    key = OwnerKey("7", ONE)
    sealed = key.seal({"text": "é 😀 \ud800"}, "generations/a")
    assert key.open(sealed, "generations/a") == {"text": "é 😀 \ud800"}
    assert b"text" not in sealed
    assert key.seal("x", "a") != key.seal("x", "a"), "a nonce is used once"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other, data, purpose in (
        (OwnerKey("8", ONE), sealed, "generations/a"),
        (OwnerKey("7", OTHER), sealed, "generations/a"),
        (key, sealed, "generations/b"),
        (key, changed, "generations/a"),
        (key, b"", "generations/a"),
    ):
        with pytest.raises(StorageError, match="does not match its key"):
            other.open(data, purpose)


def test_the_key_file_is_created_when_needed_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    ring = Keyring.load("", file)
    assert not file.exists()
    key, wrapped, key_id = ring.create_owner_key("7")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Keyring.load("", file).unwrap("7", wrapped, key_id) == key
    file.chmod(0o644)
    with pytest.raises(StorageError, match=f"can be read by others. Run: chmod 600 {file}"):
        Keyring.load("", file)


@pytest.mark.parametrize("content", ["", "short", encode_base64(b"x" * 31), "ééé"])
def test_a_file_without_a_key_is_reported(tmp_path: Path, content: str) -> None:
    file = tmp_path / "operator.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(StorageError, match=r"operator\.key"):
        Keyring.load("", file)


def test_an_invalid_key_in_the_environment_is_described_but_not_printed(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="QUILLMATE_KEY holds no usable key; it should be 32 bytes") as raised:
        Keyring.load("sesame", tmp_path / "none")
    assert "sesame" not in str(raised.value)


def test_keys_in_the_environment_rotate_by_order(tmp_path: Path) -> None:
    old = Keyring.load(encode_base64(ONE), tmp_path / "none")
    key, wrapped, key_id = old.create_owner_key("7")
    both = Keyring.load(f"{encode_base64(OTHER)}, {encode_base64(ONE)}", tmp_path / "none")
    rewrapped, new_id = both.rewrap("7", wrapped, key_id)
    assert new_id != key_id
    assert Keyring((OTHER,)).unwrap("7", rewrapped, new_id) == key
    with pytest.raises(StorageError, match="put a new one before it there"):
        both.add_key()
    with pytest.raises(StorageError, match=f"encrypted with the operator's key {key_id}"):
        Keyring((OTHER,)).unwrap("7", wrapped, key_id)


def test_keys_in_a_file_rotate_in_two_steps(tmp_path: Path) -> None:
    file = tmp_path / "operator.key"
    ring = Keyring.load("", file)
    key, wrapped, key_id = ring.create_owner_key("7")
    ring.add_key()
    again = Keyring.load("", file)
    assert len(again.ids) == 2
    rewrapped, new_id = again.rewrap("7", wrapped, key_id)
    ring.drop_old_keys()
    assert Keyring.load("", file).unwrap("7", rewrapped, new_id) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["operator.key"]


async def test_a_lost_key_is_reported_with_the_number_of_users_affected(url: str) -> None:
    first = Database(url, Keyring((ONE,)))
    if not first.is_embedded:
        await first.upgrade()
    async with first:
        for user in "78":
            await Profiles(first).update(user, lambda known: known.model_copy(update={"role": "owner"}))
    with pytest.raises(StorageError, match="What 2 people wrote is encrypted with the operator's key"):
        async with Database(url, Keyring((OTHER,))):
            pass
    async with Database(url, Keyring((OTHER, ONE))) as database:
        assert (await Profiles(database).get("7")).role == "owner"


async def test_no_user_text_is_readable_in_the_file(file_url: str, tmp_path: Path) -> None:
    async with Database(file_url, Keyring((ONE,))) as database:
        await Profiles(database).update("7", lambda known: known.model_copy(update={"role": "lamplighter"}))
        assert not any(b"lamplighter" in file.read_bytes() for file in tmp_path.iterdir())
        async with database.read() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM preferences")) == 1
