"""Many who act on one text at once, on both databases: what is kept is what the audit tells, step by step."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.admission.limits import RateLimiter
from bot.errors import RefusedError
from bot.store import Store
from bot.team.review.service import ConflictError, ReviewService
from bot.team.review.steps import Review, ReviewActor, Step, advance
from bot.team.review.views import build_review
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Role
from bot.team.workspace.settings import ReviewRules
from bot.team.workspace.workspaces import Workspaces
from personas.ledger import guild
from storage.assets import APPROVED, Asset
from storage.crypto import Keyring

SERVER, GIVER, OWNER = "1", "100", Member("99", manages=True)
REVIEWER, EDITOR = "11", "12"


@pytest_asyncio.fixture
async def team(url: str) -> AsyncIterator[ReviewService]:
    """The review service of a server in which six reviewers must approve a text."""
    async with Store(url, Keyring((b"k" * 32,))) as store:
        recorder = Recorder(store)
        workspaces = Workspaces(store, RateLimiter({}), recorder)
        roles = {Role.REVIEWER: (REVIEWER,), Role.EDITOR: (EDITOR,)}
        await workspaces.change(
            SERVER, OWNER, lambda known: known.with_values(roles=roles, approvals=6, default_role="viewer")
        )
        yield ReviewService(store, workspaces, recorder)


async def submit_asset(team: ReviewService) -> str:
    asset = Asset("ad", "Mugs", "New mugs.", {}, {}, [], source_id="r", given_by=GIVER)
    await team._store.assets.add(guild(SERVER), asset)
    await team.take_step(SERVER, OWNER, asset.id, Step.SUBMIT, 1)
    return asset.id


def build_reviewer(number: int) -> Member:
    return Member(str(1000 + number), frozenset({REVIEWER}))


async def replay_audit(team: ReviewService, asset_id: str) -> Review:
    """Return the state of a text according to the audit log alone."""
    review = Review(authors=frozenset({GIVER}))
    for event in await team._store.audit.list_after(guild(SERVER), 0):
        if event.about != asset_id:
            continue
        roles = {Role.OWNER} if event.actor_id == OWNER.user_id else {Role.REVIEWER, Role.EDITOR}
        actor = ReviewActor(event.actor_id, frozenset(roles))
        review = advance(review, Step(event.act), actor, ReviewRules(6), contributor_id=GIVER)
        assert (review.status, review.version) == (event.details["status"], event.details["version"])
    return review


@pytest.mark.parametrize("seed", [1, 2])
async def test_forty_concurrent_steps_leave_a_state_that_matches_the_audit_log(team: ReviewService, seed: int) -> None:
    name = await submit_asset(team)
    writer = Member(GIVER, frozenset({EDITOR}))
    presses = [(build_reviewer(number), Step.APPROVE) for number in range(28)] + [(build_reviewer(1), Step.APPROVE)] * 2
    presses += [(build_reviewer(50 + number), Step.REQUEST_CHANGES) for number in range(4)]
    presses += [(writer, Step.EDIT), (OWNER, Step.EDIT), (writer, Step.WITHDRAW), (OWNER, Step.SUBMIT)]
    presses += [(Member("7"), Step.APPROVE), (writer, Step.APPROVE)]
    random.Random(seed).shuffle(presses)
    assert len(presses) == 40

    async def press(member: Member, step: Step) -> str:
        try:
            await team.take_step(SERVER, member, name, step, 1, feedback="No.", text=f"By {member.user_id}.")
        except ConflictError:
            return "late"
        except RefusedError:
            return "refused"
        return step.value

    outcomes = await asyncio.gather(*(press(*one) for one in presses))
    kept = await team._store.reviews.get(guild(SERVER), name)
    assert kept is not None
    found, told = build_review(kept), await replay_audit(team, name)
    assert (found.status, found.version, set(found.approvals), found.changes_requested_by) == (
        told.status,
        told.version,
        set(told.approvals),
        told.changes_requested_by,
    )
    if found.status == APPROVED:
        assert len(found.approvals) == 6
    events = [one for one in await team._store.audit.list_after(guild(SERVER), 0) if one.about == name]
    assert len(events) == 1 + sum(one not in ("late", "refused") for one in outcomes), "each that was done, once"
    assert (await team._store.audit.verify(guild(SERVER))).broken is None
    assert len(await team._store.reviews.list_versions(guild(SERVER), name)) in (0, found.version)
    assert "refused" in outcomes, "a viewer's, and the writer's own"


async def test_a_refused_or_failed_step_leaves_no_change_and_no_audit_entry(team: ReviewService) -> None:
    name = await submit_asset(team)
    before = await team._store.audit.verify(guild(SERVER))
    with pytest.raises(RefusedError, match="The text has not changed,"):
        await team.take_step(SERVER, OWNER, name, Step.EDIT, 1, text="New mugs.")
    await team._store.people.pause("1001")
    with pytest.raises(Exception, match="You have paused me"):
        await team.take_step(SERVER, build_reviewer(1), name, Step.APPROVE, 1)
    assert await team._store.audit.verify(guild(SERVER)) == before
