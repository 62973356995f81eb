"""/model: the people who run the bot see which model writes, and choose another while it runs."""

from __future__ import annotations

import pytest
from discord_texts import find_buttons, find_fields, get_answer, list_menu_values, read_message

from bot.engines import Ask, Engine, Traits
from bot.engines.scripted import ScriptedProvider
from bot.errors import EngineError
from bot.models import ModelChoice
from bot.models.offers import ModelOffer

LLAMA = ModelOffer("llama3.2:3b", "Ollama", ModelChoice("openai:llama3.2:3b", "http://127.0.0.1:11434/v1"))


@pytest.fixture
def found(monkeypatch):
    """What is found on this machine, and what a chosen model says."""
    said = {"text": "I am ready."}

    async def offers(_self):
        return [LLAMA]

    def engine_of(_shelf, chosen, _timeout):
        def answer(_messages):
            if isinstance(said["text"], Exception):
                raise said["text"]
            return said["text"]

        provider = ScriptedProvider(answer, traits=Traits(streams=8))
        provider.label = chosen.model
        return Engine(provider, name=chosen.engine)

    monkeypatch.setattr("bot.app.App.list_offers", offers)
    monkeypatch.setattr("bot.configured_engines.build_engine", engine_of)
    return said


@pytest.fixture
def owned(world):
    """A bot that Ada runs."""
    world.bot.owner_id = world.ada.id
    return world


async def test_only_operators_choose_the_model(owned, found):
    shown = (await owned.ben.slash(owned.channel, "model")).response
    assert read_message(shown) == "The people who run this bot choose which model writes."


async def test_a_discovered_model_is_tested_and_then_used(owned, found):
    shown = get_answer(await owned.ada.slash(owned.channel, "model"))
    assert "Written here by Scripted." in read_message(shown)
    assert list_menu_values(shown) == [LLAMA.id]
    after = get_answer(await owned.ada.select(shown, values=[LLAMA.id]))
    assert "From now on, I'll write with llama3.2:3b" in read_message(after)
    assert "> I am ready." in read_message(after)
    found["text"] = "We close on Monday."
    assert "We close on Monday." in read_message((await owned.post()).response)
    assert owned.app.shelf.service == LLAMA.choice


async def test_a_failing_model_is_reported_and_the_previous_one_stays_in_use(owned, found):
    shown = get_answer(await owned.ada.slash(owned.channel, "model"))
    found["text"] = EngineError("llama3.2:3b cannot be reached.")
    after = get_answer(await owned.ada.select(shown, values=[LLAMA.id]))
    assert "llama3.2:3b cannot be reached." in read_message(after)
    assert "I'll keep using Scripted." in read_message(after)
    assert owned.app.engines.first.label == "Scripted"
    assert owned.app.shelf.service is None


async def test_a_key_is_entered_in_a_form_and_never_shown(owned, found):
    shown = get_answer(await owned.ada.slash(owned.channel, "model"))
    form = await owned.ada.click(shown, custom_id=find_buttons(shown)["Use a key…"])
    names = {label: one["custom_id"] for label, one in find_fields(form.modal).items()}
    values = {names["Service"]: ["mistralai"], names["Key"]: "secret-key-of-mine", names["Model"]: ""}
    after = get_answer(await owned.ada.submit_modal(form, values))
    assert "From now on, I'll write with mistral-medium-latest (Mistral)" in read_message(after)
    assert "secret-key-of-mine" not in read_message(after)
    assert owned.app.shelf.service.key == "secret-key-of-mine"


async def test_a_running_request_is_finished_by_the_previous_model():
    closed = []

    class Slow(ScriptedProvider):
        async def close(self):
            closed.append(True)

    from bot.engines import Engines

    engine = Engine(Slow(lambda _messages: "done", traits=Traits(streams=8)), name="a")
    engines = Engines([engine])
    ask = Ask([], None, 10, 10, 0)
    async with engines:
        growing = engine.stream_snapshots(ask)
        assert (await anext(growing)).text == "done"
        engines.replace_with(Engine(ScriptedProvider(lambda _messages: "other", traits=Traits(streams=8)), name="b"))
        assert not closed
        assert engines.first.name == "b"
        await growing.aclose()
