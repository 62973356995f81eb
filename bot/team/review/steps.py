"""How a text of the team's is reviewed: what somebody may do with it, and how it stands then. Pure.

A *draft* is *submitted*, and *approved* once as many have approved that version as the team wants. Approved it is frozen: whoever
changes a text makes a new version, which is a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.errors import RefusedError
from bot.team.workspace.roles import Act, Role, any_may
from bot.team.workspace.settings import Rules
from storage.assets import APPROVED, ARCHIVED, DRAFT, PUBLISHED, SCHEDULED, SUBMITTED


class Step(StrEnum):
    """What can be done in a review. `LACK` is the bot's own: what is to go out now has fewer approvals than are wanted by now."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    UNAPPROVE = "unapprove"
    LACK = "lack"
    ASK = "ask"
    ASSIGN = "assign"
    EDIT = "edit"
    ARCHIVE = "archive"
    RESTORE = "restore"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody who acts, with what they are in the workspace."""

    user_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Review:
    """How a text stands: its `authors` gave it or made the version that holds; `approvals` are of that version alone, with
    what each approver was. `asked` has asked for changes, `assigned` is to look after it; empty for nobody.
    """

    status: str = DRAFT
    version: int = 1
    authors: frozenset[str] = frozenset()
    approvals: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    assigned: str = ""
    asked: str = ""


# From which states a step leads where; None stays as it is.
_WAYS: Mapping[Step, tuple[frozenset[str], str | None]] = {
    Step.SUBMIT: (frozenset({DRAFT}), SUBMITTED),
    Step.WITHDRAW: (frozenset({SUBMITTED}), DRAFT),
    Step.APPROVE: (frozenset({SUBMITTED, APPROVED, SCHEDULED}), None),
    Step.UNAPPROVE: (frozenset({SUBMITTED, APPROVED, SCHEDULED}), None),
    Step.LACK: (frozenset({SCHEDULED}), SUBMITTED),
    Step.ASK: (frozenset({SUBMITTED}), DRAFT),
    Step.ASSIGN: (frozenset({DRAFT, SUBMITTED}), None),
    Step.EDIT: (frozenset({DRAFT, SUBMITTED, APPROVED, SCHEDULED, PUBLISHED}), DRAFT),
    Step.ARCHIVE: (frozenset({DRAFT, SUBMITTED, APPROVED, PUBLISHED}), ARCHIVED),
    Step.RESTORE: (frozenset({ARCHIVED}), DRAFT),
    Step.SCHEDULE: (frozenset({APPROVED, PUBLISHED}), SCHEDULED),
    Step.UNSCHEDULE: (frozenset({SCHEDULED}), APPROVED),
    Step.PUBLISH: (frozenset({SCHEDULED}), PUBLISHED),
}
# What somebody is told for whom a step is not, or not now.
_NOT_THEIRS = "Only the person who gave it to the team, the person assigned to it and owners can change it."
_NOT_REVIEWERS = "Only reviewers and owners can decide that here."
_NOT_OWN = "You wrote this, so someone else has to approve it."
_NOT_APPROVERS = "Only people who approved this version and owners can take an approval back."
_FEWER = "More people have to approve this than have by now, so it cannot be scheduled yet."
_ONCE = "You have already approved this version. Someone else has to approve it too."
_NOT_PLANNERS = "Only editors and owners can schedule posts."
_NOT_NOW = {
    DRAFT: "That is a draft now, so you cannot do this with it.",
    SUBMITTED: "That is under review now, so you cannot do this with it.",
    APPROVED: "That is approved now, so you cannot do this with it.",
    SCHEDULED: "That is scheduled now, so you cannot do this with it.",
    PUBLISHED: "That has been posted, so you cannot do this with it.",
    ARCHIVED: "That is archived now, so you cannot do this with it.",
}
# All of those.
REFUSALS = (
    _NOT_THEIRS, _NOT_REVIEWERS, _NOT_OWN, _NOT_APPROVERS, _FEWER, _ONCE, _NOT_PLANNERS, *_NOT_NOW.values(),
)  # fmt: skip
# What has to be open to whoever can do it, of those that more than one person can.
OPEN_TO: Mapping[str, Act] = {_NOT_REVIEWERS: Act.REVIEW, _NOT_OWN: Act.REVIEW, _NOT_PLANNERS: Act.FILE}


def may_change(review: Review, doer: Doer, giver: str) -> bool:
    """Whether somebody may change a text: owners, and of those who file its giver and who is assigned to it."""
    if Role.OWNER in doer.roles:
        return True
    return (
        any_may(doer.roles, Act.FILE)
        and bool(doer.user_id)
        and doer.user_id in (giver, review.assigned, *review.authors)
    )


def fits(review: Review, step: Step, rules: Rules) -> bool:
    """Whether a text stands so that a step can be taken, by whomever."""
    if review.status not in _WAYS[step][0]:
        return False
    if step is Step.UNAPPROVE:
        return bool(review.approvals)
    # What was approved by as many as were wanted then is approved by more once more are wanted.
    lacking = step in (Step.APPROVE, Step.LACK) and review.status != SUBMITTED
    return not lacking or not enough(review.approvals, rules)


def not_theirs(review: Review, step: Step, doer: Doer, giver: str = "") -> str:
    """Why a step is not for somebody, whatever state a text is in; empty where it is."""
    match step:
        case Step.APPROVE | Step.ASK if not any_may(doer.roles, Act.REVIEW):
            return _NOT_REVIEWERS
        case Step.UNAPPROVE if Role.OWNER not in doer.roles and doer.user_id not in review.approvals:
            return _NOT_APPROVERS
        case Step.SCHEDULE | Step.UNSCHEDULE | Step.PUBLISH if not any_may(doer.roles, Act.FILE):
            return _NOT_PLANNERS
        case Step.ASSIGN if not (any_may(doer.roles, Act.REVIEW) or may_change(review, doer, giver)):
            return _NOT_THEIRS
        case Step.SUBMIT | Step.WITHDRAW | Step.EDIT | Step.ARCHIVE | Step.RESTORE:
            if not may_change(review, doer, giver):
                return _NOT_THEIRS
    return ""


def refusal(review: Review, step: Step, doer: Doer, rules: Rules, giver: str = "") -> str:
    """Why somebody cannot take a step now, in a sentence; empty where they can."""
    if why := not_theirs(review, step, doer, giver):
        return why
    if not fits(review, step, rules) or (step is Step.LACK and doer.user_id):
        return _NOT_NOW[review.status]
    if step is Step.APPROVE:
        if doer.user_id in review.authors and not rules.own:
            return _NOT_OWN
        if doer.user_id in review.approvals:
            return _ONCE
    return _FEWER if step is Step.SCHEDULE and not enough(review.approvals, rules) else ""


def after(review: Review, step: Step, doer: Doer, rules: Rules, *, giver: str = "", to: str = "") -> Review:
    """How a text stands once somebody has taken a step; `to` is who gets assigned.

    Raises:
        RefusedError: they cannot take it.
    """
    if why := refusal(review, step, doer, rules, giver):
        raise RefusedError(why)
    status = _WAYS[step][1] or review.status
    match step:
        case Step.APPROVE:
            given = {**review.approvals, doer.user_id: doer.roles}
            approved = review.status == SUBMITTED and enough(given, rules)
            return replace(review, approvals=given, status=APPROVED if approved else status)
        case Step.UNAPPROVE:
            # An owner who has not approved it takes back all that were given.
            given = {who: roles for who, roles in review.approvals.items() if who != doer.user_id}
            given = given if doer.user_id in review.approvals else {}
            return replace(review, approvals=given, status=status if enough(given, rules) else SUBMITTED)
        case Step.ASSIGN:
            return replace(review, assigned=to)
        case Step.EDIT:
            authors = frozenset(filter(None, (giver, doer.user_id)))
            return Review(status, review.version + 1, authors, assigned=review.assigned)
        case Step.SCHEDULE | Step.UNSCHEDULE | Step.PUBLISH | Step.LACK:
            return replace(review, status=status)
        case Step.ASK:
            return replace(review, status=status, approvals={}, asked=doer.user_id)
        case _:
            return replace(review, status=status, approvals={}, asked="")


def enough(approvals: Mapping[str, frozenset[Role]], rules: Rules) -> bool:
    """Whether a version is approved by as many as a team wants."""
    by_role = rules.role is None or any(rules.role in roles for roles in approvals.values())
    return len(approvals) >= rules.approvals and by_role
