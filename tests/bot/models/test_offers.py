"""Models that could write here: found on this machine and by keys, tried before they are kept, told where they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.configured_engines import adopt_after_trial, build_engines
from bot.engines.embedded import Embedded
from bot.errors import EngineError, SettingsError
from bot.models import ModelChoice, ModelShelf, find_model
from bot.models.offers import (
    SERVERS,
    ModelServer,
    find_catalogue_offers,
    find_models,
    find_services_with_keys,
    format_offers,
    load_services,
)
from bot.settings import Settings

OLLAMA, LM_STUDIO, LLAMA_CPP = SERVERS[:3]


@asynccontextmanager
async def serve_models(*, key: str = "", said: str = "I am ready to write.") -> AsyncIterator[int]:
    """Run a server with Ollama's list of models and OpenAI's protocol; yield its port."""

    async def list_models(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "models": [
                    {"name": "llama3.2:3b", "size": 2_000_000_000},
                    {"name": "nomic-embed-text", "size": 270_000_000},
                    {"name": "qwen2.5:14b", "size": 9_000_000_000},
                ]
            }
        )

    async def complete(request: web.Request) -> web.Response:
        if key and request.headers.get("Authorization") != f"Bearer {key}":
            return web.json_response({"error": {"message": "no"}}, status=401)
        message = {"role": "assistant", "content": said}
        return web.json_response({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]})

    app = web.Application()
    app.router.add_get("/api/tags", list_models)
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Keyless(Embedded):
    """llama.cpp's server as users start it themselves."""

    def _build_parameters(self, binding: Any, *, gpu: bool) -> Any:
        parameters = super()._build_parameters(binding, gpu=gpu)
        parameters.api_keys, parameters.model_alias = [], {"smollm2"}
        return parameters


def move_to_port(server: ModelServer, port: int) -> ModelServer:
    return ModelServer(server.title, port, server.path, server.names)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


async def test_ollama_models_that_write_are_found_largest_first() -> None:
    async with serve_models() as port:
        found = await find_models({"OLLAMA_HOST": f"127.0.0.1:{port}"}, [OLLAMA])
    assert [(one.title, one.where) for one in found] == [("qwen2.5:14b", "Ollama"), ("llama3.2:3b", "Ollama")]
    assert found[0].choice == ModelChoice("openai:qwen2.5:14b", f"http://127.0.0.1:{port}/v1")


async def test_a_llama_cpp_server_is_found_and_writes(settings: Settings) -> None:
    provider = Keyless()
    await provider.open()
    try:
        address, _ = provider.address
        [found] = await find_models({}, [move_to_port(LLAMA_CPP, int(address.rpartition(":")[2]))])
        assert (found.title, found.where) == ("smollm2", "llama.cpp")
        assert found.choice is not None
        engine, trial = await adopt_after_trial(settings, ModelShelf(settings.models), found.choice)
        await engine.close()
    finally:
        await provider.close()
    assert trial.sentence


async def test_other_servers_are_not_offered(unused_tcp_port: int) -> None:
    async with serve_models() as port:
        assert await find_models({}, [move_to_port(LM_STUDIO, port), move_to_port(OLLAMA, unused_tcp_port)]) == []


def test_keys_in_the_environment_offer_their_services() -> None:
    found = find_services_with_keys({"OPENAI_API_KEY": "x", "MISTRAL_API_KEY": "y", "GROQ_API_KEY": " "})
    assert [one.title for one in found] == ["OpenAI", "Mistral"]
    choice = found[1].choice()
    assert (choice.engine, choice.key, choice.key_name) == ("mistralai:mistral-medium-latest", "", "MISTRAL_API_KEY")
    assert choice.secret({"MISTRAL_API_KEY": "y"}) == "y"
    assert len({one.key for one in load_services()}) == len(load_services())


async def test_discovered_models_are_listed_on_one_line() -> None:
    async with serve_models() as port:
        found = await find_models({"OLLAMA_HOST": f":{port}", "OPENAI_API_KEY": "x"}, [OLLAMA])
    assert format_offers(found) == (
        "found beside it: qwen2.5:14b (Ollama), llama3.2:3b (Ollama), gpt-5-mini (OpenAI). Choose one with `quillmate model`; "
        "until then, none is used."
    )
    assert format_offers([]) == ""


def test_the_catalogue_offers_models_that_fit(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path)
    small = find_catalogue_offers(shelf, cores=2, memory=3_000_000_000)
    assert [(one.title, one.is_here) for one in small] == [("Qwen2.5 1.5B", False), ("SmolLM2 135M", True)]
    assert all(not one.model or one.model.memory < 24 for one in find_catalogue_offers(shelf, 8, 24_000_000_000))


async def test_a_choice_is_tested_saved_and_used_at_the_next_start(settings: Settings) -> None:
    shelf = ModelShelf(settings.models)
    async with serve_models(key="k") as port:
        choice = ModelChoice("openai:qwen2.5:14b", f"http://127.0.0.1:{port}/v1", key="k")
        engine, trial = await adopt_after_trial(settings, shelf, choice)
        await engine.close()
    assert trial.sentence == "I am ready to write."
    assert trial.words_per_second > 0
    assert shelf.service == choice
    assert (settings.models / "in-use").stat().st_mode & 0o077 == 0
    assert "k" not in repr(choice).replace("key", "").replace("Choice", "")
    [after] = build_engines(settings)
    assert (after.label, after.on_this_machine) == ("qwen2.5:14b", True)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ({"key": "right"}, "refused the key"),
        ({"said": ""}, "wrote nothing|gave an empty answer"),
    ],
)
async def test_a_model_that_fails_its_test_is_reported_and_not_saved(
    trouble: dict[str, Any], told: str, settings: Settings
) -> None:
    async with serve_models(**trouble) as port:
        with pytest.raises(EngineError, match=told):
            await adopt_after_trial(
                settings,
                ModelShelf(settings.models),
                ModelChoice("openai:m", f"http://127.0.0.1:{port}/v1", key="wrong"),
            )
    assert ModelShelf(settings.models).service is None


async def test_an_unreachable_server_is_reported(settings: Settings, unused_tcp_port: int) -> None:
    gone = ModelChoice("openai:m", f"http://127.0.0.1:{unused_tcp_port}/v1")
    with pytest.raises(EngineError, match="cannot be reached"):
        await asyncio.wait_for(
            adopt_after_trial(settings.model_copy(update={"timeout": 3}), ModelShelf(settings.models), gone), 30
        )


async def test_a_model_too_large_for_memory_is_reported(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.configured_engines.get_available_memory", lambda: 1_000_000_000)
    with pytest.raises(
        SettingsError,
        match=r"^Qwen2\.5 Coder 1\.5B needs 2 GB of memory in addition to Quillmate, but this machine has only 1 GB\.$",
    ):
        await adopt_after_trial(settings, ModelShelf(settings.models), find_model("qwen2.5-coder-1.5b"))


async def test_a_setting_overrides_a_choice(settings: Settings) -> None:
    fixed = settings.model_copy(update={"engine": ("openai:gpt-5",)})
    with pytest.raises(SettingsError, match="QUILLMATE_ENGINE is set to openai:gpt-5 and overrides"):
        await adopt_after_trial(fixed, ModelShelf(settings.models), ModelChoice("openai:m", "http://127.0.0.1:1/v1"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "x"}', '{"engine": "a:b", "other": 1}', "small"])
def test_an_invalid_stored_choice_is_ignored(text: str) -> None:
    assert ModelChoice.from_json(text) is None
