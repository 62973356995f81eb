"""The database goes away while requests are under way, and comes back: each is answered, or told of, once. Real processes."""

from __future__ import annotations

import asyncio
import os
import signal
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import process_fork
import pytest
import pytest_asyncio
from acting import wait_until
from faulty_discord import FaultyDiscord
from gateway import serve_stand_in
from process_fork import ForkedProcess
from router_cache import install_router
from servers import StoppableServer, run_stoppable_postgres

from bot.runtime.concurrency import MIN_PLACES
from storage.database import Database

# As many as are written at once on the busiest machine: four in all.
EACH = MIN_PLACES // 2


@pytest.fixture
def server() -> Iterator[StoppableServer]:
    with run_stoppable_postgres() as server:
        yield server


@pytest_asyncio.fixture
async def there() -> AsyncIterator[FaultyDiscord]:
    async with serve_stand_in(FaultyDiscord()) as there:
        yield there


async def start(folder: Path, there: FaultyDiscord, server: StoppableServer, patience: float) -> ForkedProcess:
    """Start the bot; return once it is connected."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("QUILLMATE_", "DISCORD_"))}
    given |= {
        "DISCORD_TOKEN": "a-token",
        "QUILLMATE_DATA": str(folder),
        "QUILLMATE_LIMITS": "none",
        "QUILLMATE_EMBEDDINGS": "none",
        "QUILLMATE_DATABASE": server.url,
        "QUILLMATE_KEY": b64encode(b"k" * 32).decode(),
        "PATIENCE": str(patience),
        "QUILLMATE_ENGINE": "openai:any",
        "QUILLMATE_ENGINE_URL": f"{there.url}/v1",
    }
    process = await process_fork.start("running.py", f"{there.url}/api", environment=given, folder=folder)
    async with asyncio.timeout(60):
        assert await process.stdout.readline(), (await process.communicate())[1].decode()
    return process


async def stop(process: ForkedProcess) -> None:
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest.mark.parametrize("patience", [60.0, pytest.param(0.0, marks=pytest.mark.nightly)], ids=["waits", "tells"])
@pytest.mark.parametrize("ends", [pytest.param("stopped", marks=pytest.mark.nightly), "killed while it is away"])
async def test_each_job_is_answered_or_reported_once(
    tmp_path: Path, trained: Path, there: FaultyDiscord, server: StoppableServer, patience: float, ends: str
) -> None:
    install_router(trained, tmp_path)
    database = Database(server.url)
    await database.upgrade()
    await database.close()
    process = await start(tmp_path, there, server, patience)
    asked = [one for _ in range(EACH) for one in (await there.mention(), await there.command())]
    await wait_until(lambda: there.being_written == 2 * EACH)
    server.stop()
    there.writes.set()
    if patience:
        await asyncio.sleep(2)
        assert not any(there.answers(one) for one in asked), "nobody is told before their patience ends"
    else:
        await wait_until(lambda: all(there.answers(one) for one in asked))
        await wait_until(
            lambda: not any(there.shelf.originals.values())
        )  # What was told privately stands in no channel.
    if ends == "stopped":
        server.start()
        await wait_until(lambda: all(there.answers(one) for one in asked))
        await stop(process)
    else:
        process.kill()
        await process.wait()
        server.start()
    before = {one: there.answers(one) for one in asked}
    process = await start(tmp_path, there, server, patience)
    await wait_until(lambda: all(there.answers(one) for one in asked))
    await asyncio.sleep(2)  # For a second answer, if there were one.
    await stop(process)
    assert Counter(len(there.answers(one)) for one in asked) == {1: 2 * EACH}
    assert there.posts() == []
    if patience:
        assert all(there.whole(one) for one in asked)
    else:
        assert {one: there.answers(one) for one in asked} == before
    assert not (tmp_path / "ended-jobs").exists()
