"""What many mentions leave in memory: python -m benchmarks.leak [--mentions 20000] [--people 1000] [--channels 500]

A bot without a gateway runs in this process, a stub of Discord's REST on loopback in another. Everything but the model and Discord
is what runs in production, on SQLite; rate limits are lifted, so that it takes minutes instead of hours. Resident memory (Linux) is
read after each twentieth of the mentions, once free memory has been returned to the system, as the bot does every ten minutes. The
first quarter is for caches to fill.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import itertools
import json
import logging
import multiprocessing
import os
import tempfile
import time
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path

import discord
from aiohttp import web

from bot.app import App
from bot.client import QuillmateBot
from bot.engines import Engine
from bot.engines.scripted import ScriptedProvider
from bot.replies import pacer
from bot.runtime.heap import trim_heap, use_one_arena
from bot.settings import Settings

MAX_GROWTH_MIB = 5.0
AT_ONCE = 16
ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "global_name": None, "bot": True}
APPLICATION = {
    "id": "3",
    "name": "Quillmate",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "flags": 0,
    "owner": {"id": "8", "username": "owner", "discriminator": "0", "avatar": None},
}


def serve(ready: Connection) -> None:
    """Stand in for Discord's REST, in a process of its own; keep nothing."""
    numbers = itertools.count(2_000_000)

    async def answer(request: web.Request) -> web.Response:
        text = await request.text()
        path = request.path
        known = {"/api/v10/users/@me": ME, "/api/v10/oauth2/applications/@me": APPLICATION}
        answer: object = known.get(path, [])
        if path.endswith("/callback"):
            answer = {"interaction": {"id": path.split("/")[4], "type": 2}}
        elif "/webhooks/" in path:
            answer = {"id": "9"}
        elif "/messages" in path:
            answer = {
                "id": path.rpartition("/")[2] if request.method == "PATCH" else str(next(numbers)),
                "channel_id": path.split("/")[4],
                "type": 0,
                "content": "",
                "author": ME,
                "attachments": [],
                "components": json.loads(text).get("components", []),
                "embeds": [],
                "mentions": [],
                "mention_roles": [],
                "mention_everyone": False,
                "pinned": False,
                "tts": False,
                "flags": 0,
                "timestamp": "2026-01-05T09:00:00+00:00",
                "edited_timestamp": None,
            }
        return web.Response(body=json.dumps(answer).encode(), headers={"Content-Type": "application/json"})

    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


def send_mention(bot: QuillmateBot, number: int, people: int, channels: int) -> None:
    """Have a user mention the bot."""
    author = {"id": str(10_000_000 + number % people), "username": "ada", "discriminator": "0", "avatar": None}
    bot._connection.parse_message_create(
        {
            "id": str(100_000_000 + number),
            "channel_id": str(20_000_000 + number % channels),
            "author": author,
            "type": 0,
            "content": "<@3> tweet: we close on Monday",
            "timestamp": "2026-01-05T09:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [ME],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "flags": 0,
            "components": [],
        }
    )  # type: ignore[typeddict-item]


def measure_resident() -> float:
    """Return the resident memory of this process in MiB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure_sqlite() -> float:
    """Return the MiB of it that SQLite holds, most of them pages of its files; 0 if its library cannot be asked."""
    mapped = {
        line.split()[-1] for line in Path("/proc/self/maps").read_text("ascii").splitlines() if "libsqlite3" in line
    }
    for name in mapped:
        used = ctypes.CDLL(name).sqlite3_memory_used
        used.restype = ctypes.c_int64
        return float(used()) / 2**20
    return 0.0


async def main(mentions: int, people: int, channels: int) -> float:
    """Print memory along the way; return its growth after the first quarter."""
    provider = ScriptedProvider(lambda _messages: "We are closed on Monday and back on Tuesday at eight.")
    provider.model._calls = deque(maxlen=1)  # type: ignore[assignment]  # The double records its calls; a model does not.
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), embeddings="none")
        async with App(settings, engines=[Engine(provider, name="scripted")]) as app:
            bot = QuillmateBot(app, shard_count=1)
            await bot.login("token")
            # A view that is stored here stays for ever.
            store = bot._connection._view_store
            begun, first = time.perf_counter(), 0.0
            answers = bot.desk.answers
            for number in range(1, mentions + 1):
                send_mention(bot, number, people, channels)
                while bot.desk.jobs.running_count >= AT_ONCE or len(asyncio.all_tasks()) > 4 * AT_ONCE:
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0)
                if number % max(1, mentions // 20) == 0:
                    while bot.desk.jobs.running_count or any(
                        "on_message" in task.get_name() for task in asyncio.all_tasks()
                    ):
                        await asyncio.sleep(0.01)
                    trim_heap()
                    used = measure_resident()
                    if number <= mentions // 4:
                        first = used
                    kept = (
                        len(store._views),
                        len(answers.acknowledgements),
                        len(answers.slots.reply_slots._turns.last),
                        len(asyncio.all_tasks()),
                    )
                    print(
                        f"{number:>7} mentions {used:7.1f} MiB, SQLite {measure_sqlite():5.1f}  "
                        f"{time.perf_counter() - begun:6.0f} s  kept {kept}",
                        flush=True,
                    )
            await bot.close()
            return used - first


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, usual in (("mentions", 20_000), ("people", 1_000), ("channels", 500)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    args = parser.parse_args()
    use_one_arena()
    logging.disable(logging.WARNING)
    pacer.GLOBAL = pacer.CHANNEL_POSTS = pacer.CHANNEL_EDITS = (1_000_000, 1.0)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    discord.http.Route.BASE = f"http://127.0.0.1:{here.recv()}/api/v10"
    grown = asyncio.run(main(args.mentions, args.people, args.channels))
    server.kill()
    print(f"grown by {grown:.1f} MiB after the first quarter; at most {MAX_GROWTH_MIB:.0f}")
    raise SystemExit(grown > MAX_GROWTH_MIB)
