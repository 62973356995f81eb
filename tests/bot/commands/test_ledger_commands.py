"""/profile correct, history, import, export and switch, and where an edit holds."""

from __future__ import annotations

import json
import re

from acting import open_more
from discord_texts import (
    find_buttons,
    find_fields,
    get_components,
    list_menu_values,
    list_texts,
    read_message,
    walk_components,
)

from personas.habits import Habits
from personas.ledger import channel, guild
from personas.profile import CallToAction, Profile

FULL = {
    "display_name": "Fern",
    "role": "owner",
    "organisation": "Fern & Fog Coffee",
    "audience": "neighbours",
    "tone": ["warm", "dry"],
    "reading_level": "CEFR B1",
    "locale": "en-GB",
    "output_language": "en",
    "timezone": "Europe/London",
    "prefer_terms": ["flat white"],
    "avoid_words": ["artisan"],
    "preferred_length": "short",
    "emoji": "none",
    "call_to_action": {"text": "Pop in", "link": "https://fern.example"},
    "facts": ["open 7:30 to 15:00"],
    "accessibility": ["step-free entrance"],
}
HABITS = {
    "formality": "casual",
    "person": "we",
    "exclamation_marks": "none",
    "greeting": "Dear neighbours,",
    "closing": "See you soon,",
    "notes": ["Name the street", "Never name prices"],
}


async def profile(world, scopes=("me",)):
    return await world.app.store.profiles.get(str(world.ada.id), scopes)


async def habits(world):
    held, _ = await world.app.store.profiles.load_known(str(world.ada.id))
    return Habits.parse({name: entry.value for name, entry in held.sources.items()})


async def correct_profile(world, **options):
    return await world.ada.slash(world.channel, "profile correct", **options)


async def import_file(world, data, name="profile.json"):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return await world.ada.slash(world.channel, "profile import", file=(name, body))


async def test_correct_changes_one_field_and_leaves_the_rest(world):
    await world.app.store.profiles.update(str(world.ada.id), lambda _: Profile(role="owner", tone=("warm",)))
    said = await correct_profile(world, field="tone", value="dry; calm")
    assert said.response.ephemeral
    assert read_message(said.response) == "Corrected: How you sound → dry, calm\n-# everywhere"
    assert await profile(world) == Profile(role="owner", tone=("dry", "calm"))
    assert (
        read_message((await correct_profile(world, field="tone", value="dry; calm")).response) == "I already know that."
    )


async def test_invalid_corrections_are_refused_with_a_reason(world):
    for field, value, said in (
        ("emoji", "lots", 'emoji should be one of none, few, many, not "lots".'),
        ("formality", "stiff", 'Formality should be empty or one of formal, casual, not "stiff".'),
        ("shoe size", "42", 'There is no field called "shoe size".'),
    ):
        result = await correct_profile(world, field=field, value=value)
        assert result.response.ephemeral
        assert said in read_message(result.response)
        assert (await profile(world)).is_empty


async def test_correct_without_options_asks_for_a_field_and_opens_it(world):
    await correct_profile(world, field="greeting", value="Hello neighbours,")
    asked = await correct_profile(world)
    assert list_menu_values(asked.response)[0] == "output_language" or "greeting" in list_menu_values(asked.response)
    shown = await world.ada.select(asked.response, values=["greeting"])
    [field] = find_fields(shown.modal).values()
    assert field["value"] == "Hello neighbours,"
    await world.ada.submit_modal(shown, {"greeting": "Dear neighbours,"})
    held, _ = await world.app.store.profiles.load_known(str(world.ada.id))
    assert held.sources["greeting"].value == "Dear neighbours,"


async def test_the_greeting_and_closing_are_given_to_the_writer_of_an_email(world):
    await correct_profile(world, field="greeting", value="Dear neighbours,")
    await correct_profile(world, field="closing", value="See you soon,")
    await world.ada.slash(
        world.channel,
        "copy",
        kind="email",
        brief="we close on Monday",
    )
    assert '"greeting": "Dear neighbours,", "closing": "See you soon,"' in world.script.drafts[-1]


async def test_a_channel_preference_overrides_server_and_global_ones(world):
    other = world.guild.create_text_channel("kitchen")
    await correct_profile(world, field="preferred_length", value="long")
    await correct_profile(world, field="preferred_length", value="medium", where="guild")
    said = await correct_profile(world, field="preferred_length", value="short", where="channel")
    assert read_message(said.response).endswith("-# in this channel")
    await world.post("we close on Monday")
    await world.ada.slash(other, "copy", brief="we close on Monday", kind="social_post")
    await world.ada.slash(
        world.channel,
        "copy",
        brief="we close on Monday",
        kind="social_post",
        length="long",
    )
    words = [re.search('"preferred_length": "([a-z]+)"', prompt)[1] for prompt in world.script.drafts]
    assert words == ["short", "medium", "long"], "the channel, the server, and what the request says"
    place, here = guild(world.guild.id), channel(world.channel.id)
    assert (await profile(world)).preferred_length == "long"
    assert (await profile(world, (here, place, "me"))).preferred_length == "short"


async def test_a_channel_edit_is_prefilled_and_saves_only_what_changed(world):
    await correct_profile(world, field="emoji", value="none")
    shown = await world.ada.slash(world.channel, "profile edit", section="form", where="channel")
    values = {field["custom_id"]: field.get("value") or "" for field in find_fields(shown.modal).values()}
    assert values["emoji"] == "none"
    await world.ada.submit_modal(shown, {**values, "emoji": "few"})
    here = (channel(world.channel.id), "me")
    assert (await profile(world, here)).emoji == "few"
    assert (await profile(world)).emoji == "none"
    newest, *_ = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert (newest.field, newest.scope) == ("emoji", here[0])


async def test_profile_text_is_escaped_in_markdown(world):
    await world.app.store.profiles.add_entries(
        str(world.ada.id), {"organisation": "**Fern** ||[free](https://x.example)||"}
    )
    said = read_message((await world.ada.slash(world.channel, "profile show")).response)
    assert "\\*\\*Fern\\*\\* \\|\\|\\[free" in said


async def test_show_has_sections_and_buttons(world):
    await world.app.store.profiles.add_entries(str(world.ada.id), FULL)
    await correct_profile(world, field="emoji", value="few", where="channel")
    page = (await world.ada.slash(world.channel, "profile show")).response
    assert [label for label in find_buttons(page) if label != "Edit"] == [
        "Correct",
        "History",
        "Export",
        "Switch",
        "Pause learning",
    ]
    said = read_message(page)
    assert "-# Emoji · you told me · in this channel\nfew" in said
    assert "-# Organisation\nFern & Fog Coffee" in said
    ids = [part["custom_id"] for part in walk_components(get_components(page)) if ":edit:" in part.get("custom_id", "")]
    shown = await world.ada.click(page, custom_id=ids[1])
    assert "tone" in {field["custom_id"] for field in find_fields(shown.modal).values()}


async def test_history_lists_past_entries_and_can_undo_current_ones(world):
    await correct_profile(world, field="role", value="owner")
    await correct_profile(world, field="role", value="baker")
    page = (await world.ada.slash(world.channel, "profile history")).response
    lines = list_texts(page)
    assert lines[0] == "### History"
    assert lines[1].startswith("**What you do: baker**")
    assert lines[2].startswith("~~What you do: owner~~")
    await world.ada.click(page, label="Undo")
    assert (await profile(world)).role == "owner"


async def test_a_long_history_is_paged_by_a_button(world):
    for number in range(10):
        await correct_profile(world, field="role", value=f"role {number}")
    page = (await world.ada.slash(world.channel, "profile history")).response
    assert "role 0" not in read_message(page)
    older = (await world.ada.click(page, label="Older")).response
    assert "role 0" in read_message(older)
    assert "Older" not in find_buttons(older)


async def test_an_exported_profile_can_be_imported_by_another_user(world):
    said = await import_file(world, {**FULL, **HABITS})
    assert read_message(said.response).startswith("Imported: ")
    assert await profile(world) == Profile.parse(FULL)
    assert await habits(world) == Habits.parse(HABITS)
    [file] = (await world.ada.slash(world.channel, "profile export")).response.attachments
    exported = json.loads(await file.read())
    assert exported == {**FULL, **HABITS}
    assert list(exported) == [*Profile.model_fields, *Habits.model_fields]
    again = await import_file(world, exported)
    assert read_message(again.response) == "I already know that."


async def test_preferences_work_the_same_after_export_forget_and_import(world):
    await correct_profile(world, field="audience", value="dog walkers")
    await correct_profile(world, field="notes", value="Name the street")
    await correct_profile(world, field="emoji", value="many", where="channel")
    message = (await world.post("we close on Monday")).response
    for wish in ("casual", "calm") * 2:
        message = (await world.ada.select(await open_more(world.ada, message), values=[wish])).response
    kitchen = world.guild.create_text_channel("kitchen")

    async def write_and_get_prompt():
        await world.ada.slash(kitchen, "copy", brief="new mugs", kind="social_post")
        return world.script.drafts[-1]

    before = await write_and_get_prompt()
    for line in (
        '"audience": "dog walkers"',
        "Name the street",
        '"formality": "casual"',
        '"exclamation_marks": "none"',
    ):
        assert line in before
    [file] = (await world.ada.slash(world.channel, "profile export")).response.attachments
    asked = await world.ada.slash(world.channel, "profile forget")
    await world.ada.click(asked.response, label="Delete everything")
    assert "dog walkers" not in await write_and_get_prompt()
    await import_file(world, json.loads(await file.read()))
    assert await write_and_get_prompt() == before
    assert (await profile(world, (channel(world.channel.id), "me"))).emoji == "few", "what is a place's stays there"


async def test_an_import_leaves_fields_missing_from_the_file_unchanged(world):
    await import_file(world, FULL)
    await import_file(world, {"role": "baker", "call_to_action": None})
    now = await profile(world)
    assert (now.role, now.call_to_action, now.organisation) == ("baker", None, "Fern & Fog Coffee")


async def test_an_invalid_import_is_reported_and_changes_nothing(world):
    for data, said in (
        ({"role": "owner", "shoe_size": 42, "hat": "top"}, 'has no fields "shoe_size", "hat"'),
        ({"call_to_action": {"words": "x"}}, 'has no field "call_to_action.words"'),
        ({"tone": "warm"}, 'The profile\'s tone should be a list in brackets, such as ["one", "two"], not "warm".'),
        ({"role": 5}, "The profile's role should be a text in quotes, not the number 5."),
        ({"hat": "top"}, 'has no field "hat". Its fields are display_name'),
        ({"hat": "top"}, "accessibility, formality, person, exclamation_marks, greeting, closing, notes."),
        ({"role": "owner", "formality": "stiff"}, 'Formality should be empty or one of formal, casual, not "stiff".'),
        (
            {"notes": "Name the street"},
            'Notes should be a list in brackets, such as ["one", "two"], not "Name the street".',
        ),
        ({"notes": ["x"] * 31}, "There are 31 notes; the limit is 30."),
        ([1], "A profile must be a JSON object"),
        (b"\xff\xfe", "That file is not JSON."),
        (b"[" * 30_000, "That file is not JSON."),
        (b" " * 70_000, "That file has 70,000 bytes; a profile can have at most 64,000."),
    ):
        result = await import_file(world, data)
        assert said in read_message(result.response)
        assert (await profile(world)).is_empty


async def test_several_profiles_are_kept_separate(world):
    await correct_profile(world, field="audience", value="neighbours")
    said = await world.ada.slash(world.channel, "profile switch", to="my class")
    assert read_message(said.response) == "New profile, now in use: my class"
    assert (await profile(world)).is_empty
    await correct_profile(world, field="audience", value="year 7")
    await world.post("we close on Monday")
    assert '"audience": "year 7"' in world.script.drafts[-1]
    page = (await world.ada.slash(world.channel, "profile show")).response
    offered = (await world.ada.click(page, label="Switch")).response
    assert list(find_buttons(offered)) == ["main", "my class"]
    back = await world.ada.click(offered, label="main")
    assert read_message(back.response) == "Now in use: main"
    assert (await profile(world)).audience == "neighbours"
    await world.ada.slash(world.channel, "profile switch", to="My Class")
    assert (await profile(world)).audience == "year 7", "a known name makes no new one"


async def test_there_are_at_most_ten_profiles(world):
    for number in range(9):
        await world.ada.slash(world.channel, "profile switch", to=f"class {number}")
    refused = await world.ada.slash(world.channel, "profile switch", to="one more")
    assert read_message(refused.response).startswith("You have 10 profiles; you can have at most 10.")


async def test_a_call_to_action_is_corrected_as_typed(world):
    await correct_profile(world, field="call_to_action", value="Pop in before 3: fernandfog.example")
    assert (await profile(world)).call_to_action == CallToAction(text="Pop in before 3", link="fernandfog.example")
