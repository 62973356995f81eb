"""Once somebody is forgotten, no copy of the database opens what they wrote; where it cannot be so at once, it becomes so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, text, update

from personas.profile import Profile
from storage import tables
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import ForgottenError, StorageError
from storage.owner_keys import begin_work, begun_at
from storage.parent_keys import BUCKET_COUNT, ParentKeys, compute_bucket
from storage.people import People
from storage.profiles import Profiles

OPERATOR = b"k" * 32
# Files that PostgreSQL keeps of its log at most: max_wal_size, 1 GB, in segments of 16 MB.
_MAX_LOG_FILES = 64
ADA, BEN = "7", "8"


def build_keyring(folder: Path) -> Keyring:
    return Keyring((OPERATOR,), parents=folder / "parents.key")


def find_neighbour(user_id: str) -> str:
    """Find a user who shares a parent key with this one."""
    return next(str(n) for n in range(100, 10_000) if compute_bucket(str(n)) == compute_bucket(user_id))


async def open_database(url: str, keys: Keyring) -> Database:
    database = Database(url, keys)
    if not database.is_embedded:
        await database.upgrade()
    return database


async def store_profiles(database: Database, *people: str) -> None:
    for user_id in people:
        await Profiles(database).update(user_id, lambda _known: Profile(role="lamplighter"))


async def load_wrapped_key(database: Database, user_id: str) -> bytes:
    async with database.read() as connection:
        key: bytes = await connection.scalar(
            select(tables.owners.c.wrapped_key).where(tables.owners.c.owner_id == user_id)
        )
        return key


def read_parent_keys(file: Path) -> list[bytes]:
    """Return the parent keys that the holder of the operator's key can read from a file."""
    found = []
    for line in file.read_text().splitlines():
        name, bucket, _, wrapped = line.split()
        body = bytes.fromhex(wrapped)
        found.append(AESGCM(OPERATOR).decrypt(body[:12], body[12:], f"parent {name} {bucket}".encode()))
    return found


def can_open(wrapped: bytes, user_id: str, keys: list[bytes]) -> bool:
    for key in keys:
        try:
            AESGCM(key).decrypt(wrapped[:12], wrapped[12:], f"key of {user_id}".encode())
            return True
        except InvalidTag:
            continue
    return False


async def test_the_operators_key_opens_no_copy_of_a_forgotten_user(url: str, tmp_path: Path) -> None:
    friend = find_neighbour(ADA)
    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, ADA, friend, BEN)
        copy = await load_wrapped_key(database, ADA)
        assert can_open(copy, ADA, read_parent_keys(tmp_path / "parents.key"))
        before = (tmp_path / "parents.key").read_text()
        erasure = await People(database).forget(ADA)
        assert erasure.complete
        assert not can_open(copy, ADA, [OPERATOR, *read_parent_keys(tmp_path / "parents.key")])
        for user_id in (friend, BEN):
            assert (await Profiles(database).get(user_id)).role == "lamplighter"
        left = {line.split()[0] for line in (tmp_path / "parents.key").read_text().splitlines()}
        gone = {line.split()[0] for line in before.splitlines()} - left
        assert len(gone) == 1, "only the parent of those beside them is destroyed"
    async with await open_database(url, build_keyring(tmp_path)) as database:
        assert (await Profiles(database).get(friend)).role == "lamplighter"
        assert (await Profiles(database).get(ADA)).role == ""
    assert sorted(file.name for file in tmp_path.glob("parents.*")) == ["parents.key", "parents.key.lock"]


@pytest.mark.parametrize("moment", ["before the commit", "before the old key is destroyed"])
async def test_an_interrupted_erasure_loses_no_other_users_data(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    friend = find_neighbour(ADA)

    def cut_power(*_: Any) -> None:
        raise OSError("power cut")

    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, ADA, friend)
        copy = await load_wrapped_key(database, ADA)
        with monkeypatch.context() as broken:
            where = "storage.owner_keys.OwnerKeys._rewrap" if moment == "before the commit" else None
            broken.setattr(where or "storage.parent_keys.ParentKeys.destroy", cut_power)
            with pytest.raises((OSError, StorageError)):
                await People(database).forget(ADA)
    async with await open_database(url, build_keyring(tmp_path)) as database:
        assert (await Profiles(database).get(friend)).role == "lamplighter"
        if moment == "before the commit":
            assert (await Profiles(database).get(ADA)).role == "lamplighter"
            await People(database).forget(ADA)
        assert not can_open(copy, ADA, [OPERATOR, *read_parent_keys(tmp_path / "parents.key")])
        assert (await Profiles(database).get(friend)).role == "lamplighter"


@pytest.mark.parametrize("later", ["asked again", "looked at"])
async def test_a_key_that_could_not_be_destroyed_is_destroyed_later(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    def raise_disk_full(*_: Any) -> None:
        raise StorageError("No space left on device")

    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, ADA, find_neighbour(ADA))
        copy = await load_wrapped_key(database, ADA)
        with monkeypatch.context() as broken:
            broken.setattr("storage.parent_keys.ParentKeys.destroy", raise_disk_full)
            with pytest.raises(StorageError):
                await People(database).forget(ADA)
        if later == "asked again":
            assert (await People(database).forget(ADA)).complete
        else:
            await database.owners.settle_erasures()
        assert not can_open(copy, ADA, [OPERATOR, *read_parent_keys(tmp_path / "parents.key")])
        assert (await Profiles(database).get(find_neighbour(ADA))).role == "lamplighter"


async def test_keys_from_before_parent_keys_are_migrated(url: str, tmp_path: Path) -> None:
    async with await open_database(url, Keyring((OPERATOR,))) as database:
        await store_profiles(database, ADA, BEN)
    async with await open_database(url, build_keyring(tmp_path)) as database:
        async with database.read() as connection:
            names = set(await connection.scalars(select(tables.owners.c.key_id)))
        assert all(name.startswith("p") for name in names)
        assert (await Profiles(database).get(BEN)).role == "lamplighter"
        erasure = await People(database).forget(ADA)
        # On a server the old wrapping stands in its files until they are overwritten.
        assert erasure.complete is database.is_embedded
        assert await database.owners.count_pending_erasures() == (0 if database.is_embedded else 1)


@contextmanager
def hold_read(path: Path) -> Iterator[None]:
    """Keep a read of the file open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM owners").fetchone()
        yield


async def test_a_long_reader_does_not_block_erasure_which_is_rechecked(file_url: str, tmp_path: Path) -> None:
    path, log = tmp_path / "q.db", tmp_path / "q.db-wal"
    async with await open_database(file_url, Keyring((OPERATOR,))) as database:
        await store_profiles(database, ADA)
        copy = await load_wrapped_key(database, ADA)
        with hold_read(path):
            erasure = await asyncio.wait_for(People(database).forget(ADA), 25)
            assert not erasure.complete, "what the log holds can still be opened"
            assert copy in log.read_bytes()
            assert await database.owners.settle_erasures() == 1
        assert await database.owners.settle_erasures() == 0
        assert not any(copy in file.read_bytes() for file in tmp_path.iterdir())
        assert await database.owners.count_pending_erasures() == 0


async def test_with_parent_keys_a_long_reader_sees_only_undecryptable_data(file_url: str, tmp_path: Path) -> None:
    async with await open_database(file_url, build_keyring(tmp_path)) as database:
        await store_profiles(database, ADA)
        copy = await load_wrapped_key(database, ADA)
        with hold_read(tmp_path / "q.db"):
            assert (await People(database).forget(ADA)).complete
            assert not can_open(copy, ADA, [OPERATOR, *read_parent_keys(tmp_path / "parents.key")])
            assert await database.owners.count_pending_erasures() == 1
        assert await database.owners.settle_erasures() == 0


async def test_an_erasure_pending_in_a_file_is_complete_in_its_copy_on_a_server(postgres_url: str) -> None:
    async with await open_database(postgres_url, Keyring((OPERATOR,))) as database:
        await store_profiles(database, ADA)
        await People(database).forget(ADA)
        async with database.write() as connection:
            await connection.execute(update(tables.forgotten).values(pending="file"))
        assert await database.owners.settle_erasures() == 0


async def test_an_erasure_on_a_server_leaves_no_lock_timeout(postgres_url: str) -> None:
    async with await open_database(postgres_url, Keyring((OPERATOR,))) as database:
        await store_profiles(database, ADA)
        await People(database).forget(ADA)
        await database.owners.settle_erasures()
        async with database.owners._transactions.autocommit() as connection:
            assert await connection.scalar(text("SHOW lock_timeout")) == "0"


async def test_an_erasure_on_a_server_is_pending_until_its_files_are_overwritten(postgres_url: str) -> None:
    def run_sql(*words: str) -> Any:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for one in words:
                found = connection.execute(one)
            return found.fetchall() if found.description else None

    [(folder,)] = run_sql("SHOW data_directory")

    def find_in_files(body: bytes) -> list[str]:
        run_sql("CHECKPOINT")
        return [str(file) for file in Path(folder).rglob("*") if file.is_file() and body in file.read_bytes()]

    async with await open_database(postgres_url, Keyring((OPERATOR,))) as database:
        await store_profiles(database, ADA, BEN)
        copy = await load_wrapped_key(database, ADA)
        erasure = await People(database).forget(ADA)
        assert not erasure.complete
        assert find_in_files(copy)
        assert await database.owners.settle_erasures() == 1
        assert not [name for name in find_in_files(copy) if "pg_wal" not in name]
        # The server tells to the second when a file of its log was written, so one that is overwritten within the second of the
        # look still counts as old; and each round overwrites two files, of as many as max_wal_size has.
        for _ in range(_MAX_LOG_FILES):
            run_sql("SELECT pg_switch_wal()", "CREATE TABLE IF NOT EXISTS filler (x text)", "CHECKPOINT")
            run_sql("INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, 9000) n")
            if not await database.owners.settle_erasures():
                break
            run_sql("SELECT pg_sleep(0.3)")
        assert await database.owners.count_pending_erasures() == 0
        assert find_in_files(copy) == []
        assert (await Profiles(database).get(BEN)).role == "lamplighter"


async def test_an_action_begun_before_does_not_restore_a_forgotten_user(url: str, tmp_path: Path) -> None:
    """As with several processes: the other one has been reading, or holds a form that was opened before."""
    first, second = await open_database(url, build_keyring(tmp_path)), Database(url, build_keyring(tmp_path))
    async with first, second:
        await store_profiles(first, ADA)
        moment = datetime.now(UTC)
        await People(first).forget(ADA)

        async def write_late() -> None:
            begin_work(moment)
            for writing in (
                lambda: Profiles(second).update(ADA, lambda _known: Profile(role="ghost")),
                lambda: second.owners.load_key(ADA),
            ):
                with pytest.raises(ForgottenError):
                    await writing()

        await asyncio.create_task(write_late())
        assert await second.owners.was_forgotten_since(ADA, moment)
        assert not any((await People(first).count_rows(ADA)).values())

        async def write_anew() -> None:
            begin_work()
            await store_profiles(second, ADA)

        await asyncio.create_task(write_anew())
        await asyncio.create_task(write_late())  # Not among what was begun since either.
        assert (await Profiles(first).get(ADA)).role == "lamplighter"
        assert begun_at.get() is None
        await first.owners.settle_erasures(datetime.now(UTC) + timedelta(days=2))
        assert not await first.owners.was_forgotten_since(ADA, moment)


async def test_a_forgotten_user_appears_in_no_table(url: str, tmp_path: Path) -> None:
    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, "123456789012345678")
        await People(database).forget("123456789012345678")
        async with database.read() as connection:
            for table in tables.metadata.sorted_tables:
                rows = (await connection.execute(select(table))).all()
                assert "123456789012345678" not in repr(rows), table.name


async def test_processes_share_a_parent_key_file_and_report_a_damaged_one(tmp_path: Path) -> None:
    file = tmp_path / "parents.key"
    one, two = build_keyring(tmp_path).parents, build_keyring(tmp_path).parents
    assert one
    assert two
    name, key = one.get_or_create_current(ADA)
    assert two.get_or_create_current(ADA) == (name, key)
    assert two.find_key(one.rotate(name)) != key
    one.destroy([name])
    assert two.get_or_create_current(ADA)[0] != name
    assert two.find_key(name) is None
    assert (file.stat().st_mode & 0o777, len(one.ids)) == (0o600, 1)
    file.write_text("no key\n")
    with pytest.raises(Exception, match=r"parents\.key contains a line that is not a key"):
        build_keyring(tmp_path).create_owner_key(ADA)
    file.chmod(0o644)
    with pytest.raises(Exception, match="can be read by others. Run: chmod 600"):
        ParentKeys(file, lambda body, _: body, lambda body, _: body, str).get_or_create_current(ADA)
    assert 0 <= compute_bucket("x") < BUCKET_COUNT


async def test_after_a_rotation_the_old_key_and_old_copies_open_nothing_new(
    file_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parents, old = tmp_path / "parents.key", b"o" * 32
    async with await open_database(file_url, Keyring((old,), parents=parents)) as database:
        await store_profiles(database, ADA)
        async with database.read() as connection:
            before = (await connection.execute(select(tables.owners))).one()
    stolen_parents = parents.read_bytes()
    async with Database(file_url, Keyring((OPERATOR, old), parents=parents)) as database:
        assert await database.owners.rewrap() == [ADA]
        await Profiles(database).update(ADA, lambda known: known.model_copy(update={"organisation": "Fern & Fog"}))
        async with database.read() as connection:
            rows = (await connection.execute(select(tables.preferences))).all()
            sealed = [row.sealed for row in rows]
            after = (await connection.execute(select(tables.owners))).one()
    parents.write_bytes(stolen_parents)
    thief = Keyring((old,), parents=parents)
    key = thief.unwrap(ADA, before.wrapped_key, before.key_id)
    names = [tables.build_purpose(tables.preferences, row._mapping) for row in rows]

    def can_read(body: bytes, name: str) -> bool:
        try:
            return bool(key.open(body, name))
        except Exception:
            return False

    assert [can_read(body, name) for body, name in zip(sealed, names, strict=True)].count(True) == 1, (
        "what stood in the copy"
    )
    with pytest.raises(Exception, match="encrypted with"):
        thief.unwrap(ADA, after.wrapped_key, after.key_id)


async def test_rows_encrypted_by_an_older_version_are_bound(url: str, tmp_path: Path) -> None:
    from alembic import command

    from storage import migrations

    keys = build_keyring(tmp_path)
    async with await open_database(url, keys) as database:
        await store_profiles(database, ADA)
        async with database.write() as connection:
            await connection.run_sync(lambda plain: command.downgrade(migrations.config(plain, keys), "0003"))
    database = Database(url, keys)
    if not database.is_embedded:
        await database.upgrade()
    async with database:
        assert (await Profiles(database).get(ADA)).role == "lamplighter"
        async with database.write() as connection:
            await connection.execute(text("UPDATE preferences SET scope = 'channel:9'"))
        assert (await Profiles(database).get(ADA)).role == ""
