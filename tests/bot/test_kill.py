"""Whatever was acknowledged is answered, also after kill -9. Real processes, and a stand-in for Discord's REST on loopback."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

COUNT = 24
REPOSITORY = Path(__file__).parents[2]


def as_json(value: object, status: int = 200) -> web.Response:
    """JSON with the content type that discord.py compares with, which has no charset."""
    return web.Response(body=json.dumps(value).encode(), status=status, headers={"Content-Type": "application/json"})


class Rest:
    """Answers what a bot without a gateway asks, and keeps what each deferred interaction shows."""

    def __init__(self) -> None:
        self.url = ""
        self.shown: dict[str, list[str]] = defaultdict(list)

    async def handle(self, request: web.Request) -> web.Response:
        path = request.path
        if found := re.search(r"/webhooks/3/(token-\d+)/messages/", path):
            self.shown[found[1]].append(await request.text())
            return as_json({"id": "9"})
        if path.endswith("/users/@me"):
            return as_json({"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None})
        if path.endswith("/oauth2/applications/@me"):
            return as_json({
                "id": "3", "name": "Quillmate", "description": "", "icon": None, "bot_public": True,
                "bot_require_code_grant": False, "verify_key": "", "flags": 0,
                "owner": {"id": "8", "username": "owner", "discriminator": "0", "avatar": None},
            })  # fmt: skip
        if path.endswith("/commands"):
            return as_json([])
        return as_json({"message": f"unknown: {path}"}, status=404)

    def finished(self) -> set[str]:
        """The tokens whose answer is whole."""
        return {token for token, bodies in self.shown.items() if "quill:again:" in bodies[-1]}


@pytest_asyncio.fixture
async def rest() -> AsyncIterator[Rest]:
    rest = Rest()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rest.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield rest
    await runner.cleanup()


async def start(folder: Path, rest: Rest, count: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(REPOSITORY / "tests/processes/worker.py"), str(folder), rest.url, str(count),
        cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_acknowledged_request_is_answered_after_kills(tmp_path: Path, rest: Rest, seed: int) -> None:
    rng = random.Random(seed)
    acknowledged: set[str] = set()
    process = await start(tmp_path, rest, COUNT)
    assert process.stdout is not None
    enough = COUNT // 2 + rng.randrange(COUNT // 2)
    async for line in process.stdout:
        if found := re.match(rb"acknowledged (\d+)", line):
            acknowledged.add(f"token-{found[1].decode()}")
        if len(acknowledged) == enough:
            break
    process.kill()
    await process.wait()
    assert acknowledged - rest.finished()

    for _ in range(1):
        process = await start(tmp_path, rest, 0)
        await asyncio.sleep(1.2 + rng.random() / 2)
        process.kill()
        await process.wait()

    process = await start(tmp_path, rest, 0)
    async with asyncio.timeout(60):
        while not acknowledged <= rest.finished():
            await asyncio.sleep(0.1)
    process.kill()
    await process.wait()
    answers = {
        re.sub(r"quill:\w+:[\w-]+", "", bodies[-1]) for bodies in rest.shown.values() if "quill:again:" in bodies[-1]
    }
    assert all("closed on Monday" in answer for answer in answers)
