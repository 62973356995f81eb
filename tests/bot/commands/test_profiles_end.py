"""/profile rename and delete: another name, and an end with all that goes with it."""

from __future__ import annotations

from acting import act_in_language, tap
from discord_texts import find_buttons, list_texts, read_message

from personas.style import Brand


async def slash(world, command, who=None, **options):
    return (await (who or world.ada).slash(world.channel, f"profile {command}", **options)).response


async def choices(world):
    return await world.app.store.profiles.get_choices(str(world.ada.id))


async def ask_for(world, name):
    return await slash(world, "delete", name=name)


async def use_class_profile(world):
    """Use a profile "my class" of Ada's with a field, votes, a persona and a brand; return a result written with it."""
    brand = await world.app.store.brands.add(str(world.ada.id), Brand(name="Fern", samples=("A sample.",)))
    await slash(world, "correct", field="organisation", value="Fern Café")
    await slash(world, "switch", to="my class")
    await slash(world, "correct", field="organisation", value="Class 4b")
    await world.ada.slash(world.channel, "persona use", name="teacher")
    await world.ada.slash(world.channel, "brand use", name="Fern")
    made = (await world.post()).response
    asked = await tap(world.ada, made, "Not for me")
    await world.ada.select(asked.response, values=["long"])
    assert (await choices(world)).brand == brand.id
    return made


async def test_a_profile_can_be_renamed_and_keeps_its_contents(world):
    await slash(world, "switch", to="my class")
    await slash(world, "correct", field="role", value="teacher")
    said = await slash(world, "rename", name="My Class", to="class 4b")
    assert read_message(said) == 'The profile "My Class" is now called "class 4b".'
    assert said.ephemeral
    assert "class 4b" in read_message(await slash(world, "show"))
    assert (await world.app.store.profiles.get(str(world.ada.id))).role == "teacher"
    await slash(world, "rename", name="main", to="my café")
    assert read_message(await slash(world, "switch", to="my café")) == "Now in use: my café"
    assert len((await choices(world)).profiles) == 2


async def test_a_taken_or_unknown_profile_name_is_refused(world):
    await slash(world, "switch", to="my class")
    assert 'You already have a profile called "MAIN".' in read_message(
        await slash(world, "rename", name="my class", to="MAIN")
    )
    assert (
        read_message(await slash(world, "rename", name="zebra", to="x"))
        == 'You have no profile called "zebra". Your profiles: main, my class.'
    )
    assert (
        read_message(await ask_for(world, "zebra"))
        == 'You have no profile called "zebra". Your profiles: main, my class.'
    )
    assert read_message(await slash(world, "rename", name="my class", to="My Class")).endswith(
        'is now called "My Class".'
    ), "its own"


async def test_profile_names_are_offered_by_autocomplete(world):
    await slash(world, "switch", to="my class")
    for command in ("rename", "delete"):
        offered = await world.ada.autocomplete(world.channel, f"profile {command}", "name", "class")
        assert [one["value"] for one in offered] == ["my class"]


async def test_a_profile_is_deleted_with_its_contents_after_a_confirmation(world):
    made = await use_class_profile(world)
    asked = await ask_for(world, "my class")
    assert asked.ephemeral
    assert 'Delete the profile "my class"?' in read_message(asked)
    assert 'It is in use; "main" will take its place.' in read_message(asked)
    assert "my class" in (await choices(world)).profiles.values(), "nothing goes before the answer"
    done = (await world.ada.click(asked, label='Delete "my class"')).response
    assert read_message(done) == "Deleted. Now in use: main"
    left = await choices(world)
    assert (left.profile, left.profiles, left.persona, left.brand, left.others) == ("", {}, None, "", {})
    kept = await world.app.store.people.export(str(world.ada.id))
    assert [(one["profile"], one["value"]) for one in kept["preferences"]] == [("", "Fern Café")]
    assert (kept["feedback"], kept["signals"]) == ([], [])
    assert len(kept["brands"]) == 1
    assert await world.generation(made) is not None, "what was made stays"
    again = await world.ada.click(asked, label='Delete "my class"')
    assert read_message(again.response) == "That profile no longer exists."


async def test_a_result_of_a_deleted_profile_is_remade_as_the_active_one(world):
    made = await use_class_profile(world)
    other = (await world.post("new mugs")).response
    await world.ada.click(await ask_for(world, "my class"), label='Delete "my class"')
    again = (await tap(world.ada, made, "Another")).response
    assert list_texts(again)[0].endswith(" · for Fern Café")
    assert (await world.generation(again)).profile == ""
    for message in (made, other):
        asked = await tap(world.ada, message, "Not for me")
        await world.ada.select(asked.response, values=["long"])
    assert (await world.app.store.profiles.get(str(world.ada.id))).preferred_length == "medium"
    kept = await world.app.store.people.export(str(world.ada.id))
    assert (len(kept["preferences"]), kept["signals"]) == (1, [])


async def test_deleting_an_inactive_profile_leaves_the_active_one(world):
    await slash(world, "switch", to="my class")
    await slash(world, "switch", to="my club")
    asked = await ask_for(world, "my class")
    assert "in use" not in read_message(asked)
    done = await world.ada.click(asked, label='Delete "my class"')
    assert read_message(done.response) == "Deleted. Now in use: my club"


async def test_the_first_profile_cannot_be_deleted(world):
    refused = await ask_for(world, "main")
    assert read_message(refused).startswith("Your first profile cannot be")
    await slash(world, "rename", name="main", to="my café")
    assert read_message(await ask_for(world, "my café")).startswith("Your first profile cannot be")


async def test_other_users_cannot_delete_a_profile(world):
    await slash(world, "switch", to="my class")
    asked = await ask_for(world, "my class")
    assert read_message(await slash(world, "delete", world.ben, name="my class")).startswith(
        'You have no profile called "my class"'
    )
    [profile] = (await choices(world)).profiles
    assert await world.app.store.profiles.delete(str(world.ben.id), profile) is None
    assert profile in (await choices(world)).profiles
    assert asked.ephemeral


async def test_a_paused_user_can_delete_a_profile(world):
    await slash(world, "switch", to="my class")
    await world.ada.slash(world.channel, "privacy pause")
    asked = await ask_for(world, "my class")
    assert read_message((await world.ada.click(asked, label='Delete "my class"')).response).startswith("Deleted.")


async def test_the_confirmation_is_in_the_users_language(world):
    await slash(world, "switch", to="my class")
    asked = await act_in_language(world, "de", world.ada.slash, world.channel, "profile delete", name="my class")
    assert "Das Profil „my class“ löschen?" in read_message(asked.response)
    assert list(find_buttons(asked.response)) == ["„my class“ löschen"]
