"""Statements that databases write differently, and moments as they are read from them."""

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
    """An upsert in the words of the connection's database; where a row does not fit `where`, it stays and 0 rows change."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return (
            postgres_insert(table)
            .values(**keys, **values)
            .on_conflict_do_update(index_elements=list(keys), set_=values, where=where)
        )
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    insert = sqlite_insert(table).values(**keys, **values)
    return insert.on_conflict_do_update(index_elements=list(keys), set_=values, where=where)


def insert_or_add(connection: AsyncConnection, table: Table) -> Executable:
    """An insert of rows, given beside it, whose figures are added to those of a row with the same key."""
    return _build_adding_insert(connection.dialect.name, table)


@cache
def _build_adding_insert(dialect: str, table: Table) -> Executable:
    insert: Any
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        insert = postgres_insert(table)
    else:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        insert = sqlite_insert(table)
    keys = [column.name for column in table.primary_key]
    sums = {one.name: one + insert.excluded[one.name] for one in table.columns if one.name not in keys}
    return cast("Executable", insert.on_conflict_do_update(index_elements=keys, set_=sums))


def insert_or_leave(connection: AsyncConnection, table: Any, values: dict[str, Any]) -> Executable:
    """An insert that leaves a row of the same key as it is."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table).values(**values).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table).values(**values).on_conflict_do_nothing()


def to_utc(moment: datetime) -> datetime:
    """A moment that was read with its zone: SQLite keeps none, and what we write is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
