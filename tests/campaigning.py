"""What tests of campaigns share: a team, a campaign that is made, and what its thread shows."""

from __future__ import annotations

from types import SimpleNamespace

import discord
from acting import tap
from discord_texts import read, told, tree, walk
from planning import submit

from bot.commands.campaign import threads, views
from bot.commands.campaign.making import CampaignMaking
from bot.exports._drawing import render_png
from bot.team.workspace.roles import Member, Role

PICTURE = render_png('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>', 8)
BRIEF = "Campaign for our pottery workshop on 5 May 2027, €40 a seat, with Anna Berg: instagram, email, landing page, with pictures"
CHANGED = BRIEF.replace("5 May", "12 May")


def at_once(monkeypatch):
    """Boards are edited and posts are sent without waiting, with one picture: to draw each takes a quarter of a second."""
    monkeypatch.setattr(views, "render_png", lambda svg: PICTURE if svg.startswith("<svg") else b"")
    monkeypatch.setattr(threads, "BOARD_SECONDS", 0.0)
    for window in ("CHANNEL_POSTS", "CHANNEL_EDITS"):
        monkeypatch.setattr(f"bot.replies.pacer.{window}", (1000, 0.01))


async def team_of(world):
    """A server whose Ada reviews, whose Ben and Eve write, whose boss owns it; Dora reads along."""
    kinds = {name: world.guild.create_role(name) for name in ("reviewer", "editor", "viewer")}
    manager = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))

    def member(name, role):
        return world.guild.add_member(world.env.create_user(name), roles=[role])

    people = SimpleNamespace(
        ada=member("adele", kinds["reviewer"]), ben=member("benno", kinds["editor"]), eve=member("eve", kinds["editor"]),
        dora=member("dora", kinds["viewer"]), boss=member("boss", manager),
    )  # fmt: skip
    roles = {Role(name): (str(one.id),) for name, one in kinds.items()}
    await world.app.workspaces.change(
        str(world.guild.id), Member("1", manages=True),
        lambda known: known.with_values(roles=roles, default_role=Role.VIEWER),
    )  # fmt: skip
    return people


async def begun(world, who, brief=BRIEF, **options):
    """A campaign that somebody begins, all of it made; gives its thread."""
    form = await who.slash(world.channel, "campaign new", brief=brief, **options)
    result = await submit(who, form)
    await idle(world)
    assert "Your campaign is here" in read(told(result))
    return thread_of(world)


async def idle(world):
    """Waits until nothing is made any more."""
    await CampaignMaking.of(world.bot).wait_until_idle()
    await world.env.settle()


def thread_of(world, channel=None):
    return (channel or world.channel).threads[-1]


def board(thread):
    """The first message of a campaign's thread, as it is now."""
    return next(one for one in thread.history() if "quillcampaign:" in str(tree(one)))


def texts_of(thread):
    """The messages that show its texts."""
    return [one for one in thread.history() if "quillreview:" in str(tree(one))]


def message_of(thread, place):
    """The message of the text for a place."""
    [found] = [one for one in texts_of(thread) if f"-# {place}\n" in read(one)]
    return found


def gallery(message):
    """The alternative text of a message's picture."""
    return next(part for part in walk(tree(message)) if part.get("type") == 12)["items"][0]["description"]


async def written(world, thread, who, place, text):
    """Somebody writes a version of a text by hand."""
    form = await who.click(message_of(thread, place), label="Edit…")
    await submit(who, form, the_text=text)
    await world.env.settle()


async def with_texts(world, team):
    """A campaign whose email says the day, and whose Instagram post does not; the email is approved."""
    thread = await begun(world, team.ben)
    await written(world, thread, team.ben, "Email", "Come on May 5 and throw a pot.")
    await written(world, thread, team.ben, "Instagram", "Clay between your hands.")
    await written(world, thread, team.ben, "Landing page", "Learn to throw with us.")
    await tap(team.ben, message_of(thread, "Email"), "Submit for review")
    await team.ada.click(message_of(thread, "Email"), label="Approve")
    await world.env.settle()
    return thread


async def reworded(world, thread, who, brief=CHANGED):
    form = await who.click(board(thread), label="Change the brief…")
    result = await submit(who, form, what_it_is_for=brief)
    await world.env.settle()
    return told(result)
