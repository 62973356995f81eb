"""What holds for a brand, and what each of a person's profiles has of its own."""

from __future__ import annotations

from acting import tap
from discord_texts import find_buttons, list_texts, read_message

from personas.ledger import brand
from personas.persona import Persona
from personas.style import Brand

BRIEF = "we close on Monday, back on Tuesday"
TERRACE = "The roof terrace is open again. Bring a hat and somebody you like."


async def add_brand(world, name, who=None):
    """Add a brand of a member's own."""
    return await world.app.store.brands.add(str((who or world.ada).id), Brand(name=name, samples=("A sample.",)))


async def use(world, name, **options):
    return await world.ada.slash(world.channel, "brand use", name=name, **options)


async def switch(world, to):
    return await world.ada.slash(world.channel, "profile switch", to=to)


async def correct_profile(world, **options):
    return await world.ada.slash(world.channel, "profile correct", **options)


async def write_post(world, brief=BRIEF):
    return (await world.post(brief)).response


async def vote(world, message, sign, *reasons):
    asked = await tap(world.ada, message, sign)
    return await world.ada.select(asked.response, values=list(reasons)) if reasons else asked


async def last_prompt(world, brief="new mugs"):
    await write_post(world, brief)
    return world.script.drafts[-1]


async def test_a_brand_preference_applies_only_while_the_brand_is_active(world):
    await add_brand(world, "Fern & Fog")
    await correct_profile(world, field="audience", value="everybody")
    await use(world, "Fern & Fog")
    said = await correct_profile(world, field="audience", value="dog walkers", where="brand")
    assert read_message(said.response) == "Corrected: Who your readers are → dog walkers\n-# for the brand Fern & Fog"
    assert '"audience": "dog walkers"' in await last_prompt(world)
    await use(world, "none")
    assert '"audience": "everybody"' in await last_prompt(world)
    await use(world, "Fern & Fog")
    assert '"audience": "dog walkers"' in await last_prompt(world)
    await world.ada.slash(world.channel, "brand delete", name="Fern & Fog")
    assert '"audience": "everybody"' in await last_prompt(world)


async def test_an_edit_for_a_brand_is_prefilled_with_its_preferences(world):
    await add_brand(world, "Fern & Fog")
    await correct_profile(world, field="role", value="owner")
    await use(world, "Fern & Fog")
    shown = await world.ada.slash(world.channel, "profile edit", where="brand")
    await world.ada.submit_modal(shown, {"role": "owner", "organisation": "Tide & Tea"})
    newest, older = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert (newest.field, newest.scope.partition(":")[0]) == ("organisation", "brand")
    assert older.field == "role", "what did not change is not kept anew"
    # What holds everywhere is edited without the brand's.
    shown = await world.ada.slash(world.channel, "profile edit")
    assert "Tide & Tea" not in str(shown.modal)


async def test_without_an_active_brand_no_brand_preferences_can_be_set(world):
    await add_brand(world, "Fern & Fog")
    for command in ("profile correct", "profile edit"):
        options = {"field": "emoji", "value": "none"} if command == "profile correct" else {}
        refused = await world.ada.slash(world.channel, command, where="brand", **options)
        assert read_message(refused.response).startswith("No brand is in use here. Choose one with /brand use,")
    assert await world.app.store.profiles.list_entries(str(world.ada.id)) == []


async def test_history_show_and_why_name_the_brand(world):
    await add_brand(world, "Fern & Fog")
    await use(world, "Fern & Fog")
    await correct_profile(world, field="emoji", value="none", where="brand")
    page = list_texts((await world.ada.slash(world.channel, "profile history")).response)
    assert page[1].endswith("for the brand Fern & Fog")
    shown = read_message((await world.ada.slash(world.channel, "profile show")).response)
    assert "-# Emoji · you told me · for the brand Fern & Fog\nnone" in shown
    assert "**Brand voice**\nFern & Fog" in shown
    why = await tap(world.ada, await write_post(world), "Why?")
    assert "**Emoji**: none\n-# you told me · for the brand Fern & Fog" in read_message(why.response)


async def test_a_channel_preference_overrides_the_brands(world):
    """It is compared with what holds there, the brand's included: else it would not be kept where the brand says otherwise."""
    await add_brand(world, "Fern & Fog")
    await use(world, "Fern & Fog")
    await correct_profile(world, field="audience", value="dog walkers", where="brand")
    await correct_profile(world, field="audience", value="", where="channel")
    assert "Readers:" not in await last_prompt(world)


async def test_a_shared_persona_and_brand_are_named(world):
    made_by_ben = await add_brand(world, "Oakline", world.ben)
    scope = f"channel:{world.channel.id}"
    await world.app.store.brands.share(str(world.ben.id), made_by_ben.id, scope)
    voice = Persona(name="mine", title="Night Owl", voice="You write as one who is up late.")
    lent = await world.app.store.personas.add(str(world.ben.id), voice, scope)
    await use(world, "Oakline")
    await world.ada.slash(world.channel, "persona use", name="Night Owl")
    assert (await world.app.store.profiles.get_choices(str(world.ada.id))).persona == lent.id
    page = read_message((await world.ada.slash(world.channel, "profile show")).response)
    assert "**Persona**\nNight Owl" in page
    assert "**Brand voice**\nOakline" in page
    elsewhere = world.guild.create_text_channel("kitchen")
    page = read_message((await world.ada.slash(elsewhere, "profile show")).response)
    assert "Night Owl" not in page
    assert "Oakline" not in page


async def test_texts_liked_as_one_profile_are_no_examples_for_another(world):
    await switch(world, "my cafe")
    world.script.says(TERRACE)
    await vote(world, await write_post(world, "the roof terrace is open again"), "I like it")
    world.script.says("Ladies and gentlemen, it is our pleasure to announce new cups.")
    await vote(world, await write_post(world, "new cups"), "Not for me", "formal")
    assert "Bring a hat" in await last_prompt(world)
    await switch(world, "my class")
    prompt = await last_prompt(world)
    assert "Bring a hat" not in prompt
    assert "Not like this" not in prompt
    await switch(world, "my cafe")
    prompt = await last_prompt(world)
    assert "Bring a hat" in prompt
    assert "Not like this (too formal)" in prompt


async def test_each_profile_has_its_own_persona_and_brand(world):
    one = await add_brand(world, "Fern & Fog")
    await world.ada.slash(world.channel, "persona use", name="teacher")
    await use(world, "Fern & Fog")
    await switch(world, "my class")
    choices = await world.app.store.profiles.get_choices(str(world.ada.id))
    assert (choices.persona, choices.brand) == (None, "")
    page = read_message((await world.ada.slash(world.channel, "profile show")).response)
    assert "Teacher" not in page
    await world.ada.slash(world.channel, "persona use", name="host")
    assert (await world.generation(await write_post(world))).persona == "Host"
    await switch(world, "main")
    made_as_main = await world.generation(await write_post(world))
    assert made_as_main.persona == "Teacher"
    assert (made_as_main.profile, made_as_main.brand) == ("", one.id)
    await switch(world, "my class")
    assert (await world.generation(await write_post(world))).persona == "Host"


async def test_a_vote_teaches_the_profile_its_result_was_made_as(world):
    await switch(world, "my cafe")
    made_as_cafe = [await write_post(world), await write_post(world)]
    await switch(world, "my class")
    for message in made_as_cafe:
        said = await vote(world, message, "Not for me", "long")
    assert "Learnt: Length → short" in read_message(said.response)
    assert (await world.app.store.profiles.get(str(world.ada.id))).preferred_length == "medium"
    await vote(world, await write_post(world), "Not for me", "emoji")
    await switch(world, "my cafe")
    assert (await world.app.store.profiles.get(str(world.ada.id))).preferred_length == "short"
    await vote(world, await write_post(world), "Not for me", "emoji")
    assert (await world.app.store.profiles.get(str(world.ada.id))).emoji == "few", "one sign as each is not two"


async def test_a_vote_by_another_user_does_not_reveal_the_profile(world):
    await switch(world, "my cafe")
    message = await write_post(world)
    await tap(world.ben, message, "I like it")
    [row] = (await world.app.store.people.export(str(world.ben.id)))["feedback"]
    assert row["profile"] == ""


async def test_preferences_learnt_from_results_for_a_brand_apply_to_it(world):
    one = await add_brand(world, "Fern & Fog")
    await use(world, "Fern & Fog")
    for _ in range(2):
        said = await vote(world, await write_post(world), "Not for me", "long")
    assert "Learnt: Length → short" in read_message(said.response)
    [entry] = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert (entry.scope, entry.origin) == (brand(one.id), "learnt")
    assert '"preferred_length": "short"' in await last_prompt(world)
    await use(world, "none")
    assert "preferred_length" not in await last_prompt(world)


async def test_signals_with_and_without_a_brand_are_not_added_up(world):
    await add_brand(world, "Fern & Fog")
    await vote(world, await write_post(world), "Not for me", "long")
    await use(world, "Fern & Fog")
    await vote(world, await write_post(world), "Not for me", "long")
    assert await world.app.store.profiles.list_entries(str(world.ada.id)) == []


async def test_learnt_words_are_added_to_the_list_in_effect(world):
    """A list of the brand's own would hide each word that is told for everywhere later."""
    await add_brand(world, "Fern & Fog")
    await correct_profile(world, field="avoid_words", value="artisan")
    await use(world, "Fern & Fog")
    for _ in range(2):
        shown = await vote(world, await write_post(world), "Not for me", "word")
        [field] = shown.modal["components"]
        await world.ada.submit_modal(shown, {field["component"]["custom_id"]: "bespoke"})
    await use(world, "none")
    assert (await world.app.store.profiles.get(str(world.ada.id))).avoid_words == ("artisan", "bespoke")


async def test_a_child_of_a_result_is_made_as_its_profile(world):
    """Also where another profile is in use by then, and however it is asked for."""
    profiles, me = world.app.store.profiles, str(world.ada.id)
    await profiles.add_entries(me, {"organisation": "Fern Cafe"})
    first = await write_post(world)
    variants = (await tap(world.ada, first, "Variants")).response
    await switch(world, "my class")
    await profiles.add_entries(me, {"organisation": "Class 4b"})

    used = (await world.ada.click(variants, custom_id=find_buttons(variants)["Use this"])).response
    assert list_texts(used)[0].endswith(" · for Fern Cafe")
    for shown in (first, used):
        for label in ("Another", "Shorter"):
            again = (await tap(world.ada, shown, label)).response
            assert list_texts(again)[0].endswith(" · for Fern Cafe")
            assert "Fern Cafe" in world.script.drafts[-1]
            assert "Class 4b" not in world.script.drafts[-1]
            assert (await world.generation(again)).profile == ""
    await world.ada.send(world.channel, f"{world.me} say that dogs are welcome", reply_to=first)
    assert list_texts(world.last)[0].endswith(" · for Fern Cafe")
    assert list_texts(await write_post(world))[0].endswith(" · for Class 4b"), "what is new is made as the one in use"


async def test_a_result_made_as_another_profile_keeps_it_when_changed(world):
    profiles, me = world.app.store.profiles, str(world.ada.id)
    await switch(world, "my class")
    await profiles.add_entries(me, {"organisation": "Class 4b"})
    made_as_class = await write_post(world)
    await switch(world, "main")
    again = (await tap(world.ada, made_as_class, "Longer")).response
    assert list_texts(again)[0].endswith(" · for Class 4b")
    first, second = await world.generation(made_as_class), await world.generation(again)
    assert first.profile == second.profile != ""
