"""Tests of `quillmate run` as a real process with a stand-in for Discord, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import discord
import process_fork
import pytest
import pytest_asyncio
from acting import wait_until
from filelock import FileLock
from gateway import DiscordServer, serve_discord
from process_fork import ForkedProcess
from router_cache import install_router

from bot.cli.run import run_bot
from bot.errors import SettingsError
from bot.runtime.watchdog import EXIT_TEMPFAIL, HEARTBEAT_FILE
from bot.settings import Settings
from storage.database import Database

REPOSITORY = Path(__file__).parents[3]
LEASE_TAKEN = (
    'Another process runs with QUILLMATE_SLOT="0" on this database. Stop it, or give this one its own QUILLMATE_SLOT.'
)
Process = asyncio.subprocess.Process | ForkedProcess
# Timeout for programs: generous, as the machine may be busy.
PATIENCE = 120
INVITE = "https://discord.com/oauth2/authorize?client_id=3"


@pytest_asyncio.fixture
async def there() -> AsyncIterator[DiscordServer]:
    async with serve_discord() as discord:
        yield discord


@pytest.fixture
def tmp_path(tmp_path: Path, trained: Path) -> Path:
    """A folder with the trained classifier, as left by an earlier start."""
    install_router(trained, tmp_path)
    return tmp_path


async def start(
    folder: Path,
    there: DiscordServer,
    *,
    umask: int = -1,
    cwd: Path | None = None,
    connected: str = "",
    anew: bool = False,
    **environment: str,
) -> Process:
    """Start the program; in a new interpreter if `anew`."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("QUILLMATE_", "DISCORD_"))}
    given |= {
        "PYTHONPATH": str(REPOSITORY),
        "DISCORD_TOKEN": "a-token",
        "QUILLMATE_DATA": str(folder),
        "QUILLMATE_ENGINE": "openai:any",
        "QUILLMATE_ENGINE_URL": f"{there.url}/v1",
        **environment,
    }
    words, place = (f"{there.url}/api", *filter(None, [connected])), cwd or folder
    if not anew:
        return await process_fork.start("running.py", *words, environment=given, folder=place, umask=umask)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(REPOSITORY / "tests/processes/running.py"),
        *words,
        cwd=place,
        env=given,
        umask=umask,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def wait_until_ready(process: Process) -> list[str]:
    """Return the two lines printed at startup."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        lines = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
    assert all(lines), await wait_for_exit(process)
    return lines


async def wait_for_exit(process: Process) -> tuple[int | None, str]:
    """Return the exit code and the last line of output."""
    code, said = await wait_for_exit_lines(process)
    return code, said[-1]


async def wait_for_exit_lines(process: Process) -> tuple[int | None, list[str]]:
    """Return the exit code and the lines of output."""
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    return process.returncode, said.decode().strip().splitlines()


class Systemd:
    """A receiver of state notifications."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self.address)

    async def receive(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.get_running_loop().sock_recv(self._socket, 100)

    async def wait_for_state(self, state: bytes) -> None:
        while await self.receive() != state:
            pass


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    systemd = Systemd(tmp_path)
    with contextlib.closing(systemd._socket):
        yield systemd


async def test_invite_urls_are_printed_and_no_privileged_intents_requested(
    tmp_path: Path, there: DiscordServer
) -> None:
    process = await start(tmp_path, there, anew=True)
    invited, installed = await wait_until_ready(process)
    assert invited.startswith(f"Ready as Quillmate. Invite me: {INVITE}&scope=bot+applications.commands&permissions=")
    assert installed == (f"Or install me just for yourself: {INVITE}&scope=applications.commands&integration_type=1")
    [identified] = there.identified
    intents = discord.Intents(**{})
    intents.value = identified["intents"]
    heard = {name for name, is_on in intents if is_on}
    assert heard == {"guilds", "guild_messages", "dm_messages", "guild_polls", "dm_polls"}, (
        "none is privileged, and none typed"
    )
    await wait_until(lambda: there.commands)
    for command in there.commands:
        assert sorted(command["integration_types"]) == [0, 1], "in a server and for oneself"
        assert sorted(command["contexts"]) == [0, 1, 2], "in servers, with the bot, and among others"
    await wait_until((tmp_path / HEARTBEAT_FILE).is_file)
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0


async def test_sigterm_completes_running_requests_and_rejects_new_ones(
    tmp_path: Path, there: DiscordServer, systemd: Systemd
) -> None:
    process = await start(tmp_path, there, NOTIFY_SOCKET=systemd.address)
    await wait_until_ready(process)
    await there.copy("first")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    process.send_signal(signal.SIGTERM)
    await systemd.wait_for_state(b"STOPPING=1")
    await there.copy("second")
    await wait_until(lambda: "second" in there.callbacks)
    assert "I am restarting. Try again" in str(there.callbacks["second"])
    there.writes.set()
    code, _ = await wait_for_exit(process)
    assert code == 0
    assert there.callbacks["first"]["type"] == 5
    assert "closed on Monday" in there.shown["first"]
    assert "quill:again:" in there.shown["first"]
    assert "second" not in there.shown


async def test_unfinished_requests_are_answered_by_next_process(tmp_path: Path, there: DiscordServer) -> None:
    process = await start(tmp_path, there, QUILLMATE_GRACE="0")
    await wait_until_ready(process)
    await there.copy("first")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0
    assert "quill:again:" not in there.shown.get("first", "")
    there.writes.set()
    process = await start(tmp_path, there)
    await wait_until_ready(process)
    await wait_until(lambda: "quill:again:" in there.shown.get("first", ""))
    assert "closed on Monday" in there.shown["first"]
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0


@pytest.mark.parametrize(
    ("close_code", "message"),
    [
        (4004, "Discord no longer accepts DISCORD_TOKEN. Get one at"),
        (4014, "Message Content was turned off in the Developer Portal. Start again."),
    ],
)
async def test_closing_by_discord_is_explained(
    tmp_path: Path, there: DiscordServer, close_code: int, message: str
) -> None:
    process = await start(tmp_path, there)
    await wait_until_ready(process)
    await there.hang_up(close_code)
    code, said = await wait_for_exit(process)
    assert (code, said.startswith(message)) == (2, True), said


def build_settings(tmp_path: Path, token: str = "not-a-token") -> Settings:
    return Settings(
        data=tmp_path, token=token, engine="openai:any", engine_url="http://127.0.0.1:9/v1", embeddings="none"
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Discord refused DISCORD_TOKEN. Get one at"),
        (403, "Discord answered with status 403 and does not let me start."),
    ],
)
async def test_rejected_token_is_reported(
    tmp_path: Path, there: DiscordServer, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    there.status = status
    monkeypatch.setattr(discord.http.Route, "BASE", there.url)
    with pytest.raises(SettingsError, match=said):
        await run_bot(build_settings(tmp_path))


@pytest.mark.parametrize("token", ["a\nb", "a\x00b"])
async def test_invalid_token_is_reported(tmp_path: Path, token: str) -> None:
    with pytest.raises(SettingsError, match="DISCORD_TOKEN contains a line break or another character"):
        await run_bot(build_settings(tmp_path, token))


async def test_unreachable_discord_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="Discord cannot be reached"):
        await run_bot(build_settings(tmp_path))


async def test_data_folder_is_exclusive(tmp_path: Path) -> None:
    with FileLock(tmp_path / "run.lock"), pytest.raises(SettingsError, match="Another Quillmate is running on"):
        await run_bot(build_settings(tmp_path))


@pytest.mark.parametrize(
    "moment", [*(pytest.param(one, marks=pytest.mark.nightly) for one in ("opening", "gateway", "ready")), "login"]
)
async def test_sigterm_during_startup_exits_cleanly(tmp_path: Path, there: DiscordServer, moment: str) -> None:
    there.holds = asyncio.Event()
    there.hold_at = {"login": "/users/@me", "gateway": "/gateway/bot"}.get(moment, "nothing")
    process = await start(tmp_path, there, anew=True)
    match moment:
        case "opening":
            await wait_until((tmp_path / "run.lock").is_file)
        case "ready":
            await wait_until(lambda: there.identified)
        case _:
            await asyncio.wait_for(there.holds.wait(), PATIENCE)
    process.send_signal(signal.SIGTERM)
    # Half a second, where nothing else runs; what it waits for never comes, and what it has begun it would wait for for 20 s.
    async with asyncio.timeout(15):
        _, said = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in said
    assert b"closed" not in said


async def test_data_folder_is_private(tmp_path: Path, there: DiscordServer) -> None:
    data = tmp_path / "data"
    process = await start(data, there, umask=0o022, cwd=tmp_path)
    await wait_until_ready(process)
    await wait_until((data / HEARTBEAT_FILE).is_file)
    loose = [one.name for one in (data, *data.rglob("*")) if one.stat().st_mode & 0o077]
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0
    assert {"quillmate.db", "jobs.db", "run.lock", "alive"} <= {one.name for one in data.iterdir()}
    assert loose == []


async def test_systemd_is_notified(tmp_path: Path, there: DiscordServer, systemd: Systemd) -> None:
    process = await start(tmp_path, there, connected="60", NOTIFY_SOCKET=systemd.address)
    assert [await systemd.receive() for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
    process.send_signal(signal.SIGTERM)
    await systemd.wait_for_state(b"STOPPING=1")
    assert (await wait_for_exit(process))[0] == 0


@pytest.mark.parametrize(
    ("connected", "event"), [("3", "not_connected"), pytest.param("60", "loop_stands_still", marks=pytest.mark.nightly)]
)
async def test_faulty_process_exits(tmp_path: Path, there: DiscordServer, connected: str, event: str) -> None:
    process = await start(tmp_path, there, connected=connected)
    await wait_until_ready(process)
    if event == "not_connected":
        there.closed = True
        await there.hang_up(1011)
    else:
        process.send_signal(signal.SIGUSR1)
    code, said = await wait_for_exit_lines(process)
    assert code == EXIT_TEMPFAIL
    # discord.py may say something more meanwhile.
    assert (event, "error") in [(line["event"], line["level"]) for line in map(json.loads, said)]


async def test_process_without_slot_stops_and_can_be_restarted(tmp_path: Path, there: DiscordServer) -> None:
    process = await start(tmp_path, there, connected="60")
    await wait_until_ready(process)
    with contextlib.closing(sqlite3.connect(tmp_path / "quillmate.db", timeout=10)) as database, database:
        assert database.execute("UPDATE leases SET holder = 'elsewhere/1' WHERE slot = '0'").rowcount == 1
    code, _ = await wait_for_exit(process)
    assert code == EXIT_TEMPFAIL
    with contextlib.closing(sqlite3.connect(tmp_path / "quillmate.db")) as database:
        assert database.execute("SELECT holder FROM leases WHERE slot = '0'").fetchone() == ("elsewhere/1",)


@pytest.mark.nightly
async def test_slot_on_server_is_exclusive(
    tmp_path: Path, there: DiscordServer, postgres_url: str, trained: Path
) -> None:
    database = Database(postgres_url)
    await database.upgrade()
    await database.close()
    shared = {"QUILLMATE_DATABASE": postgres_url, "QUILLMATE_KEY": b64encode(b"k" * 32).decode()}
    for folder in ("one", "two", "three"):
        install_router(trained, tmp_path / folder)
    first = await start(tmp_path / "one", there, connected="60", anew=True, **shared)
    await wait_until_ready(first)
    second = await start(tmp_path / "two", there, connected="60", anew=True, **shared)
    code, said = await wait_for_exit(second)
    assert (code, said) == (2, LEASE_TAKEN)
    first.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(first))[0] == 0
    third = await start(tmp_path / "three", there, connected="60", anew=True, **shared)  # The lease was given back.
    await wait_until_ready(third)
    third.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(third))[0] == 0
