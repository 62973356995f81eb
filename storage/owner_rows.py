"""Counts, exports and deletes all rows of an owner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables, usage
from .crypto import OwnerKey
from .damage import log_damaged_row
from .database import Database
from .errors import DamagedError
from .owners import is_workspace
from .statements import to_utc

# An exported row: its columns and decrypted fields.
Record = dict[str, Any]
# The key that marks the record of a row that cannot be decrypted.
UNREADABLE = "unreadable"
# Sealed fields that are not exported: vectors for searching, and the secrets of webhooks, which are shown only once.
_HIDDEN_FIELDS = ("vector", "secret")


async def count_rows(database: Database, owner_id: str) -> dict[str, int]:
    """Count an owner's rows by table."""
    async with database.read() as connection:
        return {table.name: await _count(connection, _select_rows(table, owner_id)) for table in _list_tables(owner_id)}


async def export_rows(database: Database, owner_id: str) -> dict[str, list[Record]]:
    """Return an owner's decrypted rows by table, oldest first, with times in ISO 8601.

    The record of a row that cannot be decrypted has the key UNREADABLE.
    """
    rows_by_table: dict[str, list[Record]] = {}
    async with database.read() as connection:
        key = await database.owners.find_key(connection, owner_id)
        if key is None:
            return rows_by_table
        for table in _list_tables(owner_id):
            rows = (await connection.execute(_select_rows(table, owner_id).order_by(*_choose_order(table)))).all()
            rows_by_table[table.name] = [
                _build_record(table, row, await _find_row_key(database, connection, table, row, key)) for row in rows
            ]
    return rows_by_table


async def _find_row_key(
    database: Database, connection: AsyncConnection, table: Table, row: Row[Any], owner_key: OwnerKey
) -> OwnerKey:
    """Return the key a row is sealed with: the owner's, or that of the workspace it was made for."""
    if table not in tables.made_for_workspaces or row.owner_id == owner_key.owner_id:
        return owner_key
    return await database.owners.find_key(connection, row.owner_id) or owner_key


async def export_plain_rows(database: Database, table: Table, condition: ColumnElement[bool]) -> list[Record]:
    """Return matching rows of a table that has no sealed column, with times in ISO 8601."""
    async with database.read() as connection:
        rows = await connection.execute(select(table).where(condition))
        return [{name: _to_plain(value) for name, value in row._mapping.items()} for row in rows]


async def count_damaged(database: Database, owner_id: str) -> int:
    """Count an owner's rows that cannot be decrypted."""
    records_by_table = await export_rows(database, owner_id)
    return sum(UNREADABLE in record for records in records_by_table.values() for record in records)


async def count_damaged_by_table(database: Database) -> dict[str, int]:
    """Count all owners' rows that cannot be decrypted, by table; tables without any are omitted."""
    counts: dict[str, int] = {}
    owners = tables.owners
    async with database.read() as connection:
        for table in (*tables.owned_tables, *_list_dependent_tables()):
            if "sealed" not in table.c:
                continue
            parent = None if table in tables.owned_tables else _find_parent(table)
            column = tables.get_owner_column(table if parent is None else parent)
            rows = table if parent is None else table.join(parent)
            if table is not owners and parent is not owners:
                rows = rows.outerjoin(owners, owners.c.owner_id == column)
            query = select(
                table,
                column.label("key_owner_id"),
                owners.c.wrapped_key.label("wrapped_owner_key"),
                owners.c.key_id.label("wrapping_key_id"),
            )
            async with connection.stream(query.select_from(rows).where(table.c.sealed.is_not(None))) as stream:
                count = sum([not _can_open(database, table, row) async for row in stream])
            if count:
                counts[table.name] = count
    return counts


def _can_open(database: Database, table: Table, row: Row[Any]) -> bool:
    try:
        if row.wrapped_owner_key is None:
            return False
        key = database.keys.unwrap(row.key_owner_id, row.wrapped_owner_key, row.wrapping_key_id)
        key.open_bytes(row.sealed, tables.build_purpose(table, row._mapping))
        return True
    except DamagedError:
        return False


async def list_contributions(database: Database, user_id: str) -> list[Record]:
    """List what a user gave to workspaces, oldest first in each table: its table, id, workspace and time.

    The content now belongs to the workspace, so it is not part of the records.
    """
    records: list[Record] = []
    async with database.read() as connection:
        for table in tables.givable:
            query = select(table.c.id, table.c.owner_id, table.c.created_at).where(table.c.given_by == user_id)
            for row in await connection.execute(query.order_by(table.c.created_at)):
                records.append(
                    {"table": table.name, **{name: _to_plain(value) for name, value in row._mapping.items()}}
                )
    return records


async def delete_all(database: Database, connection: AsyncConnection, owner_id: str) -> list[str]:
    """Delete all rows and the key of an owner, and remove a user's id from what they gave to workspaces.

    Return the ids of the parent keys for `OwnerKeys.destroy_parents`. Requires a write transaction.
    """
    await database.owners.lock(connection, owner_id)
    parent_ids = await database.owners.retire_key(connection, owner_id)
    await usage.anonymise(connection, owner_id)
    for table in reversed(tables.owned_tables):
        await connection.execute(delete(table).where(_belongs_to(table, owner_id)))
    if not is_workspace(owner_id):
        for table in tables.givable:
            await connection.execute(update(table).where(table.c.given_by == owner_id).values(given_by=None))
    return parent_ids


def _list_tables(owner_id: str) -> Sequence[Table]:
    """Return the tables that may contain an owner's rows, and their dependent tables."""
    if is_workspace(owner_id):
        return (*tables.workspace_tables, *_list_dependent_tables())
    return tuple(filter(tables.can_person_own, (*tables.owned_tables, *_list_dependent_tables())))


def _list_dependent_tables() -> Sequence[Table]:
    """Return the sealed tables without an owner column whose rows belong to those of an owned table."""
    return [
        table
        for table in tables.metadata.sorted_tables
        if table not in tables.owned_tables and "sealed" in table.c and _find_parent(table) is not None
    ]


def _find_parent(table: Table) -> Table | None:
    """Return the owned table that a table refers to."""
    referred_tables = (foreign_key.column.table for foreign_key in table.foreign_keys)
    return next((referred for referred in referred_tables if referred in tables.owned_tables), None)


def _select_rows(table: Table, owner_id: str) -> Select[Any]:
    """Select an owner's rows."""
    if table in tables.owned_tables:
        return select(table).where(_belongs_to(table, owner_id))
    parent = _find_parent(table)
    assert parent is not None
    return select(table).join(parent).where(tables.get_owner_column(parent) == owner_id)


def _belongs_to(table: Table, owner_id: str) -> ColumnElement[bool]:
    """Return the condition for an owner's rows, including those a user made for workspaces."""
    is_owned = tables.get_owner_column(table) == owner_id
    return or_(is_owned, table.c.user_id == owner_id) if table in tables.made_for_workspaces else is_owned


def _choose_order(table: Table) -> Sequence[Any]:
    """Return the columns that sort a table's rows by age, or else by primary key."""
    return [table.c[name] for name in ("created_at", "updated_at") if name in table.c] or list(table.primary_key)


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _build_record(table: Table, row: Row[Any], key: OwnerKey) -> Record:
    """Build the record of a row, with its decrypted fields but without keys, vectors and secrets."""
    values = dict(row._mapping)
    sealed = values.pop("sealed", None)
    record = {name: _to_plain(value) for name, value in values.items() if not isinstance(value, bytes)}
    if sealed is None:
        return record
    purpose, content = tables.build_purpose(table, values), None
    try:
        with suppress(UnicodeDecodeError, json.JSONDecodeError):  # Some tables seal bytes, which are not exported.
            content = key.open(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return record | {UNREADABLE: True}
    if isinstance(content, dict):
        record |= {name: value for name, value in content.items() if name not in _HIDDEN_FIELDS}
    elif content is not None:
        record["content"] = content
    return record


def _to_plain(value: Any) -> Any:
    return to_utc(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value
