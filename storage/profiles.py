"""Users' profiles: what they stated about themselves and what was learnt about them, and their choices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select
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
    resolve_entries,
    with_brand,
    without,
)
from personas.profile import Profile

from . import tables
from .choices import Choices, load_choices, open_choices, save_choices
from .database import Database
from .ledger import generate_entry_id, insert_entry, load_active_entries, load_entries, undo_entry
from .shielding import shield_methods
from .signals import add_signals, delete_signals

# Built once, because building a query takes longer than running it.
_OWNER_QUERY = select(tables.owners).where(tables.owners.c.owner_id == bindparam("owner"))


@shield_methods
class Profiles:
    """Profiles by user. Every method reads and changes only those of the given user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: str, scopes: Sequence[str] = (ME,)) -> Profile:
        """Return the user's profile in use, as it applies in some scopes; an empty one if nothing is stored."""
        return (await self.load_known(user_id, scopes))[0].profile

    async def load_known(
        self,
        user_id: str,
        scopes: Sequence[str] = (ME,),
        *,
        ignores_brand: bool = False,
        profile: str | None = None,
        default_brand: str = "",
    ) -> tuple[KnownProfile, Choices]:
        """Return the user's profile with its sources, as it applies in some scopes (the strongest first), and their choices.

        Unless `ignores_brand`, entries for the brand in use apply as well; `default_brand` is in use if the user has chosen
        none. `profile` is a profile's id; None, or that of a deleted profile, stands for the profile in use. If the user has
        paused storage, the choices say that nothing is learnt.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(_OWNER_QUERY, {"owner": user_id})).one_or_none()
            if row is None:
                return KnownProfile(Profile(), {}), Choices()
            key = self._database.keys.unwrap(user_id, row.wrapped_key, row.key_id)
            choices = open_choices(row.sealed, key)
            if row.paused_at is not None:
                choices = replace(choices, learning=False)
            entries = await load_active_entries(connection, key)
        profile_choices = choices if profile is None else choices.with_profile(profile)
        if not ignores_brand:
            scopes = with_brand(scopes, profile_choices.resolve_brand(default_brand))
        return resolve_entries(entries, scopes, profile_choices.profile), choices

    async def update(
        self,
        user_id: str,
        change: Callable[[Profile], Profile],
        *,
        scope: str = ME,
        origin: Origin = "told",
        evidence: str = "",
    ) -> Profile:
        """Apply a change to the user's profile in use in one scope; return the changed profile.

        Each changed field is stored as a new entry, which supersedes the older one. Other processes may be waiting while
        `change` runs, so it must be quick and pure.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            profile_id = (await load_choices(connection, key)).profile
            entries = await load_active_entries(connection, key)
            before = resolve_entries(entries, (scope,), profile_id)
            after = change(before.profile)
            for name, value in find_differences(before.profile, after).items():
                entry = Entry(generate_entry_id(), name, value, scope, origin, evidence, profile=profile_id)
                await insert_entry(connection, key, entry, entries)
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
        """Store values of fields and habits as entries in the first scope; return the new entries.

        Values that apply already in the scopes, the strongest first, are skipped, except a chosen default.

        Raises:
            ProfileError: a value is invalid for its field; then nothing is stored.
        """
        new_entries = []
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            profile_id = (await load_choices(connection, key)).profile
            entries = await load_active_entries(connection, key)
            new_values = _find_new_values(
                resolve_entries(entries, scopes, profile_id), values, is_chosen=origin == "chosen"
            )
            for name, value in new_values.items():
                entry = Entry(generate_entry_id(), name, value, scopes[0], origin, evidence, profile=profile_id)
                await insert_entry(connection, key, entry, entries)
                new_entries.append(entry)
        return new_entries

    async def learn(
        self,
        user_id: str,
        signals: Sequence[Signal],
        derive_entries: Callable[[KnownProfile, Sequence[Signal]], Sequence[Entry]],
        scopes: Sequence[str] = (ME,),
        *,
        profile: str = "",
    ) -> list[Entry]:
        """Store signals, and the entries derived from the known profile in these scopes and all signals; return the entries.

        One transaction, so that of two concurrent calls neither overwrites the other's list. `derive_entries` must be quick
        and pure. Nothing is stored if the profile, or a brand of the signals, was deleted.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            new_entries = list[Entry]()
            if not (await load_choices(connection, key)).has_profile(profile):
                return new_entries
            if not await _lock_brands(connection, {signal.brand for signal in signals if signal.brand}):
                return new_entries
            all_signals = await add_signals(connection, key, signals)
            known_profile = resolve_entries(await load_active_entries(connection, key), scopes, profile)
            for derived_entry in derive_entries(known_profile, all_signals):
                entry = replace(derived_entry, id=generate_entry_id())
                await insert_entry(connection, key, entry, await load_active_entries(connection, key))
                new_entries.append(entry)
        return new_entries

    async def undo(self, user_id: str, entry_id: str) -> Entry | None:
        """Undo an entry and delete the signals it was learnt from; the entry it superseded applies again.

        Words that a learnt list added are also removed from the lists that superseded it. Return the entry, a learnt list with
        only those words; None if it is not the user's or no longer applies.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            history = await load_entries(connection, key) if key else []
            entry = next((candidate for candidate in history if candidate.id == entry_id), None)
            undone_entry = await undo_entry(connection, key, history, entry) if key and entry else None
            if key and undone_entry and undone_entry.origin == "learnt":
                words = undone_entry.value if undone_entry.field in LIST_FIELDS else None
                await delete_signals(connection, key, lambda signal: _is_source_of(signal, undone_entry, words))
        return undone_entry

    async def retract_signals(self, user_id: str, refs: Sequence[str]) -> list[Entry]:
        """Delete the user's signals with these refs, and undo the entries that lost support; return those as `undo` does.

        An entry that the user has replaced since is not undone.
        """
        undone_entries = list[Entry]()
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            if key is None or not await delete_signals(connection, key, lambda signal: signal.ref in refs):
                return undone_entries
            history = await load_entries(connection, key)
            unsupported_ids = [
                entry.id
                for entry in reversed(history)
                if is_based_on(entry, refs) and not is_still_supported(entry, refs)
            ]
            for entry_id in unsupported_ids:
                entry = next(candidate for candidate in history if candidate.id == entry_id)
                if any(successor.origin != "learnt" for successor in find_successors(history, entry)):
                    continue
                if undone_entry := await undo_entry(connection, key, history, entry):
                    undone_entries.append(undone_entry)
                    history = await load_entries(connection, key)
        return undone_entries

    async def list_entries(self, user_id: str) -> list[Entry]:
        """Return all entries of the user's ledger, ended ones included, newest first."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return (await load_entries(connection, key))[::-1] if key else []

    async def get_persona(self, user_id: str) -> str | None:
        """Return the name or id of the user's persona, None for each family's default."""
        return (await self.get_choices(user_id)).persona

    async def get_choices(self, user_id: str) -> Choices:
        """Return the user's choices."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return await load_choices(connection, key) if key else Choices()

    async def change_choices(self, user_id: str, change: Callable[[Choices], Choices]) -> Choices:
        """Apply a change to the user's choices in one transaction; return the changed choices."""
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            new_choices = change(await load_choices(connection, key))
            await save_choices(connection, key, new_choices)
        return new_choices

    async def delete(self, user_id: str, profile_id: str) -> Choices | None:
        """Delete a profile of the user with its entries, signals and choices, and the votes on results made with it.

        The first profile is never deleted; results stay. Return the remaining choices, None if there is no such profile. Users
        who have paused storage can delete profiles, too.
        """
        async with self._database.write(f"profile {user_id}") as connection:
            key = await self._database.owners.find_key(connection, user_id)
            choices = await load_choices(connection, key) if key else Choices()
            if key is None or profile_id not in choices.profiles or not profile_id:
                return None
            new_choices = choices.without_profile(profile_id)
            await save_choices(connection, key, new_choices)
            for table in (tables.preferences, tables.feedback):
                await connection.execute(delete(table).where(table.c.user_id == user_id, table.c.profile == profile_id))
            await delete_signals(connection, key, lambda signal: signal.profile == profile_id)
        await self._database.checkpoint()
        return new_choices

    async def use_persona(self, user_id: str, name: str | None) -> None:
        """Choose a persona for future results; None restores the defaults."""
        await self.change_choices(user_id, lambda choices: replace(choices, persona=name))


def _find_new_values(known_profile: KnownProfile, values: Mapping[str, Any], *, is_chosen: bool) -> dict[str, Any]:
    """Return the validated values of fields and habits that differ from the known profile, and chosen fields without an entry.

    A chosen field counts even if it equals the default, since forms show the defaults.
    """
    before = known_profile.profile.model_dump(mode="json")
    fields = {name: value for name, value in values.items() if name not in Habits.model_fields}
    after = Profile.parse({**before, **fields}).model_dump(mode="json")
    new_values = {
        name: after[name]
        for name in fields
        if after[name] != before[name] or (is_chosen and name not in known_profile.sources)
    }
    for name in values.keys() - fields.keys():
        habit, source = validate_habit(name, values[name]), known_profile.sources.get(name)
        if habit != (source.value if source else validate_habit(name, Habits.model_fields[name].default)):
            new_values[name] = habit
    return new_values


async def _lock_brands(connection: AsyncConnection, brand_ids: Collection[str]) -> bool:
    """Lock brands until the transaction ends, so that none is deleted before; return whether all exist."""
    table = tables.brands
    query = select(table.c.id).where(table.c.id.in_(brand_ids)).with_for_update(read=True, key_share=True)
    return not brand_ids or len((await connection.execute(query)).all()) == len(brand_ids)


def _is_source_of(signal: Signal, entry: Entry, words: Sequence[str] | None) -> bool:
    """Return whether an entry was learnt from a signal; for a list, with the given words."""
    if signal.ref not in entry.evidence.split() or signal.field != entry.field:
        return False
    return words is None or not without([str(signal.value)], words)
