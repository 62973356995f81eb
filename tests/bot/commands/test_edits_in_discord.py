"""Change…, Shorter and Longer as people use them: the text that is there is edited, and Why? shows what changed."""

from __future__ import annotations

from typing import Any

import pytest
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
    asked = (await world.post("post: our party is on, with a number to call")).response
    assert texts(asked) == ["Your brief asks for what nobody has told me: phone number. I make nothing up."]
    first = (await world.ada.click(asked, label="Write it all the same")).response
    assert "-# Not in your brief: phone number. Press Change… to add it." in texts(first)
    changed = await change(world, first, "the number is 030 1234567")
    assert (await world.generation(changed)).text == "Our party is on. Call us: 030 1234567."
    assert "Not in your brief" not in read(changed)


THREAD = "a thread of 3 posts for X on slow bread"
MAILS = "a welcome sequence of 3 emails for new members"
CAMPAIGN = "4-week campaign for slow bread, email and sms"


async def test_one_post_of_a_thread_is_changed_and_why_shows_what(world):
    answers(world, swaps("squeaky", "Bring your *loud* brakes."))
    first = (await world.post(THREAD)).response
    before = await world.generation(first)
    assert len(before.parts["posts"]) == 3
    changed = await change(world, first, "say loud in place of squeaky in the first post")
    after = await world.generation(changed)
    assert after.parts["posts"][1:] == before.parts["posts"][1:]
    assert after.parts["posts"][0] == before.parts["posts"][0].replace("squeaky", "loud")
    page = await world.ada.click(changed, label="Why?")
    assert r"your \*~~squeaky~~**loud**\* brakes" in read(page.response)


async def test_a_post_is_added_to_a_thread_and_the_next_wish_finds_it(world):
    answers(
        world, lambda _: {"changes": [], "new_texts": [{"before": 0, "about": "Tea."}]}, "We rise at four, Ada says."
    )
    first = (await world.post(THREAD)).response
    more = await change(world, first, "add a fourth post about tea")
    assert [text[:4] for text in (await world.generation(more)).parts["posts"]] == ["1/4 ", "2/4 ", "3/4 ", "4/4 "]
    answers(
        world,
        lambda lines: {"changes": [{"line": max(lines), "how": "replace", "text": "We rise at five, Ada says."}]},
    )
    changed = await change(world, more, "five in the last post")
    kept = await world.generation(changed)
    assert [text[4:] for text in kept.parts["posts"]] == ["We rise at four, Ada says."] * 3 + [
        "We rise at five, Ada says."
    ]
    assert kept.text == (await world.generation(more)).text.replace("4/4 We rise at four", "4/4 We rise at five")


async def test_all_posts_of_a_thread_are_made_shorter(world):
    def cut(lines: dict[int, tuple[str, str]]) -> Any:
        gone = [number for number, (_, text) in lines.items() if "Tea" in text]
        return {"changes": [{"line": number, "how": "remove", "text": ""} for number in gone]}

    answers(world, cut, "We rise at four each day. Tea is on us while you wait for the loaf.")
    first = (await world.post(THREAD)).response
    shorter = (await world.ada.click(first, label="Shorter")).response
    assert (await world.generation(shorter)).parts["posts"] == [f"{at}/3 We rise at four each day." for at in (1, 2, 3)]


@pytest.mark.parametrize(
    ("kind", "brief", "where"), [("email", MAILS, "mail 2 subject"), ("campaign", CAMPAIGN, "email subject")]
)
async def test_a_mail_of_a_sequence_and_a_channel_of_a_campaign_are_changed_alone(world, kind, brief, where):
    first = (await world.ada.slash(world.channel, "copy", brief=brief, kind=kind)).response
    before = await world.generation(first)

    def subject(lines: dict[int, tuple[str, str]]) -> Any:
        line = next(number for number, (place, _) in lines.items() if place == where)
        return {"changes": [{"line": line, "how": "replace", "text": "Bread that sleeps in"}]}

    answers(world, subject)
    after = await world.generation(await change(world, first, "a funnier subject for the email"))
    old, new = before.text.splitlines(), after.text.splitlines()
    assert len(old) == len(new)
    changed = [line for line, kept in zip(new, old, strict=True) if line != kept]
    assert changed == ["**Subject:** Bread that sleeps in"]
    assert all("Bread that sleeps in" in text for text in _copies(after))


def _copies(kept: Any) -> list[str]:
    """Where the text of the mail that was changed stands beside the whole text."""
    parts = kept.parts
    return (
        [parts["emails"][1]["subject"]] if "emails" in parts else [parts["copy"]["email"], parts["calendar"][0]["text"]]
    )
