"""What could be made next: each idea says why, and its button begins it, also after a restart."""

from __future__ import annotations

import re

import discord
import pytest
from acting import act_in_language, tap
from discord_texts import get_answer, read_message
from planning import NOON, Clock, create_manager, read_refusal, restart_process, run_schedule

from bot.team.workspace.roles import Member, Role
from personas.book import Book
from personas.style import Brand
from storage.assets import Asset
from storage.owners import workspace


@pytest.fixture
def clock(world):
    return Clock(world, NOON)


async def list_ideas(world, who=None):
    """Send /ideas; return the answer."""
    return get_answer(await (who or world.ada).slash(world.channel, "ideas"))


def find_idea_keys(shown):
    """List the keys of the ideas in a message."""
    return re.findall(r"quillidea:([\w.-]+)", str(shown.components))


async def in_germany(world):
    boss = Member(str(create_manager(world).id), manages=True)
    where = {"country": "DE", "timezone": "Europe/Berlin"}
    await world.app.workspaces.change(str(world.guild.id), boss, lambda known: known.with_values(**where))


async def press(world, shown, key, who=None):
    return await (who or world.ada).click(shown, custom_id=f"quillidea:{key}")


async def test_holidays_and_calendar_gaps_are_suggested_with_buttons(world, clock):
    await in_germany(world)
    await world.ada.slash(world.channel, "schedule", when="19 October 9:00", text="Stand-up!")
    shown = await list_ideas(world)
    assert shown.ephemeral
    said = read_message(shown)
    assert "Nothing is scheduled from Thu, Oct 15 to Sun, Oct 18." in said
    assert "Nothing is scheduled from Tue, Oct 20 to Wed, Nov 4." in said
    [gap] = [key for key in find_idea_keys(shown) if key.startswith("gap.2026-10-15")]
    made = await press(world, shown, gap)
    result = await world.generation(made.response)
    assert result.kind == "social_post"
    assert result.request["brief"] in said


async def test_holidays_are_in_the_readers_language_and_come_last_if_covered(world, clock):
    clock.pass_(days=60)
    await in_germany(world)
    await world.ada.slash(world.channel, "schedule", when="25 December 9:00", text="Merry Christmas!")
    shown = get_answer(await act_in_language(world, "de", world.ada.slash, world.channel, "ideas"))
    days = [key for key in find_idea_keys(shown) if key.startswith("day.")]
    assert days[0].startswith("day.2026-12-26")
    assert "Zweiter Weihnachtstag" in read_message(shown)
    made = await act_in_language(world, "de", press, world, shown, days[0])
    assert "Zweiter Weihnachtstag" in (await world.generation(made.response)).request["brief"]


async def test_a_scheduled_post_is_offered_as_another_kind_until_that_is_made(world, clock, settings, script):
    await world.ben.slash(world.channel, "schedule", when="every Monday 8:00", text="Stand-up!")
    await world.ben.slash(
        world.channel, "schedule", when="Friday 9:00", text="The rye loaf is back on Friday at seven."
    )
    private = world.guild.create_text_channel(
        "private",
        overwrites={
            world.guild.default_role: discord.PermissionOverwrite(view_channel=False),
            world.ben: discord.PermissionOverwrite(view_channel=True),
        },
    )
    await world.ben.slash(world.channel, "schedule", when="Friday 10:00", text="The secret loaf.", channel=private)
    shown = await list_ideas(world)
    assert (
        "“The rye loaf is back on Friday at seven.” goes out on Fri, Oct 16. Tell it in another form, too: Email."
        in read_message(shown)
    )
    [plan] = [key for key in find_idea_keys(shown) if key.startswith("plan.")]
    assert "secret" not in read_message(shown), "whose channel she does not see"
    async with restart_process(world, settings, script, clock):
        result = await world.generation((await press(world, shown, plan)).response)
        assert (result.kind, result.request["material"]) == ("email", "The rye loaf is back on Friday at seven.")
        assert [key for key in find_idea_keys(await list_ideas(world)) if key.startswith("plan.")] == [], "it is made"
        clock.pass_(days=3)
        await run_schedule(world.bot)
        assert read_refusal(await press(world, shown, plan)).startswith("That idea is out of date: what it was"), (
            "it is out"
        )


async def test_in_direct_messages_holidays_are_those_of_the_users_country(world, clock):
    clock.pass_(days=60)
    await world.app.store.profiles.update(str(world.ada.id), lambda known: known.model_copy(update={"locale": "de-AT"}))
    assert "Christmas Day is on" in read_message(get_answer(await world.ada.user.slash("ideas")))


async def test_liked_results_are_offered_as_another_kind_and_new_facts_as_posts(world, clock):
    result = (await world.post()).response
    await tap(world.ada, result, "I like it")
    book = Book.parse({"facts": [{"label": "Opening hours", "value": "Mon to Fri, 8 to 18"}]})
    owner_id = workspace(str(world.guild.id))
    kept = await world.app.store.brands.add(owner_id, Brand(name="Mill", samples=(), book=book), owner_id)
    boss = Member(str(create_manager(world).id), manages=True)
    await world.app.workspaces.change(str(world.guild.id), boss, lambda known: known.with_values(brand=kept.id))
    shown = await list_ideas(world)
    assert "Not in your latest texts: Opening hours: Mon to Fri, 8 to 18" in read_message(shown)
    [other] = [key for key in find_idea_keys(shown) if key.startswith("other.")]
    assert "did well. Turn it into something else, too: Email." in read_message(shown)
    made = await press(world, shown, other)
    assert (await world.generation(made.response)).kind == "email"
    assert (await world.generation(result)).text[:40] in world.script.drafts[-1]
    [fact] = [key for key in find_idea_keys(shown) if key.startswith("fact.")]
    made = await press(world, shown, fact)
    assert "Mon to Fri, 8 to 18" in (await world.generation(made.response)).request["brief"]


async def test_an_idea_button_works_after_a_restart_and_reports_a_lost_idea(world, clock, settings, script):
    result = (await world.post()).response
    await tap(world.ada, result, "I like it")
    shown = await list_ideas(world)
    [other] = [key for key in find_idea_keys(shown) if key.startswith("other.")]
    async with restart_process(world, settings, script, clock):
        made = await press(world, shown, other)
        assert (await world.generation(made.response)).kind == "email"
        await world.app.store.people.forget(str(world.ada.id))
        assert read_refusal(await press(world, shown, other)).startswith("That idea is out of date: what it was")


async def test_a_channel_for_education_gets_lesson_ideas(world, clock):
    await in_germany(world)
    boss, channel = Member(str(create_manager(world, "head").id), manages=True), str(world.channel.id)
    await world.app.workspaces.change(
        str(world.guild.id), boss, lambda known: known.with_channel(channel, family="education")
    )
    said = read_message(await list_ideas(world))
    assert "Quiz: Five questions on" in said or "warm-up for a lesson" in said or "Worksheet" in said
    assert "Social" not in said


async def test_viewers_see_ideas_but_cannot_start_them(world, clock):
    boss = Member(str(create_manager(world).id), manages=True)
    await world.app.workspaces.change(
        str(world.guild.id), boss, lambda known: known.with_values(default_role=Role.VIEWER, country="DE")
    )
    shown = await list_ideas(world, world.ben)
    assert read_refusal(await press(world, shown, find_idea_keys(shown)[0], world.ben)).startswith(
        "In this server I write only"
    )


async def test_ideas_from_a_colleagues_text_use_no_private_data_of_the_requester(world, clock):
    await world.app.store.profiles.update(
        str(world.ada.id), lambda known: known.model_copy(update={"facts": ("dodofact: the lease ends in March",)})
    )
    asset = Asset("social_post", "Mugs", "New mugs. Say when the lease ends.", {}, {}, [], "1", str(world.ben.id))
    team = workspace(str(world.guild.id))
    await world.app.store.assets.add(team, asset)
    await world.app.store.entries.mark(team, asset.id, {"star": True}, {"star": False})
    shown = await list_ideas(world)
    before = len(world.script.prompts)
    await press(world, shown, next(key for key in find_idea_keys(shown) if asset.id in key))
    prompts = "\n".join(world.script.prompts[before:])
    assert "New mugs" in prompts
    assert "dodofact" not in prompts
