"""Single and recurring times by the wall clock of a time zone, so that a series keeps its hour all year. No I/O.

A wall time that is skipped by a change to daylight saving means the first instant after the gap; an ambiguous one means the first of
its two instants, with a `fold` of 1 the second. Slots of a series have no fold.
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
# The number of days that every month has; in a shorter month, a later day becomes the last one.
_MIN_MONTH_DAYS = 28
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class When:
    """A naive wall time in a zone, and the RFC 5545 rule by which it recurs, empty for a single time."""

    start: datetime
    zone: str
    rule: str = ""

    @property
    def tzinfo(self) -> tzinfo:
        """The zone; UTC for an empty name."""
        return find_zone(self.zone)


def to_instant(wall: datetime, zone: tzinfo) -> datetime:
    """Convert a naive wall time of a zone to an instant in UTC."""
    first_offset = wall.replace(tzinfo=zone, fold=0).utcoffset()
    second_offset = wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert first_offset is not None
    assert second_offset is not None
    if wall.fold and first_offset > second_offset:
        return (wall - second_offset).replace(tzinfo=UTC)
    instant = (wall - first_offset).replace(tzinfo=UTC)
    if first_offset >= second_offset:
        return instant
    # The wall time is in a gap.
    return _find_offset_change(instant - (second_offset - first_offset), instant, zone)


def _find_offset_change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Return the first instant in (low, high] at which a zone has another offset than at `low`."""
    old_offset = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old_offset:
            low = middle if middle > low else low + _SECOND
        else:
            high = middle
    return high


def to_wall_time(instant: datetime, zone: tzinfo) -> datetime:
    """Convert an instant to a naive wall time of a zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def iter_slots(when: When, after: datetime | None = None) -> Iterator[datetime]:
    """Yield the naive wall times of a `When`, called slots, optionally only those after a slot."""
    if not when.rule:
        if after is None or when.start > after:
            yield when.start
        return
    rule: Any = rrulestr(when.rule, dtstart=when.start)
    yield from rule if after is None else rule.xafter(after)


def find_next_slot(when: When, slot: datetime, not_before: datetime) -> datetime | None:
    """Return the first slot after `slot` whose instant is not earlier than `not_before`; None if there is none."""
    zone = when.tzinfo
    # Two days earlier in wall time are earlier than `not_before` whatever the offset is.
    start = max(slot, to_wall_time(not_before, zone) - timedelta(days=2))
    return next((candidate for candidate in iter_slots(when, start) if to_instant(candidate, zone) >= not_before), None)


def iter_between(
    when: When, start: datetime, end: datetime, after: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the slots with instants in [start, end), with these instants, optionally only those after a slot.

    Of two slots with the same instant, only the first one is yielded.
    """
    zone, last_instant = when.tzinfo, None
    earliest = to_wall_time(start, zone) - timedelta(days=2)
    for slot in iter_slots(when, max(after, earliest) if after else earliest):
        instant = to_instant(slot, zone)
        if instant >= end:
            return
        if instant >= start and instant != last_instant:
            last_instant = instant
            yield slot, instant


def build_daily_rule() -> str:
    """Build the rule for every day."""
    return "FREQ=DAILY"


def build_weekly_rule(days: tuple[int, ...], every: int = 1) -> str:
    """Build the rule for weekdays (0 for Monday) in every `every`-th week."""
    names = ",".join(DAYS[day] for day in sorted(set(days)))
    return f"FREQ=WEEKLY{f';INTERVAL={every}' if every > 1 else ''};WKST=MO;BYDAY={names}"


def build_monthly_rule(day: int) -> str:
    """Build the rule for a day of every month, or the last day of a shorter month."""
    if day <= _MIN_MONTH_DAYS:
        return f"FREQ=MONTHLY;BYMONTHDAY={day}"
    days = ",".join(map(str, range(_MIN_MONTH_DAYS, day + 1)))
    return f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"


def start_after(when: When, now: datetime) -> When | None:
    """Return a copy that starts with the first slot after `now`; None if there is none."""
    zone = when.tzinfo
    start = next(
        (
            slot
            for slot in iter_slots(when, to_wall_time(now, zone) - timedelta(days=2))
            if to_instant(slot, zone) > now
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
