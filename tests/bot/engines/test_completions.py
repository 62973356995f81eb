"""The chat model for OpenAI-compatible servers, with a server on loopback that answers as such servers do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from bot.engines import Ask, Engine, Engines, build
from bot.engines._completions import ChatCompletions
from bot.engines._retry import MAX_ATTEMPTS, CutError
from bot.engines.spending import Tokens, track_spending
from bot.errors import EngineError

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
ASK = Ask([SystemMessage("Be brief."), HumanMessage("Hi?"), AIMessage("Yes?"), HumanMessage("{x}")], None, 100, 50, 7)


class Server:
    """Sends its answers one after the other, the last one repeatedly, and records the requests."""

    def __init__(self, *ways: Answer) -> None:
        self.ways = list(ways)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
        return await way(request)


EngineStarter = Callable[[Server], Awaitable[Engine]]


@pytest_asyncio.fixture
async def start_engine() -> AsyncIterator[EngineStarter]:
    closing: list[Callable[[], Awaitable[None]]] = []

    async def begin(server: Server) -> Engine:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", server.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        engine = build("openai:stub", url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1/", key="k1")
        closing.extend([engine.close, runner.cleanup])
        return engine

    yield begin
    for close in closing:
        await close()


def encode_event(text: str | None) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}, ensure_ascii=False).encode() + b"\n\n"


def stream_pieces(*pieces: bytes) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        return response

    return answer


def send_answers(*texts: str | None) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": text}} for text in texts]})

    return answer


def fail_with(status: int) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "your prompt was {x}"}}, status=status)

    return answer


async def drop_connection(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def read_text(engine: Engine) -> str:
    return "".join([piece async for piece in engine.stream(ASK)])


async def test_a_stream_is_read_to_its_end(start_engine: EngineStarter) -> None:
    usage = b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n'
    server = Server(
        stream_pieces(
            b": ping\n\n",
            encode_event(None),
            encode_event("We "),
            encode_event("öffnen 🥐."),
            usage,
            b"data: [DONE]\n\n",
        )
    )
    assert await read_text(await start_engine(server)) == "We öffnen 🥐."
    [body] = server.bodies
    roles = [(message["role"], message["content"]) for message in body["messages"]]
    assert roles == [("system", "Be brief."), ("user", "Hi?"), ("assistant", "Yes?"), ("user", "{x}")]
    assert (body["model"], body["stream"], body["max_tokens"], body["seed"]) == ("stub", True, 50, 7)
    assert server.keys == ["Bearer k1"]


async def count_tokens_of_reading(engine: Engine) -> dict[str, Tokens]:
    with track_spending() as cost:
        assert await read_text(engine) == "We open."
    return cost.take()


async def test_token_counts_come_from_the_server_or_are_estimated(start_engine: EngineStarter) -> None:
    told = b'data: {"choices": [], "usage": {"prompt_tokens": 31, "completion_tokens": 4}}\n\n'
    server = Server(stream_pieces(encode_event("We open."), told, b"data: [DONE]\n\n"))
    assert await count_tokens_of_reading(await start_engine(server)) == {"openai:stub": Tokens(31, 4, 0)}
    assert server.bodies[0]["stream_options"] == {"include_usage": True}
    [silent] = (
        await count_tokens_of_reading(
            await start_engine(Server(stream_pieces(encode_event("We open."), b"data: [DONE]\n\n")))
        )
    ).values()
    assert silent.written == 2
    assert silent.estimated == silent.read + silent.written > 2


async def test_a_server_without_token_counts_is_not_asked_for_them(start_engine: EngineStarter) -> None:
    good = stream_pieces(encode_event("We open."), b"data: [DONE]\n\n")

    async def refuse_stream_options(request: web.Request) -> web.StreamResponse:
        if "stream_options" in await request.json():
            return web.json_response({"error": {"message": "unknown field: stream_options"}}, status=400)
        return await good(request)

    server = Server(refuse_stream_options)
    engine = await start_engine(server)
    assert [await read_text(engine) for _ in range(2)] == ["We open."] * 2
    assert ["stream_options" in body for body in server.bodies] == [True, False, False]


async def test_events_may_be_split_anywhere(start_engine: EngineStarter) -> None:
    whole_stream = (
        encode_event("Grüße ")
        + encode_event("🥐 ")
        + encode_event("!").replace(b"\n\n", b"\r\n\r\n")
        + b"data: [DONE]\n\n"
    )
    torn = [whole_stream[at : at + 1] for at in range(len(whole_stream))]
    assert await read_text(await start_engine(Server(stream_pieces(*torn)))) == "Grüße 🥐 !"


async def test_one_and_several_complete_answers_are_read(start_engine: EngineStarter) -> None:
    engine = await start_engine(Server(send_answers("One."), send_answers(None)))
    assert await engine.complete(ASK) == "One."
    assert await engine.complete(ASK) == ""
    model = await engine.load()
    server = Server(send_answers("a", "b"))
    engine = await start_engine(server)
    model = await engine.load()
    answer = await model.agenerate([list(ASK.messages)], n=2)
    assert [generation.text for generation in answer.generations[0]] == ["a", "b"]
    assert server.bodies[0]["n"] == 2


def stream_slowly(*pieces: bytes) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0.01)
        if not pieces[-1].startswith(b"data: [DONE]"):
            await drop_connection(request)
        return response

    return answer


@pytest.mark.parametrize("is_complete", [True, False])
async def test_an_unwatched_stream_is_read_in_large_pieces_to_its_end(
    start_engine: EngineStarter, is_complete: bool
) -> None:
    text = "".join(f"{number} " for number in range(30))
    end = [b"data: [DONE]\n\n"] if is_complete else []
    engine = await start_engine(Server(stream_slowly(*(encode_event(f"{number} ") for number in range(30)), *end)))
    model = await engine.load()
    assert isinstance(model, ChatCompletions)
    model.read_pause_seconds = 0.2
    pieces, begun = [], time.monotonic()
    with contextlib.nullcontext() if is_complete else pytest.raises((aiohttp.ClientError, CutError)):
        async for chunk in model.astream(list(ASK.messages)):
            pieces.append(chunk.text)
    assert text.startswith("".join(pieces))
    assert "".join(pieces) == text or not is_complete
    assert 1 < len(list(filter(None, pieces))) <= 2 + (time.monotonic() - begun) / model.read_pause_seconds


DONE = b"data: [DONE]\n\n"
cut = stream_pieces(encode_event("He"))
malformed = stream_pieces(encode_event("He"), b"data: {not json\n\n")
failed_late = stream_pieces(encode_event("He"), b'data: {"error": {"code": 503, "message": "your prompt was {x}"}}\n\n')
nothing = stream_pieces(DONE[:0])


@pytest.mark.parametrize(
    "first",
    [
        drop_connection,
        fail_with(408),
        fail_with(429),
        fail_with(500),
        fail_with(503),
        cut,
        malformed,
        failed_late,
        nothing,
    ],
)
async def test_a_transient_failure_is_retried_once(start_engine: EngineStarter, first: Answer) -> None:
    server = Server(first, stream_pieces(encode_event("Here."), DONE))
    assert await read_text(await start_engine(server)) == "Here."
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("way", "calls", "told"),
    [
        (fail_with(401), 1, "stub refused the key. My operator should check QUILLMATE_ENGINE_KEY."),
        (fail_with(404), 1, "The server does not know stub. My operator should check QUILLMATE_ENGINE."),
        (fail_with(429), MAX_ATTEMPTS, "stub is too busy right now. Try again in a minute."),
        (fail_with(400), 1, "stub could not answer. Try again in a moment."),
        (drop_connection, MAX_ATTEMPTS, "stub cannot be reached. My operator should check that its server is running."),
        (fail_with(413), 1, "stub could not answer. Try again in a moment."),
        (stream_pieces(), MAX_ATTEMPTS, "stub could not answer. Try again in a moment."),
        (stream_pieces(b"data: {not json\n\n"), MAX_ATTEMPTS, "stub could not answer. Try again in a moment."),
        (stream_pieces(b'data: {"error": "busy"}\n\n'), MAX_ATTEMPTS, "stub could not answer. Try again in a moment."),
        (
            stream_pieces(encode_event("We "), b'data: {"error": {"code": 429, "message": "slow down"}}\n\n'),
            MAX_ATTEMPTS,
            "stub is too busy right now. Try again in a minute.",
        ),
    ],
)
async def test_a_failure_is_reported_in_one_sentence(
    start_engine: EngineStarter, way: Answer, calls: int, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(way)
    with pytest.raises(EngineError) as failed:
        await read_text(await start_engine(server))
    assert str(failed.value) == told
    assert len(server.bodies) == calls
    assert "your prompt" not in caplog.text


async def test_an_unreachable_server_is_reported() -> None:
    async with Engines([build("openai:stub", url="http://127.0.0.1:9/v1")]) as engines:
        with pytest.raises(EngineError, match=r"stub cannot be reached\. My operator"):
            await read_text(engines.first)
