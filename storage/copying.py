"""Copies a whole database into another, between SQLite and PostgreSQL or two of a kind, and compares what arrived."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import REVISION, Database
from .errors import StorageError
from .statements import in_utc

_ROWS_AT_ONCE = 200
# Who is at work is no part of an installation: a copy has nobody at work yet.
_COPIED = [table for table in tables.metadata.sorted_tables if table is not tables.leases]


async def copy_database(source: Database, target: Database, *, replace: bool = False) -> dict[str, int]:
    """Copies every row as it is, sealed ones sealed, in one transaction of the target; gives the rows of each table.

    The source is read as it is at one moment. The target's tables are made where there are none. Whoever opens the copy needs
    the keys that open the source.

    Raises:
        StorageError: the tables of one are of another version, the target holds rows and is not to be replaced, or what
            arrived differs from what was read; then the target is as it was.
    """
    if await source.revision() != REVISION:
        raise StorageError(
            f"The tables of {source.shown} are not of this version. Run `quillmate db upgrade` on it first."
        )
    await target.upgrade()
    async with source.read() as reading, target.write("copy") as writing:
        if not source.embedded:
            await reading.execution_options(isolation_level="REPEATABLE READ")
        if not replace and (taken := [table.name for table in _COPIED if await _count(writing, table)]):
            raise StorageError(
                f"{target.shown} holds rows already ({', '.join(taken[:3])}). `--replace` deletes them first."
            )
        for table in reversed(_COPIED):
            await writing.execute(delete(table))
        copied, digests = {}, {}
        for table in _COPIED:
            digest = _Digest()
            async for rows in _rows(reading, table):
                digest.add(rows)
                await writing.execute(insert(table), rows)
            copied[table.name], digests[table.name] = digest.count, digest.value
        for table in _COPIED:
            arrived = _Digest()
            async for rows in _rows(writing, table):
                arrived.add(rows)
            if arrived.value != digests[table.name]:
                raise StorageError(f"The rows of {table.name} arrived in {target.shown} otherwise than they were read.")
    return copied


async def _count(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    async with connection.stream(select(table)) as result:
        async for part in result.mappings().partitions(_ROWS_AT_ONCE):
            yield [{name: _moment(value) for name, value in row.items()} for row in part]


def _moment(value: Any) -> Any:
    return in_utc(value) if isinstance(value, datetime) else value


class _Digest:
    """A number that is the same for the same rows in any order: databases sort text each their own way."""

    def __init__(self) -> None:
        self.count = self.value = 0

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            text = repr([value.timestamp() if isinstance(value, datetime) else value for value in row.values()])
            self.value = (self.value + int.from_bytes(hashlib.sha256(text.encode()).digest())) % 2**256
            self.count += 1
