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
from acting import until
from filelock import FileLock

from bot.requests.jobs import Jobs
from bot.settings import Settings
from bot.store import KEY_FILE, PARENTS_FILE, open_store
from personas.persona import build_persona
from storage.errors import StorageError

Run = Callable[..., Any]


async def _kept(settings: Settings, users: str = "78") -> None:
    async with open_store(settings) as store:
        for user in users:
            await store.profiles.update(user, lambda known: known.model_copy(update={"role": "lamplighter"}))


def _role(tmp_path: Path, user: str = "7", **more: Any) -> str:
    async def work() -> str:
        async with open_store(Settings(data=tmp_path / "data", **more)) as store:
            return (await store.profiles.get(user)).role

    return asyncio.run(work())


def _new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_rotating_a_key_in_a_file_replaces_it_and_opens_everything(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "data" / KEY_FILE
    (tmp_path / "data").mkdir()
    assert "There is no key yet" in str(run("db", "rotate-key").exception)
    asyncio.run(_kept(Settings(data=tmp_path / "data")))
    old = file.read_text()
    result = run("db", "rotate-key")
    assert result.exit_code == 0
    assert re.match(r"The keys of 2 people are encrypted with the key [0-9a-f]{8} now, which stands in ", result.stdout)
    assert file.read_text() != old
    assert len(file.read_text().split()) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _role(tmp_path) == "lamplighter"
    with pytest.raises(StorageError, match="What 2 people wrote"):
        _role(tmp_path, key=old.strip())


def test_an_interrupted_rotation_is_finished_by_the_next(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "data").mkdir()
    asyncio.run(_kept(Settings(data=tmp_path / "data")))
    for step in ("owner_keys.OwnerKeys.rewrap", "transactions.Transactions.checkpoint"):
        with monkeypatch.context() as broken:

            async def cut(_self: Any) -> None:
                raise OSError("power cut")

            broken.setattr(f"storage.{step}", cut)
            assert run("db", "rotate-key").exception
        assert _role(tmp_path) == "lamplighter"
    assert len((tmp_path / "data" / KEY_FILE).read_text().split()) == 3
    assert run("db", "rotate-key").exit_code == 0
    assert len((tmp_path / "data" / KEY_FILE).read_text().split()) == 1
    assert _role(tmp_path) == "lamplighter"


def test_rotating_a_key_in_the_environment_says_what_to_set(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    old, new = _new_key(), _new_key()
    (tmp_path / "data").mkdir()
    asyncio.run(_kept(Settings(data=tmp_path / "data", key=old)))
    monkeypatch.setenv("QUILLMATE_KEY", old)
    assert "QUILLMATE_KEY=NEW,OLD quillmate db rotate-key" in str(run("db", "rotate-key").exception)
    monkeypatch.setenv("QUILLMATE_KEY", f"{new},{old}")
    assert "with older ones: quillmate db rotate-key" in run("doctor", "--offline").stdout
    assert "Remove the other keys from QUILLMATE_KEY" in run("db", "rotate-key").stdout
    assert _role(tmp_path, key=new) == "lamplighter"


def test_a_key_is_not_rotated_under_a_running_bot(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with FileLock(tmp_path / "data" / "run.lock"):
        for command in ("rotate-key", "forget-lost"):
            assert "Another quillmate runs on" in str(run("db", command).exception)


def test_a_lost_key_says_what_is_lost_and_lets_go_of_that_alone(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    lost, there = _new_key(), _new_key()
    (tmp_path / "data").mkdir()
    asyncio.run(_kept(Settings(data=tmp_path / "data", key=lost)))
    asyncio.run(_kept(Settings(data=tmp_path / "data", key=f"{there},{lost}"), "9"))
    monkeypatch.setenv("QUILLMATE_KEY", there)
    told = run("doctor", "--offline").stdout
    assert re.search(r"✗ Key: [0-9a-f]{8} is lost\n  → What 2 people wrote is encrypted with the operator's key", told)
    assert "cannot be read by anybody" in told
    refused = run("db", "forget-lost", stdin="n\n")
    assert "2 profile entries, 0 results, 0 votes and 0 documents of 2 people are encrypted with" in refused.stdout
    assert (refused.exit_code, "Nothing was deleted." in refused.stdout) == (1, True)
    assert "Deleted all that was kept of 2 people." in run("db", "forget-lost", "--yes").stdout
    assert "Nothing is lost" in run("db", "forget-lost").stdout
    assert [_role(tmp_path, user, key=there) for user in "79"] == ["", "lamplighter"]


def test_the_operator_forgets_what_a_server_owns(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    async def given() -> None:
        async with open_store(Settings(data=tmp_path / "data")) as store:
            for _ in range(2):
                kept = await store.personas.add("7", build_persona({"title": "Owl", "voice": "You write at night."}))
            await store.personas.give("7", kept.id, "1")

    asyncio.run(given())
    assert "The keys of 1 person and 1 server are encrypted" in run("db", "rotate-key").stdout
    assert "and 0 documents of 1 server?" in run("db", "forget", "1", "--server", stdin="n\n").stdout
    assert run("db", "forget", "1", "--server", "--yes").stdout == "Deleted all that was the own of the server 1.\n"
    assert run("db", "forget", "1", "--server", "--yes").stdout == "Nothing is the own of the server 1.\n"
    assert "The keys of 1 person are encrypted" in run("db", "rotate-key").stdout


def test_a_lost_key_lets_go_of_servers_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    async def given() -> None:
        async with open_store(Settings(data=tmp_path / "data")) as store:
            kept = await store.personas.add("7", build_persona({"title": "Owl", "voice": "You write at night."}))
            await store.personas.give("7", kept.id, "1")

    asyncio.run(given())
    (tmp_path / "data" / PARENTS_FILE).unlink()
    assert "What 1 person and 1 server wrote is encrypted" in run("doctor", "--offline").stdout
    assert "Deleted all that was kept of 1 person and 1 server." in run("db", "forget-lost", "--yes").stdout
    assert "Nothing is lost" in run("db", "forget-lost").stdout


def test_doctor_tells_of_rows_that_another_program_moved(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    asyncio.run(_kept(Settings(data=tmp_path / "data")))
    assert "✓ Database" in run("doctor", "--offline").stdout
    with closing(sqlite3.connect(tmp_path / "data" / "quillmate.db")) as connection, connection:
        connection.execute("UPDATE preferences SET scope = 'channel:9' WHERE user_id = '7'")
        connection.execute("UPDATE preferences SET user_id = '9' WHERE user_id = '8'")
    told = run("doctor", "--offline").stdout
    assert "✗ Database" in told
    assert "2 rows of preferences cannot be opened" in told


def test_doctor_tells_where_the_key_is(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "✓ Key: made with the first person, in " in run("doctor", "--offline").stdout
    asyncio.run(_kept(Settings(data=tmp_path / "data")))
    assert re.search(r"✓ Key: [0-9a-f]{8} in .*operator\.key\. Keep a copy of it", run("doctor", "--offline").stdout)
    (tmp_path / "data" / KEY_FILE).chmod(0o644)
    assert "can be read by others. Run: chmod 600" in run("doctor", "--offline").stdout


def test_the_operator_forgets_somebody_who_cannot_ask_for_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "pictures" / "7").mkdir(parents=True)
    asyncio.run(_kept(Settings(data=tmp_path / "data")))
    assert "Delete 1 profile entry, 0 results, 0 votes and 0 documents of 1 person?" in run("db", "forget", "7").stdout
    assert _role(tmp_path) == "lamplighter"
    assert run("db", "forget", "7", "--yes").stdout == "Deleted all that was kept of 7.\n"
    assert run("db", "forget", "../7").stdout == "Nothing is kept of ../7.\n"
    assert [_role(tmp_path, user) for user in "78"] == ["", "lamplighter"]
    assert not (tmp_path / "data" / "pictures" / "7").exists()


def _pending(settings: Settings, *owners: str) -> None:
    """Keeps a request of each of some people's that is still to be answered, as a process does that is killed then."""

    async def work() -> None:
        async with open_store(settings) as store:
            never = asyncio.Event()

            async def wait(_job: Any, _checkpoint: Any, *, again: bool) -> None:
                await never.wait()

            async with Jobs(settings.jobs_url, wait, store.database.owners.load_key) as jobs:
                for owner in owners:
                    await jobs.submit(f"job-{owner}", owner, {"brief": "lamplighter"})

    asyncio.run(work())


def _in_files(folder: Path, word: str) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes()]


def test_the_operator_forgets_requests_that_are_pending_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    ada, ben = "123456789012345678", "987654321098765432"
    _pending(settings, ada, ben)
    assert "jobs.db" in _in_files(tmp_path / "data", ada)
    assert run("db", "forget", ada, stdin="n\n").exit_code == 1
    assert "jobs.db" in _in_files(tmp_path / "data", ada), "nothing is deleted before the answer"
    assert run("db", "forget", ada, "--yes").stdout == f"Deleted all that was kept of {ada}.\n"
    assert _in_files(tmp_path / "data", ada) == []
    taken: list[Any] = []

    async def next_start() -> None:
        async with open_store(settings) as store:
            known = store.database.owners.load_known_key

            async def work(job: Any, _checkpoint: Any, *, again: bool) -> None:
                taken.append(job)

            async with Jobs(settings.jobs_url, work, store.database.owners.load_key, known_seal_of=known) as jobs:
                await until(lambda: taken and not jobs.running)
            assert await known(ada) is None

    asyncio.run(next_start())
    assert taken == [{"brief": "lamplighter"}], "Ben's is carried out"
    assert _in_files(tmp_path / "data", ada) == []


def test_a_request_whose_person_is_gone_brings_nobody_back(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    _pending(settings, "7")
    taken: list[Any] = []

    async def next_start() -> None:
        async with open_store(settings) as store:
            await store.people.forget("7")
            known = store.database.owners.load_known_key

            async def work(job: Any, _checkpoint: Any, *, again: bool) -> None:
                taken.append(job)

            async with Jobs(settings.jobs_url, work, store.database.owners.load_key, known_seal_of=known) as jobs:
                await until(lambda: not jobs.running)
                await asyncio.sleep(0.1)
                assert await jobs.load_all("7") == []
            assert not any((await store.people.count_rows("7")).values())

    asyncio.run(next_start())
    assert taken == []


def test_a_rotation_renews_everybody_s_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = Settings(data=tmp_path / "data")
    asyncio.run(_kept(settings))
    before = (tmp_path / "data" / PARENTS_FILE).read_text().split()[::4]
    assert run("db", "rotate-key").exit_code == 0
    after = (tmp_path / "data" / PARENTS_FILE).read_text().split()[::4]
    assert before
    assert not set(before) & set(after)
    assert _role(tmp_path) == "lamplighter"


def test_a_backup_opens_with_the_keys_beside_it_also_after_somebody_was_forgotten(run: Run, tmp_path: Path) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"
    data.mkdir()
    assert "There is no database" in str(run("db", "backup", str(copies)).exception)
    asyncio.run(_kept(Settings(data=data)))
    assert "Copied to " in run("db", "backup", str(copies)).stdout
    [copy] = copies.iterdir()
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in copy.iterdir()} == {
        "quillmate.db": 0o600, PARENTS_FILE: 0o600,
    }  # fmt: skip
    run("db", "forget", "7", "--yes")
    assert _role(tmp_path) == ""
    alone = tmp_path / "put back"
    for folder in (alone / "data", tmp_path / "alone" / "data"):
        folder.mkdir(parents=True)
        for file in (copy / "quillmate.db", data / KEY_FILE):
            (folder / file.name).write_bytes(file.read_bytes())
            (folder / file.name).chmod(0o600)
    (alone / "data" / PARENTS_FILE).write_bytes((copy / PARENTS_FILE).read_bytes())
    (alone / "data" / PARENTS_FILE).chmod(0o600)
    assert _role(alone) == "lamplighter"
    with pytest.raises(StorageError, match=r"not in parents\.key: that file has to be of the same time"):
        _role(tmp_path / "alone")
