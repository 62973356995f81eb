"""Signals of users' tastes, stored until they are retracted or undone.

They share their claim with the profile that they teach: what is learnt rests on those that are there when it is written.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.learning import Signal

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .shielding import shield_methods
from .statements import to_utc

# Maximum signals per user; the oldest are deleted.
MAX_SIGNALS = 300
_SEALED = ("field", "value", "source", "result", "profile", "brand")


@shield_methods
class Signals:
    """Signals by owner. Every call names the owner; what is learnt from them is kept and taken back by `Profiles`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_all(self, user_id: str) -> list[Signal]:
        """Return the owner's signals, oldest first."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return await _load_all(connection, key) if key else []


async def add_signals(connection: AsyncConnection, key: OwnerKey, signals: Sequence[Signal]) -> list[Signal]:
    """Store a user's new signals and return all of them, oldest first. Requires the profile's claim."""
    table = tables.signals
    kept = await _load_all(connection, key)
    seen = {(one.ref, one.field, str(one.value)) for one in kept}
    for signal in signals:
        if (signal.ref, signal.field, str(signal.value)) in seen:
            continue
        made = replace(signal, id=secrets.token_hex(8), created_at=datetime.now(UTC))
        sealed = key.seal({name: getattr(made, name) for name in _SEALED}, f"signals/{made.id}")
        values = {"id": made.id, "user_id": key.owner_id, "sealed": sealed, "created_at": made.created_at}
        await connection.execute(table.insert().values(values))
        kept.append(made)
    await _delete(connection, kept[:-MAX_SIGNALS])
    return kept[-MAX_SIGNALS:]


async def delete_signals(connection: AsyncConnection, key: OwnerKey, which: Callable[[Signal], bool]) -> int:
    """Delete some of a user's signals; return their number. Requires the profile's claim."""
    gone = [one for one in await _load_all(connection, key) if which(one)]
    await _delete(connection, gone)
    return len(gone)


async def _delete(connection: AsyncConnection, gone: Sequence[Signal]) -> None:
    if gone:
        table = tables.signals
        await connection.execute(delete(table).where(table.c.id.in_([one.id for one in gone])))


async def _load_all(connection: AsyncConnection, key: OwnerKey) -> list[Signal]:
    table = tables.signals
    query = select(table).where(table.c.user_id == key.owner_id).order_by(table.c.created_at, table.c.id)
    found = ((row, open_or_none(key, row.sealed, f"signals/{row.id}")) for row in await connection.execute(query))
    return [Signal(id=row.id, created_at=to_utc(row.created_at), **opened) for row, opened in found if opened]
