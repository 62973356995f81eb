"""Reviews of a team's texts: submitted, approved, sent back, changed. Of two who act at once the first wins, the second is told."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.content import Request
from bot.errors import Phrase, RefusedError
from bot.store import Store
from bot.team.titles import title_of
from bot.team.workspace.recording import Note, Recorder, in_words
from bot.team.workspace.roles import Act, Member, Role, any_may
from bot.team.workspace.settings import Rules, refused
from bot.team.workspace.workspaces import Workspaces
from storage.assets import APPROVED, DRAFT, SCHEDULED, SUBMITTED
from storage.errors import PausedError
from storage.owners import workspace
from storage.reviews import APPROVED_BY, ASKED_BY, ASSIGNED_TO, Mark, Reviewed, Version, claim
from storage.shielded import shielded_methods

from .steps import OPEN_TO, Doer, Review, Step, after, fits, not_theirs, refusal

MAX_TEXT, MAX_WORDS = 4000, 1000
# Entries of a text's audit that are read for what was asked, and texts that are looked at for what waits.
_MAX_EVENTS, _MAX_WAITING = 1000, 100
# The audit's word for a comment, which is no step.
COMMENT = "comment"
GONE = "That is no longer in this library."
_QUICKER = "Someone was quicker: {what}. Here is how it looks now."
_CHANGED = "Someone else has just changed it. Here is how it looks now."
_NOBODY = "That person neither writes nor reviews here, so nothing can be assigned to them."
_SAME = "The text has not changed, so there is no new version."
_NOTHING_ASKED = "Nobody has requested changes to this."
NEW_VERSION = "This is now version {version} of the text in the team's library."
# Steps after which it is kept that somebody took them.
_NAMED = (Step.APPROVE, Step.ASK, Step.EDIT)


class MovedOnError(RefusedError):
    """Somebody else changed a text while it was on the screen; says who did what."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A text with its review as somebody sees it: what the team wants, what they can do, and what was asked for."""

    asset: Reviewed
    review: Review
    rules: Rules
    can: frozenset[Step]
    asked: Mark | None = None

    @property
    def redoes(self) -> bool:
        """Whether they can have it written anew with what was asked for."""
        return self.asked is not None and Step.EDIT in self.can


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked to have changed; their id is empty where they are not known any more."""

    user_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits for somebody, and what for: their review, changes that were asked for, or as it is assigned to them."""

    seen: Seen
    why: Literal["review", "changes", "assigned"]


@shielded_methods
class Reviewing:
    """The reviews of workspaces' texts. Every call says who acts, and asks whether they may."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder) -> None:
        self._store, self._workspaces, self._recorder = store, workspaces, recorder

    async def look(self, guild_id: str, member: Member, asset_id: str) -> Seen:
        """A text of a server's with its review.

        Raises:
            RefusedError: there is none, or they do not see it.
        """
        await self._workspaces.allow(guild_id, member, Act.SEE)
        return await self._look(
            guild_id, Doer(member.user_id, await self._workspaces.roles(guild_id, member)), asset_id
        )

    async def shown(self, guild_id: str, asset_id: str) -> Seen | None:
        """A text as everybody sees it in its message, None for one that is gone."""
        try:
            return await self._look(guild_id, Doer("", frozenset()), asset_id)
        except RefusedError:
            return None

    async def could(self, guild_id: str, member: Member, asset_id: str, step: Step, version: int) -> Seen:
        """A text with its review, for who can take a step with a version of it; raises as `take`."""
        seen = await self.look(guild_id, member, asset_id)
        doer, giver = Doer(member.user_id, await self._workspaces.roles(guild_id, member)), seen.asset.given_by or ""
        if why := not_theirs(seen.review, step, doer, giver):
            raise await self._refused(guild_id, why)
        if version != seen.review.version or not fits(seen.review, step, seen.rules):
            raise await self._moved_on(seen.asset)
        if why := refusal(seen.review, step, doer, seen.rules, giver):
            raise await self._refused(guild_id, why)
        return seen

    async def take(
        self, guild_id: str, member: Member, asset_id: str, step: Step, version: int, *, words: str = "",
        to: Member | None = None, text: str = "",
    ) -> Seen:  # fmt: skip
        """Takes a step with a version of a text, and gives how it stands then.

        Raises:
            MovedOnError: somebody else was quicker.
            PausedError: they want nothing to be kept of them, which this would.
            RefusedError: it is not theirs to take.
        """
        if to is not None and not await self._reviews_or_files(guild_id, to):
            raise RefusedError(_NOBODY)
        async with self._recorder.acting(claim(asset_id)) as note:
            await self._workspaces.allow(guild_id, member, Act.SEE)
            doer = Doer(member.user_id, await self._workspaces.roles(guild_id, member))
            whole = {"text": text, "parts": {}, "title": title_of(text, {}), "checks": []} if text else None
            await self.within(
                note, guild_id, doer, asset_id, step, version, words=words, to=to.user_id if to else "", whole=whole
            )
        return await self.look(guild_id, member, asset_id)

    async def within(
        self, note: Note, guild_id: str, doer: Doer, asset_id: str, step: Step, version: int | None = None, *,
        words: str = "", to: str = "", whole: Mapping[str, Any] | None = None, details: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Takes a step in a transaction that holds the text's claim; raises as `take`. Without a version of the one that holds."""
        seen = await self._look(guild_id, doer, asset_id)
        asset, review, giver = seen.asset, seen.review, seen.asset.given_by or ""
        if why := not_theirs(review, step, doer, giver):
            raise await self._refused(guild_id, why)
        if not fits(review, step, seen.rules) or version not in (None, review.version):
            raise await self._moved_on(asset)
        if why := refusal(review, step, doer, seen.rules, giver):
            raise await self._refused(guild_id, why)
        made = after(review, step, doer, seen.rules, giver=giver, to=to)
        if step in _NAMED and await self._store.people.paused(doer.user_id):
            raise PausedError
        if step is Step.EDIT:
            if whole is None or whole["text"] == asset.text:
                raise RefusedError(_SAME)
            before = (review.status, review.version)
            marks = list(_marks(asset, made, doer, ""))
            done = await self._store.reviews.revise(asset.owner_id, asset_id, before, doer.user_id, whole, marks)
        else:
            marks = list(_marks(asset, made, doer, words))
            before = (review.status, review.version)
            done = await self._store.reviews.move(asset.owner_id, asset_id, before, made.status, marks)
        if not done:
            raise await self._moved_on(asset)
        text = whole["text"] if step is Step.EDIT and whole else asset.text
        told: dict[str, Any] = {
            "version": made.version,
            "status": made.status,
            "sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            **(details or {}),
        }
        if step is Step.APPROVE:
            told |= {"count": len(made.approvals), "needed": seen.rules.approvals}
        if step is Step.ASK and words:
            told |= {"words": words}
        people = {"to": to} if step is Step.ASSIGN else {}
        await note(guild_id, step.value, doer.user_id, asset_id, told, people)

    async def follow(
        self, note: Note, guild_id: str, doer: Doer, asset: str, step: Step, details: Mapping[str, Any]
    ) -> bool:
        """Takes a step that follows from a planned post with the text that this names, by its id and version; tells whether it could.

        Another version of it, or one that stands otherwise since, stays as it is.
        """
        asset_id, version = asset.split(":")
        try:
            await self.within(note, guild_id, doer, asset_id, step, int(version), details=details)
        except RefusedError:
            return False
        return True

    async def versions(self, guild_id: str, member: Member, asset_id: str) -> list[Version]:
        """All versions of a text, the oldest first; one where it was never changed.

        Raises:
            RefusedError: there is none, or they do not see it.
        """
        seen = await self.look(guild_id, member, asset_id)
        return await self._store.reviews.versions(workspace(guild_id), asset_id) or [_only(seen.asset)]

    async def wishes(self, guild_id: str, member: Member, asset_id: str) -> Mapping[int, Sequence[Wish]]:
        """What was asked for of each version of a text that something was asked of, the oldest first.

        Raises:
            RefusedError: there is none, or they do not see it.
        """
        await self.look(guild_id, member, asset_id)
        found: defaultdict[int, list[Wish]] = defaultdict(list)
        for event in reversed(await self._store.audit.page(workspace(guild_id), about=asset_id, most=_MAX_EVENTS)):
            if event.act == Step.ASK.value and event.details.get("words"):
                found[int(event.details["version"])].append(Wish(event.person, str(event.details["words"])))
        return found

    async def waiting(self, guild_id: str, member: Member) -> Sequence[Waiting]:
        """What waits for somebody in a server, the longest first: to be approved, to be changed as was asked, or assigned to them.

        Raises:
            RefusedError: they do not see what the team has.
        """
        await self._workspaces.allow(guild_id, member, Act.SEE)
        doer = Doer(member.user_id, await self._workspaces.roles(guild_id, member))
        found = []
        for asset_id in await self._store.reviews.open_ones(workspace(guild_id), _MAX_WAITING):
            with suppress(RefusedError):  # Gone meanwhile.
                seen = await self._look(guild_id, doer, asset_id)
                if why := _why_waiting(seen, doer):
                    found.append(Waiting(seen, why))
        return found

    async def ruled(self, guild_id: str) -> Sequence[str]:
        """The ids of the texts whose messages say how many have approved them."""
        return await self._store.reviews.shown_ones(workspace(guild_id), (SUBMITTED, APPROVED, SCHEDULED), _MAX_WAITING)

    async def comment(self, guild_id: str, user_id: str, message_ids: Sequence[str]) -> None:
        """Notes that somebody has commented on the text whose review one of some messages shows; of comments in a row the first."""
        owner_id = workspace(guild_id)
        asset_id = await self._store.reviews.of_message(owner_id, message_ids)
        if asset_id is None:
            return
        async with self._recorder.acting(claim(asset_id)) as note:
            asset, last = (
                await self._store.reviews.get(owner_id, asset_id),
                await self._store.audit.page(owner_id, about=asset_id, most=1),
            )
            again = bool(last) and (last[0].act, last[0].person) == (COMMENT, user_id)
            if asset is not None and not again:
                await note(guild_id, COMMENT, user_id, asset_id, {"version": asset.version})

    async def posted(
        self, guild_id: str, asset_id: str, channel_id: str, message_id: str, *, also: bool = False
    ) -> None:
        """Notes in which message a review is shown, or shown `also`."""
        await self._store.reviews.shown(workspace(guild_id), asset_id, channel_id, message_id, also=also)

    async def to_redo(self, guild_id: str, member: Member, asset_id: str, version: int) -> tuple[Seen, str]:
        """A text that somebody can have written anew with what was asked for, and what stands in the request for that.

        Raises:
            MovedOnError: somebody else was quicker.
            RefusedError: it is not theirs to change, or nothing was asked for.
        """
        seen = await self.could(guild_id, member, asset_id, Step.EDIT, version)
        roles = await self._workspaces.roles(guild_id, member)
        if seen.asked is None:
            raise RefusedError(_NOTHING_ASKED)
        if await self._store.people.paused(member.user_id):
            raise PausedError
        return seen, f"{asset_id}:{version}:{'+'.join(sorted(roles))}"

    async def revised(self, request: Request, made: Mapping[str, Any]) -> Phrase:
        """Keeps what was written anew as the next version of the text that a request names; says so. Twice does no harm."""
        asset_id, version, roles = request.revises.split(":")
        doer = Doer(request.user_id, frozenset(map(Role, roles.split("+"))))
        whole = {**made, "title": title_of(made["text"], made["parts"])}
        try:
            async with self._recorder.acting(claim(asset_id)) as note:
                await self.within(note, request.guild_id, doer, asset_id, Step.EDIT, int(version), whole=whole)
        except RefusedError as refused:
            known = await self.shown(request.guild_id, asset_id)
            same = known is not None and (known.asset.version, known.asset.text) == (int(version) + 1, made["text"])
            if not same:
                return refused.phrase
        return Phrase(NEW_VERSION, version=int(version) + 1)

    async def _look(self, guild_id: str, doer: Doer, asset_id: str) -> Seen:
        asset = await self._store.reviews.get(workspace(guild_id), asset_id)
        if asset is None:
            raise RefusedError(GONE)
        rules = (await self._workspaces.settings(guild_id)).review_rules
        review, giver = review_of(asset), asset.given_by or ""
        can = frozenset(step for step in Step if not refusal(review, step, doer, rules, giver))
        asked = next((one for one in asset.marks if one.act == ASKED_BY and one.version == asset.version), None)
        return Seen(asset, review, rules, can, asked)

    async def _reviews_or_files(self, guild_id: str, member: Member) -> bool:
        roles = await self._workspaces.roles(guild_id, member)
        return any_may(roles, Act.REVIEW) or any_may(roles, Act.FILE)

    async def _refused(self, guild_id: str, why: str) -> RefusedError:
        """What is said to somebody who cannot take a step, with who can where that is not one person."""
        act = OPEN_TO.get(why)
        return refused(why, await self._workspaces.settings(guild_id), act) if act else RefusedError(why)

    async def _moved_on(self, asset: Reviewed) -> MovedOnError:
        last = await self._store.audit.page(asset.owner_id, about=asset.id, most=1)
        if not last:
            return MovedOnError(_CHANGED)
        # Without the words that were written: how it looks now, which follows, has them.
        details = {name: value for name, value in last[0].details.items() if name != "words"}
        return MovedOnError(_QUICKER, what=in_words(replace(last[0], details=details)))


def review_of(asset: Reviewed) -> Review:
    """How a text stands, of what is kept."""
    of_it = [one for one in asset.marks if one.version == asset.version]
    return Review(
        asset.status,
        asset.version,
        frozenset(filter(None, (asset.given_by, asset.made_by))),
        {one.user_id: frozenset(map(Role, one.roles)) for one in of_it if one.act == APPROVED_BY},
        next((one.user_id for one in asset.marks if one.act == ASSIGNED_TO), ""),
        next((one.user_id for one in of_it if one.act == ASKED_BY), ""),
    )


def _why_waiting(seen: Seen, doer: Doer) -> Literal["review", "changes", "assigned", ""]:
    review = seen.review
    if Step.APPROVE in seen.can:
        return "review"
    if seen.redoes and doer.user_id in (*review.authors, review.assigned):
        return "changes"
    return "assigned" if review.assigned == doer.user_id and review.status == DRAFT else ""


def _marks(asset: Reviewed, made: Review, doer: Doer, words: str) -> Iterator[Mark]:
    """What is kept of people, where a text stands as it does now."""
    known = {(one.user_id, one.act): one for one in asset.marks if one.version == made.version}
    for user_id, roles in made.approvals.items():
        fresh = Mark(user_id, APPROVED_BY, made.version, tuple(sorted(roles)))
        yield known.get((user_id, APPROVED_BY), fresh)
    if made.asked:
        fresh = Mark(made.asked, ASKED_BY, made.version, words=words)
        yield fresh if words and made.asked == doer.user_id else known.get((made.asked, ASKED_BY), fresh)
    if made.assigned:
        yield Mark(made.assigned, ASSIGNED_TO, made.version)


def _only(asset: Reviewed) -> Version:
    return Version(1, asset.title, asset.text, asset.given_by, asset.created_at)
