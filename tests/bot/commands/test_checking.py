"""Check it: a model reads a text against its request; what it finds is shown to the owner alone and put right by a button."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from acting import tap
from discord_texts import body, find_buttons, get_answer, read_message
from quizzing import restart_process
from writing import extract_instruction, find_requested_kind, good_answer, is_change

from bot.engines import Traits
from bot.generation import prompts

BRIEF = "we close on Monday, back on Tuesday"
TEXT = "We close on Monday and are back on Friday. Our 3 bakers need 4 days off."
DAY = {"what": "The brief says Tuesday.", "old": "back on Friday", "new": "back on Tuesday"}
SUM = {"what": "From Monday to Tuesday is 1 day.", "old": "4 days", "new": "1 day"}
ASK = {"what": "Do they *all* bake? @everyone", "old": "", "new": ""}


def script_findings(world: Any, *findings: dict[str, str], answer: str | Exception | None = None) -> None:
    """Let the model write TEXT, find these faults with it, and apply the findings that it is asked to."""

    def said(messages: Sequence[Any]) -> Any:
        if messages[0].text.startswith(prompts.PROOFREAD[:30]):
            return answer or json.dumps({"findings": findings})
        if is_change(messages):
            wish = extract_instruction(messages)
            asked = [one for one in findings if one["old"] and one["old"] in wish]
            return "\n".join(f"<<<<<<< OLD\n{one['old']}\n=======\n{one['new']}\n>>>>>>> NEW" for one in asked)
        return TEXT if find_requested_kind(messages) == "social_post" else good_answer(messages)

    world.script.answer = said


async def post_and_check(world: Any, *findings: dict[str, str]) -> tuple[Any, Any]:
    """Have a text written and checked; return its message and the private answer to the check."""
    script_findings(world, *findings)
    post = (await world.post(BRIEF)).response
    return post, get_answer(await tap(world.ada, post, "Check it"))


async def test_findings_are_shown_only_to_the_owner(world):
    post, found = await post_and_check(world, DAY, ASK)
    assert found.ephemeral
    assert read_message(found).splitlines() == [
        "**1.** The brief says Tuesday.",
        "-# ~~back on Friday~~ → back on Tuesday",
        "**2.** Do they \\*all\\* bake? @\u200beveryone",
        "-# Checked by the same model that wrote it, which can miss things.",
    ]
    assert list(find_buttons(found)) == ["Fix 1"], "no edit helps with the other"
    asked = world.script.prompts[-1]
    assert f"Request: {BRIEF}" in asked
    assert TEXT in asked
    assert body(post) == TEXT, "nothing is changed before somebody wants it"
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 1, (
        "a check is no result"
    )


async def test_a_fixed_finding_becomes_a_new_version(world):
    post, found = await post_and_check(world, DAY, SUM)
    assert list(find_buttons(found)) == ["Fix 1", "Fix 2", "Fix all"]
    made = (await world.ada.click(found, label="Fix 1")).response
    first, second = await world.generation(post), await world.generation(made)
    assert second.text == TEXT.replace("back on Friday", "back on Tuesday")
    assert second.parent_id == first.id
    assert not made.ephemeral
    assert await world.app.store.profiles.list_entries(str(world.ada.id)) == [], "a fault of one text is no taste"


async def test_fix_all_applies_every_finding_even_after_a_restart(world, settings, script):
    _, found = await post_and_check(world, DAY, SUM)
    async with restart_process(world, settings, script):
        made = (await world.ada.click(found, label="Fix all")).response
        assert body(made) == "We close on Monday and are back on Tuesday. Our 3 bakers need 1 day off."


async def test_a_finding_whose_passage_is_not_in_the_text_offers_no_fix(world):
    _, found = await post_and_check(world, {**DAY, "old": "back on Sunday"})
    assert "~~" not in read_message(found)
    assert not find_buttons(found)


async def test_a_check_without_findings_says_so(world):
    _, found = await post_and_check(world)
    assert "I checked it against your request and went over its facts and figures: nothing to correct." in read_message(
        found
    )
    assert not find_buttons(found)


@pytest.mark.parametrize("answer", ["All is well.", '{"findings": "none"}'])
async def test_an_unreadable_check_is_an_error(world, answer):
    post = (await world.post(BRIEF)).response
    script_findings(world, answer=answer)
    found = get_answer(await tap(world.ada, post, "Check it"))
    assert found.ephemeral
    assert "gave no answer I can read. Try again in a moment." in read_message(found)
    assert not find_buttons(found), "the button that was pressed is still there"


async def test_other_users_can_neither_check_nor_fix_a_result(world):
    post, found = await post_and_check(world, DAY)
    asked = len(world.script.prompts)
    refused = get_answer(await tap(world.ben, post, "Check it"))
    assert refused.ephemeral
    assert read_message(refused).startswith("Only the person who asked for it can change it.")
    stored = world.env.backend.messages[world.channel.id][post.id]
    stored.components = [
        {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": find_buttons(found)["Fix 1"]}]}
    ]
    refused = get_answer(await world.ben.click(post, label="x"))
    assert refused.ephemeral
    assert len(world.script.prompts) == asked


async def test_a_small_model_offers_no_check(world):
    post = (await world.post(BRIEF)).response
    world.script.provider.traits = Traits(small=True)
    asked = len(world.script.prompts)
    refused = get_answer(await tap(world.ada, post, "Check it"))
    assert refused.ephemeral
    assert read_message(refused).startswith("The model here is too small to check texts.")
    assert len(world.script.prompts) == asked


async def test_checking_a_forgotten_text_says_so(world):
    _, found = await post_and_check(world, DAY)
    await world.app.store.people.forget(str(world.ada.id))
    gone = get_answer(await world.ada.click(found, label="Fix 1"))
    assert gone.ephemeral
    assert "I no longer have" in read_message(gone)
