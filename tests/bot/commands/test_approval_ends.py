"""Approval that ends before a post goes out: it is taken back, or more are wanted by then; and who can do what is said."""

from __future__ import annotations

import pytest
from acting import act_in_language, tap, wait_until
from discord_texts import find_buttons, get_answer, read_message
from planning import NOON, Clock, list_direct_messages, list_posts, run_schedule, submit
from reviewing import (
    TEXT,
    create_team,
    find_review_message,
    get_private_answer,
    get_stored_message,
    list_audit_acts,
    load_review,
    set_rules,
    submit_text,
)

from bot.team.workspace.roles import Role


@pytest.fixture
async def team(world):
    """A server whose people review, write and read along."""
    return await create_team(world)


async def schedule_approved_text(world, team):
    """Submit a text, approve it as often as the rules want, and schedule it for tomorrow; return its message."""
    shown = await submit_text(world, team.ben)
    for who in (team.ada, team.cleo)[: (await load_review(world, shown)).rules.approvals]:
        await who.click(shown, label="Approve")
    await submit(team.ben, await tap(team.ben, shown, "Schedule…"), when="tomorrow 9am")
    assert "scheduled" in read_message(get_stored_message(world, shown))
    return shown


async def test_an_approver_withdraws_an_approval_and_the_post_waits(world, team):
    clock = Clock(world, NOON)
    shown = await schedule_approved_text(world, team)
    refused = read_message(get_private_answer(await team.both.click(shown, label="Take back approval")))
    assert refused.startswith("Only owners and people who approved this version can take back an approval.")
    await team.cleo.click(shown, label="Take back approval")
    assert "submitted" in read_message(get_stored_message(world, shown))
    assert "Approvals: 1 of 2" in read_message(get_stored_message(world, shown))
    await run_schedule(world.bot)
    [wrote] = list_direct_messages(world, team.ben)
    assert wrote.startswith(f'I am holding back "{TEXT}"')
    before = len(list_posts(world, world.channel))
    clock.pass_(hours=23)
    assert await run_schedule(world.bot) == 0
    assert len(list_posts(world, world.channel)) == before
    await team.both.click(shown, label="Approve")
    clock.pass_(minutes=3)
    assert await run_schedule(world.bot) == 1
    await wait_until(lambda: "published" in read_message(get_stored_message(world, shown)))
    assert "Take back approval" not in find_buttons(get_stored_message(world, shown)), "what is posted stays approved"
    acts = [act for act, _ in await list_audit_acts(world, team.boss)]
    assert acts[-5:] == ["schedule", "unapprove", "approve", "schedule", "publish"]


async def test_an_owner_withdraws_all_approvals(world, team):
    shown = await submit_text(world, team.ben)
    for who in (team.ada, team.cleo):
        await who.click(shown, label="Approve")
    assert "approved" in read_message(get_stored_message(world, shown))
    await team.boss.click(shown, label="Take back approval")
    assert "Approvals: 0 of 2" in read_message(get_stored_message(world, shown))
    assert (await load_review(world, shown)).review.status == "submitted"


async def test_a_post_waits_if_more_approvals_are_required_when_it_is_due(world, team):
    clock = Clock(world, NOON)
    await set_rules(world, approvals=1)
    shown = await schedule_approved_text(world, team)
    await set_rules(world, approvals=2)
    clock.pass_(hours=23)
    before = len(list_posts(world, world.channel))
    assert await run_schedule(world.bot) == 0
    assert len(list_posts(world, world.channel)) == before
    [wrote] = list_direct_messages(world, team.ben)
    assert wrote.startswith(f'I am holding back "{TEXT}"')
    await wait_until(lambda: "Approvals: 1 of 2" in read_message(get_stored_message(world, shown)))
    await team.cleo.click(shown, label="Approve")
    clock.pass_(minutes=3)
    assert await run_schedule(world.bot) == 1
    assert list_posts(world, world.channel)[-1] == TEXT


async def test_a_text_needs_newly_required_approvals_before_it_is_scheduled(world, team):
    Clock(world, NOON)
    await set_rules(world, approvals=1)
    shown = await submit_text(world, team.ben)
    await team.ada.click(shown, label="Approve")
    await set_rules(world, approvals=2)
    refused = read_message(get_private_answer(await team.ben.click(shown, label="Schedule…")))
    assert refused.startswith("This needs more approvals before it can be scheduled")
    await team.cleo.click(find_review_message(world), label="Approve")
    assert "Approvals: 2 of 2" in read_message(get_stored_message(world, shown))
    await submit(team.ben, await tap(team.ben, shown, "Schedule…"), when="tomorrow 9am")
    assert "scheduled" in read_message(get_stored_message(world, shown))


async def test_a_refusal_names_who_may_act_and_no_command_the_user_cannot_use(world, team):
    shown = await submit_text(world, team.ben)
    roles = {role.name: role.id for role in world.bot.get_guild(world.guild.id).roles}
    for who, label in ((team.dora, "Approve"), (team.ben, "Approve")):
        refused = read_message(get_private_answer(await who.click(shown, label=label)))
        assert f"<@&{roles['reviewer']}>" in refused
        assert "/settings" not in refused
    refused = read_message(
        get_answer(await team.dora.slash(world.channel, "schedule", when="tomorrow 9am", text="mine"))
    )
    assert f"Here, that means <@&{roles['editor']}> and everyone who can manage this server." in refused
    german = await act_in_language(world, "de", team.dora.click, shown, label="Approve")
    assert f"Hier sind das <@&{roles['reviewer']}>" in read_message(get_private_answer(german))
    await set_rules(world, roles={}, default_role=Role.VIEWER)
    refused = read_message(get_private_answer(await team.dora.click(shown, label="Approve")))
    assert "Here, that means everyone who can manage this server." in refused
