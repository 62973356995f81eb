"""Dated entries for a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.content import Content

from .txt import plain

LABEL = "Calendar"
SIGN = "📅"
_HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A day, or a moment of it in the reader's own time, in a zone or in UTC, what is to happen then, and where. By a `rule`
    (RFC 5545) it comes again.

    What is the same event under another time has the same `uid`; without one it is made of all that is known.
    """

    when: date | datetime
    summary: str
    description: str
    uid: str = field(default="", compare=False)
    where: str = ""
    rule: str = ""


def entries(content: Content) -> list[CalendarEvent]:
    """The entries of the part `calendar` whose `date` is one; `time`, `title`, `channel` and `text` may be there."""
    listed = content.parts.get("calendar")
    found = [_entry(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [one for one in found if one]


def fits(content: Content) -> bool:
    """It has entries with a date."""
    return bool(entries(content))


def export(title: str, content: Content) -> bytes:
    """An event an entry; a whole day where no time is named. Importing it again changes the events and adds none."""
    return written(title, str(content.parts.get("title") or title), entries(content))


def written(title: str, name: str, dated: Sequence[CalendarEvent]) -> bytes:
    """A calendar of a name with some entries; `title` tells it from others that have the same."""
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
    assert read(body) == [replace(one, rule=_in_order(one.rule)) for one in dated]
    return body


def read(body: bytes) -> list[CalendarEvent]:
    """The entries of a calendar file."""
    from icalendar import Calendar

    events = Calendar.from_ical(body).walk("VEVENT")
    return [
        CalendarEvent(
            one.decoded("dtstart"), str(one["summary"]), str(one.get("description", "")), where=str(one.get("location", "")),
            rule=one["rrule"].to_ical().decode() if "rrule" in one else "",
        )
        for one in events
    ]  # fmt: skip


def _in_order(rule: str) -> str:
    """A rule as a file has it."""
    from icalendar import vRecur

    return vRecur.from_ical(rule).to_ical().decode() if rule else ""


def _entry(data: dict[str, Any]) -> CalendarEvent | None:
    try:
        day = date.fromisoformat(str(data.get("date")))
        at = time.fromisoformat(str(data["time"])) if data.get("time") else None
    except ValueError:
        return None
    text = plain(str(data.get("text") or data.get("description") or ""))
    name = plain(str(data.get("title") or data.get("name") or text.partition("\n")[0]))
    summary = ": ".join(filter(None, (plain(str(data.get("channel") or "")), name)))
    return CalendarEvent(datetime.combine(day, at) if at else day, " ".join(summary.split()), text)
