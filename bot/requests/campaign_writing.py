"""Makes what campaigns wait for, piece by piece, each once over restarts, and shows it in their threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.content import Checkpoint, Request, Requirements, Result
from bot.engines.spending import spending
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.generation.sources import add_sources
from bot.images.studio import use_engine_dialect
from bot.kinds.campaign import channel_at, places
from bot.runtime.progress import working
from bot.team.library.library import strip_personal_fields
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.titles import title_of
from bot.team.workspace.recorder import EntryWriter, Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import Asset
from storage.campaigns import WORKED, Campaign, CampaignPiece, PieceState, claim
from storage.campaigns import Campaigns as Store
from storage.errors import PausedError, StorageError
from storage.reviews import claim as asset_claim
from storage.shielded import shielded

from .answers import Answers
from .campaigns import PICTURE, PLAN, REDONE, Campaigns
from .door import Door
from .members import member_in
from .unfinished import let_in, paid_once, together

log = logging.getLogger(__name__)

_WAITING: tuple[PieceState, ...] = ("waiting",)
_MADE: tuple[PieceState, ...] = ("made",)
# Pieces that are worked on or wait for their turn at once.
_MAX_AT_ONCE = 4
# What a piece is asked for with, before the brief of its campaign.
_TEXT = "The text for {title}, which belongs to this campaign: {brief}"
_PICTURE = "The picture for {title}, {shape}, which belongs to this campaign: {brief}"
_NOBODY = "I no longer know who asked for this. Press Try again, and I'll make it for you."
_MEANWHILE = "The brief changed while I was writing this."
_WENT_WRONG = "Something went wrong on my side with this one."


class GoneError(Exception):
    """The thread of a campaign is not there any more."""


class Thread(Protocol):
    """Where a campaign is shown."""

    async def show(self, campaign: Campaign, piece: CampaignPiece, *, again: bool) -> None:
        """Shows a piece that was made, once; `again` where an earlier try may have shown it.

        Raises:
            GoneError: there is nowhere to.
        """

    def soon(self, campaign: Campaign, note: Phrase | None = None) -> None:
        """Shows soon how all of it stands, and what it waits for."""


@dataclass(frozen=True, slots=True)
class CampaignWriting:
    """Makes the pieces of campaigns; they take turns with single requests."""

    campaigns: Campaigns
    answers: Answers
    door: Door
    recorder: Recorder
    reviewing: ReviewService
    # The requests of pieces that are being made.
    under_way: set[str] = field(default_factory=set)

    async def work(self, campaign: Campaign, thread: Thread, stopping: Callable[[], bool]) -> None:
        """Makes and shows what waits, the plan first, until nothing does, its thread is gone, or the process stops."""
        while not stopping() and await self.answers.in_charge():
            current = await self._store.get(campaign.guild_id, campaign.id)
            if current is None or current.state == "closed":
                return
            waiting = [one for one in await self._store.pieces(current) if one.state in WORKED]
            if not waiting:
                return
            batch = (
                waiting[:1]
                if waiting[0].name == PLAN
                else waiting[: max(1, min(_MAX_AT_ONCE, self.answers.at_once + 1))]
            )
            try:
                await together(self._advance(current, one, thread, stopping) for one in batch)
            except GoneError:
                await self.campaigns.close(current)
                raise

    @property
    def _store(self) -> Store:
        return self.answers.store.campaigns

    async def _advance(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, stopping: Callable[[], bool]
    ) -> None:
        """Takes a piece a step further: makes it, shows it, or writes it anew."""
        made: CampaignPiece | None = piece
        if piece.state != "made":
            made = await self._make(campaign, piece, thread, stopping)
        if made is not None and made.state == "made":
            await thread.show(campaign, made, again=piece.state == "made")
            await self._store.keep(made, _MADE, state="shown")
        thread.soon(campaign)

    async def _make(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, stopping: Callable[[], bool]
    ) -> CampaignPiece | None:
        """Makes a piece, or writes it anew; None where that could not be, which it says."""
        of_version = f"{campaign.version} "
        steps = {name: value for name, value in piece.steps.items() if name.startswith(of_version)}

        async def keep(through: Mapping[str, Any]) -> None:
            await self._store.keep(piece, (piece.state,), steps=through)

        checkpoint = paid_once(steps, keep, of_version)
        try:
            if not piece.given_by:
                raise RefusedError(_NOBODY)
            member = await member_in(self.answers.bot, campaign.guild_id, piece.given_by)
            await self.door.workspaces.require(campaign.guild_id, member, Permission.FILE)
            request_id = _request_id(campaign, piece)
            self.under_way.add(request_id)
            try:
                await self._admit(campaign, request_id, member, thread, stopping)
                store = self.answers.store.reviews
                seen = await store.get(campaign.owner_id, piece.asset_id) if piece.asset_id else None
                with spending() as cost, working(request_id, "campaign"):
                    async with self.answers.turn(member.user_id):
                        request, result = await self._written(campaign, piece, member.user_id, checkpoint)
                    used = self.answers.accounts.used(cost, result.kind, result)
                made = await self._keep(campaign, piece, member, request, result, seen.version if seen else 1)
                await self.answers.store.usage.count(member.user_id, campaign.guild_id, used)
                return made
            finally:
                self.under_way.discard(request_id)
                await self.answers.accounts.through(request_id)
        except PausedError as error:
            await self._fail(piece, error.phrase)
        except StorageError:
            raise
        except QuillmateError as error:
            await self._fail(piece, error.phrase)
        except Exception:
            log.exception("a piece of a campaign failed")
            await self._fail(piece, Phrase(_WENT_WRONG))
        return None

    async def _fail(self, piece: CampaignPiece, why: Phrase) -> None:
        """Notes why nothing came of a piece. One that is there already stays as it is, and stale."""
        after: PieceState = "shown" if piece.asset_id else "failed"
        await self._store.keep(piece, (piece.state,), state=after, steps={}, failure=why.to_json())

    async def _written(
        self, campaign: Campaign, piece: CampaignPiece, user_id: str, checkpoint: Checkpoint
    ) -> tuple[Request, Result]:
        title, kind, place = places(campaign.locale).get(piece.name.removesuffix(PICTURE), ""), "campaign", ""
        channels = [title for name, title in places().items() if name in campaign.places]
        brief = "\n\n".join([campaign.brief, *([f"Channels: {', '.join(channels)}"] if channels else [])])
        shape = ""
        if piece.name != PLAN:
            channel = channel_at(piece.name.removesuffix(PICTURE))
            is_picture = piece.name.endswith(PICTURE)
            kind, place, shape = (
                ("image_prompt", "", channel.shape or "1:1") if is_picture else (channel.kind, channel.place, "")
            )
            brief = (_PICTURE if is_picture else _TEXT).format(title=title, shape=shape, brief=campaign.brief)
        request = Request(
            id=_request_id(campaign, piece), user_id=user_id, brief=brief, kind=kind,
            seed=campaign.seed + 17 * campaign.version, guild_id=campaign.guild_id, channel_id=campaign.channel_id,
            locale=campaign.locale, asked=campaign.created_at.isoformat(timespec="seconds"),
            of_others=not await self._wrote(campaign, user_id),
        )  # fmt: skip
        assignment = await self.answers.pipeline.build_assignment(request, await self.answers.memory.recall(request))
        if piece.name != PLAN:
            # What the brief says of numbers is about the campaign, not about each of its texts.
            width, _, height = shape.partition(":")
            ratio = (int(width), int(height)) if height else None
            requirements = Requirements(place=place, language=assignment.requirements.language, ratio=ratio)
            plan = await self._plan(campaign, await self._store.pieces(campaign))
            assignment = replace(assignment, requirements=requirements, plan=plan)
            assignment = use_engine_dialect(assignment, self.answers.studio.engine)
        results = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
        return assignment.request, add_sources(results[0], assignment)

    async def _wrote(self, campaign: Campaign, user_id: str) -> bool:
        """Whether somebody wrote the brief of a campaign as it is now."""
        newest = await self.answers.store.audit.page(campaign.owner_id, about=campaign.id, most=1)
        return bool(newest) and newest[0].person == user_id

    async def _plan(self, campaign: Campaign, pieces: Sequence[CampaignPiece]) -> str:
        """The plan of a campaign; empty where there is none, or it is of another brief."""
        plan = next((one for one in pieces if one.name == PLAN and one.asset_id), None)
        if plan is None or plan.made_for != campaign.version:
            return ""
        asset = await self.answers.store.reviews.get(campaign.owner_id, plan.asset_id)
        return asset.text if asset else ""

    @shielded
    async def _keep(
        self, campaign: Campaign, piece: CampaignPiece, member: Member, request: Request, result: Result, version: int
    ) -> CampaignPiece | None:
        """Together, so that no piece is through without its text, nor made once more beside it."""
        content, guild_id, user_id = result.content, campaign.guild_id, member.user_id
        title, checks = title_of(content.text, content.parts), [check.to_json() for check in result.checks]
        async with self.recorder.transaction(claim(campaign.id)) as note:
            now = await self._store.get(guild_id, campaign.id)
            if now is None:
                return None
            newer = now.version != campaign.version
            changes: dict[str, Any] = {
                "made_for": campaign.version, "steps": {}, "failure": None,
                "stale": Phrase(_MEANWHILE).to_json() if newer else None,
            }  # fmt: skip
            kept: CampaignPiece | None
            if piece.asset_id:
                whole = {"text": content.text, "parts": content.parts, "title": title, "checks": checks}
                await self._revise(campaign, piece, member, whole, note, version)
                kept = await self._store.keep(piece, REDONE, state="shown", **changes)
                return kept
            asset = Asset(
                result.kind, title, content.text, content.parts, strip_personal_fields(request.to_json()), checks,
                source_id=piece.id, given_by=user_id,
            )  # fmt: skip
            asset_id = asset.id
            if await self.answers.store.assets.keep(campaign.owner_id, asset):
                await note(guild_id, "keep", user_id, asset.id, {"kind": asset.kind, "campaign": campaign.id})
            else:
                asset_id = await self.answers.store.assets.made_of(campaign.owner_id, piece.id)
            kept = await self._store.keep(piece, _WAITING, state="made", asset_id=asset_id, **changes)
            return kept

    async def _revise(
        self,
        campaign: Campaign,
        piece: CampaignPiece,
        member: Member,
        whole: Mapping[str, Any],
        note: EntryWriter,
        version: int,
    ) -> None:
        """Makes the version of a text that follows the one that was seen, or notes that it came to the same text.

        Raises:
            MovedOnError: somebody has changed it meanwhile.
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
            doer = ReviewActor(member.user_id, await self.door.workspaces.find_roles(campaign.guild_id, member))
            about = {"campaign": campaign.id}
            await self.reviewing.apply_step(
                note, campaign.guild_id, doer, piece.asset_id, Step.EDIT, version, fields=whole, details=about
            )

    async def _admit(
        self, campaign: Campaign, request_id: str, member: Member, thread: Thread, stopping: Callable[[], bool]
    ) -> None:
        """Waits until limits let a piece in: it counts as a request of who asked for it.

        Raises:
            QuotaError: a quota is reached.
            RefusedError: they may not ask for texts there any more.
        """
        request = Request(
            request_id, member.user_id, "", kind="campaign", guild_id=campaign.guild_id, channel_id=campaign.channel_id
        )

        async def asked_by() -> Member:
            return member

        async def waits(why: Phrase) -> None:
            thread.soon(campaign, why)

        await let_in(self.door, request, asked_by, self.under_way, waits=waits, stopping=stopping)


def _request_id(campaign: Campaign, piece: CampaignPiece) -> str:
    """The id of a piece's request: another for each version of the brief."""
    return f"{piece.id}-{campaign.version}"
