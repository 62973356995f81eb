"""The state machine of a review: which steps an actor can take, and what follows from them. No I/O.

A *draft* is *submitted*, and *approved* once its version has as many approvals as the rules require. An approved version does not
change any more: an edit makes a new version, which is a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.errors import RefusedError
from bot.team.workspace.roles import Permission, Role, any_has_permission
from bot.team.workspace.settings import ReviewRules
from storage.assets import APPROVED, ARCHIVED, DRAFT, PUBLISHED, SCHEDULED, SUBMITTED


class Step(StrEnum):
    """A step of a review. Only the bot takes `LACK`, when a scheduled text has fewer approvals than the rules now require."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    UNAPPROVE = "unapprove"
    LACK = "lack"
    REQUEST_CHANGES = "ask"
    ASSIGN = "assign"
    EDIT = "edit"
    ARCHIVE = "archive"
    RESTORE = "restore"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class ReviewActor:
    """The user who takes a step, with their roles in the workspace; `user_id` is empty for the bot."""

    user_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a text. `authors` are the users who added the text or made its current version; `approvals` are those of the
    current version by user id, with the roles that the approver had. `changes_requested_by` and `assigned` are user ids or empty.
    """

    status: str = DRAFT
    version: int = 1
    authors: frozenset[str] = frozenset()
    approvals: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    assigned: str = ""
    changes_requested_by: str = ""


# The statuses in which a step is open, and the status it leads to; None if it depends on the approvals or does not change.
_TRANSITIONS: Mapping[Step, tuple[frozenset[str], str | None]] = {
    Step.SUBMIT: (frozenset({DRAFT}), SUBMITTED),
    Step.WITHDRAW: (frozenset({SUBMITTED}), DRAFT),
    Step.APPROVE: (frozenset({SUBMITTED, APPROVED, SCHEDULED}), None),
    Step.UNAPPROVE: (frozenset({SUBMITTED, APPROVED, SCHEDULED}), None),
    Step.LACK: (frozenset({SCHEDULED}), SUBMITTED),
    Step.REQUEST_CHANGES: (frozenset({SUBMITTED}), DRAFT),
    Step.ASSIGN: (frozenset({DRAFT, SUBMITTED}), None),
    Step.EDIT: (frozenset({DRAFT, SUBMITTED, APPROVED, SCHEDULED, PUBLISHED}), DRAFT),
    Step.ARCHIVE: (frozenset({DRAFT, SUBMITTED, APPROVED, PUBLISHED}), ARCHIVED),
    Step.RESTORE: (frozenset({ARCHIVED}), DRAFT),
    Step.SCHEDULE: (frozenset({APPROVED, PUBLISHED}), SCHEDULED),
    Step.UNSCHEDULE: (frozenset({SCHEDULED}), APPROVED),
    Step.PUBLISH: (frozenset({SCHEDULED}), PUBLISHED),
}
# Why a step is refused.
_NOT_THEIRS = "Only the person who gave it to the team, the person assigned to it and owners can change it."
_NOT_REVIEWERS = "Only reviewers and owners can decide that here."
_NOT_OWN = "You wrote this, so someone else has to approve it."
_NOT_APPROVERS = "Only owners and people who approved this version can take back an approval."
_FEWER = "This needs more approvals before it can be scheduled."
_ONCE = "You have already approved this version. Someone else has to approve it too."
_NOT_PLANNERS = "Only editors and owners can schedule posts."
_NOT_NOW = {
    DRAFT: "That is now a draft, so you cannot do this.",
    SUBMITTED: "That is now under review, so you cannot do this.",
    APPROVED: "That is now approved, so you cannot do this.",
    SCHEDULED: "That is now scheduled, so you cannot do this.",
    PUBLISHED: "That has been posted, so you cannot do this.",
    ARCHIVED: "That is now archived, so you cannot do this.",
}
# All reasons, for the translation test.
REFUSALS = (
    _NOT_THEIRS,
    _NOT_REVIEWERS,
    _NOT_OWN,
    _NOT_APPROVERS,
    _FEWER,
    _ONCE,
    _NOT_PLANNERS,
    *_NOT_NOW.values(),
)
# The permission with which a step would not be refused.
REQUIRED_PERMISSIONS: Mapping[str, Permission] = {
    _NOT_REVIEWERS: Permission.REVIEW,
    _NOT_OWN: Permission.REVIEW,
    _NOT_PLANNERS: Permission.FILE,
}


def can_change(review: Review, actor: ReviewActor, contributor_id: str) -> bool:
    """Return whether an actor may change a text: an owner, or an editor who is its contributor, author or assignee."""
    if Role.OWNER in actor.roles:
        return True
    return (
        any_has_permission(actor.roles, Permission.FILE)
        and bool(actor.user_id)
        and actor.user_id in (contributor_id, review.assigned, *review.authors)
    )


def is_step_open(review: Review, step: Step, rules: ReviewRules) -> bool:
    """Return whether the state of a text allows a step, regardless of the actor."""
    if review.status not in _TRANSITIONS[step][0]:
        return False
    if step is Step.UNAPPROVE:
        return bool(review.approvals)
    # An approved text can be approved again if the rules now require more approvals.
    needs_approvals = step in (Step.APPROVE, Step.LACK) and review.status != SUBMITTED
    return not needs_approvals or not has_enough_approvals(review.approvals, rules)


def explain_forbidden(review: Review, step: Step, actor: ReviewActor, contributor_id: str = "") -> str:
    """Return why an actor may not take a step in any state of the text; empty if they may."""
    match step:
        case Step.APPROVE | Step.REQUEST_CHANGES if not any_has_permission(actor.roles, Permission.REVIEW):
            return _NOT_REVIEWERS
        case Step.UNAPPROVE if Role.OWNER not in actor.roles and actor.user_id not in review.approvals:
            return _NOT_APPROVERS
        case Step.SCHEDULE | Step.UNSCHEDULE | Step.PUBLISH if not any_has_permission(actor.roles, Permission.FILE):
            return _NOT_PLANNERS
        case Step.ASSIGN if not (
            any_has_permission(actor.roles, Permission.REVIEW) or can_change(review, actor, contributor_id)
        ):
            return _NOT_THEIRS
        case Step.SUBMIT | Step.WITHDRAW | Step.EDIT | Step.ARCHIVE | Step.RESTORE:
            if not can_change(review, actor, contributor_id):
                return _NOT_THEIRS
    return ""


def explain_refusal(
    review: Review, step: Step, actor: ReviewActor, rules: ReviewRules, contributor_id: str = ""
) -> str:
    """Return why an actor cannot take a step now; empty if they can."""
    if reason := explain_forbidden(review, step, actor, contributor_id):
        return reason
    if not is_step_open(review, step, rules) or (step is Step.LACK and actor.user_id):
        return _NOT_NOW[review.status]
    if step is Step.APPROVE:
        if actor.user_id in review.authors and not rules.allows_own:
            return _NOT_OWN
        if actor.user_id in review.approvals:
            return _ONCE
    return _FEWER if step is Step.SCHEDULE and not has_enough_approvals(review.approvals, rules) else ""


def advance(
    review: Review,
    step: Step,
    actor: ReviewActor,
    rules: ReviewRules,
    *,
    contributor_id: str = "",
    assignee_id: str = "",
) -> Review:
    """Return the review after a step; `assignee_id` belongs to `Step.ASSIGN`.

    Raises:
        RefusedError: the actor cannot take the step.
    """
    if reason := explain_refusal(review, step, actor, rules, contributor_id):
        raise RefusedError(reason)
    status = _TRANSITIONS[step][1] or review.status
    match step:
        case Step.APPROVE:
            approvals = {**review.approvals, actor.user_id: actor.roles}
            is_approved = review.status == SUBMITTED and has_enough_approvals(approvals, rules)
            return replace(review, approvals=approvals, status=APPROVED if is_approved else status)
        case Step.UNAPPROVE:
            # An owner who has not approved the text takes back all approvals.
            others = {user_id: roles for user_id, roles in review.approvals.items() if user_id != actor.user_id}
            approvals = others if actor.user_id in review.approvals else {}
            return replace(
                review, approvals=approvals, status=status if has_enough_approvals(approvals, rules) else SUBMITTED
            )
        case Step.ASSIGN:
            return replace(review, assigned=assignee_id)
        case Step.EDIT:
            authors = frozenset(filter(None, (contributor_id, actor.user_id)))
            return Review(status, review.version + 1, authors, assigned=review.assigned)
        case Step.SCHEDULE | Step.UNSCHEDULE | Step.PUBLISH | Step.LACK:
            return replace(review, status=status)
        case Step.REQUEST_CHANGES:
            return replace(review, status=status, approvals={}, changes_requested_by=actor.user_id)
        case _:
            return replace(review, status=status, approvals={}, changes_requested_by="")


def has_enough_approvals(approvals: Mapping[str, frozenset[Role]], rules: ReviewRules) -> bool:
    """Return whether a version has the approvals that the rules require."""
    has_role = rules.role is None or any(rules.role in roles for roles in approvals.values())
    return len(approvals) >= rules.approvals and has_role
