"""What goes over the wire, told to the pacer by discord.py's own client against a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import discord
import pytest
from acting import wait_until
from aiohttp import web
from discord.http import HTTPClient, Route

from bot.replies.pacer import GLOBAL, DiscordCall, Pacer
from bot.replies.traffic import build_trace, use_call


@dataclass
class Discord:
    """Answers everything; one call uses up a channel's bucket for a minute. The first `faults` calls fail."""

    faults: int = 0
    now: float = 1000.0
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def clock(self) -> float:
        return self.now

    async def answer(self, request: web.Request) -> web.Response:
        if "channels" not in request.path:
            return web.json_response({"id": "1", "username": "Quillmate", "discriminator": "0", "avatar": None})
        if self.faults:
            self.faults -= 1
            return web.json_response({}, status=500)
        self.answered.set()
        bucket = {"X-RateLimit-Bucket": "b", "X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0"}
        return web.json_response({}, headers={**bucket, "X-RateLimit-Reset-After": "60"})


@pytest.fixture
def server() -> Discord:
    return Discord()


@pytest.fixture
def pacer(server: Discord) -> Pacer:
    return Pacer(server.clock)


@pytest.fixture
async def http(server: Discord, pacer: Pacer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HTTPClient]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    client = HTTPClient(asyncio.get_running_loop(), http_trace=build_trace(pacer))
    await client.static_login("token")
    yield client
    await client.close()
    await runner.cleanup()


def count_calls_left(pacer: Pacer, server: Discord) -> int:
    return pacer._all.calls_left(server.now)


def post(http: HTTPClient) -> asyncio.Task[None]:
    return asyncio.create_task(http.request(Route("POST", "/channels/{channel_id}/messages", channel_id=7), json={}))


async def take_spare(pacer: Pacer) -> DiscordCall:
    call = pacer.take_spare(pacer.post_window(7))
    assert call is not None
    return call


async def test_a_call_ends_with_its_response(http: HTTPClient, server: Discord, pacer: Pacer) -> None:
    server.now += 2
    call = await take_spare(pacer)
    unanswered = call.until
    with use_call(call):
        posting = post(http)
    await wait_until(lambda: call.until < unanswered)
    assert count_calls_left(pacer, server) == GLOBAL[0] - 1
    server.now += 2
    assert count_calls_left(pacer, server) == GLOBAL[0]
    assert not posting.done()
    posting.cancel()


async def test_unpaced_calls_are_counted(http: HTTPClient, server: Discord, pacer: Pacer) -> None:
    assert count_calls_left(pacer, server) == GLOBAL[0] - 1  # The login asked who the bot is.
    await http.get_user(1)
    assert count_calls_left(pacer, server) == GLOBAL[0] - 2


async def test_a_retry_counts_as_another_call(
    http: HTTPClient, server: Discord, pacer: Pacer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def return_at_once(_: float) -> None:
        await real(0)

    real = asyncio.sleep
    monkeypatch.setattr(discord.http.asyncio, "sleep", return_at_once)
    server.faults, server.now = 2, server.now + 2
    with use_call(await take_spare(pacer)):
        posting = post(http)
    await server.answered.wait()
    await posting
    assert count_calls_left(pacer, server) == GLOBAL[0] - 3


async def test_interactions_and_files_are_not_counted(http: HTTPClient, server: Discord, pacer: Pacer) -> None:
    server.now += 2
    await http.request(Route("POST", "/interactions/1/x/callback"), json={})
    await http.get_from_cdn(Route.BASE.replace("/api/v10", "/attachments/1/2/a.txt"))
    assert count_calls_left(pacer, server) == GLOBAL[0]


async def test_a_failed_call_ends_too(http: HTTPClient, server: Discord, pacer: Pacer) -> None:
    server.now += 2
    with use_call(await take_spare(pacer)):
        posting = post(http)
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    server.now += 6
    assert count_calls_left(pacer, server) == GLOBAL[0]
