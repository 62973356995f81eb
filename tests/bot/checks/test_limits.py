"""The rows of limits.toml."""

from __future__ import annotations

from datetime import date

import pytest

from bot.checks.limits import Limit, find_limits, load_limits
from bot.checks.units import UNITS
from bot.kinds import load_kinds


@pytest.mark.parametrize("limit", load_limits(), ids=lambda limit: f"{limit.place} {limit.field} {limit.unit}")
def test_each_limit_is_usable_and_cites_its_source(limit: Limit) -> None:
    assert limit.max > 0
    assert limit.unit in UNITS
    assert limit.source.strip()
    assert date(2025, 1, 1) <= limit.read <= date(2030, 1, 1)


def test_limits_are_unique() -> None:
    rows = [(limit.place, limit.field, limit.unit) for limit in load_limits()]
    assert len(rows) == len(set(rows))


def test_every_place_of_a_kind_has_limits_and_every_limit_a_kind() -> None:
    places = {place for kind in load_kinds().values() for place in kind.places}
    # An own shop has no limits.
    assert places == {limit.place for limit in load_limits()} | {"shop"}


@pytest.mark.parametrize(
    ("place", "unit", "most"),
    [
        ("x", "weighted characters", 280),
        ("bluesky", "graphemes", 300),
        ("mastodon", "characters", 500),
        ("threads", "characters", 500),
        ("instagram", "characters", 2200),
        ("youtube", "bytes", 5000),
    ],
)
def test_known_limits_are_listed(place: str, unit: str, most: int) -> None:
    assert [limit.max for limit in find_limits(place) if limit.unit == unit] == [most]


def test_places_without_limits_have_no_entries() -> None:
    assert find_limits("") == find_limits("the moon") == ()
