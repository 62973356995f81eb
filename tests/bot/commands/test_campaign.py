"""A campaign by several people: a thread with its plan and texts, the board, a changed brief, the archive, restarts, a deleted thread."""

from __future__ import annotations

from types import SimpleNamespace

import discord
import pytest
from discord_texts import buttons, fields, read, told, tree, walk
from planning import refused, restarted, submit

from bot.commands import campaign as door
from bot.team.roles import Member, Role

BRIEF = "Campaign for our pottery workshop on 5 May 2027, €40 a seat, with Anna Berg: instagram, email, landing page"


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch):
    monkeypatch.setattr(door, "BOARD_SECONDS", 0.0)
    for window in ("CHANNEL_POSTS", "CHANNEL_EDITS"):
        monkeypatch.setattr(f"bot.replies.pacer.{window}", (1000, 0.01))


@pytest.fixture
async def team(world):
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
        lambda known: known.having(roles=roles, default_role=Role.VIEWER),
    )  # fmt: skip
    return people


async def idle(world):
    """Waits until nothing is made any more."""
    await door.CampaignCommands.of(world.bot).idle()
    await world.env.settle()


async def begun(world, who, brief=BRIEF, **options):
    """A campaign that somebody begins, all of it made; gives its thread."""
    form = await who.slash(world.channel, "campaign new", brief=brief, **options)
    result = await submit(who, form)
    await idle(world)
    assert "Your campaign is here" in read(told(result))
    return thread_of(world)


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


async def test_one_brief_makes_a_thread_with_the_plan_every_text_and_prompts(world, team):
    thread = await begun(world, team.ben)
    first, *others = thread.history()
    assert "quillcampaign:" in str(tree(first)), "the board comes first"
    assert "-# The plan\n" in read(others[0])
    places = ("Email", "Instagram", "Landing page", "Instagram: picture")
    assert all(message_of(thread, one) for one in places)
    assert len(texts_of(thread)) == 1 + len(places)
    assert {"Submit for review", "Edit…", "Assign…"} <= set(buttons(message_of(thread, "Email")))
    assert "5 draft" in read(board(thread))


async def test_it_is_asked_what_it_is_to_have_with_what_the_brief_names_chosen(world, team):
    form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF)
    menu = fields(form.modal)["What it is to have"]
    assert [one["value"] for one in menu["options"] if one.get("default")] == [
        "email", "instagram", "landing_page", "image_prompts",
    ]  # fmt: skip
    result = await submit(team.ben, form, what_it_is_to_have=["press"])
    await idle(world)
    thread = thread_of(world)
    assert [read(one).splitlines()[2] for one in texts_of(thread)] == ["-# The plan", "-# Local press"], read(told(result))
