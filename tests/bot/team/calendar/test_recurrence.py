"""When something happens again: the wall clock's hour is kept, whatever a zone does with its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.team.calendar.recurrence import (
    When,
    build_daily_rule,
    build_monthly_rule,
    build_weekly_rule,
    find_next_slot,
    iter_between,
    iter_slots,
    start_after,
    to_instant,
    to_wall_time,
)

# Changes by an hour, by half an hour, by none, of a whole day (Apia, 2011), and the other way round in winter (Dublin).
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/Havana",
    "UTC",
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
walls = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)).map(lambda one: one.replace(microsecond=0))
rules = st.one_of(
    st.just(build_daily_rule()),
    st.builds(build_weekly_rule, st.sets(st.integers(0, 6), min_size=1).map(tuple), st.integers(1, 4)),
    st.builds(build_monthly_rule, st.integers(1, 31)),
)


@given(walls, zones)
def test_an_instant_shows_its_wall_time_or_is_the_first_after_a_gap(clock: datetime, zone: ZoneInfo) -> None:
    moment = to_instant(clock, zone)
    shown = to_wall_time(moment, zone)
    if shown == clock:
        earlier = [moment - timedelta(minutes=minutes) for minutes in (30, 60, 120, 1440)]
        assert all(to_wall_time(one, zone) != clock for one in earlier), "of two it is the first"
    else:
        assert shown > clock
        assert to_wall_time(moment - timedelta(seconds=1), zone) < clock, "nothing valid lies between"


@given(walls, st.sampled_from(ZONES), rules, st.integers(0, 400))
def test_occurrences_are_in_order_at_the_same_hour_without_duplicates(
    start: datetime, name: str, rule: str, days: int
) -> None:
    when = When(start, name, rule)
    first = start_after(when, to_instant(start, when.tzinfo) + timedelta(days=days))
    assert first is not None
    assert first.start.time() == start.time()
    some = list(islice(iter_slots(first), 8))
    assert all(one.time() == start.time() for one in some)
    moments = [to_instant(one, when.tzinfo) for one in some]
    assert all(one < other for one, other in pairwise(moments)) or name == "Pacific/Apia"
    assert moments[0] > to_instant(start, when.tzinfo) + timedelta(days=days)
    seen = [slot for slot, _ in iter_between(first, moments[0], moments[-1] + timedelta(seconds=1))]
    assert seen == some or name == "Pacific/Apia"
    assert find_next_slot(first, some[0], moments[0]) == some[1]
    assert find_next_slot(first, some[0], moments[3]) == some[3], "what was missed is passed over"


@given(walls, rules)
def test_occurrences_follow_the_rule(start: datetime, rule: str) -> None:
    for one in islice(iter_slots(When(start, "UTC", rule)), 12):
        if rule.startswith("FREQ=WEEKLY"):
            assert ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[one.weekday()] in rule
    if rule.startswith("FREQ=MONTHLY"):
        months = [(one.year, one.month) for one in islice(iter_slots(When(start, "UTC", rule)), 14)]
        assert len(set(months)) == len(months)
        assert all((b[0] - a[0]) * 12 + b[1] - a[1] == 1 for a, b in pairwise(months)), "no month is left out"


@pytest.mark.parametrize(
    ("clock", "zone", "expected"),
    [
        (datetime(2026, 3, 29, 2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 0)),
        (datetime(2026, 10, 25, 2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30)),
        (datetime(2026, 3, 8, 2, 30), "America/New_York", datetime(2026, 3, 8, 7, 0)),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30)),
        (datetime(2011, 12, 30, 9, 0), "Pacific/Apia", datetime(2011, 12, 30, 10, 0)),
    ],
)
def test_skipped_and_repeated_wall_times_are_resolved(clock: datetime, zone: str, expected: datetime) -> None:
    assert to_instant(clock, ZoneInfo(zone)) == expected.replace(tzinfo=UTC)


def test_a_repeated_half_past_two_occurs_once() -> None:
    when = When(datetime(2026, 10, 24, 2, 30), "Europe/Berlin", build_daily_rule())
    start, end = datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)
    assert [moment for _, moment in iter_between(when, start, end)] == [
        datetime(2026, 10, 24, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]
