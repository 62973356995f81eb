"""What becomes of requests while things fail: python -m benchmarks.faults [--only WORDS] [--seconds 60]

Runs `quillmate run` in processes of their own, against the tests' stubs of Discord's gateway and REST and of a model. Each fault has
a fresh data folder; mentions and /copy alternate. After the fault the bot is started once more, so that what was left undone, or
would be done twice, shows. The last column counts requests that got one sentence instead of a text; "lost" counts requests that got
nothing although the bot could know of them: commands that it acknowledged, and mentions.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import process_fork
from faulty_discord import DIRECT, FaultyDiscord
from gateway import build_json_response, serve_stand_in
from process_fork import ForkedProcess
from servers import StoppableServer, run_stoppable_postgres

from storage.database import Database

TEXT = "We are closed on Monday and back on Tuesday."
SETTLE_SECONDS, AFTER_SECONDS = 90.0, 3.0
# The share of failing calls: of Discord's that show something, and of the model's.
RATE = 0.3


@dataclass
class Bench:
    """A bot, the stubs that it talks to, and the requests that were sent."""

    there: FaultyDiscord
    folder: Path
    server: StoppableServer | None
    settings: dict[str, str]
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    process: ForkedProcess | None = None
    asked: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start the bot and wait until it is connected."""
        given = {name: value for name, value in os.environ.items() if not name.startswith(("QUILLMATE_", "DISCORD_"))}
        given |= {
            "DISCORD_TOKEN": "a-token",
            "QUILLMATE_DATA": str(self.folder),
            "QUILLMATE_LIMITS": "none",
            "QUILLMATE_EMBEDDINGS": "none",
            "QUILLMATE_ENGINE": "openai:any",
            "QUILLMATE_ENGINE_URL": f"{self.there.url}/v1",
            "QUILLMATE_LOG": "ERROR",
            **self.settings,
        }
        if self.server is not None:
            given |= {"QUILLMATE_DATABASE": self.server.url, "QUILLMATE_KEY": b64encode(b"k" * 32).decode()}
        self.process = await process_fork.start(
            "running.py", f"{self.there.url}/api", environment=given, folder=self.folder
        )
        self._reading = asyncio.create_task(self.process.stderr.read())
        async with asyncio.timeout(SETTLE_SECONDS):
            if not await self.process.stdout.readline():
                raise RuntimeError((await self._reading).decode())

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the bot."""
        if self.process is not None:
            self.process.send_signal(number)
            await self.process.wait()

    async def ask(self, number: int) -> None:
        """Send a request: a command for odd numbers, a mention for even ones."""
        self.asked.append(await (self.there.command() if number % 2 else self.there.mention()))

    async def ask_for(self, seconds: float, each: float = 0.5) -> None:
        """Send requests for so many seconds."""
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            await self.ask(number)
            number += 1
            await asyncio.sleep(each)

    async def wait_until_settled(self) -> None:
        """Wait until every request has its final answer, but no longer than SETTLE_SECONDS."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until and (left := self.count_unfinished()) > len(self.there.posts()):
            await asyncio.sleep(0.1 if left else 0)

    def list_known_requests(self) -> list[str]:
        """Return the requests that the bot could know of: mentions, and commands that it acknowledged or answered at once."""
        return [one for one in self.asked if len(one) > 10 or one in self.there.acknowledged]

    def count_unfinished(self) -> int:
        """Return how many of these have no final answer."""
        return sum(not self.there.answers(one) for one in self.list_known_requests())

    def format_row(self, name: str) -> str:
        """Return what became of the requests as a row of the table."""
        asked, elsewhere = self.list_known_requests(), len(self.there.posts())
        ends = [len(self.there.answers(one)) for one in asked]
        whole = sum(self.there.whole(one) for one in asked) + sum(
            "quill:again:" in json.dumps(one) for one in self.there.posts()
        )
        once = sum(one == 1 for one in ends)
        lost, twice = (
            max(0, ends.count(0) - elsewhere),
            sum(one > 1 for one in ends) + max(0, elsewhere - ends.count(0)),
        )
        told = max(0, once + min(elsewhere, ends.count(0)) - whole)
        unheard = len(self.asked) - len(asked)
        aside = f"; {unheard} commands reached no bot" if unheard else ""
        return f"| {name} | {len(asked)} | {whole} | {lost} | {twice} | {told}{aside} |"


Fault = Callable[[Bench], Awaitable[None]]


async def kill_repeatedly(bench: Bench, seconds: float) -> None:
    """Kill the bot with SIGKILL again and again while requests go on."""
    asking = asyncio.create_task(bench.ask_for(seconds))
    while not asking.done():
        await asyncio.sleep(bench.rng.uniform(2.0, 6.0))
        await bench.end(signal.SIGKILL)
        await bench.start()
    await asking


async def restart_repeatedly(bench: Bench) -> None:
    """Restart the bot with SIGTERM again and again while requests go on."""
    asking = asyncio.create_task(bench.ask_for(20, 0.3))
    while not asking.done():
        await asyncio.sleep(3)
        await bench.end()
        await bench.start()
    await asking


def build_gateway_fault(*, resumes: bool) -> Fault:
    """Build a fault: the gateway hangs up every few seconds."""

    async def inject(bench: Bench) -> None:
        bench.there.resumes = resumes
        asking = asyncio.create_task(bench.ask_for(12, 0.3))
        while not asking.done():
            await asyncio.sleep(1.5 if resumes else 4)
            with contextlib.suppress(AssertionError):
                await bench.there.hang_up(4000)
        await asking

    return inject


def build_discord_fault(
    how: Callable[[Bench, web.Request], Awaitable[web.StreamResponse | None]], rate: float = RATE
) -> Fault:
    """Build a fault: Discord fails this share of the calls that show something."""

    async def inject(bench: Bench) -> None:
        async def maybe_fail(request: web.Request) -> web.StreamResponse | None:
            return await how(bench, request) if bench.rng.random() < rate else None

        bench.there.fails = maybe_fail
        await bench.ask_for(10)
        await bench.wait_until_settled()

    return inject


def build_status_answer(
    number: int, code: int = 0, where: str = ""
) -> Callable[[Bench, web.Request], Awaitable[web.StreamResponse | None]]:
    """Build an answer with a status and Discord's code, for requests whose method and path contain `where`."""

    async def answer(_bench: Bench, request: web.Request) -> web.StreamResponse | None:
        if (
            where not in f"{request.method} {request.path}"
            or request.path.endswith("/callback")
            or DIRECT in request.path
        ):
            return None
        refused = build_json_response({"code": code, "message": "refused", "retry_after": 0.3, "global": False}, number)
        refused.headers["Via"] = "1.1 google"
        return refused

    return answer


async def delay(bench: Bench, _request: web.Request) -> None:
    """Delay the call, which is then carried out."""
    await asyncio.sleep(bench.rng.uniform(0.5, 2.0))


async def cut_answer(bench: Bench, request: web.Request) -> web.StreamResponse | None:
    """Carry out the call and close the connection before the answer is whole."""
    if (
        request.path.endswith("/callback") or request.path.count("/") < 6
    ):  # Whether those were carried out cannot be known.
        return None
    await bench.there.shelf.handle(request)
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "500"})
    await answer.prepare(request)
    await answer.write(b'{"id": ')
    assert request.transport is not None
    request.transport.close()
    return answer


def build_model_fault(how: Callable[[web.Request], Awaitable[web.StreamResponse | None]], rate: float = 1.0) -> Fault:
    """Build a fault: the model fails this share of its calls."""

    async def inject(bench: Bench) -> None:
        async def maybe_fail(request: web.Request) -> web.StreamResponse | None:
            return await how(request) if bench.rng.random() < rate else None

        bench.there.model_fails = maybe_fail
        await bench.ask_for(10, 0.2)
        await bench.wait_until_settled()
        bench.there.model_fails = None

    return inject


def build_stream_answer(
    text: str, *, ends: bool = True, times: int = 1
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Build an answer that streams a text so many times; without an end the connection is closed."""

    async def answer(request: web.Request) -> web.StreamResponse:
        streamed = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await streamed.prepare(request)
        piece = json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]})
        with contextlib.suppress(ConnectionError):
            for _ in range(times):
                await streamed.write(f"data: {piece}\n\n".encode())
            if ends:
                await streamed.write(b"data: [DONE]\n\n")
        if not ends and request.transport is not None:
            request.transport.close()
        return streamed

    return answer


async def hang(_request: web.Request) -> None:
    """Never answer."""
    await asyncio.sleep(600)


async def answer_with_error(request: web.Request) -> web.StreamResponse | None:
    """Answer with one of the usual errors."""
    number = random.choice((429, 500, 502, 503, 0))
    if not number:
        return await build_stream_answer(TEXT[:9], ends=False)(request)
    return web.json_response({"error": {"message": "no"}}, status=number)


async def fill_disk(bench: Bench) -> None:
    """Let none of the bot's files grow for a while, as on a full disk."""
    await bench.ask_for(3)
    assert bench.process is not None
    assert bench.process.pid is not None
    before = resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    await bench.ask_for(8)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, before)
    await bench.ask_for(3)
    await bench.wait_until_settled()


async def lock_databases(bench: Bench) -> None:
    """Lock both database files for ten seconds, as another program would."""
    await bench.ask_for(2)
    held = [sqlite3.connect(bench.folder / name, isolation_level=None) for name in ("quillmate.db", "jobs.db")]
    for one in held:
        one.execute("BEGIN IMMEDIATE")
    await bench.ask_for(10)
    for one in held:
        one.execute("ROLLBACK")
        one.close()
    await bench.wait_until_settled()


def build_outage(seconds: float) -> Fault:
    """Build a fault: PostgreSQL is stopped for so many seconds while requests go on."""

    async def inject(bench: Bench) -> None:
        assert bench.server is not None
        asking = asyncio.create_task(bench.ask_for(seconds + 6, 0.3))
        await asyncio.sleep(3)
        await asyncio.to_thread(bench.server.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(bench.server.start)
        await asking
        await bench.wait_until_settled()

    return inject


async def make_read_only(bench: Bench) -> None:
    """Make PostgreSQL read-only for eight seconds, as after a failover to a replica."""
    assert bench.server is not None
    await bench.ask_for(3)
    async with await psycopg.AsyncConnection.connect(bench.server.url, autocommit=True) as connection:
        await connection.execute("SET default_transaction_read_only = off")  # For this session, which has to undo it.
        for change in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
            await connection.execute(f"ALTER SYSTEM {change}")
            await connection.execute("SELECT pg_reload_conf()")
            await bench.ask_for(8)
    await bench.wait_until_settled()


async def change_clock(bench: Bench) -> None:
    """Put the clock forward by half an hour, then back by an hour."""
    for _ in range(2):
        await bench.ask_for(4)
        assert bench.process is not None
        bench.process.send_signal(signal.SIGUSR2)
    await bench.ask_for(4)
    await bench.wait_until_settled()


def build_faults(seconds: float) -> dict[str, tuple[Fault, dict[str, str]]]:
    """Build all faults by name, each with its settings; those whose name contains PostgreSQL run with a server."""

    async def kill(bench: Bench) -> None:
        await kill_repeatedly(bench, seconds)

    quick = {"QUILLMATE_TIMEOUT": "4"}
    return {
        f"kill -9 for {seconds:.0f} s, SQLite": (kill, {}),
        f"kill -9 for {seconds:.0f} s, PostgreSQL": (kill, {}),
        "SIGTERM every 3 s, SQLite": (restart_repeatedly, {}),
        "PostgreSQL away for 20 s": (build_outage(20), {}),
        "PostgreSQL restarted": (build_outage(0), {}),
        "PostgreSQL read-only for 8 s": (make_read_only, {}),
        "gateway dropped, resumed": (build_gateway_fault(resumes=True), {}),
        "session invalidated": (build_gateway_fault(resumes=False), {}),
        "Discord: 30 % 429": (build_discord_fault(build_status_answer(429)), {}),
        "Discord: 30 % 500": (build_discord_fault(build_status_answer(500)), {}),
        "Discord: 30 % 502": (build_discord_fault(build_status_answer(502)), {}),
        "Discord: slow": (build_discord_fault(delay), {}),
        "Discord: 30 % half an answer": (build_discord_fault(cut_answer), {}),
        "tokens expired": (build_discord_fault(build_status_answer(401, 50027, "/webhooks/"), 1.0), {}),
        "messages deleted": (build_discord_fault(build_status_answer(404, 10008, "PATCH /api/channels/"), 1.0), {}),
        "channels gone": (build_discord_fault(build_status_answer(404, 10003, "/channels/"), 1.0), {}),
        "permission gone": (build_discord_fault(build_status_answer(403, 50013, "/channels/"), 1.0), {}),
        "model refuses": (build_model_fault(build_stream_answer("I'm sorry, but I can't assist with that.")), {}),
        "model hangs": (build_model_fault(hang), quick),
        "model cuts off": (build_model_fault(build_stream_answer(TEXT[:9], ends=False)), quick),
        "model babbles": (build_model_fault(build_stream_answer("word " * 200, times=2000)), {}),
        "model: 30 % errors": (build_model_fault(answer_with_error, 0.3), {}),
        "disk full for 8 s": (fill_disk, {}),
        "database locked for 10 s": (lock_databases, {}),
        "clock jumps by half an hour": (change_clock, {}),
    }


@contextlib.asynccontextmanager
async def run_database(name: str) -> AsyncIterator[StoppableServer | None]:
    """Run a PostgreSQL server if the fault's name calls for one."""
    if "PostgreSQL" not in name:
        yield None
        return
    with run_stoppable_postgres() as server:
        made = Database(server.url)
        await made.upgrade()
        await made.close()
        yield server


async def main(only: str, seconds: float) -> None:
    """Print a row for each fault."""
    print(
        "| fault | requests | answered once | lost | twice | told in a sentence |\n|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as root:
        trained = Path(root) / "cache"
        for number, (name, (fault, settings)) in enumerate(build_faults(seconds).items()):
            if only not in name:
                continue
            folder = Path(root) / str(number)
            folder.mkdir()
            if trained.exists():
                shutil.copytree(trained, folder / "cache")
            async with run_database(name) as server, serve_stand_in(FaultyDiscord()) as there:
                there.writes.set()
                bench = Bench(there, folder, server, settings)
                await bench.start()
                await bench.ask(0)
                await bench.wait_until_settled()
                if not trained.exists():
                    shutil.copytree(folder / "cache", trained)
                await fault(bench)
                await bench.wait_until_settled()
                await bench.end()
                there.fails = FaultyDiscord().fails
                await bench.start()
                await bench.wait_until_settled()
                await asyncio.sleep(AFTER_SECONDS)
                await bench.end()
                print(bench.format_row(name), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="faults whose names hold these words")
    parser.add_argument("--seconds", type=float, default=60.0, help="of killing")
    args = parser.parse_args()
    asyncio.run(main(args.only, args.seconds))
