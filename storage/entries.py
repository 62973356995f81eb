"""Entries of a library: a user's own results and a workspace's assets, listed, filtered, marked and collected alike."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, delete, exists, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables, usage
from .assets import ARCHIVED
from .damage import log_damaged_row, open_or_none
from .database import Database
from .errors import DamagedError, StorageError
from .owners import is_workspace
from .shielding import shield_methods
from .statements import to_utc

MAX_COLLECTIONS = 200


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A result or an asset as a library shows it.

    `author` is whose it was, None where that person was forgotten. `shelf` is where it is found by its words, None where it
    is not yet. Of an asset `version` says which one this is.
    """

    id: str
    owner_id: str
    kind: str
    title: str
    text: str
    parts: dict[str, Any]
    request: dict[str, Any]
    status: str
    star: bool
    author: str | None
    brand: str
    collection_id: str | None
    created_at: datetime
    collection: str = ""
    shelf: str | None = None
    version: int = 1

    @property
    def is_workspace_owned(self) -> bool:
        """Whether a workspace owns it."""
        return is_workspace(self.owner_id)


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """A filter of entries; empty fields match everything. `brand` and `collection` are ids.

    Without a status it matches all but archived entries.
    """

    kind: str = ""
    brand: str = ""
    status: str = ""
    author: str = ""
    since: datetime | None = None
    collection: str = ""
    starred: bool = False


# The default filter.
ALL = EntryFilter()


@dataclass(frozen=True, slots=True)
class EntryCollection:
    """A collection: its id, owner and name."""

    id: str
    owner_id: str
    name: str


# An entry's owner and id.
EntryPlace = tuple[str, str]


@shield_methods
class Entries:
    """Entries of owners: results of a user, assets of a workspace.

    Callers check who may see or change a workspace's entries.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_newest(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, offset: int, limit: int
    ) -> list[LibraryEntry]:
        """List up to `limit` matching entries from `offset` on, newest first. A result given to one of the owners is
        listed only as its asset.
        """
        async with self._database.read() as connection:
            collection_names = await self._load_collection_names(connection, owner_ids)
            rows = [_select_places(owner_id, owner_ids, entry_filter) for owner_id in owner_ids]
            all_rows = union_all(*rows).subquery() if len(rows) > 1 else rows[0].subquery()
            newest = select(all_rows).order_by(all_rows.c.created_at.desc(), all_rows.c.id).offset(offset).limit(limit)
            places = [(row.owner_id, row.id) for row in await connection.execute(newest)]
            return await self._load_places(connection, places, collection_names)

    async def list_places(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, limit: int
    ) -> set[EntryPlace] | None:
        """Return the places of all matching entries; None if there are more than `limit`."""
        places: set[EntryPlace] = set()
        async with self._database.read() as connection:
            for owner_id in owner_ids:
                which = _build_condition(owner_id, owner_ids, entry_filter)
                table = _choose_table(owner_id)
                ids = select(table.c.id).where(tables.get_owner_column(table) == owner_id, which)
                entry_ids = await connection.scalars(ids.limit(limit + 1 - len(places)))
                places.update(zip(repeat(owner_id), entry_ids.all()))
                if len(places) > limit:
                    return None
        return places

    async def filter_places(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, standing: Mapping[EntryPlace, str]
    ) -> list[EntryPlace]:
        """Return the entries that are still on the shelf they were found on and match the filter, in order."""
        matches: set[tuple[EntryPlace, str]] = set()
        async with self._database.read() as connection:
            for owner_id in owner_ids:
                ids = [entry_id for place_owner, entry_id in standing if place_owner == owner_id]
                if not ids:
                    continue
                table = _choose_table(owner_id)
                which = _has_ids(owner_id, ids) & _build_condition(owner_id, owner_ids, entry_filter)
                rows = await connection.execute(select(table.c.id, table.c.shelf).where(which))
                matches |= {((owner_id, row.id), row.shelf) for row in rows}
        return [place for place, shelf in standing.items() if (place, shelf) in matches]

    async def load_entries(self, owner_ids: Sequence[str], places: Sequence[EntryPlace]) -> list[LibraryEntry]:
        """Return the entries at some places of the owners, in that order; missing ones are omitted."""
        async with self._database.read() as connection:
            collection_names = await self._load_collection_names(connection, owner_ids)
            return await self._load_places(
                connection, [place for place in places if place[0] in owner_ids], collection_names
            )

    async def _load_places(
        self, connection: AsyncConnection, places: Sequence[EntryPlace], collection_names: Mapping[str, str]
    ) -> list[LibraryEntry]:
        entries_by_place: dict[EntryPlace, LibraryEntry] = {}
        for owner_id in dict.fromkeys(place_owner for place_owner, _ in places):
            ids = [entry_id for place_owner, entry_id in places if place_owner == owner_id]
            for row in await connection.execute(
                _select_with_keys(_choose_table(owner_id)).where(_has_ids(owner_id, ids))
            ):
                if entry := self._open_row(row, owner_id):
                    collection = collection_names.get(entry.collection_id or "", "")
                    entries_by_place[owner_id, entry.id] = replace(entry, collection=collection)
        return [entries_by_place[place] for place in places if place in entries_by_place]

    def _open_row(self, row: Row[Any], owner_id: str) -> LibraryEntry | None:
        table = _choose_table(owner_id)
        purpose = tables.build_purpose(table, row._mapping)
        try:
            whole = self._database.keys.unwrap(owner_id, row.wrapped_key, row.key_id).open(row.sealed, purpose)
        except DamagedError:
            log_damaged_row(purpose)
            return None
        shared = is_workspace(owner_id)
        return LibraryEntry(
            id=row.id,
            owner_id=owner_id,
            kind=row.kind,
            title=whole.get("title", ""),
            text=whole["text"],
            parts=whole["parts"],
            request=whole["request"],
            status=row.status,
            star=row.star,
            author=row.given_by if shared else owner_id,
            brand=row.brand if shared else whole.get("brand", ""),
            collection_id=row.collection_id,
            created_at=to_utc(row.created_at),
            shelf=row.shelf,
            version=row.version if shared else 1,
        )

    async def list_unshelved(self, owner_id: str, limit: int) -> list[LibraryEntry]:
        """List up to `limit` of the oldest entries of an owner that are on no shelf."""
        table = _choose_table(owner_id)
        condition = (tables.get_owner_column(table) == owner_id) & table.c.shelf.is_(None) & (table.c.kind != "")
        query = select(table.c.id).where(condition).order_by(table.c.created_at, table.c.id).limit(limit)
        async with self._database.read() as connection:
            ids = list(await connection.scalars(query))
            return await self._load_places(connection, [(owner_id, item_id) for item_id in ids], {})

    async def mark(self, owner_id: str, entry_id: str, change: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
        """Change an entry's star or status if it still matches `before`; return whether it did.

        Raises:
            PausedError: its owner wants nothing to be kept.
        """
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, owner_id)
            result = await _update_if_unchanged(connection, owner_id, entry_id, change, before)
            if result and not is_workspace(owner_id):
                await usage.update_acceptance(connection, entry_id)
            return result

    async def set_collection(self, owner_id: str, entry_id: str, name: str, before: str | None) -> bool:
        """Move an entry to its owner's collection of a name, creating it if needed; an empty name removes it from any.

        Return whether it was still in the collection with the id `before`. Empty collections are deleted.

        Raises:
            PausedError: its owner wants nothing to be kept.
            StorageError: the owner has the maximum number of collections.
        """
        table, entry_table = tables.collections, _choose_table(owner_id)
        async with self._database.write(f"collections {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            names_by_id = await self._load_collection_names(connection, [owner_id])
            collection_id = next(
                (one for one, called in names_by_id.items() if called.casefold() == name.casefold()), None
            )
            if name and collection_id is None:
                if len(names_by_id) >= MAX_COLLECTIONS:
                    raise StorageError(
                        "There are already {most} collections, which is the limit. Use one of them.",
                        most=MAX_COLLECTIONS,
                    )
                collection_id = secrets.token_hex(8)
                sealed = key.seal({"name": name}, tables.build_purpose(table, {"id": collection_id}))
                values = {"id": collection_id, "owner_id": owner_id, "sealed": sealed, "created_at": datetime.now(UTC)}
                await connection.execute(table.insert().values(values))
            change = {"collection_id": collection_id if name else None}
            result = await _update_if_unchanged(connection, owner_id, entry_id, change, {"collection_id": before})
            used = exists().where(
                tables.get_owner_column(entry_table) == owner_id, entry_table.c.collection_id == table.c.id
            )
            await connection.execute(delete(table).where(table.c.owner_id == owner_id, ~used))
        return result

    async def list_collections(self, owner_ids: Sequence[str]) -> list[EntryCollection]:
        """List the owners' collections in alphabetical order."""
        async with self._database.read() as connection:
            return await self._load_collections(connection, owner_ids)

    async def _load_collection_names(self, connection: AsyncConnection, owner_ids: Collection[str]) -> dict[str, str]:
        """Return the names of the owners' collections by id."""
        return {collection.id: collection.name for collection in await self._load_collections(connection, owner_ids)}

    async def _load_collections(self, connection: AsyncConnection, owner_ids: Collection[str]) -> list[EntryCollection]:
        table, owners = tables.collections, tables.owners
        query = select(table, owners.c.wrapped_key, owners.c.key_id).join(owners, owners.c.owner_id == table.c.owner_id)
        collections: list[EntryCollection] = []
        for row in await connection.execute(query.where(table.c.owner_id.in_(owner_ids))):
            key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            if fields := open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping)):
                collections.append(EntryCollection(row.id, row.owner_id, fields["name"]))
        return sorted(collections, key=lambda collection: collection.name.casefold())


async def _update_if_unchanged(
    connection: AsyncConnection, owner_id: str, entry_id: str, change: Mapping[str, Any], before: Mapping[str, Any]
) -> bool:
    table = _choose_table(owner_id)
    as_before = [table.c[name].is_not_distinct_from(value) for name, value in before.items()]
    moment = {"updated_at": datetime.now(UTC)} if "updated_at" in table.c else {}
    result = await connection.execute(
        update(table).where(_has_ids(owner_id, [entry_id]), *as_before).values({**change, **moment})
    )
    return bool(result.rowcount)


def _choose_table(owner_id: str) -> Table:
    """Return the table of an owner's entries."""
    return tables.assets if is_workspace(owner_id) else tables.generations


def _has_ids(owner_id: str, ids: Sequence[str]) -> ColumnElement[bool]:
    table = _choose_table(owner_id)
    return tables.belongs_to(table, owner_id) & table.c.id.in_(ids)


def _select_with_keys(table: Table) -> Select[Any]:
    """Select entries with their owners' wrapped keys."""
    owners = tables.owners
    keys = select(table, owners.c.wrapped_key, owners.c.key_id)
    return keys.join(owners, owners.c.owner_id == tables.get_owner_column(table))


def _select_places(owner_id: str, owner_ids: Sequence[str], entry_filter: EntryFilter) -> Select[Any]:
    """Select the places and times of an owner's entries that match a filter."""
    table = _choose_table(owner_id)
    columns = literal(owner_id).label("owner_id"), table.c.id, table.c.created_at
    return select(*columns).where(
        tables.get_owner_column(table) == owner_id, _build_condition(owner_id, owner_ids, entry_filter)
    )


def _build_condition(owner_id: str, owner_ids: Sequence[str], entry_filter: EntryFilter) -> ColumnElement[bool]:
    """Return the condition for an owner's matching entries in a list of all `owner_ids`."""
    table = _choose_table(owner_id)
    which = table.c.kind != ""
    which &= table.c.status == entry_filter.status if entry_filter.status else table.c.status != ARCHIVED
    if entry_filter.kind:
        which &= table.c.kind == entry_filter.kind
    if entry_filter.brand:
        which &= table.c.brand == entry_filter.brand
    if entry_filter.since:
        which &= table.c.created_at >= entry_filter.since
    if entry_filter.starred:
        which &= table.c.star
    if entry_filter.collection:
        which &= table.c.collection_id == entry_filter.collection
    if is_workspace(owner_id):
        return which & (table.c.given_by == entry_filter.author) if entry_filter.author else which
    if entry_filter.author and entry_filter.author != owner_id:
        return which & (table.c.id == "")
    assets = tables.assets
    given = exists().where(assets.c.source_id == table.c.id, assets.c.owner_id.in_(owner_ids))
    return which & ~given
