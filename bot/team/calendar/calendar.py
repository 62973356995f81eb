"""The service for scheduled posts: members schedule, change and cancel them, and owners may change all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.errors import RefusedError
from bot.reading.titles import find_title
from bot.store import Store
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.settings import build_refusal
from bot.team.workspace.workspaces import Workspaces
from personas.ledger import ME, channel, guild
from personas.profile import find_zone
from storage.owners import workspace
from storage.schedule import ScheduledPost
from storage.shielding import shield

from . import moments
from .posts import (
    BOT_CANNOT_WRITE,
    LOST_PERMISSION,
    MAX_TITLE_CHARACTERS,
    POST_LATE,
    Actor,
    CalendarEntry,
    Target,
    Zone,
    build_audit_details,
    build_claim,
    build_when,
    can_change,
    check_target,
    dump_when,
    find_next,
    iter_entries,
    validate_text,
)
from .recurrence import find_next_month, find_next_slot, to_instant, to_wall_time

GONE = "That is no longer scheduled: it was posted, or someone cancelled it. /calendar shows what is scheduled."
_CHANGED_TO = (
    'Someone has changed that in the meantime: "{title}" now goes to {place} on {when}, and your change was not '
    "saved. Look at it again in /calendar."
)
_CHANGED_MEANWHILE = "Someone has changed that in the meantime, so I left it as it is. Check it again in /calendar."
_BEING_POSTED = "That is being posted right now, so it can no longer be changed."
_ALREADY_POSTED = "That has already been posted: {link}"
_NOT_YOURS = "Only the person who scheduled that and owners can change it. Schedule a post of your own with /schedule."
_NO_LONGER_EDITOR = "You cannot change that: only editors and owners of that server can change what is scheduled there."
_ONLY_APPROVED = (
    "Only approved texts can be scheduled in this server. Keep the text in the team's library, submit it for "
    "review, and once it is approved press Schedule… or choose it in /schedule."
)
_MAY_NOT_SCHEDULE = "Only editors and owners can schedule posts here."
_APPROVED_TEXT_IS_FIXED = (
    "That text is approved, so it cannot be changed here. Change it in /library to make a new version."
)
_TIME_AFTER_NEXT_POST = (
    "That is after the next post of this series ({when}). Choose an earlier time, or write when the whole series "
    'goes out, such as "every Tuesday 9:00".'
)
_NOT_RECURRING = "That post goes out only once, so there is nothing to skip. Cancel it instead."


class Calendar:
    """The service for the scheduled posts of servers and users."""

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        recorder: Recorder,
        reviews: ReviewService,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._schedule, self._workspaces, self.now = store, store.schedule, workspaces, clock
        self._recorder, self._reviews = recorder, reviews

    async def find_zone(self, actor: Actor) -> Zone:
        """Return the time zone for an actor: that of their profile, else of the server, else UTC."""
        scopes = [channel(actor.channel_id), guild(actor.guild_id)] if actor.guild_id else []
        known_profile, _ = await self._store.profiles.load_known(actor.user_id, (*scopes, ME))
        if known_profile.profile.timezone:
            return Zone(known_profile.profile.timezone, "person")
        timezone, _ = await self.load_region(actor)
        return Zone(timezone, "server") if timezone else Zone("UTC", "nobody")

    async def schedule(
        self,
        actor: Actor,
        target: Target,
        time_text: str,
        text: str,
        *,
        if_late: str = POST_LATE,
        result_id: str = "",
        asset: str = "",
    ) -> ScheduledPost:
        """Schedule a text for a channel at the time that `time_text` describes; `asset` is the "id:version" of a library text.

        Raises:
            RefusedError: the time or the text is invalid, or the user or the bot cannot write in the channel.
            PausedError: the user has paused storage.
            StorageError: the maximum number of posts is already scheduled.
        """
        if actor.guild_id and not any_has_permission(actor.roles, Permission.FILE):
            raise build_refusal(
                _MAY_NOT_SCHEDULE, await self._workspaces.load_settings(actor.guild_id), Permission.FILE
            )
        if not asset:
            await self._refuse_unapproved(actor.guild_id)
        text = validate_text(text)
        check_target(target)
        when = moments.parse_time(time_text, (await self.find_zone(actor)).name, self.now(), actor.locale)
        post = ScheduledPost(
            owner_id=workspace(actor.guild_id) if actor.guild_id else actor.user_id,
            user_id=actor.user_id,
            channel_id=target.channel_id,
            text=text,
            title=find_title(text, {}, MAX_TITLE_CHARACTERS),
            if_late=if_late,
            locale=actor.locale,
            result_id=result_id,
            asset=asset,
            **dump_when(when),
        )
        await self._add(actor, post)
        return post

    async def _refuse_unapproved(self, guild_id: str) -> None:
        """Raise RefusedError if a server only allows approved texts."""
        if guild_id and (await self._workspaces.load_settings(guild_id)).only_approved:
            raise RefusedError(_ONLY_APPROVED)

    @shield
    async def _add(self, actor: Actor, post: ScheduledPost) -> None:
        if not post.guild_id:
            await self._schedule.add(actor.user_id, post)
            return
        async with self._recorder.transaction(build_claim(post)) as record:
            details, review_actor = build_audit_details(post), ReviewActor(actor.user_id, actor.roles)
            await self._schedule.add(actor.user_id, post)
            if post.asset:
                asset_id, version = post.asset.split(":")
                await self._reviews.apply_step(
                    record, post.guild_id, review_actor, asset_id, Step.SCHEDULE, int(version), details=details
                )
            else:
                await record(post.guild_id, "plan", actor.user_id, post.id, details)

    async def get(self, actor: Actor, post_id: str) -> ScheduledPost:
        """Return a post of the actor or their server, without checking whether the actor can see its channel.

        Raises:
            RefusedError: the post does not exist.
        """
        post = await self._schedule.get(post_id, actor.user_id, actor.guild_id)
        if post is None:
            raise RefusedError(GONE)
        return post

    async def load_visible(self, actor: Actor, post_id: str, can_see: Callable[[str], bool]) -> ScheduledPost:
        """Return a post of the actor, or of their server if they can see its channel.

        Raises:
            RefusedError: the post does not exist, or the actor cannot see it.
        """
        post = await self.get(actor, post_id)
        if post.user_id != actor.user_id and not can_see(post.channel_id):
            raise RefusedError(GONE)
        return post

    async def load_changeable(self, actor: Actor, post_id: str, version: int | None = None) -> ScheduledPost:
        """Return a post that an actor may change, optionally only in the version that they saw. For a post of a server, they
        must act with their roles there.

        Raises:
            RefusedError: the actor cannot change the post, or it is being or was posted, or is no longer at `version`.
        """
        post = await self.get(actor, post_id)
        if not can_change(actor, post):
            raise RefusedError(_NO_LONGER_EDITOR if post.user_id == actor.user_id else _NOT_YOURS)
        if post.state == "posted":
            raise RefusedError(_ALREADY_POSTED, link=post.link)
        if post.state == "posting":
            raise RefusedError(_BEING_POSTED)
        if version is not None and post.version != version:
            recipient = f"<#{post.channel_id}>" if post.guild_id else f"<@{post.user_id}>"
            when = f"<t:{int(post.due_at.timestamp())}:f>"
            raise RefusedError(_CHANGED_TO, title=post.title, place=recipient, when=when)
        return post

    async def move(
        self, actor: Actor, post_id: str, version: int, time_text: str, target: Target | None = None
    ) -> ScheduledPost:
        """Move a post to the time that `time_text` describes, and to another channel of its server if `target` is given.

        For a series, a single time moves only its next occurrence, and a recurring time all of them.

        Raises:
            RefusedError: the post cannot be moved there, or the actor cannot change it.
        """
        post = await self.load_changeable(actor, post_id, version)
        if target is not None and target.channel_id != post.channel_id:
            if target.guild_id != post.guild_id:
                raise RefusedError(BOT_CANNOT_WRITE)
            check_target(target)
            post = replace(post, channel_id=target.channel_id)
        # In the zone of the post, so that a time means the same for each of its editors.
        when = moments.parse_time(time_text, post.zone, self.now(), actor.locale)
        if when.rule or not post.rule:
            return await self._save_change(actor, replace(post, **dump_when(when)))
        due_at, zone = to_instant(when.start, when.tzinfo), find_zone(post.zone)
        wall_time = datetime.fromisoformat(post.slot)
        if post.due_at <= self.now():  # Missed occurrences are not posted later.
            wall_time = max(wall_time, to_wall_time(self.now(), zone))
        next_wall_time = find_next_slot(build_when(post), wall_time, self.now())
        if next_wall_time is not None and due_at >= to_instant(next_wall_time, zone):
            raise RefusedError(_TIME_AFTER_NEXT_POST, when=f"{next_wall_time:%Y-%m-%d %H:%M}")
        return await self._save_change(actor, replace(post, due_at=due_at, slot=wall_time.isoformat()))

    async def move_to_zone(self, actor: Actor, post_id: str, version: int, zone: str) -> ScheduledPost:
        """Move a post to the same wall time in another time zone.

        Raises:
            RefusedError: that time is past, or the actor cannot change the post.
        """
        post = await self.load_changeable(actor, post_id, version)
        when = moments.validate_time(replace(build_when(post), zone=zone), self.now())
        return await self._save_change(actor, replace(post, **dump_when(when)))

    async def skip(self, actor: Actor, post_id: str, version: int) -> ScheduledPost:
        """Skip the next occurrence of a series.

        Raises:
            RefusedError: the post does not recur, or the actor cannot change it.
        """
        post = await self.load_changeable(actor, post_id, version)
        next_post = find_next(post, self.now())
        if next_post is None:
            raise RefusedError(_NOT_RECURRING)
        return await self._save_change(actor, replace(post, slot=next_post.slot, due_at=next_post.due_at))

    @staticmethod
    def require_rewritable(post: ScheduledPost) -> None:
        """Check that the text of a post can be changed.

        Raises:
            RefusedError: it is a library text, which is posted as approved.
        """
        if post.asset:
            raise RefusedError(_APPROVED_TEXT_IS_FIXED)

    async def rewrite(self, actor: Actor, post_id: str, version: int, text: str) -> ScheduledPost:
        """Replace the text of a post.

        Raises:
            RefusedError: the text is invalid, or the actor cannot change the post.
        """
        text = validate_text(text)
        post = await self.load_changeable(actor, post_id, version)
        self.require_rewritable(post)
        await self._refuse_unapproved(post.guild_id)
        return await self._save_change(
            actor, replace(post, text=text, title=find_title(text, {}, MAX_TITLE_CHARACTERS))
        )

    async def cancel(self, actor: Actor, post_id: str, version: int) -> ScheduledPost:
        """Cancel a post with all its later occurrences.

        Raises:
            RefusedError: the actor cannot change it, or it has changed in the meantime.
        """
        post = await self.load_changeable(actor, post_id, version)
        await self._cancel(actor, post)
        return post

    @shield
    async def _cancel(self, actor: Actor, post: ScheduledPost) -> None:
        async with self._recorder.transaction(build_claim(post)) as record:
            if not await self._schedule.cancel(actor.user_id, actor.managed_guild_id, post):
                raise RefusedError(_CHANGED_MEANWHILE)
            review_actor, details = ReviewActor(actor.user_id, actor.roles), build_audit_details(post)
            is_recorded = False  # A step of the review has an audit entry of its own.
            if post.asset:
                is_recorded = await self._reviews.apply_post_step(
                    record, post.guild_id, review_actor, post.asset, Step.UNSCHEDULE, details
                )
            if post.guild_id and not is_recorded:
                await record(post.guild_id, "cancel", actor.user_id, post.id, details)

    @shield
    async def _save_change(self, actor: Actor, post: ScheduledPost) -> ScheduledPost:
        if post.reason == LOST_PERMISSION:  # In the author's name it would never be posted.
            post = replace(post, user_id=actor.user_id)
        async with self._recorder.transaction() as record:
            changed_post = await self._schedule.change(actor.user_id, actor.managed_guild_id, post)
            if changed_post is None:
                raise RefusedError(_CHANGED_MEANWHILE)
            if post.guild_id:
                await record(post.guild_id, "move", actor.user_id, post.id, build_audit_details(post))
        return changed_post

    async def list_month(
        self, actor: Actor, first_day: date, can_see: Callable[[str], bool], *, own_only: bool = False
    ) -> list[CalendarEntry]:
        """Return the posts of a month in order, with times in the actor's zone.

        Other members' posts are listed only for channels that the actor `can_see`, and not at all with `own_only`.
        """
        zone = find_zone((await self.find_zone(actor)).name)
        start, end = (
            to_instant(datetime.combine(day, datetime.min.time()), zone)
            for day in (first_day, find_next_month(first_day))
        )
        entries = []
        for post in await self._schedule.list_between(actor.user_id, actor.guild_id, start, end):
            is_own = post.user_id == actor.user_id
            if (is_own or can_see(post.channel_id)) and (is_own or not own_only):
                entries += [replace(entry, at=entry.at.astimezone(zone)) for entry in iter_entries(post, start, end)]
        return sorted(entries, key=lambda entry: (entry.at, entry.post.id))

    async def load_region(self, actor: Actor) -> tuple[str, str]:
        """Return the time zone and the country of the server's calendar, empty if not set."""
        if not actor.guild_id:
            return "", ""
        settings = await self._workspaces.load_settings(actor.guild_id)
        return settings.timezone, settings.country

    async def set_region(self, actor: Actor, timezone: str | None, country: str | None) -> tuple[str, str]:
        """Set the time zone, the country or both of the server's calendar, and return both; None keeps a value.

        Raises:
            RefusedError: the actor is not an owner.
        """
        if not actor.managed_guild_id:
            raise RefusedError(
                "Only owners can set that: people who can manage this server, and those they made owners."
            )
        values = {name: value for name, value in (("timezone", timezone), ("country", country)) if value is not None}
        owner = Member(actor.user_id, manages=True)
        settings = await self._workspaces.change(
            actor.managed_guild_id, owner, lambda settings: settings.with_values(**values)
        )
        return settings.timezone, settings.country
