"""People are told what of reviews concerns them, as each chooses; and find what waits for them, and what was written to them."""

from __future__ import annotations

import json

import discord
import pytest
from acting import tap
from discord_texts import (
    can_notify,
    find_buttons,
    get_answer,
    get_components,
    list_menu_values,
    list_message_bodies,
    read_message,
    walk_components,
)
from planning import NOON, Clock, list_direct_messages, restart_process, submit
from reviewing import (
    ALL,
    BETTER,
    TEXT,
    WISH,
    create_team,
    find_review_message,
    get_asset_id,
    give_text,
    request_changes,
    set_rules,
    submit_text,
)

from bot.team.workspace.roles import Member


@pytest.fixture
async def team(world):
    """A server whose people review, write and read along."""
    return await create_team(world)


@pytest.fixture
async def reviews(world, team):
    """A channel where reviews are shown, and a clock."""
    there = world.guild.create_text_channel("reviews")
    await set_rules(world, review_channel=str(there.id))
    world.notices = True
    world.clock = Clock(world, NOON)
    return there


async def run_notices(world):
    """Let time pass and run the notices."""
    world.clock.pass_(minutes=2)
    await world.bot.get_cog("ReviewNotices").run_once()
    await world.env.settle()


def list_pings(world):
    """List the users and roles that each of the bot's messages has pinged."""
    return [
        {*body["allowed_mentions"].get("users", ()), *body["allowed_mentions"].get("roles", ())}
        for body in list_message_bodies(world.env)
        if can_notify(body)
    ]


def reviewers(world):
    return next(str(one.id) for one in world.bot.get_guild(world.guild.id).roles if one.name == "reviewer")


async def submit_for_review(world, who, text=TEXT):
    return await tap(who, await give_text(world, who, text), "Submit for review")


async def choose(world, who, way):
    page = get_answer(await who.slash(world.channel, "reviews"))
    assert way in list_menu_values(page)
    return await who.select(page, [way], custom_id="quillnotices:way")


async def test_reviewers_are_mentioned_once_for_all_pending_reviews(world, team, reviews):
    await submit_for_review(world, team.ben)
    await submit_for_review(world, team.ben, BETTER)
    await world.bot.get_cog("ReviewNotices").run_once()
    assert list_pings(world) == [], "what comes within a minute is told as one"
    await run_notices(world)
    assert [{int(one) for one in ids} for ids in list_pings(world)] == [{int(reviewers(world))}]
    said = read_message(reviews.last_message)
    assert f"Waiting for review: <@&{reviewers(world)}>" in said
    assert TEXT in said
    assert BETTER in said
    await run_notices(world)
    assert len(list_pings(world)) == 1, "and once"


async def test_a_member_can_choose_direct_messages_or_no_notifications(world, team, reviews):
    await choose(world, team.ada, "direct")
    await choose(world, team.ben, "direct")
    await submit_for_review(world, team.ben)
    await run_notices(world)
    [wrote] = list_direct_messages(world, team.ada)
    assert f"Waiting for review: <@{team.ada.id}>" in wrote
    assert TEXT in wrote
    assert list_direct_messages(world, team.ben) == [], "whose own it is reviews it not"
    await request_changes(team.ada, find_review_message(world, reviews))
    await run_notices(world)
    [wrote] = list_direct_messages(world, team.ben)
    assert f"<@{team.ada.id}> requested changes to version 1: {WISH}" in wrote
    await choose(world, team.ben, "nothing")
    await tap(team.ben, find_review_message(world, reviews), "Submit for review")
    await team.ada.click(find_review_message(world, reviews), label="Approve")
    await run_notices(world)
    assert len(list_direct_messages(world, team.ben)) == 1


async def test_an_author_is_notified_of_requested_changes_approvals_and_comments(
    world, settings, script, team, reviews
):
    await submit_for_review(world, team.ben)
    await run_notices(world)
    shown = find_review_message(world, reviews)
    await request_changes(team.ada, shown)
    async with restart_process(world, settings, script, world.clock):
        await run_notices(world)
        said = read_message(reviews.last_message)
        assert said.startswith(f"<@{team.ben.id}>")
        assert f"<@{team.ada.id}> requested changes to version 1: {WISH}" in said
        assert list_pings(world)[-1] in ({team.ben.id}, {str(team.ben.id)}), "nobody else is"
        await tap(team.ben, shown, "Submit for review")
        await team.ada.click(shown, label="Approve")
        await run_notices(world)
        assert f"<@{team.ada.id}> approved version 1 (1 of 2)" in read_message(reviews.last_message)
        await team.dora.click(shown, label="Comment")
        for words in ("Is Tuesday right?", "It is."):
            await team.dora.send(reviews.threads[-1], words)
        await run_notices(world)
        assert f"<@{team.dora.id}> commented on version 1" in read_message(reviews.last_message)


async def test_pending_reviews_are_listed_and_can_be_opened(world, team, reviews):
    assert "Nothing is waiting for you." in read_message(get_answer(await team.ada.slash(world.channel, "reviews")))
    await submit_for_review(world, team.ben)
    page = get_answer(await team.ada.slash(world.channel, "reviews"))
    assert page.ephemeral
    assert f"**{TEXT}**\n-# is waiting for your review · submitted · <@{team.ben.id}>" in read_message(page)
    assert "Nothing is waiting" in read_message(get_answer(await team.ben.slash(world.channel, "reviews")))
    opened = get_answer(await team.ada.click(page, label="Open"))
    assert "Approve" in find_buttons(opened)
    await request_changes(team.ada, find_review_message(world, reviews))
    assert "changes were requested" in read_message(get_answer(await team.ben.slash(world.channel, "reviews")))
    assert "Nothing is waiting" in read_message(get_answer(await team.ada.slash(world.channel, "reviews")))
    await submit(
        team.ada, await team.ada.click(find_review_message(world, reviews), label="Assign…"), an_editor=team.both
    )
    assert "changes were requested" in read_message(get_answer(await team.both.slash(world.channel, "reviews"))), (
        "as it is assigned"
    )
    await run_notices(world)
    assert f"<@{team.both.id}>" in read_message(reviews.last_message)


async def test_a_reviewers_request_stays_with_its_version_and_in_the_audit_log(world, team):
    shown = await submit_text(world, team.ben)
    await request_changes(team.ada, shown)
    await submit(team.ben, await team.ben.click(shown, label="Edit…"), the_text=BETTER)
    history = get_answer(await team.dora.click(shown, label="History"))
    first, second = read_message(history).split("**1**")[1], read_message(history).split("**1**")[0]
    assert f"<@{team.ada.id}> requested changes: {WISH}" in first
    assert WISH not in second
    old = next(one for one in map(str, buttons_of(history)) if ":1:" in one)
    opened = read_message(get_answer(await team.dora.click(history, custom_id=old)))
    assert WISH in opened
    assert TEXT in opened
    assert f"requested changes to version 1: {WISH}" in read_message(
        get_answer(await team.boss.slash(world.channel, "audit"))
    )
    body = await world.app.auditing.export(str(world.guild.id), Member(str(team.boss.id), manages=True), "jsonl", ALL)
    [row] = [one for one in map(json.loads, body.decode().splitlines()) if one["act"] == "ask"]
    assert (row["details"]["words"], row["details"]["version"], row["about"]) == (WISH, 1, get_asset_id(shown))


def buttons_of(shown):
    return [
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if "quillrevision:" in part.get("custom_id", "")
    ]


async def test_settings_warn_owners_if_reviewers_cannot_be_mentioned(world, team, reviews):
    settled = f"I cannot mention <@&{reviewers(world)}>"

    async def read_review_settings():
        page = get_answer(await team.boss.slash(world.channel, "settings"))
        return read_message((await team.boss.select(page, ["review"], custom_id="quillteam:settings:change:")).response)

    assert settled not in await read_review_settings()
    for role in world.bot.get_guild(world.guild.id).me.roles:
        role._permissions &= ~discord.Permissions(mention_everyone=True, administrator=True).value
    assert settled in await read_review_settings()
