"""A content's dated entries, and scheduled posts, as an iCalendar file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.content import Content

from ._parts import get_entries
from .txt import to_plain_text

LABEL = "Calendar"
SIGN = "📅"
_EVENT_DURATION = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event on a day, or at a moment; a moment without a time zone is in the reader's local time.

    `rule` is a recurrence rule (RFC 5545). `uid` identifies the event even if it is moved; without one, it is derived from the
    start and the position in the calendar.
    """

    start: date | datetime
    summary: str
    description: str
    uid: str = field(default="", compare=False)
    location: str = ""
    rule: str = ""


def collect_events(content: Content) -> list[CalendarEvent]:
    """Return the entries of the part `calendar` whose `date` is valid; `time`, `title`, `channel` and `text` are optional."""
    events = map(_build_event, get_entries(content, "calendar"))
    return [event for event in events if event is not None]


def fits(content: Content) -> bool:
    """Whether a content has calendar entries with a date."""
    return bool(collect_events(content))


def export(title: str, content: Content) -> bytes:
    """Return an event per entry, all day if it has no time. Importing the file again adds no events."""
    return build_calendar(title, str(content.parts.get("title") or title), collect_events(content))


def build_calendar(key: str, name: str, events: Sequence[CalendarEvent]) -> bytes:
    """Return a calendar of events with a name for users; `key` makes the derived uids unique among calendars."""
    from icalendar import Calendar, Event, vRecur

    calendar = Calendar()
    calendar.add("prodid", "-//Quillmate//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for number, event in enumerate(events):
        component = Event()
        uid = event.uid or hashlib.sha256(f"{key}/{number}/{event.start}".encode()).hexdigest()[:32]
        component.add("uid", f"{uid}@quillmate")
        component.add("dtstamp", datetime.now(UTC))
        component.add("dtstart", event.start)
        component.add(
            "dtend", event.start + (_EVENT_DURATION if isinstance(event.start, datetime) else timedelta(days=1))
        )
        component.add("summary", event.summary)
        if event.description:
            component.add("description", event.description)
        if event.location:
            component.add("location", event.location)
        if event.rule:
            component.add("rrule", vRecur.from_ical(event.rule))
        calendar.add_component(component)
    calendar.add_missing_timezones()
    body: bytes = calendar.to_ical()
    assert read(body) == [replace(event, rule=_normalise_rule(event.rule)) for event in events]
    return body


def read(body: bytes) -> list[CalendarEvent]:
    """Return the events of a calendar file, without their uids."""
    from icalendar import Calendar

    return [
        CalendarEvent(
            component.decoded("dtstart"),
            str(component["summary"]),
            str(component.get("description", "")),
            location=str(component.get("location", "")),
            rule=component["rrule"].to_ical().decode() if "rrule" in component else "",
        )
        for component in Calendar.from_ical(body).walk("VEVENT")
    ]


def _normalise_rule(rule: str) -> str:
    """Return a recurrence rule with its parts in the order that icalendar writes them."""
    from icalendar import vRecur

    return vRecur.from_ical(rule).to_ical().decode() if rule else ""


def _build_event(entry: dict[str, Any]) -> CalendarEvent | None:
    """Return an entry as an event; None if its date or time is invalid."""
    try:
        day = date.fromisoformat(str(entry.get("date")))
        start_time = time.fromisoformat(str(entry["time"])) if entry.get("time") else None
    except ValueError:
        return None
    text = to_plain_text(str(entry.get("text") or entry.get("description") or ""))
    name = to_plain_text(str(entry.get("title") or entry.get("name") or text.partition("\n")[0]))
    summary = ": ".join(filter(None, (to_plain_text(str(entry.get("channel") or "")), name)))
    return CalendarEvent(datetime.combine(day, start_time) if start_time else day, " ".join(summary.split()), text)
