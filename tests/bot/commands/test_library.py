"""A team's library: found by words and filters, kept, starred, put together, put away, used again, for several people."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import discord
import pytest
from acting import act_at_once, act_in_language, tap
from discord_texts import (
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    list_texts,
    read_message,
    unzip_attachments,
    walk_components,
)

from bot.app import App
from bot.client import QuillmateBot

SCONES = "Scones at Fern & Fog on Monday, 3 May at 9:30, 4 for €12.50."
SWIM = "The harbour swim begins at dawn and ends with soup."


@pytest.fixture
def boss(world):
    """Somebody who may manage the server."""
    role = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


async def write_text(world, who, text, brief="a post", kind="social_post"):
    """Have a text written; return its message."""
    world.script.says(text)
    return (await who.slash(world.channel, "copy", kind=kind, brief=brief)).response


async def save_to_library(world, who, message):
    """Save a result to the team's library; return the answer."""
    return get_answer(await who.context_menu(world.channel, "Save to the team's library", message))


async def open_library(world, who, **options):
    """Send /library; return the answer."""
    return get_answer(await who.slash(world.channel, "library", **options))


def list_titles(shown):
    """List the first lines of the entries."""
    return [one.splitlines()[0].strip("*") for one in list_texts(shown) if one.startswith("**")]


def find_open_id(shown, at=0):
    """Return the custom id of the button that opens an entry."""
    found = [
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if part.get("custom_id", "").startswith("quilllib:open")
    ]
    return found[at]


async def open_entry(world, who, at=0, **options):
    """Send /library and open an entry; return the answer."""
    shown = await open_library(world, who, **options)
    return get_answer(await who.click(shown, custom_id=find_open_id(shown, at)))


def refetch_message(world, message):
    """Return a message as it is stored now."""
    return world.env.backend.messages[world.channel.id][message.id]


async def restart_bot(world, settings, script, app):
    """Open the data folder in a new process."""
    app.routing._router = world.app.routing._router
    world.bot = QuillmateBot(app, shard_count=1)
    await world.env.restart_bot(world.bot)


async def test_own_results_and_team_assets_are_in_one_list(world):
    await write_text(world, world.ada, SCONES)
    swim = await write_text(world, world.ben, SWIM)
    assert list_titles(await open_library(world, world.ada)) == [SCONES]
    shown = await save_to_library(world, world.ben, swim)
    assert read_message(shown).startswith("It is now in the team's library, where members can see it.")
    assert shown.ephemeral
    seen = await open_library(world, world.ada)
    assert list_titles(seen) == [SWIM, SCONES]
    assert "the team's" in read_message(seen)
    assert f"<@{world.ben.id}>" in read_message(seen)
    assert list_titles(await open_library(world, world.ben)) == [SWIM], "his own result is listed once, as the team's"
    entry = get_answer(await world.ada.click(seen, custom_id=find_open_id(seen)))
    assert SWIM in read_message(entry)
    assert entry.ephemeral
    elsewhere = world.env.create_guild("other")
    there = elsewhere.add_member(world.ada.user)
    other = get_answer(await there.slash(elsewhere.create_text_channel("x"), "library"))
    assert list_titles(other) == [SCONES], "what is the first server's is seen there alone"


async def test_a_result_kept_twice_is_listed_once_and_only_its_owner_can_keep_it(world):
    swim = await write_text(world, world.ben, SWIM)
    refused = await save_to_library(world, world.ada, swim)
    assert read_message(refused) == "Only the person who asked for it can give it to the team."
    await save_to_library(world, world.ben, swim)
    again = await save_to_library(world, world.ben, swim)
    assert read_message(again).startswith("It is already in the team's library.")
    said = await world.ada.send(world.channel, "hello")
    assert (
        read_message(await save_to_library(world, world.ada, said)) == "That message does not show one of my results."
    )
    assert list_titles(await open_library(world, world.ada)) == [SWIM]


async def test_keep_in_the_more_menu_gives_a_result_to_the_team_once(world):
    swim = await write_text(world, world.ben, SWIM)
    assert (
        read_message(get_answer(await tap(world.ada, swim, "Keep")))
        == "Only the person who asked for it can give it to the team."
    )
    assert list_titles(await open_library(world, world.ada)) == []
    shown = get_answer(await tap(world.ben, swim, "Keep"))
    assert shown.ephemeral
    assert read_message(shown).startswith("It is now in the team's library, where members can see it.")
    assert SWIM in read_message(shown)
    assert list_titles(await open_library(world, world.ada)) == [SWIM]
    again = get_answer(await tap(world.ben, swim, "Keep"))
    assert read_message(again).startswith("It is already in the team's library.")
    assert list_titles(await open_library(world, world.ada)) == [SWIM]


async def test_entries_are_found_by_words_and_filters(world):
    await write_text(world, world.ada, SCONES)
    await write_text(world, world.ada, SWIM, brief="a post about bathing")
    await save_to_library(
        world, world.ben, await write_text(world, world.ben, "Soup of the day: leek, with rye bread from the oven.")
    )
    assert list_titles(await open_library(world, world.ada, words="harbour swim")) == [SWIM]
    assert list_titles(await open_library(world, world.ada, words="bathing")) == [SWIM], "what was asked for counts"
    assert list_titles(await open_library(world, world.ada, words="leek"))[0].startswith("Soup")
    assert list_titles(await open_library(world, world.ada, words="tractor")) == []
    assert len(list_titles(await open_library(world, world.ada, kind="social_post"))) == 3
    assert list_titles(await open_library(world, world.ada, kind="Email")) == []
    assert len(list_titles(await open_library(world, world.ada, author=world.ben))) == 1
    assert len(list_titles(await open_library(world, world.ada, since=7))) == 3
    await write_text(world, world.ada, "A new swim, a day later.")
    assert set(list_titles(await open_library(world, world.ada, words="swim"))) == {SWIM, "A new swim, a day later."}
    refused = await open_library(world, world.ada, kind="novel")
    assert read_message(refused) == 'There is no kind called "novel". /help lists them.'


async def test_paging_searches_and_stars_work_after_a_restart(world, settings, script):
    for number in range(7):
        await write_text(world, world.ada, f"Notice {number}: the workshop is open.")
    await write_text(world, world.ada, SWIM)
    shown = await open_library(world, world.ada, words="workshop")
    assert len(list_titles(shown)) == 5
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        await restart_bot(world, settings, script, app)
        await world.ada.click(shown, label="▶")
        second = refetch_message(world, shown)
        assert len(list_titles(second)) == 2
        assert "“workshop”" in read_message(second)
        entry = get_answer(await world.ada.click(shown, custom_id=find_open_id(second)))
        await world.ada.click(entry, label="Add star")
        assert "★" in read_message(refetch_message(world, entry))
        await world.ada.click(shown, label="Starred")
        starred = refetch_message(world, shown)
        assert len(list_titles(starred)) == 1
        assert "“workshop”" in read_message(starred)
        form = await world.ada.click(shown, label="Search…")
        field = find_fields(form.modal)["Words in it, or what it is about"]
        assert field["value"] == "workshop"
        await world.ada.submit_modal(form, {field["custom_id"]: "harbour"})
        assert list_titles(refetch_message(world, shown)) == [], "only with a star, still"
        await world.ada.click(shown, label="Show all")
        assert list_titles(refetch_message(world, shown)) == [SWIM]


async def test_only_the_user_who_opened_a_list_can_turn_its_pages(world):
    await write_text(world, world.ada, SCONES)
    shown = await open_library(world, world.ada)
    refetch_message(
        world, shown
    ).flags &= ~64  # Discord shows it to nobody else; a forged click is refused all the same.
    for label in ("Search…", "Starred"):
        refused = get_answer(await world.ben.click(shown, label=label))
        assert read_message(refused) == "This list belongs to somebody else. Use /library to see yours."
        assert refused.ephemeral
    refused = get_answer(await world.ben.click(shown, custom_id=find_open_id(shown)))
    assert read_message(refused) == "That is no longer in this library."
    assert list_titles(refetch_message(world, shown)) == [SCONES]


async def test_an_asset_can_be_changed_by_its_author_and_by_managers(world, boss):
    await save_to_library(world, world.ben, await write_text(world, world.ben, SWIM))
    hers = await open_entry(world, world.ada)
    assert list(find_buttons(hers)) == ["Copy", "Use as a template…", "History"]
    forged = await open_entry(world, world.ben)
    refetch_message(world, forged).flags &= ~64
    refused = get_answer(await world.ada.click(forged, label="Archive"))
    assert read_message(refused) == "Only the person who gave it to the team and owners can change it."
    assert refused.ephemeral
    theirs = await open_entry(world, boss)
    await boss.click(theirs, label="Archive")
    assert "archived" in read_message(refetch_message(world, theirs))
    assert list_titles(await open_library(world, world.ada)) == []
    assert list_titles(await open_library(world, world.ada, status="archived")) == [SWIM]
    await world.ben.click(await open_entry(world, world.ben, status="archived"), label="Restore")
    assert list_titles(await open_library(world, world.ada)) == [SWIM]


async def test_the_first_of_two_concurrent_changes_wins(world, boss):
    await save_to_library(world, world.ben, await write_text(world, world.ben, SWIM))
    one, two = await open_entry(world, world.ben), await open_entry(world, boss)

    async def author():
        return await world.ben.click(one, label="Archive")

    async def manager():
        return await boss.click(two, label="Archive")

    await act_at_once(world.env, author, manager)
    said = [read_message(refetch_message(world, shown)) for shown in (one, two)]
    assert sorted(text.count("Someone was quicker: <@") for text in said) == [0, 1]
    assert all("archived" in text for text in said), "both see how it stands"
    assert list_titles(await open_library(world, world.ada, status="archived")) == [SWIM]


async def test_entries_are_grouped_in_a_collection_whose_name_is_offered(world, settings, script):
    await write_text(world, world.ada, SCONES)
    await write_text(world, world.ada, SWIM)
    form = await world.ada.click(await open_entry(world, world.ada), label="Collection…")
    name = find_fields(form.modal)["A new one (leave it empty for none)"]["custom_id"]
    await world.ada.submit_modal(form, {name: "Summer 2027"})
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        await restart_bot(world, settings, script, app)
        offered = await world.ada.autocomplete(world.channel, "library", "collection", "summ")
        assert [one["value"] for one in offered] == ["Summer 2027"]
        assert await world.ben.autocomplete(world.channel, "library", "collection", "") == [], "it is Ada's alone"
        assert list_titles(await open_library(world, world.ada, collection="summer 2027")) == [SWIM]
        form = await world.ada.click(await open_entry(world, world.ada, 1), label="Collection…")
        known = find_fields(form.modal)["An existing one"]["custom_id"]
        await world.ada.submit_modal(form, {known: ["Summer 2027"]})
        assert len(list_titles(await open_library(world, world.ada, collection="Summer 2027"))) == 2
        refused = await open_library(world, world.ada, collection="Winter")
        assert read_message(refused) == 'There is no collection called "Winter" here.'


async def test_a_collection_chosen_meanwhile_by_another_member_is_kept(world, boss):
    await save_to_library(world, world.ben, await write_text(world, world.ben, SWIM))
    one, two = await open_entry(world, world.ben), await open_entry(world, boss)
    bens, bosss = await world.ben.click(one, label="Collection…"), await boss.click(two, label="Collection…")
    label = "A new one (leave it empty for none)"
    await boss.submit_modal(bosss, {find_fields(bosss.modal)[label]["custom_id"]: "Spring"})
    await world.ben.submit_modal(bens, {find_fields(bens.modal)[label]["custom_id"]: "Autumn"})
    assert "Someone else has just changed it." in read_message(refetch_message(world, one))
    assert "Spring" in read_message(refetch_message(world, one))
    offered = await world.ada.autocomplete(world.channel, "library", "collection", "")
    assert [one["value"] for one in offered] == ["Spring"]


async def test_a_template_is_filled_with_other_values_without_a_model(world, settings, script):
    await save_to_library(world, world.ben, await write_text(world, world.ben, SCONES))
    prompts = len(world.script.prompts)
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        entry = None
        await restart_bot(world, settings, script, app)
        entry = await open_entry(world, world.ada)
        form = await world.ada.click(entry, label="Use as a template…")
        asked = {
            part["label"] + ": " + part["component"]["value"]: part["component"]["custom_id"]
            for part in get_components(form.modal)
            if part.get("component")
        }
        assert list(asked) == [
            "Name: Fern & Fog",
            "Date: Monday, 3 May",
            "Date: 9:30",
            "Figure: 4",
            "Price: €12.50",
        ]
        ids = list(asked.values())
        made = get_answer(await world.ada.submit_modal(form, {ids[1]: "Sunday, 7 June", ids[4]: "€14"}))
        filled = "Scones at Fern & Fog on Sunday, 7 June at 9:30, 4 for €14."
        assert filled in read_message(made)
        assert made.ephemeral
        assert len(world.script.prompts) == prompts
        assert list_titles(await open_library(world, world.ada))[0] == filled
        [mine] = await app.store.generations.list_latest(str(world.ada.id))
        assert mine.text == filled
        assert SCONES in list_titles(await open_library(world, world.ben)), "what the team has stays as it was"


async def test_a_text_without_blanks_is_not_a_template(world):
    await write_text(world, world.ada, SWIM)
    refused = get_answer(await world.ada.click(await open_entry(world, world.ada), label="Use as a template…"))
    assert read_message(refused) == "There is nothing to fill in: it has no names, dates, figures or prices."


async def test_history_lists_versions_with_their_changes(world, settings, script):
    first = await write_text(world, world.ada, "We open at nine on Monday.")
    world.script.says("We open at ten on Monday.")
    second = (await tap(world.ada, first, "Another")).response
    world.script.says("We open at ten on Tuesday.")
    await tap(world.ada, second, "Another")
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        await restart_bot(world, settings, script, app)
        shown = get_answer(await tap(world.ada, first, "Versions"))
        assert shown.ephemeral
        page = list_texts(shown)
        assert page[0] == "### Versions: 3"
        assert page[1].startswith("**3** · Social post")
        assert page[1].endswith("from version 2\nWe open at ten on ~~Monday~~**Tuesday**.")
        assert page[2].endswith("We open at ~~nine~~ **ten** on Monday.")
        assert page[3].startswith("**1** · Social post")
        assert "this one" in page[3]
        entry = get_answer(await world.ada.click(shown, custom_id=find_open_id(shown)))
        assert "We open at ten on Tuesday." in read_message(entry)
        refused = get_answer(await tap(world.ben, first, "Versions"))
        assert read_message(refused) == "Only the person who asked for it can see its versions."


async def test_many_versions_are_paged(world):
    message = await write_text(world, world.ada, "Version zero.")
    for number in range(1, 6):
        world.script.says(f"Version number {number}.")
        message = (await tap(world.ada, message, "Another")).response
    shown = get_answer(await tap(world.ada, message, "Versions"))
    assert len([one for one in list_texts(shown) if one.startswith("**")]) == 4
    await world.ada.click(shown, label="▶")
    assert len([one for one in list_texts(refetch_message(world, shown)) if one.startswith("**")]) == 2
    refetch_message(world, shown).flags &= ~64
    refused = get_answer(await world.ben.click(shown, label="◀"))
    assert read_message(refused).startswith("This list belongs to somebody")


def list_stored_values(settings):
    """List the values of all columns of all tables."""
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [value for name in names for row in connection.execute(f"SELECT * FROM {name}") for value in row]


async def test_assets_are_exported_and_erased_with_their_server(world, settings, boss):
    await save_to_library(world, world.ben, await write_text(world, world.ben, SWIM))
    form = await boss.click(await open_entry(world, boss), label="Collection…")
    field = find_fields(form.modal)["A new one (leave it empty for none)"]["custom_id"]
    await boss.submit_modal(form, {field: "Spring"})
    assert list_titles(await open_library(world, world.ada, words="harbour")) == [SWIM]
    files = await unzip_attachments(await boss.slash(world.channel, "privacy server-export"))
    [asset] = json.loads(files["library.json"])
    assert (asset["title"], asset["text"], asset["given_by"]) == (SWIM, SWIM, str(world.ben.id))
    assert str(world.ben.id) not in json.dumps(asset["request"])
    assert [one["name"] for one in json.loads(files["collections.json"])] == ["Spring"]
    assert "library.json`: " in files["README.md"].decode()
    assert "- In the team's library: 1" in read_message((await boss.slash(world.channel, "privacy server")).response)
    asked = (await boss.slash(world.channel, "privacy server-forget")).response
    await boss.click(asked, label="Delete everything")
    assert list_titles(await open_library(world, world.ada)) == []
    assert list_titles(await open_library(world, world.ada, words="harbour")) == []
    assert list_titles(await open_library(world, world.ben)) == [SWIM], "his own result is his still"
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        left = [row[0] for row in connection.execute("SELECT of_owner FROM shelves")]
    assert not [one for one in left if one.startswith("guild:")]


async def test_a_forgotten_giver_is_not_named_by_an_asset(world, settings):
    await write_text(world, world.ben, SCONES)
    await save_to_library(world, world.ben, await write_text(world, world.ben, SWIM))
    assert list_titles(await open_library(world, world.ben, words="scones")) == [SCONES]
    shown = read_message((await world.ben.slash(world.channel, "privacy show")).response)
    assert "Given to servers to keep: 1" in shown
    given = json.loads((await unzip_attachments(await world.ben.slash(world.channel, "privacy export")))["given.json"])
    assert [one["table"] for one in given] == ["assets"]
    asked = (await world.ben.slash(world.channel, "privacy forget")).response
    await world.ben.click(asked, label="Delete everything")
    assert str(world.ben.id) not in map(str, list_stored_values(settings)), "their id is gone everywhere"
    seen = await open_library(world, world.ada)
    assert list_titles(seen) == [SWIM]
    assert f"<@{world.ben.id}>" not in read_message(seen)
    assert list_titles(await open_library(world, world.ben)) == [SWIM]
    refused = get_answer(await world.ben.click(await open_outdated_entry(world, seen), label="Archive"))
    assert read_message(refused).startswith("Only the person who gave it to")


async def open_outdated_entry(world, seen):
    """Open an entry and give it a button that its reader may no longer press."""
    entry = get_answer(await world.ada.click(seen, custom_id=find_open_id(seen)))
    stored = refetch_message(world, entry)
    stored.flags &= ~64
    action = find_open_id(seen).replace(":open:", ":archive:")
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Archive", "custom_id": action}]}
    stored.components = [*stored.components, row]
    return entry


async def test_a_paused_user_cannot_give_assets_but_can_fill_templates(world):
    swim = await write_text(world, world.ada, SCONES)
    entry = await open_entry(world, world.ada)
    await world.ada.slash(world.channel, "privacy pause")
    assert read_message(await save_to_library(world, world.ada, swim)).startswith("You have paused me")
    form = await world.ada.click(entry, label="Use as a template…")
    ids = [part["component"]["custom_id"] for part in get_components(form.modal) if part.get("component")]
    made = get_answer(await world.ada.submit_modal(form, {ids[2]: "10:30"}))
    assert "at 10:30" in read_message(made)
    assert list_titles(await open_library(world, world.ada)) == [SCONES]


async def test_the_library_is_in_the_readers_language(world):
    await write_text(world, world.ada, SWIM)
    shown = get_answer(await act_in_language(world, "de", world.ada.slash, world.channel, "library"))
    assert "### Bibliothek" in read_message(shown)
    assert "Suchen…" in find_buttons(shown)
