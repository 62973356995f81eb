"""A campaign by several people: a thread with plan and texts, the board, a changed brief, the archive, restarts, a lost thread."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import discord
import pytest
from discord_texts import buttons, fields, read, told, tree, walk
from PIL import Image
from planning import direct, refused, restarted, submit

from bot.commands import _campaigns as shown_by
from bot.commands import campaign as door
from bot.exports._drawing import rendered
from bot.team.roles import Member, Role
from storage.entries import ALL
from storage.errors import StorageError

PICTURE = rendered('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>', 8)
BRIEF = "Campaign for our pottery workshop on 5 May 2027, €40 a seat, with Anna Berg: instagram, email, landing page"


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch):
    """Boards are edited and posts are sent without waiting, with one picture: to draw each takes a quarter of a second."""
    monkeypatch.setattr(shown_by, "rendered", lambda svg: PICTURE if svg.startswith("<svg") else b"")
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
    told_brief = fields(form.modal)["What it is for, whom, when"]
    assert told_brief["value"] == BRIEF
    values = {menu["custom_id"]: ["press"], told_brief["custom_id"]: BRIEF}
    result = await team.ben.submit_modal(form, values)
    await idle(world)
    thread = thread_of(world)
    assert [read(one).splitlines()[2] for one in texts_of(thread)] == ["-# The plan", "-# Local press"], read(
        told(result)
    )


def gallery(message):
    """The alternative text of a message's picture."""
    return next(part for part in walk(tree(message)) if part.get("type") == 12)["items"][0]["description"]


async def test_the_board_always_shows_the_state_as_text_and_as_a_picture(world, team, monkeypatch):
    thread = await begun(world, team.ben)
    await team.ben.click(message_of(thread, "Email"), label="Submit for review")
    await team.ada.click(message_of(thread, "Email"), label="Approve")
    monkeypatch.setattr(shown_by, "rendered", rendered)
    form = await team.ada.click(message_of(thread, "Instagram"), label="Assign…")
    [person] = [field["custom_id"] for field in fields(form.modal).values()]
    await team.ada.submit_modal(form, {person: [team.eve]})
    await world.env.settle()
    shown = read(board(thread))
    assert "✅ **Email** · Email · approved · v1" in shown
    assert f"**Instagram** · Social post · draft · v1 · <@{team.eve.id}>" in shown
    assert "1 approved" in shown
    assert "Email: approved · v1;" in gallery(board(thread))
    [file] = board(thread).attachments
    drawn = Image.open(io.BytesIO(await file.read()))
    assert drawn.size[0] in (1599, 1600)
    assert drawn.convert("RGBA").getextrema()[3] == (255, 255), "no page shines through"
    assert len(thread.history()) == 6, "what is submitted is shown where it is, and nowhere else"


async def test_who_may_not_write_begins_none_and_changes_no_brief(world, team):
    for who in (team.ada, team.dora):
        assert refused(await who.slash(world.channel, "campaign new", brief=BRIEF))
    assert not world.channel.threads
    thread = await begun(world, team.ben)
    for who in (team.ada, team.dora):
        assert refused(await who.click(board(thread), label="Change the brief…"))
        assert refused(await who.slash(thread, "campaign brief"))
    told_list = read(told(await team.dora.slash(world.channel, "campaign show")))
    assert "Campaign for our pottery workshop" in told_list
    assert f"<#{thread.id}>" in told_list


async def test_in_a_forum_it_is_a_post_and_the_board_is_its_first_message(world, team):
    forum = world.guild.create_forum_channel("campaigns")
    form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF, channels="press", where=forum)
    await submit(team.ben, form)
    await idle(world)
    [thread] = forum.threads
    assert "quillcampaign:" in str(tree(thread.history()[0]))
    assert message_of(thread, "Local press")


async def test_words_that_name_no_place_are_refused_and_so_is_a_place_without_threads(world, team):
    assert "I know none of these places" in refused(
        await team.ben.slash(world.channel, "campaign new", brief=BRIEF, channels="smoke signals")
    )
    voice = world.guild.create_voice_channel("talk")
    assert "not here" in refused(await team.ben.slash(voice, "campaign new", brief=BRIEF))


CHANGED = BRIEF.replace("5 May", "12 May")


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
    await team.ben.click(message_of(thread, "Email"), label="Submit for review")
    await team.ada.click(message_of(thread, "Email"), label="Approve")
    await world.env.settle()
    return thread


async def reworded(world, thread, who, brief=CHANGED):
    form = await who.click(board(thread), label="Change the brief…")
    result = await submit(who, form, what_it_is_for=brief)
    await world.env.settle()
    return told(result)


async def test_a_changed_brief_marks_what_is_stale_and_just_that_is_written_anew(world, team):
    thread = await with_texts(world, team)
    shown = await reworded(world, thread, team.ben)
    said = read(shown)
    assert "~~5~~" in said, "what became other"
    assert "**Email** It says “5 May 2027”; the brief says “12 May 2027” now." in said
    assert "Instagram**" not in said
    assert "stale" in read(message_of(thread, "Email"))
    assert "stale" not in read(message_of(thread, "Instagram"))
    assert "⚠ stale" in read(board(thread))
    before = len(world.script.prompts)
    result = await team.ben.click(message_of(thread, "Email"), label="Redo for the new brief")
    assert "I write 1 of them anew" in read(told(result))
    await idle(world)
    assert any("12 May" in one for one in world.script.prompts[before:])
    now = message_of(thread, "Email")
    assert "draft" in read(now)
    assert "Version 3" in read(now)
    assert "stale" not in read(now)
    versions = told(await team.ben.click(now, label="History"))
    assert "Come on May 5" in read(versions), "what was approved can be read"
    assert "**The plan** · Campaign plan · draft · v1\n-# ⚠" in read(board(thread)), "the others wait to be asked for"
    assert "Redo the stale one" in buttons(board(thread))
    await team.ben.click(board(thread), label="Redo the stale one")
    await idle(world)
    assert "stale" not in read(board(thread))


async def test_of_two_who_change_the_brief_the_first_wins_and_only_who_may_has_texts_written_anew(world, team):
    thread = await with_texts(world, team)
    forms = [await who.click(board(thread), label="Change the brief…") for who in (team.ben, team.boss)]
    await submit(team.ben, forms[0], what_it_is_for=CHANGED)
    late = await submit(team.boss, forms[1], what_it_is_for=BRIEF + ", for children")
    assert "Somebody was quicker" in refused(late)
    assert "Only who gave these to the team" in refused(
        await team.eve.click(message_of(thread, "Email"), label="Redo for the new brief")
    )
    assert "Only editors" in refused(await team.ada.click(message_of(thread, "Email"), label="Redo for the new brief"))
    again = await submit(team.ben, await team.ben.click(board(thread), label="Change the brief…"))
    assert "That is the same brief" in refused(again)


async def test_a_campaign_as_one_zip(world, team):
    thread = await with_texts(world, team)
    [file] = told(await team.boss.slash(thread, "campaign zip")).attachments
    archive = zipfile.ZipFile(io.BytesIO(await file.read()))
    names = set(archive.namelist())
    assert {f"plan.{one}" for one in ("md", "txt", "docx")} <= names
    assert {f"texts/01-email.{one}" for one in ("md", "txt", "docx")} <= names
    assert {"image-prompts/04-instagram.txt", "pictures/board.png", "board.csv", "brief.txt", "audit.jsonl"} <= names
    assert "Come on May 5" in archive.read("texts/01-email.txt").decode()
    table = archive.read("board.csv").decode("utf-8-sig").splitlines()
    assert table[0].startswith("#,Text,Kind,Status")
    assert any("approved · v2" in line for line in table)
    acts = [json.loads(line)["act"] for line in archive.read("audit.jsonl").decode().splitlines()]
    assert {"campaign", "keep", "edit", "approve"} <= set(acts)
    [file] = told(await team.dora.click(board(thread), label="Everything as .zip")).attachments
    seen_by_dora = zipfile.ZipFile(io.BytesIO(await file.read())).namelist()
    assert "audit.jsonl" not in seen_by_dora, "the audit is the owners'"


@pytest.mark.parametrize("dies_at", ["made", "shown"])
async def test_a_restart_in_the_middle_makes_nothing_twice(world, settings, script, team, monkeypatch, dies_at):
    """The process dies with its third text made or posted; the next one makes the rest, and finds what was posted and not noted."""
    store, told_it = type(world.app.store.campaigns), []
    keep = store.keep

    async def dying(self, piece, before, **changes):
        told_it.append(changes.get("state"))
        if told_it.count(dies_at) > 2:
            world.bot.stopping = True
            raise StorageError("The process dies.")
        return await keep(self, piece, before, **changes)

    with monkeypatch.context() as patched:
        patched.setattr(store, "keep", dying)
        form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF)
        await submit(team.ben, form)
        await idle(world)
    thread = thread_of(world)
    assert len(texts_of(thread)) < 5
    async with restarted(world, settings, script, None):
        await door.CampaignCommands.of(world.bot).look()
        await idle(world)
        assert len(texts_of(thread)) == 5, "each once"
        assert len({buttons(one)["Submit for review"] for one in texts_of(thread)}) == 5
        assert "5 draft" in read(board(thread))
        kept = await world.app.store.entries.newest([f"guild:{world.guild.id}"], ALL, 0, 50)
        assert len(kept) == 5


async def test_whose_thread_is_deleted_is_told_and_nothing_goes_wrong(world, team):
    thread = await with_texts(world, team)
    message = message_of(thread, "Instagram")
    await world.guild.me.guild.get_thread(thread.id).delete()
    await world.env.settle()
    assert any("The thread of the campaign" in one for one in direct(world, team.ben))
    shown = read(told(await team.dora.slash(world.channel, "campaign show")))
    assert "its thread is gone" in shown
    assert message is not None


async def test_of_what_nothing_came_it_is_said_why_and_tried_again(world, team):
    good = world.script.answer

    def failing(messages):
        if "landing page: " in messages[-1].text:
            raise RuntimeError("no")
        return good(messages)

    world.script.answer = failing
    thread = await begun(world, team.ben)
    assert "1 failed" in read(board(thread)), read(board(thread))
    world.script.answer = good
    await team.ben.click(board(thread), label="Try again")
    await idle(world)
    assert "failed" not in read(board(thread))
    assert message_of(thread, "Landing page")
