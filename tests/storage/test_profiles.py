"""Profiles and chosen personas, by owner."""

from __future__ import annotations

import dataclasses

import pytest

from personas.ledger import ME, Entry, brand, guild
from personas.profile import CallToAction, Profile
from storage.database import Database
from storage.generations import Generation, Generations
from storage.people import People
from storage.profiles import Choices, Profiles

FULL = Profile(
    organisation="Fern & Fog ☕", tone=("warm",), call_to_action=CallToAction(link="https://a.example"), emoji="none"
)


@pytest.fixture
def profiles(database: Database) -> Profiles:
    return Profiles(database)


async def test_a_new_user_has_an_empty_profile(profiles: Profiles) -> None:
    assert (await profiles.get("7")).is_empty
    assert await profiles.get_persona("7") is None


async def test_a_profile_is_stored_completely(profiles: Profiles) -> None:
    assert await profiles.update("7", lambda _known: FULL) == FULL
    assert await profiles.get("7") == FULL
    assert (await profiles.get("8")).is_empty


async def test_changes_build_on_each_other(profiles: Profiles) -> None:
    await profiles.update("7", lambda known: known.model_copy(update={"role": "owner"}))
    changed = await profiles.update("7", lambda known: known.model_copy(update={"locale": "de"}))
    assert (changed.role, changed.locale) == ("owner", "de")


async def test_a_persona_can_be_chosen_changed_and_left(profiles: Profiles) -> None:
    for name in ("host", "teacher", None, None):
        await profiles.use_persona("7", name)
        assert await profiles.get_persona("7") == name
    assert await profiles.get_persona("8") is None


async def test_forgetting_one_user_erases_all_of_theirs_and_nothing_of_others(
    database: Database, profiles: Profiles
) -> None:
    generations = Generations(database)
    for user in ("7", "8"):
        await profiles.update(user, lambda _known: FULL)
        await profiles.use_persona(user, "host")
        await generations.add(Generation(f"g{user}", user, "ad", {}, "t", {}, [], "Host", "e", 1, 0.5, channel_id="c"))
    for user in ("7", "8"):
        await generations.record_vote("g7", user, 1, "c")
        await generations.record_vote("g8", user, -1, "c")
    await People(database).forget("7")
    assert (await profiles.get("7")).is_empty
    assert await profiles.get_persona("7") is None
    assert await generations.get("g7", "7", "c") is None
    assert [await generations.get_vote(name, user) for name in ("g7", "g8") for user in "78"] == [0, 0, 0, -1]
    assert await profiles.get("8") == FULL
    assert await profiles.get_persona("8") == "host"
    assert (await generations.count_results_and_votes("8"))[0] == 1
    await People(database).forget("7")


async def test_a_newer_entry_supersedes_the_older_one_which_stays_in_history(profiles: Profiles) -> None:
    for role in ("owner", "baker"):
        await profiles.update("7", lambda known, role=role: known.model_copy(update={"role": role}), evidence=role)
    newest, older = await profiles.list_entries("7")
    assert (newest.value, newest.ended_at, newest.evidence) == ("baker", None, "baker")
    assert (older.value, older.ended_by) == ("owner", newest.id)
    assert older.ended_at is not None
    assert await profiles.list_entries("8") == []


async def test_undo_restores_the_superseded_entry(profiles: Profiles) -> None:
    await profiles.update("7", lambda known: known.model_copy(update={"role": "owner"}))
    lesson = Entry("", "role", "baker", origin="learnt", confidence=0.6)
    [learnt] = await profiles.learn("7", [], lambda _held, _kept: [lesson])
    assert (await profiles.load_known("7"))[0].sources["role"].origin == "learnt"
    assert not await profiles.undo("8", learnt.id), "nobody takes back what another was told"
    assert await profiles.undo("7", learnt.id)
    assert (await profiles.get("7")).role == "owner"
    assert not await profiles.undo("7", learnt.id)
    assert len(await profiles.list_entries("7")) == 2


async def test_a_preference_for_a_place_applies_only_there(profiles: Profiles) -> None:
    await profiles.update("7", lambda known: known.model_copy(update={"emoji": "none", "role": "owner"}))
    await profiles.update("7", lambda known: known.model_copy(update={"emoji": "many"}), scope=guild(5))
    here = await profiles.get("7", (guild(5), ME))
    assert (here.emoji, here.role) == ("many", "owner")
    assert (await profiles.get("7", (guild(6), ME))).emoji == "none"


async def test_each_profile_has_its_own_fields(profiles: Profiles) -> None:
    await profiles.update("7", lambda known: known.model_copy(update={"role": "owner"}))
    await profiles.change_choices(
        "7", lambda known: dataclasses.replace(known, profile="c", profiles={"c": "my class"})
    )
    assert (await profiles.get("7")).is_empty
    await profiles.update("7", lambda known: known.model_copy(update={"role": "teacher"}))
    assert (await profiles.get("7")).role == "teacher"
    await profiles.change_choices("7", lambda known: dataclasses.replace(known, profile=""))
    assert (await profiles.get("7")).role == "owner"


async def test_each_profile_keeps_its_own_persona_and_brand(profiles: Profiles) -> None:
    first = Choices(persona="host", brand="b1", profiles={"c": "my class"})
    await profiles.change_choices("7", lambda _known: first)
    for profile, persona, brand_id in (("c", None, ""), ("", "host", "b1"), ("c", None, ""), ("c", None, "")):
        await profiles.change_choices("7", lambda known, profile=profile: known.with_profile(profile))
        choices = await profiles.get_choices("7")
        assert (choices.profile, choices.persona, choices.brand) == (profile, persona, brand_id)


async def test_loading_exact_scopes_leaves_out_the_brand(profiles: Profiles) -> None:
    await profiles.change_choices("7", lambda known: dataclasses.replace(known, brand="b1"))
    await profiles.add_entries("7", {"role": "owner", "emoji": "many"}, (brand("b1"), ME))
    await profiles.add_entries("7", {"role": "baker"})
    assert (await profiles.get("7")).role == "owner"
    held, _ = await profiles.load_known("7", exactly=True)
    assert (held.profile.role, held.profile.emoji) == ("baker", "few")
    both, _ = await profiles.load_known("7", (brand("b1"), ME))
    assert both.profile.role == "owner", "a brand that is named already is not named twice"


async def test_a_brand_preference_applies_while_the_brand_is_active(profiles: Profiles) -> None:
    for scope, value in ((ME, "own"), (brand("b1"), "the brand's")):
        await profiles.add_entries("7", {"organisation": value}, (scope,))
    assert (await profiles.get("7")).organisation == "own"
    for chosen, holds in (("b1", "the brand's"), ("b2", "own"), ("", "own")):
        await profiles.change_choices("7", lambda known, chosen=chosen: dataclasses.replace(known, brand=chosen))
        assert (await profiles.get("7", (guild(1), ME))).organisation == holds
    await profiles.change_choices("7", lambda known: dataclasses.replace(known, brand="b1"))
    await profiles.add_entries("7", {"organisation": "the server's"}, (guild(1),))
    assert (await profiles.get("7", (guild(1), ME))).organisation == "the server's"


async def test_a_profile_is_deleted_with_its_contents_and_leaves_the_others(
    database: Database, profiles: Profiles
) -> None:
    await profiles.update("7", lambda known: known.model_copy(update={"role": "owner"}))
    names = {"c": "my class", "d": "my club"}
    await profiles.change_choices("7", lambda known: dataclasses.replace(known, profiles=names).with_profile("c"))
    await profiles.update("7", lambda known: known.model_copy(update={"role": "teacher"}))
    generations = Generations(database)
    for name, profile in (("g1", ""), ("g2", "c")):
        made = Generation(name, "7", "ad", {}, "t", {}, [], "Host", "e", 1, 0.5, profile=profile)
        await generations.add(made)
        await generations.record_vote(name, "7", 1, about={"text": "t"})
    assert await profiles.delete("8", "c") is None
    assert await profiles.delete("7", "") is None
    left = await profiles.delete("7", "c")
    assert left is not None
    assert (left.profile, left.profiles) == ("", {"d": "my club"})
    assert await profiles.get_choices("7") == left
    assert [entry.value for entry in await profiles.list_entries("7")] == ["owner"]
    assert await generations.count_results_and_votes("7") == (2, 1)
    assert await profiles.delete("7", "c") is None
    held, _ = await profiles.load_known("7", profile="c")
    assert held.profile.role == "owner", "what was made as it is made as the one in use"
