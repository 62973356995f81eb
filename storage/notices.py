"""How far people of each workspace were told what its audit holds for them, and how each wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .shielded import shielded_methods
from .statements import insert_or_leave, insert_or_update

# By a mention where reviews are shown, which goes for whoever has not chosen; by a direct message; not at all.
Way = Literal["mention", "direct", "nothing"]


@shielded_methods
class Notices:
    """What is to be told, as a stretch of each workspace's audit. Who may hear of what is the service's matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def choose(self, user_id: str, guild_id: str, way: Way) -> None:
        """Notes how somebody wants to be told in a server.

        Raises:
            PausedError: they want nothing to be kept.
        """
        keys = {"user_id": user_id, "guild_id": guild_id}
        async with self._database.write() as connection:
            await self._database.owners.key(connection, user_id)
            await connection.execute(insert_or_update(connection, tables.notice_ways, keys, {"way": way}))

    async def chosen(self, guild_id: str) -> dict[str, Way]:
        """How those who have chosen want to be told in a server, by their ids."""
        table = tables.notice_ways
        async with self._database.read() as connection:
            rows = await connection.execute(select(table.c.user_id, table.c.way).where(table.c.guild_id == guild_id))
            return {row.user_id: row.way for row in rows}

    async def wait(self, owner_id: str, number: int, due_at: datetime) -> None:
        """Has people told from an entry of an audit on, at `due_at` unless they are to be told before; in its transaction."""
        table = tables.notice_marks
        async with self._database.write(f"audit {owner_id}") as connection:
            fresh = {"of_owner": owner_id, "number": number - 1, "due_at": due_at}
            await connection.execute(insert_or_leave(connection, table, fresh))
            idle = (table.c.of_owner == owner_id) & table.c.due_at.is_(None)
            await connection.execute(update(table).where(idle).values(due_at=due_at))

    async def due(self, now: datetime) -> Sequence[str]:
        """The workspaces in which people are to be told something now."""
        table = tables.notice_marks
        async with self._database.read() as connection:
            return list(await connection.scalars(select(table.c.of_owner).where(table.c.due_at <= now)))

    async def take(self, owner_id: str, now: datetime) -> int | None:
        """Notes that people are told all that an audit holds by now; gives the entry they were told up to before.

        None where somebody else has taken it, so that nothing is told twice.
        """
        table, entries = tables.notice_marks, tables.audit
        async with self._database.write(f"audit {owner_id}") as connection:
            mine = (table.c.of_owner == owner_id) & (table.c.due_at <= now)
            before: int | None = await connection.scalar(select(table.c.number).where(mine))
            if before is None:
                return None
            of_it = select(entries.c.number).where(entries.c.of_owner == owner_id)
            last = await connection.scalar(of_it.order_by(entries.c.number.desc()).limit(1))
            await connection.execute(update(table).where(mine).values(number=last or before, due_at=None))
        return before


async def end(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Deletes how people wanted to be told in a server, one or all."""
    table = tables.notice_ways
    which = table.c.guild_id == guild_id
    await connection.execute(delete(table).where(which if user_id is None else which & (table.c.user_id == user_id)))
