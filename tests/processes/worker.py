"""A bot without a gateway, against a stand-in for Discord's REST: python worker.py FOLDER URL [COUNT] [SORT].

Accepts COUNT requests, prints "acknowledged N" for each as soon as it is stored, and then works until killed. SORT is "jobs" or
"pictures", whose requests are stored as they are, or "mentions" or "commands", which arrive as events of Discord's gateway.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import discord
from langchain_core.messages import BaseMessage

from bot.app import App
from bot.client import QuillmateBot
from bot.content import Request
from bot.engines import Traits
from bot.engines.scripted import build_scripted_engine
from bot.replies.address import Address
from bot.requests.answers import build_job
from bot.settings import Settings

# Slow enough that a kill meets requests in every state.
PAUSE_SECONDS = 0.02
ROOM = 4
USER = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None, "global_name": None}
ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "global_name": None, "bot": True}
BRIEF = "tweet: we close on Monday"
SCENE = "### Prompt 1\n\n```\na fox in the snow\n```\n\n### Prompt 2\n\n```\na hare in the snow\n```"
FIRST_MENTION = 1_000_000
# Discord's limits are a channel's, and a test should not wait for them.
CHANNELS = 6


class ReportingBot(QuillmateBot):
    """The bot, which prints each mention that it has stored."""

    async def take_message(self, message: discord.Message, request: Request) -> None:
        await super().take_message(message, request)
        print(f"acknowledged {message.id - FIRST_MENTION}", flush=True)


def deliver_mention(bot: QuillmateBot, number: int) -> None:
    """Deliver a mention of the bot."""
    bot._connection.parse_message_create(
        {
            "id": str(FIRST_MENTION + number),
            "channel_id": str(20 + number % CHANNELS),
            "author": USER,
            "type": 0,
            "content": f"<@3> {BRIEF}",
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
    )


def deliver_command(bot: QuillmateBot, number: int) -> None:
    """Deliver a use of /copy."""
    options = [{"name": "brief", "type": 3, "value": BRIEF}, {"name": "kind", "type": 3, "value": "social_post"}]
    bot._connection.parse_interaction_create(
        {
            "id": str(5000 + number),
            "application_id": "3",
            "type": 2,
            "token": f"token-{number}",
            "version": 1,
            "channel_id": "2",
            "channel": {"id": "2", "type": 1, "recipients": [USER]},
            "user": USER,
            "locale": "en-US",
            "data": {"id": "1", "name": "copy", "type": 1, "options": options},
            "entitlements": [],
            "context": 1,
            "authorizing_integration_owners": {},
            "attachment_size_limit": 10_000_000,
        }
    )


async def submit_job(bot: QuillmateBot, number: int, brief: str, kind: str) -> None:
    """Submit a request that is stored as it is."""
    request = Request(f"job-{number}", "1", brief, kind=kind, seed=number)
    address = Address(user_id=1, channel_id=2, created=time.time(), application_id=3, token=f"token-{number}")
    await bot.desk.jobs.submit(request.id, request.user_id, build_job(request, address))
    print(f"acknowledged {number}", flush=True)


async def main(folder: str, url: str, count: int, sort: str) -> None:
    discord.http.Route.BASE = url
    settings = Settings(data=Path(folder), embeddings="none", limits="none")

    def answer(_messages: Sequence[BaseMessage]) -> str:
        return SCENE if sort == "pictures" else "We are closed on Monday and back on Tuesday at eight."

    engine = build_scripted_engine(answer, pause=PAUSE_SECONDS, traits=Traits(streams=ROOM))
    async with App(settings, engines=[engine]) as app:
        bot = ReportingBot(app, shard_count=1)
        await bot.login("token")
        for number in range(count):
            if sort == "jobs":
                await submit_job(bot, number, BRIEF, "social_post")
            elif sort == "pictures":
                await submit_job(bot, number, "two prompts: a fox in the snow, a hare in the snow", "image_prompt")
            else:
                {"mentions": deliver_mention, "commands": deliver_command}[sort](bot, number)
        print("all kept", flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["0"])[0]), (sys.argv[4:] or ["jobs"])[0]))
