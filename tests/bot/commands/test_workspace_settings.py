"""What is set for a server: by its owners, step by step or all at once, also after restarts; and what it does for those who ask."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing

import discord
import pytest
from acting import read_reasons, tap
from discord_texts import find_buttons, get_answer, get_components, read_message, read_title, walk_components
from planning import restart_process, submit

from bot.admission.quotas import MAX_LIMIT, MEASURES, Quota
from bot.commands.workspace.pages import SUMMARY, build_page
from bot.commands.workspace.sections import SECTIONS, SETTINGS, SETUP
from bot.commands.workspace.state import WorkspaceState
from bot.kinds import load_kinds
from bot.locales import LANGUAGES
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import MAX_CHANNELS, WorkspaceSettings
from bot.team.workspace.workspaces import PersonaAndBrandTitles
from personas.ledger import guild

SAMPLES = ("ours.txt", b"We mend what others throw away, and we show you how it is done. " * 5)
NOT_AN_OWNER = "Only owners can set that: people who can manage this server, and those they made owners."
READER = "In this server I write only for editors"
SELECT, ROLE_SELECT, CHANNEL_SELECT = 3, 6, 8
CLOSED = "We close on Monday, back on Tuesday."


@pytest.fixture
def boss(world):
    """Somebody who may manage the server."""
    role = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


def find_menus(shown):
    """Map the ends of custom ids to a page's menus."""
    return {
        part["custom_id"].split(":", 2)[2].removesuffix(":"): part
        for part in walk_components(get_components(shown))
        if part.get("type") in (SELECT, ROLE_SELECT, CHANNEL_SELECT)
    }


def list_chosen_values(menu):
    """List the values that a menu shows as chosen."""
    return [one["value"] for one in menu.get("options", ()) if one.get("default")]


async def choose(who, shown, action, *values):
    """Choose in a menu of a page; return the page in its new state."""
    found = find_menus(shown)[action]
    result = await who.select(shown, list(values), custom_id=found["custom_id"])
    return result.response


async def press(who, shown, label):
    """Press a button of a page; return the page in its new state."""
    return (await who.click(shown, label=label)).response


async def open_settings(world, who, section=""):
    """Open /settings, or a section of it."""
    shown = (await who.slash(world.channel, "settings")).response
    return await choose(who, shown, "change", section) if section else shown


async def lend_voices(world, boss):
    """Lend a persona and a brand of the boss's to the server; return their ids."""
    shown = await boss.slash(world.channel, "persona make")
    await boss.submit_modal(shown, {"title": "Night Owl", "voice": "You write at night."})
    shown = await boss.slash(world.channel, "brand learn", name="Ours", file=SAMPLES)
    await boss.click(get_answer(shown), label="Save")
    await boss.slash(world.channel, "persona lend", name="Night Owl", to="workspace")
    await boss.slash(world.channel, "brand lend", name="Ours", to="workspace")
    await boss.slash(world.channel, "persona use", name="default")
    await boss.slash(world.channel, "brand use", name="none")
    found = await world.app.workspaces.load_persona_and_brand_titles(str(world.guild.id))
    return next(iter(found.personas)), next(iter(found.brands))


def load_settings(world):
    """Load the server's settings from the database."""
    return world.app.workspaces.load_settings(str(world.guild.id))


async def mention_bot(world, who, text, place=None):
    """Mention the bot; return the message that answers."""
    await who.send(place or world.channel, f"{world.me} {text}")
    return (place or world.channel).last_message


def assert_fits_discord(shown):
    """Assert that a page has no more components, options and characters than Discord allows."""
    parts = list(walk_components(get_components(shown)))
    assert len(parts) <= 40
    assert all(1 <= len(one["options"]) <= 25 for one in parts if one.get("type") == SELECT)
    assert all(len(one["custom_id"]) <= 100 for one in parts if "custom_id" in one)
    assert len(read_message(shown)) <= 4000


async def test_setup_leads_an_owner_through_every_step_to_a_summary(world, boss):
    persona, brand = await lend_voices(world, boss)
    ads, writers = world.guild.create_text_channel("ads"), world.guild.create_role("writers")
    shown = (await boss.slash(world.channel, "setup")).response
    assert shown.ephemeral
    seen = []
    for _ in range(7):
        assert_fits_discord(shown)
        seen.append(read_title(shown).splitlines()[0])
        head = read_message(shown)
        if "1/7" in head:
            shown = await choose(boss, shown, "main", "de")
            shown = await choose(boss, shown, "others", "fr", "es")
            assert list_chosen_values(find_menus(shown)["main"]) == ["de"]
        elif "2/7" in head:
            shown = await choose(boss, shown, "channel", ads)
            assert f"<#{ads.id}>" in read_message(shown)
            shown = await choose(boss, shown, f"family:{ads.id}", "marketing")
            shown = await choose(boss, shown, f"kind:{ads.id}", "ad")
            shown = await choose(boss, shown, f"brand:{ads.id}", brand)
            assert_fits_discord(shown)
            shown = await press(boss, shown, "All channels")
            assert f"- <#{ads.id}>: Ad · Brand voice: Ours" in read_message(shown)
        elif "3/7" in head:
            shown = await choose(boss, shown, "own-persona", persona)
            assert "Persona: Night Owl" in read_message(shown)
            shown = await choose(boss, shown, "brand", brand)
            assert "Brand voice: Ours" in read_message(shown)
        elif "4/7" in head:
            shown = await choose(boss, shown, "role:editor", writers)
            shown = await choose(boss, shown, "default-role", "viewer")
        elif "5/7" in head:
            shown = await choose(boss, shown, "approvals", "2")
            shown = await choose(boss, shown, "approver", "owner")
            shown = await choose(boss, shown, "review-channel", ads)
            assert "Approvals needed: 2" in read_message(shown)
            shown = await press(boss, shown, "Allow approving own texts")
            assert "Authors may approve their own texts" in read_message(shown)
            shown = await press(boss, shown, "Forbid approving own texts")
            shown = await press(boss, shown, "Schedule only approved texts")
            assert "Allow any text to be scheduled" in find_buttons(shown)
        elif "6/7" in head:
            form = await boss.click(shown, label="Change…")
            shown = (await boss.submit_modal(form, {"person": "5/hour", "server": "100/day"})).response
            form = await boss.click(shown, label="Set a quota…")
            shown = (
                await submit(boss, form, what_to_count=["tokens:month"], for_whom=["server"], how_much="2.000.000")
            ).response
        else:
            shown = await choose(boss, shown, "zone", "Europe/Berlin")
        shown = await press(boss, shown, "Next")
    assert [one.split("/")[0] for one in seen] == [str(number) for number in range(1, 8)]
    summary = read_message(shown)
    assert summary.startswith("### That's how I'll work here")
    for line in (
        "German, French, Spanish",
        f"<#{ads.id}>: Ad · Brand voice: Ours",
        "Persona: Night Owl",
        f"Editors: <@&{writers.id}>",
        "Everybody else: Viewers",
        "Approvals needed: 2",
        "At least one owner must approve",
        "Authors cannot approve their own texts",
        f"Reviews are shown in <#{ads.id}>",
        "Only approved texts can be scheduled",
        "Each person: 5 per hour",
        "The server: 100 per day",
        "The server: 2,000,000 tokens per month · Stop at the limit",
        "Europe/Berlin",
    ):
        assert line in summary, line
    all_of_it = read_message(await open_settings(world, boss))
    assert all_of_it.splitlines()[1:] == summary.splitlines()[1:-1], "/settings shows the same"
    again = (await boss.slash(world.channel, "setup")).response
    assert "1/7" in read_message(again), "it was ended, so it begins anew"
    assert list_chosen_values(find_menus(again)["main"]) == ["de"], "with what is set"


async def test_skipped_setup_steps_set_nothing(world, boss):
    shown = (await boss.slash(world.channel, "setup")).response
    for number in range(1, 8):
        assert f"{number}/7" in read_message(shown)
        assert ("Back" in find_buttons(shown)) is (number > 1)
        shown = await press(boss, shown, "Skip")
    assert read_message(shown).count("nothing set") == 4
    assert (await load_settings(world)).model_dump(exclude_defaults=True) == {}


async def test_setup_resumes_where_it_was_left_even_after_a_restart(world, settings, script, boss):
    shown = (await boss.slash(world.channel, "setup")).response
    shown = await choose(boss, shown, "main", "de")
    shown = await press(boss, shown, "Next")
    async with restart_process(world, settings, script):
        shown = await choose(boss, shown, "channel", world.channel)
        shown = await choose(boss, shown, f"family:{world.channel.id}", "education")
        shown = await press(boss, shown, "All channels")
        shown = await press(boss, shown, "Next")
        shown = await press(boss, shown, "Skip")
        assert "4/7" in read_message(shown)
        other = world.guild.create_role("reviewers")
        anew = (await boss.slash(world.channel, "setup")).response
        assert "4/7" in read_message(anew), "the roles were next"
        await choose(boss, anew, "role:reviewer", other)
    async with restart_process(world, settings, script):
        anew = (await boss.slash(world.channel, "setup")).response
        assert f"Reviewers: <@&{other.id}>" in read_message(anew)
        assert "3/7" in read_message(await press(boss, anew, "Back"))
        found = await load_settings(world)
        assert found.languages == ("de",)
        assert found.channels[str(world.channel.id)].family == "education"


async def test_only_owners_change_settings_and_a_discord_role_can_grant_that(world, boss):
    chiefs = world.guild.create_role("chiefs")
    chief = world.guild.add_member(world.env.create_user("chief"), roles=[chiefs])
    for who in (world.ada, chief):
        for name in ("setup", "settings"):
            refused = (await who.slash(world.channel, name)).response
            assert refused.ephemeral
            assert read_message(refused) == NOT_AN_OWNER
    page = await open_settings(world, boss, "roles")
    pages = {
        section: await open_settings(world, boss, section)
        for section in ("languages", "limits", "timezone", "channels")
    }
    for shown in (page, *pages.values()):
        world.env.backend.messages[world.channel.id][
            shown.id
        ].flags &= ~64  # A forged press, as Discord shows it to nobody else.
    tried = [
        world.ada.select(page, [chiefs], custom_id=find_menus(page)["role:owner"]["custom_id"]),
        world.ada.select(pages["languages"], ["fr"], custom_id=find_menus(pages["languages"])["main"]["custom_id"]),
        world.ada.select(
            pages["channels"], [world.channel], custom_id=find_menus(pages["channels"])["channel"]["custom_id"]
        ),
        world.ada.click(pages["limits"], label="Change…"),
        world.ada.click(pages["limits"], label="Set a quota…"),
        world.ada.click(pages["timezone"], label="Another…"),
        world.ada.click(page, label="All settings"),
    ]
    for one in tried:
        refused = (await one).response
        assert refused.ephemeral
        assert read_message(refused) == NOT_AN_OWNER
    assert (await load_settings(world)).model_dump(exclude_defaults=True) == {}
    await choose(boss, page, "role:owner", chiefs)
    shown = await open_settings(world, chief, "languages")
    assert "French" in read_message(await choose(chief, shown, "main", "fr"))


async def test_mentions_and_ask_follow_the_family_or_kind_of_the_channel(world, boss):
    classroom, ads = world.guild.create_text_channel("classroom"), world.guild.create_text_channel("ads")
    page = await open_settings(world, boss, "channels")
    for place, family in ((classroom, "education"), (ads, "marketing")):
        shown = await choose(boss, page, "channel", place)
        shown = await choose(boss, shown, f"family:{place.id}", family)
        if place is ads:
            shown = await choose(boss, shown, f"kind:{ads.id}", "ad")
        page = await press(boss, shown, "All channels")
    text = "the repair café on Monday"
    assert (await world.generation(await mention_bot(world, world.ada, text, ads))).kind == "ad"
    lesson = await world.generation(await mention_bot(world, world.ada, text, classroom))
    assert load_kinds()[lesson.kind].family == "education"
    asked = (await world.ada.slash(ads, "ask", question=text)).response
    assert (await world.generation(asked)).kind == "ad"
    explained = await read_reasons(world.ada, asked)
    assert "**Kind**: Ad\n-# what this channel is for" in explained
    again = (await tap(world.ada, asked, "Another")).response
    assert "what this channel is for" in await read_reasons(world.ada, again)
    named = (await world.ada.slash(ads, "copy", brief=text, kind="email")).response
    assert (await world.generation(named)).kind == "email", "a named kind is never overruled"
    assert "what this channel is for" not in await read_reasons(world.ada, named)
    await world.ada.send(classroom, f"{world.me} what can you do?")
    assert list(find_buttons(classroom.last_message)) == ["Quiz", "Lesson plan", "Worksheet"], (
        "examples are for the channel"
    )
    assert "a 45-minute lesson plan on fractions" in read_message(classroom.last_message)


async def test_another_kind_in_a_channel_with_a_kind_is_made_or_confirmed(world, boss):
    page = await open_settings(world, boss, "channels")
    shown = await choose(boss, page, "channel", world.channel)
    shown = await choose(boss, shown, f"family:{world.channel.id}", "marketing")
    await choose(boss, shown, f"kind:{world.channel.id}", "ad")
    slogan = await mention_bot(world, world.ada, "a slogan for our repair café")
    assert (await world.generation(slogan)).kind == "slogan", "of the same family"
    question = await mention_bot(world, world.ada, "make a quiz with 5 questions on magnets for grade 4")
    assert read_message(question) == "That does not sound like what this channel is for. What should I make from it?"
    assert list(find_buttons(question)) == ["Quiz", "Ad"], "what it sounds like, and what the channel is for"
    quiz = (await world.ada.click(question, label="Quiz")).response
    assert (await world.generation(quiz)).kind == "quiz"


async def test_a_thread_has_the_kind_of_its_channel(world, boss):
    shown = await choose(boss, await open_settings(world, boss, "channels"), "channel", world.channel)
    shown = await choose(boss, shown, f"family:{world.channel.id}", "education")
    await choose(boss, shown, f"kind:{world.channel.id}", "quiz")
    kind = discord.ChannelType.public_thread
    await world.bot.get_channel(world.channel.id).create_thread(name="magnets", type=kind)
    await world.env.settle()
    [thread] = world.channel.threads
    assert (await world.generation(await mention_bot(world, world.ada, "magnets", thread))).kind == "quiz"
    asked = (await world.ada.slash(thread, "ask", question="magnets")).response
    assert (await world.generation(asked)).kind == "quiz"


async def test_defaults_apply_to_users_who_chose_nothing_and_why_explains_them(world, boss):
    persona, brand = await lend_voices(world, boss)
    shown = await open_settings(world, boss, "voices")
    shown = await choose(boss, shown, "own-persona", persona)
    await choose(boss, shown, "brand", brand)
    await choose(boss, await open_settings(world, boss, "timezone"), "zone", "Asia/Tokyo")
    await choose(boss, await open_settings(world, boss, "languages"), "main", "de")
    made = (await world.ada.slash(world.channel, "copy", kind="email", brief=CLOSED)).response
    assert "You write at night." in world.script.drafts[-1]
    assert "German" in world.script.drafts[-1]
    explained = await read_reasons(world.ada, made)
    for line in (
        "**Language of results**: German\n-# set for this server",
        "**Time zone**: Asia/Tokyo\n-# set for this server",
        "**Persona**: Night Owl\n-# set for this server",
    ):
        assert line in explained, line

    await world.ada.slash(world.channel, "persona use", name="host")
    await world.ada.slash(world.channel, "brand use", name="none")
    own = {"output_language": "en", "timezone": "Europe/Paris"}
    await world.app.store.profiles.add_entries(str(world.ada.id), own, origin="chosen")
    made = (await world.ada.slash(world.channel, "copy", kind="email", brief=CLOSED)).response
    assert "You write at night." not in world.script.drafts[-1]
    explained = await read_reasons(world.ada, made)
    assert "set for this server" not in explained
    assert "**Persona**: Host\n-# chosen by you" in explained
    kept = await world.generation(made)
    assert kept.brand == "", "who wants no brand gets none"
    theirs = (await world.ben.slash(world.channel, "copy", kind="email", brief=CLOSED)).response
    assert (await world.generation(theirs)).brand == brand

    [offered] = await world.ada.autocomplete(world.channel, "brand use", "name", "def")
    assert offered["value"] == "default"
    for command in ("brand use", "persona use"):
        assert "set where you ask" in read_message(
            get_answer(await world.ada.slash(world.channel, command, name="default"))
        )
    made = (await world.ada.slash(world.channel, "copy", kind="email", brief=CLOSED)).response
    assert (await world.generation(made)).brand == brand
    assert "**Persona**: Night Owl\n-# set for this server" in await read_reasons(world.ada, made)


async def test_texts_use_a_server_language_and_a_check_names_who_requires_it(world, boss):
    await choose(boss, await open_settings(world, boss, "languages"), "main", "de")
    await choose(boss, await open_settings(world, boss, "languages"), "others", "fr")
    world.script.says("Nous sommes fermés lundi. Revenez mardi matin, le pain sera chaud et le café aussi.")
    french = "Écris une publication pour dire que nous sommes fermés lundi et que nous rouvrons mardi matin."
    made = await world.generation((await world.post(french)).response)
    assert [one["passed"] for one in made.checks if one["id"] == "language"] == [True]
    english = (await world.post()).response
    [check] = [one for one in (await world.generation(english)).checks if one["id"] == "language"]
    assert (check["passed"], check["wanted"], check["asked_by"]) == (False, ["German"], "server")
    assert (
        "set for this server"
        in (await read_reasons(world.ada, english)).partition("**Not as requested**")[2].splitlines()[2]
    )


async def test_a_channels_persona_and_brand_override_the_servers(world, boss):
    persona, brand = await lend_voices(world, boss)
    await choose(boss, await open_settings(world, boss, "voices"), "persona", "host")
    shown = await choose(boss, await open_settings(world, boss, "channels"), "channel", world.channel)
    shown = await choose(boss, shown, f"own-persona:{world.channel.id}", persona)
    await choose(boss, shown, f"brand:{world.channel.id}", brand)
    elsewhere = world.guild.create_text_channel("elsewhere")
    made = (await world.ada.slash(world.channel, "copy", kind="social_post", brief=CLOSED)).response
    explained = await read_reasons(world.ada, made)
    assert "**Persona**: Night Owl\n-# set for this channel" in explained
    assert "**Brands**: Ours\n-# set for this channel" in explained
    made = (await world.ada.slash(elsewhere, "copy", kind="social_post", brief=CLOSED)).response
    explained = await read_reasons(world.ada, made)
    assert "**Persona**: Host\n-# set for this server" in explained
    assert "Ours" not in explained


async def test_a_deleted_persona_is_ignored_and_cannot_be_chosen(world, boss):
    persona, _ = await lend_voices(world, boss)
    open_page = await open_settings(world, boss, "voices")
    await choose(boss, open_page, "own-persona", persona)
    await boss.slash(world.channel, "persona delete", name="Night Owl")
    refused = (
        await boss.select(open_page, [persona], custom_id=find_menus(open_page)["own-persona"]["custom_id"])
    ).response
    assert read_message(refused) == "That no longer exists. Choose another."
    assert "Persona: one that no longer exists" in read_message(await open_settings(world, boss))
    made = (await world.post()).response
    assert "set for this server" not in await read_reasons(world.ada, made)


async def test_viewers_cannot_make_requests_in_the_server(world, boss):
    writers, readers = world.guild.create_role("writers"), world.guild.create_role("readers")
    writer = world.guild.add_member(world.env.create_user("wren"), roles=[writers])
    reviewer = world.guild.add_member(world.env.create_user("rex"), roles=[readers])
    shown = await open_settings(world, boss, "roles")
    shown = await choose(boss, shown, "default-role", "viewer")
    shown = await choose(boss, shown, "role:editor", writers)
    await choose(boss, shown, "role:reviewer", readers)
    for who in (world.ada, reviewer):
        refused = (await who.slash(world.channel, "ask", question="a tweet that we close on Monday")).response
        assert refused.ephemeral
        assert read_message(refused).startswith(READER)
        assert read_message(await mention_bot(world, who, "a tweet that we close on Monday")).startswith(READER)
    assert world.script.drafts == []
    made = (await writer.slash(world.channel, "copy", kind="social_post", brief=CLOSED)).response
    assert await world.generation(made) is not None
    refused = (await tap(world.ada, made, "Copy")).response
    assert refused.content, "what is there can be copied"
    assert len(world.script.drafts) == 1
    await choose(boss, await open_settings(world, boss, "roles"), "default-role", "editor")
    assert await world.generation((await world.post()).response) is not None
    await choose(boss, await open_settings(world, boss, "roles"), "default-role", "viewer")
    refused = (await tap(world.ada, world.last, "Shorter")).response
    assert read_message(refused).startswith(READER), "also by a button of a result of their own"


async def test_limits_are_set_within_the_operators_bounds(world, boss):
    world.app.rate_limiter.operator_limits = {("person", "hour"): 60}
    shown = await open_settings(world, boss, "limits")
    form = await boss.click(shown, label="Change…")
    refused = (await boss.submit_modal(form, {"person": "70/hour"})).response
    assert read_message(refused).startswith("My operator allows at most 60 per hour. Choose a lower number.")
    refused = (await boss.submit_modal(await boss.click(shown, label="Change…"), {"person": "many"})).response
    assert read_message(refused).startswith(
        "Write each limit as a number, a slash and minute, hour or day: 10/minute 60/hour."
    )
    shown = (await boss.submit_modal(await boss.click(shown, label="Change…"), {"person": "1/hour"})).response
    assert "Each person: 1 per hour" in read_message(shown)
    await world.post()
    assert read_message((await world.post()).response).startswith(
        "You have reached the request limit for one person. You can ask again"
    )
    shown = (await boss.submit_modal(await boss.click(shown, label="Change…"), {"person": ""})).response
    assert "Each person: 60 per hour" in read_message(shown), "the operator's hold again"


async def test_the_first_of_two_owners_wins_and_the_second_sees_the_new_state(world, boss):
    role = world.guild.create_role("chief", permissions=discord.Permissions(manage_guild=True))
    chief = world.guild.add_member(world.env.create_user("chief"), roles=[role])
    writers, readers = world.guild.create_role("writers"), world.guild.create_role("readers")
    for section, action, first, second, chosen_now in (
        ("timezone", "zone", "Asia/Tokyo", "Europe/Paris", "Asia/Tokyo"),
        ("roles", "role:editor", writers, readers, f"Editors: <@&{writers.id}>"),
    ):
        pages = [await open_settings(world, who, section) for who in (boss, chief)]
        await choose(boss, pages[0], action, first)
        late = await chief.select(pages[1], [second], custom_id=find_menus(pages[1])[action]["custom_id"])
        assert chosen_now in read_message(late.response), "the page is as it is now"
        assert late.followups[-1].ephemeral
        assert read_message(late.followups[-1]).startswith(
            "Somebody else changed this while you were looking at it, so your"
        )
    found = await load_settings(world)
    assert (found.timezone, found.roles[Role.EDITOR]) == ("Asia/Tokyo", (str(writers.id),))
    shown = await open_settings(world, chief, "timezone")
    await choose(chief, shown, "zone", "Europe/Paris")
    assert (await load_settings(world)).timezone == "Europe/Paris", "who has seen it can change it"


async def test_quotas_are_set_and_removed_in_settings(world, boss):
    writers = world.guild.create_role("writers")
    shown = await open_settings(world, boss, "limits")
    form = await boss.click(shown, label="Set a quota…")
    shown = (
        await submit(boss, form, what_to_count=["money:month"], only_people=writers, how_much="1,250", when_it=["soft"])
    ).response
    assert f"- <@&{writers.id}>: 1250.00 USD per month · Warn only" in read_message(shown)
    form = await boss.click(shown, label="Set a quota…")
    refused = (await submit(boss, form, for_whom=["server"], only_people=writers, how_much="5")).response
    assert read_message(refused).startswith("Choose either a Discord role or the whole server, not both.")
    form = await boss.click(shown, label="Set a quota…")
    refused = (await submit(boss, form, how_much="a lot")).response
    assert read_message(refused).startswith("Write the amount as a number, such as 100 or 12.50.")
    shown = (await submit(boss, await boss.click(shown, label="Set a quota…"), how_much="1")).response
    assert "- Each person: 1 request per day · Stop at the limit" in read_message(shown)
    assert "- Each person: 1 request per day · Stop at the limit" in read_message(await open_settings(world, boss)), (
        "and among all that is set"
    )
    await world.post()
    stopped = (await world.post()).response
    assert stopped.ephemeral
    assert read_message(stopped).startswith("You have used up what this server allows you: 1 request per day.")
    assert [one["label"] for one in find_menus(shown)["unquota"]["options"]] == [
        "Each person: 1 request per day · Stop at the limit",
        "writers: 1250.00 USD per month · Warn only",
    ]
    shown = await choose(boss, shown, "unquota", find_menus(shown)["unquota"]["options"][0]["value"])
    assert "1 request per day" not in read_message(shown)
    assert await world.generation((await world.post()).response) is not None


async def test_a_time_zone_can_be_typed(world, boss):
    shown = await open_settings(world, boss, "timezone")
    refused = (await boss.submit_modal(await boss.click(shown, label="Another…"), {"zone": "Mars/Olympus"})).response
    assert 'should be a time zone such as "Europe/Berlin"' in read_message(refused)
    assert (await load_settings(world)).timezone == ""
    typed = await boss.submit_modal(await boss.click(shown, label="Another…"), {"zone": "pacific/auckland"})
    assert "Pacific/Auckland" in read_message(typed.response)
    assert list_chosen_values(find_menus(typed.response)["zone"]) == ["Pacific/Auckland"]
    typed = await boss.submit_modal(await boss.click(typed.response, label="Another…"), {"zone": "São Paulo"})
    assert list_chosen_values(find_menus(typed.response)["zone"]) == ["America/Sao_Paulo"]


async def test_a_holiday_country_is_typed_as_a_name_or_a_code(world, boss):
    shown = await open_settings(world, boss, "timezone")
    refused = (await boss.submit_modal(await boss.click(shown, label="Holidays of…"), {"country": "Narnia"})).response
    assert read_message(refused).startswith('I do not know the public holidays of "Narnia".')
    for typed in ("at", "Austria"):
        shown = (await boss.submit_modal(await boss.click(shown, label="Holidays of…"), {"country": typed})).response
        assert "Holidays of: Austria" in read_message(shown)
    assert (await load_settings(world)).country == "AT"
    shown = (await boss.submit_modal(await boss.click(shown, label="Holidays of…"), {"country": ""})).response
    assert "Holidays of" not in read_message(shown)


async def test_channel_settings_are_deleted_with_the_channel(world, boss):
    ads = world.guild.create_text_channel("ads")
    shown = await choose(boss, await open_settings(world, boss, "channels"), "channel", ads)
    shown = await choose(boss, shown, f"family:{ads.id}", "image")
    shown = await press(boss, shown, "Reset this channel")
    assert "Nothing has been set yet." in read_message(shown)
    shown = await choose(boss, shown, "channel", ads)
    await choose(boss, shown, f"family:{ads.id}", "image")
    world.env.backend.emit("CHANNEL_DELETE", {"id": str(ads.id), "guild_id": str(world.guild.id), "type": 0})
    await world.env.settle()
    assert (await load_settings(world)).channels == {}


async def test_settings_are_encrypted_exported_and_erased_with_the_server(world, settings, boss):
    persona, _ = await lend_voices(world, boss)
    await choose(boss, await open_settings(world, boss, "voices"), "own-persona", persona)
    await choose(boss, await open_settings(world, boss, "timezone"), "zone", "Asia/Tokyo")
    for file in settings.data.glob("quillmate.db*"):
        assert b"Asia/Tokyo" not in file.read_bytes(), file.name
    given = await boss.slash(world.channel, "privacy server-export")
    [file] = [one for message in (given.response, *given.followups) for one in getattr(message, "attachments", ())]
    with zipfile.ZipFile(io.BytesIO(await file.read())) as archive:
        [found] = json.loads(archive.read("workspace.json"))
        assert "`workspace.json`: the choices made with /settings" in archive.read("README.md").decode()
    assert (found["timezone"], found["persona"]) == ("Asia/Tokyo", persona)
    assert found["owner_id"] == guild(world.guild.id)
    asked = (await boss.slash(world.channel, "privacy server-forget")).response
    assert "/settings, /limits and /privacy lending" in read_message(asked)
    await boss.click(asked, label="Delete everything")
    assert (await load_settings(world)).model_dump(exclude_defaults=True) == {}
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        assert connection.execute("SELECT count(*) FROM workspace_settings").fetchone() == (0,)
    assert "workspace_settings" not in read_message((await boss.slash(world.channel, "privacy show")).response)
    await choose(boss, await open_settings(world, boss, "timezone"), "zone", "Europe/Paris")
    assert (await load_settings(world)).timezone == "Europe/Paris", "what is begun anew is kept"


async def test_settings_tampered_with_in_the_database_are_ignored_and_reported(world, settings, boss):
    await choose(boss, await open_settings(world, boss, "timezone"), "zone", "Asia/Tokyo")
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection, connection:
        connection.execute("UPDATE workspace_settings SET sealed = zeroblob(60)")
    shown = await open_settings(world, boss)
    assert "I cannot read the old settings because somebody changed them in my" in read_message(shown)
    assert "Asia/Tokyo" not in read_message(shown)
    assert await world.generation((await world.post()).response) is not None, "requests are answered all the same"
    await choose(boss, shown, "change", "languages")
    await choose(boss, await open_settings(world, boss, "languages"), "main", "de")
    assert "I cannot read" not in read_message(await open_settings(world, boss))


async def test_settings_pages_fit_discord_when_everything_is_set(world, boss):
    persona, brand = await lend_voices(world, boss)
    full = WorkspaceSettings(languages=("de", "fr"), persona=persona, brand=brand, timezone="Pacific/Auckland")
    for number in range(MAX_CHANNELS):
        full = full.with_channel(f"{10**17 + number}", family="marketing", kind="ad", persona=persona, brand=brand)
    roles = [world.guild.create_role(f"role {number}") for number in range(25)]
    full = full.with_values(
        roles={name: [str(one.id) for one in roles] for name in ("owner", "editor", "reviewer", "viewer")}
    )
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: full.to_json())
    for command in ("setup", "settings"):
        assert_fits_discord((await boss.slash(world.channel, command)).response)
    for section in SECTIONS:
        assert_fits_discord(await open_settings(world, boss, section))
    shown = await choose(boss, await open_settings(world, boss, "channels"), "channel", world.channel)
    assert read_message(shown).startswith(f"### <#{world.channel.id}>")
    refused = await boss.select(
        shown, ["image"], custom_id=find_menus(shown)[f"family:{world.channel.id}"]["custom_id"]
    )
    assert read_message(refused.response) == (
        "At most 100 channels of a server can have their own settings. Reset one of them first."
    )


@pytest.mark.parametrize("locale", ["en", *LANGUAGES])
def test_settings_pages_fit_discord_in_every_language(locale):
    """With as much set, and as much to choose from, as there can be, under the longest names."""
    own = {f"{number:016x}": "W" * 48 for number in range(20)}
    shipped = {f"shipped_{number}": "W" * 48 for number in range(14)}
    first = next(iter(own))
    full = WorkspaceSettings(
        languages=("de", "fr", "es"), persona=first, brand=first, timezone="Pacific/Auckland", country="GS"
    )
    for number in range(MAX_CHANNELS):
        full = full.with_channel(f"{10**18 + number}", family="marketing", kind="ad", persona=first, brand=first)
    role_ids = [f"{10**18 + number}" for number in range(25)]
    quotas = [Quota(whose="role", role_id=one, measure="money", per="month", most=MAX_LIMIT) for one in role_ids] + [
        Quota(whose="server", measure=measure, per="day", most=MAX_LIMIT) for measure in MEASURES
    ]
    full = full.with_values(roles=dict.fromkeys(("owner", "editor", "reviewer", "viewer"), role_ids), quotas=quotas)
    limits = {(who, span): 100_000 for who in ("person", "channel", "server") for span in ("minute", "hour", "day")}
    for settings in (WorkspaceSettings(), full):
        state = WorkspaceState(
            settings,
            PersonaAndBrandTitles(own, own, shipped),
            limits,
            limits,
            dict.fromkeys(role_ids, "W" * 100),
            frozenset(),
            True,
            locale,
        )
        for mode in (SETUP, SETTINGS):
            for section in (*SECTIONS, SUMMARY, ""):
                assert_fits_discord({"components": build_page(state, mode, section).to_components()})
            assert_fits_discord({"components": build_page(state, mode, "channels", f"{10**18}").to_components()})
