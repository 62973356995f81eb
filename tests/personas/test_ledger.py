"""What holds where: scopes, newer entries, and where each field comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from personas.ledger import ME, Entry, brand, channel, find_differences, guild, resolve_entries
from personas.profile import Profile

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def build_entry(name: str, field: str, value: Any, scope: str = ME, minute: int = 0, **more: Any) -> Entry:
    return Entry(name, field, value, scope, created_at=NOON + timedelta(minutes=minute), **more)


def test_without_entries_the_profile_is_empty() -> None:
    assert resolve_entries([]).profile == Profile()
    assert resolve_entries([]).sources == {}


def test_a_channel_overrides_a_server_a_brand_and_oneself_in_that_order() -> None:
    scopes = (channel(3), guild(2), brand("b"), ME)
    entries = [
        build_entry("a", "emoji", "many", channel(3)),
        build_entry("b", "emoji", "none", guild(2), 1),
        build_entry("c", "emoji", "few", brand("b"), 2),
        build_entry("d", "emoji", "none", ME, 3),
    ]
    for at, value in enumerate(("many", "none", "few", "none")):
        found = resolve_entries(entries[at:], scopes)
        assert (found.profile.emoji, found.sources["emoji"].id) == (value, entries[at].id)


def test_entries_of_other_places_do_not_apply() -> None:
    entries = [build_entry("a", "emoji", "many", channel(3)), build_entry("b", "role", "owner")]
    found = resolve_entries(entries, (channel(4), ME))
    assert (found.profile.emoji, found.profile.role) == ("few", "owner")


def test_the_newest_entry_of_a_scope_applies_in_any_order() -> None:
    entries = [build_entry("a", "role", "owner", minute=1), build_entry("b", "role", "baker", minute=2)]
    assert resolve_entries(entries).profile.role == resolve_entries(entries[::-1]).profile.role == "baker"


def test_ended_entries_and_other_profiles_do_not_apply() -> None:
    entries = [
        build_entry("a", "role", "owner", ended_at=NOON, ended_by="x"),
        build_entry("b", "audience", "neighbours", profile="class"),
    ]
    assert resolve_entries(entries).profile == Profile()
    assert resolve_entries(entries, profile="class").profile == Profile(audience="neighbours")


def test_differences_are_the_fields_that_changed() -> None:
    before = Profile(role="owner", tone=("warm",))
    assert find_differences(before, Profile(role="owner", tone=("dry", "warm"))) == {"tone": ["dry", "warm"]}
    assert find_differences(before, before) == {}
