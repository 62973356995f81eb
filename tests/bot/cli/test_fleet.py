"""Several processes on one PostgreSQL database, as an operator runs them: each event is one's, and what one leaves is another's."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import forked
import pytest
import pytest_asyncio
from acting import until
from forked import Forked
from gateway import Discord, standing_in
from sqlalchemy.engine import make_url
from trained import give

from bot.store import Store
from storage.bulk import BulkJob
from storage.crypto import Keyring
from storage.database import Database

REPOSITORY = Path(__file__).parents[3]
# Seconds that a program is waited for: a busy machine is no fault of it.
PATIENCE = 120
STANDING_BY = "another process serves these shards: waiting for them, and working meanwhile"


class Fleet:
    """Processes that share a database. What each has said so far is in `said`, by its name."""

    def __init__(self, folder: Path, there: Discord, trained: Path, url: str) -> None:
        self._folder, self._there, self._trained, self._url = folder, there, trained, url
        self.processes: dict[str, Forked] = {}
        self.said: dict[str, list[str]] = {}
        self._reading: list[asyncio.Task[None]] = []

    async def start(self, name: str, *verb: str, **environment: str) -> Forked:
        """A process with a slot and a data folder of its own."""
        folder = self._folder / name
        if not folder.is_dir():
            give(self._trained, folder)
        given = {key: value for key, value in os.environ.items() if not key.startswith(("QUILLMATE_", "DISCORD_"))}
        given |= {
            "PYTHONPATH": str(REPOSITORY), "DISCORD_TOKEN": "a-token", "QUILLMATE_DATA": str(folder),
            "QUILLMATE_SLOT": name, "QUILLMATE_DATABASE": self._url, "QUILLMATE_KEY": b64encode(b"k" * 32).decode(),
            "QUILLMATE_ENGINE": "openai:any", "QUILLMATE_ENGINE_URL": f"{self._there.url}/v1",
            "QUILLMATE_LIMITS": "none", **environment,
        }  # fmt: skip
        words = (f"{self._there.url}/api", "-q", "--", *(verb or ("run",)))
        process = await forked.start("running.py", *words, environment=given, folder=folder)
        self.processes[name], self.said[name] = process, []
        for stream in (process.stdout, process.stderr):
            self._reading.append(asyncio.create_task(self._read(name, stream)))
        return process

    async def _read(self, name: str, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.said[name].append(line.decode().strip())

    async def says(self, name: str, words: str) -> None:
        """Waits until a process has said something."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in line for line in self.said[name]):
                assert self.processes[name].returncode is None, self.said[name]
                await asyncio.sleep(0.02)

    def logged(self, name: str, event: str) -> list[dict[str, object]]:
        """The lines of a process's log of an event."""
        lines = [json.loads(line) for line in self.said[name] if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    async def end(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            await process.wait()
        await asyncio.gather(*self._reading)


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Discord]:
    async with standing_in() as discord:
        yield discord


@pytest_asyncio.fixture
async def fleet(tmp_path: Path, there: Discord, trained: Path, postgres_url: str) -> AsyncIterator[Fleet]:
    database = Database(postgres_url)
    await database.upgrade()
    await database.close()
    fleet = Fleet(tmp_path, there, trained, postgres_url)
    yield fleet
    await fleet.end()


async def test_each_event_is_acknowledged_once_and_a_standby_takes_the_shards_over(
    fleet: Fleet, there: Discord
) -> None:
    there.writes.set()
    first = await fleet.start("a")
    await fleet.says("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.says("b", STANDING_BY)
    assert fleet.logged("b", STANDING_BY)[0]["shards"] == "0/1"
    for number in range(4):
        await there.copy(f"token-{number}")
    await until(lambda: len(there.finished) == 4)
    assert (len(there.identified), there.twice) == (1, [])
    first.send_signal(signal.SIGTERM)
    await fleet.says("b", "Ready as Quillmate")
    await there.copy("later")
    await until(lambda: len(there.finished) == 5)
    assert (len(there.identified), there.twice) == (2, [])


async def test_shards_that_are_told_apart_are_served_side_by_side(fleet: Fleet, there: Discord) -> None:
    await fleet.start("a", QUILLMATE_SHARDS="0/2")
    await fleet.start("b", QUILLMATE_SHARDS="1/2")
    for name in "ab":
        await fleet.says(name, "Ready as Quillmate")
    assert sorted(one["shard"] for one in there.identified) == [[0, 2], [1, 2]]
    await fleet.start("c")  # All of one, as Discord recommends, which would hear the same events.
    await fleet.says("c", STANDING_BY)


async def test_what_a_process_had_begun_that_was_killed_is_another_s(fleet: Fleet, there: Discord) -> None:
    first = await fleet.start("a")
    await fleet.says("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.says("b", STANDING_BY)
    for number in range(6):
        await there.copy(f"token-{number}")
    await until(lambda: len(there.callbacks) == 6)
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    there.writes.set()
    first.kill()
    await until(lambda: len({token for token, _ in there.finished}) == 6)
    await fleet.says("b", "requests taken over")
    assert fleet.logged("b", "requests taken over")[0]["slot"] == "a"
    assert there.twice == []
    await fleet.says("b", "Ready as Quillmate")


class Line:
    """What leads to the database, until it is cut: then nothing goes through it any more, and nobody is told so."""

    def __init__(self, url: str, folder: Path) -> None:
        there = make_url(url)
        self._socket = f"{there.query['host']}/.s.PGSQL.5432"
        self._here = f"{folder}/.s.PGSQL.5432"
        self.url = there.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        self._taken: list[asyncio.Task[None]] = []
        self._whole = asyncio.Event()
        self._whole.set()

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._take, self._here)
        yield
        server.close()
        for task in self._taken:
            task.cancel()
        await asyncio.gather(*self._taken, return_exceptions=True)
        await asyncio.sleep(0.1)  # Until the transports are closed.

    def cut(self) -> None:
        self._whole.clear()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._taken.append(task)
        writers = [writer]
        try:
            await self._whole.wait()
            there, back = await asyncio.open_unix_connection(self._socket)
            writers.append(back)
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        finally:
            for one in writers:
                one.transport.abort()  # Nobody reads any more what it still holds.
            await asyncio.sleep(0)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while body := await reader.read(65_536):
                await self._whole.wait()
                writer.write(body)
                await writer.drain()
        writer.close()


async def test_a_process_that_is_cut_off_from_the_database_ends_and_another_answers(
    fleet: Fleet, there: Discord, postgres_url: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="line") as folder:  # A socket's path must be short.
        line = Line(postgres_url, Path(folder))
        async with line.laid():
            first = await fleet.start("a", QUILLMATE_DATABASE=line.url)
            await fleet.says("a", "Ready as Quillmate")
            await fleet.start("b")
            await fleet.says("b", STANDING_BY)
            for number in range(3):
                await there.copy(f"token-{number}")
            await until(lambda: len(there.callbacks) == 3)
            await asyncio.wait_for(there.asked.wait(), PATIENCE)
            line.cut()
            there.writes.set()
            async with asyncio.timeout(PATIENCE):
                assert await first.wait() == 75
            await until(lambda: len({token for token, _ in there.finished}) == 3)
    assert (len(there.finished), there.twice) == (3, []), (
        "the first could not know whether it is still the one that answers"
    )


async def test_a_process_that_hung_hears_and_shows_nothing_when_it_wakes(fleet: Fleet, there: Discord) -> None:
    first = await fleet.start("a")
    await fleet.says("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.says("b", STANDING_BY)
    for number in range(3):
        await there.copy(f"token-{number}")
    await until(lambda: len(there.callbacks) == 3)
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    first.send_signal(signal.SIGSTOP)
    there.writes.set()
    await fleet.says("b", "Ready as Quillmate")
    await until(lambda: len({token for token, _ in there.finished}) == 3)
    for number in range(3, 6):  # The one that hangs hears of these too, when it wakes.
        await there.copy(f"token-{number}")
    await until(lambda: len({token for token, _ in there.finished}) == 6)
    shown = dict(there.shown)
    first.send_signal(signal.SIGCONT)
    async with asyncio.timeout(PATIENCE):
        assert await first.wait() == 75
    assert (there.twice, there.shown, len(there.finished)) == ([], shown, 6)


async def test_a_worker_answers_what_a_gateway_takes_and_never_before_it_is_acknowledged(
    fleet: Fleet, there: Discord
) -> None:
    await fleet.start("worker", "worker")
    await fleet.says("worker", "Working as Quillmate,")
    await fleet.start("gateway", "run", "--no-work")
    await fleet.says("gateway", "Ready as Quillmate")
    there.writes.set()
    there.slowly = 1.0
    for number in range(3):
        await there.copy(f"token-{number}")
    await until(lambda: len({token for token, _ in there.finished}) == 3)
    assert (len(there.identified), there.twice, len(there.finished)) == (1, [], 3)
    assert all("closed on Monday" in there.shown[f"token-{number}"] for number in range(3))
    # The log is read through a pipe: its last line may come after the answer.
    await until(lambda: len(fleet.logged("worker", "answered")) == 3)


async def test_what_a_worker_is_at_is_taken_back_and_forgotten_through_a_gateway(fleet: Fleet, there: Discord) -> None:
    await fleet.start("worker", "worker")
    await fleet.says("worker", "Working as Quillmate,")
    await fleet.start("gateway", "run", "--no-work")
    await fleet.says("gateway", "Ready as Quillmate")
    first = await there.copy("first")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    await there.press("cancel", f"quill:cancel:{first}")
    await until(lambda: "Cancelled. I won't write that." in there.shown.get("first", ""))
    there.asked.clear()
    await there.copy("second")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    await there.press("forget", "quillforget:7")
    await until(lambda: "you asked me to forget you" in there.told.get("second", ""))
    await until(lambda: "I no longer keep anything about you" in there.told.get("forget", ""))
    there.writes.set()
    await there.copy("third")
    await until(lambda: len(there.finished) == 1)
    assert there.finished[0][0] == "third"
    assert "quill:again:" not in there.shown["first"] + there.shown["second"]


async def test_a_sheet_is_made_by_one_process_alone(fleet: Fleet, there: Discord, postgres_url: str) -> None:
    store = Store(postgres_url, Keyring((b"k" * 32,)))
    job = BulkJob(
        "sheet", "7", "2", "teas.csv", ("tea",), 8, "tweet about {tea}", "social_post", columns={"tea": "tea"}
    )
    await store.bulk.add(job, [[f"oolong number {number}"] for number in range(8)])
    assert await store.bulk.change(job, ("draft",), state="running", message_id="1")
    for name in ("a", "b"):
        await fleet.start(name, "worker")
        await fleet.says(name, "Working as Quillmate,")
    await until(lambda: len(there.prompts) == 4)  # As many as are begun at once of a sheet.
    await asyncio.sleep(1)
    assert len(there.prompts) == 4, "none is begun by the other as well"
    leases, _ = await store.leases.list_names()
    assert "work sheet" in leases
    there.writes.set()
    async with asyncio.timeout(PATIENCE):
        while (await store.bulk.count_rows("sheet"))["done"] < 8:
            await asyncio.sleep(0.05)
    await store.database.close()
    assert sorted(number for number in range(8) for one in there.prompts if f"oolong number {number}" in one) == [
        *range(8)
    ]


@pytest.mark.parametrize("verb", [("worker",), ("run", "--no-work")])
async def test_roles_need_a_server_that_requests_are_shared_through(fleet: Fleet, verb: tuple[str, ...]) -> None:
    process = await fleet.start("alone", *verb, QUILLMATE_DATABASE="")
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 2
    said = "Processes share requests through a PostgreSQL server. Set QUILLMATE_DATABASE to one, such as"
    await until(lambda: any(line.startswith(said) for line in fleet.said["alone"]))
