"""A bot without a gateway, against a stand-in for Discord's REST: python worker.py FOLDER URL [COUNT].

Takes COUNT requests and prints "acknowledged N" for each as soon as it is kept; then works until it is killed.
"""

import asyncio
import sys
import time
from pathlib import Path

import discord

from bot.answers import order
from bot.app import App
from bot.client import QuillmateBot
from bot.content import Request
from bot.engines import Traits
from bot.engines.scripted import scripted
from bot.replies.address import Address
from bot.settings import Settings

# Slow enough that a kill meets requests in every state.
PAUSE_SECONDS = 0.02
ROOM = 4


async def main(folder: str, url: str, count: int) -> None:
    discord.http.Route.BASE = url
    engine = scripted(
        lambda _messages: "We are closed on Monday and back on Tuesday at eight.",
        pause=PAUSE_SECONDS,
        traits=Traits(streams=ROOM),
    )
    settings = Settings(data=Path(folder), embeddings="none")
    async with App(settings, engines=[engine]) as app:
        bot = QuillmateBot(app, shard_count=1)
        await bot.login("token")
        for number in range(count):
            request = Request(f"job-{number}", "1", "tweet: we close on Monday", kind="social_post", seed=number)
            address = Address(user_id=1, channel_id=2, created=time.time(), application_id=3, token=f"token-{number}")
            await app.jobs.submit(request.id, order(request, address))
            print(f"acknowledged {number}", flush=True)
        print("all kept", flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
