"""From a result to a post in its channel, at the time that was meant, by whoever may, once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import discord
import pytest
from acting import tap
from discord_texts import find_fields, get_answer, get_components, read_message
from planning import NOON, Clock, create_manager, list_posts, read_refusal, run_schedule, set_berlin_timezone, submit
from reviewing import set_rules

from bot.team.workspace.roles import Member, Role


@pytest.fixture
def clock(world):
    return Clock(world, NOON)


@pytest.fixture
def news(world):
    """Another channel of the server."""
    return world.guild.create_text_channel("news")


async def schedule_text(world, who=None, when="tomorrow 9am", **options):
    """Schedule a text with /schedule; return the result."""
    return await (who or world.ada).slash(world.channel, "schedule", when=when, text="We open at nine.", **options)


async def test_a_result_is_scheduled_by_its_button_and_posted_when_due(world, clock, news):
    await set_berlin_timezone(world, world.ada)
    result = (await world.post()).response
    shown = await tap(world.ada, result, "Schedule…")
    confirmed = await submit(world.ada, shown, when="tomorrow 9am", in_which=news)
    said = read_refusal(confirmed)
    assert "Thu, Oct 15, 2026, 09:00** Europe/Berlin (07:00 UTC)" in said
    assert f"<t:{int(NOON.timestamp()) + 21 * 3600}:F>" in said, "and on the reader's own clock"
    assert "In the time zone of your profile." in said
    assert f"In <#{news.id}>, scheduled by <@{world.ada.id}>" in said
    clock.pass_(hours=20, minutes=59)
    assert await run_schedule(world.bot) == 0
    assert list_posts(world, news) == []
    clock.pass_(minutes=1)
    assert await run_schedule(world.bot) == 1
    text = (await world.generation(result)).text
    assert list_posts(world, news) == [text]
    assert await run_schedule(world.bot) == 0
    [entry] = ((await world.ada.slash(world.channel, "privacy show")).response,)
    assert "Scheduled posts: 1" in read_message(entry)


async def test_times_are_read_in_the_servers_zone_or_utc_and_the_zone_is_named(world, clock):
    assert "I do not know your time zone, so I used UTC." in read_refusal(await schedule_text(world))
    manager = Member(str(world.ada.id), manages=True)
    zone = {"timezone": "America/New_York", "country": "US"}
    await world.app.workspaces.change(str(world.guild.id), manager, lambda known: known.with_values(**zone))
    said = read_refusal(await schedule_text(world))
    assert "09:00** America/New_York (13:00 UTC)" in said
    assert "I do not know your time zone, so I used the server's." in said


async def test_an_invalid_or_past_time_is_refused_and_nothing_is_stored(world, clock):
    for when, said in (
        ("yesterday 9am", "That time has passed:"),
        ("tomorrow at 8", "8 could be in the morning"),
        ("soon", 'I do not understand "soon" as a time.'),
    ):
        assert read_refusal(await schedule_text(world, when=when)).startswith(said)
        assert (await world.app.store.people.count_rows(str(world.ada.id)))["schedule"] == 0


async def test_a_refused_command_can_be_corrected_in_a_form(world, clock):
    wrong = await schedule_text(world, when="24:00 today")
    assert "24:00 is 0:00 of the next day." in read_refusal(wrong)
    again = await world.ada.click(get_answer(wrong), label="Edit again")
    assert "We open at nine." in str(again.modal)
    assert "24:00 today" in str(again.modal)
    assert "09:00" in read_refusal(await submit(world.ada, again, when="tomorrow 9am"))


async def test_a_user_is_asked_for_their_time_zone_once(world, clock):
    shown = get_answer(await schedule_text(world, when="tomorrow 9am"))
    asked = await world.ada.click(shown, label="Set my time zone…")
    [field] = [part["custom_id"] for part in find_fields(asked.modal).values()]
    wrong = await world.ada.submit_modal(asked, {field: "Atlantis"})
    assert 'I know no time zone for "Atlantis".' in read_refusal(wrong)
    asked = await world.ada.click(get_answer(wrong), label="Edit again")
    [field] = [part["custom_id"] for part in find_fields(asked.modal).values()]
    moved = await world.ada.submit_modal(asked, {field: "Berlin"})
    assert "09:00** Europe/Berlin (07:00 UTC)" in read_message(get_answer(moved))
    again = read_refusal(await schedule_text(world, when="tomorrow 10am"))
    assert "10:00** Europe/Berlin" in again
    assert "In the time zone of your profile." in again
    assert "Set my time zone" not in str(again)


async def test_a_refused_form_reopens_with_what_was_typed(world, clock):
    result = (await world.post()).response
    shown = await tap(world.ada, result, "Schedule…")
    wrong = await submit(world.ada, shown, when="sometime")
    again = await world.ada.click(get_answer(wrong), label="Edit again")
    assert "We open" not in str(again.modal)
    confirmed = await submit(world.ada, again, when="tomorrow 9am")
    assert "Thu, Oct 15, 2026, 09:00" in read_refusal(confirmed)


async def test_the_newest_result_is_in_the_form_if_no_text_is_given(world, clock):
    none = await world.ada.slash(world.channel, "schedule", when="tomorrow 9am")
    assert read_refusal(none).startswith("You have no result to post yet. Give me a")
    result = (await world.post()).response
    form = await world.ada.slash(world.channel, "schedule", when="tomorrow 9am")
    assert "Two old armchairs" in str(form.modal)
    await submit(world.ada, form)
    clock.pass_(hours=23)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel)[-1] == (await world.generation(result)).text


async def test_only_the_author_and_managers_can_move_a_post(world, clock):
    boss = create_manager(world)
    shown = get_answer(await schedule_text(world))
    world.env.backend.messages[world.channel.id][shown.id].flags &= ~64  # A forged press is refused all the same.
    for label in ("Move…", "Edit text…", "Cancel it"):
        assert read_refusal(await world.ben.click(shown, label=label)).startswith(
            "Only the person who scheduled that and owners can"
        )
    form = await boss.click(shown, label="Move…")
    assert "Now Thu, Oct 15, 2026, 09:00 UTC. The new time is in that zone, too." in str(form.modal)
    moved = await submit(boss, form, when="tomorrow 11:00")
    assert "11:00" in read_message(get_answer(moved))
    late = await world.ada.click(shown, label="Cancel it")
    assert read_refusal(late).startswith("Someone has changed that in the")
    clock.pass_(hours=24, minutes=59)
    assert await run_schedule(world.bot) == 0
    clock.pass_(minutes=1)
    assert await run_schedule(world.bot) == 1


async def test_a_server_post_is_changed_from_direct_messages_only_with_the_role_in_its_server(world, clock):
    await schedule_text(world, when="every day 9:00")
    user = world.ada.user

    async def open_from_direct_messages():
        listed = get_answer(await user.slash("calendar", show="list"))
        custom_id = re.search(r"quillplan:show[^'\"]*", str(get_components(listed)))[0]
        return get_answer(await user.click(listed, custom_id=custom_id))

    entry = await open_from_direct_messages()
    edited = await submit(user, await user.click(entry, label="Edit text…"), the_text="We open at ten.")
    assert "We open at ten." in read_message(get_answer(edited))
    entry = await open_from_direct_messages()
    form = await user.click(entry, label="Edit text…")
    await set_rules(world, roles={}, default_role=Role.VIEWER)
    refused = [await submit(user, form, the_text="CLOSED for ever."), await user.click(entry, label="Move…")]
    refused.append(await user.click(entry, label="Cancel all"))
    for answer in refused:
        assert "only editors and owners of that server can change" in read_message(get_answer(answer))
    assert "Edit text…" not in str(get_components(await open_from_direct_messages()))
    world.env.backend.remove_member(world.guild.id, world.ada.id)
    await world.env.settle()
    await set_rules(world, default_role=Role.EDITOR)
    left = await user.click(entry, label="Cancel all")
    assert "only editors and owners of that server can change" in read_message(get_answer(left))


async def test_the_first_of_two_open_forms_wins_and_the_second_is_refused(world, clock):
    boss = create_manager(world)
    shown = get_answer(await schedule_text(world))
    world.env.backend.messages[world.channel.id][shown.id].flags &= ~64
    forms = [await who.click(shown, label="Move…") for who in (world.ada, boss)]
    await submit(world.ada, forms[0], when="tomorrow 10:00")
    second = await submit(boss, forms[1], when="tomorrow 12:00")
    when = int(datetime(2026, 10, 15, 10, tzinfo=UTC).timestamp())
    now = f'"We open at nine." now goes to <#{world.channel.id}> on <t:{when}:f>, and your change was not saved.'
    assert read_refusal(second).startswith(f"Someone has changed that in the meantime: {now}"), "what became of it"
    clock.pass_(hours=24)
    assert await run_schedule(world.bot) == 1


async def test_a_cancelled_post_is_not_sent_and_a_second_press_says_so(world, clock):
    shown = get_answer(await schedule_text(world))
    done = await world.ada.click(shown, label="Cancel it")
    assert read_message(done.response or get_answer(done)) == 'Cancelled: "We open at nine." will not be posted.'
    clock.pass_(days=2)
    assert await run_schedule(world.bot) == 0


async def test_the_text_can_be_edited_before_it_is_posted(world, clock):
    shown = await world.ada.click(get_answer(await schedule_text(world)), label="Edit text…")
    edited = await submit(world.ada, shown, the_text="We open at ten.")
    assert "We open at ten." in read_message(get_answer(edited))
    clock.pass_(hours=23)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel) == ["We open at ten."]


async def test_harmful_and_oversized_posts_are_refused(world, clock):
    harm = await world.ada.slash(
        world.channel, "schedule", when="tomorrow 9am", text="post my ex's home address so everyone sees it"
    )
    assert read_refusal(harm).startswith("I don't publish anyone's private address or")
    long = await world.ada.slash(world.channel, "schedule", when="tomorrow 9am", text="word " * 1000)
    assert read_refusal(long).startswith("That text has 4,999 characters; a post can have at most 3,800.")


async def test_a_channel_is_refused_if_the_user_or_the_bot_may_not_write_there(world, clock):
    shut = discord.PermissionOverwrite(send_messages=False)
    closed = world.guild.create_text_channel("rules", overwrites={world.guild.default_role: shut})
    assert read_refusal(await schedule_text(world, channel=closed)).startswith("You are not allowed to write in that")
    result = (await world.post()).response
    shown = await tap(world.ada, result, "Schedule…")
    assert read_refusal(await submit(world.ada, shown, when="tomorrow 9am", in_which=closed)).startswith(
        "You are not allowed to"
    )
    mute = world.guild.create_text_channel("mute", overwrites={world.guild.me: shut})
    assert read_refusal(await schedule_text(world, channel=mute)).startswith("I am not allowed to write in that")
    assert (await world.app.store.people.count_rows(str(world.ada.id)))["schedule"] == 0
