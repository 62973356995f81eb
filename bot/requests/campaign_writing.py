"""Writes the pieces of campaigns, each once over restarts, and shows them in their threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.content import Checkpoint, Request, Requirements, Result
from bot.engines.spending import track_spending
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.generation.sources import add_sources
from bot.images.studio import use_engine_dialect
from bot.kinds.campaign import get_channel, list_places
from bot.runtime.active_requests import track_request
from bot.team.library.library import strip_personal_fields
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.titles import title_of
from bot.team.workspace.recorder import EntryWriter, Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import Asset
from storage.campaigns import PENDING_STATES, Campaign, CampaignPiece, PieceState, build_campaign_claim
from storage.campaigns import Campaigns as CampaignStore
from storage.errors import PausedError, StorageError
from storage.reviews import build_asset_claim as asset_claim
from storage.shielding import shield

from .admission_control import AdmissionControl
from .answers import Answers
from .campaigns import PICTURE_SUFFIX, PLAN, REWRITING_STATES, CampaignService
from .members import fetch_member
from .resumable import build_checkpoint, run_together, wait_for_admission

log = logging.getLogger(__name__)

_WAITING: tuple[PieceState, ...] = ("waiting",)
_MADE: tuple[PieceState, ...] = ("made",)
# Pieces in progress or waiting for a slot at once.
_MAX_CONCURRENT_PIECES = 4
# The brief of a piece, which includes the brief of its campaign.
_TEXT_BRIEF = "The text for {title}, which belongs to this campaign: {brief}"
_PICTURE_BRIEF = "The picture for {title}, {shape}, which belongs to this campaign: {brief}"
_REQUESTER_GONE = "I no longer know who asked for this. Press Try again, and I'll make it for you."
_BRIEF_CHANGED = "The brief changed while I was writing this."
_WENT_WRONG = "Something went wrong on my side with this one."


class GoneError(Exception):
    """The thread of a campaign no longer exists."""


class Thread(Protocol):
    """The Discord thread of a campaign."""

    async def show(self, campaign: Campaign, piece: CampaignPiece, *, again: bool) -> None:
        """Show a finished piece once; `again` when an earlier attempt may have shown it.

        Raises:
            GoneError: the thread no longer exists.
        """

    def soon(self, campaign: Campaign, note: Phrase | None = None) -> None:
        """Schedule an update of the board, with what it waits for."""


@dataclass(frozen=True, slots=True)
class CampaignWriting:
    """Writes the pieces of campaigns, in turn with single requests."""

    campaigns: CampaignService
    answers: Answers
    admission: AdmissionControl
    recorder: Recorder
    reviewing: ReviewService
    # The request ids of pieces in progress.
    under_way: set[str] = field(default_factory=set)

    async def work(self, campaign: Campaign, thread: Thread, stopping: Callable[[], bool]) -> None:
        """Write and show waiting pieces, the plan first, until none is left, the thread is gone or the process stops."""
        while not stopping() and await self.answers.in_charge():
            current = await self._store.get(campaign.guild_id, campaign.id)
            if current is None or current.state == "closed":
                return
            waiting = [one for one in await self._store.list_pieces(current) if one.state in PENDING_STATES]
            if not waiting:
                return
            batch = (
                waiting[:1]
                if waiting[0].name == PLAN
                else waiting[: max(1, min(_MAX_CONCURRENT_PIECES, self.answers.slots.at_once + 1))]
            )
            try:
                await run_together(self._process_piece(current, one, thread, stopping) for one in batch)
            except GoneError:
                await self.campaigns.close(current)
                raise

    @property
    def _store(self) -> CampaignStore:
        return self.answers.store.campaigns

    async def _process_piece(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, stopping: Callable[[], bool]
    ) -> None:
        """Advance a piece by one step: write it, show it or rewrite it."""
        current: CampaignPiece | None = piece
        if piece.state != "made":
            current = await self._make_piece(campaign, piece, thread, stopping)
        if current is not None and current.state == "made":
            await thread.show(campaign, current, again=piece.state == "made")
            await self._store.change_piece(current, _MADE, state="shown")
        thread.soon(campaign)

    async def _make_piece(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, stopping: Callable[[], bool]
    ) -> CampaignPiece | None:
        """Write or rewrite a piece; None where that failed, which is recorded."""
        of_version = f"{campaign.version} "
        steps = {name: value for name, value in piece.steps.items() if name.startswith(of_version)}

        async def keep(finished_steps: Mapping[str, Any]) -> None:
            await self._store.change_piece(piece, (piece.state,), steps=finished_steps)

        checkpoint = build_checkpoint(steps, keep, of_version)
        try:
            if not piece.given_by:
                raise RefusedError(_REQUESTER_GONE)
            member = await fetch_member(self.answers.bot, campaign.guild_id, piece.given_by)
            await self.admission.workspaces.require(campaign.guild_id, member, Permission.FILE)
            request_id = _format_request_id(campaign, piece)
            self.under_way.add(request_id)
            try:
                await self._wait_for_admission(campaign, request_id, member, thread, stopping)
                store = self.answers.store.reviews
                asset = await store.get(campaign.owner_id, piece.asset_id) if piece.asset_id else None
                with track_spending() as cost, track_request(request_id, "campaign"):
                    async with self.answers.slots.hold_turn(member.user_id):
                        request, result = await self._write(campaign, piece, member.user_id, checkpoint)
                    used = self.answers.accounts.take_usage(cost, result.kind, result)
                saved = await self._save(campaign, piece, member, request, result, asset.version if asset else 1)
                await self.answers.store.usage.count(member.user_id, campaign.guild_id, used)
                return saved
            finally:
                self.under_way.discard(request_id)
                await self.answers.accounts.finish(request_id)
        except PausedError as error:
            await self._record_failure(piece, error.phrase)
        except StorageError:
            raise
        except QuillmateError as error:
            await self._record_failure(piece, error.phrase)
        except Exception:  # One piece that fails must not keep the others of its campaign back.
            log.exception("a piece of a campaign failed")
            await self._record_failure(piece, Phrase(_WENT_WRONG))
        return None

    async def _record_failure(self, piece: CampaignPiece, why: Phrase) -> None:
        """Record why a piece failed. An existing text stays as it is, and stale."""
        after: PieceState = "shown" if piece.asset_id else "failed"
        await self._store.change_piece(piece, (piece.state,), state=after, steps={}, failure=why.to_json())

    async def _write(
        self, campaign: Campaign, piece: CampaignPiece, user_id: str, checkpoint: Checkpoint
    ) -> tuple[Request, Result]:
        title, kind, place = (
            list_places(campaign.locale).get(piece.name.removesuffix(PICTURE_SUFFIX), ""),
            "campaign",
            "",
        )
        channels = [title for name, title in list_places().items() if name in campaign.places]
        brief = "\n\n".join([campaign.brief, *([f"Channels: {', '.join(channels)}"] if channels else [])])
        shape = ""
        if piece.name != PLAN:
            channel = get_channel(piece.name.removesuffix(PICTURE_SUFFIX))
            is_picture = piece.name.endswith(PICTURE_SUFFIX)
            kind, place, shape = (
                ("image_prompt", "", channel.shape or "1:1") if is_picture else (channel.kind, channel.place, "")
            )
            brief = (_PICTURE_BRIEF if is_picture else _TEXT_BRIEF).format(
                title=title, shape=shape, brief=campaign.brief
            )
        request = Request(
            id=_format_request_id(campaign, piece),
            user_id=user_id,
            brief=brief,
            kind=kind,
            seed=campaign.seed + 17 * campaign.version,
            guild_id=campaign.guild_id,
            channel_id=campaign.channel_id,
            locale=campaign.locale,
            asked=campaign.created_at.isoformat(timespec="seconds"),
            of_others=not await self._is_author(campaign, user_id),
        )
        assignment = await self.answers.pipeline.build_assignment(request, await self.answers.memory.recall(request))
        if piece.name != PLAN:
            # Numbers in the brief are about the campaign, not about each of its texts.
            width, _, height = shape.partition(":")
            ratio = (int(width), int(height)) if height else None
            requirements = Requirements(place=place, language=assignment.requirements.language, ratio=ratio)
            plan = await self._load_plan(campaign, await self._store.list_pieces(campaign))
            assignment = replace(assignment, requirements=requirements, plan=plan)
            assignment = use_engine_dialect(assignment, self.answers.studio.engine)
        results = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
        return assignment.request, add_sources(results[0], assignment)

    async def _is_author(self, campaign: Campaign, user_id: str) -> bool:
        """Return whether a user wrote the current brief of a campaign."""
        newest = await self.answers.store.audit.list_page(campaign.owner_id, about=campaign.id, limit=1)
        return bool(newest) and newest[0].actor_id == user_id

    async def _load_plan(self, campaign: Campaign, pieces: Sequence[CampaignPiece]) -> str:
        """Return the plan of a campaign; empty where there is none for the current brief."""
        plan = next((one for one in pieces if one.name == PLAN and one.asset_id), None)
        if plan is None or plan.made_for != campaign.version:
            return ""
        asset = await self.answers.store.reviews.get(campaign.owner_id, plan.asset_id)
        return asset.text if asset else ""

    @shield
    async def _save(
        self, campaign: Campaign, piece: CampaignPiece, member: Member, request: Request, result: Result, version: int
    ) -> CampaignPiece | None:
        """Save text and piece in one transaction, so that no piece is finished without its text or written twice."""
        content, guild_id, user_id = result.content, campaign.guild_id, member.user_id
        title, checks = title_of(content.text, content.parts), [check.to_json() for check in result.checks]
        async with self.recorder.transaction(build_campaign_claim(campaign.id)) as note:
            now = await self._store.get(guild_id, campaign.id)
            if now is None:
                return None
            newer = now.version != campaign.version
            changes: dict[str, Any] = {
                "made_for": campaign.version,
                "steps": {},
                "failure": None,
                "stale": Phrase(_BRIEF_CHANGED).to_json() if newer else None,
            }
            saved: CampaignPiece | None
            if piece.asset_id:
                content_data = {"text": content.text, "parts": content.parts, "title": title, "checks": checks}
                await self._save_revision(campaign, piece, member, content_data, note, version)
                saved = await self._store.change_piece(piece, REWRITING_STATES, state="shown", **changes)
                return saved
            asset = Asset(
                result.kind,
                title,
                content.text,
                content.parts,
                strip_personal_fields(request.to_json()),
                checks,
                source_id=piece.id,
                given_by=user_id,
            )
            asset_id = asset.id
            if await self.answers.store.assets.add(campaign.owner_id, asset):
                await note(guild_id, "keep", user_id, asset.id, {"kind": asset.kind, "campaign": campaign.id})
            else:
                asset_id = await self.answers.store.assets.find_by_source(campaign.owner_id, piece.id)
            saved = await self._store.change_piece(piece, _WAITING, state="made", asset_id=asset_id, **changes)
            return saved

    async def _save_revision(
        self,
        campaign: Campaign,
        piece: CampaignPiece,
        member: Member,
        whole: Mapping[str, Any],
        note: EntryWriter,
        version: int,
    ) -> None:
        """Save the next version of a text, or record that the rewrite gave the same text.

        Raises:
            ConflictError: another member has changed it in the meantime.
        """
        store = self.answers.store
        async with store.database.write(asset_claim(piece.asset_id)):
            asset = await store.reviews.get(campaign.owner_id, piece.asset_id)
            if asset is None:
                return
            if asset.text == whole["text"]:
                details = {"campaign": campaign.id}
                await note(campaign.guild_id, "redone", member.user_id, piece.asset_id, details)
                return
            doer = ReviewActor(member.user_id, await self.admission.workspaces.find_roles(campaign.guild_id, member))
            about = {"campaign": campaign.id}
            await self.reviewing.apply_step(
                note, campaign.guild_id, doer, piece.asset_id, Step.EDIT, version, fields=whole, details=about
            )

    async def _wait_for_admission(
        self, campaign: Campaign, request_id: str, member: Member, thread: Thread, stopping: Callable[[], bool]
    ) -> None:
        """Wait until limits admit a piece; it counts as a request of its requester.

        Raises:
            QuotaError: a quota is reached.
            RefusedError: they may not ask for texts there any more.
        """
        request = Request(
            request_id, member.user_id, "", kind="campaign", guild_id=campaign.guild_id, channel_id=campaign.channel_id
        )

        async def get_member() -> Member:
            return member

        async def report_wait(why: Phrase) -> None:
            thread.soon(campaign, why)

        await wait_for_admission(
            self.admission, request, get_member, self.under_way, report_wait=report_wait, stopping=stopping
        )


def _format_request_id(campaign: Campaign, piece: CampaignPiece) -> str:
    """Return the id of a piece's request, a new one for each version of the brief."""
    return f"{piece.id}-{campaign.version}"
