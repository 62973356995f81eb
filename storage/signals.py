"""Signals of users' tastes, stored until they are retracted or undone.

Adding and deleting them requires the lock of the user's profile, because its learnt entries are derived from all signals.
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

# Per user; then the oldest are deleted.
MAX_SIGNALS = 300
_SEALED_FIELDS = ("field", "value", "source", "result", "profile", "brand")


@shield_methods
class Signals:
    """Signals by user. `Profiles` stores and deletes them, together with what is learnt from them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_all(self, user_id: str) -> list[Signal]:
        """Return the user's signals, oldest first."""
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, user_id)
            return await _load_all(connection, key) if key else []


async def add_signals(connection: AsyncConnection, key: OwnerKey, signals: Sequence[Signal]) -> list[Signal]:
    """Store a user's signals unless they are stored already; return all signals of the user, oldest first."""
    table = tables.signals
    all_signals = await _load_all(connection, key)
    known_signals = {(known.ref, known.field, str(known.value)) for known in all_signals}
    for signal in signals:
        if (signal.ref, signal.field, str(signal.value)) in known_signals:
            continue
        new_signal = replace(signal, id=secrets.token_hex(8), created_at=datetime.now(UTC))
        sealed = key.seal({name: getattr(new_signal, name) for name in _SEALED_FIELDS}, f"signals/{new_signal.id}")
        values = {"id": new_signal.id, "user_id": key.owner_id, "sealed": sealed, "created_at": new_signal.created_at}
        await connection.execute(table.insert().values(values))
        all_signals.append(new_signal)
    await _delete(connection, all_signals[:-MAX_SIGNALS])
    return all_signals[-MAX_SIGNALS:]


async def delete_signals(connection: AsyncConnection, key: OwnerKey, matches: Callable[[Signal], bool]) -> int:
    """Delete the signals of a user that match; return their number."""
    matching_signals = [signal for signal in await _load_all(connection, key) if matches(signal)]
    await _delete(connection, matching_signals)
    return len(matching_signals)


async def _delete(connection: AsyncConnection, signals: Sequence[Signal]) -> None:
    if signals:
        table = tables.signals
        await connection.execute(delete(table).where(table.c.id.in_([signal.id for signal in signals])))


async def _load_all(connection: AsyncConnection, key: OwnerKey) -> list[Signal]:
    table = tables.signals
    query = select(table).where(table.c.user_id == key.owner_id).order_by(table.c.created_at, table.c.id)
    signals = []
    for row in await connection.execute(query):
        if fields := open_or_none(key, row.sealed, f"signals/{row.id}"):
            signals.append(Signal(id=row.id, created_at=to_utc(row.created_at), **fields))
    return signals
