"""Posts that go to a channel at a time: planned, moved, cancelled by whoever may, and posted once when they are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.errors import QuillmateError, RefusedError
from bot.store import Store
from bot.team.review.reviewing import Reviewing
from bot.team.review.steps import Doer, Step
from bot.team.workspace.recording import Recorder
from bot.team.workspace.roles import Act, Member, Role, any_may
from bot.team.workspace.settings import refused
from bot.team.workspace.workspaces import Workspaces
from personas.ledger import ME, channel, guild
from personas.profile import find_zone
from storage.owners import workspace
from storage.schedule import HELD, UNAPPROVED, Planned
from storage.shielded import shielded

from . import moments
from .holding import Holding
from .posts import (
    LATE,
    SKIP,
    Actor,
    NotPostedError,
    Poster,
    PostLaterError,
    Shown,
    Target,
    Zone,
    check_target,
    checked,
    claim_of,
    first_line,
    kept_when,
    may_change,
    next_of,
    times,
    when_of,
    where_in_audit,
    why_in_words,
)
from .recurrence import following, instant, next_month, wall

log = logging.getLogger(__name__)

# How much later a post may still come: as it was planned, and where it is to be skipped rather than late.
_ALLOWED = {LATE: timedelta(hours=12), SKIP: timedelta(minutes=5)}
# From then on a post says that it is late.
_NOTICED = timedelta(minutes=5)

GONE = "That is no longer scheduled: it was posted, or someone cancelled it. /calendar shows what is scheduled."
_MOVED_ON = (
    'Someone has changed that in the meantime: "{title}" now goes to {place} on {when}, and your change was not '
    "saved. Look at it again in /calendar."
)
_CHANGED = "Someone has changed that in the meantime, so I left it as it is. Look at it again in /calendar."
_UNDER_WAY = "That is being posted right now, so it can no longer be changed."
_POSTED = "That has already been posted: {link}"
NOT_YOURS = "Only the person who scheduled that and owners can change it. Schedule a post of your own with /schedule."
_ONLY_APPROVED = (
    "Only approved texts can be scheduled in this server. Keep the text in the team's library, submit it for "
    "review, and once it is approved press Schedule… or choose it in /schedule."
)
_NOT_PLANNING = "Only editors and owners can schedule posts here."
_FROZEN = "That text is approved, so it cannot be changed here. Change it in /library to make a new version."
_AFTER_NEXT = (
    "That is after the next post of this series ({when}). Choose an earlier time, or write when the whole series "
    'goes out, such as "every Tuesday 9:00".'
)
_NOT_AGAIN = "That post goes out only once, so there is none to skip. Cancel it instead."


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
        self._holding = Holding(store, workspaces, recorder, reviewing)
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
            raise refused(_NOT_PLANNING, await self._workspaces.settings(actor.guild_id), Act.FILE)
        if not asset:
            await self._refuse_unapproved(actor.guild_id)
        text = checked(text)
        check_target(target)
        when = moments.read(words, (await self.zone(actor)).name, self.now(), actor.locale)
        planned = Planned(
            owner_id=workspace(actor.guild_id) if actor.guild_id else actor.user_id,
            user_id=actor.user_id, channel_id=target.channel_id, text=text, title=first_line(text), if_late=if_late,
            locale=actor.locale, result_id=result_id, asset=asset, **kept_when(when),
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
        async with self._recorder.acting(claim_of(planned)) as note:
            where, doer = where_in_audit(planned), Doer(actor.user_id, actor.roles)
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
            place = f"<#{found.channel_id}>" if found.guild_id else f"<@{found.user_id}>"
            when = f"<t:{int(found.due_at.timestamp())}:f>"
            raise RefusedError(_MOVED_ON, title=found.title, place=place, when=when)
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
            check_target(target)
            found = replace(found, channel_id=target.channel_id)
        # In the zone that it was planned in, so that words mean the same for whoever moves it.
        when = moments.read(words, found.zone, self.now(), actor.locale)
        if when.rule or not found.rule:
            return await self._changed(actor, replace(found, **kept_when(when)))
        moved, slot, there = instant(when.start, when.tzinfo), datetime.fromisoformat(found.slot), find_zone(found.zone)
        if found.due_at <= self.now():  # What was missed since then is not made up for.
            slot = max(slot, wall(self.now(), there))
        after = following(when_of(found), slot, self.now())
        if after is not None and moved >= instant(after, there):
            raise RefusedError(_AFTER_NEXT, when=f"{after:%Y-%m-%d %H:%M}")
        return await self._changed(actor, replace(found, due_at=moved, slot=slot.isoformat()))

    async def move_to_zone(self, actor: Actor, entry_id: str, version: int, zone: str) -> Planned:
        """Reads the time that something was planned for in another time zone: 9:00 stays 9:00, there.

        Raises:
            RefusedError: that is past, or it is not theirs to change.
        """
        found = await self.changeable(actor, entry_id, version)
        when = moments.checked(replace(when_of(found), zone=zone), self.now())
        return await self._changed(actor, replace(found, **kept_when(when)))

    async def skip(self, actor: Actor, entry_id: str, version: int) -> Planned:
        """Leaves out the next of what comes again.

        Raises:
            RefusedError: it comes once, or is not theirs to change.
        """
        found = await self.changeable(actor, entry_id, version)
        follows = next_of(found, self.now())
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
        text = checked(text)
        found = await self.changeable(actor, entry_id, version)
        self.rewritable(found)
        await self._refuse_unapproved(found.guild_id)
        return await self._changed(actor, replace(found, text=text, title=first_line(text)))

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
        async with self._recorder.acting(claim_of(planned)) as note:
            if not await self._schedule.cancel(actor.user_id, actor.managed, planned):
                raise RefusedError(_CHANGED)
            doer, where, followed = Doer(actor.user_id, actor.roles), where_in_audit(planned), False
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
                await note(planned.guild_id, "move", actor.user_id, planned.id, where_in_audit(planned))
        return changed

    @shielded
    async def _posted(self, planned: Planned, follows: Planned | None) -> bool:
        """Keeps that something was posted, and of a text of the library that it is published, unless it comes again."""
        async with self._recorder.acting(claim_of(planned)) as note:
            done = await self._schedule.end(planned, follows)
            if done and planned.guild_id:
                doer, followed = Doer(planned.user_id, frozenset({Role.EDITOR})), False
                where = {**where_in_audit(planned), "message": planned.message_id}
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
        zone = find_zone((await self.zone(actor)).name)
        start, end = (instant(datetime.combine(day, datetime.min.time()), zone) for day in (first, next_month(first)))
        found = []
        for planned in await self._schedule.all(actor.user_id, actor.guild_id, start, end):
            mine = planned.user_id == actor.user_id
            if (mine or sees(planned.channel_id)) and (mine or not own):
                found += [replace(one, at=one.at.astimezone(zone)) for one in times(planned, start, end)]
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
            raise RefusedError(
                "Only owners can set that: people who can manage this server, and those they made owners."
            )
        named = {name: value for name, value in (("timezone", timezone), ("country", country)) if value is not None}
        owner = Member(actor.user_id, manages=True)
        settings = await self._workspaces.change(actor.managed, owner, lambda known: known.having(**named))
        return settings.timezone, settings.country

    async def look(
        self, poster: Poster, holder: str, in_charge: Callable[[], Awaitable[bool]] = always,
        serves: Callable[[str], bool] = lambda _guild_id: True,
    ) -> int:  # fmt: skip
        """Posts what is due in the servers that this process serves, as long as it is in charge of its slot, whose name is the
        holder's; gives how many.
        """
        async with self._looking:
            done = 0
            await self._give_up_held(in_charge)
            for planned in await self._schedule.due(holder, self.now()):
                if not serves(planned.guild_id):
                    continue
                if not await in_charge():
                    return done
                try:
                    if await self._holding.hold_lacking(planned):
                        continue
                    done += await self._send(planned, poster, holder, in_charge)
                except QuillmateError as error:
                    log.warning("a post is left for later: %s", type(error).__name__)
            for planned in [one for one in await self._schedule.untold() if serves(one.guild_id)]:
                await poster.tell(planned, why_in_words(planned))
                await self._schedule.noted(planned.id)
            return done

    async def _give_up_held(self, in_charge: Callable[[], Awaitable[bool]]) -> None:
        """Has go on what is held and approved again; what would come too late by now is not posted."""
        if not await in_charge():
            return
        await self._holding.go_on()
        for planned in await self._schedule.held():
            allowed = _ALLOWED[planned.if_late]
            if self.now() - planned.due_at > allowed:
                follows = next_of(planned, self.now() - allowed)
                follows = replace(follows, reason=HELD) if follows else None
                missed = replace(planned, rule="", state="missed", reason=UNAPPROVED, told=False)
                await self._schedule.end(missed, follows)

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
        follows = next_of(planned, now - allowed)
        once = replace(planned, rule="")  # What follows it has the rule.
        if message_id is None:
            return await self._schedule.end(replace(once, state="missed", reason="late", told=False), follows)
        return await self._posted(replace(once, state="posted", message_id=message_id), follows)
