"""When something happens, once or again and again: by the clock on the wall of a time zone, which keeps its hour all year. Pure.

A time of the wall clock that a change to daylight saving skips is the first instant after the gap; one that comes twice is the
first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr

from personas.profile import find_zone

# As they stand in a rule, from Monday on.
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS = DAYS[:5]
# Days of a month that not every month has: in a shorter one its last day stands for them.
_IN_EVERY_MONTH = 28
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class When:
    """A time of the wall clock in a zone, without its own zone, and by which rule (RFC 5545) it comes again, empty for once."""

    start: datetime
    zone: str
    rule: str = ""

    @property
    def tzinfo(self) -> tzinfo:
        """The zone itself; UTC for one that has no name."""
        return find_zone(self.zone)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a time of the wall clock, in UTC."""
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = early.utcoffset(), late.utcoffset()
    assert before is not None
    assert after is not None
    moment = (wall - before).replace(tzinfo=UTC)
    return moment if before >= after else _change(moment - (after - before), moment, zone)


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The first instant of a zone's new offset: after `low`, at `high` at the latest."""
    old = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            low = middle if middle > low else low + _SECOND
        else:
            high = middle
    return high


def wall(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock on the wall shows at an instant, without its zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def slots(when: When, after: datetime | None = None) -> Iterator[datetime]:
    """The times of the wall clock at which it happens, those after one where it is named."""
    if not when.rule:
        if after is None or when.start > after:
            yield when.start
        return
    rule: Any = rrulestr(when.rule, dtstart=when.start)
    yield from rule if after is None else rule.xafter(after)


def following(when: When, slot: datetime, not_before: datetime) -> datetime | None:
    """The first time of the wall clock after a slot whose instant is not before another; None where there is none."""
    zone = when.tzinfo
    # A day before in wall time cannot be after it, whatever the offsets are.
    start = max(slot, wall(not_before, zone) - timedelta(days=2))
    return next((one for one in slots(when, start) if instant(one, zone) >= not_before), None)


def between(
    when: When, start: datetime, end: datetime, after: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Slots whose instants are from `start` up to `end`, with those instants, each instant once."""
    zone, last = when.tzinfo, None
    skipped = wall(start, zone) - timedelta(days=2)
    for slot in slots(when, max(after, skipped) if after else skipped):
        moment = instant(slot, zone)
        if moment >= end:
            return
        if moment >= start and moment != last:
            last = moment
            yield slot, moment


def daily() -> str:
    """The rule of every day."""
    return "FREQ=DAILY"


def weekly(days: tuple[int, ...], every: int = 1) -> str:
    """The rule of days of the week, 0 for Monday, every so many weeks."""
    names = ",".join(DAYS[day] for day in sorted(set(days)))
    return f"FREQ=WEEKLY{f';INTERVAL={every}' if every > 1 else ''};WKST=MO;BYDAY={names}"


def monthly(day: int) -> str:
    """The rule of a day of each month; where a month is shorter, of its last day."""
    if day <= _IN_EVERY_MONTH:
        return f"FREQ=MONTHLY;BYMONTHDAY={day}"
    shorter = ",".join(map(str, range(_IN_EVERY_MONTH, day + 1)))
    return f"FREQ=MONTHLY;BYMONTHDAY={shorter};BYSETPOS=-1"


def begun(when: When, now: datetime) -> When | None:
    """The same from its first slot after an instant on; None where that is past."""
    zone = when.tzinfo
    first = next((one for one in slots(when, wall(now, zone) - timedelta(days=2)) if instant(one, zone) > now), None)
    return replace(when, start=first) if first else None


def parts(rule: str) -> dict[str, str]:
    """What a rule says, by the names of RFC 5545."""
    return dict(one.split("=", 1) for one in rule.split(";")) if rule else {}


def next_month(first: date) -> date:
    """The first day of the month after one."""
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
