"""How long a user waits whose request comes after 200 of another user: python -m benchmarks.turns [--requests 200]

All arrive at once as slash commands in one channel, for a bot without a gateway, with the stub of benchmarks/leak.py.
The model takes a quarter of a second and writes eight at once. For comparison: the same request alone.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import Any

import discord

from benchmarks.leak import serve
from bot.app import App
from bot.client import QuillmateBot
from bot.engines import Traits
from bot.engines.scripted import build_scripted_engine
from bot.requests.answer_context import AnswerContext
from bot.settings import Settings

PAUSE_SECONDS = 0.019  # A piece of four characters, of which the answer has 13.
ADA, BEN = "1", "2"


def send_command(bot: QuillmateBot, number: int, person: str) -> None:
    """Have a person use /copy."""
    options = [
        {"name": "brief", "type": 3, "value": "tweet: we close on Monday"},
        {"name": "kind", "type": 3, "value": "social_post"},
    ]
    user = {"id": person, "username": "ada", "discriminator": "0", "avatar": None, "global_name": None}
    bot._connection.parse_interaction_create(
        {
            "id": str(5000 + number),
            "application_id": "3",
            "type": 2,
            "token": f"token-{number}",
            "version": 1,
            "channel_id": "20",
            "channel": {"id": "20", "type": 1, "recipients": [user]},
            "user": user,
            "locale": "en-US",
            "data": {"id": "1", "name": "copy", "type": 1, "options": options},
            "entitlements": [],
            "context": 1,
            "authorizing_integration_owners": {},
            "attachment_size_limit": 10_000_000,
        }
    )  # type: ignore[typeddict-item, typeddict-unknown-key]


async def main(requests: int) -> None:
    """Print the time of the request alone and after the others, and that of the last of these."""
    engine = build_scripted_engine(
        lambda _messages: "We are closed on Monday and back on Tuesday at eight.",
        pause=PAUSE_SECONDS,
        traits=Traits(streams=8),
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), embeddings="none", limits="none")
        async with App(settings, engines=[engine]) as app:
            bot = QuillmateBot(app, shard_count=1)
            await bot.login("token")
            done: dict[str, list[float]] = {ADA: [], BEN: []}
            answer = bot.desk.answers.text_jobs.run

            async def run_and_time(context: AnswerContext) -> Any:
                answered = await answer(context)
                done[context.request.user_id].append(time.perf_counter())
                return answered

            type(bot.desk.answers.text_jobs).run = staticmethod(run_and_time)  # type: ignore[method-assign]
            for turn in range(2):  # The first loads what is loaded late.
                begun = time.perf_counter()
                send_command(bot, requests + 1 + turn, BEN)
                while len(done[BEN]) == turn:
                    await asyncio.sleep(0.001)
            print(f"alone: {done[BEN][1] - begun:.2f} s")
            for number in range(requests):
                send_command(bot, number, ADA)
            begun = time.perf_counter()
            send_command(bot, requests, BEN)
            while len(done[ADA]) < requests or len(done[BEN]) < 3:
                await asyncio.sleep(0.005)
            print(
                f"after {requests} of another person: {done[BEN][2] - begun:.2f} s; their last {done[ADA][-1] - begun:.2f} s"
            )
            print(f"of theirs {sum(at < done[BEN][2] for at in done[ADA])} were answered before it")
            await bot.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=200)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    discord.http.Route.BASE = f"http://127.0.0.1:{here.recv()}/api/v10"
    asyncio.run(main(args.requests))
    server.kill()
