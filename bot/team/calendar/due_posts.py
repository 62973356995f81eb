"""Sends scheduled posts when they are due: each of them once, also after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.errors import QuillmateError
from bot.store import Store
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Role
from bot.team.workspace.workspaces import Workspaces
from storage.schedule import HELD, UNAPPROVED, ScheduledPost, serve_all
from storage.shielding import shield

from .held_posts import HeldPosts
from .posts import (
    DEFECT,
    POST_LATE,
    SKIP_LATE,
    Poster,
    PostFailedError,
    PostLaterError,
    build_audit_details,
    build_claim,
    describe_failure,
    find_next,
)

log = logging.getLogger(__name__)

# Maximum delay with which a post is still sent, by its author's choice (`if_late`).
_MAX_DELAYS = {POST_LATE: timedelta(hours=12), SKIP_LATE: timedelta(minutes=5)}
# From this delay on, a post has a note that it is late.
_MIN_NOTED_DELAY = timedelta(minutes=5)


async def always_holds_lease() -> bool:
    """Return True: a single process is always in charge."""
    return True


class DuePosts:
    """The sender of the due posts of servers and users."""

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        recorder: Recorder,
        reviews: ReviewService,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._schedule, self._recorder, self._reviews, self._clock = store.schedule, recorder, reviews, clock
        self._held_posts = HeldPosts(store, workspaces, recorder, reviews)
        # A concurrent run would mistake posts that are being sent for posts interrupted by a crash.
        self._lock = asyncio.Lock()

    async def send_due(
        self,
        poster: Poster,
        holder: str,
        holds_lease: Callable[[], Awaitable[bool]] = always_holds_lease,
        serves: Callable[[str], bool] = serve_all,
    ) -> int:
        """Send the due posts of the servers that this process `serves`, while `holds_lease()` is true; return how many were finished.

        `holder` is the slot of this process, under which posts are claimed.
        """
        async with self._lock:
            finished_count = 0
            with _log_errors("held"):
                await self._settle_held(holds_lease)
            async for post in self._schedule.iter_due(holder, self._clock(), serves):
                if not await holds_lease():
                    return finished_count
                with _log_errors(post.id):
                    finished_count += await self._send_or_hold(post, poster, holder, holds_lease)
            async for post in self._schedule.iter_unnotified(serves):
                with _log_errors(post.id):
                    await poster.notify(post, describe_failure(post))
                    await self._schedule.mark_notified(post.id)
            return finished_count

    async def _settle_held(self, holds_lease: Callable[[], Awaitable[bool]]) -> None:
        """Release the held posts that are approved again, and mark those that are too late as missed."""
        if not await holds_lease():
            return
        await self._held_posts.release_approved()
        for post in await self._schedule.list_held():
            with _log_errors(post.id):
                await self._drop_if_late(post)

    async def _drop_if_late(self, post: ScheduledPost) -> None:
        """Mark a held post as missed if it is too late for it."""
        max_delay = _MAX_DELAYS[post.if_late]
        if self._clock() - post.due_at > max_delay:
            next_post = find_next(post, self._clock() - max_delay)
            next_post = replace(next_post, reason=HELD) if next_post else None
            missed_post = replace(post, rule="", state="missed", reason=UNAPPROVED, told=False)
            await self._schedule.finish(missed_post, next_post)

    async def _send_or_hold(
        self, post: ScheduledPost, poster: Poster, holder: str, holds_lease: Callable[[], Awaitable[bool]]
    ) -> bool:
        """Send a due post, or hold it if it is no longer approved; return whether this call settled it."""
        try:
            if await self._held_posts.hold_if_unapproved(post):
                return False
            return await self._send(post, poster, holder, holds_lease)
        except QuillmateError:
            raise  # It is retried: the database, for example, is away.
        except Exception:  # A defect, which would stop it again at each attempt.
            log.exception("post %s failed", post.id)
            return await self._schedule.finish(replace(post, state="failed", reason=DEFECT, told=False))

    async def _send(
        self, post: ScheduledPost, poster: Poster, holder: str, holds_lease: Callable[[], Awaitable[bool]]
    ) -> bool:
        """Send a post, or store that it failed or was missed; return whether this call settled it."""
        now, is_retry = self._clock(), post.state == "posting"
        if not await self._schedule.claim(post, holder, now) or not await holds_lease():
            return False
        post = replace(post, claimed_by=holder, claimed_at=post.claimed_at if is_retry else now)
        delay, max_delay = now - post.due_at, _MAX_DELAYS[post.if_late]
        message_id: str | None
        try:
            message_id = await poster.find(post, await self._schedule.list_message_ids(post)) if is_retry else None
            if message_id is None and delay <= max_delay:
                message_id = await poster.post(post, late=delay > _MIN_NOTED_DELAY)
        except PostLaterError:
            return False
        except PostFailedError as error:
            # No next post is scheduled: it would fail too, so the series pauses until its author acts.
            return await self._schedule.finish(replace(post, state="failed", reason=error.reason, told=False))
        next_post = find_next(post, now - max_delay)
        post = replace(post, rule="")  # The next post of the series has the rule.
        if message_id is None:
            return await self._schedule.finish(replace(post, state="missed", reason="late", told=False), next_post)
        return await self._save_posted(replace(post, state="posted", message_id=message_id), next_post)

    @shield
    async def _save_posted(self, post: ScheduledPost, next_post: ScheduledPost | None) -> bool:
        """Store that a post was sent, and the series' next post if there is one; if not, the library text becomes published.

        Return False if the post was already settled, or erased.
        """
        async with self._recorder.transaction(build_claim(post)) as record:
            is_saved = await self._schedule.finish(post, next_post)
            if is_saved and post.guild_id:
                review_actor, is_recorded = ReviewActor(post.user_id, frozenset({Role.EDITOR})), False
                details = {**build_audit_details(post), "message": post.message_id}
                if post.asset and next_post is None:
                    is_recorded = await self._reviews.apply_post_step(
                        record, post.guild_id, review_actor, post.asset, Step.PUBLISH, details
                    )
                if not is_recorded:
                    await record(post.guild_id, "posted", post.user_id, post.id, details)
        return is_saved


@contextlib.contextmanager
def _log_errors(post_id: str) -> Iterator[None]:
    """Log what goes wrong with one post. This is the edge of the loop over the posts of all servers: whatever error one of them
    causes must not keep the others back.
    """
    try:
        yield
    except QuillmateError as error:
        log.warning("post %s deferred: %s", post_id, type(error).__name__)
    except Exception:
        log.exception("post %s deferred", post_id)
