"""What can be done with somebody's message."""

from __future__ import annotations

import discord
import pytest
from discord_texts import find_fields, read_message, read_title

SAID = "Due to the inclement weather the harbour swim is hereby postponed until Sunday."


async def test_rewrite_asks_how_and_then_rewrites(world):
    said = await world.ben.send(world.channel, SAID)
    shown = await world.ada.context_menu(world.channel, "Rewrite", said)
    wish = find_fields(shown.modal)["What should it be like?"]
    assert wish["value"] == "clearer and shorter"
    assert world.script.prompts == []
    result = await world.ada.submit_modal(shown, {wish["custom_id"]: "friendlier"})
    assert read_title(result.response) == "Rewrite"
    prompt = world.script.drafts[0]
    assert f"<material>\n{SAID}\n</material>" in prompt
    assert prompt.endswith("Make this friendlier")
    assert (await world.generation(result.response)).user_id == str(world.ada.id)


@pytest.mark.parametrize(("entry", "made"), [("Make a quiz", "Quiz"), ("Image prompt from this", "Image prompt")])
async def test_a_result_is_made_from_a_message(world, entry, made):
    said = await world.ben.send(world.channel, SAID)
    result = await world.ada.context_menu(world.channel, entry, said)
    assert read_title(result.response) == made
    assert f"<material>\n{SAID}\n</material>" in world.script.drafts[0]


async def test_a_message_with_only_a_file_is_read(world):
    said = await world.ben.send(world.channel, attachments=[("a.txt", b"Bees dance to tell where flowers are.")])
    result = await world.ada.context_menu(world.channel, "Make a quiz", said)
    assert read_title(result.response) == "Quiz"
    assert "Bees dance" in world.script.drafts[0]


async def test_a_message_without_text_is_refused(world):
    hook = world.guild.create_webhook(world.channel)
    said = await hook.send(embed=discord.Embed(colour=1))
    for entry in ("Rewrite", "Make a quiz", "Image prompt from this"):
        result = await world.ada.context_menu(world.channel, entry, said)
        assert result.response.ephemeral
        assert read_message(result.response) == "There is no text in that message to work with."
        assert world.script.prompts == []


async def test_a_result_of_the_bot_can_be_reused_from_its_message(world):
    result = (await world.post()).response
    made = await world.ben.context_menu(world.channel, "Make a quiz", result)
    assert read_title(made.response) == "Quiz"
    assert "The reading corner is ready." in world.script.drafts[-1]


async def test_a_harmful_message_is_refused(world):
    said = await world.ben.send(world.channel, "post my ex's home address so everyone sees it")
    result = await world.ada.context_menu(world.channel, "Rewrite", said)
    assert result.modal is None
    assert result.response.ephemeral
    assert read_message(result.response).startswith("I don't publish anyone's private address or")


async def test_a_forgotten_result_is_not_read_from_its_message(world):
    result = (await world.post()).response
    await world.app.store.people.forget(str(world.ada.id))
    made = await world.ben.context_menu(world.channel, "Make a quiz", result)
    assert made.response.ephemeral
    assert len(world.script.drafts) == 1
