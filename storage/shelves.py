"""What a library is found by: an owner's entries stand on shelves, each an index in pieces, of which a search opens a few.

Whose row is gone must not be found by its words for longer: such a shelf is taken apart, and what is left is put up anew.
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
# The piece that every shelf has.
HEAD_PIECE = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf of an owner's as it is kept: how many entries stand on it, its version, and the pieces that were asked for."""

    id: str
    owner_id: str
    entries: int
    version: int
    pieces: Mapping[int, bytes]


@shield_methods
class Shelves:
    """Shelves by owner, sealed under the owner's key; what stands in their pieces is their maker's matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(
        self, owner_ids: Sequence[str], pieces: Collection[int] | None = None, shelf_id: str = ""
    ) -> list[Shelf]:
        """The owners' shelves with some of their pieces, all where none are named; one alone where that is named.

        A shelf with a piece that was changed in the database is left out.
        """
        table, owners = tables.shelves, tables.owners
        which: ColumnElement[bool] = table.c.of_owner.in_(owner_ids)
        if pieces is not None:
            which &= table.c.piece.in_(pieces)
        if shelf_id:
            which &= table.c.id == shelf_id
        async with self._database.read() as connection:
            wrapped = select(owners.c.owner_id, owners.c.wrapped_key, owners.c.key_id)
            keys = {
                row.owner_id: self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
                for row in await connection.execute(wrapped.where(owners.c.owner_id.in_(owner_ids)))
            }
            columns = (table.c.of_owner, table.c.id, table.c.piece, table.c.entries, table.c.version, table.c.packed)
            rows = (await connection.execute(select(*columns).where(which))).all()
        found: dict[str, tuple[str, int, int, dict[int, bytes]]] = {}
        damaged: set[str] = set()
        for owner_id, one, piece, entries, version, sealed in rows:
            packed = open_bytes_or_none(keys[owner_id], sealed, _build_purpose(one, piece))
            if packed is None:
                damaged.add(one)
                continue
            found.setdefault(one, (owner_id, entries, version, {}))[3][piece] = packed
        return [Shelf(one, *shelf) for one, shelf in found.items() if one not in damaged]

    async def load_with_room(self, owner_id: str, room: int) -> Shelf | None:
        """The shelf of an owner that has fewer entries than there is room for, with all its pieces; None where all are full."""
        table = tables.shelves
        query = select(table.c.id).where(
            table.c.of_owner == owner_id, table.c.piece == HEAD_PIECE, table.c.entries < room
        )
        async with self._database.read() as connection:
            found = await connection.scalar(query.order_by(table.c.entries).limit(1))
        return next(iter(await self.load([owner_id], None, found)), None) if found else None

    async def put(
        self, owner_id: str, brands: Mapping[str, str], pieces: Mapping[int, bytes], entries: int, old: Shelf | None
    ) -> bool:
        """Puts entries with their brands, by their ids, on a shelf of their owner's that is made of these pieces.

        It takes the place of the `old` one. Tells whether that could be done: not where another was quicker, or one of the
        entries is gone.
        """
        table, shelves = _choose_table(owner_id), tables.shelves
        async with self._database.write(f"shelves {owner_id}") as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            if key is None:
                return False
            shelf_id = old.id if old else secrets.token_hex(8)
            if old:
                condition = (shelves.c.id == shelf_id) & (shelves.c.of_owner == owner_id)
                kept = select(shelves.c.version).where(condition, shelves.c.piece == HEAD_PIECE)
                if await connection.scalar(kept) != old.version:
                    return False
                await connection.execute(delete(shelves).where(condition))
            put = 0
            for brand in set(brands.values()):
                ids = [one for one, named in brands.items() if named == brand]
                for start in range(0, len(ids), _BATCH):
                    mine = tables.belongs_to(table, owner_id) & table.c.id.in_(ids[start : start + _BATCH])
                    put += (
                        await connection.execute(
                            update(table).where(mine, table.c.shelf.is_(None)).values(shelf=shelf_id, brand=brand)
                        )
                    ).rowcount
            if put < len(brands):
                await connection.rollback()
                return False
            version = old.version + 1 if old else 0
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
    """Takes all shelves apart on which not as many entries stand as they were made of. In a transaction that writes."""
    shelves = tables.shelves
    for table in (tables.generations, tables.assets):
        owner = tables.get_owner_column(table)
        there = select(func.count()).where(owner == shelves.c.of_owner, table.c.shelf == shelves.c.id).scalar_subquery()
        whose = shelves.c.of_owner.startswith(workspace("")) == (table is tables.assets)
        uneven = select(shelves.c.id, shelves.c.of_owner).where(
            shelves.c.piece == HEAD_PIECE, whose, shelves.c.entries != there
        )
        for row in (await connection.execute(uneven)).all():
            await _delete(connection, table, row.of_owner, [row.id])


async def _delete(connection: AsyncConnection, table: Table, owner_id: str, ids: Sequence[str]) -> None:
    shelves = tables.shelves
    condition = (tables.get_owner_column(table) == owner_id) & table.c.shelf.in_(ids)
    await connection.execute(update(table).where(condition).values(shelf=None))
    await connection.execute(delete(shelves).where(shelves.c.of_owner == owner_id, shelves.c.id.in_(ids)))


def _choose_table(owner_id: str) -> Table:
    """Where the entries of an owner stand."""
    return tables.assets if is_workspace(owner_id) else tables.generations


def _build_purpose(shelf_id: str, piece: int) -> str:
    return f"shelves/{shelf_id}/{piece}"
