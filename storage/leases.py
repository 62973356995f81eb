"""Leases: which process works under a name, and until when, so that no two do at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .shielded import shielded_methods
from .statements import in_utc, insert_or_update


@shielded_methods
class Leases:
    """The leases of a database, each `seconds` long.

    By the clock of the database's server, as those of several machines differ; `clock` takes its place. A holder is
    "PLACE/PROCESS": of the processes of one place, such as a data folder, only one can run, so that the next takes over at once.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] | None = None) -> None:
        self._database, self._clock = database, clock

    async def take(self, slot: str, holder: str, seconds: float) -> datetime | None:
        """Takes a slot's lease; None when that was done, else until when another holder has it."""
        table = tables.leases
        async with self._database.write(f"lease/{slot}") as connection:
            now = await self._now(connection)
            row = (await connection.execute(select(table).where(table.c.slot == slot))).one_or_none()
            if row is not None and in_utc(row.expires_at) > now and _place(row.holder) != _place(holder):
                return in_utc(row.expires_at)
            values = {"holder": holder, "expires_at": now + timedelta(seconds=seconds)}
            await connection.execute(insert_or_update(connection, table, {"slot": slot}, values))
        return None

    async def renew(self, slot: str, holder: str, seconds: float) -> bool:
        """Lengthens a lease; False when it is another's meanwhile, or nobody's."""
        return await self._set(slot, holder, seconds)

    async def release(self, slot: str, holder: str) -> None:
        """Ends a lease now; from then on anybody may take it."""
        await self._set(slot, holder, 0)

    async def holds(self, slot: str, holder: str) -> bool:
        """Whether a lease is this holder's and has not ended."""
        table = tables.leases
        async with self._database.read() as connection:
            expires = await connection.scalar(
                select(table.c.expires_at).where(table.c.slot == slot, table.c.holder == holder)
            )
            return expires is not None and in_utc(expires) > await self._now(connection)

    async def held(self) -> list[str]:
        """Slots whose lease has not ended: somebody works under these names."""
        table = tables.leases
        async with self._database.read() as connection:
            found = await connection.scalars(
                select(table.c.slot).where(table.c.expires_at > await self._now(connection))
            )
            return sorted(found)

    async def abandoned(self, seconds: float) -> list[str]:
        """Slots whose lease ended so long ago, or longer, and was not taken again."""
        table = tables.leases
        async with self._database.read() as connection:
            ended = await self._now(connection) - timedelta(seconds=seconds)
            found = await connection.scalars(select(table.c.slot).where(table.c.expires_at <= ended))
            return sorted(found)

    async def drop(self, slot: str, seconds: float) -> bool:
        """Forgets a slot that is `abandoned` still; tells whether it was."""
        table = tables.leases
        async with self._database.write(f"lease/{slot}") as connection:
            ended = await self._now(connection) - timedelta(seconds=seconds)
            gone = await connection.execute(delete(table).where(table.c.slot == slot, table.c.expires_at <= ended))
            return gone.rowcount > 0

    async def _set(self, slot: str, holder: str, seconds: float) -> bool:
        table = tables.leases
        async with self._database.write(f"lease/{slot}") as connection:
            now = await self._now(connection)
            changed = await connection.execute(
                update(table)
                .where(table.c.slot == slot, table.c.holder == holder)
                .values(expires_at=now + timedelta(seconds=seconds))
            )
            return changed.rowcount > 0

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self._database.embedded:
            return datetime.now(UTC)
        return in_utc((await connection.execute(select(func.clock_timestamp()))).scalar_one())


def _place(holder: str) -> str:
    return holder.partition("/")[0]
