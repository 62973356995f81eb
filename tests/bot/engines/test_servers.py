"""Several servers of one model: the load is shared by weight, failed servers are skipped, and late ones get competition."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web
from test_faults import PLAIN, TEXT, encode_events, refuse, send_pieces

from bot.engines import Engine, _servers, build
from bot.engines.remote import parse_addresses
from bot.errors import EngineError, SettingsError
from bot.settings import Settings, load

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
GOOD_ANSWER = send_pieces(encode_events(TEXT))


class Stub:
    """A server whose answer can be replaced, and which counts its requests."""

    def __init__(self, way: Answer) -> None:
        self.way, self.asked, self.under_way, self.most, self.dropped = way, 0, 0, 0, 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self.way(request)
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        finally:
            self.under_way -= 1


@asynccontextmanager
async def _serve_engine(
    *ways: Answer, weights: tuple[int, ...] = (), timeout: float = 5
) -> AsyncIterator[tuple[Engine, list[Stub]]]:
    async with AsyncExitStack() as stack:
        stubs = []
        for way in ways:
            stub = Stub(way)
            app = web.Application(handler_args={"handler_cancellation": True})
            app.router.add_post("/v1/chat/completions", stub.answer)
            runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            stub.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
            stubs.append(stub)
        named = [f"{stub.url}*{weight}" for stub, weight in zip(stubs, weights or [1] * len(stubs), strict=True)]
        engine = build("openai:stub", url=", ".join(named), key="k", timeout=timeout)
        stack.push_async_callback(engine.close)
        yield engine, stubs


def _answer_after(seconds: float, then: Answer = GOOD_ANSWER) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await then(request)

    return answer


async def test_servers_get_requests_in_proportion_to_their_weights() -> None:
    released = asyncio.Event()

    async def answer_when_released(request: web.Request) -> web.StreamResponse:
        await released.wait()
        return await GOOD_ANSWER(request)

    async with _serve_engine(answer_when_released, answer_when_released, weights=(3, 1)) as (engine, (large, small)):
        texts = [asyncio.create_task(engine.complete(PLAIN)) for _ in range(12)]
        while large.asked + small.asked < 12:
            await asyncio.sleep(0.01)
        released.set()
        assert set(await asyncio.gather(*texts)) == {TEXT}
    assert (large.most, small.most) == (9, 3)


@pytest.mark.parametrize(
    "failing", [refuse(500), refuse(429), send_pieces([], abort=True)], ids=["500", "429", "reset"]
)
async def test_a_failing_server_is_skipped_without_delay(failing: Answer) -> None:
    async with _serve_engine(failing, GOOD_ANSWER) as (engine, (bad, good)):
        assert [await engine.complete(PLAIN) for _ in range(10)] == [TEXT] * 10
    assert bad.asked == 1
    assert good.asked == 10


async def test_a_recovered_server_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_servers, "_FIRST_REST_SECONDS", 0.05)
    async with _serve_engine(refuse(503), GOOD_ANSWER) as (engine, (bad, good)):
        await engine.complete(PLAIN)
        bad.way = GOOD_ANSWER
        await asyncio.sleep(0.06)
        await asyncio.gather(*(engine.complete(PLAIN) for _ in range(4)))
        assert bad.asked == 2  # One finds out; the others pass it over meanwhile.
        await asyncio.gather(*(engine.complete(PLAIN) for _ in range(4)))
    assert bad.asked > 2
    assert good.asked > 3


async def test_a_late_first_token_is_raced_by_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_servers, "_DEFAULT_LATE_SECONDS", 0.05)
    async with _serve_engine(_answer_after(30), GOOD_ANSWER, weights=(100, 1)) as (engine, (slow, quick)):
        assert await engine.complete(PLAIN) == TEXT
        for _ in range(100):
            if slow.dropped:
                break
            await asyncio.sleep(0.01)
    assert (slow.asked, quick.asked) == (1, 1)
    assert slow.dropped == 1


async def test_an_interrupted_text_is_rewritten_by_another_server() -> None:
    async with _serve_engine(send_pieces(encode_events(TEXT)[:2], abort=True), GOOD_ANSWER, weights=(100, 1)) as (
        engine,
        (cut, good),
    ):
        seen = [text async for text, _ in engine.stream_snapshots(PLAIN)]
    assert seen[-1] == TEXT
    assert (cut.asked, good.asked) == (1, 1)


async def test_an_invalid_request_is_not_sent_to_another_server() -> None:
    async with _serve_engine(refuse(400), GOOD_ANSWER, weights=(100, 1)) as (engine, (strict, other)):
        with pytest.raises(EngineError):
            await engine.complete(PLAIN)
    assert (strict.asked, other.asked) == (1, 0)


async def test_a_failure_of_every_server_is_reported_once() -> None:
    async with _serve_engine(refuse(401), refuse(401)) as (engine, stubs):
        with pytest.raises(EngineError, match="refused the key"):
            await engine.complete(PLAIN)
    assert Counter(stub.asked for stub in stubs) == {1: 2}


def test_addresses_are_parsed_with_their_weights() -> None:
    assert parse_addresses("http://a:8000/v1/*2, https://b/v1") == [("http://a:8000/v1", 2), ("https://b/v1", 1)]
    assert parse_addresses("") == []


def test_an_invalid_address_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(engine_url="http://a:8000/v1*2, http://b/v1").engine_url
    monkeypatch.setenv("QUILLMATE_ENGINE_URL", "http://a/v1, b/v1")
    with pytest.raises(SettingsError, match="should begin with http"):
        load()
