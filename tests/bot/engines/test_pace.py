"""How many texts a local model writes at once: as many as are written quickly enough, by its measured speed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from bot.engines import Engine, Traits
from bot.engines._completions import ChatCompletions
from bot.engines.pace import Pace
from bot.engines.scripted import ScriptedProvider


@pytest.mark.parametrize(
    ("speed", "at_once", "most"),
    [(20.0, 1, 5), (7.9, 1, 1), (8.0, 1, 2), (1.0, 1, 1), (5.0, 4, 5), (3.0, 4, 3), (99.0, 1, 6)],
)
def test_concurrency_leaves_four_tokens_a_second_for_each_stream(speed: float, at_once: int, most: int) -> None:
    pace = Pace(2, 6)
    pace.record(100, 100 / speed, at_once)
    assert pace.max_concurrent == most


def test_concurrency_starts_at_its_first_value_and_ignores_short_answers() -> None:
    pace = Pace(2, 6)
    pace.record(15, 0.1, 1)
    pace.record(0, 0.0, 1)
    assert pace.max_concurrent == 2


def test_one_slow_answer_does_not_change_the_pace_but_a_slow_machine_does() -> None:
    pace = Pace(2, 6)
    for _ in range(5):
        pace.record(100, 5.0, 1)
    pace.record(100, 100.0, 1)
    assert pace.max_concurrent == 5
    for _ in range(4):
        pace.record(100, 100.0, 1)
    assert pace.max_concurrent == 1


@pytest.mark.parametrize("streamed", [True, False])
async def test_the_speed_that_llama_cpp_reports_is_used(streamed: bool) -> None:
    timings = '"timings": {"predicted_n": 30, "predicted_ms": 1500.0}'

    async def answer(request: web.Request) -> web.Response:
        if (await request.json()).get("stream"):
            lines = ['{"choices": [{"delta": {"content": "Hi"}}]}']
            lines += [f'{{"choices": [{{"delta": {{}}, "finish_reason": "stop"}}], {timings}}}', "[DONE]"]
            return web.Response(text="".join(f"data: {line}\n\n" for line in lines), content_type="text/event-stream")
        return web.Response(
            text=f'{{"choices": [{{"message": {{"content": "Hi"}}}}], {timings}}}', content_type="application/json"
        )

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    heard: list[Any] = []
    port = runner.addresses[0][1]
    model = ChatCompletions(
        model="m",
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key=SecretStr("k"),
        on_speed=lambda *told: heard.append(told),
    )
    try:
        asked = [HumanMessage("hi")]
        said = (
            "".join([chunk.text async for chunk in model.astream(asked)])
            if streamed
            else (await model.ainvoke(asked)).text
        )
    finally:
        await model.aclose()
        await runner.cleanup()
    assert said == "Hi"
    assert heard == [(30, 1.5, 1)]


def test_an_unmeasured_engine_uses_its_declared_concurrency() -> None:
    engine = Engine(ScriptedProvider(lambda _: "Hi.", traits=Traits(streams=3)), name="scripted")
    assert engine.max_concurrent == 3
    engine.provider = SimpleNamespace(max_concurrent=1, traits=Traits())  # type: ignore[assignment]
    assert engine.max_concurrent == 1
