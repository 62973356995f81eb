"""Scheduled posts as events of a calendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from bot.exports import ics
from bot.team.calendar.posts import build_when
from bot.team.calendar.recurrence import iter_slots, to_instant
from storage.schedule import ScheduledPost

# Characters of an entry's text in a file.
_MAX_IN_FILE = 1000


def build_events(planned: ScheduledPost, where: str) -> Iterator[ics.CalendarEvent]:
    """Return scheduled posts as events; a recurring one is a series from its next occurrence, at the same local time
    all year.
    """
    when, slot = build_when(planned), datetime.fromisoformat(planned.slot)
    series = planned.state in ("planned", "posting") and bool(planned.rule)
    summary, text = " ".join(planned.title.split()), planned.text[:_MAX_IN_FILE]
    start: datetime | None = slot if series else None
    if not series or planned.due_at != to_instant(slot, when.tzinfo):
        yield ics.CalendarEvent(planned.due_at, summary, text, uid=f"{planned.id}-{planned.slot}", where=where)
        start = next(iter_slots(when, slot), None) if series else None
    if start is not None:
        # One uid for a series, so that a later import moves it and adds none.
        named = f"{planned.owner_id}/{planned.channel_id}/{planned.start}/{planned.rule}/{planned.title}"
        uid = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]
        yield ics.CalendarEvent(
            start.replace(tzinfo=when.tzinfo), summary, text, uid=uid, where=where, rule=planned.rule
        )
