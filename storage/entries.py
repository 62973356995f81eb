"""Library entries: a uniform way to list, filter, mark and collect users' results and workspaces' assets."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, delete, exists, false, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables, usage
from .assets import ARCHIVED
from .damage import log_damaged_row, open_or_none
from .database import Database
from .errors import DamagedError, StorageError
from .owned_items import select_with_keys
from .owners import is_workspace
from .shielding import shield_methods
from .statements import to_utc

MAX_COLLECTIONS = 200


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A result or an asset in a library.

    `author` is a user id, None for a forgotten user. `brand` and `collection_id` are ids, `collection` is the collection's name.
    `shelf` is the id of the shelf that indexes it, None if it is not indexed yet. `version` is an asset's current version.
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
    """A filter for entries; empty fields match everything. `brand`, `author` and `collection` are ids.

    Without a `status`, all but archived entries match.
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
    """Library entries by owner. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_newest(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, offset: int, limit: int
    ) -> list[LibraryEntry]:
        """List up to `limit` matching entries from `offset` on, newest first.

        A result that was given to one of the owners is listed only as its asset.
        """
        async with self._database.read() as connection:
            collection_names = await self._load_collection_names(connection, owner_ids)
            queries = [_select_places(owner_id, owner_ids, entry_filter) for owner_id in owner_ids]
            places_query = union_all(*queries).subquery() if len(queries) > 1 else queries[0].subquery()
            newest = select(places_query).order_by(places_query.c.created_at.desc(), places_query.c.id)
            rows = await connection.execute(newest.offset(offset).limit(limit))
            places = [(row.owner_id, row.id) for row in rows]
            return await self._load_places(connection, places, collection_names)

    async def list_places(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, limit: int
    ) -> set[EntryPlace] | None:
        """Return the places of all matching entries; None if there are more than `limit`."""
        places: set[EntryPlace] = set()
        async with self._database.read() as connection:
            for owner_id in owner_ids:
                table, condition = _choose_table(owner_id), _build_condition(owner_id, owner_ids, entry_filter)
                query = select(table.c.id).where(tables.get_owner_column(table) == owner_id, condition)
                entry_ids = await connection.scalars(query.limit(limit + 1 - len(places)))
                places.update((owner_id, entry_id) for entry_id in entry_ids)
                if len(places) > limit:
                    return None
        return places

    async def filter_places(
        self, owner_ids: Sequence[str], entry_filter: EntryFilter, shelf_by_place: Mapping[EntryPlace, str]
    ) -> list[EntryPlace]:
        """Return the places whose entries match the filter and are still on the shelf of that id, in order."""
        matches: set[tuple[EntryPlace, str]] = set()
        async with self._database.read() as connection:
            for owner_id in owner_ids:
                ids = [entry_id for place_owner_id, entry_id in shelf_by_place if place_owner_id == owner_id]
                if not ids:
                    continue
                table = _choose_table(owner_id)
                condition = _has_ids(owner_id, ids) & _build_condition(owner_id, owner_ids, entry_filter)
                rows = await connection.execute(select(table.c.id, table.c.shelf).where(condition))
                matches |= {((owner_id, row.id), row.shelf) for row in rows}
        return [place for place, shelf in shelf_by_place.items() if (place, shelf) in matches]

    async def load_entries(self, owner_ids: Sequence[str], places: Sequence[EntryPlace]) -> list[LibraryEntry]:
        """Return the entries at some places in that order, without missing ones and those of other owners."""
        async with self._database.read() as connection:
            collection_names = await self._load_collection_names(connection, owner_ids)
            owned_places = [(owner_id, entry_id) for owner_id, entry_id in places if owner_id in owner_ids]
            return await self._load_places(connection, owned_places, collection_names)

    async def _load_places(
        self, connection: AsyncConnection, places: Sequence[EntryPlace], collection_names: Mapping[str, str]
    ) -> list[LibraryEntry]:
        entries_by_place: dict[EntryPlace, LibraryEntry] = {}
        for owner_id in dict.fromkeys(place_owner_id for place_owner_id, _ in places):
            ids = [entry_id for place_owner_id, entry_id in places if place_owner_id == owner_id]
            query = select_with_keys(_choose_table(owner_id)).where(_has_ids(owner_id, ids))
            for row in await connection.execute(query):
                if entry := self._open_row(row, owner_id):
                    collection = collection_names.get(entry.collection_id or "", "")
                    entries_by_place[owner_id, entry.id] = replace(entry, collection=collection)
        return [entries_by_place[place] for place in places if place in entries_by_place]

    def _open_row(self, row: Row[Any], owner_id: str) -> LibraryEntry | None:
        table = _choose_table(owner_id)
        purpose = tables.build_purpose(table, row._mapping)
        try:
            fields = self._database.keys.unwrap(owner_id, row.wrapped_key, row.key_id).open(row.sealed, purpose)
        except DamagedError:
            log_damaged_row(purpose)
            return None
        is_asset = is_workspace(owner_id)
        return LibraryEntry(
            id=row.id,
            owner_id=owner_id,
            kind=row.kind,
            title=fields.get("title", ""),
            text=fields["text"],
            parts=fields["parts"],
            request=fields["request"],
            status=row.status,
            star=row.star,
            author=row.given_by if is_asset else owner_id,
            brand=row.brand if is_asset else fields.get("brand", ""),
            collection_id=row.collection_id,
            created_at=to_utc(row.created_at),
            shelf=row.shelf,
            version=row.version if is_asset else 1,
        )

    async def list_unshelved(self, owner_id: str, limit: int) -> list[LibraryEntry]:
        """List up to `limit` of an owner's entries that are not indexed yet, oldest first."""
        table = _choose_table(owner_id)
        condition = (tables.get_owner_column(table) == owner_id) & table.c.shelf.is_(None) & (table.c.kind != "")
        query = select(table.c.id).where(condition).order_by(table.c.created_at, table.c.id).limit(limit)
        async with self._database.read() as connection:
            ids = list(await connection.scalars(query))
            return await self._load_places(connection, [(owner_id, entry_id) for entry_id in ids], {})

    async def mark(self, owner_id: str, entry_id: str, change: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
        """Change an entry's `star` or `status` if its columns are as `expected`; return whether it was changed.

        Raises:
            PausedError: the owner has paused storage.
        """
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, owner_id)
            is_changed = await _update_if_unchanged(connection, owner_id, entry_id, change, expected)
            if is_changed and not is_workspace(owner_id):
                await usage.update_acceptance(connection, entry_id)
            return is_changed

    async def set_collection(self, owner_id: str, entry_id: str, name: str, expected_id: str | None) -> bool:
        """Move an entry to a collection by name, which is created if needed; an empty name removes it from its collection.

        Nothing is moved if its collection is not the one of `expected_id`; return whether it was. Empty collections are deleted.

        Raises:
            PausedError: the owner has paused storage.
            StorageError: the owner has the maximum number of collections.
        """
        table, entry_table = tables.collections, _choose_table(owner_id)
        async with self._database.write(f"collections {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            names_by_id = await self._load_collection_names(connection, [owner_id])
            ids_by_name = {known_name.casefold(): known_id for known_id, known_name in reversed(names_by_id.items())}
            collection_id = ids_by_name.get(name.casefold())
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
            expected = {"collection_id": expected_id}
            is_moved = await _update_if_unchanged(connection, owner_id, entry_id, change, expected)
            is_used = exists().where(
                tables.get_owner_column(entry_table) == owner_id, entry_table.c.collection_id == table.c.id
            )
            await connection.execute(delete(table).where(table.c.owner_id == owner_id, ~is_used))
        return is_moved

    async def list_collections(self, owner_ids: Sequence[str]) -> list[EntryCollection]:
        """List the owners' collections in alphabetical order."""
        async with self._database.read() as connection:
            return await self._load_collections(connection, owner_ids)

    async def _load_collection_names(self, connection: AsyncConnection, owner_ids: Collection[str]) -> dict[str, str]:
        """Return the names of the owners' collections by id."""
        return {collection.id: collection.name for collection in await self._load_collections(connection, owner_ids)}

    async def _load_collections(self, connection: AsyncConnection, owner_ids: Collection[str]) -> list[EntryCollection]:
        table = tables.collections
        collections: list[EntryCollection] = []
        for row in await connection.execute(select_with_keys(table).where(table.c.owner_id.in_(owner_ids))):
            key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            if fields := open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping)):
                collections.append(EntryCollection(row.id, row.owner_id, fields["name"]))
        return sorted(collections, key=lambda collection: collection.name.casefold())


async def _update_if_unchanged(
    connection: AsyncConnection, owner_id: str, entry_id: str, change: Mapping[str, Any], expected: Mapping[str, Any]
) -> bool:
    table, values = _choose_table(owner_id), dict(change)
    if "updated_at" in table.c:
        values["updated_at"] = datetime.now(UTC)
    is_unchanged = [table.c[name].is_not_distinct_from(value) for name, value in expected.items()]
    statement = update(table).where(_has_ids(owner_id, [entry_id]), *is_unchanged)
    result = await connection.execute(statement.values(values))
    return bool(result.rowcount)


def _choose_table(owner_id: str) -> Table:
    """Return the table of an owner's entries."""
    return tables.assets if is_workspace(owner_id) else tables.generations


def _has_ids(owner_id: str, ids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition for an owner's entries with some ids."""
    table = _choose_table(owner_id)
    return tables.belongs_to(table, owner_id) & table.c.id.in_(ids)


def _select_places(owner_id: str, owner_ids: Sequence[str], entry_filter: EntryFilter) -> Select[Any]:
    """Select the places and times of an owner's matching entries."""
    table = _choose_table(owner_id)
    columns = literal(owner_id).label("owner_id"), table.c.id, table.c.created_at
    return select(*columns).where(
        tables.get_owner_column(table) == owner_id, _build_condition(owner_id, owner_ids, entry_filter)
    )


def _build_condition(owner_id: str, owner_ids: Sequence[str], entry_filter: EntryFilter) -> ColumnElement[bool]:
    """Return the condition for an owner's matching entries, in a list of the entries of all `owner_ids`."""
    table = _choose_table(owner_id)
    condition = table.c.kind != ""
    condition &= table.c.status == entry_filter.status if entry_filter.status else table.c.status != ARCHIVED
    if entry_filter.kind:
        condition &= table.c.kind == entry_filter.kind
    if entry_filter.brand:
        condition &= table.c.brand == entry_filter.brand
    if entry_filter.since:
        condition &= table.c.created_at >= entry_filter.since
    if entry_filter.starred:
        condition &= table.c.star
    if entry_filter.collection:
        condition &= table.c.collection_id == entry_filter.collection
    if is_workspace(owner_id):
        return condition & (table.c.given_by == entry_filter.author) if entry_filter.author else condition
    if entry_filter.author and entry_filter.author != owner_id:
        return false()
    assets = tables.assets
    is_given = exists().where(assets.c.source_id == table.c.id, assets.c.owner_id.in_(owner_ids))
    return condition & ~is_given
