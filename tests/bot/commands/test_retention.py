"""What goes by itself: servers that removed the bot, people who are not seen any more, results that were kept long enough."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from discord_texts import read
from simcord.backend import serializers

from bot.settings import Settings
from personas.ledger import channel, guild
from storage.database import Database
from storage.retention import ServerCounts


def in_days(days):
    return datetime.now(UTC) + timedelta(days=days)


async def removed(world):
    """The server removes the bot."""
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()


async def added(world):
    """The bot is added to the server again."""
    stored = world.env.backend.guilds[world.guild.id]
    payload = dict(serializers.guild_create_payload(world.env.backend, stored))
    del payload["unavailable"]  # With it, it is a server that was out of order.
    world.env.backend.emit("GUILD_CREATE", payload)
    await world.env.settle()


async def tell_everywhere(world):
    """Ada tells her role in the server, in a channel nobody has asked in, and for herself."""
    quiet = world.guild.create_text_channel("quiet")
    for scope, role in ((guild(world.guild.id), "here"), (channel(quiet.id), "quiet"), ("me", "everywhere")):
        await world.app.store.profiles.update(
            str(world.ada.id), lambda known, role=role: known.model_copy(update={"role": role}), scope=scope
        )


async def counts(world):
    found = await world.app.store.people.counts(str(world.ada.id))
    return found["generations"], found["preferences"]


async def test_a_server_that_removed_the_bot_is_kept_for_thirty_days_and_then_gone(world):
    await tell_everywhere(world)
    await world.post()
    await world.ada.send_dm("write a tweet on mugs")
    assert await counts(world) == (2, 3)
    await removed(world)
    await world.app.privacy.tidy(in_days(29))
    assert await counts(world) == (2, 3)
    await world.app.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 1), "what is not the server's stays"
    assert (await world.app.store.profiles.get(str(world.ada.id))).role == "everywhere"
    assert await world.app.store.retention.counts(str(world.guild.id)) == ServerCounts(0, 0, 0, 0, 0)


async def test_a_server_that_adds_the_bot_again_keeps_everything(world):
    await tell_everywhere(world)
    await world.post()
    await removed(world)
    await added(world)
    await world.app.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 3)


async def test_servers_that_were_left_while_the_bot_was_away_are_noticed(world):
    store = world.app.store.retention
    await world.post()
    await store.present([str(world.guild.id)])
    await store.present(["1"])
    await world.app.privacy.tidy(in_days(31))
    assert await counts(world) == (0, 0)


async def test_a_server_that_the_bot_never_was_in_is_not_left(world):
    """An app that a person installed is used in servers that never added it."""
    await world.post()
    await world.app.store.retention.present(["1"])
    await world.app.privacy.tidy(in_days(31))
    assert await counts(world) == (1, 0)


async def looked(world, days):
    """The daily work as it is done in so many days, for those who are not seen meanwhile."""
    await world.bot.get_cog("Retention").note_members(in_days(days))
    await world.app.privacy.tidy(in_days(days))


async def test_what_belongs_to_a_server_goes_thirty_days_after_somebody_was_found_to_have_left_it(world):
    await tell_everywhere(world)
    await world.post()
    await world.ada.send_dm("write a tweet on mugs")
    await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")
    world.guild.remove_member(world.ada)
    await world.env.settle()
    await looked(world, 29)
    await looked(world, 60)
    assert await counts(world) == (2, 3), "nobody looked before, so it counts from the 60th day"
    await looked(world, 91)
    assert await counts(world) == (1, 2), "what is not the server's stays, and so do channels that nobody asked in"
    assert (await world.app.store.people.counts(str(world.ben.id)))["generations"] == 1


async def test_who_comes_back_keeps_everything(world):
    await world.post()
    world.guild.remove_member(world.ada)
    await looked(world, 40)
    world.ada = world.guild.add_member(world.ada.user)
    await looked(world, 60)
    await looked(world, 99)
    assert await counts(world) == (1, 0)


async def test_who_is_not_seen_for_a_year_is_forgotten(world):
    await world.post()
    await world.app.privacy.tidy(in_days(364))
    assert await counts(world) == (1, 0)
    await world.app.privacy.tidy(in_days(366))
    assert set((await world.app.privacy.counts(str(world.ada.id))).values()) == {0}


@pytest.mark.parametrize("settings", [{"keep_results_days": 10, "keep_unseen_days": 0}], indirect=True)
async def test_results_go_when_the_operator_says_so_and_people_stay(world):
    await tell_everywhere(world)
    await world.post()
    shown = await world.ada.slash(world.channel, "privacy show")
    assert "Results are deleted after 10 days." in read(shown.response)
    await world.app.privacy.tidy(in_days(9))
    assert await counts(world) == (1, 3)
    await world.app.privacy.tidy(in_days(1000))
    assert await counts(world) == (0, 3)


@pytest.fixture
def settings(request, tmp_path):
    return Settings(data=tmp_path, engine="embedded", embeddings="none", **getattr(request, "param", {}))


async def test_it_is_tidied_every_day_and_a_database_in_trouble_does_not_end_that(world, caplog):
    retention = world.bot.get_cog("Retention")
    assert retention.daily.is_running()
    assert retention.daily.hours == 24
    await world.app.store.__aexit__(None, None, None)
    world.app.store.database._engine = broken_engine(world)
    with caplog.at_level(logging.WARNING):
        await retention.daily.coro(retention)
    assert "not tidied: The database" in caplog.text


def broken_engine(world):
    return Database(f"sqlite:///{world.app.settings.data / 'no' / 'such' / 'folder.db'}")._engine
