"""Change…, Shorter and Longer as people use them: the text that is there is edited, and Why? shows what changed."""

from __future__ import annotations

from typing import Any

from discord_texts import fields, read, texts
from editing import numbered_lines

from bot.client import QuillmateBot

BRIEF = "tweet: we close on Monday, 3 hashtags"
TEXT = "We close on Monday, Ada says. Bring your *squeaky* brakes. Tea is on us. #one #two #three"


def answers(world: Any, edit: Any, draft: Any = TEXT) -> None:
    """The model writes a draft, and then edits with what a function gives for the numbered lines."""

    def answer(messages: Any) -> Any:
        return edit(numbered_lines(messages)) if messages[0].text.startswith("You edit") else draft

    world.script.answer = answer


def line_with(lines: dict[int, tuple[str, str]], words: str) -> int:
    return next(number for number, (_, text) in lines.items() if words in text)


async def change(world: Any, message: Any, wish: str) -> Any:
    shown = await world.ada.click(message, label="Change…")
    return (await world.ada.submit_modal(shown, {fields(shown.modal)["Your wish"]["custom_id"]: wish})).response


def swaps(words: str, text: str) -> Any:
    return lambda lines: {"changes": [{"line": line_with(lines, words), "how": "replace", "text": text}]}


async def test_a_change_is_shown_under_why_to_its_owner_alone(world):
    answers(world, swaps("squeaky", "Bring your *loud* brakes."))
    first = (await world.post(BRIEF)).response
    changed = await change(world, first, "say loud in place of squeaky")
    kept = await world.generation(changed)
    assert kept.text == TEXT.replace("squeaky", "loud")
    page = await world.ada.click(changed, label="Why?")
    assert page.response.ephemeral
    assert r"your \*~~squeaky~~**loud**\* brakes" in read(page.response)
    assert "~~" not in read(changed)
    refused = await world.ben.click(changed, label="Why?")
    assert "squeaky" not in read(refused.response)
    first_page = await world.ada.click(first, label="Why?")
    assert "What changed" not in read(first_page.response)


async def test_the_line_above_says_the_corrected_reading(world):
    answers(world, swaps("Tea", "Tea is on us. #one"))
    first = (await world.post(BRIEF)).response
    assert "-# 3 hashtags · for X" in texts(first)
    changed = await change(world, first, "1 hashtag instead")
    assert "-# 1 hashtag · for X" in texts(changed)


async def test_changes_go_on_from_the_newest_version_also_after_a_restart(world, settings, script):
    from bot.app import App

    answers(world, swaps("Tea", "Tea and cake are on us."))
    first = (await world.post(BRIEF)).response
    changed = await change(world, first, "add cake")
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = world.app.routing._router
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        answers(world, swaps("Monday", "We close on Monday, says Ada."))
        again = await change(world, changed, "turn the first sentence round")
        kept, before = await world.generation(again), await world.generation(changed)
        assert kept.text == TEXT.replace("Ada says", "says Ada").replace("Tea is", "Tea and cake are")
        assert kept.parent_id == before.id
        assert kept.request["notes"] == ["add cake", "turn the first sentence round"]


async def test_an_edit_that_loses_a_name_says_so(world):
    answers(world, lambda lines: {"changes": [{"line": line_with(lines, "Ada"), "how": "remove", "text": ""}]})
    first = (await world.post(BRIEF)).response
    shorter = (await world.ada.click(first, label="Shorter")).response
    assert "-# ⚠ This is gone with the change: Monday, Ada." in read(shorter)
    assert len([prompt for prompt in world.script.prompts if "Fault: These must stay: Monday, Ada" in prompt]) == 2


async def test_what_nobody_told_is_named_and_can_be_added(world):
    answers(world, swaps("Call us", "Call us: 030 1234567."), "Our party is on. Call us.")
    first = (await world.post("post: our party is on, with a number to call")).response
    assert "-# Not in your brief: phone number. Press Change… to add it." in texts(first)
    changed = await change(world, first, "the number is 030 1234567")
    assert (await world.generation(changed)).text == "Our party is on. Call us: 030 1234567."
    assert "Not in your brief" not in read(changed)
