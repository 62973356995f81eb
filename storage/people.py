"""All that is kept of a person, whatever table it stands in: counted, given, forgotten, and no more of it for a while."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import PersonKey
from .database import Database, in_utc, is_paused
from .erasure import Erasure
from .whole import wholly

# A row as its person reads it.
Record = dict[str, Any]


@wholly
class People:
    """What is kept of each person. Every call names the person; a table with a user_id is known here without being told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, user_id: str) -> dict[str, int]:
        """How many rows each table holds of a person."""
        async with self._database.read() as connection:
            return {
                table.name: await _counted(connection, _of(table, user_id)) for table in (*tables.owned, *_dependent())
            }

    async def export(self, user_id: str) -> dict[str, list[Record]]:
        """Every row of a person by table, opened, oldest first; moments as ISO 8601."""
        found: dict[str, list[Record]] = {}
        async with self._database.read() as connection:
            key = await self._database.known_person(connection, user_id)
            if key is None:
                return found
            for table in (*tables.owned, *_dependent()):
                rows = await connection.execute(_of(table, user_id).order_by(*_oldest_first(table)))
                found[table.name] = [_record(table, row, key) for row in rows]
        return found

    async def forget(self, user_id: str) -> Erasure:
        """Deletes all that is kept of a person, and what opens it in copies; tells whether all copies are closed now."""
        # Two who have voted on each other's results would else wait for each other's votes.
        async with self._database.write("forget") as connection:
            await self._database.alone(connection, user_id)
            parents = await self._database.give_up_key(connection, user_id)
            for table in reversed(tables.owned):
                await connection.execute(delete(table).where(table.c.user_id == user_id))
        return await self._database.destroyed(parents)

    async def pause(self, user_id: str) -> None:
        """From now on nothing more is kept of a person; what is there stays."""
        await self._mark(user_id, datetime.now(UTC))

    async def resume(self, user_id: str) -> None:
        """Takes `pause` back."""
        await self._mark(user_id, None)

    async def paused(self, user_id: str) -> bool:
        """Whether a person has paused."""
        async with self._database.read() as connection:
            return await is_paused(connection, user_id)

    async def _mark(self, user_id: str, paused_at: datetime | None) -> None:
        table = tables.users
        async with self._database.write() as connection:
            await self._database.met(connection, user_id)
            await connection.execute(update(table).where(table.c.user_id == user_id).values(paused_at=paused_at))


def _dependent() -> Sequence[Table]:
    """Tables without a person, whose rows hang on one that has, and hold what somebody can read."""
    others = [table for table in tables.metadata.sorted_tables if table not in tables.owned and "sealed" in table.c]
    return [table for table in others if _parent(table) is not None]


def _parent(table: Table) -> Table | None:
    return next((one.column.table for one in table.foreign_keys if one.column.table in tables.owned), None)


def _of(table: Table, user_id: str) -> Select[Any]:
    """A person's rows."""
    if "user_id" in table.c:
        return select(table).where(table.c.user_id == user_id)
    parent = _parent(table)
    assert parent is not None
    return select(table).join(parent).where(parent.c.user_id == user_id)


def _oldest_first(table: Table) -> Sequence[Any]:
    return [table.c[name] for name in ("created_at", "updated_at") if name in table.c] or list(table.primary_key)


async def _counted(connection: AsyncConnection, rows: Select[Any]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(rows.subquery())) or 0)


def _record(table: Table, row: Row[Any], key: PersonKey) -> Record:
    """A row with what is sealed in it; keys and vectors, which nobody reads, are left out."""
    values = dict(row._mapping)
    sealed = values.pop("sealed", None)
    record = {name: _shown(value) for name, value in values.items() if not isinstance(value, bytes)}
    if sealed is not None:
        opened: Any = None
        with suppress(UnicodeDecodeError, json.JSONDecodeError):
            opened = key.open(sealed, tables.purpose(table, values))
        if isinstance(opened, dict):
            record |= {name: one for name, one in opened.items() if name != "vector"}
        elif opened is not None:
            record["content"] = opened
    return record


def _shown(value: Any) -> Any:
    return in_utc(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value
