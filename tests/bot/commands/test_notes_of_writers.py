"""What a writer says should be checked stands below its text and is no part of it; Why? tells how a text came about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from acting import tap
from discord_texts import body, find_buttons, get_answer, list_menu_values, list_texts, read_message
from planning import Clock, list_posts, run_schedule, submit
from writing import extract_instruction, find_requested_kind, good_answer, is_change

from bot.errors import EngineError

BRIEF = "we close on Monday, back on Tuesday"
TEXT = "We close on Monday and are back on Tuesday."
NOTE = "Is Monday a holiday where you are?"
NOON = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


@pytest.fixture
def noting(script):
    """The model writes a note below each text."""
    script.says(f"{TEXT}\n\n<check>{NOTE}</check>")


def list_small_print(shown):
    """List the small print below a text."""
    return [text for text in list_texts(shown)[2:] if text.startswith("-# ")]


async def test_what_to_check_is_shown_below_the_text_and_in_why(world, noting):
    made = (await world.post(BRIEF)).response
    assert body(made) == TEXT
    assert list_small_print(made)[0] == f"-# To check: {NOTE}"
    assert f"**To check**\n{NOTE}" in read_message((await tap(world.ada, made, "Why?")).response)


async def test_what_to_check_is_not_copied_exported_or_posted(world, noting):
    clock = Clock(world, NOON)
    made = (await world.post(BRIEF)).response
    assert (await world.generation(made)).text == TEXT
    assert (await tap(world.ada, made, "Copy")).response.content == TEXT
    offered = (await world.ada.click(made, label="Download")).response
    assert "md" in list_menu_values(offered)
    for name in ("txt", "md"):
        [file] = get_answer(await world.ada.select(offered, values=[name])).attachments
        assert NOTE not in (await file.read()).decode()
    news = world.guild.create_text_channel("news")
    form = await tap(world.ada, made, "Schedule…")
    await submit(world.ada, form, when="2026-10-14 13:00", in_which=news)
    clock.pass_(hours=5)
    await run_schedule(world.bot)
    await world.env.settle()
    assert list_posts(world, news) == [f"{TEXT}\n-# This was scheduled for Wed, Oct 14, 2026, 13:00."]


async def test_a_picked_variant_says_what_to_check(world):
    world.script.says(f"<version>{TEXT}</version><version>Closed on Monday.<check>{NOTE}</check></version>")
    world.script.answer, said = good_answer, world.script.answer
    first = (await world.post(BRIEF)).response
    world.script.answer = said
    asked = (await tap(world.ada, first, "Variants")).response
    second = _picks(asked)[1]
    await world.ada.click(asked, custom_id=second)
    picked = next(one for one in world.channel.history() if one.id == asked.id)
    assert list_small_print(picked)[0] == f"-# To check: {NOTE}"


def _picks(shown):
    from discord_texts import get_components, walk_components

    return [
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if str(part.get("custom_id", "")).startswith("quill:use:")
    ]


async def test_why_lists_the_calls_that_a_text_took(world):
    long = f"Closed. {'a' * 300}"
    world.script.says(TEXT)
    plain = (await world.post("tweet that we close on Monday")).response
    page = read_message((await tap(world.ada, plain, "Why?")).response)
    assert "**Written by**: Scripted\n-# one call wrote it" in page
    assert "one corrected what the checks found" not in page
    world.script.says(long)
    made = (await world.post("tweet that we close on Monday")).response
    page = read_message((await tap(world.ada, made, "Why?")).response)
    assert "-# one call wrote it, one corrected what the checks found" in page
    assert "**Not as requested**" in page


async def test_why_shows_no_empty_headings(world):
    made = (await world.post("we open at 9:30 on 3 May")).response
    assert "**How I read your request**" not in read_message((await tap(world.ada, made, "Why?")).response)


def script_change(world, answer):
    """Let the model write TEXT, and answer a request for a change with `answer`."""
    world.script.answer = lambda messages: (
        answer if is_change(messages) else TEXT if find_requested_kind(messages) else "unsure"
    )


async def press(world, made, label, wish=""):
    """Press a button that changes a text; return the answer."""
    shown = await tap(world.ada, made, label)
    if wish:
        shown = await submit(world.ada, shown, what_you_would_like=wish)
    return shown.response


def block(old, new):
    return f"<<<<<<< OLD\n{old}\n=======\n{new}\n>>>>>>> NEW"


async def test_a_change_shows_its_diff(world):
    for label, wish, answer in (
        ("Shorter", "", "Closed Monday."),
        ("Longer", "", f"{TEXT} Come by on Sunday for the last warm bread of the week."),
        ("Change…", "Sunday", block("on Monday", "on Sunday")),
    ):
        script_change(world, answer)
        made = await press(world, (await world.post(BRIEF)).response, label, wish)
        assert wish in ("", *map(extract_instruction, world.script.provider.model.calls))
        assert "⚠" not in read_message(made)
        page = read_message((await tap(world.ada, made, "Why?")).response)
        assert "**What changed**" in page
        assert "~~" in page or "**Come by" in page


async def test_a_change_that_changes_nothing_says_why_and_omits_the_text(world):
    for label, wish, answer, note in (
        ("Shorter", "", TEXT, "⚠ The text came back unchanged. Say it in other words, or edit the text yourself."),
        ("Change…", "Sunday", block("on Friday", "x"), "⚠ The text came back unchanged."),
        ("Change…", "Sunday", "<check>It names Sunday already.</check>", "To check: It names Sunday already."),
    ):
        script_change(world, answer)
        made = await press(world, (await world.post(BRIEF)).response, label, wish)
        assert [text for text in list_texts(made) if text.startswith(f"-# {note}")]
        assert TEXT not in read_message(made)
        script_change(world, f"{TEXT} Sunday too.")
        assert "Sunday too." in read_message(await press(world, made, "Change…", "Name Sunday."))


async def test_a_change_that_was_not_applied_says_so(world):
    for label, wish, answer, note in (
        ("Shorter", "", TEXT.replace("We close", "We do close"), "The text did not get shorter."),
        ("Longer", "", "Closed Monday.", "The text did not get longer."),
        (
            "Change…",
            "Sunday",
            "\n".join([block("on Monday", "on Sunday"), block("not there", "x")]),
            "I could not place one of the changes. Check",
        ),
    ):
        script_change(world, answer)
        made = await press(world, (await world.post(BRIEF)).response, label, wish)
        assert list_small_print(made)[0].startswith(f"-# ⚠ {note}")


@pytest.mark.parametrize("fault", [EngineError("{engine} does not answer.", engine="It"), "", "<think>hm</think>"])
async def test_a_request_without_a_result_can_be_retried(world, fault):
    world.script.says(fault)
    failed = get_answer(await world.post(BRIEF, audience="parents"))
    assert failed.ephemeral
    assert list(find_buttons(failed)) == ["Retry"]
    world.script.answer = good_answer
    made = (await world.ada.click(failed, label="Retry")).response
    kept = await world.generation(made)
    assert (kept.request["brief"], kept.request["audience"], kept.parent_id) == (BRIEF, "parents", None)


async def test_a_failed_change_is_retried_as_a_change(world):
    first = (await world.post(BRIEF)).response
    world.script.says("")
    failed = get_answer(await tap(world.ada, first, "Shorter"))
    world.script.answer = good_answer
    made = (await world.ada.click(failed, label="Retry")).response
    assert (await world.generation(made)).parent_id == (await world.generation(first)).id
    assert extract_instruction(world.script.provider.model.calls[-1]) == "shorter"


async def test_other_users_cannot_retry_a_request(world):
    world.script.says("")
    failed = get_answer(await world.post(BRIEF))
    custom_id = find_buttons(failed)["Retry"]
    world.script.answer = good_answer
    other = (await world.ben.slash(world.channel, "help")).response
    stored = world.env.backend.messages[world.channel.id][other.id]
    stored.components = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": custom_id}]}]
    asked = len(world.script.prompts)
    refused = get_answer(await world.ben.click(other, label="x"))
    assert refused.ephemeral
    assert len(world.script.prompts) == asked


async def test_a_paused_user_is_offered_no_retry(world):
    await world.ada.slash(world.channel, "privacy pause")
    world.script.says("")
    failed = get_answer(await world.post(BRIEF))
    assert "wrote nothing" in read_message(failed)
    assert not find_buttons(failed)
