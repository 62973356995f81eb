"""The ledger of preferences, each with its scope, origin and evidence. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from typing import Any, Literal

from .profile import Profile, ProfileError

# Stated by the user, chosen from options, or inferred from the user's actions.
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
    """Insert the scope of the active brand (if any) before the user's own scope, so after those of the channel and server."""
    if not brand_id or ME not in scopes or brand(brand_id) in scopes:
        return tuple(scopes)
    return (*(scope for scope in scopes if scope != ME), brand(brand_id), ME)


@dataclass(frozen=True, slots=True)
class Entry:
    """A preference. `field` is a profile field or a habit, `value` its JSON-compatible value.

    `evidence` has the references of the signals that it was learnt from, separated by spaces. `profile` is the id of the profile that
    it belongs to, empty for the first. A superseded entry has `ended_at`, and in `ended_by` the id of its successor, which is empty
    if the entry was retracted.
    """

    id: str
    field: str
    value: Any
    scope: str = ME
    origin: Origin = "told"
    evidence: str = ""
    confidence: float = 1.0
    profile: str = ""
    created_at: datetime = dataclass_field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """The preferences in force for some scopes: the profile, and the entry of each known profile field and habit."""

    profile: Profile
    sources: dict[str, Entry]


def resolve_entries(entries: Iterable[Entry], scopes: Sequence[str] = (ME,), profile: str = "") -> KnownProfile:
    """Return the preferences in force for some scopes, the strongest scope first.

    Of several entries for the same field, that of the strongest scope is in force, and in the same scope the newest one.
    """
    rank = {scope: position for position, scope in enumerate(scopes)}
    sources: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.created_at):
        if entry.ended_at or entry.profile != profile or entry.scope not in rank:
            continue
        current = sources.get(entry.field)
        if current is None or rank[entry.scope] <= rank[current.scope]:
            sources[entry.field] = entry
    # Invalid values, which were stored before values were validated, are ignored.
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
    """Return the chain of entries that replaced an entry, up to the active one; empty if the chain ends in a retracted entry."""
    entries_by_id = {other.id: other for other in history}
    successors: list[Entry] = []
    while (successor := entries_by_id.get((successors[-1] if successors else entry).ended_by)) is not None:
        successors.append(successor)
    return successors if successors and not successors[-1].ended_at else []


def list_additions(history: Iterable[Entry], entry: Entry) -> list[str]:
    """Return the items of a list entry that its predecessor does not have."""
    previous_value = next((other.value for other in history if other.ended_by == entry.id), ())
    return without(entry.value, previous_value)


def without(words: Iterable[str], removed: Iterable[str]) -> list[str]:
    """Return the words without the removed ones, ignoring case."""
    folded_words = {word.casefold() for word in removed}
    return [word for word in words if word.casefold() not in folded_words]


def find_differences(before: Profile, after: Profile) -> dict[str, Any]:
    """Return the JSON-compatible new values of the fields that differ between two profiles."""
    old_values, new_values = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: value for name, value in new_values.items() if value != old_values[name]}
