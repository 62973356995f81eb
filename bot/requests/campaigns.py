"""CampaignService of a server: started from one brief, viewed, and checked for stale texts when the brief changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import Phrase, RefusedError
from bot.kinds.campaign import filter_pictured_places, find_places, get_place_kind, list_places, wants_pictures
from bot.team.campaigns.staleness import find_stale_texts
from bot.team.review.service import ConflictError, ReviewService
from bot.team.review.steps import Step
from bot.team.titles import title_of
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import ARCHIVED
from storage.campaigns import Campaign, CampaignPiece, PieceState, build_campaign_claim
from storage.campaigns import Campaigns as Store
from storage.errors import PausedError
from storage.reviews import ReviewedAsset
from storage.shielding import shield

from .admission_control import AdmissionControl
from .answers import Answers

log = logging.getLogger(__name__)

PLAN, PICTURE = "plan", " picture"
_SHOWN_STATES: tuple[PieceState, ...] = ("shown",)
REDO_STATES: tuple[PieceState, ...] = ("redo",)
_FAILED_STATES: tuple[PieceState, ...] = ("failed",)
# States of pieces with a text.
WRITTEN_STATES: tuple[PieceState, ...] = ("made", "shown")
# The choice of picture prompts, listed with the places.
IMAGE_PROMPTS = "image_prompts"
ANYWHERE = "any"
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
class CampaignLine:
    """A piece and its text in the library, None before it is written."""

    piece: CampaignPiece
    asset: ReviewedAsset | None = None

    @property
    def assigned(self) -> str:
        """The id of the assigned member, empty for none."""
        return next((one.user_id for one in self.asset.marks if one.act == "assigned"), "") if self.asset else ""

    @property
    def is_rewritable(self) -> bool:
        """Whether it is stale and no rewrite has been requested yet."""
        return self.piece.stale is not None and self.piece.state == "shown" and self.asset is not None


@dataclass(frozen=True, slots=True)
class CampaignOverview:
    """A campaign with the state of its pieces."""

    campaign: Campaign
    lines: tuple[CampaignLine, ...]

    @property
    def stale(self) -> list[CampaignLine]:
        """The pieces that no longer fit the brief and can be rewritten."""
        return [one for one in self.lines if one.is_rewritable]

    @property
    def failed(self) -> list[CampaignLine]:
        """The pieces that failed."""
        return [one for one in self.lines if one.piece.state == "failed"]


@dataclass(frozen=True, slots=True)
class CampaignService:
    """The campaigns of servers and what members do with them."""

    answers: Answers
    admission: AdmissionControl
    recorder: Recorder
    reviewing: ReviewService

    @shield
    async def begin(
        self,
        campaign_id: str,
        guild_id: str,
        member: Member,
        brief: str,
        chosen: Sequence[str],
        *,
        channel_id: str,
        locale: str,
        seed: int,
    ) -> Campaign:
        """Save a new campaign; nothing is written before it is opened. Idempotent by id.

        Raises:
            PausedError: the member has paused the bot.
            RefusedError: the member may not, or chose no text or too many.
            StorageError: the server has reached its maximum.
        """
        await self.admission.workspaces.require(guild_id, member, Permission.FILE)
        await self.admission.workspaces.require(guild_id, member, Permission.MAKE)
        names = _list_piece_names(chosen)
        campaign = Campaign(
            campaign_id,
            guild_id,
            title_of(brief, {}, MAX_TITLE),
            brief,
            tuple(chosen),
            channel_id,
            member.user_id,
            locale=locale,
            seed=seed,
        )
        pieces = [
            CampaignPiece(campaign_id, guild_id, number, name, member.user_id) for number, name in enumerate(names)
        ]
        async with self.recorder.transaction(build_campaign_claim(campaign_id)) as note:
            if await self._store.add(campaign, pieces):
                await note(guild_id, "campaign", member.user_id, campaign_id)
        return campaign

    async def mark_open(self, campaign: Campaign, thread_id: str, board_id: str) -> Campaign:
        """Save where a campaign is shown; from then on its pieces are written."""
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
            RefusedError: there is none, or the member may not see it.
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
        return next((one for one in await self._store.list_all(guild_id) if one.thread_id == thread_id), None)

    async def find_piece(self, guild_id: str, asset_id: str) -> CampaignPiece | None:
        """Return the campaign piece of an asset, None for any other asset."""
        return await self._store.find_piece_of_asset(guild_id, asset_id)

    async def list_unfinished(self) -> list[Campaign]:
        """Return all campaigns with pieces to write, whichever process started them."""
        return await self._store.list_pending()

    async def get(self, guild_id: str, campaign_id: str) -> Campaign | None:
        """Return a campaign without a permission check; None where it is gone."""
        return await self._store.get(guild_id, campaign_id)

    async def build_overview(self, campaign: Campaign) -> CampaignOverview:
        """Return a campaign with the texts of its pieces."""
        reviews = self.answers.store.reviews
        async with self.answers.store.database.share_read():
            lines = [
                CampaignLine(one, await reviews.get(campaign.owner_id, one.asset_id) if one.asset_id else None)
                for one in await self._store.list_pieces(campaign)
            ]
        return CampaignOverview(campaign, tuple(lines))

    async def get_changeable(self, guild_id: str, member: Member, campaign_id: str) -> Campaign:
        """Return a campaign whose brief the member may change.

        Raises:
            RefusedError: it is gone or closed, or the member may not change it.
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
    async def reword(
        self, guild_id: str, member: Member, campaign_id: str, version: int, brief: str
    ) -> CampaignOverview:
        """Replace the brief of a given version, mark stale texts and return the new overview.

        Raises:
            MovedOnError: another member was quicker.
            PausedError: the member has paused the bot.
            RefusedError: the member may not change it, or the brief is unchanged.
        """
        async with self.recorder.transaction(build_campaign_claim(campaign_id)) as note:
            before = await self.get_changeable(guild_id, member, campaign_id)
            if before.version != version:
                raise ConflictError(_CHANGED)
            if before.brief == brief:
                raise RefusedError(_UNCHANGED)
            if await self.answers.store.people.is_paused(member.user_id):
                raise PausedError
            overview = await self.build_overview(before)
            for piece, why in await asyncio.to_thread(_find_stale, overview, brief):
                await self._store.change_piece(piece, WRITTEN_STATES, stale=why.to_json(), failure=None)
                await note(guild_id, "stale", member.user_id, piece.asset_id, {"campaign": campaign_id})
            changed = await self._update(before, brief=brief, version=version + 1, title=title_of(brief, {}, MAX_TITLE))
            await note(guild_id, "brief", member.user_id, campaign_id, {"version": changed.version})
        return await self.build_overview(changed)

    @shield
    async def redo(
        self, guild_id: str, member: Member, campaign_id: str, numbers: Collection[int] | None = None
    ) -> list[int]:
        """Request rewrites of stale pieces, all or some by number, as far as the member may edit them; return which.

        Raises:
            MovedOnError: another member was quicker.
            PausedError: the member has paused the bot.
            RefusedError: the member may not change them, or nothing is stale.
        """
        campaign = await self.get_changeable(guild_id, member, campaign_id)
        overview = await self.build_overview(campaign)
        wanted = [one for one in overview.stale if numbers is None or one.piece.number in numbers]
        if not wanted:
            raise _explain_nothing_to_redo(overview, numbers)
        permitted = [one for one in wanted if await self._can_edit(guild_id, member, one)]
        if not permitted:
            raise RefusedError(_NOT_PERMITTED)
        started = [
            one.piece.number
            for one in permitted
            if await self._store.change_piece(
                one.piece, _SHOWN_STATES, state="redo", given_by=member.user_id, failure=None
            )
        ]
        if not started:
            raise _explain_nothing_to_redo(await self.build_overview(campaign), numbers)
        return started

    @shield
    async def retry(self, guild_id: str, member: Member, campaign_id: str) -> int:
        """Retry failed pieces on behalf of the member; return how many.

        Raises:
            PausedError: the member has paused the bot.
            RefusedError: they may not.
        """
        campaign = await self.get_changeable(guild_id, member, campaign_id)
        again = 0
        for line in (await self.build_overview(campaign)).failed:
            changes: dict[str, Any] = {"state": "waiting", "given_by": member.user_id, "failure": None, "steps": {}}
            again += await self._store.change_piece(line.piece, _FAILED_STATES, **changes) is not None
        return again

    @property
    def _store(self) -> Store:
        return self.answers.store.campaigns

    async def _update(self, campaign: Campaign, **changes: Any) -> Campaign:
        changed: Campaign | None = await self._store.change(campaign, **changes)
        if changed is None:
            raise ConflictError(_CHANGED)
        return changed

    async def _can_edit(self, guild_id: str, member: Member, line: CampaignLine) -> bool:
        review = await self.reviewing.load_view(guild_id, member, line.piece.asset_id)
        return Step.EDIT in review.can


def parse_chosen_texts(brief: str) -> list[str]:
    """Return the texts that a brief names for its campaign."""
    return [*find_places(brief)[:MAX_PLACES], *([IMAGE_PROMPTS] if wants_pictures(brief) else [])]


def kind_of(piece: CampaignPiece) -> str:
    """Return the kind of a piece's text."""
    if piece.name == PLAN:
        return "campaign"
    return "image_prompt" if piece.name.endswith(PICTURE) else get_place_kind(piece.name)


def _list_piece_names(chosen: Sequence[str]) -> list[str]:
    """Return the names of a campaign's pieces: its plan, its texts and the prompts for their pictures.

    Raises:
        RefusedError: no text was chosen, or too many.
    """
    texts = [name for name in list_places() if name in chosen]
    if not texts:
        raise RefusedError(_NOTHING_CHOSEN)
    if len(texts) > MAX_PLACES:
        raise RefusedError(_TOO_MANY, most=MAX_PLACES)
    pictures = (
        [f"{name}{PICTURE}" for name in filter_pictured_places(texts) or [ANYWHERE]] if IMAGE_PROMPTS in chosen else []
    )
    return [PLAN, *texts, *pictures]


def _explain_nothing_to_redo(overview: CampaignOverview, numbers: Collection[int] | None) -> RefusedError:
    """Return the error for a rewrite that has nothing to do: another member requested it, or nothing is stale."""
    started = (one.piece for one in overview.lines if one.piece.state in REDO_STATES and one.piece.stale is not None)
    first = next((one for one in started if numbers is None or one.number in numbers), None)
    if first is None:
        return RefusedError(_NOTHING_STALE)
    return ConflictError(_ALREADY_REDONE, who=f"<@{first.given_by}>" if first.given_by else Phrase(_SOMEONE))


def _find_stale(overview: CampaignOverview, brief: str) -> list[tuple[CampaignPiece, Phrase]]:
    """Return the pieces that do not fit another brief, each with the reason; archived ones are skipped."""
    lines = {
        one.piece.id: one
        for one in overview.lines
        if one.asset is not None and one.asset.status != ARCHIVED and one.piece.state in WRITTEN_STATES
    }
    texts = {name: one.asset.text for name, one in lines.items() if one.asset is not None}
    plan = next((name for name, one in lines.items() if one.piece.name == PLAN), "")
    before = overview.campaign.brief
    found = find_stale_texts(before, brief, texts, plan)
    return [(lines[name].piece, why) for name, why in found.items()]
