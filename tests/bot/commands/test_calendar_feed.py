"""The calendar of a server as an address that a program of calendars subscribes to, by somebody who is in no Discord."""

from __future__ import annotations

import dataclasses

import aiohttp
import discord
import pytest
from discord_texts import get_answer
from icalendar import Calendar as Ics
from planning import NOON, Clock, create_manager, read_refusal

from bot.team.workspace.audit import AuditFilter
from bot.team.workspace.roles import Member


@pytest.fixture
async def served(world):
    """The operator has set an address; gives the port that answers there."""
    Clock(world, NOON)
    world.app.feeds = dataclasses.replace(world.app.feeds, url="https://example.com/q")
    cog = world.bot.get_cog("CalendarFeeds")
    yield await cog.serve("127.0.0.1", 0)
    await cog.cog_unload()


async def fetch(port, address, method="GET"):
    """Request an address; return its status, body and headers."""
    path = address.removeprefix("https://example.com/q")
    async with aiohttp.ClientSession() as session, session.request(method, f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.read(), answer.headers


async def address_of(world, who, **options):
    said = read_refusal(await who.slash(world.channel, "calendar-feed", **options))
    return next(word for word in said.split() if word.startswith("https://"))


async def test_feeds_are_refused_if_the_operator_set_no_address(world):
    said = read_refusal(await create_manager(world).slash(world.channel, "calendar-feed"))
    assert said.startswith("You cannot subscribe to calendars here")


async def test_a_feed_contains_only_what_everyone_can_see(world, served):
    boss = create_manager(world)
    hidden = {world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    hidden[world.guild.me] = hidden[boss] = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    secret = world.guild.create_text_channel("board", overwrites=hidden)
    await world.ben.slash(world.channel, "schedule", when="every Monday 8:00", text=r"Stand-up! C:\News")
    await boss.slash(world.channel, "schedule", when="Friday 9:00", text="The merger.", channel=secret)
    assert read_refusal(await world.ada.slash(world.channel, "calendar-feed")).startswith("Only owners can set that")
    address = await address_of(world, boss)
    status, body, headers = await fetch(served, address)
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    [event] = Ics.from_ical(body).walk("VEVENT")
    assert (str(event["summary"]), str(event["location"]), "rrule" in event) == (
        r"Stand-up! C:\News",
        "#marketing",
        True,
    )
    assert (await fetch(served, address, "POST"))[0] == 405, "it is read alone"
    assert (await fetch(served, f"{address[:-5]}x.ics"))[0] == 404
    other = await address_of(world, boss, way="anew")
    assert (await fetch(served, address))[0] == 404
    assert (await fetch(served, other))[0] == 200
    assert get_answer(await boss.slash(world.channel, "calendar-feed", way="off"))
    assert (await fetch(served, other))[0] == 404
    export = await world.app.auditing.export(
        str(world.guild.id), Member(str(boss.id), manages=True), "jsonl", AuditFilter()
    )
    assert b"feed" in export
    assert other.rpartition("/")[2].removesuffix(".ics").encode() not in export
