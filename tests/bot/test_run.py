"""`quillmate run` up to the login: what is wrong is said in a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from aiohttp import web
from filelock import FileLock

from bot.errors import SettingsError
from bot.run import run_bot
from bot.settings import Settings


@pytest_asyncio.fixture
async def refusing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A stand-in for Discord that knows no token."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(
            body=b'{"message": "401: Unauthorized"}', status=401, headers={"Content-Type": "application/json"}
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield
    await runner.cleanup()


def settings(tmp_path: Path, token: str = "not-a-token") -> Settings:
    return Settings(
        data=tmp_path, token=token, engine="openai:any", engine_url="http://127.0.0.1:9/v1", embeddings="none"
    )


async def test_a_wrong_token_is_named(tmp_path: Path, refusing: None) -> None:
    with pytest.raises(SettingsError, match="Discord refused DISCORD_TOKEN. Get one at"):
        await run_bot(settings(tmp_path))


async def test_no_discord_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="Discord cannot be reached"):
        await run_bot(settings(tmp_path))


async def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with FileLock(tmp_path / "run.lock"), pytest.raises(SettingsError, match="Another quillmate runs on"):
        await run_bot(settings(tmp_path))
