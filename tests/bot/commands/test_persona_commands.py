"""/persona use, list and show."""

from __future__ import annotations

import pytest
from discord_texts import read, texts

from personas.persona import builtin, persona


async def test_the_chosen_voice_writes_from_then_on(world):
    result = await world.ada.slash(world.channel, "persona use", name="teacher")
    assert result.response.ephemeral
    assert read(result.response).startswith("From now on the Teacher writes for you.")
    made = await world.post()
    assert persona("teacher").voice in world.script.drafts[-1]
    assert texts(made.response)[-1].startswith("-# Teacher · ")
    other = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert texts(other.response)[-1].startswith("-# Copywriter · ")


async def test_default_goes_back_to_the_voice_that_fits_each_kind(world):
    await world.ada.slash(world.channel, "persona use", name="teacher")
    result = await world.ada.slash(world.channel, "persona use", name="Default")
    assert "voice that fits" in read(result.response)
    assert texts((await world.post()).response)[-1].startswith("-# Copywriter · ")


@pytest.mark.parametrize("command", ["use", "show"])
async def test_an_unknown_persona_is_refused_with_those_there_are(world, command):
    result = await world.ada.slash(world.channel, f"persona {command}", name="pirate")
    assert result.response.ephemeral
    assert read(result.response) == f'There is no persona "pirate"; choose one of {", ".join(builtin())}.'


async def test_autocomplete_offers_personas(world):
    for command, extra in (("persona use", {"default"}), ("persona show", set())):
        offered = await world.ada.autocomplete(world.channel, command, "name", "")
        assert {choice["value"] for choice in offered} == set(builtin()) | extra
        narrowed = await world.ada.autocomplete(world.channel, command, "name", "TEACH")
        assert [choice["value"] for choice in narrowed] == [
            "primary_teacher",
            "secondary_teacher",
            "teacher",
        ]
        assert await world.ada.autocomplete(world.channel, command, "name", "zebra") == []


async def test_list_shows_all_and_marks_ones_own(world):
    await world.ada.slash(world.channel, "persona use", name="host")
    result = await world.ada.slash(world.channel, "persona list")
    assert result.response.ephemeral
    page = read(result.response)
    for known in builtin().values():
        assert f"**{known.title}**" in page
        assert known.summary in page
    assert page.count("(yours)") == 1
    assert f"**{persona('host').title}** (yours)" in page


async def test_show_tells_what_a_voice_does(world):
    result = await world.ada.slash(world.channel, "persona show", name="Teacher")
    assert result.response.ephemeral
    for line in (persona("teacher").voice, *persona("teacher").do, *persona("teacher").dont):
        assert line in read(result.response)
