"""The values of scheduled posts: actors, targets, times, permissions, validation and failures. No I/O."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.errors import Phrase, RefusedError
from bot.moderation import refuse
from bot.team.workspace.roles import Permission, Role, any_has_permission
from personas.profile import clean
from storage.reviews import build_asset_lock_name
from storage.schedule import HELD, UNAPPROVED, ScheduledPost, generate_id

from .recurrence import When, find_next_slot, iter_between, to_instant

# Maximum characters of a post, which leave room for a note below it.
MAX_CHARACTERS = 3800
POST_LATE, SKIP_LATE = "late", "skip"
# Reasons: a defect of the bot, perhaps after the post was sent; its author left, was demoted, or may not write in the channel.
DEFECT, LOST_PERMISSION = "defect", "left"
# Characters of a post's title, which is its first line.
MAX_TITLE_CHARACTERS = 60
USER_CANNOT_WRITE = (
    "You are not allowed to write in that channel, so I will not post there for you. Choose another channel."
)
BOT_CANNOT_WRITE = (
    "I am not allowed to write in that channel. Choose another one, or ask someone who manages this server to allow me."
)
_TOO_LONG = (
    "That text has {count:,} characters; a post can have at most {most:,}. Shorten it, or schedule a part of it."
)
_EMPTY = "There is no text to post. Write one."
# The messages about a post that was not posted, by reason.
_FAILURE_TEXTS = {
    "gone": 'I could not post "{title}": its channel is gone, or I can no longer see it. Move the post to '
    "another channel in /calendar.",
    "forbidden": 'I could not post "{title}" in {place}: I am not allowed to write there. Ask someone who '
    "manages the server to allow me, then reschedule it in /calendar.",
    LOST_PERMISSION: 'I did not post "{title}" in {place}: {author} may no longer post there. They can move it to another '
    "channel in /calendar, or an owner can take it over by moving it.",
    "refused": (
        'I could not post "{title}" in {place}: Discord did not accept the text. Change it and reschedule '
        "it in /calendar."
    ),
    DEFECT: 'Something went wrong with me when I posted "{title}" in {place}. Check whether it is there, and if not, '
    "reschedule it in /calendar.",
    HELD: 'I am holding back "{title}" in {place}, because its text is no longer approved: it was changed, '
    "an approval was taken back, or more approvals are needed now. Once it is approved again, I will "
    "post it as it is then.",
    UNAPPROVED: 'I did not post "{title}" in {place}: its text was not approved again in time. '
    "Reschedule it in /calendar if you still want it posted.",
    "late": 'I did not post "{title}" in {place}: I was offline at the scheduled time, and afterwards it was too '
    "late. Reschedule it in /calendar if you still want it posted.",
}
_SERIES_PAUSED = "The posts after it wait until then."


class PostFailedError(Exception):
    """A post failed permanently; `reason` is a key of `_FAILURE_TEXTS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PostLaterError(Exception):
    """Discord cannot be reached; the post can be retried."""


class Poster(Protocol):
    """Sends posts to their channels, and notifies their authors of failures."""

    async def post(self, post: ScheduledPost, *, late: bool) -> str:
        """Send a post and return the id of its message. `late` adds a note that it is late.

        Raises:
            PostFailedError: the post failed permanently.
            PostLaterError: the post can be retried.
        """

    async def find(self, post: ScheduledPost, other_ids: Container[str]) -> str | None:
        """Return the id of the message that an earlier attempt sent; None if there is none. `other_ids` are those of other posts,
        which may have the same text.

        Raises:
            PostLaterError: the search can be retried.
        """

    async def notify(self, post: ScheduledPost, reason: Phrase) -> None:
        """Send the author of a post a private message about why it was not posted; the server's owner too, if the author lost
        the permission.
        """


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who acts, the channel in which they act, and their roles in its server; `guild_id` is empty in direct messages."""

    user_id: str
    guild_id: str = ""
    channel_id: str = ""
    roles: frozenset[Role] = frozenset()
    locale: str = "en"

    @property
    def managed_guild_id(self) -> str:
        """The id of the server if the actor is an owner there, otherwise empty."""
        return self.guild_id if self.guild_id and any_has_permission(self.roles, Permission.CONFIGURE) else ""


@dataclass(frozen=True, slots=True)
class Target:
    """The channel of a post, its server (empty for direct messages), and whether the user and the bot can write there."""

    channel_id: str
    user_can_write: bool
    bot_can_write: bool
    guild_id: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone and its source: "person" (a profile), "server", or "nobody" if it is UTC by default."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A post in a calendar, its time in the reader's zone, and whether this is a later occurrence of a series."""

    post: ScheduledPost
    at: datetime
    repeats: bool = False


def can_change(actor: Actor, post: ScheduledPost) -> bool:
    """Return whether an actor may change a post: its author, if still an editor of its server, or an owner of that.

    `actor` must be in the server of the post: elsewhere, their roles there are unknown.
    """
    if not post.guild_id:
        return post.user_id == actor.user_id
    if post.guild_id == actor.managed_guild_id:
        return True
    can_plan = post.guild_id == actor.guild_id and any_has_permission(actor.roles, Permission.FILE)
    return post.user_id == actor.user_id and can_plan


def build_claim(post: ScheduledPost) -> str:
    """Return the claim for a transaction that changes a post; empty unless the post has a library text."""
    return build_asset_lock_name(post.asset.partition(":")[0]) if post.asset else ""


def build_audit_details(post: ScheduledPost) -> dict[str, str]:
    """Build the details of an audit entry about a post."""
    return {"channel": post.channel_id, "due": post.due_at.isoformat(timespec="minutes"), "planned": post.id}


def iter_entries(post: ScheduledPost, start: datetime, end: datetime) -> Iterator[CalendarEntry]:
    """Yield an entry for each occurrence of a post in [start, end)."""
    if start <= post.due_at < end:
        yield CalendarEntry(post, post.due_at)
    if post.rule and post.state in ("planned", "posting"):
        for _, moment in iter_between(build_when(post), start, end, datetime.fromisoformat(post.slot)):
            yield CalendarEntry(post, moment, repeats=True)


def find_next(post: ScheduledPost, not_before: datetime) -> ScheduledPost | None:
    """Return a post for the next occurrence of a recurring one, not earlier than `not_before`; None if there is none."""
    if not post.rule:
        return None
    when = build_when(post)
    slot = find_next_slot(when, datetime.fromisoformat(post.slot), not_before)
    if slot is None:
        return None
    return replace(
        post,
        id=generate_id(),
        due_at=to_instant(slot, when.tzinfo),
        slot=slot.isoformat(),
        state="planned",
        version=1,
        message_id=None,
        reason="",
        told=True,
        claimed_by=None,
        claimed_at=None,
    )


def build_when(post: ScheduledPost) -> When:
    """Return the stored time of a post as a `When`."""
    return When(datetime.fromisoformat(post.start), post.zone, post.rule)


def dump_when(when: When) -> dict[str, Any]:
    """Return the fields of a post that store its time."""
    start = when.start.isoformat()
    return {
        "due_at": to_instant(when.start, when.tzinfo),
        "start": start,
        "slot": start,
        "zone": when.zone,
        "rule": when.rule,
    }


def validate_text(text: str) -> str:
    """Return a cleaned text that can be posted.

    Raises:
        RefusedError: the text is empty, too long, or harmful.
    """
    text = clean(text)
    if not text:
        raise RefusedError(_EMPTY)
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(_TOO_LONG, count=len(text), most=MAX_CHARACTERS)
    refuse(text)
    return text


def check_target(target: Target) -> None:
    """Check that the user and the bot can write in a channel.

    Raises:
        RefusedError: one of them cannot.
    """
    if not target.user_can_write:
        raise RefusedError(USER_CANNOT_WRITE)
    if not target.bot_can_write:
        raise RefusedError(BOT_CANNOT_WRITE)


def describe_failure(post: ScheduledPost) -> Phrase:
    """Return the message about a post that was not posted."""
    channel = f"<#{post.channel_id}>" if post.guild_id else "…"
    reason = Phrase(_FAILURE_TEXTS[post.reason], title=post.title, place=channel, author=f"<@{post.user_id}>")
    if post.rule and post.state == "failed":
        return Phrase("{why} {waits}", why=reason, waits=Phrase(_SERIES_PAUSED))
    return reason
