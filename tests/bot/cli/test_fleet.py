"""Tests of several processes on one PostgreSQL database: each event is handled once, and requests of a failed process
are taken over.
"""

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

import process_fork
import pytest
import pytest_asyncio
from acting import wait_until
from gateway import DiscordServer, serve_discord
from process_fork import ForkedProcess
from router_cache import install_router
from sqlalchemy.engine import make_url

from bot.store import Store
from storage.bulk import BulkJob
from storage.crypto import Keyring
from storage.database import Database

REPOSITORY = Path(__file__).parents[3]
# Timeout for programs: generous, as the machine may be busy.
PATIENCE = 120
STANDING_BY = "another process serves these shards: waiting for them, and working meanwhile"


class Fleet:
    """Processes that share a database; `output` holds the lines of each, by name."""

    def __init__(self, folder: Path, there: DiscordServer, trained: Path, url: str) -> None:
        self._folder, self._there, self._trained, self._url = folder, there, trained, url
        self.processes: dict[str, ForkedProcess] = {}
        self.output: dict[str, list[str]] = {}
        self._reading: list[asyncio.Task[None]] = []

    async def start(self, name: str, *verb: str, **environment: str) -> ForkedProcess:
        """Start a process with a slot and a data folder of its own."""
        folder = self._folder / name
        if not folder.is_dir():
            install_router(self._trained, folder)
        given = {key: value for key, value in os.environ.items() if not key.startswith(("QUILLMATE_", "DISCORD_"))}
        given |= {
            "PYTHONPATH": str(REPOSITORY),
            "DISCORD_TOKEN": "a-token",
            "QUILLMATE_DATA": str(folder),
            "QUILLMATE_SLOT": name,
            "QUILLMATE_DATABASE": self._url,
            "QUILLMATE_KEY": b64encode(b"k" * 32).decode(),
            "QUILLMATE_ENGINE": "openai:any",
            "QUILLMATE_ENGINE_URL": f"{self._there.url}/v1",
            "QUILLMATE_LIMITS": "none",
            **environment,
        }
        words = (f"{self._there.url}/api", "-q", "--", *(verb or ("run",)))
        process = await process_fork.start("running.py", *words, environment=given, folder=folder)
        self.processes[name], self.output[name] = process, []
        for stream in (process.stdout, process.stderr):
            self._reading.append(asyncio.create_task(self._read(name, stream)))
        return process

    async def _read(self, name: str, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.output[name].append(line.decode().strip())

    async def wait_for_output(self, name: str, words: str) -> None:
        """Wait until a process has printed these words."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in line for line in self.output[name]):
                assert self.processes[name].returncode is None, self.output[name]
                await asyncio.sleep(0.02)

    def find_log_lines(self, name: str, event: str) -> list[dict[str, object]]:
        """Find the lines of a process's log about an event."""
        lines = [json.loads(line) for line in self.output[name] if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    async def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            await process.wait()
        await asyncio.gather(*self._reading)


@pytest_asyncio.fixture
async def there() -> AsyncIterator[DiscordServer]:
    async with serve_discord() as discord:
        yield discord


@pytest_asyncio.fixture
async def fleet(tmp_path: Path, there: DiscordServer, trained: Path, postgres_url: str) -> AsyncIterator[Fleet]:
    database = Database(postgres_url)
    await database.upgrade()
    await database.close()
    fleet = Fleet(tmp_path, there, trained, postgres_url)
    yield fleet
    await fleet.stop()


async def test_events_are_acknowledged_once_and_standby_takes_over_shards(fleet: Fleet, there: DiscordServer) -> None:
    there.writes.set()
    first = await fleet.start("a")
    await fleet.wait_for_output("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.wait_for_output("b", STANDING_BY)
    assert fleet.find_log_lines("b", STANDING_BY)[0]["shards"] == "0/1"
    for number in range(4):
        await there.copy(f"token-{number}")
    await wait_until(lambda: len(there.finished) == 4)
    assert (len(there.identified), there.twice) == (1, [])
    first.send_signal(signal.SIGTERM)
    await fleet.wait_for_output("b", "Ready as Quillmate")
    await there.copy("later")
    await wait_until(lambda: len(there.finished) == 5)
    assert (len(there.identified), there.twice) == (2, [])


@pytest.mark.nightly
async def test_explicit_shards_are_served_concurrently(fleet: Fleet, there: DiscordServer) -> None:
    await fleet.start("a", QUILLMATE_SHARDS="0/2")
    await fleet.start("b", QUILLMATE_SHARDS="1/2")
    for name in "ab":
        await fleet.wait_for_output(name, "Ready as Quillmate")
    assert sorted(one["shard"] for one in there.identified) == [[0, 2], [1, 2]]
    await fleet.start("c")  # All of one, as Discord recommends, which would hear the same events.
    await fleet.wait_for_output("c", STANDING_BY)


async def test_requests_of_killed_process_are_taken_over(fleet: Fleet, there: DiscordServer) -> None:
    first = await fleet.start("a")
    await fleet.wait_for_output("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.wait_for_output("b", STANDING_BY)
    for number in range(6):
        await there.copy(f"token-{number}")
    await wait_until(lambda: len(there.callbacks) == 6)
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    there.writes.set()
    first.kill()
    await wait_until(lambda: len({token for token, _ in there.finished}) == 6)
    await fleet.wait_for_output("b", "requests taken over")
    assert fleet.find_log_lines("b", "requests taken over")[0]["slot"] == "a"
    assert there.twice == []
    await fleet.wait_for_output("b", "Ready as Quillmate")


class DatabaseProxy:
    """A proxy to the database that can be cut silently: then it forwards nothing."""

    def __init__(self, url: str, folder: Path) -> None:
        there = make_url(url)
        self._socket = f"{there.query['host']}/.s.PGSQL.5432"
        self._here = f"{folder}/.s.PGSQL.5432"
        self.url = there.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        self._taken: list[asyncio.Task[None]] = []
        self._whole = asyncio.Event()
        self._whole.set()

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._take, self._here)
        yield
        server.close()
        for task in self._taken:
            task.cancel()
        await asyncio.gather(*self._taken, return_exceptions=True)
        await asyncio.sleep(0.1)  # Until the transports are closed.

    def disconnect(self) -> None:
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
            await asyncio.gather(self._forward(reader, back), self._forward(there, writer))
        finally:
            for one in writers:
                one.transport.abort()  # Nobody reads any more what it still holds.
            await asyncio.sleep(0)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while body := await reader.read(65_536):
                await self._whole.wait()
                writer.write(body)
                await writer.drain()
        writer.close()


@pytest.mark.nightly
async def test_process_without_database_exits_and_another_answers(
    fleet: Fleet, there: DiscordServer, postgres_url: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="line") as folder:  # A socket's path must be short.
        line = DatabaseProxy(postgres_url, Path(folder))
        async with line.listen():
            first = await fleet.start("a", QUILLMATE_DATABASE=line.url)
            await fleet.wait_for_output("a", "Ready as Quillmate")
            await fleet.start("b")
            await fleet.wait_for_output("b", STANDING_BY)
            for number in range(3):
                await there.copy(f"token-{number}")
            await wait_until(lambda: len(there.callbacks) == 3)
            await asyncio.wait_for(there.asked.wait(), PATIENCE)
            line.disconnect()
            there.writes.set()
            async with asyncio.timeout(PATIENCE):
                assert await first.wait() == 75
            await wait_until(lambda: len({token for token, _ in there.finished}) == 3)
    assert (len(there.finished), there.twice) == (3, []), (
        "the first could not know whether it is still the one that answers"
    )


@pytest.mark.nightly
async def test_process_that_hung_is_silent_after_waking(fleet: Fleet, there: DiscordServer) -> None:
    first = await fleet.start("a")
    await fleet.wait_for_output("a", "Ready as Quillmate")
    await fleet.start("b")
    await fleet.wait_for_output("b", STANDING_BY)
    for number in range(3):
        await there.copy(f"token-{number}")
    await wait_until(lambda: len(there.callbacks) == 3)
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    first.send_signal(signal.SIGSTOP)
    there.writes.set()
    await fleet.wait_for_output("b", "Ready as Quillmate")
    await wait_until(lambda: len({token for token, _ in there.finished}) == 3)
    for number in range(3, 6):  # The one that hangs hears of these too, when it wakes.
        await there.copy(f"token-{number}")
    await wait_until(lambda: len({token for token, _ in there.finished}) == 6)
    shown = dict(there.shown)
    first.send_signal(signal.SIGCONT)
    async with asyncio.timeout(PATIENCE):
        assert await first.wait() == 75
    assert (there.twice, there.shown, len(there.finished)) == ([], shown, 6)


async def test_worker_answers_only_acknowledged_requests(fleet: Fleet, there: DiscordServer) -> None:
    await fleet.start("worker", "worker")
    await fleet.wait_for_output("worker", "Working as Quillmate,")
    await fleet.start("gateway", "run", "--no-work")
    await fleet.wait_for_output("gateway", "Ready as Quillmate")
    there.writes.set()
    there.slowly = 1.0
    for number in range(3):
        await there.copy(f"token-{number}")
    await wait_until(lambda: len({token for token, _ in there.finished}) == 3)
    assert (len(there.identified), there.twice, len(there.finished)) == (1, [], 3)
    assert all("closed on Monday" in there.shown[f"token-{number}"] for number in range(3))
    # The log is read through a pipe: its last line may come after the answer.
    await wait_until(lambda: len(fleet.find_log_lines("worker", "answered")) == 3)


async def test_request_of_worker_is_ended_cancelled_and_erased_through_gateway(
    fleet: Fleet, there: DiscordServer
) -> None:
    await fleet.start("worker", "worker")
    await fleet.wait_for_output("worker", "Working as Quillmate,")
    await fleet.start("gateway", "run", "--no-work")
    await fleet.wait_for_output("gateway", "Ready as Quillmate")
    stuck = await there.copy("stuck")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    await there.press("longest", "quilladmin:longest")
    await wait_until(lambda: f"in another process (request {stuck})" in there.told.get("longest", ""))
    await there.press("end", f"quilladmin:end:{stuck}")
    await wait_until(lambda: "stopped your request because it made no progress" in there.told.get("stuck", ""))
    await wait_until(lambda: "Ended. The person who asked has been notified." in there.told.get("end", ""))
    there.asked.clear()
    first = await there.copy("first")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    await there.press("cancel", f"quill:cancel:{first}")
    await wait_until(lambda: "Cancelled." in there.shown.get("first", ""))
    there.asked.clear()
    await there.copy("second")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    await there.press("forget", "quillforget:7")
    await wait_until(lambda: "you asked me to forget you" in there.told.get("second", ""))
    await wait_until(lambda: "I no longer have any data about you" in there.told.get("forget", ""))
    there.writes.set()
    await there.copy("third")
    await wait_until(lambda: len(there.finished) == 1)
    assert there.finished[0][0] == "third"
    assert "quill:again:" not in there.shown["first"] + there.shown["second"]


async def test_sheet_is_processed_by_one_process(fleet: Fleet, there: DiscordServer, postgres_url: str) -> None:
    store = Store(postgres_url, Keyring((b"k" * 32,)))
    job = BulkJob(
        "sheet", "7", "2", "teas.csv", ("tea",), 8, "tweet about {tea}", "social_post", columns={"tea": "tea"}
    )
    await store.bulk.add(job, [[f"oolong number {number}"] for number in range(8)])
    assert await store.bulk.change(job, ("draft",), state="running", message_id="1")
    for name in ("a", "b"):
        await fleet.start(name, "worker")
        await fleet.wait_for_output(name, "Working as Quillmate,")
    await wait_until(lambda: len(there.prompts) == 4)  # As many as are begun at once of a sheet.
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
async def test_separate_roles_require_postgresql(fleet: Fleet, verb: tuple[str, ...]) -> None:
    process = await fleet.start("alone", *verb, QUILLMATE_DATABASE="")
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 2
    said = "Processes share requests through a PostgreSQL server. Set QUILLMATE_DATABASE to one, such as"
    await wait_until(lambda: any(line.startswith(said) for line in fleet.output["alone"]))
