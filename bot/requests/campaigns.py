"""The campaigns of a server: starting one from a brief, viewing it, and finding stale texts when the brief changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import Phrase, RefusedError
from bot.kinds.campaign import filter_pictured_places, find_places, get_place_kind, list_places, wants_pictures
from bot.reading.titles import find_title
from bot.team.campaigns.staleness import find_stale_texts
from bot.team.review.service import ConflictError, ReviewService
from bot.team.review.steps import Step
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import ARCHIVED
from storage.campaigns import Campaign, CampaignPiece, PieceState, build_campaign_lock_name
from storage.campaigns import Campaigns as CampaignStore
from storage.errors import PausedError
from storage.reviews import ReviewedAsset
from storage.shielding import shield

from .admission_control import AdmissionControl
from .answers import Answers

log = logging.getLogger(__name__)

PLAN, PICTURE_SUFFIX = "plan", " picture"
_SHOWN_STATES: tuple[PieceState, ...] = ("shown",)
REWRITING_STATES: tuple[PieceState, ...] = ("redo",)
_FAILED_STATES: tuple[PieceState, ...] = ("failed",)
# States of pieces whose text is finished and not being rewritten.
WRITTEN_STATES: tuple[PieceState, ...] = ("made", "shown")
# The option for image prompts, offered alongside the places.
IMAGE_PROMPTS = "image_prompts"
# The name of a picture that is for no particular place.
NO_PLACE = "any"
MAX_PLACES = 12
MAX_TITLE = 80
_GONE = "I no longer have that campaign."
_NOTHING_CHOSEN = "Choose at least one text for the campaign."
_TOO_MANY = "A campaign can have up to {most} texts besides its plan. Choose fewer."
_UNCHANGED = "The brief has not changed, so nothing is out of date."
_CHANGED = "Someone else has just changed the brief. Look at it again before you change it."
_CLOSED = "The thread of that campaign is gone, so I'll make nothing more for it. Its texts are in /library."
_NOTHING_STALE = "Nothing in it is out of date."
_ALREADY_REDONE = (
    "{who} was quicker: the outdated texts are already being rewritten. The board shows when they are done."
)
_SOMEONE = "Someone"
_NOT_PERMITTED = (
    "Only the people who gave these to the team, the people assigned to them, and owners can have them rewritten."
)


@dataclass(frozen=True, slots=True)
class CampaignItem:
    """A piece of a campaign with its text in the library, None before it is written."""

    piece: CampaignPiece
    asset: ReviewedAsset | None = None

    @property
    def assignee_id(self) -> str:
        """The id of the assigned member, empty for none."""
        return next((mark.user_id for mark in self.asset.marks if mark.kind == "assigned"), "") if self.asset else ""

    @property
    def is_rewritable(self) -> bool:
        """Whether it is stale and no rewrite has been requested yet."""
        return self.piece.stale is not None and self.piece.state == "shown" and self.asset is not None


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """A campaign with the state of its pieces."""

    campaign: Campaign
    items: tuple[CampaignItem, ...]

    @property
    def stale(self) -> list[CampaignItem]:
        """The pieces that no longer fit the brief and can be rewritten."""
        return [item for item in self.items if item.is_rewritable]

    @property
    def failed(self) -> list[CampaignItem]:
        """The pieces that failed."""
        return [item for item in self.items if item.piece.state == "failed"]


@dataclass(frozen=True, slots=True)
class CampaignService:
    """Starts, shows and changes the campaigns of servers on behalf of members."""

    answers: Answers
    admission: AdmissionControl
    recorder: Recorder
    review_service: ReviewService

    @shield
    async def begin(
        self,
        campaign_id: str,
        guild_id: str,
        member: Member,
        brief: str,
        chosen_places: Sequence[str],
        *,
        channel_id: str,
        locale: str,
        seed: int,
    ) -> Campaign:
        """Store a new campaign; its texts are generated only after `attach_thread`. Idempotent by id.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member lacks the permission, or chose no text or too many.
            StorageError: the server has reached its maximum.
        """
        await self.admission.workspaces.require(guild_id, member, Permission.FILE)
        await self.admission.workspaces.require(guild_id, member, Permission.MAKE)
        names = _list_piece_names(chosen_places)
        campaign = Campaign(
            campaign_id,
            guild_id,
            find_title(brief, {}, MAX_TITLE),
            brief,
            tuple(chosen_places),
            channel_id,
            member.user_id,
            locale=locale,
            seed=seed,
        )
        pieces = [
            CampaignPiece(campaign_id, guild_id, number, name, member.user_id) for number, name in enumerate(names)
        ]
        async with self.recorder.transaction(build_campaign_lock_name(campaign_id)) as record:
            if await self._store.add(campaign, pieces):
                await record(guild_id, "campaign", member.user_id, campaign_id)
        return campaign

    async def attach_thread(self, campaign: Campaign, thread_id: str, board_id: str) -> Campaign:
        """Store the thread and board of a campaign; from then on its pieces are written."""
        return await self._update(campaign, thread_id=thread_id, board_id=board_id)

    async def drop(self, campaign: Campaign) -> None:
        """Delete a campaign that could not be opened."""
        await self._store.delete(campaign)

    @shield
    async def close(self, campaign: Campaign) -> bool:
        """Close a campaign whose thread is gone; return whether it was open. Its texts stay in the library."""
        current = await self._store.get(campaign.guild_id, campaign.id)
        if current is None or current.state == "closed":
            return False
        return await self._store.change(current, state="closed") is not None

    async def get_overview(self, guild_id: str, member: Member, campaign_id: str) -> CampaignOverview:
        """Return the overview of a campaign.

        Raises:
            RefusedError: it does not exist, or the member may not see it.
        """
        await self.admission.workspaces.require(guild_id, member, Permission.SEE)
        campaign = await self._store.get(guild_id, campaign_id)
        if campaign is None:
            raise RefusedError(_GONE)
        return await self.build_overview(campaign)

    async def list_all(self, guild_id: str, member: Member) -> list[Campaign]:
        """Return the campaigns of a server, newest first.

        Raises:
            RefusedError: the member may not see them.
        """
        await self.admission.workspaces.require(guild_id, member, Permission.SEE)
        return await self._store.list_all(guild_id)

    async def find_in_thread(self, guild_id: str, thread_id: str) -> Campaign | None:
        """Return the campaign of a thread."""
        return next(
            (campaign for campaign in await self._store.list_all(guild_id) if campaign.thread_id == thread_id), None
        )

    async def find_piece(self, guild_id: str, asset_id: str) -> CampaignPiece | None:
        """Return the campaign piece that an asset was made for; None if it is not part of a campaign."""
        return await self._store.find_piece_of_asset(guild_id, asset_id)

    async def list_unfinished(self) -> list[Campaign]:
        """Return all campaigns with pieces to write, whichever process started them."""
        return await self._store.list_pending()

    async def get(self, guild_id: str, campaign_id: str) -> Campaign | None:
        """Return a campaign without a permission check, or None if it does not exist."""
        return await self._store.get(guild_id, campaign_id)

    async def build_overview(self, campaign: Campaign) -> CampaignOverview:
        """Return a campaign with the texts of its pieces."""
        reviews = self.answers.store.reviews
        async with self.answers.store.database.share_read():
            items = [
                CampaignItem(piece, await reviews.get(campaign.owner_id, piece.asset_id) if piece.asset_id else None)
                for piece in await self._store.list_pieces(campaign)
            ]
        return CampaignOverview(campaign, tuple(items))

    async def get_for_editing(self, guild_id: str, member: Member, campaign_id: str) -> Campaign:
        """Return a campaign whose brief the member may change.

        Raises:
            RefusedError: it does not exist or is closed, or the member may not change it.
        """
        await self.admission.workspaces.require(guild_id, member, Permission.FILE)
        await self.admission.workspaces.require(guild_id, member, Permission.MAKE)
        campaign = await self._store.get(guild_id, campaign_id)
        if campaign is None:
            raise RefusedError(_GONE)
        if campaign.state == "closed":
            raise RefusedError(_CLOSED)
        return campaign

    @shield
    async def change_brief(
        self, guild_id: str, member: Member, campaign_id: str, version: int, brief: str
    ) -> CampaignOverview:
        """Replace the brief if it is still at `version`, and mark the texts that no longer fit it as stale; return the
        new overview.

        Raises:
            ConflictError: another member changed the campaign in the meantime.
            PausedError: the member has paused storage.
            RefusedError: the member may not change it, or the brief is unchanged.
        """
        async with self.recorder.transaction(build_campaign_lock_name(campaign_id)) as record:
            before = await self.get_for_editing(guild_id, member, campaign_id)
            if before.version != version:
                raise ConflictError(_CHANGED)
            if before.brief == brief:
                raise RefusedError(_UNCHANGED)
            if await self.answers.store.people.is_paused(member.user_id):
                raise PausedError
            overview = await self.build_overview(before)
            for piece, reason in await asyncio.to_thread(_find_stale, overview, brief):
                await self._store.change_piece(piece, WRITTEN_STATES, stale=reason.to_json(), failure=None)
                await record(guild_id, "stale", member.user_id, piece.asset_id, {"campaign": campaign_id})
            changed = await self._update(
                before, brief=brief, version=version + 1, title=find_title(brief, {}, MAX_TITLE)
            )
            await record(guild_id, "brief", member.user_id, campaign_id, {"version": changed.version})
        return await self.build_overview(changed)

    @shield
    async def request_rewrites(
        self, guild_id: str, member: Member, campaign_id: str, numbers: Collection[int] | None = None
    ) -> list[int]:
        """Request rewrites of the stale pieces, or of those in `numbers`, that the member may edit; return the numbers
        of these pieces.

        Raises:
            ConflictError: another member changed the campaign in the meantime.
            PausedError: the member has paused storage.
            RefusedError: the member may not change them, or nothing is stale.
        """
        campaign = await self.get_for_editing(guild_id, member, campaign_id)
        overview = await self.build_overview(campaign)
        stale = [item for item in overview.stale if numbers is None or item.piece.number in numbers]
        if not stale:
            raise _build_nothing_to_rewrite_error(overview, numbers)
        permitted = [item for item in stale if await self._can_edit(guild_id, member, item)]
        if not permitted:
            raise RefusedError(_NOT_PERMITTED)
        requested_numbers = [
            item.piece.number
            for item in permitted
            if await self._store.change_piece(
                item.piece, _SHOWN_STATES, state="redo", given_by=member.user_id, failure=None
            )
        ]
        if not requested_numbers:
            raise _build_nothing_to_rewrite_error(await self.build_overview(campaign), numbers)
        return requested_numbers

    @shield
    async def retry(self, guild_id: str, member: Member, campaign_id: str) -> int:
        """Retry the failed pieces on behalf of a member; return how many.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member lacks the permission.
        """
        campaign = await self.get_for_editing(guild_id, member, campaign_id)
        retried_count = 0
        for item in (await self.build_overview(campaign)).failed:
            changes: dict[str, Any] = {"state": "waiting", "given_by": member.user_id, "failure": None, "steps": {}}
            retried_count += await self._store.change_piece(item.piece, _FAILED_STATES, **changes) is not None
        return retried_count

    @property
    def _store(self) -> CampaignStore:
        return self.answers.store.campaigns

    async def _update(self, campaign: Campaign, **changes: Any) -> Campaign:
        changed: Campaign | None = await self._store.change(campaign, **changes)
        if changed is None:
            raise ConflictError(_CHANGED)
        return changed

    async def _can_edit(self, guild_id: str, member: Member, item: CampaignItem) -> bool:
        review = await self.review_service.load_view(guild_id, member, item.piece.asset_id)
        return Step.EDIT in review.available_steps


def find_requested_places(brief: str) -> list[str]:
    """Return the names of the places that a brief asks for texts for, and `IMAGE_PROMPTS` if it asks for pictures."""
    return [*find_places(brief)[:MAX_PLACES], *([IMAGE_PROMPTS] if wants_pictures(brief) else [])]


def kind_of(piece: CampaignPiece) -> str:
    """Return the kind of a piece's text."""
    if piece.name == PLAN:
        return "campaign"
    return "image_prompt" if piece.name.endswith(PICTURE_SUFFIX) else get_place_kind(piece.name)


def _list_piece_names(chosen_places: Sequence[str]) -> list[str]:
    """Return the names of a campaign's pieces: its plan, its texts and the prompts for their pictures.

    Raises:
        RefusedError: no text was chosen, or too many.
    """
    texts = [name for name in list_places() if name in chosen_places]
    if not texts:
        raise RefusedError(_NOTHING_CHOSEN)
    if len(texts) > MAX_PLACES:
        raise RefusedError(_TOO_MANY, most=MAX_PLACES)
    pictures = (
        [f"{name}{PICTURE_SUFFIX}" for name in filter_pictured_places(texts) or [NO_PLACE]]
        if IMAGE_PROMPTS in chosen_places
        else []
    )
    return [PLAN, *texts, *pictures]


def _build_nothing_to_rewrite_error(overview: CampaignOverview, numbers: Collection[int] | None) -> RefusedError:
    """Return the error to raise if there is nothing to rewrite: another member requested it, or nothing is stale."""
    requested_pieces = (
        item.piece for item in overview.items if item.piece.state in REWRITING_STATES and item.piece.stale is not None
    )
    first = next((piece for piece in requested_pieces if numbers is None or piece.number in numbers), None)
    if first is None:
        return RefusedError(_NOTHING_STALE)
    return ConflictError(_ALREADY_REDONE, who=f"<@{first.given_by}>" if first.given_by else Phrase(_SOMEONE))


def _find_stale(overview: CampaignOverview, brief: str) -> list[tuple[CampaignPiece, Phrase]]:
    """Return the pieces that the new brief makes stale, each with the reason; archived ones are skipped."""
    items = {
        item.piece.id: item
        for item in overview.items
        if item.asset is not None and item.asset.status != ARCHIVED and item.piece.state in WRITTEN_STATES
    }
    texts = {piece_id: item.asset.text for piece_id, item in items.items() if item.asset is not None}
    plan_id = next((piece_id for piece_id, item in items.items() if item.piece.name == PLAN), "")
    reasons = find_stale_texts(overview.campaign.brief, brief, texts, plan_id)
    return [(items[piece_id].piece, reason) for piece_id, reason in reasons.items()]
