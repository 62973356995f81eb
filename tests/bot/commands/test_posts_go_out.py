"""What is due goes out once: after a restart, late or not at all, and whoever planned it is told where it could not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import discord
import pytest
from discord_texts import find_fields, get_answer, get_components, read_message
from planning import (
    NOON,
    Clock,
    create_manager,
    list_direct_messages,
    list_posts,
    read_refusal,
    restart_process,
    run_schedule,
    set_berlin_timezone,
    submit,
)
from reviewing import set_rules
from simcord.backend.models.channel import Overwrite
from sqlalchemy import update

from bot.commands import schedule as commands
from bot.errors import RefusedError
from bot.interactions.posts.poster import ChannelPoster
from bot.team.calendar.posts import Actor, Target
from bot.team.workspace.roles import Role
from storage import tables
from storage.schedule import _build_values

pytestmark = pytest.mark.looking


@pytest.fixture
def clock(world):
    return Clock(world, NOON)


async def plan(world, when="tomorrow 9:00", text="We open at nine.", who=None, **options):
    return await (who or world.ada).slash(world.channel, "schedule", when=when, text=text, **options)


async def test_the_loop_sends_a_post_once(world, clock, monkeypatch):
    monkeypatch.setattr(commands.ScheduleCommand, "SECONDS", 0.02)
    await plan(world)
    world.bot.get_cog("ScheduleCommand")._loop.change_interval(seconds=0.02)
    world.bot.get_cog("ScheduleCommand")._loop.restart()
    clock.pass_(hours=23)
    async with asyncio.timeout(60):
        while not list_posts(world, world.channel):
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    assert list_posts(world, world.channel) == ["We open at nine."]
    world.bot.get_cog("ScheduleCommand")._loop.cancel()
    await asyncio.sleep(0.05)


async def test_a_post_is_sent_late_after_a_restart_and_old_buttons_still_work(world, clock, settings, script):
    shown = get_answer(await plan(world, when="tomorrow 9:00"))
    kept = get_answer(await plan(world, when="tomorrow 12:00", text="We close at noon."))
    async with restart_process(world, settings, script, clock):
        clock.pass_(hours=25)
        assert await run_schedule(world.bot) == 1
        assert list_posts(world, world.channel) == [
            "We open at nine.\n-# This was scheduled for Thu, Oct 15, 2026, 09:00."
        ]
        cancelled = await world.ada.click(kept, label="Cancel it")
        assert '" will not be posted.' in read_message(get_answer(cancelled))
        late = await world.ada.click(shown, label="Cancel it")
        assert read_refusal(late).startswith("That has already been posted: https://discord")


@pytest.mark.parametrize(
    ("if_late", "hours", "posted"), [("late", 12, True), ("late", 13, False), ("skip", 0.05, True), ("skip", 1, False)]
)
async def test_a_missed_post_is_sent_late_or_dropped_with_a_notification(world, clock, if_late, hours, posted):
    await plan(world, if_late=if_late)
    clock.pass_(hours=23 + hours)
    assert await run_schedule(world.bot) == 1
    assert bool(list_posts(world, world.channel)) is posted
    said = list_direct_messages(world, world.ada)
    if posted:
        assert said == []
    else:
        assert len(said) == 1
        assert said[0].startswith('I did not post "We open at nine." in <#')
        assert ": I was offline at the scheduled time, and afterwards it was too" in said[0]
        await run_schedule(world.bot)
        assert len(list_direct_messages(world, world.ada)) == 1, "told once"


async def test_a_process_that_lost_its_lease_posts_nothing(world, clock):
    await plan(world)
    clock.pass_(hours=23)
    held = False

    async def holds_lease():
        return held

    world.desk.answers.holds_lease = holds_lease
    assert await run_schedule(world.bot) == 0
    assert list_posts(world, world.channel) == []
    held = True
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel) == ["We open at nine."]


@pytest.mark.parametrize("sent", [True, False])
async def test_a_crash_while_posting_does_not_post_twice(world, clock, monkeypatch, settings, script, sent):
    clock.now = world.env.now()
    await plan(world, when="in 1 minute", text="Cake is there.")
    await world.env.advance_time(65)  # Discord's clock as well, which dates what is looked for.
    clock.now = world.env.now()

    async def crash(*_args, **_options):
        raise asyncio.CancelledError

    place = (world.app.store.schedule, "finish") if sent else (ChannelPoster, "post")
    with monkeypatch.context() as patched:
        patched.setattr(*place, crash)
        with pytest.raises(asyncio.CancelledError):
            await run_schedule(world.bot)
    assert list_posts(world, world.channel) == ["Cake is there."] * sent
    async with restart_process(world, settings, script, clock):
        await run_schedule(world.bot)  # The loop of the new process looks at once as well.
        assert list_posts(world, world.channel) == ["Cake is there."]
        [kept] = (await world.app.store.people.export(str(world.ada.id)))["schedule"]
        assert (kept["state"], bool(kept["message_id"])) == ("posted", True)


@pytest.mark.parametrize("first_text", ["Sale today at noon. Everything must go!", "Sale today"])
async def test_after_a_crash_the_message_of_another_post_is_not_taken_for_this_one(
    world, clock, monkeypatch, settings, script, first_text
):
    clock.now = world.env.now()
    await plan(world, when="in 1 minute", text=first_text)
    await plan(world, when="in 1 minute", text="Sale today", who=world.ben)
    await world.env.advance_time(65)
    clock.now = world.env.now()
    send = ChannelPoster.post

    async def crash(self, post, **options):
        if post.user_id == str(world.ben.id):
            raise asyncio.CancelledError
        return await send(self, post, **options)

    with monkeypatch.context() as patched:
        patched.setattr(ChannelPoster, "post", crash)
        with pytest.raises(asyncio.CancelledError):
            await run_schedule(world.bot)
    assert list_posts(world, world.channel) == [first_text]
    async with restart_process(world, settings, script, clock):
        await run_schedule(world.bot)
        assert list_posts(world, world.channel) == [first_text, "Sale today"]


async def test_a_deleted_channel_is_reported_and_the_post_can_be_moved(world, clock):
    gone = world.guild.create_text_channel("gone")
    await plan(world, channel=gone)
    world.env.backend.delete_channel(gone.id)
    await world.env.settle()
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    [said] = list_direct_messages(world, world.ada)
    assert said.startswith('I could not post "We open at nine.": its channel is gone')
    listed = get_answer(await world.ada.slash(world.channel, "calendar", show="list"))
    assert "not posted" in read_message(listed)
    entry = await world.ada.click(listed, custom_id=find_show_ids(listed)[0])
    shown = await world.ada.click(get_answer(entry), label="Move…")
    moved = await submit(world.ada, shown, when="today 20:00", in_which=world.channel)
    assert f"In <#{world.channel.id}>" in read_message(get_answer(moved))
    clock.pass_(hours=11)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel) == ["We open at nine."]


def find_show_ids(message):
    """List the custom ids of the buttons that show an entry of a list."""
    return [part for part in str(get_components(message)).split("'") if part.startswith("quillplan:show")]


@pytest.mark.parametrize("who", ["bot", "person", "member"])
async def test_without_write_permission_a_post_is_not_sent_and_is_reported(world, clock, who):
    await plan(world)
    backend = world.env.backend
    if who == "member":
        backend.remove_member(world.guild.id, world.ada.id)
    else:
        target = world.bot.user.id if who == "bot" else world.ada.id
        forbidden = discord.Permissions(send_messages=True).value
        backend.set_overwrite(world.channel.id, Overwrite(target, 1, deny=forbidden))
    await world.env.settle()
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel) == []
    [said] = list_direct_messages(world, world.ada)
    assert (
        ": I am not allowed to write there. Ask someone who manages the server"
        if who == "bot"
        else f": <@{world.ada.id}> may no longer post there. They can move it to another channel in /calendar, or"
    ) in said


async def test_a_demoted_authors_series_stops_until_an_owner_takes_it_over(world, clock):
    boss = create_manager(world)
    world.env.backend.guilds[world.guild.id].owner_id = boss.id
    world.bot.get_guild(world.guild.id).owner_id = boss.id
    await plan(world, when="every day 9:00")
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    await set_rules(world, default_role=Role.VIEWER)
    clock.pass_(days=1)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel) == ["We open at nine."], "that of the day before"
    said = f"<@{world.ada.id}> may no longer post there."
    assert [said in text for who in (world.ada, boss) for text in list_direct_messages(world, who)] == [True, True]
    listed = get_answer(await boss.slash(world.channel, "calendar", show="list"))
    stopped = get_answer(await boss.click(listed, custom_id=find_show_ids(listed)[-1]))
    assert said in read_message(stopped)
    moved = await submit(boss, await boss.click(stopped, label="Move…"), when="every day 10:00")
    assert f"scheduled by <@{boss.id}>" in read_message(get_answer(moved))
    clock.pass_(hours=1)
    assert await run_schedule(world.bot) == 1
    assert len(list_posts(world, world.channel)) == 2


async def test_discord_outages_are_retried_and_rejected_posts_are_reported(world, clock):
    await plan(world)
    clock.pass_(hours=23)
    world.env.inject_error("GET", "/guilds/*/members/*", status=503, times=2)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel) == []
    for _ in range(3):
        if not list_posts(world, world.channel):
            await run_schedule(world.bot)
    assert list_posts(world, world.channel) == ["We open at nine."]
    await plan(world, when="tomorrow 9:00", text="Odd.")
    clock.pass_(hours=24)
    world.env.inject_error("POST", "/channels/*/messages", status=400, code=50035, times=1)
    await run_schedule(world.bot)
    [said] = list_direct_messages(world, world.ada)
    assert ": Discord did not accept the text. Change it and reschedule it in /calendar." in said


@pytest.mark.parametrize("fails", ["post", "notify"])
async def test_a_defect_at_one_post_keeps_no_other_back_and_is_reported(world, clock, monkeypatch, fails):
    await plan(world, when="tomorrow 8:00", text="Odd.")
    await plan(world, when="tomorrow 9:00", who=world.ben)
    clock.pass_(hours=24)
    works = getattr(ChannelPoster, fails)

    async def fail(self, post, *args, **options):
        if post.text == "Odd.":
            raise RuntimeError("a defect")
        return await works(self, post, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(ChannelPoster, fails, fail)
        if fails == "notify":
            world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=400, code=50035, times=2)
        await run_schedule(world.bot)
    said = list_direct_messages(world, world.ada), list_direct_messages(world, world.ben)
    if fails == "post":
        assert list_posts(world, world.channel) == [
            "We open at nine.\n-# This was scheduled for Thu, Oct 15, 2026, 09:00."
        ]
        assert said[0][0].startswith('Something went wrong with me when I posted "Odd." in <#')
        assert await run_schedule(world.bot) == 0, "it is not tried for ever"
    else:
        assert said[0] == []
        assert "Discord did not accept the text" in said[1][0]


async def test_posts_that_stay_due_hide_no_later_ones(world, clock, monkeypatch):
    """Such as those of servers that Discord reports as unavailable."""
    monkeypatch.setattr("storage.schedule._PAGE_SIZE", 3)
    for number in range(3):
        await plan(world, when="tomorrow 8:00", text=f"post {number}")
    await world.ben.user.slash("schedule", when="tomorrow 9:00", text="Mine, in my own messages.")
    clock.pass_(hours=24)
    world.bot.get_guild(world.guild.id).unavailable = True
    assert await run_schedule(world.bot) == 1
    assert any(one.startswith("Mine, in my own messages.") for one in list_direct_messages(world, world.ben))


async def test_a_post_of_a_server_is_moved_to_no_channel_of_another_place(world, clock):
    """In direct messages the form has no menu of channels, and an older form is refused."""
    await plan(world)
    listed = get_answer(await world.ada.user.slash("calendar", show="list"))
    entry = await world.ada.user.click(listed, custom_id=find_show_ids(listed)[0])
    shown = await world.ada.user.click(get_answer(entry), label="Move…")
    assert not any("channel" in label.casefold() for label in find_fields(shown.modal))
    calendar, clock_now = world.app.calendar, clock.now
    [post] = await world.app.store.schedule.list_between(
        str(world.ada.id), "", clock_now, clock_now + timedelta(days=2)
    )
    target = Target(str(world.ada.user.dm_channel.id), user_can_write=True, bot_can_write=True)
    with pytest.raises(RefusedError):
        await calendar.move(Actor(str(world.ada.id)), post.id, post.version, "tomorrow 8:00", target)
    async with world.app.store.database.write() as connection:  # As stored before such moves were refused.
        key = await world.app.store.database.owners.require_key(connection, post.owner_id)
        values = _build_values(replace(post, channel_id=target.channel_id), key)
        await connection.execute(update(tables.schedule).where(tables.schedule.c.id == post.id).values(values))
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    assert "its channel is gone" in list_direct_messages(world, world.ada)[-1]


async def test_recurring_posts_can_be_moved_skipped_and_cancelled(world, clock):
    await set_berlin_timezone(world, world.ada)
    shown = get_answer(await plan(world, when="every Monday 8:00", text="Stand-up!"))
    assert "🔁 every week: Monday" in read_message(shown)
    shown = get_answer(await world.ada.click(shown, label="Skip the next one"))
    assert "Mon, Oct 26, 2026, 08:00" in read_message(shown)
    too_far = await submit(world.ada, await world.ada.click(shown, label="Move…"), when="3 November 9:00")
    assert read_refusal(too_far).startswith("That is after the next post of this series (2026-11-02 08:00).")
    shown = get_answer(await submit(world.ada, await world.ada.click(shown, label="Move…"), when="27 October 9:00"))
    clock.now = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
    assert await run_schedule(world.bot) == 1
    clock.now = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
    assert await run_schedule(world.bot) == 1, "the one after the moved one is when it always is"
    assert list_posts(world, world.channel) == ["Stand-up!", "Stand-up!"]
    listed = get_answer(await world.ada.slash(world.channel, "calendar", show="list", month="2026-11"))
    coming = find_show_ids(listed)
    assert len(coming) == 5, "one was posted and four Mondays are to come"
    entry = get_answer(await world.ada.click(listed, custom_id=coming[1]))
    await world.ada.click(entry, label="Cancel all")
    clock.now = datetime(2026, 11, 9, 7, 0, tzinfo=UTC)
    assert await run_schedule(world.bot) == 0


async def test_days_of_downtime_do_not_cause_a_burst_of_missed_posts(world, clock):
    await plan(world, when="every day at 9:00", text="Good morning.")
    clock.now = datetime(2026, 10, 19, 10, 0, tzinfo=UTC)
    while await run_schedule(world.bot):
        pass
    assert list_posts(world, world.channel) == ["Good morning.\n-# This was scheduled for Mon, Oct 19, 2026, 09:00."]
    assert len(list_direct_messages(world, world.ada)) == 1
    clock.now = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel)[1:] == ["Good morning."]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", date(2027, 3, 28)),
        ("Europe/Berlin", date(2027, 10, 31)),
        pytest.param("America/New_York", date(2027, 3, 14), marks=pytest.mark.nightly),
        pytest.param("America/New_York", date(2027, 11, 7), marks=pytest.mark.nightly),
        pytest.param("Australia/Sydney", date(2027, 4, 4), marks=pytest.mark.nightly),
        pytest.param("Australia/Sydney", date(2027, 10, 3), marks=pytest.mark.nightly),
    ],
)
async def test_recurring_posts_keep_local_time_across_clock_changes(world, clock, zone, change):
    """Each at its hour on the wall, once a day, also at half past two, which is skipped or comes twice."""
    there = ZoneInfo(zone)
    start, end = (datetime.combine(change + timedelta(days=days), time(12), there) for days in (-3, 3))
    clock.now = start.astimezone(UTC)
    who = world.guild.add_member(world.env.create_user("ada of far"))
    await world.app.store.profiles.update(str(who.id), lambda known: known.model_copy(update={"timezone": zone}))
    await plan(world, when="every day at 2:30", text="night", who=who)
    await plan(world, when="weekdays 9:00", text="day", who=who)
    seen = list[tuple[str, datetime]]()
    while coming := [post async for post in world.app.store.schedule.iter_due("0", end.astimezone(UTC))]:
        clock.now = coming[0].due_at - timedelta(seconds=1)
        assert await run_schedule(world.bot) == 0, "nothing goes out early"
        clock.now = coming[0].due_at
        before = set(world.env.backend.messages[world.channel.id])
        await run_schedule(world.bot)
        seen += [(text, clock.now.astimezone(there)) for text in list_posts(world, world.channel, but=before)]
    nights = [moment for text, moment in seen if text == "night"]
    days = [moment for text, moment in seen if text == "day"]
    assert nights[0].utcoffset() != nights[-1].utcoffset(), "the clocks were changed in these days"
    every = [change + timedelta(days=number) for number in range(-2, 4)]
    assert [one.date() for one in nights] == every, "what comes twice is posted once"
    odd = {one.date(): (one.hour, one.minute) for one in nights if (one.hour, one.minute) != (2, 30)}
    skipped = nights[0].utcoffset() < nights[-1].utcoffset()
    assert odd == ({change: (3, 0)} if skipped else {}), "what the clocks skip is the next valid instant"
    nines = [datetime(day.year, day.month, day.day, 9, tzinfo=there) for day in every if day.weekday() < 5]
    assert days == [one for one in nines if one < end]
    assert list_direct_messages(world, who) == []
