"""Models behind an API: names, keys and arguments. Nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from bot.engines import Ask
from bot.engines._completions import ChatCompletions
from bot.engines.remote import Remote
from bot.errors import EngineError

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^x$"}}}


def build_ask(schema: Any = None) -> Ask:
    return Ask([HumanMessage("hi")], schema, 100, 50, 7, 0.3)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)


async def test_a_missing_key_is_reported() -> None:
    with pytest.raises(EngineError) as told:
        await Remote("openai:gpt-5").open()
    assert str(told.value).startswith("gpt-5 needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL")


@pytest.mark.parametrize(("key", "given"), [("", "none"), ("k2", "k2")])
async def test_a_self_hosted_server_is_reached_by_our_own_client(key: str, given: str) -> None:
    remote = Remote("openai:llama", url="http://127.0.0.1:9/v1/", key=key)
    model = await remote.open()
    assert isinstance(model, ChatCompletions)
    assert (model.model, model.base_url, model.api_key.get_secret_value()) == ("llama", "http://127.0.0.1:9/v1", given)
    await remote.close()


@pytest.mark.parametrize(("key", "environment"), [("k1", ""), ("", "k3")])
async def test_openai_is_reached_by_its_own_client(monkeypatch: pytest.MonkeyPatch, key: str, environment: str) -> None:
    if environment:
        monkeypatch.setenv("OPENAI_API_KEY", environment)
    remote = Remote("openai:gpt-5", key=key)
    model: Any = await remote.open()
    assert type(model).__name__ == "ChatOpenAI"
    assert (model.model_name, model.openai_api_base) == ("gpt-5", None)
    assert model.openai_api_key.get_secret_value() == key or environment
    await remote.close()


async def test_a_missing_package_is_named() -> None:
    with pytest.raises(EngineError, match=r'"mistralai:x" needs another package\. .*langchain-mistralai'):
        await Remote("mistralai:x").open()


async def test_an_unknown_provider_is_reported() -> None:
    with pytest.raises(EngineError, match=r'"nobody:x" is not known to LangChain'):
        await Remote("nobody:x", key="k").open()


def test_openai_is_asked_for_json_with_its_schema() -> None:
    arguments = Remote("openai:gpt-5").arguments(build_ask(SCHEMA))
    assert arguments["seed"] == 7
    assert arguments["response_format"]["json_schema"]["schema"] == SCHEMA


def test_plain_text_is_requested_without_a_schema() -> None:
    assert Remote("openai:gpt-5").arguments(build_ask()) == {"max_tokens": 50, "temperature": 0.3, "seed": 7}
    assert Remote("anthropic:claude").arguments(build_ask(SCHEMA)) == {"max_tokens": 50, "temperature": 0.3}
