"""Opening, migrating and transactions, and the sentences for a database that cannot be used."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiosqlite
import process_fork
import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from personas.profile import Profile
from storage import migrations, tables
from storage.crypto import Keyring
from storage.database import REVISION, Database
from storage.errors import StorageError, build_storage_error
from storage.generations import Generations
from storage.profiles import Profiles
from storage.statements import insert_or_update

KEYS = Keyring((b"k" * 32,))
COUNT_UP = """
import asyncio, sys
from storage.crypto import Keyring
from storage.database import Database
from storage.profiles import Profiles

async def main():
    async with Database(sys.argv[1], Keyring((b"k" * 32,))) as database:
        for _ in range(100):
            await Profiles(database).update(
                "7", lambda known: known.model_copy(update={"role": str(int(known.role or 0) + 1)})
            )

asyncio.run(main())
"""


@pytest.mark.nightly
async def test_two_processes_lose_no_update(url: str, database: Database) -> None:
    writers = [await asyncio.create_subprocess_exec(sys.executable, "-c", COUNT_UP, url) for _ in range(2)]
    assert [await writer.wait() for writer in writers] == [0, 0]
    assert (await Profiles(database).get("7")).role == "200"


async def test_tasks_of_one_process_lose_no_update(database: Database) -> None:
    profiles = Profiles(database)

    async def add_fact(user: str) -> None:
        await profiles.update(user, lambda known: known.model_copy(update={"facts": (*known.facts, "x")}))

    # Each of them has no profile yet: the first to write one must not be overwritten by the others.
    await asyncio.gather(*(add_fact(user) for _ in range(5) for user in "abcd"))
    assert [len((await profiles.get(user)).facts) for user in "abcd"] == [5, 5, 5, 5]


async def test_a_file_is_migrated_when_it_is_opened(file_url: str) -> None:
    async with Database(file_url, KEYS) as database:
        assert await database.read_revision() == REVISION


async def test_a_new_file_has_the_schema_of_the_newest_revision(file_url: str) -> None:
    async with Database(file_url, KEYS) as database, database.write() as connection:
        await connection.run_sync(migrations.upgrade)
        assert (
            await connection.run_sync(
                lambda plain: compare_metadata(MigrationContext.configure(plain), tables.metadata)
            )
            == []
        )
        await connection.run_sync(lambda plain: command.downgrade(migrations.config(plain), "base"))
        assert await connection.run_sync(lambda plain: inspect(plain).get_table_names()) == ["alembic_version"]


async def test_an_empty_database_is_upgraded_once(empty_url: str) -> None:
    database = Database(empty_url, KEYS)
    assert await database.read_revision() is None
    assert await database.upgrade()
    assert await database.read_revision() == REVISION
    assert not await database.upgrade()
    await database.close()


async def test_upgrading_twice_at_once_does_it_once(empty_url: str) -> None:
    one, other = Database(empty_url, KEYS), Database(empty_url, KEYS)
    assert sorted(await asyncio.gather(one.upgrade(), other.upgrade())) == [False, True]
    assert await one.read_revision() == REVISION
    await asyncio.gather(one.close(), other.close())


@pytest.mark.parametrize("said", ["The tables are at", "The tables were at"])
def test_the_command_line_upgrades(empty_url: str, tmp_path: Path, said: str) -> None:
    ran = ""
    for _ in range(1 if "are" in said else 2):
        given = {**os.environ, "QUILLMATE_DATABASE": empty_url, "QUILLMATE_DATA": str(tmp_path)}
        ran = process_fork.run("quillmate.py", "db", "upgrade", environment=given).stdout
    assert ran.startswith(f"{said} {REVISION}")


def test_the_expected_revision_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrations.config()).get_current_head() == REVISION


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A blocking engine, as Alembic's own functions require."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = create_engine(make_url(url).set(drivername="sqlite" if request.param == "sqlite" else "postgresql+psycopg"))
    yield made
    made.dispose()


async def test_cancelled_connections_log_no_traceback_but_failed_ones_do(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections of cancelled tasks are closed; their other failures are logged."""
    log = database._engine.sync_engine.pool.logger
    for error in (asyncio.CancelledError(), OSError("disk")):
        try:
            raise error
        except BaseException:
            log.error("Exception during reset or similar", exc_info=True)
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info] == [("disk",)]


def test_migrations_create_the_sqlite_indexes() -> None:
    """Also those over an expression, which Alembic does not compare there."""
    found = []
    for make in (migrations.upgrade, tables.metadata.create_all):
        made = create_engine("sqlite://")
        with made.begin() as connection:
            make(connection)
            names = "SELECT name, sql IS NULL FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'"
            found.append({tuple(row) for row in connection.execute(text(names))})
        made.dispose()
    assert found[0] == found[1]
    assert ("ix_generations_size", 0) in found[0]


def test_migrations_create_the_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []
        made = inspect(connection)
        for table in tables.metadata.sorted_tables:
            columns = made.get_columns(table.name)
            assert [(one["name"], one["nullable"]) for one in columns] == [(c.name, c.nullable) for c in table.columns]
            assert made.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            rules = {key["name"]: key["options"].get("ondelete") for key in made.get_foreign_keys(table.name)}
            assert rules == {key.name: key.ondelete for key in table.foreign_key_constraints}


def test_migrations_can_be_downgraded(engine: Engine) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection)
        command.downgrade(migrations.config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


OLD = [
    'INSERT INTO profiles VALUES (\'7\', \'{"organisation": "Fern and Fog", "emoji": "none"}\', \'2026-01-01 00:00:00\')',
    "INSERT INTO personas VALUES ('7', 'host', '2026-01-01 00:00:00')",
    "INSERT INTO personas VALUES ('8', 'teacher', '2026-01-01 00:00:00')",
    "INSERT INTO generations VALUES ('b', '7', NULL, 'ad', '{}', 'Scones daily', '{\"text\": 1}', '[]', 'Host', 'e', 1, 0.5, "
    "'2026-01-01 00:00:00')",
    "INSERT INTO generations VALUES ('a', '7', 'b', 'ad', '{}', 'Scones today', '{}', '[]', 'Host', 'e', 1, 0.5, "
    "'2026-01-02 00:00:00')",
    "INSERT INTO feedback VALUES ('a', '7', 1, '2026-01-03 00:00:00')",
]


async def test_an_upgrade_encrypts_plain_text(empty_url: str) -> None:
    old = Database(empty_url, KEYS)
    async with old.write() as connection:
        await connection.run_sync(lambda plain: command.upgrade(migrations.config(plain), "0001"))
        for row in OLD:
            await connection.exec_driver_sql(row)
    if not old.is_embedded:
        await old.upgrade()
    await old.close()
    async with Database(empty_url, KEYS) as database:
        held, choices = await Profiles(database).load_known("7")
        assert (held.profile.organisation, held.profile.emoji, choices.persona) == ("Fern and Fog", "none", "host")
        assert await Profiles(database).get_persona("8") == "teacher"
        results = await Generations(database).list_latest("7", 5)
        assert [(one.id, one.parent_id, one.text, one.parts) for one in results] == [
            ("a", "b", "Scones today", {}),
            ("b", None, "Scones daily", {"text": 1}),
        ]
        assert await Generations(database).get_vote("a", "7") == 1
        file = database.url.database if database.is_embedded else None
    for path in [Path(file), Path(f"{file}-wal")] if file else []:
        assert b"Scones" not in (path.read_bytes() if path.exists() else b"")


async def test_a_failed_transaction_is_rolled_back(database: Database) -> None:
    profiles = Profiles(database)
    await profiles.update("7", lambda known: known.model_copy(update={"role": "kept"}))
    with pytest.raises(ZeroDivisionError):
        await profiles.update("7", lambda _known: 1 / 0)  # type: ignore[arg-type, return-value]
    assert (await profiles.get("7")).role == "kept"


async def test_reads_that_are_shared_take_one_transaction(database: Database) -> None:
    begun = []
    event.listen(database._engine.sync_engine, "begin", begun.append)
    profiles = Profiles(database)
    async with database.share_read():
        await profiles.get("7")
        await profiles.list_entries("7")
        await profiles.update("7", lambda known: known.model_copy(update={"role": "baker"}))  # By its own connection.
    assert (await profiles.get("7")).role == "baker"
    assert len(begun) == 3


async def test_a_streamed_read_and_the_next_one_see_the_same_snapshot(file_url: str) -> None:
    version = text("SELECT version_num FROM alembic_version")
    async with Database(file_url) as database:
        async with database.read() as connection:
            async with connection.stream(version) as rows:
                [before] = [row async for row in rows]
            async with database.write() as other:
                await other.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
            assert (await connection.execute(version)).one() == before
        async with database.read() as connection:
            assert await connection.scalar(version) == "newer"


async def test_a_cancelled_read_leaves_nothing_open(file_url: str, caplog: pytest.LogCaptureFixture) -> None:
    slow = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n"
    )
    async with Database(file_url) as database:

        async def read() -> None:
            async with database.read() as connection:
                await connection.execute(slow)

        reading = asyncio.create_task(read())
        await asyncio.sleep(0.02)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await Profiles(database).update("7", _make_baker)
        assert await database.checkpoint(), "a transaction that is open still would keep the log"
    assert caplog.records == []


async def test_a_statement_takes_one_turn_of_the_file_thread(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, execute = [], aiosqlite.Connection._execute

    async def count_and_execute(connection: aiosqlite.Connection, *call: Any, **options: Any) -> Any:
        turns.append(call)
        return await execute(connection, *call, **options)

    async with Database(file_url) as database:
        await database.read_revision()
        monkeypatch.setattr(aiosqlite.Connection, "_execute", count_and_execute)
        async with database.read() as connection:
            await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert len(turns) == 2, "the statement with its rows, and the end"


def _make_baker(known: Profile) -> Profile:
    return known.model_copy(update={"role": "baker"})


async def test_shared_reads_and_writes_are_one_transaction(database: Database) -> None:
    profiles, begun = Profiles(database), list[object]()
    await profiles.update("7", lambda known: known)
    event.listen(database._engine.sync_engine, "begin", begun.append)
    async with database.share_write("profile 7"):
        await profiles.update("7", _make_baker)
        assert (await profiles.get("7")).role == "baker", "what is written is read"
        await profiles.update("8", _make_baker)
    assert len(begun) == 1
    assert [(await profiles.get(one)).role for one in "78"] == ["baker", "baker"]


async def test_a_failed_shared_write_is_rolled_back(database: Database) -> None:
    profiles = Profiles(database)

    async def fail() -> None:
        async with database.share_write("profile 7"):
            await profiles.update("7", _make_baker)
            raise StorageError("It is not to be.")

    with pytest.raises(StorageError):
        await fail()
    assert (await profiles.get("7")).role == ""
    await profiles.update("7", _make_baker)
    assert (await profiles.get("7")).role == "baker", "the next act is one of its own"


async def test_two_concurrent_shared_writes_are_two_transactions(database: Database) -> None:
    """What one writes and does not keep is never the other's."""
    profiles = Profiles(database)

    async def act(user_id: str, *, fails: bool) -> None:
        async with database.share_write(f"profile {user_id}"):
            await profiles.update(user_id, _make_baker)
            if fails:
                raise StorageError("It is not to be.")

    await asyncio.gather(act("7", fails=True), act("8", fails=False), return_exceptions=True)
    assert [(await profiles.get(one)).role for one in "78"] == ["", "baker"]


async def test_commits_survive_power_cuts(file_url: str) -> None:
    async with Database(file_url, KEYS) as database, database.read() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


async def test_a_read_only_file_is_reported(tmp_path: Path, file_url: str) -> None:
    async with Database(file_url, KEYS):
        pass
    database = Database(f"sqlite:///file:{tmp_path / 'q.db'}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="The database is read-only. Give the system user that runs Quillmate"):
        async with database:
            pass
    with pytest.raises(StorageError, match="The database is read-only. Give the system user that runs Quillmate"):
        await Profiles(database).update("7", lambda known: known)
    await database.close()


async def test_a_file_that_is_not_a_database_is_reported(tmp_path: Path, file_url: str) -> None:
    (tmp_path / "q.db").write_bytes(b"Dear diary, " * 500)
    with pytest.raises(StorageError, match=r"damaged. Restore it from a backup"):
        async with Database(file_url, KEYS):
            pass


async def test_a_damaged_file_is_reported(tmp_path: Path, file_url: str) -> None:
    file = tmp_path / "q.db"
    async with Database(file_url, KEYS) as database:
        await Profiles(database).update("7", lambda known: known.model_copy(update={"role": "x"}))
    body = bytearray(file.read_bytes())
    body[100:] = b"\xff" * (len(body) - 100)
    file.write_bytes(body)
    with pytest.raises(StorageError, match=r"damaged. Restore it from a backup"):
        async with Database(file_url, KEYS) as database:
            await Profiles(database).get("7")


async def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(StorageError, match=r"cannot be opened\. Check that its folder exists"):
        async with Database(f"sqlite:///{tmp_path / 'no' / 'q.db'}"):
            pass
    while (
        threading.active_count() > before
    ):  # The driver's thread still wants the event loop, which ends with the test.
        await asyncio.sleep(0.01)


async def test_an_unresponsive_server_is_reported() -> None:
    with pytest.raises(StorageError, match="The database server is not responding. Check QUILLMATE_DATABASE and"):
        async with Database("postgresql://u:p@127.0.0.1:9/q"):
            pass


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "QUILLMATE_DATABASE should be a URL such as postgresql://"),
        ("quillmate.db", "QUILLMATE_DATABASE should be a URL such as postgresql://"),
        ("mysql://u@h/q", "QUILLMATE_DATABASE names mysql; it should be sqlite or postgresql."),
        ("postgresql://u@host:port/q", "QUILLMATE_DATABASE should be a URL such as postgresql://"),
    ],
)
def test_an_invalid_url_is_reported(url: str, sentence: str) -> None:
    with pytest.raises(StorageError) as told:
        Database(url, KEYS)
    assert str(told.value).startswith(sentence)


@pytest.mark.parametrize(
    ("url", "driver", "embedded"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite", True),
        ("sqlite+pysqlite:///x.db", "sqlite+aiosqlite", True),
        ("postgres://u:p@h/q", "postgresql+asyncpg", False),
        ("postgresql+psycopg://u:p@h/q", "postgresql+asyncpg", False),
    ],
)
def test_urls_get_the_bundled_driver(url: str, driver: str, embedded: bool) -> None:
    database = Database(url, KEYS)
    assert database.url.drivername == driver
    assert database.is_embedded is embedded


def test_sslmode_is_translated_for_the_driver() -> None:
    url = Database("postgresql://u:p@h/q?sslmode=require&application_name=x").url
    assert dict(url.query) == {"ssl": "require", "application_name": "x"}


async def test_a_server_accepts_sslmode(postgres_url: str) -> None:
    database = Database(f"{postgres_url}{'&' if '?' in postgres_url else '?'}sslmode=disable")
    assert await database.read_revision() is None
    await database.close()


def test_the_password_is_not_shown() -> None:
    assert Database("postgresql://user:sesame@host/q").display_url == "postgresql+asyncpg://user:***@host/q"


async def test_an_outdated_server_schema_is_not_touched_until_upgraded(postgres_url: str) -> None:
    database = Database(postgres_url, KEYS)
    with pytest.raises(StorageError, match="Run `quillmate db upgrade` once"):
        async with database:
            pass
    assert await database.read_revision() is None
    await database.upgrade()
    async with database:
        assert await database.read_revision() == REVISION


async def test_tables_of_a_newer_version_are_reported_and_not_touched(url: str, database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    later = Database(url, KEYS)
    with pytest.raises(StorageError, match="of a newer version .9999; this one knows .*Install that version"):
        async with later:
            pass
    with pytest.raises(StorageError, match="of a newer version"):
        await later.upgrade()
    assert await later.read_revision() == "9999"
    await later.close()


async def test_a_missing_database_on_a_server_is_reported(postgres: URL) -> None:
    wrong = postgres.set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StorageError, match="The database server has no database with the name given in"):
        async with Database(wrong):
            pass


async def test_a_lost_connection_is_reopened(postgres: URL, postgres_url: str) -> None:
    database = Database(postgres_url, KEYS)
    await database.upgrade()
    async with database:
        profiles = Profiles(database)
        await profiles.update("7", lambda known: known.model_copy(update={"role": "kept"}))
        with psycopg.connect(postgres.render_as_string(hide_password=False), autocommit=True) as other:
            name = make_url(postgres_url).database
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        assert (await profiles.get("7")).role == "kept"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("attempt to write a readonly database", "read-only"),
        ("cannot execute INSERT in a read-only transaction", "read-only"),
        ("database or disk is full", "disk is full"),
        ("database disk image is malformed", "damaged"),
        ("file is not a database", "damaged"),
        ("unable to open database file", "cannot be opened"),
        ("database is locked", "Another program is using the database. Try again in a moment."),
        ('password authentication failed for user "q"', "refused the name or password"),
        ("Connect call failed", "The database server is not responding. Check QUILLMATE_DATABASE and"),
        ("something else", "quillmate doctor"),
    ],
)
def test_driver_errors_become_readable_without_leaking_the_statement(said: str, sentence: str) -> None:
    assert sentence in str(build_storage_error(OperationalError("SELECT secret", {}, sqlite3.OperationalError(said))))
    assert sentence in str(build_storage_error(OSError(said)))
    assert "secret" not in str(build_storage_error(DBAPIError("SELECT secret", {}, Exception(said))))


def test_upserts_use_postgresql_syntax() -> None:
    connection = SimpleNamespace(dialect=postgresql.dialect())
    made = insert_or_update(connection, tables.owners, {"owner_id": "7"}, {"key_id": "a"})  # type: ignore[arg-type]
    said = str(made.compile(dialect=postgresql.dialect()))  # type: ignore[attr-defined]
    assert "ON CONFLICT (owner_id) DO UPDATE SET key_id" in said
