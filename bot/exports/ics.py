"""Dated entries for a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.content import Content

from .txt import to_plain_text

LABEL = "Calendar"
SIGN = "📅"
_HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event: a day, or a moment in the reader's local time, in a zone or in UTC, with its summary and place. It recurs by a
    `rule` (RFC 5545).

    The same event at another time has the same `uid`; without one it is derived from all fields.
    """

    when: date | datetime
    summary: str
    description: str
    uid: str = field(default="", compare=False)
    where: str = ""
    rule: str = ""


def collect_events(content: Content) -> list[CalendarEvent]:
    """Return the entries of the part `calendar` whose `date` is valid; `time`, `title`, `channel` and `text` are optional."""
    listed = content.parts.get("calendar")
    found = [_build_event(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [one for one in found if one]


def fits(content: Content) -> bool:
    """Whether it has entries with a date."""
    return bool(collect_events(content))


def export(title: str, content: Content) -> bytes:
    """Return an event per entry; all day if no time is given. Importing it again changes the events and adds none."""
    return build_calendar(title, str(content.parts.get("title") or title), collect_events(content))


def build_calendar(title: str, name: str, dated: Sequence[CalendarEvent]) -> bytes:
    """Return a named calendar with entries; `title` distinguishes it from others with the same entries."""
    from icalendar import Calendar, Event, vRecur

    calendar = Calendar()
    calendar.add("prodid", "-//Quillmate//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for number, one in enumerate(dated):
        event = Event()
        known = one.uid or hashlib.sha256(f"{title}/{number}/{one.when}".encode()).hexdigest()[:32]
        event.add("uid", f"{known}@quillmate")
        event.add("dtstamp", datetime.now(UTC))
        event.add("dtstart", one.when)
        event.add("dtend", one.when + (_HALF_AN_HOUR if isinstance(one.when, datetime) else timedelta(days=1)))
        event.add("summary", one.summary)
        if one.description:
            event.add("description", one.description)
        if one.where:
            event.add("location", one.where)
        if one.rule:
            event.add("rrule", vRecur.from_ical(one.rule))
        calendar.add_component(event)
    calendar.add_missing_timezones()
    body: bytes = calendar.to_ical()
    assert read(body) == [replace(one, rule=_order_rule(one.rule)) for one in dated]
    return body


def read(body: bytes) -> list[CalendarEvent]:
    """Return the entries of a calendar file."""
    from icalendar import Calendar

    events = Calendar.from_ical(body).walk("VEVENT")
    return [
        CalendarEvent(
            one.decoded("dtstart"),
            str(one["summary"]),
            str(one.get("description", "")),
            where=str(one.get("location", "")),
            rule=one["rrule"].to_ical().decode() if "rrule" in one else "",
        )
        for one in events
    ]


def _order_rule(rule: str) -> str:
    """Return a rule in the order files use."""
    from icalendar import vRecur

    return vRecur.from_ical(rule).to_ical().decode() if rule else ""


def _build_event(data: dict[str, Any]) -> CalendarEvent | None:
    try:
        day = date.fromisoformat(str(data.get("date")))
        at = time.fromisoformat(str(data["time"])) if data.get("time") else None
    except ValueError:
        return None
    text = to_plain_text(str(data.get("text") or data.get("description") or ""))
    name = to_plain_text(str(data.get("title") or data.get("name") or text.partition("\n")[0]))
    summary = ": ".join(filter(None, (to_plain_text(str(data.get("channel") or "")), name)))
    return CalendarEvent(datetime.combine(day, at) if at else day, " ".join(summary.split()), text)
