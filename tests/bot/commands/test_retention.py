"""What goes by itself: servers that removed the bot, people who are not seen any more, results that were kept long enough."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import discord
import pytest
from discord_texts import get_answer, read_message
from simcord.backend import serializers

from bot.settings import Settings
from personas.ledger import channel, guild
from storage.database import Database
from storage.retention import ServerCounts

pytestmark = pytest.mark.looking

PRICES = b"# Workshop\n\nA brake check costs 35 euros and takes twenty minutes."


def in_days(days):
    return datetime.now(UTC) + timedelta(days=days)


async def remove_bot(world):
    """Remove the bot from the server."""
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()


async def add_bot(world):
    """Add the bot to the server again."""
    stored = world.env.backend.guilds[world.guild.id]
    payload = dict(serializers.guild_create_payload(world.env.backend, stored))
    del payload["unavailable"]  # With it, it is a server that was out of order.
    world.env.backend.emit("GUILD_CREATE", payload)
    await world.env.settle()


async def set_role_everywhere(world):
    """Set Ada's role in the server, in a channel in which she has not asked, and in direct messages."""
    quiet = world.guild.create_text_channel("quiet")
    for scope, role in ((guild(world.guild.id), "here"), (channel(quiet.id), "quiet"), ("me", "everywhere")):
        await world.app.store.profiles.update(
            str(world.ada.id), lambda known, role=role: known.model_copy(update={"role": role}), scope=scope
        )


async def lend_everywhere(world):
    """Lend Ada's persona to the channel, a document to one in which nobody has asked, and a brand to the server."""
    boss = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    world.ada = world.guild.add_member(world.env.create_user("ada"), roles=[boss])
    quiet = world.guild.create_text_channel("archive")
    shown = await world.ada.slash(world.channel, "persona make")
    await world.ada.submit_modal(shown, {"title": "Night Owl", "voice": "You write at night."})
    await world.ada.slash(world.channel, "persona lend", name="Night Owl", to="channel")
    await world.ada.slash(quiet, "knowledge add", file=("prices.md", PRICES), to="channel")
    samples = ("ours.txt", b"We mend what others throw away, and we show you how it is done. " * 5)
    shown = await world.ada.slash(world.channel, "brand learn", name="Ours", file=samples)
    await world.ada.click(get_answer(shown), label="Save")
    await world.ada.slash(world.channel, "brand lend", name="Ours", to="server")
    return quiet


async def list_scopes(world):
    """List the kinds of place that Ada's persona, document and brand are lent to."""
    store, ada = world.app.store, str(world.ada.id)
    found = [await things.list_all(ada) for things in (store.personas, store.documents, store.brands)]
    return [one.scope.partition(":")[0] for [one] in found]


async def ask_documents(world, member, place):
    """Ask the documents in a place; read the answer."""
    return read_message(
        get_answer(await member.slash(place, "knowledge ask", question="what does a brake check cost?"))
    )


async def counts(world):
    found = await world.app.store.people.count_rows(str(world.ada.id))
    return found["generations"], found["preferences"]


async def test_a_server_that_removed_the_bot_is_erased_after_thirty_days(world):
    await set_role_everywhere(world)
    await world.post()
    await world.ada.send_dm("write a tweet on mugs")
    assert await counts(world) == (2, 3)
    await remove_bot(world)
    await world.desk.privacy.tidy(in_days(29))
    assert await counts(world) == (2, 3)
    await world.desk.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 1), "what is not the server's stays"
    assert (await world.app.store.profiles.get(str(world.ada.id))).role == "everywhere"
    assert await world.app.store.retention.count_rows(str(world.guild.id)) == ServerCounts(0, 0, 0, 0, 0, 0)


async def test_items_shared_with_a_server_that_is_gone_stay_their_owners(world):
    quiet = await lend_everywhere(world)
    before = await list_scopes(world)
    assert before == ["channel", "channel", "guild"]
    assert "35 euros" in await ask_documents(world, world.ben, quiet)
    await remove_bot(world)
    await world.desk.privacy.tidy(in_days(29))
    assert await list_scopes(world) == before
    await world.desk.privacy.tidy(in_days(31))
    assert await list_scopes(world) == ["me", "me", "me"]
    await add_bot(world)
    assert "say nothing" in await ask_documents(world, world.ben, quiet)
    assert "35 euros" in await ask_documents(world, world.ada, quiet)
    assert "Night Owl" in read_message((await world.ada.slash(world.channel, "persona use", name="night owl")).response)
    assert "Ours" in read_message((await world.ada.slash(world.channel, "brand use", name="ours")).response)


async def test_a_server_that_adds_the_bot_again_keeps_everything(world):
    await set_role_everywhere(world)
    await world.post()
    await remove_bot(world)
    await add_bot(world)
    await world.desk.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 3)


async def test_servers_left_during_downtime_are_noticed(world):
    store = world.app.store.retention
    await world.post()
    await store.record_guilds([str(world.guild.id)])
    await store.record_guilds(["1"])
    await world.desk.privacy.tidy(in_days(31))
    assert await counts(world) == (0, 0)


async def test_a_server_that_never_had_the_bot_is_not_marked_as_left(world):
    """An app that a person installed is used in servers that never added it."""
    await world.post()
    await world.app.store.retention.record_guilds(["1"])
    await world.desk.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 0)


async def run_daily_work(world, days):
    """Run the daily work as in so many days."""
    await world.bot.get_cog("Retention").note_members(in_days(days))
    await world.desk.privacy.tidy(in_days(days))


async def test_a_departed_members_server_data_is_erased_after_thirty_days(world):
    await set_role_everywhere(world)
    await world.post()
    await world.ada.send_dm("write a tweet on mugs")
    await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    world.guild.remove_member(world.ada)
    await world.env.settle()
    await run_daily_work(world, 29)
    await run_daily_work(world, 60)
    assert await counts(world) == (2, 3), "nobody looked before, so it counts from the 60th day"
    await run_daily_work(world, 91)
    assert await counts(world) == (1, 1), "what is not the server's stays"
    assert (await world.app.store.people.count_rows(str(world.ben.id)))["generations"] == 1


async def test_items_shared_with_a_server_become_private_when_their_owner_leaves(world):
    """Also what was lent to a channel that nobody asked in, when that is all there is of them."""
    await world.let_lend()
    quiet = world.guild.create_text_channel("archive")
    for member in (world.ada, world.ben):
        await member.slash(quiet, "knowledge add", file=(f"{member.user.name}.md", PRICES), to="channel")
    world.guild.remove_member(world.ada)
    await run_daily_work(world, 40)
    assert "**ada.md," in await ask_documents(world, world.ben, quiet)
    await run_daily_work(world, 71)
    assert "**ada.md," not in await ask_documents(world, world.ben, quiet)
    assert "**ben.md," in await ask_documents(world, world.ben, quiet)
    [kept] = await world.app.store.documents.list_all(str(world.ada.id))
    assert (kept.value.name, kept.scope) == ("ada.md", "me")


async def test_a_member_who_returns_keeps_everything(world):
    await world.post()
    world.guild.remove_member(world.ada)
    await run_daily_work(world, 40)
    world.ada = world.guild.add_member(world.ada.user)
    await run_daily_work(world, 60)
    await run_daily_work(world, 99)
    assert await counts(world) == (1, 0)


async def test_a_user_inactive_for_a_year_is_erased(world):
    await world.post()
    await world.desk.privacy.tidy(in_days(364))
    assert await counts(world) == (1, 0)
    await world.desk.privacy.tidy(in_days(366))
    assert set((await world.desk.privacy.count_all(str(world.ada.id))).values()) == {0}


@pytest.mark.parametrize("settings", [{"keep_results_days": 10, "keep_unseen_days": 0}], indirect=True)
async def test_results_expire_as_configured_and_profiles_stay(world):
    await set_role_everywhere(world)
    await world.post()
    shown = await world.ada.slash(world.channel, "privacy show")
    assert "Results are deleted after 10 days." in read_message(shown.response)
    await world.desk.privacy.tidy(in_days(9))
    assert await counts(world) == (1, 3)
    await world.desk.privacy.tidy(in_days(1000))
    assert await counts(world) == (0, 3)


@pytest.fixture
def settings(request, tmp_path):
    return Settings(data=tmp_path, engine="embedded", embeddings="none", **getattr(request, "param", {}))


async def test_cleanup_runs_daily_and_survives_database_errors(world, caplog):
    retention = world.bot.get_cog("Retention")
    assert retention.daily.is_running()
    assert retention.daily.hours == 24
    await world.app.store.__aexit__(None, None, None)
    world.app.store.database._engine = broken_engine(world)
    with caplog.at_level(logging.WARNING):
        await retention.daily.coro(retention)
    assert "expired data could not be deleted: The database" in caplog.text


def broken_engine(world):
    return Database(f"sqlite:///{world.app.settings.data / 'no' / 'such' / 'folder.db'}")._engine
