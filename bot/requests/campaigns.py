"""Campaigns of a server: begun from one brief, made piece by piece, each once over restarts, and told apart when the brief changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.content import Assignment, Checkpoint, Parent, Piece, Request, Result
from bot.engines.spending import spending
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.generation.draft import Nobody
from bot.generation.pieces import assigned
from bot.generation.sources import credited
from bot.generation.together import AMISS, Text, amiss
from bot.generation.understand import reader_of
from bot.generation.writers import Desk, writer_for
from bot.images.drawing import spoken_to
from bot.kinds.campaign import copy_piece, kind_at, picture_piece, pictured, places, with_places
from bot.team.campaigns.staleness import audience_of, stale
from bot.team.library.library import without_person
from bot.team.review.reviewing import MovedOnError, Reviewing
from bot.team.review.steps import Doer, Step
from bot.team.titles import title_of
from bot.team.workspace.recording import Note, Recorder
from bot.team.workspace.roles import Act, Member
from storage.assets import ARCHIVED, Asset
from storage.campaigns import WORKED, Campaign, CampaignPiece, PieceState, claim
from storage.campaigns import Campaigns as Store
from storage.errors import PausedError, StorageError
from storage.reviews import Reviewed
from storage.reviews import claim as asset_claim
from storage.shielded import shielded

from .answers import Answers
from .door import Door
from .members import member_in
from .unfinished import let_in, paid_once, together

log = logging.getLogger(__name__)

PLAN, PICTURE = "plan", " picture"
_WAITING: tuple[PieceState, ...] = ("waiting",)
_MADE: tuple[PieceState, ...] = ("made",)
_SHOWN: tuple[PieceState, ...] = ("shown",)
_REDONE: tuple[PieceState, ...] = ("redo",)
_FAILED: tuple[PieceState, ...] = ("failed",)
# Those that have a text.
_THERE: tuple[PieceState, ...] = ("made", "shown")
# Prompts for pictures, as they are chosen beside places.
IMAGE_PROMPTS = "image_prompts"
ANYWHERE = "any"
MOST_PLACES = 12
MOST_TITLE = 80
# Pieces that are worked on or wait for their turn at once.
_MOST_AT_ONCE = 4
_GONE = "That campaign is not kept any more."
_NOTHING_CHOSEN = "Choose at least one text that the campaign is to have."
_TOO_MANY = "A campaign has up to {most} texts beside its plan. Choose fewer."
_SAME = "That is the same brief, so nothing is stale."
_CHANGED = "Somebody was quicker: the brief was changed just now. Look at it again before you change it."
_CLOSED = "The thread of that campaign is gone, so nothing more is made for it. Its texts are in /library."
_NOTHING_STALE = "Nothing of it is stale."
_REDONE_ALREADY = "{who} was quicker: what is stale is being written anew already. The board shows it when it is done."
_SOMEBODY = "Somebody"
_NOT_THEIRS = "Only who gave these to the team, who is assigned to them, and owners can have them written anew."
_NOBODY = "I do not know any more who asked for this. Press Try again, and it is made for you."
_MEANWHILE = "The brief was changed while this was written."
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
    """The campaigns of servers. `answers` has what single requests are made with, so that pieces take turns with those."""

    answers: Answers
    door: Door
    recorder: Recorder
    reviewing: Reviewing
    # The requests of pieces that are being made.
    under_way: set[str] = field(default_factory=set)
    # Held while the texts of a campaign are read over.
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

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
        await self.door.workspaces.allow(guild_id, member, Act.FILE)
        await self.door.workspaces.allow(guild_id, member, Act.MAKE)
        names = _names(chosen)
        campaign = Campaign(
            campaign_id, guild_id, title_of(brief, {})[:MOST_TITLE], brief, tuple(chosen), channel_id, member.user_id,
            locale=locale, seed=seed,
        )  # fmt: skip
        pieces = [
            CampaignPiece(campaign_id, guild_id, number, name, member.user_id) for number, name in enumerate(names)
        ]
        async with self.recorder.acting(claim(campaign_id)) as note:
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
        await self.door.workspaces.allow(guild_id, member, Act.SEE)
        campaign = await self._store.get(guild_id, campaign_id)
        if campaign is None:
            raise RefusedError(_GONE)
        return await self.standing(campaign)

    async def all(self, guild_id: str, member: Member) -> list[Campaign]:
        """The campaigns of a server, the newest first.

        Raises:
            RefusedError: they do not see them.
        """
        await self.door.workspaces.allow(guild_id, member, Act.SEE)
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
        await self.door.workspaces.allow(guild_id, member, Act.FILE)
        await self.door.workspaces.allow(guild_id, member, Act.MAKE)
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
        async with self.recorder.acting(claim(campaign_id)) as note:
            before = await self.changeable(guild_id, member, campaign_id)
            if before.version != version:
                raise MovedOnError(_CHANGED)
            if before.brief == brief:
                raise RefusedError(_SAME)
            if await self.answers.store.people.paused(member.user_id):
                raise PausedError
            standing = await self.standing(before)
            for piece, why in await asyncio.to_thread(_stale, standing, brief):
                await self._store.keep(piece, _THERE, stale=why.as_json(), failure=None)
                await note(guild_id, "stale", member.user_id, piece.asset_id, {"campaign": campaign_id})
            changed = await self._changed(
                before, brief=brief, version=version + 1, title=title_of(brief, {})[:MOST_TITLE]
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

    async def work(self, campaign: Campaign, thread: Thread, stopping: Callable[[], bool]) -> None:
        """Makes and shows what waits, the plan first, until nothing does, its thread is gone, or the process stops."""
        while not stopping() and await self.answers.in_charge():
            current = await self._store.get(campaign.guild_id, campaign.id)
            if current is None or current.state == "closed":
                return
            waiting = [one for one in await self._store.pieces(current) if one.state in WORKED]
            if not waiting:
                return
            batch = waiting[:1] if waiting[0].name == PLAN else waiting[: max(1, min(_MOST_AT_ONCE, self._at_once))]
            try:
                await together(self._advance(current, one, thread, stopping) for one in batch)
            except GoneError:
                await self.close(current)
                raise

    @property
    def _store(self) -> Store:
        return self.answers.store.campaigns

    @property
    def _at_once(self) -> int:
        return self.answers.at_once + 1

    async def _changed(self, campaign: Campaign, **changes: Any) -> Campaign:
        changed: Campaign | None = await self._store.change(campaign, **changes)
        if changed is None:
            raise MovedOnError(_CHANGED)
        return changed

    async def _may_change(self, guild_id: str, member: Member, line: Line) -> bool:
        seen = await self.reviewing.look(guild_id, member, line.piece.asset_id)
        return Step.EDIT in seen.can

    async def _advance(
        self, campaign: Campaign, piece: CampaignPiece, thread: Thread, stopping: Callable[[], bool]
    ) -> None:
        """Takes a piece a step further: makes it, shows it, or writes it anew."""
        made: CampaignPiece | None = piece
        if piece.state != "made":
            made = await self._make(campaign, piece, thread, stopping)
        if made is not None and made.state == "made":
            await thread.show(campaign, made, again=piece.state == "made")
            await self._read_over(campaign, made)
            await self._store.keep(made, _MADE, state="shown")
        thread.soon(campaign)

    async def _read_over(self, campaign: Campaign, last: CampaignPiece) -> None:
        """Has the texts of a campaign read over as one, once, before the last of them is through; marks those in which something is
        amiss.
        """
        pipeline, reader_id = self.answers.pipeline, last.given_by
        reader = reader_of(pipeline.engines, local=pipeline.critique_local) if pipeline.critique else None
        if reader is None or not reader_id:
            return
        async with self.reading:
            standing = await self.standing(campaign)
            plan = standing.lines[0].piece
            name = f"{campaign.version} {_WHOLE}{_TOGETHER}"
            waits = any(one.piece.state in (*_WAITING, *_REDONE) for one in standing.lines)
            if plan.name != PLAN or waits or f"{name} done" in plan.steps:
                return
            texts = {
                one.piece.number: Text(one.piece.name, one.asset.text)
                for one in standing.lines
                if one.asset is not None and not one.piece.name.endswith(PICTURE)
            }
            if len(texts) < _LEAST_TEXTS:
                return

            async def checkpoint(_: str, step: Callable[[], Awaitable[Any]]) -> Any:
                """Paid for once, also where the process dies before anything is marked."""
                if name in plan.steps:
                    return plan.steps[name]["value"]
                steps = {**plan.steps, name: {"value": await step(), "spent": {}}}
                await self._store.keep(plan, (plan.state,), steps=steps)
                return steps[name]["value"]

            desk = Desk(reader, pipeline.engines, pipeline.nearness, checkpoint, Nobody(), writer_for, critique=True)
            with spending() as cost:
                async with self.answers.working.place(reader_id):
                    found = await amiss(texts, campaign.brief, desk, campaign.seed)
                used = self.answers.used(cost, "campaign")
            await self.answers.store.usage.count(reader_id, campaign.guild_id, used)
            await self._mark(campaign, plan, f"{name} done", found or {})

    @shielded
    async def _mark(self, campaign: Campaign, plan: CampaignPiece, done: str, found: Mapping[int, Phrase]) -> None:
        """Marks pieces in which something is amiss as stale, each with why, and notes that they were read over."""
        async with self.recorder.acting(claim(campaign.id)) as note:
            pieces = await self._store.pieces(campaign)
            for piece in pieces:
                if piece.number in found and piece.stale is None:
                    kept = await self._store.keep(piece, _THERE, stale=found[piece.number].as_json())
                    if kept is not None:
                        await note(campaign.guild_id, "amiss", "", piece.asset_id, {"campaign": campaign.id})
            steps = {**next(one.steps for one in pieces if one.id == plan.id), done: {"value": True, "spent": {}}}
            await self._store.keep(plan, (plan.state,), steps=steps)

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
            await self.door.workspaces.allow(campaign.guild_id, member, Act.FILE)
            request_id = _request_id(campaign, piece)
            self.under_way.add(request_id)
            try:
                await self._admit(campaign, request_id, member, thread, stopping)
                store = self.answers.store.reviews
                seen = await store.get(campaign.owner_id, piece.asset_id) if piece.asset_id else None
                with spending() as cost:
                    async with self.answers.working.place(member.user_id):
                        request, result = await self._written(campaign, piece, member.user_id, checkpoint)
                    used = self.answers.used(cost, result.kind, result)
                kept = {name: value for name, value in steps.items() if name.startswith(f"{of_version}{_WHOLE}")}
                kept, version = kept if piece.name == PLAN else {}, seen.version if seen else 1
                made = await self._keep(campaign, piece, member, request, result, kept, version)
                await self.answers.store.usage.count(member.user_id, campaign.guild_id, used)
                return made
            finally:
                self.under_way.discard(request_id)
                self.answers.counted(request_id)
        except PausedError as error:
            await self._fail(piece, error.said)
        except StorageError:
            raise
        except QuillmateError as error:
            await self._fail(piece, error.said)
        except Exception:
            log.exception("a piece of a campaign failed")
            await self._fail(piece, Phrase(_WENT_WRONG))
        return None

    async def _fail(self, piece: CampaignPiece, why: Phrase) -> None:
        """Notes why nothing came of a piece. One that is there already stays as it is, and stale."""
        after: PieceState = "shown" if piece.asset_id else "failed"
        await self._store.keep(piece, (piece.state,), state=after, steps={}, failure=why.as_json())

    async def _written(
        self, campaign: Campaign, piece: CampaignPiece, user_id: str, checkpoint: Checkpoint
    ) -> tuple[Request, Result]:
        request = Request(
            id=_request_id(campaign, piece), user_id=user_id, brief=campaign.brief, kind="campaign",
            seed=campaign.seed + 17 * campaign.version, guild_id=campaign.guild_id, channel_id=campaign.channel_id,
            locale=campaign.locale, asked=campaign.created_at.isoformat(timespec="seconds"),
            of_others=not await self._wrote(campaign, user_id),
        )  # fmt: skip
        pieces = await self._store.pieces(campaign)
        read = dict(pieces[0].steps) if pieces else {}

        async def once(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
            """The brief is read for the plan, and for nothing else again."""
            known = f"{campaign.version} {_WHOLE}{name}"
            return read[known]["value"] if known in read else await checkpoint(f"{_WHOLE}{name}", step)

        known = await self.answers.memory.recall(request)
        whole = with_places(await self.answers.pipeline.assigned(request, known, checkpoint=once), campaign.places)
        assignment = whole
        if piece.name != PLAN:
            about = await self._about(campaign, pieces)
            parent = Parent("campaign", campaign.brief, piece.number, max(1, len(pieces) - 1))
            assignment = assigned(_order(piece.name, about, whole), parent, whole)
            assignment = spoken_to(assignment, self.answers.studio.engine)
        assignment = _without_what_was_amiss(assignment, piece)
        results = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
        return assignment.request, credited(results[0], assignment)

    async def _wrote(self, campaign: Campaign, user_id: str) -> bool:
        """Whether somebody wrote the brief of a campaign as it is now."""
        newest = await self.answers.store.audit.page(campaign.owner_id, about=campaign.id, most=1)
        return bool(newest) and newest[0].person == user_id

    async def _about(self, campaign: Campaign, pieces: Sequence[CampaignPiece]) -> str:
        """What the texts are about, as the plan has it; empty where there is none, or it is of another brief."""
        plan = next((one for one in pieces if one.name == PLAN and one.asset_id), None)
        if plan is None or plan.made_for != campaign.version:
            return ""
        asset = await self.answers.store.reviews.get(campaign.owner_id, plan.asset_id)
        return str(asset.parts.get("about", "")) if asset else ""

    @shielded
    async def _keep(
        self, campaign: Campaign, piece: CampaignPiece, member: Member, request: Request, result: Result,
        steps: Mapping[str, Any], version: int,
    ) -> CampaignPiece | None:  # fmt: skip
        """Together, so that no piece is through without its text, nor made once more beside it."""
        content, guild_id, user_id = result.content, campaign.guild_id, member.user_id
        title, checks = title_of(content.text, content.parts), [check.as_json() for check in result.checks]
        async with self.recorder.acting(claim(campaign.id)) as note:
            now = await self._store.get(guild_id, campaign.id)
            if now is None:
                return None
            newer = now.version != campaign.version
            changes: dict[str, Any] = {
                "made_for": campaign.version, "steps": steps, "failure": None,
                "stale": Phrase(_MEANWHILE).as_json() if newer else None,
            }  # fmt: skip
            kept: CampaignPiece | None
            if piece.asset_id:
                whole = {"text": content.text, "parts": content.parts, "title": title, "checks": checks}
                await self._revise(campaign, piece, member, whole, note, version)
                kept = await self._store.keep(piece, _REDONE, state="shown", **changes)
                return kept
            asset = Asset(
                result.kind, title, content.text, content.parts, without_person(request.as_json()), checks,
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
        note: Note,
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
            doer = Doer(member.user_id, await self.door.workspaces.roles(campaign.guild_id, member))
            about = {"campaign": campaign.id}
            await self.reviewing.within(
                note, campaign.guild_id, doer, piece.asset_id, Step.EDIT, version, whole=whole, details=about
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


# What the checkpoints of reading a campaign's brief are called, and that of reading its texts over.
_WHOLE, _TOGETHER = "whole ", "together"
_LEAST_TEXTS = 2


def _without_what_was_amiss(assignment: Assignment, piece: CampaignPiece) -> Assignment:
    """What is asked for where a text is written anew in which something was amiss: that it is not so again."""
    why = Phrase.from_json(dict(piece.stale)) if piece.stale else None
    if why is None or why.text not in AMISS.values():
        return assignment
    request = assignment.request
    anew = replace(request, notes=(*request.notes, f"Write it without this fault. {why}"), seed=request.seed + 1)
    return replace(assignment, request=anew)


def _request_id(campaign: Campaign, piece: CampaignPiece) -> str:
    """The id of a piece's request: another for each version of the brief."""
    return f"{piece.id}-{campaign.version}"


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
    if len(texts) > MOST_PLACES:
        raise RefusedError(_TOO_MANY, most=MOST_PLACES)
    pictures = [f"{name}{PICTURE}" for name in pictured(texts) or [ANYWHERE]] if IMAGE_PROMPTS in chosen else []
    return [PLAN, *texts, *pictures]


def _order(name: str, about: str, whole: Assignment) -> Piece:
    return (
        picture_piece(name.removesuffix(PICTURE), whole) if name.endswith(PICTURE) else copy_piece(name, about, whole)
    )


def _none_to_redo(standing: Standing, numbers: Collection[int] | None) -> RefusedError:
    """Why nothing is written anew: somebody else has had it begun, or nothing is stale."""
    begun = (one.piece for one in standing.lines if one.piece.state in _REDONE and one.piece.stale is not None)
    first = next((one for one in begun if numbers is None or one.number in numbers), None)
    if first is None:
        return RefusedError(_NOTHING_STALE)
    return MovedOnError(_REDONE_ALREADY, who=f"<@{first.given_by}>" if first.given_by else Phrase(_SOMEBODY))


def _stale(standing: Standing, brief: str) -> list[tuple[CampaignPiece, Phrase]]:
    """What does not fit another brief, each with why; what is put away is left alone."""
    lines = {
        one.piece.id: one
        for one in standing.lines
        if one.asset is not None and one.asset.status != ARCHIVED and one.piece.state in _THERE
    }
    texts = {name: one.asset.text for name, one in lines.items() if one.asset is not None}
    plan = next((name for name, one in lines.items() if one.piece.name == PLAN), "")
    before = standing.campaign.brief
    found = stale(before, brief, texts, plan, (audience_of(before), audience_of(brief)))
    return [(lines[name].piece, why) for name, why in found.items()]
