"""/admin: the people who run the bot pause it, drain it, change its model, and end a request that is stuck."""

from __future__ import annotations

import pytest
from acting import act_at_once, act_in_language, wait_until
from discord_texts import find_buttons, get_answer, read_message

from bot.app import App
from bot.commands import admin
from bot.runtime.pause import Pause
from storage.errors import StorageError
from storage.leases import Leases

PAUSED = "The people who run this bot have paused it, so I accept no new requests right now. Try again later."


@pytest.fixture
def owned(world, monkeypatch):
    """A bot that Ada runs."""
    monkeypatch.setattr(admin, "LOOK_SECONDS", 0.01)
    world.bot.owner_id = world.ada.id
    return world


async def panel(world):
    shown = (await world.ada.slash(world.channel, "admin")).response
    assert shown.ephemeral
    return shown


async def press_panel_button(world, label):
    return get_answer(await world.ada.click(await panel(world), label=label))


async def test_other_users_are_refused_the_command_and_its_buttons(owned):
    shown = (await owned.ben.slash(owned.channel, "admin")).response
    assert read_message(shown) == "This is for the people who run this bot."
    theirs = await panel(owned)
    owned.bot.owner_id = owned.ben.id
    after = get_answer(await owned.ada.click(theirs, label="Pause"))
    assert read_message(after) == "This is for the people who run this bot."
    assert not owned.app.pause.on


async def test_a_pause_takes_no_requests_until_resumed_even_after_a_restart(owned, settings):
    assert read_message(await panel(owned)).startswith("I am accepting requests. Running: 0, waiting: 0.")
    assert read_message(await press_panel_button(owned, "Pause")).startswith(
        "Paused. I accept no new requests until you resume, even after a restart"
    )
    assert read_message((await owned.post()).response) == PAUSED
    assert not owned.script.prompts
    await owned.ada.send(owned.channel, f"{owned.me} a tweet: we close on Monday")
    assert read_message(owned.last) == PAUSED
    other = Pause(owned.app.store.leases)
    await other.refresh()
    assert other.on, "other processes on the database read the same"
    async with App(settings, engines=[owned.script.engine()]) as next_app:
        assert next_app.pause.on
    shown = await panel(owned)
    assert read_message(shown).startswith("I am paused and accept no new requests.")
    assert "Pause" not in find_buttons(shown)
    assert read_message(get_answer(await owned.ada.click(shown, label="Resume"))) == "I am accepting requests again."
    await other.refresh()
    assert not other.on
    assert "Try again later" not in read_message((await owned.post()).response)


async def test_a_pause_that_cannot_be_saved_applies_to_this_process_and_says_so(owned, monkeypatch):
    async def fail(*_arguments, **_options):
        raise StorageError("The database does not answer.")

    acquire = Leases.acquire
    monkeypatch.setattr("storage.leases.Leases.acquire", fail)
    assert "only in this process: the pause could not be saved" in read_message(
        await press_panel_button(owned, "Pause")
    )
    assert read_message((await owned.post()).response) == PAUSED
    with monkeypatch.context() as back:
        back.setattr("storage.leases.Leases.acquire", acquire)
        await owned.app.pause.refresh()
    assert owned.app.pause.on, "it is saved as soon as that can be done"
    other = Pause(owned.app.store.leases)
    await other.refresh()
    assert other.on
    monkeypatch.setattr("storage.leases.Leases.delete", fail)
    assert "this could not be saved" in read_message(await press_panel_button(owned, "Resume"))
    assert not owned.app.pause.on


async def test_a_drain_waits_for_running_requests(owned):
    owned.script.provider.model.pause = 0.05
    shown = await panel(owned)
    result, _, drained = await act_at_once(
        owned.env,
        lambda: owned.ben.slash(owned.channel, "copy", kind="social_post", brief="new mugs"),
        lambda: wait_until(lambda: owned.desk.jobs.running_count == 1),
        lambda: owned.ada.click(shown, label="Drain"),
    )
    assert (
        read_message(get_answer(drained))
        == "Done. Nothing is running any more, and I accept no new requests until you resume."
    )
    assert "Try again later" not in read_message(get_answer(result))
    assert owned.desk.jobs.running_count == 0
    assert read_message((await owned.post()).response) == PAUSED


async def test_a_stuck_request_is_listed_and_cancelled_and_its_user_notified(owned):
    owned.script.provider.model.pause = 30.0
    assert read_message(await press_panel_button(owned, "Running longest")) == "Nothing is running."
    before, seen = await panel(owned), []

    async def look():
        seen.append(await owned.ada.click(before, label="Running longest"))
        await wait_until(lambda: seen[0].response)

    result, _, _, ended = await act_at_once(
        owned.env,
        lambda: owned.ben.slash(owned.channel, "copy", kind="social_post", brief="the secret mugs"),
        lambda: wait_until(lambda: owned.script.prompts),
        look,
        lambda: owned.ada.click(get_answer(seen[0]), label="End it"),
    )
    said = read_message(get_answer(seen[0]))
    assert said.startswith("Running longest: Social post, writing, for ")
    assert "mugs" not in said
    assert read_message(get_answer(ended)) == "Ended. The person who asked has been notified."
    assert read_message(get_answer(result)) == (
        "The people who run this bot stopped your request because it made no progress. Ask again in a moment."
    )
    assert owned.desk.jobs.running_count == 0
    again = await owned.ada.click(get_answer(seen[0]), label="End it")
    assert read_message(get_answer(again)) == "That request is no longer running."


async def test_the_admin_panel_leads_to_the_model_command(owned, monkeypatch):
    async def list_none(_self):
        return []

    monkeypatch.setattr("bot.app.App.list_offers", list_none)
    assert "Written here by Scripted." in read_message(await press_panel_button(owned, "Change model"))


async def test_the_admin_panel_is_in_the_operators_language(owned):
    shown = (await act_in_language(owned, "de", owned.ada.slash, owned.channel, "admin")).response
    assert read_message(shown).startswith("Ich nehme Anfragen an. In Arbeit: 0, wartend: 0.")
    assert "Anhalten" in find_buttons(shown)
