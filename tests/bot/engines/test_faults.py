"""Servers that fail: transient failures are retried within the time limit, permanent ones are not."""

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

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
PLAIN = Ask([HumanMessage("Hello?")], None, 200, 50, 7)
FORMED = replace(PLAIN, schema={"type": "object", "properties": {"text": {"type": "string"}}})
TEXT = "We are closed on Monday and back on Tuesday at eight."


def encode_event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"


def encode_events(text: str) -> list[bytes]:
    return [*(encode_event(text[at : at + 8]) for at in range(0, len(text), 8)), b"data: [DONE]\n\n"]


def send_pieces(
    pieces: list[bytes], *, hang: bool = False, abort: bool = False, headers: dict[str, str] | None = None
) -> Answer:
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


def refuse(status: int, headers: dict[str, str] | None = None, **error: Any) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "zebrabrief", **error}}, status=status, headers=headers)

    return answer


@asynccontextmanager
async def serve_engine(choose: Callable[[], Answer], *, timeout: float = 5) -> AsyncIterator[Engine]:
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


@pytest.mark.parametrize(("end_reason", "is_truncated"), [("length", True), ("stop", False)])
@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_text_at_its_maximum_number_of_tokens_is_reported(
    end_reason: str, is_truncated: bool, is_stream: bool
) -> None:
    choice = {"delta" if is_stream else "message": {"content": TEXT}, "finish_reason": end_reason}

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"choices": [choice]})

    event = b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"
    async with serve_engine(lambda: send_pieces([event]) if is_stream else answer) as engine:
        assert await engine.write(PLAIN) == (TEXT, "length" if is_truncated else "")


class AnswerSequence:
    """Returns answers in their order, the last one repeatedly, and records when."""

    def __init__(self, *ways: Answer) -> None:
        self.ways, self.at = list(ways), list[float]()

    def __call__(self) -> Answer:
        self.at.append(time.monotonic())
        return self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]


async def collect_snapshots(engine: Engine, ask: Ask) -> list[str]:
    return [text async for text, _ in engine.stream_snapshots(ask)]


async def read_last_snapshot(engine: Engine, ask: Ask) -> str:
    return (await collect_snapshots(engine, ask))[-1]


async def complete(engine: Engine, ask: Ask) -> str:
    return await engine.complete(ask)


@pytest.mark.parametrize(("read", "ask"), [(read_last_snapshot, PLAIN), (complete, FORMED)], ids=["watched", "at once"])
async def test_with_30_percent_faults_99_percent_of_answers_are_complete(
    read: Callable[[Engine, Ask], Awaitable[str]], ask: Ask
) -> None:
    rng, fault_counts = random.Random(5), Counter[str]()
    text = TEXT if ask.schema is None else json.dumps({"text": TEXT})
    part = encode_events(text)[:3]
    faults: dict[str, Answer] = {
        "500": refuse(500),
        "503": refuse(503),
        "429": refuse(429, {"Retry-After": "0.05"}),
        "cut": send_pieces(part),
        "reset": send_pieces(part, abort=True),
        "malformed": send_pieces([*part, b"data: {not json\n\n"]),
        "no text": send_pieces([]),
        "error in stream": send_pieces([*part, b'data: {"error": {"code": 500}}\n\n']),
        "hang": send_pieces([], hang=True),
        "hang later": send_pieces(part, hang=True),
    }
    complete_answer = send_pieces(encode_events(text))

    def choose() -> Answer:
        name = rng.choice(list(faults)) if rng.random() < 0.3 else ""
        fault_counts[name] += 1
        return faults.get(name, complete_answer)

    slots = asyncio.Semaphore(40)  # So that no time limit passes because the machine is slow.

    async def read_in_slot(engine: Engine) -> str:
        async with slots:
            return await read(engine, ask)

    async with serve_engine(choose, timeout=5) as engine:
        await engine.load()
        found = await asyncio.gather(*(read_in_slot(engine) for _ in range(200)), return_exceptions=True)
    assert set(fault_counts) == {"", *faults}
    assert sum(text == given for given in found) >= 198
    assert all(given == text or isinstance(given, EngineError) for given in found), "a text that was cut off is none"


async def test_a_watched_draft_never_falls_back() -> None:
    other = "Another text that is longer than the first one was when it ended."
    async with serve_engine(
        AnswerSequence(send_pieces(encode_events(TEXT)[:4]), send_pieces(encode_events(other)))
    ) as engine:
        texts = await collect_snapshots(engine, PLAIN)
    lengths = [len(text) for text in texts]
    assert lengths == sorted(lengths)
    assert texts[-1] == other


async def test_complete_json_is_accepted_from_an_interrupted_stream() -> None:
    ways = AnswerSequence(send_pieces([encode_event('{"text": '), encode_event('"Hi."}')], abort=True))
    async with serve_engine(ways) as engine:
        assert await complete(engine, FORMED) == '{"text": "Hi."}'
    assert len(ways.at) == 1


async def test_a_server_that_never_marks_the_end_is_accepted_after_retries() -> None:
    ways = AnswerSequence(send_pieces([encode_event("Hi.")]))
    async with serve_engine(ways) as engine:
        assert await complete(engine, PLAIN) == "Hi."
    assert len(ways.at) == 3


async def test_a_server_without_streaming_is_supported() -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"choices": [{"message": {"content": "Hi."}}]})

    async with serve_engine(lambda: answer) as engine:
        assert await complete(engine, PLAIN) == "Hi."


@pytest.mark.parametrize(
    "headers",
    [{"Retry-After": "0.2"}, {"retry-after-ms": "200", "retry-after": "60"}, {"x-ratelimit-reset-requests": "200ms"}],
)
async def test_a_retry_after_header_is_respected(headers: dict[str, str]) -> None:
    ways = AnswerSequence(refuse(429, headers), send_pieces(encode_events("Hi.")))
    async with serve_engine(ways) as engine:
        assert await complete(engine, PLAIN) == "Hi."
    assert ways.at[1] - ways.at[0] >= 0.2


async def test_a_wait_beyond_the_time_limit_fails_at_once() -> None:
    ways = AnswerSequence(refuse(429, {"Retry-After": "600"}))
    async with serve_engine(ways, timeout=120) as engine:
        async with asyncio.timeout(60):  # Half of the limit: it is told at once.
            with pytest.raises(EngineError, match="is too busy right now. Try again in a minute."):
                await complete(engine, PLAIN)
    assert len(ways.at) == 1


class SdkError(Exception):
    def __init__(self, status: int, headers: dict[str, str] | None = None, code: str | None = None) -> None:
        self.response = type("Response", (), {"status_code": status, "headers": headers or {}})()
        self.code = code


class BotocoreError(Exception):
    response = {"ResponseMetadata": {"HTTPStatusCode": 503, "HTTPHeaders": {"retry-after": "2"}}}  # noqa: RUF012


def format_date_ahead(**ahead: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (SdkError(503, {"Retry-After": "7"}), 7),
        (SdkError(429, {"retry-after-ms": "1500"}), 1.5),
        (SdkError(429, {"x-ratelimit-reset": "12"}), 12),
        (SdkError(429, {"x-ratelimit-reset-requests": "1m2s", "x-ratelimit-reset-tokens": "6ms"}), 62),
        (SdkError(500, {"x-ratelimit-reset": "12"}), None),
        (SdkError(429, {"Retry-After": "soon"}), None),
        (SdkError(429, {"Retry-After": "nan"}), None),
        (SdkError(429, {"Retry-After": "-3"}), None),
        (SdkError(429), None),
        (BotocoreError(), 2),
        (ValueError("x"), None),
    ],
)
def test_retry_hints_of_servers_are_parsed(error: Exception, seconds: float | None) -> None:
    assert parse_retry_after(error) == (None if seconds is None else pytest.approx(seconds, rel=0.1))


@pytest.mark.parametrize("seconds", [-30, 3000, 4000])
@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_date_is_parsed(status: int, seconds: int) -> None:
    then = time.time() + seconds
    assert parse_retry_after(SdkError(status, {"Retry-After": format_date_ahead(seconds=seconds)})) == pytest.approx(
        max(seconds, 0), abs=5
    )
    if status == 429 and seconds > 0:
        for encode_events in (str(then), str(then * 1000)):
            assert parse_retry_after(SdkError(status, {"x-ratelimit-reset": encode_events})) == pytest.approx(
                seconds, abs=5
            )


class APIConnectionError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "again"),
    [
        *((SdkError(status), True) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)),
        *((SdkError(status), False) for status in (400, 401, 402, 403, 404, 413, 422, 501)),
        (SdkError(429, code="insufficient_quota"), False),
        (SdkError(500, code="content_filter"), False),
        (BotocoreError(), True),
        (APIConnectionError(), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (json.JSONDecodeError("x", "y", 0), True),
        (ValueError("x"), False),
        (FileNotFoundError("x"), False),
    ],
)
async def test_only_transient_errors_are_retried(error: Exception, again: bool) -> None:
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
        refuse(400, code="content_filter"),
        send_pieces([b'data: {"choices": [{"delta": {"content": "I"}, "finish_reason": "content_filter"}]}\n\n']),
    ],
)
async def test_a_filtered_request_is_not_retried_and_suspends_no_engine(way: Answer) -> None:
    ways = AnswerSequence(way)
    async with serve_engine(ways) as engine:
        with pytest.raises(EngineError, match="stub declined to write this"):
            await read_last_snapshot(engine, PLAIN)
        assert not engine.is_resting
    assert len(ways.at) == 1


@pytest.mark.parametrize(
    "way",
    [
        send_pieces([encode_event("word " * 200)] * 200),
        send_pieces([b": ping\n" * 10_000] * 150),
        send_pieces([b"data: " + b"x" * 60_000] * 40),
        send_pieces([gzip.compress(b"data: " + b"x" * 50_000_000)], headers={"Content-Encoding": "gzip"}),
    ],
    ids=["text", "pings", "one line", "bomb"],
)
async def test_an_endless_answer_is_stopped(way: Answer) -> None:
    ways = AnswerSequence(way)
    async with serve_engine(ways, timeout=120) as engine:
        with pytest.raises(EngineError, match="stub did not stop writing"):
            await read_last_snapshot(engine, PLAIN)
    assert len(ways.at) == 1


@pytest.mark.parametrize(
    "body",
    [b'{"a":' * 100_000, b'{"choices": ' + b"9" * 900_000 + b"}", b"[" * 500_000, b'{"choices": {"a": 1}}', b"null"],
)
async def test_event_bombs_are_malformed(body: bytes) -> None:
    async with serve_engine(lambda: send_pieces([b"data: " + body + b"\n\n"])) as engine:
        with pytest.raises(EngineError, match="stub could not answer"):
            await read_last_snapshot(engine, PLAIN)


async def test_an_endless_error_body_is_not_read() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400, headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" " * 60_000)

    async with serve_engine(lambda: answer, timeout=120) as engine:
        async with asyncio.timeout(60):
            with pytest.raises(EngineError, match="stub could not answer"):
                await read_last_snapshot(engine, PLAIN)


async def test_an_engine_that_failed_is_skipped_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    ill, well = ScriptedProvider(lambda _: SdkError(401)), ScriptedProvider(lambda _: "Hi.")
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


async def test_a_single_engine_is_asked_even_while_suspended() -> None:
    said: list[Any] = [SdkError(401), "Hi."]
    engines = Engines([build_scripted_engine(lambda _: said.pop(0))])
    with pytest.raises(EngineError):
        await engines.attempt(lambda engine: engine.complete(PLAIN))
    assert engines.first.is_resting
    assert await engines.attempt(lambda engine: engine.complete(PLAIN)) == "Hi."
    assert not engines.first.is_resting
