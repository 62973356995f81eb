"""Scheduled posts as events of a calendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from bot.exports import ics
from bot.team.calendar.posts import build_when
from bot.team.calendar.recurrence import iter_slots, to_instant
from storage.schedule import ScheduledPost

# Maximum characters of a post's text in a file.
_MAX_IN_FILE = 1000


def build_events(post: ScheduledPost, channel_name: str) -> Iterator[ics.CalendarEvent]:
    """Yield a scheduled post as events; a recurring post is a series from its next occurrence, at the same local time
    all year.
    """
    moment, slot = build_when(post), datetime.fromisoformat(post.slot)
    series = post.state in ("planned", "posting") and bool(post.rule)
    summary, text = " ".join(post.title.split()), post.text[:_MAX_IN_FILE]
    start: datetime | None = slot if series else None
    if not series or post.due_at != to_instant(slot, moment.tzinfo):
        yield ics.CalendarEvent(post.due_at, summary, text, uid=f"{post.id}-{post.slot}", where=channel_name)
        start = next(iter_slots(moment, slot), None) if series else None
    if start is not None:
        # One uid for a series, so that a later import moves it and adds none.
        identity = f"{post.owner_id}/{post.channel_id}/{post.start}/{post.rule}/{post.title}"
        uid = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]
        yield ics.CalendarEvent(
            start.replace(tzinfo=moment.tzinfo), summary, text, uid=uid, where=channel_name, rule=post.rule
        )
