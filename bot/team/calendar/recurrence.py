"""Single and recurring times by the wall clock of a time zone, which keeps its hour all year. No I/O.

A wall time that a change to daylight saving skips is the first instant after the gap; an ambiguous one is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr

from personas.profile import find_zone

# The days of an RFC 5545 rule, from Monday.
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKING_DAYS = DAYS[:5]
# Days that every month has; later ones become the last day of a shorter month.
_MIN_MONTH_DAYS = 28
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class When:
    """A naive wall time in a zone, and the rule (RFC 5545) by which it recurs, empty for a single time."""

    start: datetime
    zone: str
    rule: str = ""

    @property
    def tzinfo(self) -> tzinfo:
        """The zone; UTC for an empty name."""
        return find_zone(self.zone)


def to_instant(wall: datetime, zone: tzinfo) -> datetime:
    """Convert a wall time of a zone to an instant in UTC."""
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = early.utcoffset(), late.utcoffset()
    assert before is not None
    assert after is not None
    moment = (wall - before).replace(tzinfo=UTC)
    return moment if before >= after else _find_offset_change(moment - (after - before), moment, zone)


def _find_offset_change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Return the first instant of a zone's new offset, after `low` and not after `high`."""
    old_offset = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old_offset:
            low = middle if middle > low else low + _SECOND
        else:
            high = middle
    return high


def to_wall_time(moment: datetime, zone: tzinfo) -> datetime:
    """Convert an instant to the naive wall time of a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def iter_slots(when: When, after: datetime | None = None) -> Iterator[datetime]:
    """Yield the wall times at which it happens, optionally only those after one."""
    if not when.rule:
        if after is None or when.start > after:
            yield when.start
        return
    rule: Any = rrulestr(when.rule, dtstart=when.start)
    yield from rule if after is None else rule.xafter(after)


def find_next_slot(when: When, slot: datetime, not_before: datetime) -> datetime | None:
    """Return the first wall time after a slot whose instant is not before another; None if there is none."""
    zone = when.tzinfo
    # Two days earlier in wall time is always before it, whatever the offsets are.
    start = max(slot, to_wall_time(not_before, zone) - timedelta(days=2))
    return next((slot_time for slot_time in iter_slots(when, start) if to_instant(slot_time, zone) >= not_before), None)


def iter_between(
    when: When, start: datetime, end: datetime, after: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the slots with instants in [start, end) and those instants, each instant once."""
    zone, last = when.tzinfo, None
    skipped = to_wall_time(start, zone) - timedelta(days=2)
    for slot in iter_slots(when, max(after, skipped) if after else skipped):
        moment = to_instant(slot, zone)
        if moment >= end:
            return
        if moment >= start and moment != last:
            last = moment
            yield slot, moment


def build_daily_rule() -> str:
    """Build the rule of every day."""
    return "FREQ=DAILY"


def build_weekly_rule(days: tuple[int, ...], every: int = 1) -> str:
    """Build the rule of weekdays (0 for Monday), every so many weeks."""
    names = ",".join(DAYS[day] for day in sorted(set(days)))
    return f"FREQ=WEEKLY{f';INTERVAL={every}' if every > 1 else ''};WKST=MO;BYDAY={names}"


def build_monthly_rule(day: int) -> str:
    """Build the rule of a day of each month, or the last day of shorter months."""
    if day <= _MIN_MONTH_DAYS:
        return f"FREQ=MONTHLY;BYMONTHDAY={day}"
    shorter = ",".join(map(str, range(_MIN_MONTH_DAYS, day + 1)))
    return f"FREQ=MONTHLY;BYMONTHDAY={shorter};BYSETPOS=-1"


def start_after(when: When, now: datetime) -> When | None:
    """Return a copy that starts with its first slot after an instant; None if there is none."""
    zone = when.tzinfo
    start = next(
        (
            slot_time
            for slot_time in iter_slots(when, to_wall_time(now, zone) - timedelta(days=2))
            if to_instant(slot_time, zone) > now
        ),
        None,
    )
    return replace(when, start=start) if start else None


def parse_rule(rule: str) -> dict[str, str]:
    """Parse a rule into its RFC 5545 parts."""
    return dict(part.split("=", 1) for part in rule.split(";")) if rule else {}


def find_next_month(first_day: date) -> date:
    """Return the first day of the following month."""
    return (first_day.replace(day=1) + timedelta(days=32)).replace(day=1)
