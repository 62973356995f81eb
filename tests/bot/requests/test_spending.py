"""What a request takes is counted with its result, by whoever asked and by the engine, and priced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from acting import tap

from bot.errors import EngineError
from bot.settings import Settings
from storage.owners import workspace


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data=tmp_path, engine="embedded", embeddings="none", limits="none", prices="scripted=2/10", currency="EUR"
    )


async def load_figures(world, owner_id=None):
    today = datetime.now(UTC).date()
    # The test may have begun before midnight.
    return await world.app.store.usage.load_figures(
        owner_id or workspace(world.guild.id), today - timedelta(days=1), today
    )


async def test_a_result_is_counted_with_its_tokens_and_their_price(world):
    await world.post()
    [kind] = (await load_figures(world)).kinds
    assert (kind.name, kind.requests, kind.accepted) == ("social_post", 1, 0)
    assert kind.tokens_in > 100
    assert kind.estimated == kind.tokens_in + kind.tokens_out, "nobody has counted them"
    assert kind.cost == 2 * kind.tokens_in + 10 * kind.tokens_out
    found = await load_figures(world)
    assert [one.name for one in found.engines] == ["scripted"]
    assert [one.name for one in found.users] == [str(world.ada.id)]


async def test_a_liked_result_is_accepted_and_paused_users_are_not_counted(world):
    made = (await world.post()).response
    await tap(world.ada, made, "I like it")
    assert (await load_figures(world)).kinds[0].accepted == 1
    await world.ben.slash(world.channel, "privacy pause")
    await world.ben.slash(world.channel, "copy", brief="new mugs", kind="social_post")
    assert [one.name for one in (await load_figures(world)).users] == [str(world.ada.id)]


async def test_failures_count_tokens_but_no_result(world):
    def answer(messages):
        return "social_post" if "Which one of these" in messages[-1].text else EngineError("Away.")

    world.script.answer = answer
    await world.ada.slash(world.channel, "ask", question="xqzt wvk")
    [spent] = (await load_figures(world)).kinds
    assert (spent.name, spent.requests) == ("social_post", 0)
    assert spent.tokens_in > 100
    assert spent.cost > 0


async def test_variants_count_as_results_but_their_tokens_once(world):
    made = (await world.post()).response
    [before] = (await load_figures(world)).kinds
    await tap(world.ada, made, "Variants")
    [kind] = (await load_figures(world)).kinds
    assert kind.requests - before.requests in (1, 2, 3), "those that differ from each other"
    assert kind.tokens_in < sum(len(prompt) for prompt in world.script.prompts), "a quarter of their characters"
