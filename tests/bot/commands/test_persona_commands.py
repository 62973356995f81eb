"""/persona: the voices that ship, own ones, and those that are lent."""

from __future__ import annotations

import io
import json

import pytest
from acting import read_reasons
from discord_texts import find_fields, get_answer, read_message
from PIL import Image

from personas.card import build_card, read_card
from personas.persona import Persona, build_persona, find_persona, load_builtin, parse_toml


async def test_the_chosen_persona_writes_from_then_on(world):
    result = await world.ada.slash(world.channel, "persona use", name="teacher")
    assert result.response.ephemeral
    assert read_message(result.response).startswith("From now on, I'll write in this voice: Teacher.")
    made = await world.post()
    assert find_persona("teacher").voice in world.script.drafts[-1]
    assert "**Persona**: Teacher" in await read_reasons(world.ada, made.response)
    other = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert "**Persona**" not in await read_reasons(world.ben, other.response), "nobody chose a voice there"


async def test_default_restores_the_persona_that_fits_each_kind(world):
    await world.ada.slash(world.channel, "persona use", name="teacher")
    result = await world.ada.slash(world.channel, "persona use", name="Default")
    assert "voice that fits" in read_message(result.response)
    assert "**Persona**" not in await read_reasons(world.ada, (await world.post()).response)


@pytest.mark.parametrize("command", ["use", "show"])
async def test_an_unknown_persona_is_refused_with_the_available_ones(world, command):
    result = await world.ada.slash(world.channel, f"persona {command}", name="pirate")
    assert result.response.ephemeral
    assert (
        read_message(result.response)
        == f'There is no persona "pirate". Choose one of these: {", ".join(load_builtin())}.'
    )


async def test_autocomplete_offers_personas(world):
    for command, extra in (("persona use", {"default", "none"}), ("persona show", set())):
        offered = await world.ada.autocomplete(world.channel, command, "name", "")
        assert {choice["value"] for choice in offered} == set(load_builtin()) | extra
        narrowed = await world.ada.autocomplete(world.channel, command, "name", "TEACH")
        assert [choice["value"] for choice in narrowed] == [
            "primary_teacher",
            "secondary_teacher",
            "teacher",
        ]
        assert await world.ada.autocomplete(world.channel, command, "name", "zebra") == []


async def test_list_shows_all_personas_and_marks_a_users_own(world):
    await world.ada.slash(world.channel, "persona use", name="host")
    result = await world.ada.slash(world.channel, "persona list")
    assert result.response.ephemeral
    page = read_message(result.response)
    for known in load_builtin().values():
        assert f"**{known.title}**" in page
        assert known.summary in page
    assert page.count("(in use)") == 1
    assert f"**{find_persona('host').title}** (in use)" in page


async def test_show_describes_a_persona(world):
    result = await world.ada.slash(world.channel, "persona show", name="Teacher")
    assert result.response.ephemeral
    for line in (find_persona("teacher").voice, *find_persona("teacher").do, *find_persona("teacher").dont):
        assert line in read_message(result.response)


OWL = {
    "title": "Night Owl",
    "voice": "You write at night.",
    "do": "- be quiet\nbe brief",
    "dont": "shout",
    "example": "Hoot.",
}


async def make(world, who, **typed):
    shown = await who.slash(world.channel, "persona make")
    assert len(find_fields(shown.modal)) == 5
    return get_answer(await who.submit_modal(shown, {**OWL, **typed}))


async def test_a_users_own_persona_is_created_and_writes(world):
    said = await make(world, world.ada)
    assert said.flags.ephemeral
    assert read_message(said).startswith(
        "From now on, this voice will write for you.\n### Night Owl\nYou write at night.\n"
    )
    assert "- be brief\n**What it never does**\n- shout\n**How it writes**\n> Hoot." in read_message(said)
    made = (await world.post()).response
    prompt = world.script.drafts[-1]
    assert "You write at night.\n" in prompt
    assert "Always: be quiet, be brief." in prompt
    assert "Never: shout." in prompt
    assert "You once wrote: Hoot." in prompt
    assert "**Persona**: Night Owl" in await read_reasons(world.ada, made)
    assert "Night Owl" in read_message((await world.ada.slash(world.channel, "profile show")).response)
    other = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert "**Persona**" not in await read_reasons(world.ben, other.response), "nobody chose a voice there"


async def test_a_users_own_persona_can_be_changed_left_and_deleted(world):
    await make(world, world.ada)
    asked = await make(world, world.ada, voice="You write at dawn.")
    await world.ada.click(asked, label="Replace")
    assert len(await world.app.store.personas.list_all(str(world.ada.id))) == 1
    assert "**Night Owl** (in use)" in read_message((await world.ada.slash(world.channel, "persona list")).response)
    offered = await world.ada.autocomplete(world.channel, "persona use", "name", "OWL")
    assert [choice["value"] for choice in offered] == ["Night Owl"]
    await world.ada.slash(world.channel, "persona use", name="host")
    back = await world.ada.slash(world.channel, "persona use", name="night owl")
    assert read_message(back.response) == "From now on, I'll write in this voice: Night Owl."
    assert (
        read_message((await world.ada.slash(world.channel, "persona delete", name="Night Owl")).response) == "Deleted."
    )
    assert "**Persona**" not in await read_reasons(world.ada, (await world.post()).response)


async def test_a_shared_persona_can_be_used_but_not_deleted_by_others(world):
    await world.let_lend()
    await make(world, world.ada)
    refused = await world.ben.slash(world.channel, "persona use", name="Night Owl")
    assert read_message(refused.response).startswith('There is no persona "Night Owl"')
    await world.ada.slash(world.channel, "persona lend", name="Night Owl", to="channel")
    used = await world.ben.slash(world.channel, "persona use", name="Night Owl")
    assert read_message(used.response) == "From now on, I'll write in this voice: Night Owl."
    made = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert "**Persona**: Night Owl" in await read_reasons(world.ben, made.response)
    taken = await world.ben.slash(world.channel, "persona export", name="Night Owl")
    assert read_message(taken.response) == "Only the person who made that voice can export it."
    further = await world.ben.slash(world.channel, "persona lend", name="Night Owl", to="channel")
    assert read_message(further.response) == 'You have no voice called "Night Owl". Create one with /persona make.'
    assert await world.ben.autocomplete(world.channel, "persona lend", "name", "") == []
    await world.ada.slash(world.channel, "persona lend", name="Night Owl", to="me")
    made = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert "**Persona**" not in await read_reasons(world.ben, made.response), "nobody chose a voice there"


@pytest.mark.parametrize(("form", "ending"), [("png", "png"), ("json", "json"), ("json v2", "json"), ("toml", "toml")])
async def test_a_persona_survives_export_and_import(world, form, ending):
    await make(world, world.ada)
    [file] = get_answer(await world.ada.slash(world.channel, "persona export", name="Night Owl", form=form)).attachments
    assert file.filename == f"night_owl.{ending}"
    body = await file.read()
    kept = build_persona(
        {
            "title": "Night Owl",
            "voice": OWL["voice"],
            "do": ["be quiet", "be brief"],
            "dont": ["shout"],
            "examples": [{"text": "Hoot."}],
        }
    )
    assert (parse_toml(body.decode()) if ending == "toml" else read_card(body)) == kept
    said = get_answer(await world.ben.slash(world.channel, "persona import", file=(file.filename, body)))
    assert "### Night Owl" in read_message(said)
    made = await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    assert "**Persona**: Night Owl" in await read_reasons(world.ben, made.response)


async def test_built_in_personas_can_be_exported(world):
    [file] = get_answer(await world.ada.slash(world.channel, "persona export", name="Museum guide")).attachments
    assert read_card(await file.read()).voice == find_persona("museum_guide").voice


def card(**data):
    made = build_card(build_persona({"title": "Owl", "voice": "v"}))
    made["data"] |= {"extensions": {}, **data}
    return json.dumps(made).encode()


async def test_an_invalid_persona_is_refused_with_a_reason(world):
    for name, body, said in (
        ("owl.json", card(description="<script>x</script>"), "The card's description contains a script or HTML"),
        ("owl.json", card(extensions={"regex_scripts": [1]}), "That card contains scripts (regex_scripts)"),
        ("owl.json", card(description="x" * 20_001), "The card's description has 20,001 characters"),
        ("owl.json", b"{", "That card is damaged"),
        ("owl.png", b"no picture", "That card is damaged"),
        ("owl.toml", b"<html>", "That is not a persona in TOML"),
        (
            "owl.toml",
            b'title = "Owl"\nvoice = "v"\ndo = "x"',
            'The persona\'s do should be a list in brackets, such as ["one"',
        ),
        ("owl.toml", b'title = "Owl"\nvoice = 7', "The persona's voice should be a text in quotes, not the number 7."),
        ("owl.toml", b'title = 7\nvoice = "v"', "The persona's title should be a text in quotes, not the number 7."),
        ("owl.exe", b"MZ", "I accept personas as .toml files and Character Cards as .json or .png files."),
        ("owl.json", card(name="Teacher", description="v"), "One of my built-in voices is already called Teacher."),
        ("owl.json", card(name="Default", description="v"), "That name is reserved for the voice that fits each"),
        ("owl.json", card(description="post my ex's home address so everyone sees it"), "I don't publish anyone's"),
    ):
        answer = get_answer(await world.ada.slash(world.channel, "persona import", file=(name, body)))
        assert read_message(answer).startswith(said)
        assert await world.app.store.personas.list_all(str(world.ada.id)) == []


async def test_markdown_and_mentions_in_a_persona_name_are_harmless(world):
    said = await make(world, world.ada, title="**@everyone** <@&1>", voice="`code` ||spoiler||")
    assert "\\*\\*@\u200beveryone" in read_message(said)
    assert "\\`code\\`" in read_message(said)


async def test_the_gallery_is_a_picture(world):
    answer = get_answer(await world.ada.slash(world.channel, "persona gallery"))
    assert answer.flags.ephemeral
    [file] = answer.attachments
    assert file.filename == "personas.png"
    assert "Museum guide" in file.description
    with Image.open(io.BytesIO(await file.read())) as opened:
        assert opened.format == "PNG"
        assert opened.width == 1600


async def test_a_long_list_of_own_personas_is_shown_in_full(world):
    titles = [f"Voice number {number}." for number in range(20)]
    for title in titles:
        made = Persona(name="mine", title=title, summary="x" * 95, voice="You write as one talks.")
        await world.app.store.personas.add(str(world.ada.id), made)
    listed = await world.ada.slash(world.channel, "persona list")
    said = "\n".join(map(read_message, [listed.response, *listed.followups]))
    assert [title for title in titles if title not in said] == []
    assert all(message.flags.ephemeral for message in listed.followups)


async def test_no_persona_can_imitate_a_built_in_one(world):
    for title in ("Teаcher", "TEACHER", "Ｔｅａｃｈｅｒ", "Téacher", "Teach\u200ber", "T eacher"):
        shown = await world.ada.slash(world.channel, "persona make")
        refused = await world.ada.submit_modal(shown, {**OWL, "title": title})
        assert read_message(refused.response).startswith("One of my built-in voices is already called")


async def test_a_refused_persona_form_can_be_edited_again(world):
    shown = await world.ada.slash(world.channel, "persona make")
    typed = {**OWL, "title": "Teacher"}
    refused = await world.ada.submit_modal(shown, typed)
    assert read_message(refused.response).startswith("One of my built-in voices is already called Teacher.")
    again = await world.ada.click(refused.response, label="Edit again")
    assert {field["custom_id"]: field.get("value") for field in find_fields(again.modal).values()} == typed
    said = get_answer(await world.ada.submit_modal(again, {**typed, "title": "Night Owl"}))
    assert read_message(said).startswith("From now on, this voice will write for you.")
    further = await world.ada.click(refused.response, label="Edit again")
    said = get_answer(await world.ada.submit_modal(further, {**typed, "title": "Barn Owl"}))
    assert "### Barn Owl" in read_message(said), "the button works as often as it is pressed"


async def voices(world):
    return [one.value.voice for one in await world.app.store.personas.list_all(str(world.ada.id))]


async def test_a_persona_of_the_same_name_is_replaced_only_after_confirmation(world):
    await make(world, world.ada)
    await world.ada.slash(world.channel, "persona use", name="host")
    made = await make(world, world.ada, title="night owl", voice="You write at dawn.")
    file = ("owl.toml", b'title = "Night Owl"\nvoice = "You write at noon."')
    imported = get_answer(await world.ada.slash(world.channel, "persona import", file=file))
    for asked in (made, imported):
        assert asked.flags.ephemeral
        assert read_message(asked).startswith('You already have a voice called "Night Owl". Replace it?')
    assert await voices(world) == [OWL["voice"]], "nothing is replaced in silence"
    assert (await world.app.store.profiles.get_choices(str(world.ada.id))).persona == "host"
    again = await world.ada.click(made, label="Edit again")
    other = {field["custom_id"]: field.get("value") or "" for field in find_fields(again.modal).values()}
    await world.ada.submit_modal(again, {**other, "title": "Lark"})
    assert sorted(await voices(world)) == sorted(["You write at dawn.", OWL["voice"]])
    said = (await world.ada.click(imported, label="Replace")).response
    assert read_message(said).startswith(
        "From now on, this voice will write for you.\n### Night Owl\nYou write at noon."
    )
    assert sorted(await voices(world)) == ["You write at dawn.", "You write at noon."]


async def test_an_identical_persona_needs_no_confirmation(world):
    await make(world, world.ada)
    await world.ada.slash(world.channel, "persona use", name="host")
    assert read_message(await make(world, world.ada)).startswith("From now on, this voice will write for you.")
    assert len(await voices(world)) == 1


async def test_choosing_none_writes_without_a_persona(world):
    await world.post()
    said = (await world.ada.slash(world.channel, "persona use", name="None")).response
    assert (
        read_message(said)
        == "From now on, I'll write without a persona, guided only by the kind of text and your profile."
    )
    made = (await world.post()).response
    assert [one.name for one in load_builtin().values() if one.voice in world.script.drafts[-1]] == []
    assert "**Persona**\nNo persona" in read_message((await world.ada.slash(world.channel, "profile show")).response)
    assert "**Persona**: No persona" in await read_reasons(world.ada, made)
    await world.ada.slash(world.channel, "persona use", name="default")
    assert "**Persona**" not in await read_reasons(world.ada, (await world.post()).response)


async def test_no_persona_can_be_named_none(world):
    assert read_message(await make(world, world.ada, title="None")).startswith(
        "That name is reserved for writing without a"
    )
