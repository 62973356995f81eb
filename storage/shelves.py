"""Shelves: segments of the search index of an owner's library, each stored in pieces so that a search decrypts only a few.

An index must not contain deleted entries for long: a shelf with any is deleted, and its other entries are indexed again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .damage import open_bytes_or_none
from .database import Database
from .owners import is_workspace, workspace
from .shielding import shield_methods

_BATCH = 500
# The number of the piece that every shelf has.
HEAD_PIECE = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf: the number of its entries, its version, and the requested pieces by number."""

    id: str
    owner_id: str
    entries: int
    version: int
    pieces: dict[int, bytes]


@shield_methods
class Shelves:
    """Shelves by owner. The format of their pieces is the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(
        self, owner_ids: Sequence[str], pieces: Collection[int] | None = None, shelf_id: str = ""
    ) -> list[Shelf]:
        """Return the owners' shelves, or only one, with some of their pieces; None for all pieces.

        A shelf is omitted if one of these pieces was tampered with.
        """
        table, owners = tables.shelves, tables.owners
        condition: ColumnElement[bool] = table.c.of_owner.in_(owner_ids)
        if pieces is not None:
            condition &= table.c.piece.in_(pieces)
        if shelf_id:
            condition &= table.c.id == shelf_id
        async with self._database.read() as connection:
            key_query = select(owners.c.owner_id, owners.c.wrapped_key, owners.c.key_id)
            keys = {
                row.owner_id: self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
                for row in await connection.execute(key_query.where(owners.c.owner_id.in_(owner_ids)))
            }
            columns = (table.c.of_owner, table.c.id, table.c.piece, table.c.entries, table.c.version, table.c.packed)
            rows = (await connection.execute(select(*columns).where(condition))).all()
        shelves: dict[str, Shelf] = {}
        damaged_ids: set[str] = set()
        for row in rows:
            packed = open_bytes_or_none(keys[row.of_owner], row.packed, _build_purpose(row.id, row.piece))
            if packed is None:
                damaged_ids.add(row.id)
                continue
            shelf = shelves.setdefault(row.id, Shelf(row.id, row.of_owner, row.entries, row.version, {}))
            shelf.pieces[row.piece] = packed
        return [shelf for shelf in shelves.values() if shelf.id not in damaged_ids]

    async def load_with_room(self, owner_id: str, capacity: int) -> Shelf | None:
        """Return the owner's shelf with the fewest entries, with all pieces; None if all have `capacity` entries."""
        table = tables.shelves
        query = select(table.c.id).where(
            table.c.of_owner == owner_id, table.c.piece == HEAD_PIECE, table.c.entries < capacity
        )
        async with self._database.read() as connection:
            shelf_id = await connection.scalar(query.order_by(table.c.entries).limit(1))
        return next(iter(await self.load([owner_id], None, shelf_id)), None) if shelf_id else None

    async def put(
        self,
        owner_id: str,
        brands: Mapping[str, str],
        pieces: Mapping[int, bytes],
        entries: int,
        old_shelf: Shelf | None,
    ) -> bool:
        """Store a shelf with these pieces in place of the old one; return whether it was stored.

        `entries` is the number of its entries; `brands` are the brand ids of those that are new on it, by entry id. Nothing is
        stored if another process changed the old shelf, or if one of the new entries was deleted or indexed.
        """
        table, shelves = _choose_table(owner_id), tables.shelves
        async with self._database.write(f"shelves {owner_id}") as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            if key is None:
                return False
            shelf_id = old_shelf.id if old_shelf else secrets.token_hex(8)
            if old_shelf:
                condition = (shelves.c.id == shelf_id) & (shelves.c.of_owner == owner_id)
                query = select(shelves.c.version).where(condition, shelves.c.piece == HEAD_PIECE)
                if await connection.scalar(query) != old_shelf.version:
                    return False
                await connection.execute(delete(shelves).where(condition))
            updated_count = 0
            for brand in set(brands.values()):
                ids = [entry_id for entry_id, entry_brand in brands.items() if entry_brand == brand]
                for start in range(0, len(ids), _BATCH):
                    is_owned = tables.belongs_to(table, owner_id) & table.c.id.in_(ids[start : start + _BATCH])
                    statement = update(table).where(is_owned, table.c.shelf.is_(None))
                    result = await connection.execute(statement.values(shelf=shelf_id, brand=brand))
                    updated_count += result.rowcount
            if updated_count < len(brands):
                await connection.rollback()
                return False
            version = old_shelf.version + 1 if old_shelf else 0
            rows = [
                {
                    "id": shelf_id,
                    "piece": piece,
                    "of_owner": owner_id,
                    "entries": entries,
                    "version": version,
                    "packed": key.seal_bytes(packed, _build_purpose(shelf_id, piece)),
                }
                for piece, packed in pieces.items()
            ]
            await connection.execute(shelves.insert(), rows)
        return True


async def delete_outdated(connection: AsyncConnection) -> None:
    """Delete all shelves that index deleted or changed entries. Requires a write transaction."""
    shelves = tables.shelves
    for table in (tables.generations, tables.assets):
        owner_column = tables.get_owner_column(table)
        is_on_shelf = (owner_column == shelves.c.of_owner) & (table.c.shelf == shelves.c.id)
        current_count = select(func.count()).where(is_on_shelf).scalar_subquery()
        indexes_table = shelves.c.of_owner.startswith(workspace("")) == (table is tables.assets)
        query = select(shelves.c.id, shelves.c.of_owner).where(
            shelves.c.piece == HEAD_PIECE, indexes_table, shelves.c.entries != current_count
        )
        for row in (await connection.execute(query)).all():
            condition = (owner_column == row.of_owner) & (table.c.shelf == row.id)
            await connection.execute(update(table).where(condition).values(shelf=None))
            await connection.execute(delete(shelves).where(shelves.c.of_owner == row.of_owner, shelves.c.id == row.id))


def _choose_table(owner_id: str) -> Table:
    """Return the table of an owner's entries."""
    return tables.assets if is_workspace(owner_id) else tables.generations


def _build_purpose(shelf_id: str, piece: int) -> str:
    return f"shelves/{shelf_id}/{piece}"
