"""What a request costs and how long it takes: python -m benchmarks.latency [--requests 40] [--at-once 200] [--rounds 1]

A bot without a gateway runs in this process; stubs of Discord's REST and of a model (OpenAI-compatible, 200 tokens at 400 a second
after 50 ms, streamed on request) run on loopback in another. 20 people use /copy in 20 channels of a server. "Added" is the time to
the finished answer minus the model's own. CPU is that of the bot's process, all threads. Statements are those of both databases,
without the beginnings and ends of transactions.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import multiprocessing
import statistics
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import discord
from aiohttp import web
from sqlalchemy import event
from sqlalchemy.engine import Engine as DatabaseEngine

from benchmarks.leak import APPLICATION, ME
from bot.admission.prices import Prices
from bot.app import App
from bot.client import QuillmateBot
from bot.requests.jobs import Jobs
from bot.runtime import metrics
from bot.settings import Settings

FIRST_SECONDS, TOKENS, TOKENS_A_SECOND = 0.05, 200, 400
MODEL_SECONDS = FIRST_SECONDS + TOKENS / TOKENS_A_SECOND
WARM_UPS, PLACES, GUILD = 5, 20, "30"
MARKS = ("acknowledged", "answered")


def serve(ready: Connection) -> None:
    """Stand in for Discord's REST and for the model; record when each interaction was acknowledged and last edited."""
    times: dict[str, dict[str, float]] = {mark: {} for mark in MARKS}
    numbers = itertools.count(2_000_000)

    async def answer_rest(request: web.Request) -> web.Response:
        path, answer = request.path, []
        await request.read()
        known: dict[str, object] = {"/api/v10/users/@me": ME, "/api/v10/oauth2/applications/@me": APPLICATION}
        parts = path.split("/")
        if path == "/times":
            answer = times
        elif path.endswith("/callback"):
            times["acknowledged"].setdefault(parts[5], time.perf_counter())
            answer = {"interaction": {"id": parts[4], "type": 2}}
        elif "/webhooks/" in path:
            times["answered"][parts[5]] = time.perf_counter()
            answer = {"id": str(next(numbers))}
        return web.Response(
            body=json.dumps(known.get(path, answer)).encode(), headers={"Content-Type": "application/json"}
        )

    async def answer_model(request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        word = "Monday "
        if not asked.get("stream"):
            await asyncio.sleep(MODEL_SECONDS)
            choice = {"index": 0, "message": {"role": "assistant", "content": word * TOKENS}, "finish_reason": "stop"}
            return web.json_response({"choices": [choice]})
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        begun = time.perf_counter() + FIRST_SECONDS
        piece = f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': word}}]})}\n\n".encode()
        for number in range(1, TOKENS + 1):
            await asyncio.sleep(begun + number / TOKENS_A_SECOND - time.perf_counter())
            await answer.write(piece)
        await answer.write(b"data: [DONE]\n\n")
        return answer

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer_model)
        app.router.add_route("*", "/{path:.*}", answer_rest)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1000).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


class Bench:
    """A bot, and the time at which each of its commands was typed, by token."""

    def __init__(self, bot: QuillmateBot, url: str) -> None:
        self.bot, self.url, self.typed, self.done = bot, url, dict[str, float](), 0
        self._numbers, self._progress = itertools.count(), asyncio.Event()
        carry_out = Jobs.carry_out

        async def carry_out_and_count(*given: Any) -> None:
            await carry_out(*given)
            self.done += 1
            self._progress.set()

        Jobs.carry_out = carry_out_and_count  # type: ignore[method-assign]

    def open_server(self) -> None:
        """Add the server with its channels, which everyone may write in."""
        channels = [
            {"id": str(100 + n), "type": 0, "name": f"c{n}", "position": n, "permission_overwrites": [], "nsfw": False}
            for n in range(PLACES)
        ]
        role = {
            "id": GUILD,
            "name": "@everyone",
            "permissions": str(discord.Permissions.all().value),
            "position": 0,
            "color": 0,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        }
        self.bot._connection._add_guild_from_data(
            {
                "id": GUILD,
                "name": "s",
                "roles": [role],
                "channels": channels,
                "members": [],
                "emojis": [],
                "features": [],
                "owner_id": "8",
                "member_count": 2,
                "preferred_locale": "en-US",
                "threads": [],
                "presences": [],
            }
        )  # type: ignore[typeddict-item]

    def copy(self) -> str:
        """Use /copy; return the token of the interaction."""
        number = next(self._numbers)
        token, channel = f"token-{number}", str(100 + number % PLACES)
        user = {
            "id": str(500 + number % PLACES),
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
            "permissions": str(discord.Permissions.text().value),
        }
        options = [
            {"name": "brief", "type": 3, "value": "Facebook post: we close on Monday and are back on Tuesday"},
            {"name": "kind", "type": 3, "value": "social_post"},
        ]
        self.typed[token] = time.perf_counter()
        # The id contains the current time, by which the bot knows how long ago the user acted.
        self.bot._connection.parse_interaction_create(
            {
                "id": str(discord.utils.time_snowflake(discord.utils.utcnow()) + number),
                "application_id": "3",
                "type": 2,
                "token": token,
                "version": 1,
                "channel_id": channel,
                "channel": {"id": channel, "type": 0},
                "guild_id": GUILD,
                "guild": {"id": GUILD, "locale": "en-US", "features": []},
                "member": member,
                "locale": "en-US",
                "guild_locale": "en-US",
                "entitlements": [],
                "context": 0,
                "authorizing_integration_owners": {"0": GUILD},
                "attachment_size_limit": 10_000_000,
                "app_permissions": str(discord.Permissions.all().value),
                "data": {"id": "1", "name": "copy", "type": 1, "options": options},
            }
        )  # type: ignore[typeddict-item]
        return token

    async def wait_until_done(self) -> None:
        """Wait until all typed commands are carried out."""
        while self.done < len(self.typed):
            self._progress.clear()
            await self._progress.wait()

    async def load_times(self, tokens: list[str]) -> dict[str, list[float]]:
        """Return for each mark the seconds from the commands to it, ascending, of those that reached it."""
        async with self.bot.http._HTTPClient__session.get(f"{self.url}/times") as answer:
            read = json.loads(await answer.read())
        return {
            mark: sorted(read[mark][one] - self.typed[one] for one in tokens if one in read[mark]) for mark in MARKS
        }


def print_times(what: str, seconds: list[float]) -> None:
    """Print the median, the 95th percentile and the maximum."""
    p95 = seconds[int(len(seconds) * 0.95) - 1] if len(seconds) > 1 else seconds[0]
    print(
        f"  {what}: {statistics.median(seconds) * 1e3:.0f} / {p95 * 1e3:.0f} ms (median / p95), {seconds[-1] * 1e3:.0f} at the most"
    )


async def main(requests: int, at_once: int, rounds: int, url: str, *, every: bool) -> None:
    """Print the figures of requests one at a time, then of many at once."""
    statements: Counter[str] = Counter()
    event.listen(DatabaseEngine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.update([statement]))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=Path(folder),
            embeddings="none",
            limits="none",
            engine="openai:stub",
            engine_url=f"{url}/v1",
            engine_key="k",
        )  # type: ignore[arg-type]
        async with App(settings) as app:
            bot = QuillmateBot(app, shard_count=1)
            await bot.login("token")
            bench = Bench(bot, url)
            bench.open_server()
            for _ in range(WARM_UPS):
                bench.copy()
                await bench.wait_until_done()
            statements.clear()
            for _ in range(rounds):
                begun, tokens = time.process_time(), []
                for _ in range(requests):
                    tokens.append(bench.copy())
                    await bench.wait_until_done()
                used = time.process_time() - begun
                times = await bench.load_times(tokens)
                print(
                    f"one at a time, {len(times['answered'])} of {requests} answered, {used / requests * 1e3:.1f} ms of CPU each"
                )
                print_times("acknowledged", times["acknowledged"])
                print_times("added", [one - MODEL_SECONDS for one in times["answered"]])
            each = requests * rounds
            kept = sum(count for one, count in statements.items() if not one.startswith(("BEGIN", "PRAGMA")))
            print(f"  {kept / each:.1f} statements each")
            if every:
                for one, count in sorted(statements.items(), key=lambda found: -found[1]):
                    print(f"  {count / each:5.1f}  {' '.join(one.split())[:150]}")
            for _ in range(rounds):
                begun = time.process_time()
                tokens = [bench.copy() for _ in range(at_once)]
                await bench.wait_until_done()
                used = time.process_time() - begun
                times = await bench.load_times(tokens)
                in_time = sum(one < 3.0 for one in times["acknowledged"])
                print(
                    f"{at_once} at once: {in_time} acknowledged within 3 s, {len(times['answered'])} answered, "
                    f"{used / at_once * 1e3:.1f} ms of CPU each"
                )
                print_times("acknowledged", times["acknowledged"])
                print_times("added", [one - MODEL_SECONDS for one in times["answered"]])
            await bot.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, usual in (("requests", 40), ("at-once", 200), ("rounds", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--statements", action="store_true", help="show every statement")
    parser.add_argument("--watched", action="store_true", help="collect metrics, as with QUILLMATE_WATCH_LISTEN")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    if args.watched:
        metrics.listen(Prices().cost, "USD", "0")
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    discord.http.Route.BASE = f"{url}/api/v10"
    asyncio.run(main(args.requests, args.at_once, args.rounds, url, every=args.statements))
    server.kill()
