"""The ledger of what is known about a person: each preference with its scope, its origin and what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import UTC, datetime
from typing import Any, Literal

from .profile import Profile, ProfileError

# Said by the person, picked from what was offered, or found out from what the person did.
Origin = Literal["told", "chosen", "learnt"]
ME = "me"


def guild(guild_id: str | int) -> str:
    """The scope of one server."""
    return f"guild:{guild_id}"


def channel(channel_id: str | int) -> str:
    """The scope of one channel."""
    return f"channel:{channel_id}"


def brand(brand_id: str) -> str:
    """The scope of one brand."""
    return f"brand:{brand_id}"


def with_brand(scopes: Sequence[str], brand_id: str) -> tuple[str, ...]:
    """The scopes with that of the brand in use, which goes before what is one's own and after what is a place's."""
    if not brand_id or ME not in scopes or brand(brand_id) in scopes:
        return tuple(scopes)
    return (*(scope for scope in scopes if scope != ME), brand(brand_id), ME)


@dataclass(frozen=True, slots=True)
class Entry:
    """One preference. `field` is a profile's field, `value` what it holds, as JSON.

    `profile` is the id of the person's profile that it belongs to, empty for the first. An entry that was superseded has
    `ended_at`, and `ended_by`, the id of the entry that took its place; empty where it was taken back.
    """

    id: str
    field: str
    value: Any
    scope: str = ME
    origin: Origin = "told"
    evidence: str = ""
    confidence: float = 1.0
    profile: str = ""
    created_at: datetime = made_by(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What holds for a person in a place: the profile, and the entry that each field comes from."""

    profile: Profile
    sources: dict[str, Entry]


def known(entries: Iterable[Entry], scopes: Sequence[str] = (ME,), profile: str = "") -> Known:
    """What holds where the scopes are in force, the strongest first: a channel's before a server's before one's own.

    Of entries for the same field and scope the newest holds.
    """
    rank = {scope: place for place, scope in enumerate(scopes)}
    sources: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda one: one.created_at):
        if entry.ended_at or entry.profile != profile or entry.scope not in rank:
            continue
        held = sources.get(entry.field)
        if held is None or rank[entry.scope] <= rank[held.scope]:
            sources[entry.field] = entry
    # What was kept before it was refused at the door says nothing, and does the rest no harm.
    sources = {name: entry for name, entry in sources.items() if name not in Profile.model_fields or _fits(entry)}
    fields = {name: entry.value for name, entry in sources.items() if name in Profile.model_fields}
    return Known(Profile.of(fields) if fields else Profile(), sources)


def _fits(entry: Entry) -> bool:
    try:
        Profile.of({entry.field: entry.value})
    except ProfileError:
        return False
    return True


def successors(history: Iterable[Entry], entry: Entry) -> list[Entry]:
    """The entries that took the place of one, one after another up to that which holds; none where it was taken back."""
    by_id = {one.id: one for one in history}
    found: list[Entry] = []
    while (after := by_id.get((found[-1] if found else entry).ended_by)) is not None:
        found.append(after)
    return found if found and not found[-1].ended_at else []


def added(history: Iterable[Entry], entry: Entry) -> list[str]:
    """What an entry of a list holds that the one it superseded did not."""
    before = next((one.value for one in history if one.ended_by == entry.id), ())
    return without(entry.value, before)


def without(words: Iterable[str], gone: Iterable[str]) -> list[str]:
    """Words of a list but for some, whose case does not matter."""
    folded = {word.casefold() for word in gone}
    return [word for word in words if word.casefold() not in folded]


def differences(before: Profile, after: Profile) -> dict[str, Any]:
    """The fields that differ, with their new values as JSON."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: value for name, value in new.items() if value != old[name]}
