"""A content's dated entries, and scheduled posts, as an iCalendar file."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.content import Content

from ._parts import get_entries
from .txt import to_plain_text

log = logging.getLogger(__name__)

LABEL = "Calendar"
SIGN = "📅"
_BYTE_ORDER_MARK = "\ufeff"
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
    events = collect_events(content)
    body = build_calendar(title, str(content.parts.get("title") or title), events)
    assert len(read(body)) == len(events)
    return body


def build_calendar(key: str, name: str, events: Sequence[CalendarEvent]) -> bytes:
    """Return a calendar of events with a name for users; `key` makes the derived uids unique among calendars.

    An event that a calendar cannot hold, such as one that ends after the year 9999, is left out.
    """
    events = [_normalise_event(event) for event in events]
    if not _can_write(events):
        log.error("events were left out of a calendar")
        events = [event for event in events if _can_write([event])]
    return _write_calendar(key, name, events)


def _can_write(events: Sequence[CalendarEvent]) -> bool:
    """Whether events are the same when they are read again."""
    try:
        return read(_write_calendar("", "", events)) == events
    except (ValueError, OverflowError):
        return False


def _write_calendar(key: str, name: str, events: Sequence[CalendarEvent]) -> bytes:
    from icalendar import Calendar, Event, vRecur
    from icalendar.prop import vInline

    calendar = Calendar()
    calendar.add("prodid", "-//Quillmate//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vInline(_escape_text(_normalise_text(name))))
    for number, event in enumerate(events):
        component = Event()
        uid = event.uid or hashlib.sha256(f"{key}/{number}/{event.start}".encode()).hexdigest()[:32]
        component.add("uid", f"{uid}@quillmate")
        component.add("dtstamp", datetime.now(UTC))
        component.add("dtstart", event.start)
        component.add(
            "dtend", event.start + (_EVENT_DURATION if isinstance(event.start, datetime) else timedelta(days=1))
        )
        component.add("summary", vInline(_escape_text(event.summary)))
        if event.description:
            component.add("description", vInline(_escape_text(event.description)))
        if event.location:
            component.add("location", vInline(_escape_text(event.location)))
        if event.rule:
            component.add("rrule", vRecur.from_ical(event.rule))
        calendar.add_component(component)
    calendar.add_missing_timezones()
    body: bytes = calendar.to_ical()
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


def _normalise_event(event: CalendarEvent) -> CalendarEvent:
    """Return an event as a calendar file can hold it, with the parts of its rule in the order that icalendar writes them."""
    from icalendar import vRecur

    return replace(
        event,
        summary=_normalise_text(event.summary),
        description=_normalise_text(event.description),
        location=_normalise_text(event.location),
        rule=vRecur.from_ical(event.rule).to_ical().decode() if event.rule else "",
    )


def _normalise_text(text: str) -> str:
    """Return a text with "\\n" as its only line end, and without what UTF-8 cannot encode."""
    text = "\n".join(re.split(r"\r\n?|\n", text.removeprefix(_BYTE_ORDER_MARK)))
    return text.encode("utf-8", "replace").decode()


def _escape_text(text: str) -> str:
    """Return a text as RFC 5545 writes it. icalendar's own escaping takes "\\N", as in a path of Windows, for the end of a line."""
    for character, escaped in (("\\", r"\\"), (";", r"\;"), (",", r"\,"), ("\n", r"\n")):
        text = text.replace(character, escaped)
    return text


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
