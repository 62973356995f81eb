"""What a server owns itself: given by who manages it, used by all, there when its giver is forgotten, gone when it is to go."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import discord
import pytest
from acting import open_more
from discord_texts import get_answer, read_message, unzip_attachments
from simcord.backend import serializers

from personas.ledger import channel, guild

PRICES = b"# Workshop\n\nA brake check costs 35 euros and takes twenty minutes."
SAMPLES = ("ours.txt", b"We mend what others throw away, and we show you how it is done. " * 5)
THE_SERVERS_NOW = "It now belongs to this server and stays here even if you leave"


@pytest.fixture
def boss(world):
    """Somebody who may manage the server."""
    role = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


async def lend_to_server(world, boss):
    """Lend a persona, a brand and a document of the boss's to the server; return the answers."""
    shown = await boss.slash(world.channel, "persona make")
    await boss.submit_modal(shown, {"title": "Night Owl", "voice": "You write at night."})
    shown = await boss.slash(world.channel, "brand learn", name="Ours", file=SAMPLES)
    await boss.click(get_answer(shown), label="Save")
    return [
        read_message(get_answer(await boss.slash(world.channel, "persona lend", name="Night Owl", to="workspace"))),
        read_message(get_answer(await boss.slash(world.channel, "brand lend", name="Ours", to="workspace"))),
        read_message(
            get_answer(await boss.slash(world.channel, "knowledge add", file=("prices.md", PRICES), to="workspace"))
        ),
    ]


async def read_lists(world, who):
    """Read the lists of personas, brands and documents."""
    names = ("persona list", "brand show", "knowledge list")
    return "\n".join([read_message((await who.slash(world.channel, name)).response) for name in names])


async def ask_documents(world, member, place=None):
    """Ask the documents in a place; read the answer."""
    return read_message(
        get_answer(
            await member.slash(place or world.channel, "knowledge ask", question="what does a brake check cost?")
        )
    )


def execute_sql(settings, words, *values):
    """Run SQL with the database's file but without its key."""
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection, connection:
        return connection.execute(words, values).fetchall()


def list_stored_values(settings):
    """List the values of all columns of all tables."""
    names = [name for (name,) in execute_sql(settings, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [value for name in names for row in execute_sql(settings, f"SELECT * FROM {name}") for value in row]


async def test_items_given_to_a_server_are_used_by_all_and_outlive_their_giver(world, settings, boss):
    said = await lend_to_server(world, boss)
    assert [one.startswith(THE_SERVERS_NOW) for one in said[:2]] == [True, True]
    assert said[2].startswith("I have read prices.md")
    assert (await read_lists(world, boss)).count("belongs to this server") == 3
    shown = read_message((await boss.slash(world.channel, "privacy show")).response)
    assert "Given to servers to keep: 3" in shown
    given = json.loads((await unzip_attachments(await boss.slash(world.channel, "privacy export")))["given.json"])
    assert {one["owner_id"] for one in given} == {guild(world.guild.id)}

    asked = (await boss.slash(world.channel, "privacy forget")).response
    assert "What you gave to servers belongs to them and stays there, without your ID." in read_message(asked)
    done = await boss.click(asked, label="Delete everything")
    assert read_message(get_answer(done)) == "Done. I no longer have any data about you."
    assert str(boss.id) not in map(str, list_stored_values(settings)), "their id is gone everywhere"
    assert (await read_lists(world, world.ben)).count("belongs to this server") == 3
    assert "35 euros" in await ask_documents(world, world.ben)
    assert "Night Owl" in read_message((await world.ben.slash(world.channel, "persona use", name="night owl")).response)
    assert "Ours" in read_message((await world.ben.slash(world.channel, "brand use", name="ours")).response)
    await world.ben.slash(world.channel, "copy", kind="social_post", brief="a post: what does a brake check cost?")
    assert "You write at night." in world.script.drafts[-1]
    assert "35 euros" in world.script.drafts[-1]
    other = world.env.create_guild("other")
    there, elsewhere = other.add_member(world.ben.user), other.create_text_channel("elsewhere")
    assert "35 euros" not in await ask_documents(world, there, elsewhere), "it is the first server's"


async def test_only_managers_give_export_delete_and_forget_server_items(world, boss):
    await world.let_lend()
    await lend_to_server(world, boss)
    shown = await world.ben.slash(world.channel, "persona make")
    await world.ben.submit_modal(shown, {"title": "Lark", "voice": "You write at dawn."})
    tried = {
        "persona lend": {"name": "Lark", "to": "workspace"},
        "knowledge add": {"file": ("mine.md", PRICES), "to": "workspace"},
        "persona delete": {"name": "Night Owl"},
        "brand delete": {"name": "Ours"},
        "knowledge forget": {"name": "prices.md"},
        "persona export": {"name": "Night Owl"},
        "privacy server-export": {},
        "privacy server-forget": {},
    }
    for name, options in tried.items():
        refused = await world.ben.slash(world.channel, name, **options)
        assert read_message(get_answer(refused)).startswith(("Only ", "That belongs to this server.")), name
        assert not get_answer(refused).attachments
    asked = (await boss.slash(world.channel, "privacy server-forget")).response
    stored = world.env.backend.messages[world.channel.id][asked.id]
    stored.flags &= ~64  # Discord shows it to nobody else; a forged click is refused all the same.
    refused = await world.ben.click(asked, label="Delete everything")
    assert read_message(get_answer(refused)) == "Only people who can manage this server can decide that."
    assert (await read_lists(world, world.ben)).count("belongs to this server") == 3
    for name in ("persona delete", "brand delete"):
        thing = "Night Owl" if name.startswith("persona") else "Ours"
        assert read_message(get_answer(await boss.slash(world.channel, name, name=thing))) == "Deleted."
    assert read_message(get_answer(await boss.slash(world.channel, "knowledge forget", name="prices.md"))) == "Deleted."
    assert "belongs to this server" not in await read_lists(world, world.ben)


async def test_an_item_given_again_replaces_the_one_of_the_same_name(world, boss):
    await lend_to_server(world, boss)
    shown = await boss.slash(world.channel, "persona make")
    await boss.submit_modal(shown, {"title": "Night owl", "voice": "You write at noon."})
    await boss.slash(world.channel, "persona lend", name="Night owl", to="workspace")
    body = PRICES.replace(b"35", b"40")
    await boss.slash(world.channel, "knowledge add", file=("prices.md", body), to="workspace")
    assert (await read_lists(world, world.ben)).count("belongs to this server") == 3
    assert "40 euros" in await ask_documents(world, world.ben)
    assert "You write at noon." in read_message(
        (await world.ben.slash(world.channel, "persona show", name="night owl")).response
    )


async def test_managers_export_only_their_servers_items(world, boss):
    await world.let_lend()
    await lend_to_server(world, boss)
    await world.ben.slash(world.channel, "knowledge add", file=("bens.md", b"Soup costs 4 euros."), to="channel")
    await world.post("tell of zebrabrief")
    counted = read_message((await boss.slash(world.channel, "privacy server")).response)
    assert "Of these, owned by the server itself**\n- Documents: 1\n- Brands: 1\n- Personas: 1" in counted
    files = await unzip_attachments(await boss.slash(world.channel, "privacy server-export"))
    assert "35 euros" in files["documents/prices.md"].decode()
    assert json.loads(files["personas.json"])[0]["title"] == "Night Owl"
    [brand] = json.loads(files["brands.json"])
    assert (brand["name"], brand["given_by"]) == ("Ours", str(boss.id))
    assert "We mend" in brand["samples"][0]
    assert json.loads(files["settings.json"])[0]["lending"] is True
    readme = files["README.md"].decode()
    assert "# What is stored about this server" in readme
    assert [name for name in files if f"`{name}`" not in readme] == [], "the README names every file"
    whole = b"\n".join(files.values()).decode()
    assert not [word for word in ("Soup", "zebrabrief", "wrapped_key", "sealed") if word in whole]


async def test_a_server_is_forgotten_after_its_manager_confirms(world, settings, boss):
    await world.let_lend()
    await lend_to_server(world, boss)
    await world.ben.slash(world.channel, "knowledge add", file=("bens.md", b"Soup costs 4 euros."), to="channel")
    shown = await boss.slash(world.channel, "brand learn", name="Mine", file=SAMPLES)
    await boss.click(get_answer(shown), label="Save")
    await boss.slash(world.channel, "brand lend", name="Mine", to="server")
    made = (await world.post()).response
    asked = (await boss.slash(world.channel, "privacy server-forget")).response
    assert asked.ephemeral
    assert "documents (1), brands (1), personas (1)" in read_message(asked)
    assert "35 euros" in await ask_documents(world, world.ben), "nothing is deleted before the answer"
    done = await boss.click(asked, label="Delete everything")
    assert read_message(get_answer(done)) == "Done. I no longer have anything that belongs to this server."
    assert "belongs to this server" not in await read_lists(world, world.ben)
    assert "say nothing" in await ask_documents(world, world.ben)
    assert guild(world.guild.id) not in list_stored_values(settings)
    assert execute_sql(settings, "SELECT lending, limits FROM guilds WHERE guild_id = ?", str(world.guild.id)) == [
        (0, "")
    ]
    assert await world.generation(made) is not None, "what members asked for is theirs"
    [mine] = await world.app.store.brands.list_all(str(boss.id))
    assert (mine.value.name, mine.scope) == ("Mine", "me"), "what was lent goes back"
    [bens] = await world.app.store.documents.list_all(str(world.ben.id))
    assert bens.scope == "me", "from a channel too"
    again = await boss.slash(world.channel, "knowledge add", file=("prices.md", PRICES), to="workspace")
    assert read_message(get_answer(again)).startswith("I have read prices.md"), "what is begun anew is kept"


async def test_a_server_that_removed_the_bot_is_forgotten_after_thirty_days(world, settings, boss):
    await lend_to_server(world, boss)
    now = datetime.now(UTC)
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()
    await world.desk.privacy.tidy(now + timedelta(days=29))
    payload = dict(serializers.guild_create_payload(world.env.backend, world.env.backend.guilds[world.guild.id]))
    del payload["unavailable"]  # With it, it is a server that was out of order.
    world.env.backend.emit("GUILD_CREATE", payload)
    await world.env.settle()
    await world.desk.privacy.tidy(now + timedelta(days=31))
    assert (await read_lists(world, world.ben)).count("belongs to this server") == 3, "the bot was added again"
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()
    await world.desk.privacy.tidy(now + timedelta(days=31))
    assert guild(world.guild.id) not in list_stored_values(settings)


async def test_a_document_moved_in_the_database_is_hidden_and_reported(world, settings):
    elsewhere = world.guild.create_text_channel("elsewhere")
    await world.ada.slash(world.channel, "knowledge add", file=("prices.md", PRICES))
    await world.ada.slash(world.channel, "knowledge add", file=("menu.md", b"Soup costs 4 euros."))
    ids = {one.value.name: one.id for one in await world.app.store.documents.list_all(str(world.ada.id))}
    execute_sql(settings, "UPDATE documents SET scope = ? WHERE id = ?", channel(elsewhere.id), ids["prices.md"])
    for who, place in ((world.ben, elsewhere), (world.ada, elsewhere), (world.ada, world.channel)):
        assert "35 euros" not in await ask_documents(world, who, place)
    assert "prices.md" not in read_message((await world.ben.slash(elsewhere, "knowledge list")).response)
    seen = read_message((await world.ada.slash(world.channel, "knowledge list")).response)
    assert "menu.md" in seen, "the others are there"
    assert f"`{ids['prices.md']}`: I cannot read this because somebody changed it in my database." in seen
    assert "1 entry cannot be read: somebody changed it in my database." in read_message(
        (await world.ada.slash(world.channel, "privacy show")).response
    )
    made = (await world.post()).response
    assert await world.generation(made) is not None, "requests are answered all the same"
    files = await unzip_attachments(await world.ada.slash(world.channel, "privacy export"))
    unreadable = [one for one in json.loads(files["documents.json"]) if one.get("unreadable")]
    assert [one["id"] for one in unreadable] == [ids["prices.md"]]
    refused = await world.ben.slash(elsewhere, "knowledge forget", name=ids["prices.md"])
    assert "There is nothing called" in read_message(get_answer(refused))
    assert (
        read_message(get_answer(await world.ada.slash(world.channel, "knowledge forget", name=ids["prices.md"])))
        == "Deleted."
    )
    assert "cannot read" not in read_message((await world.ada.slash(world.channel, "knowledge list")).response)


async def test_a_result_moved_in_the_database_is_refused_with_a_reason(world, settings):
    made = (await world.post()).response
    more = await open_more(world.ada, made)
    execute_sql(settings, "UPDATE generations SET channel_id = '9'")
    for shown, label in ((more, "Copy"), (made, "Download"), (made, "More…")):
        refused = await world.ada.click(shown, label=label)
        assert read_message(get_answer(refused)).startswith("Part of the database does not match its key")
