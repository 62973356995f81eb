"""Copies a database into another, between SQLite and PostgreSQL or two of a kind, and compares what arrived."""

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
from .statements import to_utc

_ROWS_AT_ONCE = 200
# Leases are not copied: no process works on the copy yet.
_COPIED_TABLES = [table for table in tables.metadata.sorted_tables if table is not tables.leases]


async def copy_database(source: Database, target: Database, *, replace: bool = False) -> dict[str, int]:
    """Copy every row unchanged, sealed ones sealed, in one transaction of the target; return the rows of each table.

    The source is read as of one moment. The target's tables are created if missing. The copy needs the keys that open
    the source.

    Raises:
        StorageError: the tables of one are of another version, the target holds rows and is not to be replaced, or what
            arrived differs from what was read; then the target is as it was.
    """
    if await source.read_revision() != REVISION:
        raise StorageError(
            f"The tables of {source.display_url} are not of this version. Run `quillmate db upgrade` on it first."
        )
    await target.upgrade()
    async with source.read() as reading, target.write("copy") as writing:
        if not source.is_embedded:
            await reading.execution_options(isolation_level="REPEATABLE READ")
        if not replace and (taken := [table.name for table in _COPIED_TABLES if await _count_rows(writing, table)]):
            raise StorageError(
                f"{target.display_url} holds rows already ({', '.join(taken[:3])}). `--replace` deletes them first."
            )
        for table in reversed(_COPIED_TABLES):
            await writing.execute(delete(table))
        copied, digests = {}, {}
        for table in _COPIED_TABLES:
            digest = _Digest()
            async for rows in _stream_rows(reading, table):
                digest.add(rows)
                await writing.execute(insert(table), rows)
            copied[table.name], digests[table.name] = digest.count, digest.value
        for table in _COPIED_TABLES:
            arrived = _Digest()
            async for rows in _stream_rows(writing, table):
                arrived.add(rows)
            if arrived.value != digests[table.name]:
                raise StorageError(
                    f"The rows of {table.name} arrived in {target.display_url} otherwise than they were read."
                )
    return copied


async def _count_rows(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def _stream_rows(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    async with connection.stream(select(table)) as result:
        async for part in result.mappings().partitions(_ROWS_AT_ONCE):
            yield [{name: _normalise(value) for name, value in row.items()} for row in part]


def _normalise(value: Any) -> Any:
    return to_utc(value) if isinstance(value, datetime) else value


class _Digest:
    """A number that is the same for the same rows in any order: databases sort text differently."""

    def __init__(self) -> None:
        self.count = self.value = 0

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            text = repr([value.timestamp() if isinstance(value, datetime) else value for value in row.values()])
            self.value = (self.value + int.from_bytes(hashlib.sha256(text.encode()).digest())) % 2**256
            self.count += 1
