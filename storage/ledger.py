"""Reads and writes the entries of users' ledgers, each sealed in a row of `preferences`.

Writing requires a transaction that holds the lock of the user's profile.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.learning import LIST_FIELDS
from personas.ledger import Entry, find_successors, list_additions, without

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .statements import to_utc

_SEALED_FIELDS = ("field", "value", "origin", "evidence", "confidence")
# Built once, because building a query takes longer than running it.
_ENTRIES_QUERY = (
    select(tables.preferences)
    .where(tables.preferences.c.user_id == bindparam("owner"))
    .order_by(tables.preferences.c.created_at, tables.preferences.c.id)
)
_ACTIVE_ENTRIES_QUERY = _ENTRIES_QUERY.where(tables.preferences.c.ended_at.is_(None))


def generate_entry_id() -> str:
    """Generate an id for an entry."""
    return secrets.token_hex(8)


async def load_entries(connection: AsyncConnection, key: OwnerKey) -> list[Entry]:
    """Return all readable entries of the key's owner, oldest first."""
    rows = await connection.execute(_ENTRIES_QUERY, {"owner": key.owner_id})
    return [entry for row in rows if (entry := _open_entry(row, key)) is not None]


async def load_active_entries(connection: AsyncConnection, key: OwnerKey) -> list[Entry]:
    """Return the readable entries of the key's owner that have not ended, oldest first."""
    rows = await connection.execute(_ACTIVE_ENTRIES_QUERY, {"owner": key.owner_id})
    return [entry for row in rows if (entry := _open_entry(row, key)) is not None]


async def insert_entry(
    connection: AsyncConnection, key: OwnerKey, entry: Entry, active_entries: Sequence[Entry]
) -> None:
    """Store a new entry; it ends those of `active_entries` with the same field, scope and profile."""
    table = tables.preferences
    superseded_ids = [
        other.id
        for other in active_entries
        if (other.field, other.scope, other.profile) == (entry.field, entry.scope, entry.profile)
    ]
    if superseded_ids:
        values = {"ended_at": entry.created_at, "ended_by": entry.id}
        await connection.execute(update(table).where(table.c.id.in_(superseded_ids)).values(**values))
    await connection.execute(
        table.insert().values(
            id=entry.id,
            user_id=key.owner_id,
            profile=entry.profile,
            scope=entry.scope,
            sealed=_seal_entry(entry, key),
            created_at=entry.created_at,
        )
    )


async def undo_entry(
    connection: AsyncConnection, key: OwnerKey, history: Sequence[Entry], entry: Entry
) -> Entry | None:
    """Undo an entry and return it, a learnt list with only the removed words; None if it no longer applies."""
    table = tables.preferences
    successors = find_successors(history, entry)
    words = list_additions(history, entry) if entry.origin == "learnt" and entry.field in LIST_FIELDS else []
    # An ended list still applies if all its successors contain the words that it added.
    if entry.ended_at and not (
        successors and words and all(not without(words, successor.value) for successor in successors)
    ):
        return None
    for successor in successors:
        sealed = _seal_entry(replace(successor, value=without(successor.value, words)), key)
        await connection.execute(update(table).where(table.c.id == successor.id).values(sealed=sealed))
    # What the entry superseded takes its place: it is active again, or ended when the entry ended.
    is_owned = table.c.user_id == key.owner_id
    values = {"ended_at": entry.ended_at, "ended_by": entry.ended_by or None}
    await connection.execute(update(table).where(is_owned, table.c.ended_by == entry.id).values(**values))
    values = {"ended_at": datetime.now(UTC), "ended_by": None}
    await connection.execute(update(table).where(is_owned, table.c.id == entry.id).values(**values))
    return replace(entry, value=words) if words else entry


def _open_entry(row: Row[Any], key: OwnerKey) -> Entry | None:
    """Decrypt an entry; None if its row was tampered with."""
    fields = open_or_none(key, row.sealed, tables.build_purpose(tables.preferences, row._mapping))
    if fields is None:
        return None
    return Entry(
        id=row.id,
        scope=row.scope,
        profile=row.profile,
        created_at=to_utc(row.created_at),
        ended_at=to_utc(row.ended_at) if row.ended_at else None,
        ended_by=row.ended_by or "",
        **fields,
    )


def _seal_entry(entry: Entry, key: OwnerKey) -> bytes:
    row = {"id": entry.id, "scope": entry.scope, "profile": entry.profile}
    fields = {name: getattr(entry, name) for name in _SEALED_FIELDS}
    return key.seal(fields, tables.build_purpose(tables.preferences, row))
