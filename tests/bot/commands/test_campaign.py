"""/campaign new by several people: a thread with plan and texts, the board, forums, refusals, a process that dies."""

from __future__ import annotations

import io

import pytest
from acting import tap
from campaigning import (
    BRIEF,
    begin_campaign,
    create_team,
    disable_delays,
    find_board,
    find_text_message,
    get_thread,
    list_text_messages,
    read_gallery_text,
    settle_campaigns,
)
from discord_texts import find_buttons, find_fields, get_answer, get_components, read_message
from PIL import Image
from planning import read_refusal, restart_process, submit
from writing import find_joint_kinds, find_requested_kind, format_versions, load_good_text

from bot.commands.campaign import views
from bot.commands.campaign.making import CampaignMaking
from bot.exports._drawing import render_png
from bot.team.workspace.roles import Member
from storage.entries import ALL
from storage.errors import StorageError


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch):
    disable_delays(monkeypatch)


@pytest.fixture
async def team(world):
    return await create_team(world)


async def test_one_brief_creates_a_thread_with_the_plan_all_texts_and_prompts(world, team):
    thread = await begin_campaign(world, team.ben)
    assert thread.name == "Campaign for our pottery workshop on 5 May 2027, €40 a seat, with Anna Berg…"
    first, *others = thread.history()
    assert "quillcampaign:" in str(get_components(first)), "the board comes first"
    assert "-# The plan\n" in read_message(others[0])
    places = ("Email", "Instagram", "Landing page", "Instagram: picture")
    assert all(find_text_message(thread, one) for one in places)
    assert len(list_text_messages(thread)) == 1 + len(places)
    assert {"Submit for review", "Edit…", "Assign…"} <= set(find_buttons(find_text_message(thread, "Email")))
    assert "draft: 5" in read_message(find_board(thread))


async def test_a_campaign_is_written_in_one_call(world, team):
    thread = await begin_campaign(world, team.ben)
    assert [prompt for prompt in world.script.prompts if "I measured your text" not in prompt] == world.script.prompts[
        :1
    ]
    assert "5. The picture for Instagram, 4:5: image prompt." in world.script.prompts[0]
    assert load_good_text("email").splitlines()[-1] in read_message(find_text_message(thread, "Email"))


@pytest.mark.parametrize("answer", ["one text", format_versions("a", "b"), RuntimeError("no")])
async def test_what_one_call_cannot_write_is_written_text_by_text(world, team, answer):
    good = world.script.answer

    def write(messages):
        if not find_joint_kinds(messages):
            return good(messages)
        if isinstance(answer, Exception):
            raise answer
        return answer

    world.script.answer = write
    thread = await begin_campaign(world, team.ben)
    assert "draft: 5" in read_message(find_board(thread)), read_message(find_board(thread))
    assert len(list_text_messages(thread)) == 5


async def test_several_posts_are_numbered_in_a_campaign(world, team):
    good = world.script.answer
    world.script.answer = lambda messages: (
        format_versions("The plan: post.", "Come and throw a pot.\n\n---\n\nTwo places are left.")
        if find_joint_kinds(messages)
        else good(messages)
    )
    thread = await begin_campaign(
        world, team.ben, "Two posts on Instagram for our pottery workshop on 5 May 2027, no pictures"
    )
    assert "**1**\nCome and throw a pot.\n\n**2**\nTwo places are left." in read_message(
        find_text_message(thread, "Instagram")
    )


async def test_a_note_below_all_texts_is_shown_once(world, team):
    good = world.script.answer
    world.script.answer = lambda messages: f"{good(messages)}\n<check>The 5th is a Wednesday.</check>"
    thread = await begin_campaign(world, team.ben)
    noted = [one for one in thread.history() if "The 5th is a Wednesday." in read_message(one)]
    assert len(noted) == 1
    assert "-# The plan" in read_message(noted[0])


async def test_the_campaign_form_preselects_the_channels_named_in_the_brief(world, team):
    form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF)
    menu = find_fields(form.modal)["What it should include"]
    assert [one["value"] for one in menu["options"] if one.get("default")] == [
        "email",
        "instagram",
        "landing_page",
        "image_prompts",
    ]
    told_brief = find_fields(form.modal)["What it is for, who it is for and when"]
    assert told_brief["value"] == BRIEF
    values = {menu["custom_id"]: ["press"], told_brief["custom_id"]: BRIEF}
    result = await team.ben.submit_modal(form, values)
    await settle_campaigns(world)
    thread = get_thread(world)
    assert [read_message(one).splitlines()[2] for one in list_text_messages(thread)] == [
        "-# The plan",
        "-# Local press",
    ], read_message(get_answer(result))


async def test_only_the_channels_named_in_the_brief_are_made(world, team):
    brief = "A mail to members and a post for Instagram: our pottery workshop on 5 May 2027. No pictures."
    form = await team.ben.slash(world.channel, "campaign new")
    told_brief = find_fields(form.modal)["What it is for, who it is for and when"]
    await team.ben.submit_modal(form, {told_brief["custom_id"]: brief})
    await settle_campaigns(world)
    made = {read_message(one).splitlines()[2] for one in list_text_messages(get_thread(world))}
    assert made == {"-# The plan", "-# Email", "-# Instagram"}


async def test_a_campaign_without_a_channel_is_not_filled_up(world, team):
    form = await team.ben.slash(world.channel, "campaign new")
    field = find_fields(form.modal)["What it is for, who it is for and when"]
    refused = await team.ben.submit_modal(form, {field["custom_id"]: "Our pottery workshop in May, for beginners."})
    assert "Neither your brief nor the menu says what the campaign should include." in read_message(get_answer(refused))
    assert not world.channel.threads


async def test_the_board_always_shows_the_state_as_text_and_picture(world, team, monkeypatch):
    thread = await begin_campaign(world, team.ben)
    await tap(team.ben, find_text_message(thread, "Email"), "Submit for review")
    await team.ada.click(find_text_message(thread, "Email"), label="Approve")
    monkeypatch.setattr(views, "render_png", render_png)
    form = await team.ada.click(find_text_message(thread, "Instagram"), label="Assign…")
    [person] = [field["custom_id"] for field in find_fields(form.modal).values()]
    await team.ada.submit_modal(form, {person: [team.eve]})
    await world.env.settle()
    shown = read_message(find_board(thread))
    assert "✅ **Email** · Email · approved · v1" in shown
    assert f"**Instagram** · Social post · draft · v1 · <@{team.eve.id}>" in shown
    assert "approved: 1" in shown
    assert "Email: approved · v1;" in read_gallery_text(find_board(thread))
    [file] = find_board(thread).attachments
    drawn = Image.open(io.BytesIO(await file.read()))
    assert drawn.size[0] in (1599, 1600)
    assert drawn.convert("RGBA").getextrema()[3] == (255, 255), "no page shines through"
    assert len(thread.history()) == 6, "what is submitted is shown where it is, and nowhere else"


async def test_submitted_texts_are_shown_in_the_review_channel_and_stay_in_sync(world, team):
    there = world.guild.create_text_channel("reviews")
    owner = Member("1", manages=True)
    await world.app.workspaces.change(
        str(world.guild.id), owner, lambda known: known.with_values(review_channel=str(there.id))
    )
    thread = await begin_campaign(world, team.ben)
    await tap(team.ben, find_text_message(thread, "Email"), "Submit for review")
    [shown] = list_text_messages(there)
    assert "-# Email\n" in read_message(shown)
    assert "submitted" in read_message(shown)
    await team.ada.click(shown, label="Request changes…")
    await team.ada.click(shown, label="Approve")
    await world.env.settle()
    for one in (list_text_messages(there)[0], find_text_message(thread, "Email")):
        assert "Approvals: 1 of 1" in read_message(one)
    form = await team.ben.click(find_text_message(thread, "Email"), label="Edit…")
    await submit(team.ben, form, the_text="Another text.")
    await tap(team.ben, find_text_message(thread, "Email"), "Submit for review")
    [shown] = list_text_messages(there)
    assert "Another text." in read_message(shown), "once, as it stands"


async def test_members_who_may_not_write_cannot_start_or_change_a_campaign(world, team):
    for who in (team.ada, team.dora):
        assert read_refusal(await who.slash(world.channel, "campaign new", brief=BRIEF))
    assert not world.channel.threads
    thread = await begin_campaign(world, team.ben)
    for who in (team.ada, team.dora):
        assert read_refusal(await who.click(find_board(thread), label="Change the brief…"))
        assert read_refusal(await who.slash(thread, "campaign brief"))
    told_list = read_message(get_answer(await team.dora.slash(world.channel, "campaign show")))
    assert "Campaign for our pottery workshop" in told_list
    assert f"<#{thread.id}>" in told_list


async def test_a_campaign_in_a_forum_is_a_post_that_starts_with_the_board(world, team):
    forum = world.guild.create_forum_channel("campaigns")
    form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF, channels="press", where=forum)
    await submit(team.ben, form)
    await settle_campaigns(world)
    [thread] = forum.threads
    assert "quillcampaign:" in str(get_components(thread.history()[0]))
    assert find_text_message(thread, "Local press")


async def test_an_unknown_place_or_one_without_threads_is_refused(world, team):
    assert "I do not know any of these" in read_refusal(
        await team.ben.slash(world.channel, "campaign new", brief=BRIEF, channels="smoke signals")
    )
    voice = world.guild.create_voice_channel("talk")
    assert "I cannot start a campaign here." in read_refusal(await team.ben.slash(voice, "campaign new", brief=BRIEF))


@pytest.mark.looking
@pytest.mark.parametrize("dies_at", ["made", "shown"])
async def test_a_restart_midway_makes_nothing_twice(world, settings, script, team, monkeypatch, dies_at):
    """The process dies with its third text made or posted; the next one makes the rest, and finds what was posted and not noted."""
    store, told_it = type(world.app.store.campaigns), []
    keep = store.change_piece

    async def keep_or_die(self, piece, before, **changes):
        told_it.append(changes.get("state"))
        if told_it.count(dies_at) > 2:
            world.bot.stopping = True
            raise StorageError("The process dies.")
        return await keep(self, piece, before, **changes)

    with monkeypatch.context() as patched:
        patched.setattr(store, "change_piece", keep_or_die)
        form = await team.ben.slash(world.channel, "campaign new", brief=BRIEF)
        await submit(team.ben, form)
        await settle_campaigns(world)
    thread = get_thread(world)
    assert told_it.count(dies_at) > 2, "it has died"
    async with restart_process(world, settings, script, None):
        await CampaignMaking.of(world.bot).run_once()
        await settle_campaigns(world)
        assert len(list_text_messages(thread)) == 5, "each once"
        assert len({find_buttons(one)["Submit for review"] for one in list_text_messages(thread)}) == 5
        assert "draft: 5" in read_message(find_board(thread))
        kept = await world.app.store.entries.list_newest([f"guild:{world.guild.id}"], ALL, 0, 50)
        assert len(kept) == 5


async def test_a_failed_campaign_text_says_why_and_can_be_retried(world, team):
    good = world.script.answer

    def write_or_fail(messages):
        if find_requested_kind(messages) == "landing_page" or find_joint_kinds(messages):
            raise RuntimeError("no")
        return good(messages)

    world.script.answer = write_or_fail
    thread = await begin_campaign(world, team.ben)
    assert "failed: 1" in read_message(find_board(thread)), read_message(find_board(thread))
    world.script.answer = good
    await team.ben.click(find_board(thread), label="Try again")
    await settle_campaigns(world)
    assert "failed" not in read_message(find_board(thread))
    assert find_text_message(thread, "Landing page")
