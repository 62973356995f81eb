"""What users told about themselves and what was learnt of them, as a ledger; and what each has chosen."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.habits import Habits, validate_habit
from personas.learning import LIST_FIELDS, Signal, is_based_on, is_still_supported
from personas.ledger import (
    ME,
    Entry,
    KnownProfile,
    Origin,
    find_differences,
    find_successors,
    list_additions,
    resolve_entries,
    with_brand,
    without,
)
from personas.profile import Profile

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .shielding import shield_methods
from .signals import add_signals, delete_signals
from .statements import to_utc

_SEALED = ("field", "value", "origin", "evidence", "confidence")
_CHOICES = tables.build_purpose(tables.owners, {})
# What each request reads, built once, which costs more than reading it.
_OWNER = select(tables.owners).where(tables.owners.c.owner_id == bindparam("owner"))
_ENTRIES = (
    select(tables.preferences)
    .where(tables.preferences.c.user_id == bindparam("owner"))
    .order_by(tables.preferences.c.created_at, tables.preferences.c.id)
)
_LIVING_ENTRIES = _ENTRIES.where(tables.preferences.c.ended_at.is_(None))
# The choice of no brand, even where the place has a default.
NO_BRAND = "none"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user has chosen: the profile in use, the names of all profiles by id, whether to learn, and who writes.

    `persona` is the name of one that ships or the id of an own one; `brand` the id of the brand in use, empty where none was
    chosen, and NO_BRAND where none is wanted.
    Both were chosen as the profile in use; `others` holds those of the other profiles, by their ids.
    """

    persona: str | None = None
    profile: str = ""
    profiles: dict[str, str] = field(default_factory=dict)
    learning: bool = True
    brand: str = ""
    others: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def with_profile(self, profile: str) -> Choices:
        """Return the choices with another profile in use, with that profile's persona and brand.

        One that was deleted is not used: the profile stays that was in use.
        """
        if profile == self.profile or not self.has_profile(profile):
            return self
        others = {**self.others, self.profile: (self.persona, self.brand)}
        persona, brand = others.pop(profile, (None, ""))
        return replace(self, profile=profile, persona=persona, brand=brand, others=others)

    def resolve_brand(self, usual: str) -> str:
        """Return the id of the brand in use, `usual` if none was chosen; empty for none."""
        return "" if self.brand == NO_BRAND else self.brand or usual

    def has_profile(self, profile: str) -> bool:
        """Return whether a profile exists; the first always does."""
        return not profile or profile in self.profiles

    def without_profile(self, profile: str) -> Choices:
        """The same without a profile, and what was chosen as that; the first is in use then where that one was."""
        left = self.with_profile("") if profile == self.profile else self
        kept = {one: name for one, name in left.profiles.items() if one != profile}
        return replace(left, profiles=kept, others={one: was for one, was in left.others.items() if one != profile})


@shield_methods
class Profiles:
    """Profiles by owner; no method reads another owner's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: str, scopes: Sequence[str] = (ME,)) -> Profile:
        """The owner's profile in use, where the scopes are in force; an empty one for somebody who has told nothing."""
        return (await self.load_known(user_id, scopes))[0].profile

    async def load_known(
        self,
        user_id: str,
        scopes: Sequence[str] = (ME,),
        *,
        exactly: bool = False,
        profile: str | None = None,
        usual_brand: str = "",
    ) -> tuple[KnownProfile, Choices]:
        """What holds for the owner with where it comes from, and the owner's choices; the strongest scope first.

        What was told for the brand in use is in it, but for `exactly` those scopes; that is the usual one where they have
        chosen none. The profile is the one in use where none is named by its id, or that was deleted.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(_OWNER, {"owner": user_id})).one_or_none()
            if row is None:
                return KnownProfile(Profile(), {}), Choices()
            key = self._database.keys.unwrap(user_id, row.wrapped_key, row.key_id)
            choices = _open_choices(row.sealed, key)
            if row.paused_at is not None:
                choices = replace(choices, learning=False)
            entries = await _load_entries(connection, key, living=True)
        used_choices = choices.with_profile(choices.profile if profile is None else profile)
        all_scopes = scopes if exactly else with_brand(scopes, used_choices.resolve_brand(usual_brand))
        return resolve_entries(entries, all_scopes, used_choices.profile), choices

    async def update(
        self,
        user_id: str,
        change: Callable[[Profile], Profile],
        *,
        scope: str = ME,
        origin: Origin = "told",
        evidence: str = "",
    ) -> Profile:
        """Apply a change to the owner's profile in use in one scope and save it, in one transaction.

        Each field that differs is a new entry, which supersedes the older. `change` may run while other processes wait, so
        it must be quick and pure.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            profile_id = (await _load_choices(connection, key)).profile
            entries = await _load_entries(connection, key, living=True)
            before = resolve_entries(entries, (scope,), profile_id)
            after = change(before.profile)
            for name, value in find_differences(before.profile, after).items():
                entry = Entry(_generate_id(), name, value, scope, origin, evidence, profile=profile_id)
                await _insert_entry(connection, key, entry, entries)
        return after

    async def add_entries(
        self,
        user_id: str,
        values: Mapping[str, Any],
        scopes: Sequence[str] = (ME,),
        *,
        origin: Origin = "told",
        evidence: str = "",
    ) -> list[Entry]:
        """Keeps what differs of some fields and habits from what holds where the scopes are in force, the strongest first.

        What is chosen is kept also where it is what holds for everybody. New entries are of the first scope. Gives them.

        Raises:
            ProfileError: a value is invalid for its field; then nothing is stored.
        """
        new_entries = []
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            profile_id = (await _load_choices(connection, key)).profile
            entries = await _load_entries(connection, key, living=True)
            known_profile = resolve_entries(entries, scopes, profile_id)
            before = known_profile.profile.model_dump(mode="json")
            fields = {name: value for name, value in values.items() if name not in Habits.model_fields}
            after = Profile.parse({**before, **fields}).model_dump(mode="json")
            # What was chosen is somebody's own also where everybody's texts are like that; a form comes filled with it.
            chosen_names = {name for name in fields if origin == "chosen" and name not in known_profile.sources}
            new_fields = {name: after[name] for name in fields if after[name] != before[name] or name in chosen_names}
            for name in values.keys() - fields.keys():
                value = validate_habit(name, values[name])
                if value != (
                    known_profile.sources[name].value
                    if name in known_profile.sources
                    else validate_habit(name, _get_default_habit(name))
                ):
                    new_fields[name] = value
            for name, value in new_fields.items():
                entry = Entry(_generate_id(), name, value, scopes[0], origin, evidence, profile=profile_id)
                await _insert_entry(connection, key, entry, entries)
                new_entries.append(entry)
        return new_entries

    async def learn(
        self,
        user_id: str,
        signals: Sequence[Signal],
        teach: Callable[[KnownProfile, Sequence[Signal]], Sequence[Entry]],
        scopes: Sequence[str] = (ME,),
        *,
        profile: str = "",
    ) -> list[Entry]:
        """Store signals, and the entries derived from all signals and the current values in exactly these scopes.

        One transaction, so that of two who teach at once neither writes a list without the other's word. `teach` must be
        quick and pure. Gives the new entries: none where the profile, or a brand that the signals are about, is there no more.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            new_entries = list[Entry]()
            if not (await _load_choices(connection, key)).has_profile(profile):
                return new_entries
            if not await _lock_brands(connection, {signal.brand for signal in signals if signal.brand}):
                return new_entries
            are_stored = await add_signals(connection, key, signals)
            for lesson in teach(
                resolve_entries(await _load_entries(connection, key, living=True), scopes, profile), are_stored
            ):
                entry = replace(lesson, id=_generate_id())
                await _insert_entry(connection, key, entry, await _load_entries(connection, key, living=True))
                new_entries.append(entry)
        return new_entries

    async def undo(self, user_id: str, entry_id: str) -> Entry | None:
        """Undo an entry of the owner and delete its signals; the entry it superseded applies again.

        A word that was learnt is taken from the lists that have followed since. Gives the entry, of a learnt list the words
        that went; None when it does not hold any more, or is not the owner's.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            history = await _load_entries(connection, key, living=False) if key else []
            entry = next((candidate for candidate in history if candidate.id == entry_id), None)
            undone = await _undo(connection, key, history, entry) if key and entry else None
            if key and undone and undone.origin == "learnt":
                words = undone.value if undone.field in LIST_FIELDS else None
                await delete_signals(connection, key, lambda candidate: _is_source_of(candidate, undone, words))
        return undone

    async def retract_signals(self, user_id: str, refs: Sequence[str]) -> list[Entry]:
        """Delete signals of the owner, and undo the entries that lost support; return those as `undo` does.

        What the owner has stated since is kept.
        """
        found = list[Entry]()
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            if key is None or not await delete_signals(connection, key, lambda one: one.ref in refs):
                return found
            history = await _load_entries(connection, key, living=False)
            for entry_id in [
                one.id for one in history[::-1] if is_based_on(one, refs) and not is_still_supported(one, refs)
            ]:
                entry = next(one for one in history if one.id == entry_id)
                told = any(successor.origin != "learnt" for successor in find_successors(history, entry))
                if not told and (gone := await _undo(connection, key, history, entry)):
                    found.append(gone)
                    history = await _load_entries(connection, key, living=False)
        return found

    async def list_entries(self, user_id: str) -> list[Entry]:
        """Return the owner's whole ledger, newest first."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return (await _load_entries(connection, key, living=False))[::-1] if key else []

    async def get_persona(self, user_id: str) -> str | None:
        """Return the name of the owner's persona, None for each family's default."""
        return (await self.get_choices(user_id)).persona

    async def get_choices(self, user_id: str) -> Choices:
        """Return the owner's choices."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return await _load_choices(connection, key) if key else Choices()

    async def change_choices(self, user_id: str, change: Callable[[Choices], Choices]) -> Choices:
        """Apply a change to the owner's choices and save it, in one transaction."""
        table = tables.owners
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            new_choices = change(await _load_choices(connection, key))
            sealed = _seal_choices(new_choices, key)
            await connection.execute(update(table).where(table.c.owner_id == user_id).values(sealed=sealed))
        return new_choices

    async def delete(self, user_id: str, profile_id: str) -> Choices | None:
        """Deletes a profile of the owner's with its ledger, its signals, votes on its results, and what was chosen as it.

        The first is never deleted. Results stay, as those of no profile. Gives the choices that are left; None where there
        is no such profile. Also for those who have paused.
        """
        owners, preferences, votes = tables.owners, tables.preferences, tables.feedback
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            before = await _load_choices(connection, key) if key else Choices()
            if key is None or profile_id not in before.profiles or not profile_id:
                return None
            new_choices = before.without_profile(profile_id)
            await connection.execute(
                update(owners).where(owners.c.owner_id == user_id).values(sealed=_seal_choices(new_choices, key))
            )
            for table in (preferences, votes):
                await connection.execute(delete(table).where(table.c.user_id == user_id, table.c.profile == profile_id))
            await delete_signals(connection, key, lambda one: one.profile == profile_id)
        await self._database.checkpoint()
        return new_choices

    async def use_persona(self, user_id: str, name: str | None) -> None:
        """Choose a persona for future results; None restores the defaults."""
        await self.change_choices(user_id, lambda known: replace(known, persona=name))


async def _load_choices(connection: AsyncConnection, key: OwnerKey) -> Choices:
    table = tables.owners
    sealed = await connection.scalar(select(table.c.sealed).where(table.c.owner_id == key.owner_id))
    return _open_choices(sealed, key)


def _open_choices(sealed: bytes | None, key: OwnerKey) -> Choices:
    found = open_or_none(key, sealed, _CHOICES) if sealed else None
    return Choices(**found) if found else Choices()


def _seal_choices(choices: Choices, key: OwnerKey) -> bytes:
    return key.seal({name: getattr(choices, name) for name in choices.__slots__}, _CHOICES)


async def _load_entries(connection: AsyncConnection, key: OwnerKey, *, living: bool) -> list[Entry]:
    """Load a user's entries, oldest first."""
    rows = await connection.execute(_LIVING_ENTRIES if living else _ENTRIES, {"owner": key.owner_id})
    found = (_open_entry(row, key) for row in rows)
    return [entry for entry in found if entry is not None]


def _open_entry(row: Row[Any], key: OwnerKey) -> Entry | None:
    """Decrypt an entry; None if its row was tampered with."""
    fields = open_or_none(key, row.sealed, tables.build_purpose(tables.preferences, row._mapping))
    if fields is None:
        return None
    return Entry(
        id=row.id,
        scope=row.scope,
        profile=row.profile,
        created_at=to_utc(row.created_at),
        ended_at=to_utc(row.ended_at) if row.ended_at else None,
        ended_by=row.ended_by or "",
        **fields,
    )


async def _insert_entry(connection: AsyncConnection, key: OwnerKey, entry: Entry, living: Sequence[Entry]) -> None:
    table = tables.preferences
    place = (entry.field, entry.scope, entry.profile)
    older = [one.id for one in living if (one.field, one.scope, one.profile) == place]
    if older:
        ended = {"ended_at": entry.created_at, "ended_by": entry.id}
        await connection.execute(update(table).where(table.c.id.in_(older)).values(**ended))
    await connection.execute(
        table.insert().values(
            id=entry.id,
            user_id=key.owner_id,
            profile=entry.profile,
            scope=entry.scope,
            sealed=_seal_entry(entry, key),
            created_at=entry.created_at,
        )
    )


async def _lock_brands(connection: AsyncConnection, brand_ids: Collection[str]) -> bool:
    """Return whether all brands exist, and lock them until the transaction ends so that none is deleted before."""
    table = tables.brands
    query = select(table.c.id).where(table.c.id.in_(brand_ids)).with_for_update(read=True, key_share=True)
    return not brand_ids or len((await connection.execute(query)).all()) == len(brand_ids)


async def _undo(connection: AsyncConnection, key: OwnerKey, history: Sequence[Entry], entry: Entry) -> Entry | None:
    """Undo an entry and return it, for a learnt list with the removed words; None if it no longer applies."""
    table = tables.preferences
    later = find_successors(history, entry)
    words = list_additions(history, entry) if entry.origin == "learnt" and entry.field in LIST_FIELDS else []
    # Successors of a list contain its words as well, unless the user removed them.
    if entry.ended_at and not (later and words and all(not without(words, one.value) for one in later)):
        return None
    for one in later:
        sealed = _seal_entry(replace(one, value=without(one.value, words)), key)
        await connection.execute(update(table).where(table.c.id == one.id).values(sealed=sealed))
    before = {"ended_at": entry.ended_at, "ended_by": entry.ended_by or None}
    condition = table.c.user_id == key.owner_id
    await connection.execute(update(table).where(condition, table.c.ended_by == entry.id).values(**before))
    ended = {"ended_at": datetime.now(UTC), "ended_by": None}
    await connection.execute(update(table).where(condition, table.c.id == entry.id).values(**ended))
    return replace(entry, value=words) if words else entry


def _is_source_of(signal: Signal, entry: Entry, words: Sequence[str] | None) -> bool:
    """Return whether an entry was learnt from a signal; for a list, with the given words."""
    if signal.ref not in entry.evidence.split() or signal.field != entry.field:
        return False
    return words is None or not without([str(signal.value)], words)


def _seal_entry(entry: Entry, key: OwnerKey) -> bytes:
    place = {"id": entry.id, "scope": entry.scope, "profile": entry.profile}
    return key.seal({name: getattr(entry, name) for name in _SEALED}, tables.build_purpose(tables.preferences, place))


def _get_default_habit(name: str) -> Any:
    return Habits.model_fields[name].default


def _generate_id() -> str:
    return secrets.token_hex(8)
