"""A text of a team and its review, as one member sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.team.workspace.roles import Role
from bot.team.workspace.settings import ReviewRules
from storage.assets import DRAFT
from storage.reviews import (
    APPROVED_BY,
    ASKED_BY,
    ASSIGNED_TO,
    ReviewedAsset,
    ReviewMark,
)

from .steps import (
    Review,
    ReviewActor,
    Step,
)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A text and its review as one member sees it: the rules, the steps that the member can take, and the latest change request."""

    asset: ReviewedAsset
    review: Review
    rules: ReviewRules
    available_steps: frozenset[Step]
    change_request: ReviewMark | None = None

    @property
    def can_revise(self) -> bool:
        """Whether the member can have the text revised with the requested changes."""
        return self.change_request is not None and Step.EDIT in self.available_steps


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reviewer's request for changes; `user_id` is empty once the reviewer's data is deleted."""

    user_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReviewTask:
    """A text that waits for a member: for their review, for the requested changes, or because it is assigned to them."""

    view: ReviewView
    reason: Literal["review", "changes", "assigned"]


def build_review(asset: ReviewedAsset) -> Review:
    """Build the review of a stored text."""
    version_marks = [mark for mark in asset.marks if mark.version == asset.version]
    return Review(
        asset.status,
        asset.version,
        frozenset(filter(None, (asset.given_by, asset.author_id))),
        {mark.user_id: frozenset(map(Role, mark.roles)) for mark in version_marks if mark.kind == APPROVED_BY},
        next((mark.user_id for mark in asset.marks if mark.kind == ASSIGNED_TO), ""),
        next((mark.user_id for mark in version_marks if mark.kind == ASKED_BY), ""),
    )


def find_task_reason(view: ReviewView, actor: ReviewActor) -> Literal["review", "changes", "assigned", ""]:
    """Return why a text waits for a member; empty if it does not."""
    review = view.review
    if Step.APPROVE in view.available_steps:
        return "review"
    if view.can_revise and actor.user_id in (*review.authors, review.assigned):
        return "changes"
    return "assigned" if review.assigned == actor.user_id and review.status == DRAFT else ""
