"""The ledger of preferences, each with its scope, origin and evidence. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import UTC, datetime
from typing import Any, Literal

from .profile import Profile, ProfileError

# Stated by the user, picked from what was offered, or inferred from what the user did.
Origin = Literal["told", "chosen", "learnt"]
ME = "me"


def guild(guild_id: str | int) -> str:
    """Return the scope of a server."""
    return f"guild:{guild_id}"


def channel(channel_id: str | int) -> str:
    """Return the scope of a channel."""
    return f"channel:{channel_id}"


def brand(brand_id: str) -> str:
    """Return the scope of a brand."""
    return f"brand:{brand_id}"


def with_brand(scopes: Sequence[str], brand_id: str) -> tuple[str, ...]:
    """Add the scope of the brand in use, which outranks the user's own and yields to a place's."""
    if not brand_id or ME not in scopes or brand(brand_id) in scopes:
        return tuple(scopes)
    return (*(scope for scope in scopes if scope != ME), brand(brand_id), ME)


@dataclass(frozen=True, slots=True)
class Entry:
    """One preference. `field` is a profile field or habit, `value` its content as JSON.

    `profile` is the id of the profile it belongs to, empty for the first. A superseded entry has `ended_at`, and in
    `ended_by` the id of its successor; empty where it was retracted.
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
class KnownProfile:
    """What holds for a user in a place: the profile, and the entry that each field comes from."""

    profile: Profile
    sources: dict[str, Entry]


def resolve_entries(entries: Iterable[Entry], scopes: Sequence[str] = (ME,), profile: str = "") -> KnownProfile:
    """Return what holds where the scopes are in force, strongest first: a channel's before a server's before one's
    own.

    Of entries for the same field and scope the newest holds.
    """
    rank = {scope: position for position, scope in enumerate(scopes)}
    sources: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda one: one.created_at):
        if entry.ended_at or entry.profile != profile or entry.scope not in rank:
            continue
        current = sources.get(entry.field)
        if current is None or rank[entry.scope] <= rank[current.scope]:
            sources[entry.field] = entry
    # Values stored before they were validated on input are ignored, without harm to the rest.
    sources = {name: entry for name, entry in sources.items() if name not in Profile.model_fields or _is_valid(entry)}
    fields = {name: entry.value for name, entry in sources.items() if name in Profile.model_fields}
    return KnownProfile(Profile.parse(fields) if fields else Profile(), sources)


def _is_valid(entry: Entry) -> bool:
    try:
        Profile.parse({entry.field: entry.value})
    except ProfileError:
        return False
    return True


def find_successors(history: Iterable[Entry], entry: Entry) -> list[Entry]:
    """Return the entries that replaced one in turn, up to the active one; none where it was retracted."""
    by_id = {one.id: one for one in history}
    successors: list[Entry] = []
    while (successor := by_id.get((successors[-1] if successors else entry).ended_by)) is not None:
        successors.append(successor)
    return successors if successors and not successors[-1].ended_at else []


def list_additions(history: Iterable[Entry], entry: Entry) -> list[str]:
    """Return what an entry of a list holds that its predecessor did not."""
    previous_value = next((one.value for one in history if one.ended_by == entry.id), ())
    return without(entry.value, previous_value)


def without(words: Iterable[str], gone: Iterable[str]) -> list[str]:
    """Return the words without those to remove, ignoring case."""
    folded = {word.casefold() for word in gone}
    return [word for word in words if word.casefold() not in folded]


def find_differences(before: Profile, after: Profile) -> dict[str, Any]:
    """Return the fields that differ, with their new values as JSON."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: value for name, value in new.items() if value != old[name]}
