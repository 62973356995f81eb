"""What becomes of requests while things fail: python -m benchmarks.faults [--only WORDS] [--seconds 60]

`quillmate run` as it is, in processes of their own, against stand-ins for Discord's gateway and REST and for a model, which are
those of the tests. Each fault has a fresh data folder; requests are mentions and /copy by turns. When the fault is over, the bot
is started anew once more, so that what was left undone, or would be done twice, shows. "Told" had one sentence in place of
a text; "lost" had nothing, though the bot could know of it: a command that it acknowledged, a mention.
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
# Of calls of Discord's that show something, and of the model's.
RATE = 0.3


@dataclass
class Bench:
    """A bot and what it speaks to. `ask` asks something and notes it."""

    there: FaultyDiscord
    folder: Path
    server: StoppableServer | None
    settings: dict[str, str]
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    process: ForkedProcess | None = None
    asked: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Starts the bot and waits until it is connected."""
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
        """Ends the bot."""
        if self.process is not None:
            self.process.send_signal(number)
            await self.process.wait()

    async def ask(self, number: int) -> None:
        """Somebody asks for something, by turns in another way."""
        self.asked.append(await (self.there.command() if number % 2 else self.there.mention()))

    async def ask_for(self, seconds: float, each: float = 0.5) -> None:
        """Requests for so long."""
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            await self.ask(number)
            number += 1
            await asyncio.sleep(each)

    async def settled(self) -> None:
        """Waits until all that was asked has its end, at most so long."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until and (left := self.without_end()) > len(self.there.posts()):
            await asyncio.sleep(0.1 if left else 0)

    def counted(self) -> list[str]:
        """What the bot could know of: mentions, and commands that it acknowledged or answered at once."""
        return [one for one in self.asked if len(one) > 10 or one in self.there.acknowledged]

    def without_end(self) -> int:
        """How much of that has nothing that stands there for good."""
        return sum(not self.there.answers(one) for one in self.counted())

    def row(self, name: str) -> str:
        """What became of it, as a row of a table."""
        asked, elsewhere = self.counted(), len(self.there.posts())
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


async def killed(bench: Bench, seconds: float) -> None:
    """kill -9 again and again, while requests go on."""
    asking = asyncio.create_task(bench.ask_for(seconds))
    while not asking.done():
        await asyncio.sleep(bench.rng.uniform(2.0, 6.0))
        await bench.end(signal.SIGKILL)
        await bench.start()
    await asking


async def restarted(bench: Bench) -> None:
    """SIGTERM again and again, while requests go on."""
    asking = asyncio.create_task(bench.ask_for(20, 0.3))
    while not asking.done():
        await asyncio.sleep(3)
        await bench.end()
        await bench.start()
    await asking


def dropped(*, resumes: bool) -> Fault:
    """The gateway hangs up every second or so."""

    async def fault(bench: Bench) -> None:
        bench.there.resumes = resumes
        asking = asyncio.create_task(bench.ask_for(12, 0.3))
        while not asking.done():
            await asyncio.sleep(1.5 if resumes else 4)
            with contextlib.suppress(AssertionError):
                await bench.there.hang_up(4000)
        await asking

    return fault


def discord_fails(
    how: Callable[[Bench, web.Request], Awaitable[web.StreamResponse | None]], rate: float = RATE
) -> Fault:
    """Discord fails so many of the calls that show something."""

    async def fault(bench: Bench) -> None:
        async def fails(request: web.Request) -> web.StreamResponse | None:
            return await how(bench, request) if bench.rng.random() < rate else None

        bench.there.fails = fails
        await bench.ask_for(10)
        await bench.settled()

    return fault


def status(
    number: int, code: int = 0, where: str = ""
) -> Callable[[Bench, web.Request], Awaitable[web.StreamResponse | None]]:
    """Answers with a status and Discord's code, where `where` stands in the path."""

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


async def slow(bench: Bench, _request: web.Request) -> None:
    """Takes its time."""
    await asyncio.sleep(bench.rng.uniform(0.5, 2.0))


async def half(bench: Bench, request: web.Request) -> web.StreamResponse | None:
    """Carries the call out and is gone before its answer is whole."""
    if (
        request.path.endswith("/callback") or request.path.count("/") < 6
    ):  # Nobody can tell whether those were carried out.
        return None
    await bench.there.shelf.handle(request)
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "500"})
    await answer.prepare(request)
    await answer.write(b'{"id": ')
    assert request.transport is not None
    request.transport.close()
    return answer


def model_fails(how: Callable[[web.Request], Awaitable[web.StreamResponse | None]], rate: float = 1.0) -> Fault:
    """The model fails so many of its calls."""

    async def fault(bench: Bench) -> None:
        async def fails(request: web.Request) -> web.StreamResponse | None:
            return await how(request) if bench.rng.random() < rate else None

        bench.there.model_fails = fails
        await bench.ask_for(10, 0.2)
        await bench.settled()
        bench.there.model_fails = None

    return fault


def says(text: str, *, ends: bool = True, times: int = 1) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Streams a text so many times; without its end the connection goes."""

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


async def hangs(_request: web.Request) -> None:
    """Never answers."""
    await asyncio.sleep(600)


async def errs(request: web.Request) -> web.StreamResponse | None:
    """One of the usual errors."""
    number = random.choice((429, 500, 502, 503, 0))
    if not number:
        return await says(TEXT[:9], ends=False)(request)
    return web.json_response({"error": {"message": "no"}}, status=number)


async def full(bench: Bench) -> None:
    """No file of the bot's may grow for a while, as on a full disk."""
    await bench.ask_for(3)
    assert bench.process is not None
    assert bench.process.pid is not None
    before = resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    await bench.ask_for(8)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, before)
    await bench.ask_for(3)
    await bench.settled()


async def locked(bench: Bench) -> None:
    """Another program holds both files for ten seconds."""
    await bench.ask_for(2)
    held = [sqlite3.connect(bench.folder / name, isolation_level=None) for name in ("quillmate.db", "jobs.db")]
    for one in held:
        one.execute("BEGIN IMMEDIATE")
    await bench.ask_for(10)
    for one in held:
        one.execute("ROLLBACK")
        one.close()
    await bench.settled()


def away(seconds: float) -> Fault:
    """PostgreSQL is stopped for so long, while requests go on."""

    async def fault(bench: Bench) -> None:
        assert bench.server is not None
        asking = asyncio.create_task(bench.ask_for(seconds + 6, 0.3))
        await asyncio.sleep(3)
        await asyncio.to_thread(bench.server.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(bench.server.start)
        await asking
        await bench.settled()

    return fault


async def read_only(bench: Bench) -> None:
    """PostgreSQL takes nothing that writes for eight seconds, as after a failover to a replica."""
    assert bench.server is not None
    await bench.ask_for(3)
    async with await psycopg.AsyncConnection.connect(bench.server.url, autocommit=True) as connection:
        await connection.execute("SET default_transaction_read_only = off")  # Of this session, which has to end it.
        for change in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
            await connection.execute(f"ALTER SYSTEM {change}")
            await connection.execute("SELECT pg_reload_conf()")
            await bench.ask_for(8)
    await bench.settled()


async def jumps(bench: Bench) -> None:
    """The clock is put forward by half an hour, and back by an hour."""
    for _ in range(2):
        await bench.ask_for(4)
        assert bench.process is not None
        bench.process.send_signal(signal.SIGUSR2)
    await bench.ask_for(4)
    await bench.settled()


def faults(seconds: float) -> dict[str, tuple[Fault, dict[str, str]]]:
    """All of them by name, with the settings of each; those that name PostgreSQL have a server."""

    async def kill(bench: Bench) -> None:
        await killed(bench, seconds)

    quick = {"QUILLMATE_TIMEOUT": "4"}
    return {
        f"kill -9 for {seconds:.0f} s, SQLite": (kill, {}),
        f"kill -9 for {seconds:.0f} s, PostgreSQL": (kill, {}),
        "SIGTERM every 3 s, SQLite": (restarted, {}),
        "PostgreSQL away for 20 s": (away(20), {}),
        "PostgreSQL restarted": (away(0), {}),
        "PostgreSQL read-only for 8 s": (read_only, {}),
        "gateway dropped, resumed": (dropped(resumes=True), {}),
        "session invalidated": (dropped(resumes=False), {}),
        "Discord: 30 % 429": (discord_fails(status(429)), {}),
        "Discord: 30 % 500": (discord_fails(status(500)), {}),
        "Discord: 30 % 502": (discord_fails(status(502)), {}),
        "Discord: slow": (discord_fails(slow), {}),
        "Discord: 30 % half an answer": (discord_fails(half), {}),
        "tokens expired": (discord_fails(status(401, 50027, "/webhooks/"), 1.0), {}),
        "messages deleted": (discord_fails(status(404, 10008, "PATCH /api/channels/"), 1.0), {}),
        "channels gone": (discord_fails(status(404, 10003, "/channels/"), 1.0), {}),
        "permission gone": (discord_fails(status(403, 50013, "/channels/"), 1.0), {}),
        "model refuses": (model_fails(says("I'm sorry, but I can't assist with that.")), {}),
        "model hangs": (model_fails(hangs), quick),
        "model cuts off": (model_fails(says(TEXT[:9], ends=False)), quick),
        "model babbles": (model_fails(says("word " * 200, times=2000)), {}),
        "model: 30 % errors": (model_fails(errs, 0.3), {}),
        "disk full for 8 s": (full, {}),
        "database locked for 10 s": (locked, {}),
        "clock jumps by half an hour": (jumps, {}),
    }


@contextlib.asynccontextmanager
async def database(name: str) -> AsyncIterator[StoppableServer | None]:
    """A server where the name wants one."""
    if "PostgreSQL" not in name:
        yield None
        return
    with run_stoppable_postgres() as server:
        made = Database(server.url)
        await made.upgrade()
        await made.close()
        yield server


async def main(only: str, seconds: float) -> None:
    """Prints a row for each fault."""
    print(
        "| fault | requests | answered once | lost | twice | told in a sentence |\n|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as root:
        trained = Path(root) / "cache"
        for number, (name, (fault, settings)) in enumerate(faults(seconds).items()):
            if only not in name:
                continue
            folder = Path(root) / str(number)
            folder.mkdir()
            if trained.exists():
                shutil.copytree(trained, folder / "cache")
            async with database(name) as server, serve_stand_in(FaultyDiscord()) as there:
                there.writes.set()
                bench = Bench(there, folder, server, settings)
                await bench.start()
                await bench.ask(0)
                await bench.settled()
                if not trained.exists():
                    shutil.copytree(folder / "cache", trained)
                await fault(bench)
                await bench.settled()
                await bench.end()
                there.fails = FaultyDiscord().fails
                await bench.start()
                await bench.settled()
                await asyncio.sleep(AFTER_SECONDS)
                await bench.end()
                print(bench.row(name), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="faults whose names hold these words")
    parser.add_argument("--seconds", type=float, default=60.0, help="of killing")
    wanted = parser.parse_args()
    asyncio.run(main(wanted.only, wanted.seconds))
