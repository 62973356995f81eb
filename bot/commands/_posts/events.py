"""What is planned as events of a calendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from bot.exports import ics
from bot.team.calendar.posts import build_when
from bot.team.calendar.recurrence import iter_slots, to_instant
from storage.schedule import Planned

# The text of entries that is put into a file.
_MAX_IN_FILE = 1000


def events_of(planned: Planned, where: str) -> Iterator[ics.CalendarEvent]:
    """What is planned as events: its time, and where it comes again the series from then on, which keeps its hour all year."""
    when, slot = build_when(planned), datetime.fromisoformat(planned.slot)
    series = planned.state in ("planned", "posting") and bool(planned.rule)
    summary, text = " ".join(planned.title.split()), planned.text[:_MAX_IN_FILE]
    start: datetime | None = slot if series else None
    if not series or planned.due_at != to_instant(slot, when.tzinfo):
        yield ics.CalendarEvent(planned.due_at, summary, text, uid=f"{planned.id}-{planned.slot}", where=where)
        start = next(iter_slots(when, slot), None) if series else None
    if start is not None:
        # The same for each of a series, so that a later file moves it on and adds none.
        named = f"{planned.owner_id}/{planned.channel_id}/{planned.start}/{planned.rule}/{planned.title}"
        uid = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]
        yield ics.CalendarEvent(
            start.replace(tzinfo=when.tzinfo), summary, text, uid=uid, where=where, rule=planned.rule
        )
