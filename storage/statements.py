"""Insert statements whose syntax differs between SQLite and PostgreSQL, and the time zone of times read from them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable


def insert_or_update(
    connection: AsyncConnection,
    table: Any,
    keys: dict[str, Any],
    values: dict[str, Any],
    where: ColumnElement[bool] | None = None,
) -> Executable:
    """Return an insert that updates an existing row with the same keys; one that does not match `where` is left unchanged."""
    insert = _insert_into(connection.dialect.name, table).values(**keys, **values)
    return cast("Executable", insert.on_conflict_do_update(index_elements=list(keys), set_=values, where=where))


def insert_or_replace(connection: AsyncConnection, table: Table, names: tuple[str, ...], owner: str) -> Executable:
    """Return an insert of the columns `names` that replaces them in an existing row with the same primary key.

    The values are parameters of its execution. A row with another value in the column `owner` is left unchanged.
    """
    return _build_replacing_insert(connection.dialect.name, table, names, owner)


@cache
def _build_replacing_insert(dialect: str, table: Table, names: tuple[str, ...], owner: str) -> Executable:
    insert = _insert_into(dialect, table)
    keys = [column.name for column in table.primary_key]
    values = {name: insert.excluded[name] for name in names if name not in keys}
    has_same_owner = table.c[owner] == insert.excluded[owner]
    return cast("Executable", insert.on_conflict_do_update(index_elements=keys, set_=values, where=has_same_owner))


def insert_or_add(connection: AsyncConnection, table: Table) -> Executable:
    """Return an insert that adds its figures to those of an existing row with the same primary key.

    The values are parameters of its execution.
    """
    return _build_adding_insert(connection.dialect.name, table)


@cache
def _build_adding_insert(dialect: str, table: Table) -> Executable:
    insert = _insert_into(dialect, table)
    keys = [column.name for column in table.primary_key]
    sums = {column.name: column + insert.excluded[column.name] for column in table.columns if column.name not in keys}
    return cast("Executable", insert.on_conflict_do_update(index_elements=keys, set_=sums))


def _insert_into(dialect: str, table: Table) -> Any:
    """Return an insert in a database's dialect."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


def insert_or_leave(connection: AsyncConnection, table: Any, values: dict[str, Any]) -> Executable:
    """Return an insert that leaves an existing row with the same key unchanged."""
    insert = _insert_into(connection.dialect.name, table)
    return cast("Executable", insert.values(**values).on_conflict_do_nothing())


def to_utc(moment: datetime) -> datetime:
    """Return a time read from the database as an aware one: SQLite stores no zones, and all times are stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
