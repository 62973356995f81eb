"""Four processes on one PostgreSQL database under load: python -m benchmarks.load [rate] [burst] [day] [--processes 4]

Each `quillmate run` serves one of the shards, as installed, against a stub of Discord's gateway and REST, which counts more than 5
calls in 2 s for one interaction's token as a 429, and a model that takes a second. `rate` sends --rate commands a second for 20 s;
`burst` sends 200 and then 1,000 at once in 200 channels; `day` sends --requests commands, 16 at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord as discord_py
import psutil
import psycopg
from aiohttp import web

from benchmarks.fleet import start_process, wait_for_output  # Puts the helpers of the tests on the path.

from gateway import DiscordServer, build_json_response, serve_stand_in  # isort: skip
from servers import create_database, run_postgres  # isort: skip

from storage.database import Database

MODEL_SECONDS, CHANNELS, PEOPLE = 1.0, 200, 200
# The calls that Discord allows for one interaction's token: https://docs.discord.com/developers/topics/rate-limits
CALLS, CALLS_SECONDS = 5, 2.0
RATE_SECONDS, BURSTS = 20, (200, 1_000)
ACKNOWLEDGE_SECONDS = 3.0


class Load(DiscordServer):
    """A Discord that routes commands to shards by server, and records when they are acknowledged and answered."""

    def __init__(self, shards: int) -> None:
        super().__init__()
        self.recommended, self.takes = shards, MODEL_SECONDS
        self.writes.set()
        self.sent: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self.refused = 0
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Answer as REST does, with the limit of an interaction's token."""
        parts, now = request.path.split("/"), time.monotonic()
        token = next((one for one in parts if one.startswith("token-")), "")
        if token and "callback" not in parts:
            calls = self._calls[token]
            while calls and now - calls[0] > CALLS_SECONDS:
                calls.popleft()
            calls.append(now)
            if len(calls) > CALLS:
                self.refused += 1
                body = {"message": "You are being rate limited.", "retry_after": 0.5, "global": False}
                return build_json_response(body, 429, {"Retry-After": "1", "Via": "1.1"})
        answer = await super().rest(request)
        if token and "callback" in parts:
            self.acknowledged.setdefault(token, time.monotonic())
        return answer

    async def command(self, number: int) -> str:
        """Use /copy in one of the channels; return the interaction's token."""
        shard, channel = number % self.recommended, str(1000 + number % CHANNELS)
        guild = str((number % self.recommended << 22) + 1)
        user = {
            "id": str(500 + number % PEOPLE),
            "username": "ada",
            "discriminator": "0",
            "avatar": None,
            "global_name": None,
        }
        member = {
            "user": user,
            "roles": [],
            "joined_at": "2026-01-05T09:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": str(discord_py.Permissions.all().value),
        }
        options = [
            {"name": "brief", "type": 3, "value": "Facebook post: we close on Monday and are back on Tuesday"},
            {"name": "kind", "type": 3, "value": "social_post"},
        ]
        token = f"token-{number}"
        data = {
            "id": str(discord_py.utils.time_snowflake(discord_py.utils.utcnow()) + number),
            "application_id": "3",
            "type": 2,
            "token": token,
            "version": 1,
            "channel_id": channel,
            "guild_id": guild,
            "channel": {"id": channel, "type": 0, "name": "marketing", "position": 0},
            "guild": {"id": guild, "locale": "en-US", "features": []},
            "member": member,
            "locale": "en-US",
            "guild_locale": "en-US",
            "entitlements": [],
            "context": 0,
            "authorizing_integration_owners": {"0": guild},
            "attachment_size_limit": 10_000_000,
            "app_permissions": str(discord_py.Permissions.all().value),
            "data": {"id": "1", "name": "copy", "type": 1, "options": options},
        }
        by_shard = {one["shard"][0]: socket for one, socket in zip(self.identified, self._sockets, strict=True)}
        self.sent[token] = time.monotonic()
        await by_shard[shard].send_json({"op": 0, "t": "INTERACTION_CREATE", "s": 1, "d": data})
        return token

    async def wait_for_answers(self, tokens: Sequence[str], seconds: float) -> dict[str, float]:
        """Wait until all these commands are answered in full or the time is up; return when each was."""
        wanted = set(tokens)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not wanted <= {token for token, _ in self.finished}:
                    await asyncio.sleep(0.1)
        return {token: at for token, at in reversed(self.finished) if token in wanted}


async def start_shard(folder: Path, shard: int, shards: int, url: str, there: Load) -> asyncio.subprocess.Process:
    """Start a `quillmate run` that serves one shard; wait until it is ready."""
    name = f"run-{shard}"
    process = await start_process(folder, name, url, there, "run", QUILLMATE_SHARDS=f"{shard}/{shards}")
    await wait_for_output(folder, name, "Ready as")
    return process


def print_figures(what: str, there: Load, tokens: Sequence[str], answered: dict[str, float]) -> None:
    """Print how quickly these commands were acknowledged and answered, and what went wrong."""
    waits = sorted(there.acknowledged[one] - there.sent[one] for one in tokens if one in there.acknowledged)
    added = sorted(at - there.sent[token] - MODEL_SECONDS for token, at in answered.items())
    in_time = sum(one < ACKNOWLEDGE_SECONDS for one in waits)
    times = [one for one, _ in there.finished]
    again = len(times) - len(set(times))
    print(
        f"{what}: {in_time} of {len(tokens)} acknowledged within 3 s, the last after {waits[-1] if waits else 0:.2f} s"
    )
    if added:
        print(
            f"  {len(answered)} answered; added {added[len(added) // 2] * 1e3:.0f} ms median, "
            f"{added[int(len(added) * 0.95)] * 1e3:.0f} p95, {added[-1] * 1e3:.0f} at most"
        )
    print(f"  shown again {again}, acknowledged twice {len(there.twice)}, 429s {there.refused}")


def measure_usage(processes: Sequence[asyncio.subprocess.Process]) -> tuple[float, float]:
    """Return the processor seconds so far and the resident MiB of all processes."""
    found = [psutil.Process(one.pid) for one in processes if one.returncode is None]
    seconds = sum(sum(one.cpu_times()[:2]) for one in found)
    return seconds, sum(one.memory_info().rss for one in found) / 1024**2


async def send_at_rate(there: Load, processes: Sequence[asyncio.subprocess.Process], first: int, rate: int) -> int:
    """Send so many commands a second for RATE_SECONDS; return how many they were."""
    before, tokens, begun = measure_usage(processes)[0], [], time.monotonic()
    for number in range(rate * RATE_SECONDS):
        await asyncio.sleep(begun + number / rate - time.monotonic())
        tokens.append(await there.command(first + number))
    answered = await there.wait_for_answers(tokens, 120)
    print_figures(f"{rate} a second for {RATE_SECONDS} s", there, tokens, answered)
    print(f"  {(measure_usage(processes)[0] - before) / len(tokens) * 1e3:.0f} ms of processor time a request")
    return len(tokens)


async def send_at_once(there: Load, processes: Sequence[asyncio.subprocess.Process], first: int, count: int) -> int:
    """Send so many commands at the same moment; return how many they were."""
    before = measure_usage(processes)[0]
    tokens = [await there.command(first + number) for number in range(count)]
    print_figures(f"{count} at once", there, tokens, await there.wait_for_answers(tokens, 300))
    print(f"  {(measure_usage(processes)[0] - before) / len(tokens) * 1e3:.0f} ms of processor time a request")
    return count


async def send_a_day(
    there: Load, processes: Sequence[asyncio.subprocess.Process], first: int, count: int, url: str
) -> int:
    """Send so many commands, 16 at a time; print memory, p99 and the database's size at each tenth."""
    free, tenth = asyncio.Semaphore(16), max(count // 10, 1)

    async def send(number: int) -> str:
        async with free:
            token = await there.command(number)
            while all(token != done for done, _ in reversed(there.finished)):
                await asyncio.sleep(0.05)
            return token

    for part in range(10):
        begun = time.monotonic()
        tokens = await asyncio.gather(*(send(first + part * tenth + number) for number in range(tenth)))
        answered = dict(reversed(there.finished))
        added = sorted(answered[token] - there.sent[token] - MODEL_SECONDS for token in tokens)
        size = await _size(url)
        print(
            f"  {(part + 1) * tenth:>7} requests: {measure_usage(processes)[1]:.0f} MiB, "
            f"p99 {added[int(len(added) * 0.99)] * 1e3:.0f} ms, "
            f"database {size / 1024**2:.1f} MiB, {tenth / (time.monotonic() - begun):.1f} a second",
            flush=True,
        )
        there.finished.clear()
        there.shown.clear()
        there.prompts.clear()
    return tenth * 10


async def _size(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url.replace("+asyncpg", "")) as connection:
        row = await (await connection.execute("SELECT pg_database_size(current_database())")).fetchone()
    assert row is not None
    return int(row[0])


async def measure(folder: Path, url: str, wanted: argparse.Namespace) -> None:
    """Start the processes and put them under each load."""
    database = Database(url)
    await database.upgrade()
    await database.close()
    async with serve_stand_in(Load(wanted.processes)) as there:
        processes: list[Any] = [
            await start_shard(folder, shard, wanted.processes, url, there) for shard in range(wanted.processes)
        ]
        await asyncio.sleep(4)  # Until each has seen the others.
        sent = await send_at_once(there, processes, 0, 8)  # What is slow is loaded then.
        if "rate" in wanted.loads:
            sent += await send_at_rate(there, processes, sent, wanted.rate)
        for count in BURSTS if "burst" in wanted.loads else ():
            sent += await send_at_once(there, processes, sent, count)
        if "day" in wanted.loads:
            await send_a_day(there, processes, sent, wanted.requests, url)
        for shard, process in enumerate(processes):
            if process.returncode is None:
                process.terminate()
                await process.wait()
            else:
                *_, last = (folder / f"run-{shard}" / "out").read_text().splitlines()
                print(f"process {shard} had ended with {process.returncode}: {last[:300]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("loads", nargs="*", default=["rate", "burst"], choices=["rate", "burst", "day"])
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--requests", type=int, default=100_000)
    args = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # It warns of connections that a process ended.
    with (
        run_postgres() as first,
        create_database(first) as address,
        tempfile.TemporaryDirectory(prefix="load") as where,
    ):
        asyncio.run(measure(Path(where), address, args))
