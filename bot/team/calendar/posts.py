"""A planned post: who acts, where it goes, when it comes again, what may be posted, and why something was not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bot.errors import Phrase, RefusedError
from bot.moderation import refuse
from bot.team.workspace.roles import Permission, Role, any_has_permission
from personas.profile import clean
from storage.reviews import claim
from storage.schedule import HELD, UNAPPROVED, Planned, new_id

from .recurrence import When, between, following, instant

# What fits into one post, with room for a note below it.
MAX_CHARACTERS = 3800
LATE, SKIP = "late", "skip"
_TITLE = 60
NOT_WRITING = "You are not allowed to write in that channel, so I will not post there for you. Choose another channel."
CANNOT_POST = (
    "I am not allowed to write in that channel. Choose another one, or ask someone who manages this server to allow me."
)
_TOO_LONG = (
    "That text has {count:,} characters; a post can have at most {most:,}. Shorten it, or schedule a part of it."
)
_EMPTY = "There is no text to post. Write one."
# Why something was not posted, and what is told to who planned it.
_WHY = {
    "gone": 'I could not post "{title}": its channel is gone, or I can no longer see it. Move the post to '
    "another channel in /calendar.",
    "forbidden": 'I could not post "{title}" in {place}: I am not allowed to write there. Ask someone who '
    "manages the server to allow me, then reschedule it in /calendar.",
    "left": (
        'I did not post "{title}" in {place}: you are no longer allowed to write there. Move it to another '
        "channel in /calendar."
    ),
    "refused": (
        'I could not post "{title}" in {place}: Discord did not accept the text. Change it and reschedule '
        "it in /calendar."
    ),
    HELD: 'I am holding back "{title}" in {place}, because its text is not approved any more: it was changed, an '
    "approval was taken back, or more are wanted now. Once it is approved again, I will post it as it is then.",
    UNAPPROVED: 'I did not post "{title}" in {place}: its text was not approved again in time. '
    "Reschedule it in /calendar if you still want it posted.",
    "late": 'I did not post "{title}" in {place}: I was offline at the scheduled time, and afterwards it was too '
    "late. Reschedule it in /calendar if you still want it posted.",
}
_WAITS = "The posts after it wait until then."


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
        return self.guild_id if self.guild_id and any_has_permission(self.roles, Permission.CONFIGURE) else ""


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


def may_change(actor: Actor, planned: Planned) -> bool:
    """Whether somebody may move, change and cancel something: who planned it and may plan there still, and its server's owners."""
    if planned.guild_id and planned.guild_id == actor.managed:
        return True
    plans = not actor.guild_id or planned.guild_id != actor.guild_id or any_has_permission(actor.roles, Permission.FILE)
    return planned.user_id == actor.user_id and plans


def claim_of(planned: Planned) -> str:
    """What a transaction claims first that changes a planned text of the library."""
    return claim(planned.asset.partition(":")[0]) if planned.asset else ""


def where_in_audit(planned: Planned) -> dict[str, str]:
    """What the audit keeps of a planned post."""
    return {"channel": planned.channel_id, "due": planned.due_at.isoformat(timespec="minutes"), "planned": planned.id}


def times(planned: Planned, start: datetime, end: datetime) -> Iterator[Shown]:
    """The times of something between two moments: its own, and where it comes again those after it."""
    if start <= planned.due_at < end:
        yield Shown(planned, planned.due_at)
    if planned.rule and planned.state in ("planned", "posting"):
        for _, moment in between(when_of(planned), start, end, datetime.fromisoformat(planned.slot)):
            yield Shown(planned, moment, repeats=True)


def next_of(planned: Planned, not_before: datetime) -> Planned | None:
    """What comes after something that comes again, not before a moment."""
    if not planned.rule:
        return None
    when = when_of(planned)
    slot = following(when, datetime.fromisoformat(planned.slot), not_before)
    if slot is None:
        return None
    return replace(
        planned, id=new_id(), due_at=instant(slot, when.tzinfo), slot=slot.isoformat(), state="planned", version=1,
        message_id=None, reason="", told=True, claimed_by=None, claimed_at=None,
    )  # fmt: skip


def when_of(planned: Planned) -> When:
    """When something is to happen, as it was planned."""
    return When(datetime.fromisoformat(planned.start), planned.zone, planned.rule)


def kept_when(when: When) -> dict[str, Any]:
    """What is kept of when something is to happen."""
    start = when.start.isoformat()
    return {
        "due_at": instant(when.start, when.tzinfo),
        "start": start,
        "slot": start,
        "zone": when.zone,
        "rule": when.rule,
    }


def checked(text: str) -> str:
    """A text that can be posted.

    Raises:
        RefusedError: there is none, it is too long, or it does harm.
    """
    text = clean(text)
    if not text:
        raise RefusedError(_EMPTY)
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(_TOO_LONG, count=len(text), most=MAX_CHARACTERS)
    refuse(text)
    return text


def check_target(target: Target) -> None:
    """Raises RefusedError where whoever plans, or the bot, may not write in a channel."""
    if not target.person_writes:
        raise RefusedError(NOT_WRITING)
    if not target.bot_writes:
        raise RefusedError(CANNOT_POST)


def first_line(text: str) -> str:
    """The first words of a text."""
    line = next((one.strip(" #*_>-") for one in text.splitlines() if one.strip(" #*_>-")), "…")
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1].rstrip()}…"


def why_in_words(planned: Planned) -> Phrase:
    """What is told of something that was not posted."""
    place = f"<#{planned.channel_id}>" if planned.guild_id else "…"
    why = Phrase(_WHY[planned.reason], title=planned.title, place=place)
    if planned.rule and planned.state == "failed":
        return Phrase("{why} {waits}", why=why, waits=Phrase(_WAITS))
    return why
