"""What is planned stands in its channel once, also where the process is killed while it posts. Real processes, and a stand-in
for Discord's REST on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import process_fork
import pytest_asyncio
from aiohttp import web
from gateway import build_json_response
from process_fork import ForkedProcess

from bot.settings import Settings
from bot.store import open_store

ADA = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None, "global_name": None}
ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "bot": True}
# The process's clock is ahead by so much, so Discord's is.
AHEAD = timedelta(minutes=4.5)
TEXTS = ("The rye is back.", "Two places are left.", "We open at ten.")


class Rest:
    """Keeps what is posted, by nonce as Discord does for some minutes. As long as it `hangs` a post stands there and is not
    answered; `hanging` is set then.
    """

    def __init__(self) -> None:
        self.url, self.hangs = "", False
        self.hanging = asyncio.Event()
        self.posts: list[dict[str, Any]] = []
        self.by_nonce: dict[str, dict[str, Any]] = {}

    async def handle(self, request: web.Request) -> web.Response:
        if found := re.search(r"/channels/(\d+)/messages$", request.path):
            return await (self._answer_list if request.method == "GET" else self._answer_post)(request, found[1])
        if request.path.endswith("/guilds/1/members/7"):
            member = {"user": ADA, "roles": [], "joined_at": "2026-01-05T09:00:00+00:00", "deaf": False, "mute": False}
            return build_json_response({**member, "flags": 0})
        if request.path.endswith("/users/@me"):
            return build_json_response(ME)
        if request.path.endswith("/oauth2/applications/@me"):
            return build_json_response(
                {
                    "id": "3",
                    "name": "Quillmate",
                    "description": "",
                    "icon": None,
                    "bot_public": True,
                    "bot_require_code_grant": False,
                    "verify_key": "",
                    "flags": 0,
                    "owner": ADA,
                }
            )
        return build_json_response({"message": f"unknown: {request.path}"}, status=404)

    async def _answer_list(self, request: web.Request, channel: str) -> web.Response:
        after = int(request.query.get("after", 0))
        return build_json_response(
            [one for one in self.posts if one["channel_id"] == channel and int(one["id"]) > after][::-1]
        )

    async def _answer_post(self, request: web.Request, channel: str) -> web.Response:
        body = json.loads(await request.text())
        post = self.by_nonce.get(body["nonce"])
        if post is None:
            at = datetime.now(UTC) + AHEAD
            post = {
                "id": str(discord.utils.time_snowflake(at) + len(self.posts)),
                "channel_id": channel,
                "type": 0,
                "content": "",
                "author": ME,
                "components": body["components"],
                "attachments": [],
                "embeds": [],
                "mentions": [],
                "mention_roles": [],
                "mention_everyone": False,
                "pinned": False,
                "tts": False,
                "flags": 1 << 15,
                "timestamp": at.isoformat(),
                "edited_timestamp": None,
            }
            self.posts.append(post)
            self.by_nonce[body["nonce"]] = post
        if self.hangs:
            self.hanging.set()
            await asyncio.sleep(60)
        return build_json_response(post)

    def list_texts(self) -> list[str]:
        """List the texts in the channels."""
        return [one["components"][0]["content"] for one in self.posts]


@pytest_asyncio.fixture
async def rest() -> AsyncIterator[Rest]:
    rest, app = Rest(), web.Application()
    app.router.add_route("*", "/{path:.*}", rest.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rest.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield rest
    await runner.cleanup()


async def start(folder: Path, rest: Rest, *texts: str) -> ForkedProcess:
    return await process_fork.start("posting.py", str(folder), rest.url, *texts, environment=os.environ)


async def test_a_post_appears_once_even_if_its_process_is_killed(
    tmp_path: Path, rest: Rest, empty_files: list[Path]
) -> None:
    """Discord has forgotten the nonce by then, so the next process has to look for the post."""
    for file in empty_files:
        shutil.copy2(file, tmp_path)
    rest.hangs = True
    process = await start(tmp_path, rest, *TEXTS)
    async with asyncio.timeout(40):
        await rest.hanging.wait()
    process.kill()
    await process.wait()
    assert rest.list_texts() == [TEXTS[0]]
    assert (await load_posts(tmp_path))[TEXTS[0]] == ("posting", None), (
        "it stands there, and the process had not noted that"
    )

    rest.hangs = False
    rest.by_nonce.clear()
    process = await start(tmp_path, rest)
    said, _ = await asyncio.wait_for(process.communicate(), 40)
    assert said.splitlines()[-1] == b"done"
    assert rest.list_texts() == list(TEXTS)
    posted = dict(zip(TEXTS, (("posted", one["id"]) for one in rest.posts), strict=True))
    assert await load_posts(tmp_path) == posted


async def load_posts(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Return the state and the message id of each scheduled text."""
    async with open_store(Settings(data=folder)) as store:
        planned = (await store.people.export("7"))["schedule"]
    return {one["text"]: (one["state"], one["message_id"]) for one in planned}
