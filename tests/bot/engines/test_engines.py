"""Loading, time limits, error messages and fallbacks, with scripted providers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from virtual_time import run_in_virtual_time

from bot.engines import Ask, Engine, Engines, Traits, build
from bot.engines.scripted import ScriptedProvider, build_scripted_engine
from bot.errors import EngineError, SettingsError

ASK = Ask([HumanMessage("Hello?")], None, 100, 50, 7)


class StatusError(Exception):
    def __init__(self, status_code: int) -> None:
        super().__init__("sk-secret in the provider's words")
        self.status_code = status_code


class ConnectError(Exception):
    pass


class LoadingProvider(ScriptedProvider):
    """Opens according to the next entry of `loads`: after some seconds, or with an error."""

    def __init__(self, *loads: float | Exception, **options: Any) -> None:
        super().__init__(lambda _: "Hello.", **options)
        self.loads = list(loads)
        self.opened = self.closed = 0

    async def open(self) -> Any:
        self.opened += 1
        load = self.loads.pop(0)
        if isinstance(load, Exception):
            raise load
        await asyncio.sleep(load)
        return self.model

    async def close(self) -> None:
        self.closed += 1


async def collect_pieces(engine: Engine) -> list[str]:
    return [piece async for piece in engine.stream(ASK)]


async def complete_text(engine: Engine) -> str:
    return await engine.complete(ASK)


every_way = pytest.mark.parametrize("way", [collect_pieces, complete_text])


async def test_text_can_be_streamed_or_complete() -> None:
    engine = build_scripted_engine(lambda _: "Hello there.")
    assert await collect_pieces(engine) == ["Hell", "o th", "ere."]
    assert await complete_text(engine) == "Hello there."


@every_way
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StatusError(401), "Big refused the key. My operator should check QUILLMATE_ENGINE_KEY."),
        (StatusError(403), "Big refused the key. My operator should check QUILLMATE_ENGINE_KEY."),
        (StatusError(404), "The server does not know Big. My operator should check QUILLMATE_ENGINE."),
        (StatusError(429), "Big is too busy right now. Try again in a minute."),
        (StatusError(500), "Big could not answer. Try again in a moment."),
        (ConnectError("x"), "Big cannot be reached. My operator should check that its server is running."),
        (ValueError("x"), "Big could not answer. Try again in a moment."),
        (EngineError("Its own words."), "Its own words."),
    ],
)
async def test_errors_become_readable_sentences(way: Callable[[Engine], Any], error: Exception, sentence: str) -> None:
    with pytest.raises(EngineError) as told:
        await way(build_scripted_engine(lambda _: error, label="Big"))
    assert str(told.value) == sentence


@every_way
async def test_a_model_beyond_the_time_limit_is_reported(way: Callable[[Engine], Any]) -> None:
    engine = Engine(LoadingProvider(5.0, label="Big"), name="e", timeout=0.02)
    with pytest.raises(
        EngineError, match=r"Big did not answer within 0 seconds\. Try again, or ask for something shorter\."
    ):
        await way(engine)
    await engine.close()


@run_in_virtual_time
async def test_a_local_model_that_keeps_writing_has_no_time_limit() -> None:
    told = "Hello there, all of you."
    engine = Engine(ScriptedProvider(lambda _: told, pause=0.05, traits=Traits(local=True)), name="e", timeout=0.15)
    assert await engine.complete(ASK) == told
    assert "".join(await collect_pieces(engine)) == told


async def test_a_stalled_local_model_is_reported() -> None:
    engine = Engine(
        ScriptedProvider(lambda _: "Hello there.", pause=0.2, traits=Traits(local=True)), name="e", timeout=0.05
    )
    with pytest.raises(EngineError, match="did not answer"):
        await engine.complete(ASK)


@run_in_virtual_time
async def test_a_slow_text_is_cut_off() -> None:
    engine = Engine(ScriptedProvider(lambda _: "Hello there.", pause=0.05), name="e", timeout=0.08)
    pieces: list[str] = []

    async def listen() -> None:
        async for piece in engine.stream(ASK):
            pieces.append(piece)

    with pytest.raises(EngineError, match="did not answer"):
        await listen()
    assert pieces == ["Hell"]


async def test_loading_happens_once_and_can_be_observed() -> None:
    provider = LoadingProvider(0.02)
    engine = Engine(provider, name="e")
    assert engine.loading_seconds is None
    first = engine.load()
    await asyncio.sleep(0)
    assert engine.loading_seconds is not None
    assert engine.loading_seconds >= 0
    assert engine.load() is first
    assert await asyncio.gather(complete_text(engine), complete_text(engine)) == ["Hello.", "Hello."]
    assert engine.loading_seconds is None
    assert provider.opened == 1


@every_way
async def test_a_failed_load_is_retried(way: Callable[[Engine], Any]) -> None:
    provider = LoadingProvider(EngineError("No weights."), 0.0)
    engine = Engine(provider, name="e")
    with pytest.raises(EngineError, match="No weights"):
        await way(engine)
    assert await complete_text(engine) == "Hello."
    assert provider.opened == 2


async def test_a_cancelled_request_does_not_stop_the_load() -> None:
    provider = LoadingProvider(0.05)
    engine = Engine(provider, name="e")
    impatient = asyncio.create_task(complete_text(engine))
    await asyncio.sleep(0.01)
    impatient.cancel()
    assert await complete_text(engine) == "Hello."
    assert provider.opened == 1


@pytest.mark.parametrize("load", [0.0, 5.0, EngineError("No weights.")])
async def test_closing_releases_the_provider_in_any_state(load: float | Exception) -> None:
    provider = LoadingProvider(load, 0.0)
    engine = Engine(provider, name="e")
    await engine.close()
    assert provider.closed == 0
    engine.load()
    await asyncio.sleep(0.01)
    await engine.close()
    await engine.close()
    assert provider.closed == 1
    assert await complete_text(Engine(LoadingProvider(0.0), name="f")) == "Hello."


async def test_the_first_working_engine_is_used() -> None:
    broken, sound, unused = (
        build_scripted_engine(lambda _, a=answer: a) for answer in (ValueError("x"), "Hello.", "Never.")
    )
    async with Engines([broken, sound, unused]) as engines:
        assert engines.first is broken
        assert await engines.attempt(complete_text) == "Hello."
    assert unused.provider.model.calls == []  # type: ignore[attr-defined]


async def test_if_all_engines_fail_the_last_is_named() -> None:
    engines = Engines([build_scripted_engine(lambda _: ValueError("x"), label=label) for label in ("One", "Two")])
    with pytest.raises(EngineError, match="Two could not answer"):
        await engines.attempt(complete_text)


async def test_unexpected_errors_are_not_swallowed() -> None:
    async def raise_bug(_engine: Engine) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Engines([build_scripted_engine(lambda _: "x"), build_scripted_engine(lambda _: "x")]).attempt(raise_bug)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("openai:gpt-5", "gpt-5"),
        ("ollama:llama3:8b", "llama3:8b"),
        ("embedded:/models/Big-7B.gguf", "Big-7B, local"),
        ("transformers:org/Big-7B", "Big-7B, in-process"),
        ("transformers:/models/Big-7B/", "Big-7B, in-process"),
        ("transformers:/models/Big-7B.gguf", "Big-7B, in-process"),
    ],
)
def test_engines_are_built_by_name(name: str, label: str) -> None:
    engine = build(name, timeout=5)
    assert (engine.name, engine.label, engine.timeout) == (name, label, 5)
    assert engine.traits.capable


@pytest.mark.parametrize("name", ["gpt-5", "", "openai:", ":x", "remote", "scripted", "embeddings", "open ai:x"])
def test_an_invalid_name_is_reported(name: str) -> None:
    with pytest.raises(SettingsError, match=r"it should be embedded, embedded:FILE\.gguf"):
        build(name)


def test_transformers_needs_a_model_name() -> None:
    with pytest.raises(SettingsError, match="it should be transformers:NAME_OR_FOLDER"):
        build("transformers")


async def test_the_scripted_provider_can_return_data_and_records_its_calls() -> None:
    engine = build_scripted_engine(lambda messages: {"said": messages[-1].text})
    assert await complete_text(engine) == '{"said": "Hello?"}'
    model = engine.provider.model  # type: ignore[attr-defined]
    assert [[message.text for message in call] for call in model.calls] == [["Hello?"]]
    assert model._llm_type == "scripted"


LOOP = "Clay is heating up, clay is cooling down. "


@pytest.mark.parametrize(
    ("text", "is_small", "end"),
    [
        ("Hello. " + LOOP * 200, True, "loop"),
        ("Hello. " + LOOP * 200, False, ""),
        ("Hello. " + LOOP * 5, True, ""),
        (
            "".join(
                f"({n}:00) The pier is full of kayaks. The marsh can be seen through the window. How can I help you today? "
                for n in range(9)
            ),
            True,
            "loop",
        ),
        (
            "".join(
                f"| Day {n} | Notes: ______________________ | Signature: ______________________ |\n" for n in range(12)
            ),
            True,
            "",
        ),
        ("Name: " + "_" * 400, True, ""),
    ],
)
async def test_a_small_model_that_repeats_itself_is_stopped(text: str, is_small: bool, end: str) -> None:
    provider = ScriptedProvider(lambda _: text, traits=Traits(small=is_small))
    async with Engines([Engine(provider, name="a")]) as engines:
        snapshot = await engines.first.write(ASK)
    assert snapshot.end == end
    assert text.startswith(snapshot.text)
    assert (len(snapshot.text) < len(text)) == bool(end)
