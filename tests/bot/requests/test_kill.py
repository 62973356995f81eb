"""Whatever was acknowledged is answered, also after kill -9. Real processes, and a stand-in for Discord's REST on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import process_fork
import pytest
import pytest_asyncio
from aiohttp import web
from gateway import build_json_response
from image_servers import Automatic1111, serve_images
from process_fork import ForkedProcess
from router_cache import install_router

COUNT = 24
MENTIONS = 12
FIRST_MENTION = 1_000_000
ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "bot": True}


class Rest:
    """Answers what a bot without a gateway asks, and keeps what each deferred interaction and each channel shows.

    As Discord does, it makes one message of all posts with the same nonce. `deferring` is set when an interaction is about
    to be acknowledged, whose answer then does not come.
    """

    def __init__(self) -> None:
        self.url = ""
        self.shown: dict[str, list[str]] = defaultdict(list)
        self.posts: list[dict[str, Any]] = []
        self.by_nonce: dict[str, dict[str, Any]] = {}
        self.deferring = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        path = request.path
        if found := re.search(r"/channels/(\d+)/messages(?:/(\d+))?$", path):
            return await self._answer_messages(request, found[1], found[2])
        if path.endswith("/callback"):
            self.deferring.set()
            await asyncio.sleep(60)
        if found := re.search(r"/webhooks/3/(token-\d+)/messages/", path):
            if request.method == "GET":
                return self._answer_original(found[1])
            self.shown[found[1]].append((await request.read()).decode(errors="replace"))
            return build_json_response({"id": "9"})
        if path.endswith("/users/@me"):
            return build_json_response({"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None})
        if path.endswith("/oauth2/applications/@me"):
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
                    "owner": {"id": "8", "username": "owner", "discriminator": "0", "avatar": None},
                }
            )
        if path.endswith("/commands"):
            return build_json_response([])
        return build_json_response({"message": f"unknown: {path}"}, status=404)

    def _answer_original(self, token: str) -> web.Response:
        """Answer with the response of an interaction; 404 if none was shown, so none was acknowledged in time."""
        if token not in self.shown:
            return build_json_response({"code": 10015, "message": "Unknown Webhook"}, status=404)
        body = self.shown[token][-1]
        start = body.index('{"')
        return build_json_response(json.JSONDecoder().raw_decode(body[start:])[0])

    async def _answer_messages(self, request: web.Request, channel: str, message: str | None) -> web.Response:
        if request.method == "GET":
            after = int(request.query.get("after", 0))
            wanted = [one for one in self.posts if one["channel_id"] == channel and int(one["id"]) > after]
            return build_json_response(wanted[::-1])
        body = json.loads(await request.text())
        if request.method == "PATCH":
            post = next(one for one in self.posts if one["id"] == message)
            post["components"] = body["components"]
        elif (post := self.by_nonce.get(body["nonce"])) is None:
            post = {
                "id": str(2_000_000 + len(self.posts)),
                "channel_id": channel,
                "type": 19,
                "content": "",
                "author": ME,
                "message_reference": body["message_reference"],
                "components": body["components"],
                "attachments": [],
                "embeds": [],
                "mentions": [],
                "mention_roles": [],
                "mention_everyone": False,
                "pinned": False,
                "tts": False,
                "timestamp": "2026-01-05T09:00:00+00:00",
                "edited_timestamp": None,
                "flags": 0,
            }
            self.posts.append(post)
            if body["enforce_nonce"]:
                self.by_nonce[body["nonce"]] = post
        await asyncio.sleep(0.05)  # What is killed now has been shown, and does not know it.
        return build_json_response(post)

    def list_replies(self) -> dict[int, list[str]]:
        """List the replies to each mention, by its number."""
        found: dict[int, list[str]] = defaultdict(list)
        for post in self.posts:
            found[int(post["message_reference"]["message_id"]) - FIRST_MENTION].append(str(post["components"]))
        return found

    def list_answered(self) -> set[int]:
        """List the mentions that have a complete answer."""
        return {number for number, shown in self.list_replies().items() if any("quill:again:" in one for one in shown)}

    def list_finished(self) -> set[str]:
        """List the tokens that have a complete answer."""
        return {token for token, bodies in self.shown.items() if "quill:again:" in bodies[-1]}


@pytest.fixture
def tmp_path(tmp_path: Path, trained: Path) -> Path:
    """A folder with the trained classifier, as left by an earlier start."""
    install_router(trained, tmp_path)
    return tmp_path


@pytest_asyncio.fixture
async def rest() -> AsyncIterator[Rest]:
    rest = Rest()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rest.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield rest
    await runner.cleanup()


async def start(folder: Path, rest: Rest, count: int, sort: str = "jobs", **environment: str) -> ForkedProcess:
    return await run("worker", folder, rest, str(count), sort, **environment)


async def run(program: str, folder: Path, rest: Rest, *words: str, **environment: str) -> ForkedProcess:
    given = {**os.environ, **environment}
    return await process_fork.start(f"{program}.py", str(folder), rest.url, *words, environment=given)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
async def test_every_acknowledged_request_is_answered_after_kills(tmp_path: Path, rest: Rest, seed: int) -> None:
    rng = random.Random(seed)
    acknowledged: set[str] = set()
    process = await start(tmp_path, rest, COUNT)
    enough = COUNT // 2 + rng.randrange(COUNT // 2)
    async for line in process.stdout:
        if found := re.match(rb"acknowledged (\d+)", line):
            acknowledged.add(f"token-{found[1].decode()}")
        if len(acknowledged) == enough:
            break
    process.kill()
    await process.wait()
    assert acknowledged - rest.list_finished()

    for _ in range(1):
        process = await start(tmp_path, rest, 0)
        await asyncio.sleep(0.3 + rng.random() / 2)
        process.kill()
        await process.wait()

    process = await start(tmp_path, rest, 0)
    async with asyncio.timeout(60):
        while not acknowledged <= rest.list_finished():
            await asyncio.sleep(0.1)
    process.kill()
    await process.wait()
    answers = {
        re.sub(r"quill:\w+:[\w-]+", "", bodies[-1]) for bodies in rest.shown.values() if "quill:again:" in bodies[-1]
    }
    assert all("closed on Monday" in answer for answer in answers)


async def read_acknowledged(process: ForkedProcess, enough: int) -> set[int]:
    """Return the numbers of the first requests that a process reports as saved."""
    numbers: set[int] = set()
    async for line in process.stdout:
        if found := re.match(rb"acknowledged (\d+)", line):
            numbers.add(int(found[1]))
        if len(numbers) == enough:
            break
    return numbers


async def kill_process(process: ForkedProcess) -> None:
    process.kill()
    await process.wait()


@pytest.mark.parametrize(("seed", "minutes_later"), [pytest.param(3, False, marks=pytest.mark.nightly), (4, True)])
async def test_every_stored_mention_is_answered_exactly_once_after_kills(
    tmp_path: Path, rest: Rest, seed: int, minutes_later: bool
) -> None:
    rng = random.Random(seed)
    process = await start(tmp_path, rest, MENTIONS, "mentions")
    mentions = await read_acknowledged(process, MENTIONS)
    assert len(mentions) == MENTIONS
    async with asyncio.timeout(60):  # Until some show a draft and some show nothing yet.
        while len(rest.posts) < 1 + rng.randrange(4):
            await asyncio.sleep(0.005)
    await kill_process(process)
    assert mentions - rest.list_answered(), "all were answered before the kill, which then shows nothing"
    assert rest.posts
    if minutes_later:  # Discord has forgotten the nonces, so the bot must look for what stands there.
        rest.by_nonce.clear()

    process = await start(tmp_path, rest, 0)
    before = len(rest.posts)
    async with asyncio.timeout(60):
        while len(rest.posts) == before and not mentions <= rest.list_answered():
            await asyncio.sleep(0.005)
    await kill_process(process)

    process = await start(tmp_path, rest, 0)
    async with asyncio.timeout(60):
        while not mentions <= rest.list_answered():
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)  # For a second answer, if there were one.
    await kill_process(process)
    replies = rest.list_replies()
    assert {number: len(shown) for number, shown in replies.items()} == dict.fromkeys(mentions, 1)
    assert all("closed on Monday" in shown for [shown] in replies.values())


async def test_a_command_is_answered_if_its_acknowledgement_was_cut_off(tmp_path: Path, rest: Rest) -> None:
    process = await start(tmp_path, rest, 1, "commands")
    async with asyncio.timeout(60):
        await rest.deferring.wait()
    await kill_process(process)
    assert rest.shown == {}, "nothing may be shown before the acknowledgement"

    process = await start(tmp_path, rest, 0)
    async with asyncio.timeout(60):
        while "token-0" not in rest.list_finished():
            await asyncio.sleep(0.05)
    await kill_process(process)
    assert "closed on Monday" in rest.shown["token-0"][-1]
    assert sum("quill:again:" in body for body in rest.shown["token-0"]) == 1


class OneAtATime(Automatic1111):
    """Draws one picture, and then hangs until it is released."""

    async def txt2img(self, request: web.Request) -> web.StreamResponse:
        made = await super().txt2img(request)
        if len(self.asked) == 1:
            self.hangs.clear()
        return made


async def test_pictures_drawn_before_a_kill_are_not_drawn_again(tmp_path: Path, rest: Rest) -> None:
    server = OneAtATime()
    async with serve_images(server) as url:
        draws = {"QUILLMATE_IMAGES": "automatic1111", "QUILLMATE_IMAGES_URL": url}
        process = await start(tmp_path, rest, 1, "pictures", **draws)
        async with asyncio.timeout(60):
            while len(server.keys) < 2:
                await asyncio.sleep(0.02)
        await kill_process(process)
        server.hangs.set()
        process = await start(tmp_path, rest, 0, **draws)  # Its model would write a post, if it were asked again.
        async with asyncio.timeout(60):
            while "token-0" not in rest.list_finished():
                await asyncio.sleep(0.05)
        await kill_process(process)
    drawn = [re.findall("fox|hare", asked["prompt"])[0] for asked in server.asked]
    assert (drawn.count("fox"), "hare" in drawn) == (1, True)
    answer = rest.shown["token-0"][-1]
    assert answer.count("PNG\r\n") == 2
    assert "closed on Monday" not in answer


@pytest.mark.nightly
async def test_panels_sound_and_vision_resume_after_a_kill_and_repeat_no_call(tmp_path: Path, rest: Rest) -> None:
    process = await run("making", tmp_path, rest, "new")
    async with asyncio.timeout(60):  # Until some of each is kept, and some is under way.
        async for line in process.stdout:
            aloud, music, readers, seen = map(int, line.split())
            if aloud == 2 and readers >= 3 and "see shop" in (tmp_path / "asked").read_text():
                break
    await kill_process(process)
    assert (music, seen) == (0, 0)
    assert all(any("Cancel" in body for body in rest.shown[token]) for token in ("token-2", "token-3"))
    process = await run("making", tmp_path, rest)
    whole = {"token-0": "read aloud (0:0", "token-1": "slow strings (0:0", "token-2": "What simulated readers chose"}
    whole["token-3"] = "A shop at dawn."
    async with asyncio.timeout(60):
        while not all(words in "".join(rest.shown[token][-1:]) for token, words in whole.items()):
            await asyncio.sleep(0.05)
    await kill_process(process)
    asked = Counter((tmp_path / "asked").read_text().splitlines())
    each = Counter(one.split()[0] for one in asked)
    assert each == {"compare": 10, "speak": 5, "compose": 1, "see": 1}
    again = Counter(one.split()[0] for one, count in asked.items() for _ in range(count - 1))
    assert (again["speak"], again["compose"], again["see"]) == (1, 1, 1), "what was under way alone"
    assert 1 <= again["compare"] <= 6 - readers
    assert "5 of 5" in rest.shown["token-2"][-1] or "Undecided" in rest.shown["token-2"][-1]
