"""What is said to the bot while it hears nothing is answered once it is back, and nothing twice. Real processes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import process_fork
import pytest
import pytest_asyncio
from acting import wait_until
from faulty_discord import DIRECT, FaultyDiscord
from gateway import serve_stand_in
from process_fork import ForkedProcess
from router_cache import install_router


@pytest.fixture
def tmp_path(tmp_path: Path, trained: Path) -> Path:
    """A folder with the trained classifier, as of a bot that was started before."""
    install_router(trained, tmp_path)
    return tmp_path


@pytest_asyncio.fixture
async def there() -> AsyncIterator[FaultyDiscord]:
    async with serve_stand_in(FaultyDiscord()) as there:
        there.writes.set()
        yield there


async def start_bot(folder: Path, there: FaultyDiscord) -> ForkedProcess:
    """Start the bot; return once it is connected."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("QUILLMATE_", "DISCORD_"))}
    given |= {
        "DISCORD_TOKEN": "a-token",
        "QUILLMATE_DATA": str(folder),
        "QUILLMATE_LIMITS": "none",
        "QUILLMATE_EMBEDDINGS": "none",
        "QUILLMATE_ENGINE": "openai:any",
        "QUILLMATE_ENGINE_URL": f"{there.url}/v1",
    }
    process = await process_fork.start("running.py", f"{there.url}/api", environment=given, folder=folder)
    async with asyncio.timeout(60):
        assert await process.stdout.readline(), (await process.communicate())[1].decode()
    return process


async def expect_one_answer_each(there: FaultyDiscord, asked: list[str]) -> None:
    """Expect one answer to each message, and no other post."""
    await wait_until(lambda: all(there.answers(one) for one in asked))
    await asyncio.sleep(1)  # For a second answer, if there were one.
    assert Counter(len(there.answers(one)) for one in asked) == {1: len(asked)}
    assert there.posts() == []


@pytest.mark.parametrize("ends", [pytest.param(signal.SIGTERM, marks=pytest.mark.nightly), signal.SIGKILL])
async def test_messages_sent_while_the_bot_was_down_are_answered_once(
    tmp_path: Path, there: FaultyDiscord, ends: signal.Signals
) -> None:
    process = await start_bot(tmp_path, there)
    asked = [await there.mention(), await there.mention("hello"), await there.mention(channel=DIRECT)]
    await expect_one_answer_each(there, asked)
    process.send_signal(ends)
    await process.wait()
    asked += [await there.mention(told=False), await there.mention("thanks!", told=False)]
    asked += [await there.mention("tweet: we open on Sunday", DIRECT, told=False)]
    await there.say("nothing to do with it")
    process = await start_bot(tmp_path, there)
    await expect_one_answer_each(there, asked)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    calls = there.being_written
    process = await start_bot(tmp_path, there)
    await expect_one_answer_each(there, asked)
    assert there.being_written == calls
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest.mark.nightly
@pytest.mark.parametrize("resumes", [True, False])
async def test_messages_sent_during_a_lost_connection_are_answered_once(
    tmp_path: Path, there: FaultyDiscord, resumes: bool
) -> None:
    process = await start_bot(tmp_path, there)
    asked = [await there.mention(), await there.mention("hello")]
    await expect_one_answer_each(there, asked)
    there.resumes = resumes
    await there.hang_up(4000)
    asked += [await there.mention(), await there.mention("hello")]
    await expect_one_answer_each(there, asked)
    assert (there.resumed, len(there.identified)) == ((1, 1) if resumes else (0, 2))
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest.mark.nightly
async def test_messages_received_just_before_shutdown_are_answered_once(tmp_path: Path, there: FaultyDiscord) -> None:
    process = await start_bot(tmp_path, there)
    there.writes.clear()
    mentions = [await there.mention() for _ in range(10)]
    commands = [await there.command() for _ in range(10)]
    process.send_signal(signal.SIGTERM)
    mentions += [await there.mention() for _ in range(10)]
    commands += [await there.command() for _ in range(10)]
    there.writes.set()
    assert await process.wait() == 0
    process = await start_bot(tmp_path, there)
    await expect_one_answer_each(there, mentions + [one for one in commands if one in there.acknowledged])
    assert len(there.acknowledged) >= 10
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest.mark.nightly
async def test_a_missed_message_of_a_forgotten_user_is_not_answered(tmp_path: Path, there: FaultyDiscord) -> None:
    process = await start_bot(tmp_path, there)
    asked = [await there.mention(), await there.command()]
    await expect_one_answer_each(there, asked)
    process.send_signal(signal.SIGTERM)
    await process.wait()
    missed = await there.mention(told=False)
    await asyncio.to_thread(forget_ada, tmp_path)
    process = await start_bot(tmp_path, there)
    await wait_until(lambda: sum(there.reads.values()))
    await expect_one_answer_each(there, [await there.mention()])
    assert there.answers(missed) == []
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


def forget_ada(folder: Path) -> None:
    """Forget Ada on the command line, as an operator does."""
    import subprocess
    import sys

    environment = {**os.environ, "QUILLMATE_DATA": str(folder)}
    command = [sys.executable, "-m", "bot", "db", "forget", "7", "--yes"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
