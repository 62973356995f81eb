"""Writes the pieces of campaigns, each only once even if the process restarts, and shows them in their threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from bot.content import Assignment, Checkpoint, Request, Requirements, Result
from bot.engines.spending import track_spending
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.generation.requirements import parse_ratio
from bot.generation.sources import add_sources
from bot.images.studio import use_engine_dialect
from bot.kinds.campaign import get_channel, list_places
from bot.reading.titles import find_title
from bot.runtime.active_requests import track_request
from bot.team.library.library import strip_personal_fields
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.workspace.recorder import EntryWriter, Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import Asset
from storage.campaigns import PENDING_STATES, Campaign, CampaignPiece, PieceState, build_campaign_lock_name
from storage.campaigns import Campaigns as CampaignStore
from storage.errors import PausedError, StorageError
from storage.reviews import build_asset_lock_name
from storage.shielding import shield

from .admission_control import AdmissionControl
from .answers import Answers
from .campaigns import PICTURE_SUFFIX, PLAN, REWRITING_STATES, CampaignService, kind_of
from .members import fetch_member
from .resumable import build_checkpoint, run_together, wait_for_admission

log = logging.getLogger(__name__)

_WAITING: tuple[PieceState, ...] = ("waiting",)
_MADE: tuple[PieceState, ...] = ("made",)
# The maximum number of pieces that are in progress or waiting for a slot at the same time.
_MAX_CONCURRENT_PIECES = 4
# How prompts name the pieces of a campaign, and the brief of a piece.
_PLAN_TITLE = "The plan, without the other texts"
_TEXT_TITLE, _PICTURE_TITLE = "The text for {place}", "The picture for {place}, {shape}"
_PIECE_BRIEF = "{piece}, which belongs to this campaign: {brief}"
_REQUESTER_GONE = "I no longer know who asked for this. Press Try again, and I'll make it for you."
_BRIEF_CHANGED = "The brief changed while I was writing this."
_WENT_WRONG = "Something went wrong on my side with this one."


class ThreadGoneError(Exception):
    """The thread of a campaign no longer exists, or the bot may no longer write there."""


class Thread(Protocol):
    """The Discord thread of a campaign."""

    async def show(self, campaign: Campaign, piece: CampaignPiece, *, may_be_shown: bool) -> None:
        """Show a finished piece unless it is already shown, which has to be checked if `may_be_shown`.

        Raises:
            ThreadGoneError: the thread no longer exists, or the bot may no longer write there.
        """

    def schedule_board_update(self, campaign: Campaign, note: Phrase | None = None) -> None:
        """Schedule an update of the board, with a note about what the campaign is waiting for."""


@dataclass(frozen=True, slots=True)
class CampaignWriting:
    """Writes the pieces of campaigns, sharing the model slots with single requests."""

    campaigns: CampaignService
    answers: Answers
    admission: AdmissionControl
    recorder: Recorder
    reviews: ReviewService
    active_request_ids: set[str] = field(default_factory=set)

    async def work(self, campaign: Campaign, thread: Thread, is_stopping: Callable[[], bool]) -> None:
        """Write and show pending pieces, the plan first.

        Returns when none is left, the campaign is closed or deleted, or this process stops or loses its lease.

        Raises:
            ThreadGoneError: the thread is gone; the campaign is then closed.
        """
        while not is_stopping() and await self.answers.holds_lease():
            current = await self._store.get(campaign.guild_id, campaign.id)
            if current is None or current.state == "closed":
                return
            pending = [piece for piece in await self._store.list_pieces(current) if piece.state in PENDING_STATES]
            if not pending:
                return
            batch = (
                pending[:1]
                if pending[0].name == PLAN
                else pending[: max(1, min(_MAX_CONCURRENT_PIECES, self.answers.slots.max_concurrent + 1))]
            )
            try:
                await run_together(self._process_piece(current, piece, thread, is_stopping) for piece in batch)
            except ThreadGoneError:
                await self.campaigns.close(current)
                raise

    @property
    def _store(self) -> CampaignStore:
        return self.answers.store.campaigns

    async def _process_piece(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, is_stopping: Callable[[], bool]
    ) -> None:
        """Write or rewrite a piece if necessary, and show it if it is new."""
        current: CampaignPiece | None = piece
        if piece.state != "made":
            current = await self._make_piece(campaign, piece, thread, is_stopping)
        if current is not None and current.state == "made":
            await thread.show(campaign, current, may_be_shown=piece.state == "made")
            await self._store.change_piece(current, _MADE, state="shown")
        thread.schedule_board_update(campaign)

    async def _make_piece(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, is_stopping: Callable[[], bool]
    ) -> CampaignPiece | None:
        """Write or rewrite a piece.

        Returns None if it failed, with the reason recorded, if the campaign was deleted, or if the piece has changed meanwhile.
        """
        version_prefix = f"{campaign.version} "
        steps = {name: value for name, value in piece.steps.items() if name.startswith(version_prefix)}

        async def keep(finished_steps: Mapping[str, Any]) -> None:
            await self._store.change_piece(piece, (piece.state,), steps=finished_steps)

        checkpoint = build_checkpoint(steps, keep, version_prefix)
        try:
            if not piece.given_by:
                raise RefusedError(_REQUESTER_GONE)
            member = await fetch_member(self.answers.bot, campaign.guild_id, piece.given_by)
            await self.admission.workspaces.require(campaign.guild_id, member, Permission.FILE)
            request_id = _format_request_id(campaign, piece)
            self.active_request_ids.add(request_id)
            try:
                await self._wait_for_admission(campaign, request_id, member, thread, is_stopping)
                store = self.answers.store.reviews
                asset = await store.get(campaign.owner_id, piece.asset_id) if piece.asset_id else None
                with track_spending() as cost, track_request(request_id, "campaign"):
                    async with self.answers.slots.hold_turn(member.user_id):
                        request, result = await self._write(campaign, piece, member.user_id, checkpoint)
                    usage = self.answers.accounts.take_usage(cost, result.kind, result)
                saved = await self._save(campaign, piece, member, request, result, asset.version if asset else 1)
                await self.answers.store.usage.count(member.user_id, campaign.guild_id, usage)
                return saved
            finally:
                self.active_request_ids.discard(request_id)
                await self.answers.accounts.finish(request_id)
        except PausedError as error:
            await self._record_failure(piece, error.phrase)
        except StorageError:
            raise
        except QuillmateError as error:
            await self._record_failure(piece, error.phrase)
        except Exception:  # A failed piece must not hold up the other pieces of its campaign.
            log.exception("a piece of a campaign failed")
            await self._record_failure(piece, Phrase(_WENT_WRONG))
        return None

    async def _record_failure(self, piece: CampaignPiece, why: Phrase) -> None:
        """Record why a piece failed. An existing text is kept and remains marked as stale."""
        after: PieceState = "shown" if piece.asset_id else "failed"
        await self._store.change_piece(piece, (piece.state,), state=after, steps={}, failure=why.to_json())

    async def _write(
        self, campaign: Campaign, piece: CampaignPiece, user_id: str, checkpoint: Checkpoint
    ) -> tuple[Request, Result]:
        assignment = await self._build_assignment(campaign, piece, user_id)
        if piece.name == PLAN:
            await self._write_together(campaign, assignment, user_id, checkpoint)
        else:
            plan = await self._load_plan(campaign, await self._store.list_pieces(campaign))
            assignment = replace(assignment, plan=plan)
        results = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
        return assignment.request, add_sources(results[0], assignment)

    async def _write_together(
        self, campaign: Campaign, plan_assignment: Assignment, user_id: str, checkpoint: Checkpoint
    ) -> None:
        """Write the plan and all texts that are not begun in one call, and store each as the first step of its piece.

        What one call cannot write is left to a call for each piece.
        """
        pieces = {
            _describe_piece(piece): piece
            for piece in await self._store.list_pieces(campaign)
            if piece.name != PLAN and piece.state in _WAITING and not piece.steps
        }
        request = replace(plan_assignment.request, brief=_describe_campaign(campaign))
        assignments = {_PLAN_TITLE: replace(plan_assignment, request=request)} | {
            title: await self._build_assignment(campaign, piece, user_id) for title, piece in pieces.items()
        }
        outputs = await self.answers.pipeline.write_together(assignments, checkpoint)
        for title, piece in pieces.items():
            if title in outputs:
                steps = {f"{campaign.version} text": {"value": outputs[title], "spent": {}}}
                await self._store.change_piece(piece, _WAITING, steps=steps)
        if plan_output := outputs.get(_PLAN_TITLE):
            await checkpoint("text", partial(_return, plan_output))

    async def _build_assignment(self, campaign: Campaign, piece: CampaignPiece, user_id: str) -> Assignment:
        brief = _describe_campaign(campaign) if piece.name == PLAN else campaign.brief
        request = Request(
            id=_format_request_id(campaign, piece),
            user_id=user_id,
            brief=_PIECE_BRIEF.format(piece=_describe_piece(piece), brief=brief),
            kind=kind_of(piece),
            seed=campaign.seed + 17 * campaign.version,
            guild_id=campaign.guild_id,
            channel_id=campaign.channel_id,
            locale=campaign.locale,
            asked=campaign.created_at.isoformat(timespec="seconds"),
            of_others=not await self._is_author(campaign, user_id),
        )
        assignment = await self.answers.pipeline.build_assignment(request, await self.answers.memory.recall(request))
        if piece.name == PLAN:
            return assignment
        # Numbers in the brief are about the campaign, not about each of its texts.
        channel, is_picture = get_channel(piece.name.removesuffix(PICTURE_SUFFIX)), piece.name.endswith(PICTURE_SUFFIX)
        requirements = Requirements(
            place="" if is_picture else channel.place,
            language=assignment.requirements.language,
            ratio=parse_ratio(channel.shape) if is_picture else None,
        )
        return use_engine_dialect(replace(assignment, requirements=requirements), self.answers.studio.engine)

    async def _is_author(self, campaign: Campaign, user_id: str) -> bool:
        """Return whether a user wrote the current brief of a campaign."""
        newest = await self.answers.store.audit.list_page(campaign.owner_id, about=campaign.id, limit=1)
        return bool(newest) and newest[0].actor_id == user_id

    async def _load_plan(self, campaign: Campaign, pieces: Sequence[CampaignPiece]) -> str:
        """Return the plan of a campaign; empty if there is none for the current brief."""
        plan = next((piece for piece in pieces if piece.name == PLAN and piece.asset_id), None)
        if plan is None or plan.made_for != campaign.version:
            return ""
        asset = await self.answers.store.reviews.get(campaign.owner_id, plan.asset_id)
        return asset.text if asset else ""

    @shield
    async def _save(
        self,
        campaign: Campaign,
        piece: CampaignPiece,
        member: Member,
        request: Request,
        result: Result,
        asset_version: int,
    ) -> CampaignPiece | None:
        """Save text and piece in one transaction, so that no piece is finished without its text or written twice."""
        content, guild_id, user_id = result.content, campaign.guild_id, member.user_id
        fields: dict[str, Any] = {
            "title": find_title(content.text, content.parts),
            "text": content.text,
            "parts": content.parts,
            "checks": [check.to_json() for check in result.checks],
            "to_check": result.to_check,
        }
        async with self.recorder.transaction(build_campaign_lock_name(campaign.id)) as record:
            current = await self._store.get(guild_id, campaign.id)
            if current is None:
                return None
            is_brief_changed = current.version != campaign.version
            changes: dict[str, Any] = {
                "made_for": campaign.version,
                "steps": {},
                "failure": None,
                "stale": Phrase(_BRIEF_CHANGED).to_json() if is_brief_changed else None,
            }
            saved: CampaignPiece | None
            if piece.asset_id:
                await self._save_revision(campaign, piece, member, fields, record, asset_version)
                saved = await self._store.change_piece(piece, REWRITING_STATES, state="shown", **changes)
                return saved
            asset_request = strip_personal_fields(request.to_json())
            asset = Asset(kind=result.kind, request=asset_request, source_id=piece.id, given_by=user_id, **fields)
            asset_id = asset.id
            if await self.answers.store.assets.add(campaign.owner_id, asset):
                await record(guild_id, "keep", user_id, asset.id, {"kind": asset.kind, "campaign": campaign.id})
            else:
                asset_id = await self.answers.store.assets.find_by_source(campaign.owner_id, piece.id)
            saved = await self._store.change_piece(piece, _WAITING, state="made", asset_id=asset_id, **changes)
            return saved

    async def _save_revision(
        self,
        campaign: Campaign,
        piece: CampaignPiece,
        member: Member,
        content_data: Mapping[str, Any],
        record: EntryWriter,
        asset_version: int,
    ) -> None:
        """Save the next version of a text, or record that the rewrite gave the same text.

        Raises:
            ConflictError: another member has changed it in the meantime.
        """
        store = self.answers.store
        async with store.database.write(build_asset_lock_name(piece.asset_id)):
            asset = await store.reviews.get(campaign.owner_id, piece.asset_id)
            if asset is None:
                return
            details = {"campaign": campaign.id}
            if asset.text == content_data["text"]:
                await record(campaign.guild_id, "redone", member.user_id, piece.asset_id, details)
                return
            actor = ReviewActor(member.user_id, await self.admission.workspaces.find_roles(campaign.guild_id, member))
            await self.reviews.apply_step(
                record,
                campaign.guild_id,
                actor,
                piece.asset_id,
                Step.EDIT,
                asset_version,
                fields=content_data,
                details=details,
            )

    async def _wait_for_admission(
        self, campaign: Campaign, request_id: str, member: Member, thread: Thread, is_stopping: Callable[[], bool]
    ) -> None:
        """Wait until limits admit a piece; it counts as a request of the member.

        Raises:
            QuotaError: a quota is reached.
            RefusedError: the member may no longer ask for texts in that server.
        """
        request = Request(
            request_id, member.user_id, "", kind="campaign", guild_id=campaign.guild_id, channel_id=campaign.channel_id
        )

        async def get_member() -> Member:
            return member

        async def report_wait(why: Phrase) -> None:
            thread.schedule_board_update(campaign, why)

        await wait_for_admission(
            self.admission, request, get_member, self.active_request_ids, report_wait=report_wait, stopping=is_stopping
        )


def _format_request_id(campaign: Campaign, piece: CampaignPiece) -> str:
    """Return the id of a piece's request, a new one for each version of the brief."""
    return f"{piece.id}-{campaign.version}"


def _describe_campaign(campaign: Campaign) -> str:
    """Return the brief of a campaign with the chosen channels."""
    channel_titles = [title for name, title in list_places().items() if name in campaign.places]
    return "\n\n".join([campaign.brief, *([f"Channels: {', '.join(channel_titles)}"] if channel_titles else [])])


def _describe_piece(piece: CampaignPiece) -> str:
    """Return what a piece is for, such as "The text for Instagram" or "The picture for Instagram, 4:5"."""
    if piece.name == PLAN:
        return _PLAN_TITLE
    name = piece.name.removesuffix(PICTURE_SUFFIX)
    template = _PICTURE_TITLE if piece.name.endswith(PICTURE_SUFFIX) else _TEXT_TITLE
    return template.format(place=list_places().get(name, "any place"), shape=get_channel(name).shape)


async def _return(output: dict[str, Any]) -> dict[str, Any]:
    return output
