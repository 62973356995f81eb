"""Leases: which process works under a name, and until when, so that no two do at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .shielded import shielded_methods
from .statements import in_utc, insert_or_update

# Of those who change leases one does at a time.
_CLAIM = "leases"


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is somebody's, and until when."""

    holder: str
    expires_at: datetime


@shielded_methods
class Leases:
    """The leases of a database, each `seconds` long.

    By the clock of the database's server, as those of several machines differ; `clock` takes its place. A holder is
    "PLACE/PROCESS": of the processes of one place, such as a data folder, only one can run, so that the next takes over at once.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] | None = None) -> None:
        self._database, self._clock = database, clock

    async def take(self, names: Collection[str], holder: str, seconds: float, *, alike: str = "") -> Held | None:
        """Takes leases by their names, all of them or none; None when that was done, else what of it another holder has.

        Where names may begin `alike`, a living lease that begins so and ends otherwise than these, as "shard 0/1" does beside
        "shard 0/2", is in their way as well.
        """
        table = tables.leases
        async with self._database.write(_CLAIM) as connection:
            now = await self._now(connection)
            wanted: ColumnElement[bool] = table.c.slot.in_(names)
            if alike:
                wanted |= table.c.slot.startswith(alike, autoescape=True) & not_(table.c.slot.endswith(_end(names)))
            living = [
                row
                for row in await connection.execute(select(table).where(wanted))
                if in_utc(row.expires_at) > now and _place(row.holder) != _place(holder)
            ]
            if living:
                last = max(living, key=lambda row: row.expires_at)
                return Held(last.holder, in_utc(last.expires_at))
            values = {"holder": holder, "expires_at": now + timedelta(seconds=seconds)}
            for name in names:
                await connection.execute(insert_or_update(connection, table, {"slot": name}, values))
        return None

    async def renew(self, names: Collection[str], holder: str, seconds: float) -> bool:
        """Lengthens leases; False when one is another's meanwhile, or nobody's."""
        return await self._set(names, holder, seconds)

    async def release(self, names: Collection[str], holder: str) -> None:
        """Ends leases now; from then on anybody may take them."""
        await self._set(names, holder, 0)

    async def holds(self, name: str, holder: str) -> bool:
        """Whether a lease is this holder's and has not ended."""
        table = tables.leases
        async with self._database.read() as connection:
            expires = await connection.scalar(
                select(table.c.expires_at).where(table.c.slot == name, table.c.holder == holder)
            )
            return expires is not None and in_utc(expires) > await self._now(connection)

    async def standing(self) -> tuple[list[str], list[str]]:
        """The names of the leases that hold, and of those that have ended and were not taken again."""
        table = tables.leases
        async with self._database.read() as connection:
            now = await self._now(connection)
            rows = (await connection.execute(select(table.c.slot, table.c.expires_at).order_by(table.c.slot))).all()
        living = [row.slot for row in rows if in_utc(row.expires_at) > now]
        return living, [row.slot for row in rows if in_utc(row.expires_at) <= now]

    async def drop(self, names: Collection[str], holder: str | None = None) -> None:
        """Forgets leases of this holder's; without one those that have ended, whoever had them."""
        table = tables.leases
        async with self._database.write(_CLAIM) as connection:
            which = table.c.expires_at <= await self._now(connection) if holder is None else table.c.holder == holder
            await connection.execute(delete(table).where(table.c.slot.in_(names), which))

    async def _set(self, names: Collection[str], holder: str, seconds: float) -> bool:
        table = tables.leases
        # One statement, so nobody waits for others who renew theirs.
        async with self._database.write() as connection:
            now = await self._now(connection)
            changed = await connection.execute(
                update(table)
                .where(table.c.slot.in_(names), table.c.holder == holder)
                .values(expires_at=now + timedelta(seconds=seconds))
            )
            return changed.rowcount == len(names)

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self._database.embedded:
            return datetime.now(UTC)
        return in_utc((await connection.execute(select(func.clock_timestamp()))).scalar_one())


def _place(holder: str) -> str:
    return holder.partition("/")[0]


def _end(names: Collection[str]) -> str:
    """What all of some names end with, from their last slash on."""
    return "/" + next(iter(names)).rpartition("/")[2]
