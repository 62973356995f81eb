"""The operator's key: rotated, lost, and told by the doctor, as typed on a command line."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from acting import wait_until
from filelock import FileLock

from bot.requests.jobs import Jobs
from bot.settings import Settings
from bot.store import KEY_FILE, PARENTS_FILE, open_store
from personas.persona import build_persona
from storage.errors import StorageError

Run = Callable[..., Any]


async def _store_rows(settings: Settings, users: str = "78") -> None:
    async with open_store(settings) as store:
        for user in users:
            await store.profiles.update(user, lambda known: known.model_copy(update={"role": "lamplighter"}))


def _load_role(tmp_path: Path, user: str = "7", **more: Any) -> str:
    async def work() -> str:
        async with open_store(Settings(data=tmp_path / "data", **more)) as store:
            return (await store.profiles.get(user)).role

    return asyncio.run(work())


def _make_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_rotation_replaces_key_in_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "data" / KEY_FILE
    (tmp_path / "data").mkdir()
    assert "There is no key yet" in str(run("db", "rotate-key").exception)
    asyncio.run(_store_rows(Settings(data=tmp_path / "data")))
    old = file.read_text()
    result = run("db", "rotate-key")
    assert result.exit_code == 0
    assert re.match(r"The keys of 2 people are now encrypted with the key [0-9a-f]{8} in ", result.stdout)
    assert file.read_text() != old
    assert len(file.read_text().split()) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _load_role(tmp_path) == "lamplighter"
    with pytest.raises(StorageError, match="What 2 people wrote"):
        _load_role(tmp_path, key=old.strip())


def test_interrupted_rotation_is_completed(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "data").mkdir()
    asyncio.run(_store_rows(Settings(data=tmp_path / "data")))
    for step in ("owner_keys.OwnerKeys.rewrap", "transactions.Transactions.checkpoint"):
        with monkeypatch.context() as broken:

            async def cut_power(_self: Any) -> None:
                raise OSError("power cut")

            broken.setattr(f"storage.{step}", cut_power)
            assert run("db", "rotate-key").exception
        assert _load_role(tmp_path) == "lamplighter"
    assert len((tmp_path / "data" / KEY_FILE).read_text().split()) == 3
    assert run("db", "rotate-key").exit_code == 0
    assert len((tmp_path / "data" / KEY_FILE).read_text().split()) == 1
    assert _load_role(tmp_path) == "lamplighter"


def test_rotation_with_environment_key_prints_instructions(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    old, new = _make_key(), _make_key()
    (tmp_path / "data").mkdir()
    asyncio.run(_store_rows(Settings(data=tmp_path / "data", key=old)))
    monkeypatch.setenv("QUILLMATE_KEY", old)
    assert "QUILLMATE_KEY=NEW,OLD quillmate db rotate-key" in str(run("db", "rotate-key").exception)
    monkeypatch.setenv("QUILLMATE_KEY", f"{new},{old}")
    assert "with older ones: quillmate db rotate-key" in run("doctor", "--offline").stdout
    assert "Remove the other keys from QUILLMATE_KEY" in run("db", "rotate-key").stdout
    assert _load_role(tmp_path, key=new) == "lamplighter"


def test_rotation_requires_stopped_bot(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with FileLock(tmp_path / "data" / "run.lock"):
        for command in ("rotate-key", "forget-lost"):
            assert "Another Quillmate is running on" in str(run("db", command).exception)


def test_lost_key_is_reported_and_its_data_deleted(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    lost, there = _make_key(), _make_key()
    (tmp_path / "data").mkdir()
    asyncio.run(_store_rows(Settings(data=tmp_path / "data", key=lost)))
    asyncio.run(_store_rows(Settings(data=tmp_path / "data", key=f"{there},{lost}"), "9"))
    monkeypatch.setenv("QUILLMATE_KEY", there)
    told = run("doctor", "--offline").stdout
    assert re.search(r"✗ Key: [0-9a-f]{8} is lost\n  → What 2 people wrote is encrypted with the operator's key", told)
    assert "cannot be read by anybody" in told
    refused = run("db", "forget-lost", stdin="n\n")
    assert "2 profile entries, 0 results, 0 votes and 0 documents of 2 people are encrypted with" in refused.stdout
    assert (refused.exit_code, "Nothing was deleted." in refused.stdout) == (1, True)
    assert "Deleted all data of 2 people." in run("db", "forget-lost", "--yes").stdout
    assert "Nothing is lost" in run("db", "forget-lost").stdout
    assert [_load_role(tmp_path, user, key=there) for user in "79"] == ["", "lamplighter"]


def test_server_data_is_erased(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    async def store_results() -> None:
        async with open_store(Settings(data=tmp_path / "data")) as store:
            for _ in range(2):
                kept = await store.personas.add("7", build_persona({"title": "Owl", "voice": "You write at night."}))
            await store.personas.give("7", kept.id, "1")

    asyncio.run(store_results())
    assert "The keys of 1 person and 1 server are now encrypted" in run("db", "rotate-key").stdout
    assert "and 0 documents of 1 server?" in run("db", "forget", "1", "--server", stdin="n\n").stdout
    assert run("db", "forget", "1", "--server", "--yes").stdout == "Deleted all data of the server 1.\n"
    assert run("db", "forget", "1", "--server", "--yes").stdout == "There is no data of the server 1.\n"
    assert "The keys of 1 person are now encrypted" in run("db", "rotate-key").stdout


def test_lost_key_deletes_servers(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    async def store_results() -> None:
        async with open_store(Settings(data=tmp_path / "data")) as store:
            kept = await store.personas.add("7", build_persona({"title": "Owl", "voice": "You write at night."}))
            await store.personas.give("7", kept.id, "1")

    asyncio.run(store_results())
    (tmp_path / "data" / PARENTS_FILE).unlink()
    assert "What 1 person and 1 server wrote is encrypted" in run("doctor", "--offline").stdout
    assert "Deleted all data of 1 person and 1 server." in run("db", "forget-lost", "--yes").stdout
    assert "Nothing is lost" in run("db", "forget-lost").stdout


def test_doctor_reports_moved_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    asyncio.run(_store_rows(Settings(data=tmp_path / "data")))
    assert "✓ Database" in run("doctor", "--offline").stdout
    with closing(sqlite3.connect(tmp_path / "data" / "quillmate.db")) as connection, connection:
        connection.execute("UPDATE preferences SET scope = 'channel:9' WHERE user_id = '7'")
        connection.execute("UPDATE preferences SET user_id = '9' WHERE user_id = '8'")
    told = run("doctor", "--offline").stdout
    assert "✗ Database" in told
    assert "2 rows of preferences cannot be opened" in told


def test_doctor_reports_location_of_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "✓ Key: will be made for the first user, in " in run("doctor", "--offline").stdout
    asyncio.run(_store_rows(Settings(data=tmp_path / "data")))
    assert re.search(r"✓ Key: [0-9a-f]{8} in .*operator\.key\. Keep a copy of it", run("doctor", "--offline").stdout)
    (tmp_path / "data" / KEY_FILE).chmod(0o644)
    assert "can be read by others. Run: chmod 600" in run("doctor", "--offline").stdout


def test_user_is_erased(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "pictures" / "7").mkdir(parents=True)
    asyncio.run(_store_rows(Settings(data=tmp_path / "data")))
    assert "Delete 1 profile entry, 0 results, 0 votes and 0 documents of 1 person?" in run("db", "forget", "7").stdout
    assert _load_role(tmp_path) == "lamplighter"
    assert run("db", "forget", "7", "--yes").stdout == "Deleted all data of 7.\n"
    assert run("db", "forget", "../7").stdout == "There is no data of ../7.\n"
    assert [_load_role(tmp_path, user) for user in "78"] == ["", "lamplighter"]
    assert not (tmp_path / "data" / "pictures" / "7").exists()


def _submit_pending(settings: Settings, *owners: str) -> None:
    """Store a pending request of each owner, as a killed process leaves it."""

    async def work() -> None:
        async with open_store(settings) as store:
            never = asyncio.Event()

            async def wait(_job: Any, _checkpoint: Any, *, again: bool) -> None:
                await never.wait()

            async with Jobs(settings.jobs_url, wait, store.database.owners.load_key) as jobs:
                for owner in owners:
                    await jobs.submit(f"job-{owner}", owner, {"brief": "lamplighter"})

    asyncio.run(work())


def _find_in_files(folder: Path, word: str) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes()]


def test_pending_requests_are_erased(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    ada, ben = "123456789012345678", "987654321098765432"
    _submit_pending(settings, ada, ben)
    assert "jobs.db" in _find_in_files(tmp_path / "data", ada)
    assert run("db", "forget", ada, stdin="n\n").exit_code == 1
    assert "jobs.db" in _find_in_files(tmp_path / "data", ada), "nothing is deleted before the answer"
    assert run("db", "forget", ada, "--yes").stdout == f"Deleted all data of {ada}.\n"
    assert _find_in_files(tmp_path / "data", ada) == []
    taken: list[Any] = []

    async def start_next_process() -> None:
        async with open_store(settings) as store:
            known = store.database.owners.load_known_key

            async def work(job: Any, _checkpoint: Any, *, again: bool) -> None:
                taken.append(job)

            async with Jobs(settings.jobs_url, work, store.database.owners.load_key, known_seal_of=known) as jobs:
                await wait_until(lambda: taken and not jobs.running_count)
            assert await known(ada) is None

    asyncio.run(start_next_process())
    assert taken == [{"brief": "lamplighter"}], "Ben's is carried out"
    assert _find_in_files(tmp_path / "data", ada) == []


def test_request_of_erased_user_restores_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    _submit_pending(settings, "7")
    taken: list[Any] = []

    async def start_next_process() -> None:
        async with open_store(settings) as store:
            await store.people.forget("7")
            known = store.database.owners.load_known_key

            async def work(job: Any, _checkpoint: Any, *, again: bool) -> None:
                taken.append(job)

            async with Jobs(settings.jobs_url, work, store.database.owners.load_key, known_seal_of=known) as jobs:
                await wait_until(lambda: not jobs.running_count)
                await asyncio.sleep(0.1)
                assert await jobs.load_all("7") == []
            assert not any((await store.people.count_rows("7")).values())

    asyncio.run(start_next_process())
    assert taken == []


def test_rotation_rewraps_all_keys(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    asyncio.run(_store_rows(settings))
    before = (tmp_path / "data" / PARENTS_FILE).read_text().split()[::4]
    assert run("db", "rotate-key").exit_code == 0
    after = (tmp_path / "data" / PARENTS_FILE).read_text().split()[::4]
    assert before
    assert not set(before) & set(after)
    assert _load_role(tmp_path) == "lamplighter"


def test_backup_with_its_keys_is_readable_after_erasure(run: Run, tmp_path: Path) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"
    data.mkdir()
    assert "There is no database" in str(run("db", "backup", str(copies)).exception)
    asyncio.run(_store_rows(Settings(data=data)))
    assert "Copied to " in run("db", "backup", str(copies)).stdout
    [copy] = copies.iterdir()
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in copy.iterdir()} == {
        "quillmate.db": 0o600,
        PARENTS_FILE: 0o600,
    }
    run("db", "forget", "7", "--yes")
    assert _load_role(tmp_path) == ""
    lock_data_folder = tmp_path / "put back"
    for folder in (lock_data_folder / "data", tmp_path / "alone" / "data"):
        folder.mkdir(parents=True)
        for file in (copy / "quillmate.db", data / KEY_FILE):
            (folder / file.name).write_bytes(file.read_bytes())
            (folder / file.name).chmod(0o600)
    (lock_data_folder / "data" / PARENTS_FILE).write_bytes((copy / PARENTS_FILE).read_bytes())
    (lock_data_folder / "data" / PARENTS_FILE).chmod(0o600)
    assert _load_role(lock_data_folder) == "lamplighter"
    with pytest.raises(StorageError, match=r"not in parents\.key: that file has to be of the same time"):
        _load_role(tmp_path / "alone")
