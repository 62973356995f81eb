"""Helpers for tests of campaigns: a team, a generated campaign, and the contents of its thread."""

from __future__ import annotations

from types import SimpleNamespace

import discord
from acting import tap
from discord_texts import get_answer, get_components, read_message, walk_components
from planning import submit

from bot.commands.campaign import threads, views
from bot.commands.campaign.making import CampaignMaking
from bot.exports._drawing import render_png
from bot.team.workspace.roles import Member, Role

PICTURE = render_png('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>', 8)
BRIEF = "Campaign for our pottery workshop on 5 May 2027, €40 a seat, with Anna Berg: instagram, email, landing page, with pictures"
CHANGED_BRIEF = BRIEF.replace("5 May", "12 May")


def disable_delays(monkeypatch):
    """Edit boards and send posts without delay, with a single picture, as drawing takes a quarter of a second each."""
    monkeypatch.setattr(views, "render_png", lambda svg: PICTURE if svg.startswith("<svg") else b"")
    monkeypatch.setattr(threads, "BOARD_SECONDS", 0.0)
    for window in ("CHANNEL_POSTS", "CHANNEL_EDITS"):
        monkeypatch.setattr(f"bot.replies.pacer.{window}", (1000, 0.01))


async def create_team(world):
    """Create a server where Ada reviews, Ben and Eve write, Dora reads, and the boss is the owner."""
    kinds = {name: world.guild.create_role(name) for name in ("reviewer", "editor", "viewer")}
    manager = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))

    def add_member(name, role):
        return world.guild.add_member(world.env.create_user(name), roles=[role])

    people = SimpleNamespace(
        ada=add_member("adele", kinds["reviewer"]),
        ben=add_member("benno", kinds["editor"]),
        eve=add_member("eve", kinds["editor"]),
        dora=add_member("dora", kinds["viewer"]),
        boss=add_member("boss", manager),
    )
    roles = {Role(name): (str(one.id),) for name, one in kinds.items()}
    await world.app.workspaces.change(
        str(world.guild.id),
        Member("1", manages=True),
        lambda known: known.with_values(roles=roles, default_role=Role.VIEWER),
    )
    return people


async def begin_campaign(world, who, brief=BRIEF, **options):
    """Begin a campaign, wait until it is generated, and return its thread."""
    form = await who.slash(world.channel, "campaign new", brief=brief, **options)
    result = await submit(who, form)
    await settle_campaigns(world)
    assert "Your campaign is here" in read_message(get_answer(result))
    return get_thread(world)


async def settle_campaigns(world):
    """Wait until all campaigns are generated."""
    await CampaignMaking.of(world.bot).wait_until_idle()
    await world.env.settle()


def get_thread(world, channel=None):
    return (channel or world.channel).threads[-1]


def find_board(thread):
    """Return the first message of a campaign's thread in its current state."""
    return next(one for one in thread.history() if "quillcampaign:" in str(get_components(one)))


def list_text_messages(thread):
    """List the messages that show the campaign's texts."""
    return [one for one in thread.history() if "quillreview:" in str(get_components(one))]


def find_text_message(thread, place):
    """Return the message of the text for a place."""
    [found] = [one for one in list_text_messages(thread) if f"-# {place}\n" in read_message(one)]
    return found


def read_gallery_text(message):
    """Return the alternative text of a message's picture."""
    return next(part for part in walk_components(get_components(message)) if part.get("type") == 12)["items"][0][
        "description"
    ]


async def write_version(world, thread, who, place, text):
    """Write a version of a text by hand."""
    form = await who.click(find_text_message(thread, place), label="Edit…")
    await submit(who, form, the_text=text)
    await world.env.settle()


async def create_campaign_with_texts(world, team):
    """Create a campaign whose email mentions the date and is approved, and whose Instagram post does not."""
    thread = await begin_campaign(world, team.ben)
    await write_version(world, thread, team.ben, "Email", "Come on May 5 and throw a pot.")
    await write_version(world, thread, team.ben, "Instagram", "Clay between your hands.")
    await write_version(world, thread, team.ben, "Landing page", "Learn to throw with us.")
    await tap(team.ben, find_text_message(thread, "Email"), "Submit for review")
    await team.ada.click(find_text_message(thread, "Email"), label="Approve")
    await world.env.settle()
    return thread


async def change_brief(world, thread, who, brief=CHANGED_BRIEF):
    form = await who.click(find_board(thread), label="Change the brief…")
    result = await submit(who, form, what_it_is_for=brief)
    await world.env.settle()
    return get_answer(result)
