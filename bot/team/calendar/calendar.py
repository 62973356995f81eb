"""Posts that go to a channel at a time: planned, moved, cancelled by whoever may, and posted once when they are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from bot.errors import Phrase, QuillmateError, RefusedError
from bot.moderation import refuse
from bot.store import Store
from bot.team.review.reviewing import Reviewing
from bot.team.review.steps import Doer, Step
from bot.team.workspace.recording import Recorder
from bot.team.workspace.roles import Act, Member, Role, any_may
from bot.team.workspace.workspaces import Workspaces
from personas.ledger import ME, channel, guild
from personas.profile import clean, zone_of
from storage.owners import workspace
from storage.reviews import claim
from storage.schedule import Planned, new_id
from storage.shielded import shielded

from . import moments
from .recurrence import When, between, following, instant, next_month, wall

log = logging.getLogger(__name__)

# What fits into one post, with room for a note below it.
MOST_CHARACTERS = 3800
LATE, SKIP = "late", "skip"
# How much later a post may still come: as it was planned, and where it is to be skipped rather than late.
_ALLOWED = {LATE: timedelta(hours=12), SKIP: timedelta(minutes=5)}
# From then on a post says that it is late.
_NOTICED = timedelta(minutes=5)
_TITLE = 60

GONE = "That is not planned any more: it was posted, or somebody has cancelled it. /calendar shows what is."
_CHANGED = "Somebody has changed that meanwhile, so I left it as it is now. Look at it again in /calendar."
_UNDER_WAY = "That is being posted right now, so it cannot be changed any more."
_POSTED = "That was posted already: {link}"
NOT_YOURS = "Only who planned that, and owners, can change it. You can plan a post of your own: /schedule."
_ONLY_APPROVED = (
    "In this server approved texts alone are planned. Keep the text in the team's library, submit it for review, and press "
    "Schedule… once it is approved."
)
_NOT_PLANNING = "Only editors and owners plan posts here: /settings gives roles."
_FROZEN = "That text was approved as it is. Change it in /library, which makes a new version of it."
NOT_WRITING = "You may not write in that channel, so I post nothing there for you. Choose another channel."
CANNOT_POST = "I may not write in that channel. Choose another one, or ask who manages this server to let me."
_TOO_LONG = "That text has {count:,} characters; {most:,} fit into one post. Shorten it, or plan a part of it."
_EMPTY = "There is no text to post. Write one."
_AFTER_NEXT = (
    "That is after the next time that it comes, {when}. Choose an earlier time, or write when all of them come, such as "
    '"every Tuesday 9:00".'
)
_NOT_AGAIN = "That comes once, so there is no next one to skip. Cancel it instead."

# Why something was not posted, and what is told to who planned it.
_WHY = {
    "gone": 'I could not post "{title}": its channel is gone, or I do not see it any more. Move it to another channel in '
    "/calendar.",
    "forbidden": 'I could not post "{title}" in {place}: I may not write there. Ask who manages the server to let me, then '
    "move it in /calendar.",
    "left": 'I did not post "{title}" in {place}: you may not write there any more. Move it to another channel in /calendar.',
    "refused": 'I could not post "{title}" in {place}: Discord did not take the text. Change it and move it in /calendar.',
    "late": 'I did not post "{title}" in {place}: I was not there at its time, and it would have come too late. Move it in '
    "/calendar if it is still wanted.",
}
_WAITS = "What follows it waits until then."


class NotPostedError(Exception):
    """Something cannot be posted, which trying again would not change; `reason` is one of `_WHY`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PostLaterError(Exception):
    """Discord cannot be reached now."""


class Poster(Protocol):
    """How posts get to their channels, and words to who planned them."""

    async def post(self, planned: Planned, *, late: bool, again: bool) -> str:
        """Posts a text; gives the message's id. `again` where an earlier try may have posted it: then that is looked for.

        Raises:
            NotPostedError: it cannot be posted.
            PostLaterError: it may be later.
        """

    async def find(self, planned: Planned) -> str | None:
        """The id of the message that an earlier try has posted, None where there is none.

        Raises:
            PostLaterError: it cannot be looked for now.
        """

    async def tell(self, planned: Planned, why: Phrase) -> None:
        """Tells who planned something privately why it was not posted."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, where, and what they are in that server."""

    user_id: str
    guild_id: str = ""
    channel_id: str = ""
    roles: frozenset[Role] = frozenset()
    locale: str = "en"

    @property
    def managed(self) -> str:
        """The server that they own, empty for none."""
        return self.guild_id if self.guild_id and any_may(self.roles, Act.SETTLE) else ""


@dataclass(frozen=True, slots=True)
class Target:
    """A channel that something is to go to, and whether the person and the bot may write there."""

    channel_id: str
    person_writes: bool
    bot_writes: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone and whose it is: "person", "server", or "nobody" where it is UTC for want of another."""

    name: str
    whose: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Something in a calendar: what, when on the reader's clock, and whether it is a later time of what comes again."""

    planned: Planned
    at: datetime
    repeats: bool = False


async def always() -> bool:
    """In charge: nobody else is there."""
    return True


class Calendar:
    """What is planned in servers and by people. `clock` tells the time."""

    def __init__(
        self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: Reviewing,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._store, self._schedule, self._workspaces, self.now = store, store.schedule, workspaces, clock
        self._recorder, self._reviewing = recorder, reviewing
        # A second look beside one that is posting would take what that has begun for what a crash has left.
        self._looking = asyncio.Lock()

    async def zone(self, actor: Actor) -> Zone:
        """The time zone that somebody's words are read in: their profile's, else the server's, else UTC."""
        scopes = [channel(actor.channel_id), guild(actor.guild_id)] if actor.guild_id else []
        known, _ = await self._store.profiles.known(actor.user_id, (*scopes, ME))
        if known.profile.timezone:
            return Zone(known.profile.timezone, "person")
        timezone, _ = await self.place(actor)
        return Zone(timezone, "server") if timezone else Zone("UTC", "nobody")

    async def plan(
        self, actor: Actor, target: Target, words: str, text: str, *, if_late: str = LATE, result_id: str = "",
        asset: str = "",
    ) -> Planned:  # fmt: skip
        """Plans a text for a channel, at a time in words; of a text of the library the version that `asset` names.

        Raises:
            RefusedError: the time cannot be read, the text is none, or the person or the bot may not write there.
            PausedError: the person wants nothing to be kept.
            StorageError: as much is planned as is kept.
        """
        if actor.guild_id and not any_may(actor.roles, Act.FILE):
            raise RefusedError(_NOT_PLANNING)
        if not asset:
            await self._refuse_unapproved(actor.guild_id)
        text = _checked(text)
        _check_target(target)
        when = moments.read(words, (await self.zone(actor)).name, self.now(), actor.locale)
        planned = Planned(
            owner_id=workspace(actor.guild_id) if actor.guild_id else actor.user_id,
            user_id=actor.user_id, channel_id=target.channel_id, text=text, title=_title(text), if_late=if_late,
            locale=actor.locale, result_id=result_id, asset=asset, **_when(when),
        )  # fmt: skip
        await self._keep(actor, planned)
        return planned

    async def _refuse_unapproved(self, guild_id: str) -> None:
        """Raises RefusedError where a server plans approved texts alone."""
        if guild_id and (await self._workspaces.settings(guild_id)).only_approved:
            raise RefusedError(_ONLY_APPROVED)

    @shielded
    async def _keep(self, actor: Actor, planned: Planned) -> None:
        if not planned.guild_id:
            await self._schedule.add(actor.user_id, planned)
            return
        async with self._recorder.acting(_claim(planned)) as note:
            where, doer = _where(planned), Doer(actor.user_id, actor.roles)
            await self._schedule.add(actor.user_id, planned)
            if planned.asset:
                asset_id, version = planned.asset.split(":")
                await self._reviewing.within(
                    note, planned.guild_id, doer, asset_id, Step.SCHEDULE, int(version), details=where
                )
            else:
                await note(planned.guild_id, "plan", actor.user_id, planned.id, where)

    async def get(self, actor: Actor, entry_id: str) -> Planned:
        """Something that is planned, for who planned it and those in its server; what is shown is for `look_at` to say.

        Raises:
            RefusedError: there is nothing of that id for them.
        """
        found = await self._schedule.get(entry_id, actor.user_id, actor.guild_id)
        if found is None:
            raise RefusedError(GONE)
        return found

    async def look_at(self, actor: Actor, entry_id: str, sees: Callable[[str], bool]) -> Planned:
        """Something that is planned, for who planned it and those in its server who see the channel that it goes to.

        Raises:
            RefusedError: there is nothing of that id for them.
        """
        found = await self.get(actor, entry_id)
        if found.user_id != actor.user_id and not sees(found.channel_id):
            raise RefusedError(GONE)
        return found

    async def changeable(self, actor: Actor, entry_id: str, version: int | None = None) -> Planned:
        """The same for who may change it, as they have seen it where a version is named.

        Raises:
            RefusedError: it is not theirs to change, or is not as they saw it.
        """
        found = await self.get(actor, entry_id)
        if not may_change(actor, found):
            raise RefusedError(NOT_YOURS)
        if found.state == "posted":
            raise RefusedError(_POSTED, link=found.link)
        if found.state == "posting":
            raise RefusedError(_UNDER_WAY)
        if version is not None and found.version != version:
            raise RefusedError(_CHANGED)
        return found

    async def move(
        self, actor: Actor, entry_id: str, version: int, words: str, target: Target | None = None
    ) -> Planned:
        """Moves what is to come to another time in words, or another channel; of what comes again the next, or all.

        Raises:
            RefusedError: it cannot be moved there, or not by them.
        """
        found = await self.changeable(actor, entry_id, version)
        if target is not None and target.channel_id != found.channel_id:
            _check_target(target)
            found = replace(found, channel_id=target.channel_id)
        # In the zone that it was planned in, so that words mean the same for whoever moves it.
        when = moments.read(words, found.zone, self.now(), actor.locale)
        if when.rule or not found.rule:
            return await self._changed(actor, replace(found, **_when(when)))
        moved, slot = instant(when.start, when.tzinfo), datetime.fromisoformat(found.slot)
        if found.due_at <= self.now():  # What was missed since then is not made up for.
            slot = max(slot, wall(self.now(), when.tzinfo))
        after = following(_of(found), slot, self.now())
        if after is not None and moved >= instant(after, when.tzinfo):
            raise RefusedError(_AFTER_NEXT, when=f"{after:%Y-%m-%d %H:%M}")
        return await self._changed(actor, replace(found, due_at=moved, slot=slot.isoformat()))

    async def skip(self, actor: Actor, entry_id: str, version: int) -> Planned:
        """Leaves out the next of what comes again.

        Raises:
            RefusedError: it comes once, or is not theirs to change.
        """
        found = await self.changeable(actor, entry_id, version)
        follows = _following(found, self.now())
        if follows is None:
            raise RefusedError(_NOT_AGAIN)
        return await self._changed(actor, replace(found, slot=follows.slot, due_at=follows.due_at))

    @staticmethod
    def rewritable(planned: Planned) -> None:
        """Lets somebody go on who is about to change what is posted.

        Raises:
            RefusedError: it is a text of the library, which goes out as it was approved.
        """
        if planned.asset:
            raise RefusedError(_FROZEN)

    async def rewrite(self, actor: Actor, entry_id: str, version: int, text: str) -> Planned:
        """Puts another text in the place of the one that is to come.

        Raises:
            RefusedError: it is none, or it is not theirs to change.
        """
        text = _checked(text)
        found = await self.changeable(actor, entry_id, version)
        self.rewritable(found)
        await self._refuse_unapproved(found.guild_id)
        return await self._changed(actor, replace(found, text=text, title=_title(text)))

    async def cancel(self, actor: Actor, entry_id: str, version: int) -> Planned:
        """Cancels what is to come, with all that follows it.

        Raises:
            RefusedError: it is not theirs to cancel, or is not as they saw it.
        """
        found = await self.changeable(actor, entry_id, version)
        await self._drop(actor, found)
        return found

    @shielded
    async def _drop(self, actor: Actor, planned: Planned) -> None:
        async with self._recorder.acting(_claim(planned)) as note:
            if not await self._schedule.cancel(actor.user_id, actor.managed, planned):
                raise RefusedError(_CHANGED)
            doer, where, followed = Doer(actor.user_id, actor.roles), _where(planned), False
            if planned.asset:
                followed = await self._reviewing.follow(
                    note, planned.guild_id, doer, planned.asset, Step.UNSCHEDULE, where
                )
            if planned.guild_id and not followed:
                await note(planned.guild_id, "cancel", actor.user_id, planned.id, where)

    @shielded
    async def _changed(self, actor: Actor, planned: Planned) -> Planned:
        async with self._recorder.acting() as note:
            changed = await self._schedule.change(actor.user_id, actor.managed, planned)
            if changed is None:
                raise RefusedError(_CHANGED)
            if planned.guild_id:
                await note(planned.guild_id, "move", actor.user_id, planned.id, _where(planned))
        return changed

    @shielded
    async def _posted(self, planned: Planned, follows: Planned | None) -> bool:
        """Keeps that something was posted, and of a text of the library that it is published, unless it comes again."""
        async with self._recorder.acting(_claim(planned)) as note:
            done = await self._schedule.end(planned, follows)
            if done and planned.guild_id:
                doer, followed = Doer(planned.user_id, frozenset({Role.EDITOR})), False
                where = {**_where(planned), "message": planned.message_id}
                if planned.asset and follows is None:
                    followed = await self._reviewing.follow(
                        note, planned.guild_id, doer, planned.asset, Step.PUBLISH, where
                    )
                if not followed:
                    await note(planned.guild_id, "posted", planned.user_id, planned.id, where)
        return done

    async def month(self, actor: Actor, first: date, sees: Callable[[str], bool], *, own: bool = False) -> list[Shown]:
        """What is planned in a month, or was, in the order of time on the reader's clock.

        Of others only what goes to channels that the reader `sees`.
        """
        zone = zone_of((await self.zone(actor)).name)
        start, end = (instant(datetime.combine(day, datetime.min.time()), zone) for day in (first, next_month(first)))
        found = []
        for planned in await self._schedule.all(actor.user_id, actor.guild_id, start, end):
            mine = planned.user_id == actor.user_id
            if (mine or sees(planned.channel_id)) and (mine or not own):
                found += [replace(one, at=one.at.astimezone(zone)) for one in _times(planned, start, end)]
        return sorted(found, key=lambda one: (one.at, one.planned.id))

    async def place(self, actor: Actor) -> tuple[str, str]:
        """The time zone and country of the server's calendar."""
        if not actor.guild_id:
            return "", ""
        settings = await self._workspaces.settings(actor.guild_id)
        return settings.timezone, settings.country

    async def set_place(self, actor: Actor, timezone: str | None, country: str | None) -> tuple[str, str]:
        """Sets what is named of the time zone and country of the server's calendar, for who owns it; gives both.

        Raises:
            RefusedError: it is not theirs to set.
        """
        if not actor.managed:
            raise RefusedError("Only owners set that: whoever may manage this server, and those they made owners.")
        named = {name: value for name, value in (("timezone", timezone), ("country", country)) if value is not None}
        owner = Member(actor.user_id, manages=True)
        settings = await self._workspaces.change(actor.managed, owner, lambda known: known.having(**named))
        return settings.timezone, settings.country

    async def look(self, poster: Poster, holder: str, in_charge: Callable[[], Awaitable[bool]] = always) -> int:
        """Posts what is due, as long as this process is in charge of its slot, whose name is the holder's; gives how many."""
        async with self._looking:
            done = 0
            for planned in await self._schedule.due(holder, self.now()):
                if not await in_charge():
                    return done
                try:
                    done += await self._send(planned, poster, holder, in_charge)
                except QuillmateError as error:
                    log.warning("a post is left for later: %s", type(error).__name__)
            for planned in await self._schedule.untold():
                await poster.tell(planned, _why(planned))
                await self._schedule.noted(planned.id)
            return done

    async def _send(
        self, planned: Planned, poster: Poster, holder: str, in_charge: Callable[[], Awaitable[bool]]
    ) -> bool:
        """Posts one text or finds that it cannot be; tells whether that was decided now."""
        now, again = self.now(), planned.state == "posting"
        if not await self._schedule.claim(planned, holder, now) or not await in_charge():
            return False
        planned = replace(planned, claimed_by=holder, claimed_at=planned.claimed_at if again else now)
        late, allowed = now - planned.due_at, _ALLOWED[planned.if_late]
        message_id: str | None
        try:
            if late <= allowed:
                message_id = await poster.post(planned, late=late > _NOTICED, again=again)
            else:
                message_id = await poster.find(planned) if again else None
        except PostLaterError:
            return False
        except NotPostedError as error:
            # What comes again waits, as each of them would fail.
            return await self._schedule.end(replace(planned, state="failed", reason=error.reason, told=False))
        follows = _following(planned, now - allowed)
        once = replace(planned, rule="")  # What follows it has the rule.
        if message_id is None:
            return await self._schedule.end(replace(once, state="missed", reason="late", told=False), follows)
        return await self._posted(replace(once, state="posted", message_id=message_id), follows)


def may_change(actor: Actor, planned: Planned) -> bool:
    """Whether somebody may move, change and cancel something: who planned it and may plan there still, and its server's owners."""
    if planned.guild_id and planned.guild_id == actor.managed:
        return True
    plans = not actor.guild_id or planned.guild_id != actor.guild_id or any_may(actor.roles, Act.FILE)
    return planned.user_id == actor.user_id and plans


def _claim(planned: Planned) -> str:
    """What a transaction claims first that changes a planned text of the library."""
    return claim(planned.asset.partition(":")[0]) if planned.asset else ""


def _where(planned: Planned) -> dict[str, str]:
    """What the audit keeps of a planned post."""
    return {"channel": planned.channel_id, "due": planned.due_at.isoformat(timespec="minutes"), "planned": planned.id}


def _times(planned: Planned, start: datetime, end: datetime) -> Iterator[Shown]:
    """The times of something between two moments: its own, and where it comes again those after it."""
    if start <= planned.due_at < end:
        yield Shown(planned, planned.due_at)
    if planned.rule and planned.state in ("planned", "posting"):
        for _, moment in between(_of(planned), start, end, datetime.fromisoformat(planned.slot)):
            yield Shown(planned, moment, repeats=True)


def _following(planned: Planned, not_before: datetime) -> Planned | None:
    """What comes after something that comes again, not before a moment."""
    if not planned.rule:
        return None
    when = _of(planned)
    slot = following(when, datetime.fromisoformat(planned.slot), not_before)
    if slot is None:
        return None
    return replace(
        planned, id=new_id(), due_at=instant(slot, when.tzinfo), slot=slot.isoformat(), state="planned", version=1,
        message_id=None, reason="", told=True, claimed_by=None, claimed_at=None,
    )  # fmt: skip


def _of(planned: Planned) -> When:
    return When(datetime.fromisoformat(planned.start), planned.zone, planned.rule)


def _when(when: When) -> dict[str, Any]:
    """What is kept of when something is to happen."""
    start = when.start.isoformat()
    return {
        "due_at": instant(when.start, when.tzinfo),
        "start": start,
        "slot": start,
        "zone": when.zone,
        "rule": when.rule,
    }


def _checked(text: str) -> str:
    """A text that can be posted.

    Raises:
        RefusedError: there is none, it is too long, or it does harm.
    """
    text = clean(text)
    if not text:
        raise RefusedError(_EMPTY)
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(_TOO_LONG, count=len(text), most=MOST_CHARACTERS)
    refuse(text)
    return text


def _check_target(target: Target) -> None:
    if not target.person_writes:
        raise RefusedError(NOT_WRITING)
    if not target.bot_writes:
        raise RefusedError(CANNOT_POST)


def _title(text: str) -> str:
    line = next((one.strip(" #*_>-") for one in text.splitlines() if one.strip(" #*_>-")), "…")
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1].rstrip()}…"


def _why(planned: Planned) -> Phrase:
    """What is told of something that was not posted."""
    place = f"<#{planned.channel_id}>" if planned.guild_id else "…"
    why = Phrase(_WHY[planned.reason], title=planned.title, place=place)
    if planned.rule and planned.state == "failed":
        return Phrase("{why} {waits}", why=why, waits=Phrase(_WAITS))
    return why
