"""The service for reviews of a team's texts. Of two concurrent steps the first one is taken; the second raises ConflictError."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.content import Request
from bot.errors import Phrase, RefusedError
from bot.reading.titles import find_title
from bot.store import Store
from bot.team.workspace.recorder import EntryWriter, Recorder, describe_event
from bot.team.workspace.roles import Member, Permission, Role, any_has_permission
from bot.team.workspace.settings import build_refusal
from bot.team.workspace.workspaces import Workspaces
from storage.assets import APPROVED, SCHEDULED, SUBMITTED
from storage.errors import PausedError
from storage.owners import workspace
from storage.reviews import (
    APPROVED_BY,
    ASKED_BY,
    ASSIGNED_TO,
    AssetVersion,
    ReviewedAsset,
    ReviewMark,
    build_asset_lock_name,
)
from storage.shielding import shield_methods

from .steps import (
    REQUIRED_PERMISSIONS,
    Review,
    ReviewActor,
    Step,
    advance,
    explain_forbidden,
    explain_refusal,
    is_step_open,
)
from .views import Feedback, ReviewTask, ReviewView, build_review, find_task_reason

MAX_TEXT_CHARACTERS, MAX_FEEDBACK_CHARACTERS = 4000, 1000
# Maximum audit entries loaded for change requests, and texts loaded for tasks or for messages to refresh.
_MAX_EVENTS, _MAX_TEXTS = 1000, 100
# The audit log's action for a comment, which is not a step.
COMMENT = "comment"
# The key of a change request's text, the feedback, in the details of an audit entry.
_FEEDBACK = "words"
GONE = "That is no longer in this library."
_SOMEONE_WAS_QUICKER = "Someone was quicker: {what}. Here is how it looks now."
_SOMEONE_CHANGED_IT = "Someone else has just changed it. Here is how it looks now."
_CANNOT_BE_ASSIGNED = "That person neither writes nor reviews here, so nothing can be assigned to them."
_TEXT_UNCHANGED = "The text has not changed, so there is no new version."
_NO_CHANGES_REQUESTED = "Nobody has requested changes to this."
NEW_VERSION = "This is now version {version} of the text in the team's library."
# Steps that store the actor's id outside the audit log, in a mark or as a version's author.
_STEPS_STORING_ACTOR = (Step.APPROVE, Step.REQUEST_CHANGES, Step.EDIT)


class ConflictError(RefusedError):
    """Another member has changed the text in the meantime; the message says who did what."""


@shield_methods
class ReviewService:
    """The reviews of workspaces' texts. Every method checks the permissions of its caller."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder) -> None:
        self._store, self._workspaces, self._recorder = store, workspaces, recorder

    async def load_view(self, guild_id: str, member: Member, asset_id: str) -> ReviewView:
        """Return a member's view of a text.

        Raises:
            RefusedError: the text does not exist, or the member cannot see it.
        """
        await self._workspaces.require(guild_id, member, Permission.SEE)
        return await self._load_view(
            guild_id, ReviewActor(member.user_id, await self._workspaces.find_roles(guild_id, member)), asset_id
        )

    async def load_public_view(self, guild_id: str, asset_id: str) -> ReviewView | None:
        """Return the view of a text for the message that everyone sees; None if the text is deleted."""
        try:
            return await self._load_view(guild_id, ReviewActor("", frozenset()), asset_id)
        except RefusedError:
            return None

    async def check_step(self, guild_id: str, member: Member, asset_id: str, step: Step, version: int) -> ReviewView:
        """Return a member's view of a text if they can take a step with a version of it.

        Raises ConflictError and RefusedError as `take_step` does.
        """
        view = await self.load_view(guild_id, member, asset_id)
        actor = ReviewActor(member.user_id, await self._workspaces.find_roles(guild_id, member))
        await self._require_step(guild_id, view, actor, step, version)
        return view

    async def take_step(
        self,
        guild_id: str,
        member: Member,
        asset_id: str,
        step: Step,
        version: int,
        *,
        feedback: str = "",
        assignee: Member | None = None,
        text: str = "",
    ) -> ReviewView:
        """Take a step with a version of a text, and return the member's view of it afterwards.

        `feedback`, the text of a change request, belongs to `Step.REQUEST_CHANGES`, `assignee` to `Step.ASSIGN`, and `text`, the
        new text, to `Step.EDIT`.

        Raises:
            ConflictError: another member has changed the text in the meantime.
            PausedError: the member has paused storage, and the step would store their id.
            RefusedError: the member cannot take the step.
            StorageError: the text has the maximum number of versions.
        """
        if assignee is not None and not await self._can_review_or_edit(guild_id, assignee):
            raise RefusedError(_CANNOT_BE_ASSIGNED)
        async with self._recorder.transaction(build_asset_lock_name(asset_id)) as record:
            await self._workspaces.require(guild_id, member, Permission.SEE)
            actor = ReviewActor(member.user_id, await self._workspaces.find_roles(guild_id, member))
            fields = (
                {"text": text, "parts": {}, "title": find_title(text, {}), "checks": [], "to_check": ""}
                if text
                else None
            )
            await self.apply_step(
                record,
                guild_id,
                actor,
                asset_id,
                step,
                version,
                feedback=feedback,
                assignee_id=assignee.user_id if assignee else "",
                fields=fields,
            )
        return await self.load_view(guild_id, member, asset_id)

    async def apply_step(
        self,
        record: EntryWriter,
        guild_id: str,
        actor: ReviewActor,
        asset_id: str,
        step: Step,
        version: int | None = None,
        *,
        feedback: str = "",
        assignee_id: str = "",
        fields: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a step inside a transaction that holds the text's claim; `version` None means the current one.

        `fields` are those of the new version for `Step.EDIT`; `details` are added to the audit entry. Raises the same errors as
        `take_step`.
        """
        view = await self._load_view(guild_id, actor, asset_id)
        await self._require_step(guild_id, view, actor, step, version)
        asset, expected = view.asset, (view.review.status, view.review.version)
        updated = advance(
            view.review, step, actor, view.rules, contributor_id=asset.given_by or "", assignee_id=assignee_id
        )
        if step in _STEPS_STORING_ACTOR and await self._store.people.is_paused(actor.user_id):
            raise PausedError
        if step is Step.EDIT:
            if fields is None or fields["text"] == asset.text:
                raise RefusedError(_TEXT_UNCHANGED)
            marks = list(_build_marks(asset, updated, actor, ""))
            is_saved = await self._store.reviews.add_version(
                asset.owner_id, asset_id, expected, actor.user_id, fields, marks
            )
        else:
            marks = list(_build_marks(asset, updated, actor, feedback))
            is_saved = await self._store.reviews.set_status(asset.owner_id, asset_id, expected, updated.status, marks)
        if not is_saved:
            raise await self._build_conflict_error(asset)
        text = fields["text"] if step is Step.EDIT and fields else asset.text
        entry_details = _describe_step(step, updated, text, view.rules.approvals, feedback) | dict(details or {})
        people = {"to": assignee_id} if step is Step.ASSIGN else {}
        await record(guild_id, step.value, actor.user_id, asset_id, entry_details, people)

    async def _require_step(
        self, guild_id: str, view: ReviewView, actor: ReviewActor, step: Step, version: int | None
    ) -> None:
        """Raise if the actor may not take a step or the step is no longer open. `version` None means the current one."""
        review, contributor_id = view.review, view.asset.given_by or ""
        if message := explain_forbidden(review, step, actor, contributor_id):
            raise await self._build_refusal(guild_id, message)
        if not is_step_open(review, step, view.rules) or version not in (None, review.version):
            raise await self._build_conflict_error(view.asset)
        if message := explain_refusal(review, step, actor, view.rules, contributor_id):
            raise await self._build_refusal(guild_id, message)

    async def apply_post_step(
        self,
        record: EntryWriter,
        guild_id: str,
        actor: ReviewActor,
        asset_ref: str,
        step: Step,
        details: Mapping[str, Any],
    ) -> bool:
        """Take the step that follows from a scheduled post; return whether it was possible.

        `asset_ref` is "id:version"; if the text has another version by now, nothing is changed.
        """
        asset_id, version = asset_ref.split(":")
        try:
            await self.apply_step(record, guild_id, actor, asset_id, step, int(version), details=details)
        except RefusedError:
            return False
        return True

    async def list_versions(self, guild_id: str, member: Member, asset_id: str) -> list[AssetVersion]:
        """Return all versions of a text, oldest first.

        Raises:
            RefusedError: the text does not exist, or the member cannot see it.
        """
        view = await self.load_view(guild_id, member, asset_id)
        return await self._store.reviews.list_versions(workspace(guild_id), asset_id) or [
            _build_first_version(view.asset)
        ]

    async def load_feedback(self, guild_id: str, member: Member, asset_id: str) -> Mapping[int, Sequence[Feedback]]:
        """Return the change requests for a text by version, oldest first.

        Raises:
            RefusedError: the text does not exist, or the member cannot see it.
        """
        await self.load_view(guild_id, member, asset_id)
        feedback_by_version: defaultdict[int, list[Feedback]] = defaultdict(list)
        for event in reversed(
            await self._store.audit.list_page(workspace(guild_id), about=asset_id, limit=_MAX_EVENTS)
        ):
            if event.act == Step.REQUEST_CHANGES.value and event.details.get(_FEEDBACK):
                feedback = Feedback(event.actor_id, str(event.details[_FEEDBACK]))
                feedback_by_version[int(event.details["version"])].append(feedback)
        return feedback_by_version

    async def list_tasks(self, guild_id: str, member: Member) -> Sequence[ReviewTask]:
        """Return the texts that wait for a member in a server, the longest waiting first.

        Raises:
            RefusedError: the member cannot see the team's texts.
        """
        await self._workspaces.require(guild_id, member, Permission.SEE)
        actor = ReviewActor(member.user_id, await self._workspaces.find_roles(guild_id, member))
        tasks = []
        for asset_id in await self._store.reviews.list_open(workspace(guild_id), _MAX_TEXTS):
            with suppress(RefusedError):  # Deleted in the meantime.
                view = await self._load_view(guild_id, actor, asset_id)
                if reason := find_task_reason(view, actor):
                    tasks.append(ReviewTask(view, reason))
        return tasks

    async def list_posted_asset_ids(self, guild_id: str) -> Sequence[str]:
        """Return the ids of the texts under review, approved or scheduled that have a review message."""
        return await self._store.reviews.list_posted(workspace(guild_id), (SUBMITTED, APPROVED, SCHEDULED), _MAX_TEXTS)

    async def record_comment(self, guild_id: str, user_id: str, message_ids: Sequence[str]) -> None:
        """Record a comment on the text that one of the messages shows, unless the latest entry is a comment of the same user."""
        owner_id = workspace(guild_id)
        asset_id = await self._store.reviews.find_by_message(owner_id, message_ids)
        if asset_id is None:
            return
        async with self._recorder.transaction(build_asset_lock_name(asset_id)) as record:
            asset = await self._store.reviews.get(owner_id, asset_id)
            latest = await self._store.audit.list_page(owner_id, about=asset_id, limit=1)
            is_repeated = bool(latest) and (latest[0].act, latest[0].actor_id) == (COMMENT, user_id)
            if asset is not None and not is_repeated:
                await record(guild_id, COMMENT, user_id, asset_id, {"version": asset.version})

    async def store_message(
        self, guild_id: str, asset_id: str, channel_id: str, message_id: str, *, is_additional: bool = False
    ) -> None:
        """Store the message that shows a review. If `is_additional`, the earlier message keeps showing it as well; otherwise this
        one takes its place.
        """
        await self._store.reviews.set_review_message(
            workspace(guild_id), asset_id, channel_id, message_id, is_additional=is_additional
        )

    async def prepare_revision(
        self, guild_id: str, member: Member, asset_id: str, version: int
    ) -> tuple[ReviewView, str]:
        """Return the view of a text to be revised with the requested changes, and the value of `Request.revises` for the request
        that revises it.

        Raises:
            ConflictError: another member has changed the text in the meantime.
            PausedError: the member has paused storage.
            RefusedError: the member cannot change the text, or no changes were requested.
        """
        view = await self.check_step(guild_id, member, asset_id, Step.EDIT, version)
        roles = await self._workspaces.find_roles(guild_id, member)
        if view.change_request is None:
            raise RefusedError(_NO_CHANGES_REQUESTED)
        if await self._store.people.is_paused(member.user_id):
            raise PausedError
        return view, f"{asset_id}:{version}:{'+'.join(sorted(roles))}"

    async def save_revision(self, request: Request, revision: Mapping[str, Any]) -> Phrase:
        """Save a revision as the next version of the text that a request revises; return a message for the user. Idempotent."""
        asset_id, version, roles = request.revises.split(":")
        actor = ReviewActor(request.user_id, frozenset(map(Role, roles.split("+"))))
        fields = {**revision, "title": find_title(revision["text"], revision["parts"])}
        try:
            async with self._recorder.transaction(build_asset_lock_name(asset_id)) as record:
                await self.apply_step(record, request.guild_id, actor, asset_id, Step.EDIT, int(version), fields=fields)
        except RefusedError as error:
            view = await self.load_public_view(request.guild_id, asset_id)
            if view is None or (view.asset.version, view.asset.text) != (int(version) + 1, revision["text"]):
                return error.phrase
        return Phrase(NEW_VERSION, version=int(version) + 1)

    async def _load_view(self, guild_id: str, actor: ReviewActor, asset_id: str) -> ReviewView:
        asset = await self._store.reviews.get(workspace(guild_id), asset_id)
        if asset is None:
            raise RefusedError(GONE)
        rules = (await self._workspaces.load_settings(guild_id)).review_rules
        review, contributor_id = build_review(asset), asset.given_by or ""
        available_steps = frozenset(
            step for step in Step if not explain_refusal(review, step, actor, rules, contributor_id)
        )
        change_request = next(
            (mark for mark in asset.marks if mark.kind == ASKED_BY and mark.version == asset.version), None
        )
        return ReviewView(asset, review, rules, available_steps, change_request)

    async def _can_review_or_edit(self, guild_id: str, member: Member) -> bool:
        roles = await self._workspaces.find_roles(guild_id, member)
        return any_has_permission(roles, Permission.REVIEW) or any_has_permission(roles, Permission.FILE)

    async def _build_refusal(self, guild_id: str, message: str) -> RefusedError:
        """Build the refusal of a step; if it depends on a permission, the message lists who has it."""
        permission = REQUIRED_PERMISSIONS.get(message)
        return (
            build_refusal(message, await self._workspaces.load_settings(guild_id), permission)
            if permission
            else RefusedError(message)
        )

    async def _build_conflict_error(self, asset: ReviewedAsset) -> ConflictError:
        latest = await self._store.audit.list_page(asset.owner_id, about=asset.id, limit=1)
        if not latest:
            return ConflictError(_SOMEONE_CHANGED_IT)
        # Leave the feedback out, as the view below the message shows it.
        details = {name: value for name, value in latest[0].details.items() if name != _FEEDBACK}
        return ConflictError(_SOMEONE_WAS_QUICKER, what=describe_event(replace(latest[0], details=details)))


def _describe_step(step: Step, review: Review, text: str, required_approvals: int, feedback: str) -> dict[str, Any]:
    """Return the details of a step for the audit log. `review` and `text` are those after the step."""
    details: dict[str, Any] = {
        "version": review.version,
        "status": review.status,
        "sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
    if step is Step.APPROVE:
        details |= {"count": len(review.approvals), "needed": required_approvals}
    if step is Step.REQUEST_CHANGES and feedback:
        details |= {_FEEDBACK: feedback}
    return details


def _build_marks(asset: ReviewedAsset, updated: Review, actor: ReviewActor, feedback: str) -> Iterator[ReviewMark]:
    """Yield the marks to be stored after a step: approvals, the change request and the assignment."""
    stored_marks = {(mark.user_id, mark.kind): mark for mark in asset.marks if mark.version == updated.version}
    for user_id, roles in updated.approvals.items():
        new_mark = ReviewMark(user_id, APPROVED_BY, updated.version, tuple(sorted(roles)))
        yield stored_marks.get((user_id, APPROVED_BY), new_mark)
    if updated.changes_requested_by:
        new_mark = ReviewMark(updated.changes_requested_by, ASKED_BY, updated.version, words=feedback)
        yield (
            new_mark
            if feedback and updated.changes_requested_by == actor.user_id
            else stored_marks.get((updated.changes_requested_by, ASKED_BY), new_mark)
        )
    if updated.assigned:
        yield ReviewMark(updated.assigned, ASSIGNED_TO, updated.version)


def _build_first_version(asset: ReviewedAsset) -> AssetVersion:
    return AssetVersion(1, asset.title, asset.text, asset.given_by, asset.created_at)
