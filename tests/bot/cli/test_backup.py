"""Tests of `db backup`, `restore` and `copy`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock

from bot.cli.keys import RUN_LOCK
from bot.settings import Settings
from bot.store import PARENTS_FILE, Store, open_store
from storage.generations import Generation

Run = Callable[..., Any]
WHEN = datetime(2026, 3, 29, 1, 59, 59, 123_456, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def _run_in_store(settings: Settings, work: Callable[[Store], Any]) -> Any:
    async def open_and_work() -> Any:
        async with open_store(settings) as store:
            return await work(store)

    return asyncio.run(open_and_work())


def _store_rows(settings: Settings, role: str, users: str = "78") -> None:
    """Store a profile, a pause and a starred result of each user."""

    async def work(store: Store) -> None:
        for user in users:
            await store.profiles.update(user, lambda known: known.model_copy(update={"role": role}))
            text = Generation(
                id=f"{user}{role}",
                user_id=user,
                kind="ad",
                request={"brief": "é 😀"},
                text=f"A {role}'s ad",
                parts={},
                checks=[],
                persona="Host",
                engine="scripted",
                seed=2**40,
                seconds=1.25,
                created_at=WHEN,
            )
            await store.generations.add(text)

    _run_in_store(settings, work)


def _load_rows(settings: Settings, role: str = "lamplighter") -> dict[str, tuple[str, datetime | None]]:
    """Load the role and the date of the result of each user."""

    async def work(store: Store) -> dict[str, tuple[str, datetime | None]]:
        found = {}
        for user in "789":
            result = await store.generations.get(f"{user}{role}", user)
            found[user] = ((await store.profiles.get(user)).role, result and result.created_at)
        return found

    return _run_in_store(settings, work)


ALL = {"7": ("lamplighter", WHEN), "8": ("lamplighter", WHEN), "9": ("", None)}


def test_backup_is_restored(run: Run, tmp_path: Path, data: Path) -> None:
    _store_rows(Settings(data=data), "lamplighter")
    run("db", "backup", str(tmp_path / "copies"))
    [copy] = (tmp_path / "copies").iterdir()
    _store_rows(Settings(data=data), "baker", "79")
    run("db", "forget", "8", "--yes")
    before = (copy / "quillmate.db").read_bytes()
    result = run("db", "restore", str(copy), "--yes")
    assert "Restored" in result.stdout
    assert _load_rows(Settings(data=data)) == ALL
    assert (copy / "quillmate.db").read_bytes() == before
    assert not [one.name for one in data.iterdir() if one.name.startswith("restoring")]


def test_restore_rejects_missing_or_damaged_backups_and_running_bots(run: Run, tmp_path: Path, data: Path) -> None:
    _store_rows(Settings(data=data), "lamplighter")
    run("db", "backup", str(tmp_path / "copies"))
    [copy] = (tmp_path / "copies").iterdir()
    assert "contains no quillmate.db" in str(run("db", "restore", str(tmp_path), "--yes").exception)
    assert run("db", "restore", str(copy), stdin="n\n").exit_code == 1
    with FileLock(data / RUN_LOCK):
        assert "Stop it" in str(run("db", "restore", str(copy), "--yes").exception)
    with closing(sqlite3.connect(copy / "quillmate.db")) as opened:
        opened.execute("PRAGMA writable_schema=ON")
        opened.execute("UPDATE owners SET key_id = 'pffffffffffff'")
        opened.commit()
    _store_rows(Settings(data=data), "baker", "9")
    assert "which is not in parents.key" in str(run("db", "restore", str(copy), "--yes").exception)
    (copy / "quillmate.db").write_bytes((copy / "quillmate.db").read_bytes()[:20_000])
    assert "is damaged" in str(run("db", "restore", str(copy), "--yes").exception)
    assert _load_rows(Settings(data=data))["9"][0] == "baker"


def test_installation_moves_to_server_and_back(
    run: Run, tmp_path: Path, data: Path, postgres_url: str, monkeypatch: Any
) -> None:
    _store_rows(Settings(data=data), "lamplighter")
    here, back = f"sqlite:///{data / 'quillmate.db'}", f"sqlite:///{tmp_path / 'back.db'}"
    moved = run("db", "copy", here, postgres_url)
    assert "every row was compared" in moved.stdout, moved.exception
    assert _load_rows(Settings(data=data, database=postgres_url)) == ALL
    assert "holds rows already" in str(run("db", "copy", here, postgres_url).exception)
    assert run("db", "copy", here, postgres_url, "--replace").stdout == moved.stdout
    assert run("db", "copy", postgres_url, back).exit_code == 0
    assert _load_rows(Settings(data=data, database=back)) == ALL
    # A backup of a server is such a copy, and is put back into it.
    monkeypatch.setenv("QUILLMATE_DATABASE", postgres_url)
    assert "Copied to" in run("db", "backup", str(tmp_path / "copies")).stdout
    [copy] = (tmp_path / "copies").iterdir()
    assert {one.name for one in copy.iterdir()} == {"quillmate.db", PARENTS_FILE}
    _store_rows(Settings(data=data, database=postgres_url), "baker", "9")
    assert run("db", "restore", str(copy), "--yes").exit_code == 0
    assert _load_rows(Settings(data=data, database=postgres_url)) == ALL


def test_copy_rejects_running_bots_and_missing_databases(
    run: Run, tmp_path: Path, data: Path, postgres_url: str
) -> None:
    _store_rows(Settings(data=data), "lamplighter")
    here = f"sqlite:///{data / 'quillmate.db'}"
    assert "are the same" in str(run("db", "copy", here, here).exception)
    assert "not a database URL" in str(run("db", "copy", here, "mysql://host/name").exception)
    assert "There is no database" in str(run("db", "copy", f"sqlite:///{tmp_path}/none.db", postgres_url).exception)
    _run_in_store(Settings(data=data), lambda store: store.leases.acquire(["0"], "place/1", 60))
    refused = str(run("db", "copy", here, postgres_url).exception)
    assert "Stop it first" in refused
    assert "slot 0" in refused


def test_differing_copy_is_rolled_back(run: Run, data: Path, postgres_url: str, monkeypatch: Any) -> None:
    _store_rows(Settings(data=data), "lamplighter")
    monkeypatch.setenv("QUILLMATE_DATABASE", postgres_url)
    assert run("db", "upgrade").exit_code == 0
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(
            "CREATE FUNCTION spoil() RETURNS trigger AS 'BEGIN NEW.key_id := ''p0''; RETURN NEW; END' LANGUAGE plpgsql"
        )
        server.execute("CREATE TRIGGER spoil BEFORE INSERT ON owners FOR EACH ROW EXECUTE FUNCTION spoil()")
        refused = run("db", "copy", f"sqlite:///{data / 'quillmate.db'}", postgres_url)
        assert "arrived" in str(refused.exception)
        assert server.execute("SELECT count(*) FROM owners").fetchone() == (0,)
