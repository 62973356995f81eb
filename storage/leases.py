"""Leases on names, so that no two processes work under the same name at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .shielding import shield_methods
from .statements import insert_or_update, to_utc

# Acquiring and deleting leases is serialised; renewals are not.
_LOCK_NAME = "leases"


@dataclass(frozen=True, slots=True)
class HeldLease:
    """The holder and expiry of an active lease."""

    holder: str
    expires_at: datetime


@shield_methods
class Leases:
    """The leases of a database.

    Expiry uses the database server's clock, since clocks differ between machines (an embedded database has only the
    local one); pass `clock` to override it. A holder is "PLACE/PROCESS": only one process runs per place (such as a data
    folder), so a new process there takes over its lease without waiting.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] | None = None) -> None:
        self._database, self._clock = database, clock

    async def acquire(
        self, names: Collection[str], holder: str, seconds: float, *, conflict_prefix: str = ""
    ) -> HeldLease | None:
        """Acquire leases by name, all or none; return None on success, otherwise the conflicting lease that expires last.

        With a `conflict_prefix`, active leases that have this prefix but another suffix conflict as well, as "shard 0/1" does
        with "shard 0/2". All `names` must then have the same suffix.
        """
        table = tables.leases
        async with self._database.write(_LOCK_NAME) as connection:
            now = await self._now(connection)
            conflicts: ColumnElement[bool] = table.c.slot.in_(names)
            if conflict_prefix:
                conflicts |= table.c.slot.startswith(conflict_prefix, autoescape=True) & not_(
                    table.c.slot.endswith(_get_suffix(names))
                )
            conflicting_rows = [
                row
                for row in await connection.execute(select(table).where(conflicts))
                if to_utc(row.expires_at) > now and _get_place(row.holder) != _get_place(holder)
            ]
            if conflicting_rows:
                latest = max(conflicting_rows, key=lambda row: row.expires_at)
                return HeldLease(latest.holder, to_utc(latest.expires_at))
            values = {"holder": holder, "expires_at": now + timedelta(seconds=seconds)}
            for name in names:
                await connection.execute(insert_or_update(connection, table, {"slot": name}, values))
        return None

    async def renew(self, names: Collection[str], holder: str, seconds: float) -> bool:
        """Extend a holder's leases; return False if it no longer holds one of them."""
        return await self._set_expiry(names, holder, seconds)

    async def release(self, names: Collection[str], holder: str) -> None:
        """Let a holder's leases expire now, so that any process can acquire them."""
        await self._set_expiry(names, holder, 0)

    async def holds(self, name: str, holder: str) -> bool:
        """Return whether a holder has an unexpired lease."""
        table = tables.leases
        async with self._database.read() as connection:
            query = select(table.c.expires_at).where(table.c.slot == name, table.c.holder == holder)
            expires_at = await connection.scalar(query)
            return expires_at is not None and to_utc(expires_at) > await self._now(connection)

    async def list_names(self) -> tuple[list[str], list[str]]:
        """Return the names of the active leases and those of the expired ones."""
        table = tables.leases
        async with self._database.read() as connection:
            now = await self._now(connection)
            rows = (await connection.execute(select(table.c.slot, table.c.expires_at).order_by(table.c.slot))).all()
        active_names = [row.slot for row in rows if to_utc(row.expires_at) > now]
        return active_names, [row.slot for row in rows if to_utc(row.expires_at) <= now]

    async def delete(self, names: Collection[str], holder: str | None = None) -> None:
        """Delete leases of a holder by name; without a holder, those of the names that have expired."""
        table = tables.leases
        async with self._database.write(_LOCK_NAME) as connection:
            is_expired = table.c.expires_at <= await self._now(connection)
            condition = is_expired if holder is None else table.c.holder == holder
            await connection.execute(delete(table).where(table.c.slot.in_(names), condition))

    async def _set_expiry(self, names: Collection[str], holder: str, seconds: float) -> bool:
        table = tables.leases
        # A single statement, so that renewals do not wait for each other.
        async with self._database.write() as connection:
            now = await self._now(connection)
            result = await connection.execute(
                update(table)
                .where(table.c.slot.in_(names), table.c.holder == holder)
                .values(expires_at=now + timedelta(seconds=seconds))
            )
            return result.rowcount == len(names)

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self._database.is_embedded:
            return datetime.now(UTC)
        return to_utc((await connection.execute(select(func.clock_timestamp()))).scalar_one())


def _get_place(holder: str) -> str:
    return holder.partition("/")[0]


def _get_suffix(names: Collection[str]) -> str:
    """Return the suffix of the names from their last slash on, which is the same for all."""
    return "/" + next(iter(names)).rpartition("/")[2]
