"""Change…, Shorter and Longer as people use them: the text that is there is edited, and Why? shows what changed."""

from __future__ import annotations

from typing import Any

from acting import read_reasons, tap
from discord_texts import find_fields, read_message
from writing import is_change

from bot.client import QuillmateBot

BRIEF = "tweet: we close on Monday, 3 hashtags"
TEXT = "We close on Monday, Ada says. Bring your *squeaky* brakes. Tea is on us. #one #two #three"


def script_replacement(world: Any, old: str, new: str, text: str = TEXT) -> None:
    """Let the model write a text, and replace one passage when it is asked for a change."""
    block = f"<<<<<<< OLD\n{old}\n=======\n{new}\n>>>>>>> NEW"
    world.script.answer = lambda messages: block if is_change(messages) else text


async def change(world: Any, message: Any, wish: str) -> Any:
    shown = await world.ada.click(message, label="Change…")
    return (
        await world.ada.submit_modal(
            shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: wish}
        )
    ).response


async def test_a_change_is_shown_under_why_only_to_its_owner(world):
    script_replacement(world, "squeaky", "loud")
    first = (await world.post(BRIEF)).response
    changed = await change(world, first, "say loud in place of squeaky")
    kept = await world.generation(changed)
    assert kept.text == TEXT.replace("squeaky", "loud")
    page = await tap(world.ada, changed, "Why?")
    assert page.response.ephemeral
    assert r"your \*~~squeaky~~**loud**\* brakes" in read_message(page.response)
    assert "~~" not in read_message(changed)
    refused = await tap(world.ben, changed, "Why?")
    assert "squeaky" not in read_message(refused.response)
    first_page = await tap(world.ada, first, "Why?")
    assert "What changed" not in read_message(first_page.response)


async def test_why_shows_the_corrected_requirements(world):
    script_replacement(world, " #two #three", "")
    first = (await world.post(BRIEF)).response
    assert "\n3 hashtags · for X" in await read_reasons(world.ada, first)
    changed = await change(world, first, "1 hashtag instead")
    assert "\n1 hashtag · for X" in await read_reasons(world.ada, changed)


async def test_changes_continue_from_the_newest_version_even_after_a_restart(world, settings, script):
    from bot.app import App

    script_replacement(world, "Tea is", "Tea and cake are")
    first = (await world.post(BRIEF)).response
    changed = await change(world, first, "add cake")
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = world.app.routing._router
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        script_replacement(world, "Ada says", "says Ada")
        again = await change(world, changed, "turn the first sentence round")
        kept, before = await world.generation(again), await world.generation(changed)
        assert kept.text == TEXT.replace("Ada says", "says Ada").replace("Tea is", "Tea and cake are")
        assert kept.parent_id == before.id
        assert kept.request["notes"] == ["add cake", "turn the first sentence round"]


THREAD = "a thread of 3 posts for X on slow bread"
POSTS = f"{TEXT}\n\n---\n\nWe rise at four.\n\n---\n\nCome by."


async def test_one_post_of_a_thread_is_changed_and_why_shows_the_difference(world):
    script_replacement(world, "squeaky", "loud", POSTS)
    first = (await world.post(THREAD)).response
    before = await world.generation(first)
    assert len(before.parts["posts"]) == 3
    changed = await change(world, first, "say loud in place of squeaky in the first post")
    after = await world.generation(changed)
    assert after.parts["posts"][1:] == before.parts["posts"][1:]
    assert after.parts["posts"][0] == before.parts["posts"][0].replace("squeaky", "loud")
    page = await tap(world.ada, changed, "Why?")
    assert r"your \*~~squeaky~~**loud**\* brakes" in read_message(page.response)
