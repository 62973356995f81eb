"""All that is kept of an owner, whatever table it stands in: counted, given, forgotten; a table that names an owner is known."""

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

# A row as its owner reads it.
Record = dict[str, Any]
# What the records of a row that was changed in the database say instead of what stood in it.
UNREADABLE = "unreadable"
# What of a sealed row nobody reads: what is reckoned with, and the secrets of webhooks, which are shown once.
_HIDDEN_FIELDS = ("vector", "secret")


async def count_rows(database: Database, owner_id: str) -> dict[str, int]:
    """How many rows each table holds of an owner."""
    async with database.read() as connection:
        return {table.name: await _count(connection, _select_rows(table, owner_id)) for table in _list_tables(owner_id)}


async def export_rows(database: Database, owner_id: str) -> dict[str, list[Record]]:
    """Every row of an owner by table, opened, oldest first; moments as ISO 8601. A row that does not open says so."""
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
    """The key that a row is sealed with: that of the owner asked for, or of the workspace that they made it for."""
    if table not in tables.made_for_workspaces or row.owner_id == own.owner_id:
        return own
    return await database.owners.find_key(connection, row.owner_id) or own


async def export_plain_rows(database: Database, table: Table, which: ColumnElement[bool]) -> list[Record]:
    """Rows of a table in which nothing is sealed."""
    async with database.read() as connection:
        rows = await connection.execute(select(table).where(which))
        return [{name: _to_plain(value) for name, value in row._mapping.items()} for row in rows]


async def count_damaged(database: Database, owner_id: str) -> int:
    """How many rows of an owner do not open, as they were changed in the database."""
    return sum(UNREADABLE in record for rows in (await export_rows(database, owner_id)).values() for record in rows)


async def count_damaged_by_table(database: Database) -> dict[str, int]:
    """How many rows of each table do not open, whoever owns them or nobody; tables without any are left out."""
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
    """Tables that may hold rows of an owner, with those that hang on them."""
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
    """An owner's rows."""
    if table in tables.owned_tables:
        return select(table).where(_belongs_to(table, owner_id))
    parent = _find_parent(table)
    assert parent is not None
    return select(table).join(parent).where(tables.get_owner_column(parent) == owner_id)


def _belongs_to(table: Table, owner_id: str) -> ColumnElement[bool]:
    """Which rows of an owned table are an owner's, with those that a person has made for workspaces."""
    mine = tables.get_owner_column(table) == owner_id
    return or_(mine, table.c.user_id == owner_id) if table in tables.made_for_workspaces else mine


def _choose_order(table: Table) -> Sequence[Any]:
    return [table.c[name] for name in ("created_at", "updated_at") if name in table.c] or list(table.primary_key)


async def _count(connection: AsyncConnection, rows: Select[Any]) -> int:
    return int(await connection.scalar(select(func.count()).select_from(rows.subquery())) or 0)


def _build_record(table: Table, row: Row[Any], key: OwnerKey) -> Record:
    """A row with what is sealed in it; keys, vectors and secrets, which nobody reads, are left out."""
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
