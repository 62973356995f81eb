"""Campaigns of a server: begun from one brief, looked at, and told apart when the brief changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import Phrase, RefusedError
from bot.kinds.campaign import kind_at, pictured, places, places_in, wants_pictures
from bot.team.campaigns.staleness import find_stale_texts
from bot.team.review.service import ConflictError, ReviewService
from bot.team.review.steps import Step
from bot.team.titles import title_of
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission
from storage.assets import ARCHIVED
from storage.campaigns import Campaign, CampaignPiece, PieceState, claim
from storage.campaigns import Campaigns as Store
from storage.errors import PausedError
from storage.reviews import Reviewed
from storage.shielded import shielded

from .answers import Answers
from .door import Door

log = logging.getLogger(__name__)

PLAN, PICTURE = "plan", " picture"
_SHOWN: tuple[PieceState, ...] = ("shown",)
REDONE: tuple[PieceState, ...] = ("redo",)
_FAILED: tuple[PieceState, ...] = ("failed",)
# Those that have a text.
THERE: tuple[PieceState, ...] = ("made", "shown")
# Prompts for pictures, as they are chosen beside places.
IMAGE_PROMPTS = "image_prompts"
ANYWHERE = "any"
MAX_PLACES = 12
MAX_TITLE = 80
_GONE = "I no longer have that campaign."
_NOTHING_CHOSEN = "Choose at least one text for the campaign."
_TOO_MANY = "A campaign can have up to {most} texts besides its plan. Choose fewer."
_SAME = "The brief has not changed, so nothing is out of date."
_CHANGED = "Someone else has just changed the brief. Look at it again before you change it."
_CLOSED = "The thread of that campaign is gone, so I'll make nothing more for it. Its texts are in /library."
_NOTHING_STALE = "Nothing in it is out of date."
_REDONE_ALREADY = (
    "{who} was quicker: the outdated texts are already being rewritten. The board shows when they are done."
)
_SOMEBODY = "Someone"
_NOT_THEIRS = (
    "Only the people who gave these to the team, the people assigned to them, and owners can have them rewritten."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A piece with its text as the team has it, None where there is none yet."""

    piece: CampaignPiece
    asset: Reviewed | None = None

    @property
    def assigned(self) -> str:
        """The id of who looks after it, empty for nobody."""
        return next((one.user_id for one in self.asset.marks if one.act == "assigned"), "") if self.asset else ""

    @property
    def redoable(self) -> bool:
        """Whether it is stale, and nobody has asked yet for it to be written anew."""
        return self.piece.stale is not None and self.piece.state == "shown" and self.asset is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign stands."""

    campaign: Campaign
    lines: tuple[Line, ...]

    @property
    def stale(self) -> list[Line]:
        """What does not fit the brief any more and can be written anew."""
        return [one for one in self.lines if one.redoable]

    @property
    def failed(self) -> list[Line]:
        """Of what nothing came."""
        return [one for one in self.lines if one.piece.state == "failed"]


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns of servers: what their people do with them, and how they stand."""

    answers: Answers
    door: Door
    recorder: Recorder
    reviewing: ReviewService

    @shielded
    async def begin(
        self, campaign_id: str, guild_id: str, member: Member, brief: str, chosen: Sequence[str], *,
        channel_id: str, locale: str, seed: int,
    ) -> Campaign:  # fmt: skip
        """Keeps a new campaign; nothing is made of it before it is `opened`. Twice with one id is once.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not, or chose nothing or too much.
            StorageError: the server has as many as are kept.
        """
        await self.door.workspaces.require(guild_id, member, Permission.FILE)
        await self.door.workspaces.require(guild_id, member, Permission.MAKE)
        names = _names(chosen)
        campaign = Campaign(
            campaign_id, guild_id, title_of(brief, {}, MAX_TITLE), brief, tuple(chosen), channel_id, member.user_id,
            locale=locale, seed=seed,
        )  # fmt: skip
        pieces = [
            CampaignPiece(campaign_id, guild_id, number, name, member.user_id) for number, name in enumerate(names)
        ]
        async with self.recorder.transaction(claim(campaign_id)) as note:
            if await self._store.add(campaign, pieces):
                await note(guild_id, "campaign", member.user_id, campaign_id)
        return campaign

    async def opened(self, campaign: Campaign, thread_id: str, board_id: str) -> Campaign:
        """Notes where it is shown; from then on it is made."""
        return await self._changed(campaign, thread_id=thread_id, board_id=board_id)

    async def drop(self, campaign: Campaign) -> None:
        """Forgets one that could not be opened."""
        await self._store.drop(campaign)

    @shielded
    async def close(self, campaign: Campaign) -> bool:
        """Ends one whose thread is gone; tells whether it was open. Its texts stay in the library."""
        current = await self._store.get(campaign.guild_id, campaign.id)
        if current is None or current.state == "closed":
            return False
        return await self._store.change(current, state="closed") is not None

    async def look(self, guild_id: str, member: Member, campaign_id: str) -> Standing:
        """How a campaign of a server's stands.

        Raises:
            RefusedError: there is none, or they do not see it.
        """
        await self.door.workspaces.require(guild_id, member, Permission.SEE)
        campaign = await self._store.get(guild_id, campaign_id)
        if campaign is None:
            raise RefusedError(_GONE)
        return await self.standing(campaign)

    async def all(self, guild_id: str, member: Member) -> list[Campaign]:
        """The campaigns of a server, the newest first.

        Raises:
            RefusedError: they do not see them.
        """
        await self.door.workspaces.require(guild_id, member, Permission.SEE)
        return await self._store.all(guild_id)

    async def shown_in(self, guild_id: str, thread_id: str) -> Campaign | None:
        """The campaign that a thread shows."""
        return next((one for one in await self._store.all(guild_id) if one.thread_id == thread_id), None)

    async def piece_of(self, guild_id: str, asset_id: str) -> CampaignPiece | None:
        """The piece of a campaign that a text is, None for any other text."""
        return await self._store.of_asset(guild_id, asset_id)

    async def unfinished(self) -> list[Campaign]:
        """All campaigns of which something waits, whoever has begun with them."""
        return await self._store.worked()

    async def known(self, guild_id: str, campaign_id: str) -> Campaign | None:
        """A campaign, for what shows it; None where it is gone."""
        return await self._store.get(guild_id, campaign_id)

    async def standing(self, campaign: Campaign) -> Standing:
        """How a campaign stands."""
        reviews = self.answers.store.reviews
        async with self.answers.store.database.reading():
            lines = [
                Line(one, await reviews.get(campaign.owner_id, one.asset_id) if one.asset_id else None)
                for one in await self._store.pieces(campaign)
            ]
        return Standing(campaign, tuple(lines))

    async def changeable(self, guild_id: str, member: Member, campaign_id: str) -> Campaign:
        """A campaign, for who may change its brief.

        Raises:
            RefusedError: it is gone or closed, or they may not.
        """
        await self.door.workspaces.require(guild_id, member, Permission.FILE)
        await self.door.workspaces.require(guild_id, member, Permission.MAKE)
        campaign = await self._store.get(guild_id, campaign_id)
        if campaign is None:
            raise RefusedError(_GONE)
        if campaign.state == "closed":
            raise RefusedError(_CLOSED)
        return campaign

    @shielded
    async def reword(self, guild_id: str, member: Member, campaign_id: str, version: int, brief: str) -> Standing:
        """Puts another brief in the place of the one of a version, and marks what does not fit it; gives how it stands then.

        Raises:
            MovedOnError: somebody else was quicker.
            PausedError: they want nothing to be kept.
            RefusedError: they may not, or it is the same brief.
        """
        async with self.recorder.transaction(claim(campaign_id)) as note:
            before = await self.changeable(guild_id, member, campaign_id)
            if before.version != version:
                raise ConflictError(_CHANGED)
            if before.brief == brief:
                raise RefusedError(_SAME)
            if await self.answers.store.people.paused(member.user_id):
                raise PausedError
            standing = await self.standing(before)
            for piece, why in await asyncio.to_thread(_stale, standing, brief):
                await self._store.keep(piece, THERE, stale=why.to_json(), failure=None)
                await note(guild_id, "stale", member.user_id, piece.asset_id, {"campaign": campaign_id})
            changed = await self._changed(
                before, brief=brief, version=version + 1, title=title_of(brief, {}, MAX_TITLE)
            )
            await note(guild_id, "brief", member.user_id, campaign_id, {"version": changed.version})
        return await self.standing(changed)

    @shielded
    async def redo(
        self, guild_id: str, member: Member, campaign_id: str, numbers: Collection[int] | None = None
    ) -> list[int]:
        """Has what is stale written anew, all or some by their numbers, as far as it is theirs to change; gives which.

        Raises:
            MovedOnError: somebody else was quicker.
            PausedError: they want nothing to be kept.
            RefusedError: they may not, or nothing of it is stale.
        """
        campaign = await self.changeable(guild_id, member, campaign_id)
        standing = await self.standing(campaign)
        wanted = [one for one in standing.stale if numbers is None or one.piece.number in numbers]
        if not wanted:
            raise _none_to_redo(standing, numbers)
        theirs = [one for one in wanted if await self._may_change(guild_id, member, one)]
        if not theirs:
            raise RefusedError(_NOT_THEIRS)
        begun = [
            one.piece.number
            for one in theirs
            if await self._store.keep(one.piece, _SHOWN, state="redo", given_by=member.user_id, failure=None)
        ]
        if not begun:
            raise _none_to_redo(await self.standing(campaign), numbers)
        return begun

    @shielded
    async def retry(self, guild_id: str, member: Member, campaign_id: str) -> int:
        """Makes once more of what nothing came, now for who asks; gives how many.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not.
        """
        campaign = await self.changeable(guild_id, member, campaign_id)
        again = 0
        for line in (await self.standing(campaign)).failed:
            changes: dict[str, Any] = {"state": "waiting", "given_by": member.user_id, "failure": None, "steps": {}}
            again += await self._store.keep(line.piece, _FAILED, **changes) is not None
        return again

    @property
    def _store(self) -> Store:
        return self.answers.store.campaigns

    async def _changed(self, campaign: Campaign, **changes: Any) -> Campaign:
        changed: Campaign | None = await self._store.change(campaign, **changes)
        if changed is None:
            raise ConflictError(_CHANGED)
        return changed

    async def _may_change(self, guild_id: str, member: Member, line: Line) -> bool:
        seen = await self.reviewing.load_view(guild_id, member, line.piece.asset_id)
        return Step.EDIT in seen.can


def chosen_in(brief: str) -> list[str]:
    """What a campaign is to have as its brief names it, and nothing else."""
    return [*places_in(brief)[:MAX_PLACES], *([IMAGE_PROMPTS] if wants_pictures(brief) else [])]


def kind_of(piece: CampaignPiece) -> str:
    """The kind of a piece's text."""
    if piece.name == PLAN:
        return "campaign"
    return "image_prompt" if piece.name.endswith(PICTURE) else kind_at(piece.name)


def _names(chosen: Sequence[str]) -> list[str]:
    """The names of the pieces of a campaign: its plan, its texts, and the prompts for their pictures.

    Raises:
        RefusedError: nothing was chosen, or too much.
    """
    texts = [name for name in places() if name in chosen]
    if not texts:
        raise RefusedError(_NOTHING_CHOSEN)
    if len(texts) > MAX_PLACES:
        raise RefusedError(_TOO_MANY, most=MAX_PLACES)
    pictures = [f"{name}{PICTURE}" for name in pictured(texts) or [ANYWHERE]] if IMAGE_PROMPTS in chosen else []
    return [PLAN, *texts, *pictures]


def _none_to_redo(standing: Standing, numbers: Collection[int] | None) -> RefusedError:
    """Why nothing is written anew: somebody else has had it begun, or nothing is stale."""
    begun = (one.piece for one in standing.lines if one.piece.state in REDONE and one.piece.stale is not None)
    first = next((one for one in begun if numbers is None or one.number in numbers), None)
    if first is None:
        return RefusedError(_NOTHING_STALE)
    return ConflictError(_REDONE_ALREADY, who=f"<@{first.given_by}>" if first.given_by else Phrase(_SOMEBODY))


def _stale(standing: Standing, brief: str) -> list[tuple[CampaignPiece, Phrase]]:
    """What does not fit another brief, each with why; what is put away is left alone."""
    lines = {
        one.piece.id: one
        for one in standing.lines
        if one.asset is not None and one.asset.status != ARCHIVED and one.piece.state in THERE
    }
    texts = {name: one.asset.text for name, one in lines.items() if one.asset is not None}
    plan = next((name for name, one in lines.items() if one.piece.name == PLAN), "")
    before = standing.campaign.brief
    found = find_stale_texts(before, brief, texts, plan)
    return [(lines[name].piece, why) for name, why in found.items()]
