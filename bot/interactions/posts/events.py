"""Scheduled posts as events of a calendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from bot.exports import ics
from bot.team.calendar.posts import build_when
from bot.team.calendar.recurrence import iter_slots, to_instant
from storage.schedule import ScheduledPost

# Maximum characters of a post's text in a calendar file.
_MAX_TEXT_CHARACTERS = 1000


def build_events(post: ScheduledPost, channel_name: str) -> Iterator[ics.CalendarEvent]:
    """Yield a scheduled post as events; a recurring post becomes a series that starts at its next occurrence and keeps its
    local time when clocks change.
    """
    moment, slot = build_when(post), datetime.fromisoformat(post.slot)
    is_series = post.state in ("planned", "posting") and bool(post.rule)
    summary, text = " ".join(post.title.split()), post.text[:_MAX_TEXT_CHARACTERS]
    start: datetime | None = slot if is_series else None
    if not is_series or post.due_at != to_instant(slot, moment.tzinfo):
        yield ics.CalendarEvent(post.due_at, summary, text, uid=f"{post.id}-{post.slot}", location=channel_name)
        start = next(iter_slots(moment, slot), None) if is_series else None
    if start is not None:
        # A series keeps its uid, so that a later import moves it instead of adding another.
        identity = f"{post.owner_id}/{post.channel_id}/{post.start}/{post.rule}/{post.title}"
        uid = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]
        yield ics.CalendarEvent(
            start.replace(tzinfo=moment.tzinfo), summary, text, uid=uid, location=channel_name, rule=post.rule
        )
