"""Servers that fail now and then: what passes is tried again within the time limit, what does not is not."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from langchain_core.messages import HumanMessage

from bot.engines import Ask, Engine, Engines, build
from bot.engines._retry import is_transient, parse_retry_after
from bot.engines.scripted import ScriptedProvider, build_scripted_engine
from bot.errors import EngineError

Way = Callable[[web.Request], Awaitable[web.StreamResponse]]
PLAIN = Ask([HumanMessage("Hello?")], None, 200, 50, 7)
FORMED = replace(PLAIN, schema={"type": "object", "properties": {"text": {"type": "string"}}})
TEXT = "We are closed on Monday and back on Tuesday at eight."


def event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def written(text: str) -> list[bytes]:
    return [*(event(text[at : at + 8]) for at in range(0, len(text), 8)), b"data: [DONE]\n\n"]


def sending(
    pieces: list[bytes], *, hang: bool = False, abort: bool = False, headers: dict[str, str] | None = None
) -> Way:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **(headers or {})})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        if hang:
            await asyncio.sleep(30)
        if abort and request.transport:
            request.transport.abort()
        return response

    return answer


def refusing(status: int, headers: dict[str, str] | None = None, **error: Any) -> Way:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "zebrabrief", **error}}, status=status, headers=headers)

    return answer


@asynccontextmanager
async def served(choose: Callable[[], Way], *, timeout: float = 5) -> AsyncIterator[Engine]:
    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return await choose()(request)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    engine = build("openai:stub", url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1", key="k", timeout=timeout)
    try:
        yield engine
    finally:
        await engine.close()
        await runner.cleanup()


class InTurn:
    """Ways in their order, the last from then on; counts them and notes when."""

    def __init__(self, *ways: Way) -> None:
        self.ways, self.at = list(ways), list[float]()

    def __call__(self) -> Way:
        self.at.append(time.monotonic())
        return self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]


async def watched(engine: Engine, ask: Ask) -> list[str]:
    return [text async for text in engine.stream_snapshots(ask)]


async def last(engine: Engine, ask: Ask) -> str:
    return (await watched(engine, ask))[-1]


async def at_once(engine: Engine, ask: Ask) -> str:
    return await engine.complete(ask)


@pytest.mark.parametrize(("read", "ask"), [(last, PLAIN), (at_once, FORMED)], ids=["watched", "at once"])
async def test_with_thirty_percent_faults_99_percent_are_answered_whole(
    read: Callable[[Engine, Ask], Awaitable[str]], ask: Ask
) -> None:
    rng, met = random.Random(5), Counter[str]()
    text = TEXT if ask.schema is None else json.dumps({"text": TEXT})
    part = written(text)[:3]
    faults: dict[str, Way] = {
        "500": refusing(500),
        "503": refusing(503),
        "429": refusing(429, {"Retry-After": "0.05"}),
        "cut": sending(part),
        "reset": sending(part, abort=True),
        "malformed": sending([*part, b"data: {not json\n\n"]),
        "no text": sending([]),
        "error in stream": sending([*part, b'data: {"error": {"code": 500}}\n\n']),
        "hang": sending([], hang=True),
        "hang later": sending(part, hang=True),
    }
    whole = sending(written(text))

    def choose() -> Way:
        name = rng.choice(list(faults)) if rng.random() < 0.3 else ""
        met[name] += 1
        return faults.get(name, whole)

    room = asyncio.Semaphore(40)  # A slow machine should not be what runs out of time.

    async def one(engine: Engine) -> str:
        async with room:
            return await read(engine, ask)

    async with served(choose, timeout=5) as engine:
        await engine.load()
        found = await asyncio.gather(*(one(engine) for _ in range(200)), return_exceptions=True)
    assert set(met) == {"", *faults}
    assert sum(text == given for given in found) >= 198
    assert all(given == text or isinstance(given, EngineError) for given in found), "a text that was cut off is none"


async def test_a_watched_draft_never_falls_back() -> None:
    other = "Another text that is longer than the first one was when it ended."
    async with served(InTurn(sending(written(TEXT)[:4]), sending(written(other)))) as engine:
        texts = await watched(engine, PLAIN)
    lengths = [len(text) for text in texts]
    assert lengths == sorted(lengths)
    assert texts[-1] == other


async def test_json_that_is_complete_is_taken_though_the_stream_was_cut() -> None:
    ways = InTurn(sending([event('{"text": '), event('"Hi."}')], abort=True))
    async with served(ways) as engine:
        assert await at_once(engine, FORMED) == '{"text": "Hi."}'
    assert len(ways.at) == 1


async def test_a_server_that_never_marks_an_end_is_believed_in_the_end() -> None:
    ways = InTurn(sending([event("Hi.")]))
    async with served(ways) as engine:
        assert await at_once(engine, PLAIN) == "Hi."
    assert len(ways.at) == 3


async def test_a_server_that_knows_no_streams_is_understood() -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"choices": [{"message": {"content": "Hi."}}]})

    async with served(lambda: answer) as engine:
        assert await at_once(engine, PLAIN) == "Hi."


@pytest.mark.parametrize(
    "headers",
    [{"Retry-After": "0.2"}, {"retry-after-ms": "200", "retry-after": "60"}, {"x-ratelimit-reset-requests": "200ms"}],
)
async def test_a_wish_for_patience_is_kept(headers: dict[str, str]) -> None:
    ways = InTurn(refusing(429, headers), sending(written("Hi.")))
    async with served(ways) as engine:
        assert await at_once(engine, PLAIN) == "Hi."
    assert ways.at[1] - ways.at[0] >= 0.2


async def test_nobody_waits_for_longer_than_the_time_limit() -> None:
    ways = InTurn(refusing(429, {"Retry-After": "600"}))
    async with served(ways, timeout=120) as engine:
        async with asyncio.timeout(60):  # Half of the limit: it is told at once.
            with pytest.raises(EngineError, match="is too busy right now. Try again in a minute."):
                await at_once(engine, PLAIN)
    assert len(ways.at) == 1


class Answered(Exception):  # noqa: N818 - as an SDK has it
    def __init__(self, status: int, headers: dict[str, str] | None = None, code: str | None = None) -> None:
        self.response = type("Response", (), {"status_code": status, "headers": headers or {}})()
        self.code = code


class Botocore(Exception):  # noqa: N818
    response = {"ResponseMetadata": {"HTTPStatusCode": 503, "HTTPHeaders": {"retry-after": "2"}}}  # noqa: RUF012


def later(**ahead: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Answered(503, {"Retry-After": "7"}), 7),
        (Answered(429, {"retry-after-ms": "1500"}), 1.5),
        (Answered(429, {"x-ratelimit-reset": "12"}), 12),
        (Answered(429, {"x-ratelimit-reset-requests": "1m2s", "x-ratelimit-reset-tokens": "6ms"}), 62),
        (Answered(500, {"x-ratelimit-reset": "12"}), None),
        (Answered(429, {"Retry-After": "soon"}), None),
        (Answered(429, {"Retry-After": "nan"}), None),
        (Answered(429, {"Retry-After": "-3"}), None),
        (Answered(429), None),
        (Botocore(), 2),
        (ValueError("x"), None),
    ],
)
def test_what_servers_ask_for_is_read(error: Exception, seconds: float | None) -> None:
    assert parse_retry_after(error) == (None if seconds is None else pytest.approx(seconds, rel=0.1))


@pytest.mark.parametrize("seconds", [-30, 3000, 4000])
@pytest.mark.parametrize("status", [429, 503])
def test_a_time_at_which_servers_want_to_be_asked_again_is_read(status: int, seconds: int) -> None:
    then = time.time() + seconds
    assert parse_retry_after(Answered(status, {"Retry-After": later(seconds=seconds)})) == pytest.approx(
        max(seconds, 0), abs=5
    )
    if status == 429 and seconds > 0:
        for written in (str(then), str(then * 1000)):
            assert parse_retry_after(Answered(status, {"x-ratelimit-reset": written})) == pytest.approx(seconds, abs=5)


class APIConnectionError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "again"),
    [
        *((Answered(status), True) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)),
        *((Answered(status), False) for status in (400, 401, 402, 403, 404, 413, 422, 501)),
        (Answered(429, code="insufficient_quota"), False),
        (Answered(500, code="content_filter"), False),
        (Botocore(), True),
        (APIConnectionError(), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (json.JSONDecodeError("x", "y", 0), True),
        (ValueError("x"), False),
        (FileNotFoundError("x"), False),
    ],
)
async def test_only_what_passes_is_tried_again(error: Exception, again: bool) -> None:
    assert is_transient(error) is again
    calls: list[Exception | str] = [error, "Hi."]
    engine = build_scripted_engine(lambda _: calls.pop(0))
    if again:
        assert await engine.complete(PLAIN) == "Hi."
    else:
        with pytest.raises(EngineError):
            await engine.complete(PLAIN)
    assert len(calls) == (0 if again else 1)


@pytest.mark.parametrize(
    "way",
    [
        refusing(400, code="content_filter"),
        sending([b'data: {"choices": [{"delta": {"content": "I"}, "finish_reason": "content_filter"}]}\n\n']),
    ],
)
async def test_what_a_filter_refuses_is_asked_once_and_rests_no_engine(way: Way) -> None:
    ways = InTurn(way)
    async with served(ways) as engine:
        with pytest.raises(EngineError, match="stub declined to write this"):
            await last(engine, PLAIN)
        assert not engine.is_resting
    assert len(ways.at) == 1


@pytest.mark.parametrize(
    "way",
    [
        sending([event("word " * 200)] * 200),
        sending([b": ping\n" * 10_000] * 150),
        sending([b"data: " + b"x" * 60_000] * 40),
        sending([gzip.compress(b"data: " + b"x" * 50_000_000)], headers={"Content-Encoding": "gzip"}),
    ],
    ids=["text", "pings", "one line", "bomb"],
)
async def test_an_answer_without_an_end_is_stopped(way: Way) -> None:
    ways = InTurn(way)
    async with served(ways, timeout=120) as engine:
        with pytest.raises(EngineError, match="stub did not stop writing"):
            await last(engine, PLAIN)
    assert len(ways.at) == 1


@pytest.mark.parametrize(
    "body",
    [b'{"a":' * 100_000, b'{"choices": ' + b"9" * 900_000 + b"}", b"[" * 500_000, b'{"choices": {"a": 1}}', b"null"],
)
async def test_events_that_are_bombs_are_malformed(body: bytes) -> None:
    async with served(lambda: sending([b"data: " + body + b"\n\n"])) as engine:
        with pytest.raises(EngineError, match="stub could not answer"):
            await last(engine, PLAIN)


async def test_an_error_without_end_is_not_read() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400, headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" " * 60_000)

    async with served(lambda: answer, timeout=120) as engine:
        async with asyncio.timeout(60):
            with pytest.raises(EngineError, match="stub could not answer"):
                await last(engine, PLAIN)


async def test_an_engine_that_failed_is_passed_over_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    ill, well = ScriptedProvider(lambda _: Answered(401)), ScriptedProvider(lambda _: "Hi.")
    engines = Engines([Engine(ill, name="ill"), Engine(well, name="well")])

    async def ask() -> str:
        return await engines.attempt(lambda engine: engine.complete(PLAIN))

    assert [await ask() for _ in range(3)] == ["Hi."] * 3
    assert len(ill.model.calls) == 1
    monkeypatch.setattr("bot.engines.engine.REST_SECONDS", 0.0)
    engines.first.probe()  # Its rest is over.
    assert await ask() == "Hi."
    assert len(ill.model.calls) == 2
    ill.model.script = lambda _: "Well again."
    assert [await ask() for _ in range(2)] == ["Well again."] * 2


async def test_an_engine_that_is_the_only_one_is_asked_also_while_it_rests() -> None:
    said: list[Any] = [Answered(401), "Hi."]
    engines = Engines([build_scripted_engine(lambda _: said.pop(0))])
    with pytest.raises(EngineError):
        await engines.attempt(lambda engine: engine.complete(PLAIN))
    assert engines.first.is_resting
    assert await engines.attempt(lambda engine: engine.complete(PLAIN)) == "Hi."
    assert not engines.first.is_resting
