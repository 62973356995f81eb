"""A team reviews its texts: submitted, sent back, written anew, approved, frozen, changed, posted; by several people, at once too."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing

import discord
import pytest
from acting import act_at_once, act_in_language, tap, wait_until
from discord_texts import (
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    list_texts,
    read_message,
    walk_components,
)
from planning import NOON, Clock, list_direct_messages, list_posts, restart_process, run_schedule, submit
from reviewing import (
    BETTER,
    TEXT,
    WISH,
    answer_edits,
    create_team,
    find_review_message,
    get_asset_id,
    get_private_answer,
    get_stored_message,
    give_text,
    list_audit_acts,
    load_review,
    request_changes,
    set_rules,
    submit_text,
    verify_audit,
)

from bot.errors import RefusedError
from bot.team.review.service import ConflictError
from bot.team.review.steps import Step
from bot.team.workspace.roles import Member, Role
from storage.assets import Asset


@pytest.fixture
async def team(world):
    """A server whose people review, write and read along."""
    return await create_team(world)


async def test_a_text_passes_through_review_to_being_posted(world, settings, script, team):
    clock = Clock(world, NOON)
    shown = await submit_text(world, team.ben)
    assert "Approvals: 0 of 2" in read_message(shown)
    assert TEXT in read_message(shown)
    await request_changes(team.ada, shown)
    assert f"<@{team.ada.id}> requested changes: {WISH}" in read_message(get_stored_message(world, shown))
    async with restart_process(world, settings, script):
        clock.set_for(world.bot)
        world.script.answer = answer_edits
        redone = (await team.ben.click(shown, label="Rewrite with this feedback")).response
        assert "This is now version 2 of the text in the team's library." in read_message(redone)
        assert WISH in world.script.prompts[-1], "its words go into the redo"
        now = get_stored_message(world, shown)
        assert BETTER in read_message(now)
        assert "draft" in read_message(now)
        assert "requested changes:" not in read_message(now), "that was of the version before"
        await tap(team.ben, shown, "Submit for review")
        assert find_review_message(world).id == shown.id, "it stays where its thread is"
        await team.ada.click(shown, label="Approve")
        assert f"Approvals: 1 of 2 · <@{team.ada.id}>" in read_message(get_stored_message(world, shown))
    async with restart_process(world, settings, script):
        clock.set_for(world.bot)
        await team.cleo.click(shown, label="Approve")
        now = get_stored_message(world, shown)
        assert "approved" in read_message(now)
        assert "Approvals: 2 of 2" in read_message(now)
        form = await tap(team.ben, shown, "Schedule…")
        assert "The text" not in find_fields(form.modal), "what is approved goes out as it is"
        planned = get_answer(await submit(team.ben, form, when="tomorrow 9am"))
        refused = get_answer(await team.ben.click(planned, label="Edit text…"))
        assert read_message(refused).startswith("That text is approved, so it cannot")
        assert "scheduled" in read_message(get_stored_message(world, shown))
        clock.pass_(hours=23)
        assert await run_schedule(world.bot) == 1
        assert list_posts(world, world.channel)[-1] == BETTER
        await wait_until(lambda: "published" in read_message(get_stored_message(world, shown)))
        acts = [act for act, _ in await list_audit_acts(world, team.boss)]
        wanted = ["keep", "submit", "ask", "edit", "submit", "approve", "approve", "schedule", "publish"]
        assert [act for act in acts if act in wanted] == wanted
        assert (await verify_audit(world, team.boss)).broken is None


async def write_text(world, who, text=TEXT):
    """Have a text written for a member; return its message."""
    world.script.says(text)
    return (
        await who.slash(
            world.channel,
            "copy",
            kind="social_post",
            brief="we close on Monday",
        )
    ).response


def get_link(world, message):
    """Return the link to a message."""
    return f"https://discord.com/channels/{world.guild.id}/{message.channel.id}/{message.id}"


async def test_reviewers_read_what_the_writer_says_should_be_checked(world, team):
    shown = await submit_text(world, team.ben, f"{TEXT}\n<check>Is Monday a holiday?</check>")
    assert "-# To check: Is Monday a holiday?" in read_message(shown)
    await submit(team.ben, await team.ben.click(shown, label="Edit…"), the_text=BETTER)
    assert "To check" not in read_message(find_review_message(world))


async def test_a_result_is_submitted_from_its_message_only_once(world, team):
    made = await write_text(world, team.ben)
    said = get_answer(await team.ben.click(made, label="Submit for review"))
    shown = find_review_message(world)
    assert said.ephemeral
    assert read_message(said) == f"Submitted for review: {get_link(world, shown)}"
    assert "Approvals: 0 of 2" in read_message(shown)
    assert TEXT in read_message(shown)
    found = await load_review(world, shown)
    assert (found.review.status, found.asset.given_by) == ("submitted", str(team.ben.id))
    assert found.asset.source_id == (await world.generation(made)).id
    assert TEXT in read_message(get_answer(await team.dora.slash(world.channel, "library"))), "the team sees it there"
    again = get_answer(await team.ben.click(made, label="Submit for review"))
    assert read_message(again) == f"It has already been submitted: {get_link(world, shown)}"
    german = await act_in_language(world, "de", team.ben.click, made, label="Submit for review")
    assert read_message(get_answer(german)) == f"Es wurde schon eingereicht: {get_link(world, shown)}"
    assert find_review_message(world).id == shown.id
    assert [act for act, _ in await list_audit_acts(world, team.boss) if act in ("keep", "submit")] == [
        "keep",
        "submit",
    ]


async def test_a_returned_result_is_resubmitted_in_the_same_message(world, team):
    made = await write_text(world, team.ben)
    await team.ben.click(made, label="Submit for review")
    shown = find_review_message(world)
    await request_changes(team.ada, shown)
    again = get_answer(await team.ben.click(made, label="Submit for review"))
    assert read_message(again) == f"Submitted for review: {get_link(world, shown)}"
    assert find_review_message(world).id == shown.id
    assert (await load_review(world, shown)).review.status == "submitted"


async def test_a_result_already_in_the_library_can_be_submitted(world, team):
    made = await write_text(world, team.ben)
    kept = get_answer(await tap(team.ben, made, "Keep"))
    said = get_answer(await team.ben.click(made, label="Submit for review"))
    assert read_message(said) == f"Submitted for review: {get_link(world, find_review_message(world))}"
    assert get_asset_id(find_review_message(world)) == get_asset_id(kept)


async def test_a_result_submitted_twice_at_once_is_submitted_once(world, team):
    made = await write_text(world, team.ben)

    async def press():
        return await team.ben.click(made, label="Submit for review")

    said = [read_message(get_answer(one)) for one in await act_at_once(world.env, press, press)]
    shown = [
        one for one in world.channel.history() if "quillreview:" in str(get_components(one)) and not one.flags.ephemeral
    ]
    assert len(shown) == 1
    assert f"Submitted for review: {get_link(world, shown[0])}" in said
    assert not [one for one in said if "quicker" in one]
    assert [act for act, _ in await list_audit_acts(world, team.boss) if act in ("keep", "submit")] == [
        "keep",
        "submit",
    ]


async def test_only_its_owner_with_permission_submits_a_result(world, team):
    made = await write_text(world, team.ben)
    await set_rules(world, default_role=Role.EDITOR)
    of_before = await write_text(world, world.ben)
    await set_rules(world, default_role=Role.VIEWER)
    for who, message, reason in (
        (team.ada, made, "Only the person who asked for it can give it to the team."),
        (team.boss, made, "Only the person who asked for it can give it to the team."),
        (world.ben, of_before, "Only editors and owners can do that here."),
    ):
        refused = get_answer(await who.click(message, label="Submit for review"))
        assert refused.ephemeral
        assert read_message(refused).startswith(reason)
    assert not [one for one in world.channel.history() if "quillreview:" in str(get_components(one))]
    assert not [act for act, _ in await list_audit_acts(world, team.boss) if act in ("keep", "submit")]


async def test_authors_cannot_approve_their_own_texts_unless_allowed(world, team):
    shown = await submit_text(world, team.both)
    refused = get_private_answer(await team.both.click(shown, label="Approve"))
    assert read_message(refused).startswith("You wrote this, so someone else has to approve it.")
    assert refused.ephemeral
    await set_rules(world, own_approvals=True, approvals=1)
    await team.both.click(shown, label="Approve")
    assert "Approvals: 1 of 1" in read_message(get_stored_message(world, shown))
    assert "approved" in read_message(get_stored_message(world, shown))


async def test_only_approved_texts_can_be_scheduled_if_the_team_requires_it(world, team):
    clock = Clock(world, NOON)
    planned = await team.ben.slash(world.channel, "schedule", when="tomorrow 9am", text="Any text.")
    await set_rules(world, only_approved=True, approvals=1)
    for who in (team.ben, team.boss):
        refused = get_private_answer(await who.slash(world.channel, "schedule", when="tomorrow 9am", text="Any text."))
        assert read_message(refused).startswith("Only approved texts can be scheduled in this server.")
    form = await team.ben.click(get_answer(planned), label="Edit text…")
    assert read_message(get_private_answer(await submit(team.ben, form, the_text="Another text."))).startswith(
        "Only approved texts can be"
    )
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    form = await tap(team.ben, shown, "Schedule…")
    await submit(team.ben, form, when="tomorrow 9am")
    assert "scheduled" in read_message(get_stored_message(world, shown))
    await submit(team.boss, await team.boss.click(shown, label="Edit…"), the_text=BETTER)
    await run_schedule(world.bot)
    [told_ben] = list_direct_messages(world, team.ben)
    assert told_ben.startswith(
        f'I am holding back "{TEXT}" in <#{world.channel.id}>, because its text is no longer approved'
    )
    listed = read_message(get_answer(await team.ben.slash(world.channel, "calendar", show="list")))
    assert "· on hold" in listed
    clock.pass_(hours=23)
    before = list_posts(world, world.channel)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel)[-2:] == [*before, "Any text."][-2:], (
        "what was planned of one's own goes out, and no more"
    )
    await tap(team.ben, shown, "Submit for review")
    await team.ada.click(shown, label="Approve")
    clock.pass_(minutes=3)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel)[-1] == BETTER, "it goes on as it was approved"
    await wait_until(lambda: "published" in read_message(get_stored_message(world, shown)))
    assert list_direct_messages(world, team.ben) == [told_ben]


async def test_an_approved_text_is_chosen_in_schedule_and_posted_unchanged(world, team):
    clock = Clock(world, NOON)
    await set_rules(world, only_approved=True, approvals=1)
    shown = await submit_text(world, team.ben)
    assert await team.ben.autocomplete(world.channel, "schedule", "approved", "close") == [], "none is approved yet"
    early = await team.ben.slash(world.channel, "schedule", when="tomorrow 9am", approved=TEXT)
    assert read_message(get_private_answer(early)).startswith(f'No text called "{TEXT}" is approved here.')
    await team.ada.click(shown, label="Approve")
    [offered] = await team.ben.autocomplete(world.channel, "schedule", "approved", "close")
    assert (offered["name"], offered["value"]) == (TEXT, get_asset_id(shown))
    both = await team.ben.slash(world.channel, "schedule", when="tomorrow 9am", approved=TEXT, text="Another.")
    assert read_message(get_private_answer(both)).startswith("Give me a text or choose an approved one, but not both.")
    reader = await team.dora.slash(world.channel, "schedule", when="tomorrow 9am", approved=TEXT)
    assert read_message(get_private_answer(reader)).startswith("Only editors and owners can")
    planned = get_answer(
        await team.ben.slash(world.channel, "schedule", when="tomorrow 9am", approved=offered["value"])
    )
    assert "Thu, Oct 15, 2026, 09:00" in read_message(planned)
    await wait_until(lambda: "scheduled" in read_message(get_stored_message(world, shown)))
    late = await team.boss.slash(world.channel, "schedule", when="tomorrow 10am", approved=TEXT)
    assert "is approved here" in read_message(get_private_answer(late)), "it is planned already"
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel)[-1] == TEXT
    await wait_until(lambda: "published" in read_message(get_stored_message(world, shown)))
    again = get_answer(await team.boss.slash(world.channel, "schedule", when="Friday 9am", approved=TEXT))
    assert "Fri, Oct 16, 2026, 09:00" in read_message(again), "and once more, by its name"


async def test_an_unapproved_change_is_not_posted_for_the_approved_text(world, team):
    clock = Clock(world, NOON)
    await set_rules(world, approvals=1)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    await submit(team.ben, await tap(team.ben, shown, "Schedule…"), when="tomorrow 9am")
    await submit(team.ben, await team.ben.click(shown, label="Edit…"), the_text=BETTER)
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel)[-1] == TEXT, "where any text can be planned, as it was planned"
    await set_rules(world, only_approved=True)
    await tap(team.ben, shown, "Submit for review")
    await team.ada.click(shown, label="Approve")
    planned = get_answer(await submit(team.ben, await tap(team.ben, shown, "Schedule…"), when="tomorrow 9am"))
    await submit(team.ben, await team.ben.click(shown, label="Edit…"), the_text="Never approved.")
    clock.pass_(days=2)
    before = list_posts(world, world.channel)
    assert await run_schedule(world.bot) == 0
    assert list_posts(world, world.channel) == before
    assert ": its text was not approved again in time. Reschedule it" in list_direct_messages(world, team.ben)[-1]
    assert planned.ephemeral


async def test_an_approver_counts_once_and_a_required_role_must_approve(world, team):
    await set_rules(world, approver=Role.OWNER)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    again = get_private_answer(await team.ada.click(shown, label="Approve"))
    assert read_message(again).startswith("You have already approved this version.")
    await team.cleo.click(shown, label="Approve")
    assert "Approvals: 2 of 2 · including one by an owner" in read_message(get_stored_message(world, shown))
    assert (await load_review(world, shown)).review.status == "submitted"
    await team.boss.click(shown, label="Approve")
    assert (await load_review(world, shown)).review.status == "approved"


async def test_members_without_permission_are_refused_privately_at_every_button(world, team):
    shown = await submit_text(world, team.ben)
    pressed = 0
    everybody = {"History", "Comment"}
    for state in ("submitted", "draft", "approved"):
        if state == "draft":
            await request_changes(team.ada, shown)
        if state == "approved":
            await set_rules(world, approvals=1)
            await tap(team.ben, shown, "Submit for review")
            await team.ada.click(shown, label="Approve")
        assert (await load_review(world, shown)).review.status == state
        before = read_message(get_stored_message(world, shown))
        for label in set(find_buttons(get_stored_message(world, shown))) - everybody:
            for stranger in (team.dora, world.ben):
                refused = get_private_answer(await stranger.click(shown, label=label))
                assert read_message(refused).startswith("Only "), (state, label)
                assert refused.ephemeral
                pressed += 1
        assert read_message(get_stored_message(world, shown)) == before, "and nothing is changed"
    assert pressed >= 2 * (4 + 4 + 2)
    member = Member(str(team.dora.id), frozenset())
    for step in Step:
        with pytest.raises(RefusedError):
            await world.app.reviewing.take_step(str(world.guild.id), member, get_asset_id(shown), step, 1, text="mine")
    acts = [by for _, by in await list_audit_acts(world, team.boss)]
    assert str(team.dora.id) not in acts


async def test_another_server_sees_no_reviews(world, team):
    shown = await submit_text(world, team.ben)
    elsewhere = world.env.create_guild("other")
    for call in (world.app.reviewing.load_view, world.app.reviewing.list_versions):
        with pytest.raises(RefusedError, match="That is no longer in this library."):
            await call(str(elsewhere.id), Member(str(team.boss.id), manages=True), get_asset_id(shown))


async def test_an_approved_text_is_frozen_and_a_change_makes_a_new_version(world, team):
    await set_rules(world, approvals=1)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    form = await team.ben.click(shown, label="Edit…")
    assert find_fields(form.modal)["The text"]["value"] == TEXT
    await submit(team.ben, form, the_text="We close on Monday and are back on Wednesday.")
    now = get_stored_message(world, shown)
    assert "Version 2" in read_message(now)
    assert "draft" in read_message(now)
    assert "Wednesday" in read_message(now)
    history = get_answer(await tap(team.dora, shown, "History"))
    page = list_texts(history)
    assert page[0] == "### Versions: 2"
    assert "~~Tuesday~~ **Wednesday**" in page[1] or "~~Tuesday~~**Wednesday**" in page[1]
    assert f"<@{team.ben.id}>" in page[1]
    opening = [
        one
        for one in [part.get("custom_id", "") for part in walk_components(get_components(history))]
        if one.startswith("quillrevision:1")
    ]
    old = get_answer(await team.dora.click(history, custom_id=opening[0]))
    assert read_message(old) == TEXT, "what was approved can still be read"
    found = await load_review(world, shown)
    assert (found.review.status, found.review.version, found.review.approvals) == ("draft", 2, {})
    with pytest.raises(ConflictError, match="made version 2"):
        await world.app.reviewing.take_step(
            str(world.guild.id), Member(str(team.boss.id), manages=True), get_asset_id(shown), Step.APPROVE, 1
        )


async def test_the_first_of_two_actions_wins_and_the_second_learns_who_did_what(world, team):
    shown = await submit_text(world, team.ben)
    forms = [await one.click(shown, label="Request changes…") for one in (team.ada, team.cleo)]
    await submit(team.ada, forms[0], what_to_change=WISH)
    late = await submit(team.cleo, forms[1], what_to_change="Shorter, please.")
    said = read_message(get_private_answer(late))
    assert said.startswith(f"Someone was quicker: <@{team.ada.id}> requested changes to version 1.")
    assert said.endswith("Here is what you wrote:\nShorter, please."), "what she wrote is not lost"
    assert WISH in read_message(get_stored_message(world, shown))
    assert "Shorter" not in read_message(get_stored_message(world, shown))


async def test_two_edits_of_one_version_make_one_new_version(world, team):
    shown = await submit_text(world, team.ben)
    forms = [await one.click(shown, label="Edit…") for one in (team.ben, team.boss)]
    await submit(team.boss, forms[1], the_text="By the boss.")
    late = await submit(team.ben, forms[0], the_text="By Ben.")
    assert f"Someone was quicker: <@{team.boss.id}> made version 2" in read_message(get_private_answer(late))
    assert (await load_review(world, shown)).asset.text == "By the boss."
    again = await team.ben.click(get_private_answer(late), label="Edit again")
    assert find_fields(again.modal)["The text"]["value"] == "By Ben.", "what he wrote is not lost"
    await submit(team.ben, again, the_text="By the boss and Ben.")
    now = await load_review(world, shown)
    assert (now.asset.text, now.review.version) == ("By the boss and Ben.", 3)


async def test_forty_concurrent_presses_leave_a_consistent_state_and_audit_log(world, team):
    people = [world.guild.add_member(world.env.create_user(f"r{one}")) for one in range(40)]
    await set_rules(world, default_role=Role.REVIEWER, approvals=5)
    shown = await submit_text(world, team.ben)
    forms = {one.id: await one.click(shown, label="Request changes…") for one in people[::10]}

    def approving(who):
        return lambda: who.click(shown, label="Approve")

    def asking(who):
        return lambda: submit(who, forms[who.id], what_to_change=f"No, says {who.id}.")

    actions = [asking(one) if one.id in forms else approving(one) for one in people]
    random.Random(4).shuffle(actions)
    await act_at_once(world.env, *actions)
    await assert_consistent(world, team, shown)


async def assert_consistent(world, team, shown):
    """Assert that the message, the database and the audit say the same."""
    found = await load_review(world, shown)
    acts = [one for one in await list_audit_acts(world, team.boss) if one[0] in ("approve", "ask")]
    asks = [number for number, (act, _) in enumerate(acts) if act == "ask"]
    if found.review.status == "approved":
        assert not asks
        assert len(acts) == 5
        assert {by for _, by in acts} == {str(one) for one in found.review.approvals}
    else:
        assert asks == [len(acts) - 1], "after the first who asks nobody decides any more"
        assert len(acts) <= 5
        assert found.review.approvals == {}
        assert found.change_request is not None
        assert found.change_request.user_id == acts[-1][1]
    assert max(Counter(by for _, by in acts).values()) == 1
    now = read_message(get_stored_message(world, shown))
    assert ("approved" if found.review.status == "approved" else "draft") in now
    assert (await verify_audit(world, team.boss)).broken is None


async def test_forty_concurrent_service_calls_are_as_consistent(world, team):
    await set_rules(world, default_role=Role.REVIEWER, approvals=5)
    shown = await submit_text(world, team.ben)
    reviewing, name, guild_id = world.app.reviewing, get_asset_id(shown), str(world.guild.id)

    async def press(number):
        member, step = Member(str(7_000 + number)), Step.REQUEST_CHANGES if number % 13 == 12 else Step.APPROVE
        try:
            await reviewing.take_step(guild_id, member, name, step, 1, feedback=f"No, says {number}.")
        except ConflictError as late:
            return str(late)
        return step.value

    told_to = await asyncio.gather(*map(press, range(40)))
    assert all("<@7" in one for one in told_to if one not in list(Step)), "they are told who was quicker"
    outcomes = Counter(one if one in list(Step) else "late" for one in told_to)
    await world.env.settle()
    await assert_consistent(world, team, shown)
    assert sum(outcomes.values()) == 40
    assert outcomes["late"] == 40 - outcomes["approve"] - outcomes["ask"]
    assert outcomes["approve"] == 5 or outcomes["ask"] == 1


async def test_a_review_is_assigned_only_to_writers_or_reviewers(world, team):
    shown = await submit_text(world, team.ben)
    form = await team.ada.click(shown, label="Assign…")
    await submit(team.ada, form, an_editor=team.both)
    assert f"Assigned to <@{team.both.id}>" in read_message(get_stored_message(world, shown))
    form = await team.ada.click(shown, label="Assign…")
    refused = get_private_answer(await submit(team.ada, form, an_editor=team.dora))
    assert read_message(refused).startswith("That person neither writes nor reviews here")
    await request_changes(team.ada, shown)
    form = await team.both.click(shown, label="Edit…")
    await submit(team.both, form, the_text="As the one who is assigned writes it.")
    assert (await load_review(world, shown)).review.version == 2


async def test_comments_go_into_a_thread_of_the_message(world, team):
    shown = await submit_text(world, team.ben)
    led = get_answer(await team.dora.click(shown, label="Comment"))
    assert read_message(led) == f"Comment on it here: <#{shown.id}>"
    assert world.bot.get_guild(world.guild.id).get_thread(shown.id) is not None
    again = get_answer(await team.ada.click(shown, label="Comment"))
    assert read_message(again) == read_message(led)


async def test_reviews_are_shown_in_the_configured_channel(world, team):
    there = world.guild.create_text_channel("reviews")
    await set_rules(world, review_channel=str(there.id))
    page = await give_text(world, team.ben)
    await tap(team.ben, page, "Submit for review")
    shown = find_review_message(world, there)
    assert TEXT in read_message(shown)
    assert "submitted" in read_message(get_stored_message(world, page)), "and the page that was acted on says so"
    await team.ada.click(shown, label="Approve")
    assert "Approvals: 1 of 2" in read_message(world.env.backend.messages[there.id][shown.id])
    said = get_answer(await team.ben.click(await write_text(world, team.ben, BETTER), label="Submit for review"))
    assert BETTER in read_message(find_review_message(world, there))
    assert read_message(said) == f"Submitted for review: {get_link(world, find_review_message(world, there))}"


async def test_a_review_that_cannot_be_shown_is_still_submitted_and_says_so(world, team):
    denied = {world.guild.default_role: discord.PermissionOverwrite(send_messages=False)}
    there = world.guild.create_text_channel("closed", overwrites=denied)
    await set_rules(world, review_channel=str(there.id))
    page = await give_text(world, team.ben)
    await tap(team.ben, page, "Submit for review")
    now = read_message(get_stored_message(world, page))
    assert f"I am not allowed to write in <#{there.id}>" in now
    assert "submitted" in now
    made = await write_text(world, team.ben, BETTER)
    said = read_message(get_answer(await team.ben.click(made, label="Submit for review")))
    assert said.startswith(
        f"It is submitted, but I could not post it because I am not allowed to write in <#{there.id}>."
    )
    again = read_message(get_answer(await team.ben.click(made, label="Submit for review")))
    assert again == "It is in the team's library. Use /library to see its status."


async def test_viewers_cannot_submit_or_schedule(world, team):
    world.script.says(TEXT)
    refused = get_answer(await team.dora.slash(world.channel, "schedule", when="tomorrow 9am", text="mine"))
    assert read_message(refused).startswith("Only editors and owners can schedule posts")


async def test_an_owner_reads_filters_exports_and_verifies_the_audit_log(world, settings, team):
    shown = await submit_text(world, team.ben)
    await request_changes(team.ada, shown)
    page = get_answer(await team.boss.slash(world.channel, "audit"))
    said = read_message(page)
    assert f"<@{team.ada.id}> requested changes to version 1" in said
    assert f"<@{team.ben.id}> submitted version 1" in said
    assert "<@1> changed the roles" in said
    assert page.ephemeral
    mine = read_message(get_answer(await team.boss.slash(world.channel, "audit", person=team.ada.user)))
    assert "requested changes" in mine
    assert "submitted" not in mine
    [title] = [one["value"] for one in await team.boss.autocomplete(world.channel, "audit", "asset", "we close")]
    of_it = read_message(get_answer(await team.boss.slash(world.channel, "audit", asset=title)))
    assert "gave this to the team" in of_it
    assert "changed the roles" not in of_it
    exported = get_answer(await team.boss.click(page, label="Export (.jsonl)"))
    rows = [json.loads(line) for line in (await exported.attachments[0].read()).decode().splitlines()]
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    table = get_answer(await team.boss.click(page, label="Export (.csv)"))
    read_back = list(csv.DictReader(io.StringIO((await table.attachments[0].read()).decode("utf-8-sig"))))
    assert [row["hash"] for row in read_back] == [row["hash"] for row in rows]
    checked = read_message(get_answer(await team.boss.click(page, label="Check")))
    assert checked.startswith(f"All entries are unchanged ({len(rows)}).")
    assert rows[-1]["hash"] in checked
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_not_changed")
        connection.execute("UPDATE audit SET who = '' WHERE number = 3")
    broken = read_message(get_answer(await team.boss.click(page, label="Check")))
    assert broken.startswith("Entry 3 does not match the one before it:")


async def test_only_owners_see_the_audit_log(world, team):
    shown = await submit_text(world, team.ben)
    await request_changes(team.ada, shown)
    page = get_answer(await team.boss.slash(world.channel, "audit"))
    get_stored_message(world, page).flags &= ~64  # A forged press is refused all the same.
    for who in (team.ada, team.ben, team.dora):
        assert read_message(get_answer(await who.slash(world.channel, "audit"))).startswith("Only owners can set that:")
        for label in ("Export (.jsonl)", "Export (.csv)", "Check"):
            refused = get_answer(await who.click(page, label=label))
            assert read_message(refused).startswith("Only owners can set that:")
        assert await who.autocomplete(world.channel, "audit", "asset", "") == []
        for call in (world.app.auditing.verify,):
            with pytest.raises(RefusedError):
                await call(str(world.guild.id), Member(str(who.id)))


async def test_audit_pages_can_be_turned_after_a_restart(world, settings, script, team):
    for number in range(6):
        await set_rules(world, approvals=number % 5 + 1)
        await set_rules(world, timezone=("Europe/Berlin", "Europe/Paris")[number % 2])
    page = get_answer(await team.boss.slash(world.channel, "audit"))
    first = read_message(page)
    async with restart_process(world, settings, script):
        await team.boss.click(page, label="Older")
        older = read_message(get_stored_message(world, page))
        assert older != first
        assert "changed the roles" in older
        await team.boss.click(page, label="Newest")
        assert read_message(get_stored_message(world, page)) == first


async def test_a_forgotten_member_leaves_the_audit_log_and_its_chain_verifies(world, settings, team):
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    before = await verify_audit(world, team.boss)
    asking = (await team.ada.slash(world.channel, "privacy forget")).response
    await team.ada.click(asking, label="Delete everything")
    assert await verify_audit(world, team.boss) == before
    page = read_message(get_answer(await team.boss.slash(world.channel, "audit")))
    assert f"<@{team.ada.id}>" not in page
    assert "Someone I no longer know approved version 1" in page
    assert (await load_review(world, shown)).review.approvals == {}, "and their approval of what is open does not count"
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [value for name in names for row in connection.execute(f"SELECT * FROM {name}") for value in row]
    assert str(team.ada.id) not in map(str, kept)


async def test_paused_users_cannot_approve_or_submit(world, team):
    shown, made = await submit_text(world, team.ben), await write_text(world, team.ben, BETTER)
    for who in (team.ada, team.ben):
        await who.slash(world.channel, "privacy pause")
    for refused in (
        get_private_answer(await team.ada.click(shown, label="Approve")),
        get_answer(await team.ben.click(made, label="Submit for review")),
    ):
        assert read_message(refused).startswith("You have paused me")
    assert find_review_message(world).id == shown.id


async def test_a_text_whose_post_was_cancelled_is_still_approved(world, team):
    Clock(world, NOON)
    await set_rules(world, approvals=1)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    planned = get_answer(await submit(team.ben, await tap(team.ben, shown, "Schedule…"), when="tomorrow 9am"))
    assert "scheduled" in read_message(get_stored_message(world, shown))
    await team.boss.click(make_public(world, planned), label="Cancel it")
    await world.env.settle()
    assert (await load_review(world, shown)).review.status == "approved"
    acts = [act for act, _ in await list_audit_acts(world, team.boss)]
    assert acts[-2:] == ["schedule", "unschedule"]
    own = get_answer(await team.ben.slash(world.channel, "schedule", when="tomorrow 9am", text="A word of my own"))
    page = read_message(get_answer(await team.boss.slash(world.channel, "audit")))
    due = re.search("scheduled for <t:(\\d+):f>", page)[1]
    assert f"· “A word of my own” · scheduled for <t:{due}:f> ·" in page
    await team.boss.click(make_public(world, own), label="Cancel it")
    await world.env.settle()
    page = read_message(get_answer(await team.boss.slash(world.channel, "audit")))
    assert page.count(f"scheduled for <t:{due}:f>") == 2, "planned and cancelled, and gone since"
    assert not re.search(r"[ ·][0-9a-f]{16}\b", page), "nobody reads ids"


def make_public(world, shown):
    """Make a private message public, so that others can press its buttons."""
    get_stored_message(world, shown).flags &= ~64
    return shown


async def test_review_events_reach_listeners_once_stored(world, team):
    heard = []

    async def listen(event):
        found = await world.app.reviewing.load_public_view(str(world.guild.id), event.about)
        heard.append((event.act, found.review.status if found else ""))

    async def fail(_event):
        raise RuntimeError("a listener's own failure")

    world.app.recorder.add_listener(fail)
    world.app.recorder.add_listener(listen)
    await set_rules(world, approvals=1)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    assert heard[1:] == [("keep", "draft"), ("submit", "submitted"), ("approve", "approved")]


async def test_an_asset_from_before_versions_can_be_reviewed(world, team):
    asset = Asset(
        "social_post", "Old", "An old text.", {"text": "An old text."}, {"brief": "b"}, [], "r", str(team.ben.id)
    )
    await world.app.store.assets.add(f"guild:{world.guild.id}", asset)
    member = Member(str(team.boss.id), manages=True)
    found = await world.app.reviewing.take_step(str(world.guild.id), member, asset.id, Step.SUBMIT, 1)
    assert found.review.status == "submitted"


async def test_a_review_is_in_the_readers_language(world, team):
    page = await give_text(world, team.ben)
    shown = get_answer(await act_in_language(world, "de", team.ben.slash, world.channel, "library"))
    opening = next(
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if part.get("custom_id", "").startswith("quilllib:open")
    )
    entry = get_answer(await act_in_language(world, "de", team.ben.click, shown, custom_id=opening))
    assert "Zur Freigabe" in find_buttons(entry)
    assert "Submit for review" in find_buttons(page)


async def test_a_revision_for_a_reviewer_uses_no_private_data_of_the_requester(world, team):
    """The wish is somebody else's words, and the team reads what comes of it."""
    await world.app.store.profiles.update(
        str(team.ben.id), lambda known: known.model_copy(update={"facts": ("dodofact: the lease ends in March",)})
    )
    secret = b"zebradocument: our supplier of coffee is Hugo, who is paid in cash."
    await team.ben.slash(world.channel, "knowledge add", file=("notes.md", secret))
    shown = await submit_text(world, team.ben)
    form = await team.ada.click(shown, label="Request changes…")
    await submit(team.ada, form, what_to_change="Name our supplier of coffee, and say when the lease ends.")
    before = len(world.script.prompts)
    await team.ben.click(find_review_message(world), label="Rewrite with this feedback")
    prompts = "\n".join(world.script.prompts[before:])
    assert "Name our supplier of coffee" in prompts
    assert "zebradocument" not in prompts
    assert "dodofact" not in prompts
