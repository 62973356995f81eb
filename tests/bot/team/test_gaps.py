"""Days without a post, as they are found."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.team.ideas import MIN_GAP_DAYS, find_gaps

FIRST = date(2026, 12, 1)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(some.sets(some.integers(0, 20)), some.integers(0, 20))
def test_every_gap_is_found_without_posts_inside_and_with_posts_around(busy, length):
    last = FIRST + timedelta(days=length)
    posts = {FIRST + timedelta(days=number): 1 for number in busy}
    found = find_gaps(FIRST, last, posts)
    within = [FIRST + timedelta(days=number) for number in range(length + 1)]
    covered = [day for start, end in found for day in within if start <= day <= end]
    assert not set(covered) & set(posts)
    for start, end in found:
        assert (end - start).days + 1 >= MIN_GAP_DAYS
        assert start == FIRST or start - timedelta(days=1) in posts
        assert end == last or end + timedelta(days=1) in posts
    free, run = [], 0
    for day in [*within, None]:
        run = run + 1 if day is not None and day not in posts else (free.append(run) or 0)
    assert sum(one for one in free if one >= MIN_GAP_DAYS) == len(covered)
