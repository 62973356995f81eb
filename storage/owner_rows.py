"""All rows of an owner, in any table: counting, exporting and erasing them."""

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

# An exported row.
Record = dict[str, Any]
# The key that marks the record of a row that was tampered with.
UNREADABLE = "unreadable"
# What of a sealed row nobody reads: what is reckoned with, and the secrets of webhooks, which are shown once.
_HIDDEN_FIELDS = ("vector", "secret")


async def count_rows(database: Database, owner_id: str) -> dict[str, int]:
    """Count an owner's rows by table."""
    async with database.read() as connection:
        return {table.name: await _count(connection, _select_rows(table, owner_id)) for table in _list_tables(owner_id)}


async def export_rows(database: Database, owner_id: str) -> dict[str, list[Record]]:
    """Return an owner's decrypted rows by table, oldest first; times in ISO 8601. A row that cannot be decrypted is marked."""
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
    database: Database, connection: AsyncConnection, table: Table, row: Row[Any], own: OwnerKey
) -> OwnerKey:
    """Return the key a row is sealed with: the owner's, or that of the workspace it was made for."""
    if table not in tables.made_for_workspaces or row.owner_id == own.owner_id:
        return own
    return await database.owners.find_key(connection, row.owner_id) or own


async def export_plain_rows(database: Database, table: Table, which: ColumnElement[bool]) -> list[Record]:
    """Return the rows of a table without sealed columns."""
    async with database.read() as connection:
        rows = await connection.execute(select(table).where(which))
        return [{name: _to_plain(value) for name, value in row._mapping.items()} for row in rows]


async def count_damaged(database: Database, owner_id: str) -> int:
    """Count an owner's rows that were tampered with."""
    return sum(UNREADABLE in record for rows in (await export_rows(database, owner_id)).values() for record in rows)


async def count_damaged_by_table(database: Database) -> dict[str, int]:
    """Count the rows that cannot be decrypted by table, of all owners; tables without any are omitted."""
    counts: dict[str, int] = {}
    owners = tables.owners
    async with database.read() as connection:
        for table in (
            sealed_table
            for sealed_table in (*tables.owned_tables, *_list_dependent_tables())
            if "sealed" in sealed_table.c
        ):
            parent = None if table in tables.owned_tables else _find_parent(table)
            column = tables.get_owner_column(table if parent is None else parent)
            rows = table if parent is None else table.join(parent)
            if table is not owners and parent is not owners:
                rows = rows.outerjoin(owners, owners.c.owner_id == column)
            query = select(table, column.label("whose"), owners.c.wrapped_key.label("key"), owners.c.key_id.label("by"))
            async with connection.stream(query.select_from(rows).where(table.c.sealed.is_not(None))) as stream:
                count = sum([not _can_open(database, table, row) async for row in stream])
            if count:
                counts[table.name] = count
    return counts


def _can_open(database: Database, table: Table, row: Row[Any]) -> bool:
    try:
        key = database.keys.unwrap(row.whose, row.key, row.by) if row.key else None
        return key is not None and key.open_bytes(row.sealed, tables.build_purpose(table, row._mapping)) is not None
    except DamagedError:
        return False


async def list_contributions(database: Database, user_id: str) -> list[Record]:
    """List what a user gave to workspaces: only the table, id, workspace and time, because the content now belongs to
    the workspace.
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
    """Deletes all that is kept of an owner with its key; of a person also that they gave something to workspaces.

    Gives the parents that are to be destroyed once the transaction, which writes, has ended (`Database.destroyed`).
    """
    await database.owners.lock(connection, owner_id)
    parents = await database.owners.retire_key(connection, owner_id)
    await usage.anonymise(connection, owner_id)
    for table in reversed(tables.owned_tables):
        await connection.execute(delete(table).where(_belongs_to(table, owner_id)))
    if not is_workspace(owner_id):
        for table in tables.givable:
            await connection.execute(update(table).where(table.c.given_by == owner_id).values(given_by=None))
    return parents


def _list_tables(owner_id: str) -> Sequence[Table]:
    """Return the tables that may contain an owner's rows, and their dependent tables."""
    if is_workspace(owner_id):
        return (*tables.workspace_tables, *_list_dependent_tables())
    return tuple(filter(tables.can_person_own, (*tables.owned_tables, *_list_dependent_tables())))


def _list_dependent_tables() -> Sequence[Table]:
    """Tables without an owner, whose rows hang on one that has, and hold what somebody can read."""
    others = [
        table for table in tables.metadata.sorted_tables if table not in tables.owned_tables and "sealed" in table.c
    ]
    return [table for table in others if _find_parent(table) is not None]


def _find_parent(table: Table) -> Table | None:
    return next(
        (
            foreign_key.column.table
            for foreign_key in table.foreign_keys
            if foreign_key.column.table in tables.owned_tables
        ),
        None,
    )


def _select_rows(table: Table, owner_id: str) -> Select[Any]:
    """Select an owner's rows."""
    if table in tables.owned_tables:
        return select(table).where(_belongs_to(table, owner_id))
    parent = _find_parent(table)
    assert parent is not None
    return select(table).join(parent).where(tables.get_owner_column(parent) == owner_id)


def _belongs_to(table: Table, owner_id: str) -> ColumnElement[bool]:
    """Return the condition for an owner's rows, including those a user made for workspaces."""
    mine = tables.get_owner_column(table) == owner_id
    return or_(mine, table.c.user_id == owner_id) if table in tables.made_for_workspaces else mine


def _choose_order(table: Table) -> Sequence[Any]:
    return [table.c[name] for name in ("created_at", "updated_at") if name in table.c] or list(table.primary_key)


async def _count(connection: AsyncConnection, rows: Select[Any]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(rows.subquery())) or 0)


def _build_record(table: Table, row: Row[Any], key: OwnerKey) -> Record:
    """Build a record from a row and its decrypted fields, without keys, vectors and secrets."""
    values = dict(row._mapping)
    sealed = values.pop("sealed", None)
    record = {name: _to_plain(value) for name, value in values.items() if not isinstance(value, bytes)}
    if sealed is None:
        return record
    purpose, opened = tables.build_purpose(table, values), None
    try:
        with suppress(UnicodeDecodeError, json.JSONDecodeError):
            opened = key.open(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return record | {UNREADABLE: True}
    if isinstance(opened, dict):
        record |= {name: one for name, one in opened.items() if name not in _HIDDEN_FIELDS}
    elif opened is not None:
        record["content"] = opened
    return record


def _to_plain(value: Any) -> Any:
    return to_utc(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value
