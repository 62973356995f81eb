"""👎 with "not true", "not what I asked" and "sounds odd": each is told to whoever writes it again, in words of its own."""

from __future__ import annotations

import pytest
from acting import act_in_language, tap
from discord_texts import find_buttons, find_fields, list_menu_values, read_message, read_title

BRIEF = "we close on Monday, back on Tuesday"
AGAIN = "Rewrite it without that"


async def report_fault(world, message, *faults):
    """Say what is wrong with a result; return the answer, with its button."""
    asked = await tap(world.ada, message, "Not for me")
    assert list_menu_values(asked.response)[:3] == ["untrue", "off", "odd"]
    return (await world.ada.select(asked.response, values=list(faults))).response


async def why(world, made):
    return read_message((await tap(world.ada, made, "Why?")).response)


async def test_an_off_topic_result_is_rewritten_from_the_brief(world):
    said = await report_fault(world, (await world.post(BRIEF)).response, "off")
    made = (await world.ada.click(said, label=AGAIN)).response
    prompt = world.script.drafts[-1]
    assert "An earlier version was not what was asked." in prompt
    assert "<text>" not in prompt
    assert "What was wrong with the previous one" in await why(world, made)
    assert "Not what I asked for" in await why(world, made)


async def test_an_odd_sounding_result_is_edited_and_keeps_its_content(world):
    first = (await world.post(BRIEF)).response
    said = await report_fault(world, first, "odd")
    made = (await world.ada.click(said, label=AGAIN)).response
    assert read_title(made) == "Social post"
    prompt = "\n".join(world.script.prompts)
    assert "Change: Say it as people speak" in prompt
    assert "An earlier version sounded odd." in prompt


@pytest.mark.parametrize("what", ["", "The mill opens in May."])
async def test_a_false_statement_is_asked_about_and_left_out(world, what):
    said = await report_fault(world, (await world.post(BRIEF)).response, "untrue")
    shown = await world.ada.click(said, label=AGAIN)
    field = find_fields(shown.modal)["What is true instead (optional)"]
    made = (await world.ada.submit_modal(shown, {field["custom_id"]: what} if what else {})).response
    assert read_title(made) == "Social post"
    prompt = "\n".join(world.script.prompts)
    assert "An earlier version said what is not true. State only what the brief" in prompt
    assert what in prompt


async def test_a_teaching_redraft_asks_the_writer_to_check_each_statement(world):
    made = (await world.ada.slash(world.channel, "lesson", brief="the water cycle", kind="quiz")).response
    shown = await world.ada.click(await report_fault(world, made, "untrue"), label=AGAIN)
    await world.ada.submit_modal(shown, {})
    assert any("Check each statement before you write it" in prompt for prompt in world.script.drafts)


async def test_a_fault_teaches_nothing_and_other_reasons_offer_no_redraft(world):
    said = await report_fault(world, (await world.post(BRIEF)).response, "off", "long")
    assert list(find_buttons(said)) == [AGAIN]
    said = await report_fault(world, (await world.post(BRIEF)).response, "casual")
    assert find_buttons(said) == {}
    history = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert [one.field for one in history] == []


async def test_fault_reasons_are_offered_in_german(world):
    first = (await world.post(BRIEF)).response
    asked = await act_in_language(world, "de", lambda: tap(world.ada, first, "Gefällt mir nicht"))
    assert [one["label"] for one in menu_options(asked.response)][:3] == [
        "Stimmt nicht",
        "Nicht das, was ich wollte",
        "Klingt komisch",
    ]


def menu_options(shown):
    from discord_texts import get_components, walk_components

    return [option for part in walk_components(get_components(shown)) for option in part.get("options") or []]


async def test_a_chosen_preference_for_few_emoji_reaches_the_prompt(world):
    await world.app.store.profiles.add_entries(str(world.ada.id), {"emoji": "few"}, origin="chosen")
    world.script.says("We close on Monday and are back on Tuesday.")
    made = (await world.post(BRIEF)).response
    assert '"emoji": "few"' in world.script.drafts[-1]
    assert "**Emoji**: few" in await why(world, made)
    shown = (await world.ada.slash(world.channel, "profile show")).response
    assert "few" in read_message(shown)


async def test_why_names_only_words_and_facts_that_occur_in_the_text(world):
    await world.app.store.profiles.add_entries(
        str(world.ada.id),
        {"organisation": "Fern & Fog", "prefer_terms": ["flat white", "neighbours"], "facts": ["open 7:30 to 15:00"]},
    )
    world.script.says("We close on Monday, dear neighbours, and are back on Tuesday.")
    told = await why(world, (await world.post(BRIEF)).response)
    assert "neighbours" in told
    assert "flat white" not in told
    assert "7:30" not in told
