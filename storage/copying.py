"""Copies all rows from one database to another, each SQLite or PostgreSQL, and verifies the copy."""

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

_BATCH = 200
# Leases are not copied: no process works on the copy yet.
_COPIED_TABLES = [table for table in tables.metadata.sorted_tables if table is not tables.leases]


async def copy_database(source: Database, target: Database, *, replace: bool = False) -> dict[str, int]:
    """Copy all rows, still sealed, in one transaction; return the number of rows by table.

    The copy is a snapshot of the source and is decrypted with the same keys. The target's tables are created if they are
    missing; with `replace`, its rows are deleted first.

    Raises:
        StorageError: one of the databases has another revision, the target has rows without `replace`, or the rows
            differ after copying. The target's rows are then unchanged.
    """
    if await source.read_revision() != REVISION:
        raise StorageError(
            f"The tables of {source.display_url} are not of this version. Run `quillmate db upgrade` on it first."
        )
    await target.upgrade()
    async with source.read() as source_connection, target.write("copy") as target_connection:
        if not source.is_embedded:
            await source_connection.execution_options(isolation_level="REPEATABLE READ")
        if not replace and (
            filled_tables := [table.name for table in _COPIED_TABLES if await _count_rows(target_connection, table)]
        ):
            raise StorageError(
                f"{target.display_url} holds rows already ({', '.join(filled_tables[:3])}). `--replace` deletes them first."
            )
        for table in reversed(_COPIED_TABLES):
            await target_connection.execute(delete(table))
        digests = {table.name: _Digest() for table in _COPIED_TABLES}
        for table in _COPIED_TABLES:
            async for rows in _stream_rows(source_connection, table):
                digests[table.name].add(rows)
                await target_connection.execute(insert(table), rows)
        for table in _COPIED_TABLES:
            copy_digest = _Digest()
            async for rows in _stream_rows(target_connection, table):
                copy_digest.add(rows)
            if copy_digest.value != digests[table.name].value:
                raise StorageError(
                    f"The rows of {table.name} arrived in {target.display_url} otherwise than they were read."
                )
    return {name: digest.row_count for name, digest in digests.items()}


async def _count_rows(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def _stream_rows(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    async with connection.stream(select(table)) as result:
        async for rows in result.mappings().partitions(_BATCH):
            yield [{name: _normalise(value) for name, value in row.items()} for row in rows]


def _normalise(value: Any) -> Any:
    return to_utc(value) if isinstance(value, datetime) else value


class _Digest:
    """A checksum of rows that does not depend on their order: databases sort text differently."""

    def __init__(self) -> None:
        self.row_count = self.value = 0

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            text = repr([value.timestamp() if isinstance(value, datetime) else value for value in row.values()])
            self.value = (self.value + int.from_bytes(hashlib.sha256(text.encode()).digest())) % 2**256
            self.row_count += 1
