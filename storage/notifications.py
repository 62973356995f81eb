"""How far the members of each workspace were notified about its audit, and how each wants to be notified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .shielding import shield_methods
from .statements import insert_or_leave, insert_or_update

# By a mention in the channel of reviews, the default; by a direct message; not at all.
NotificationMode = Literal["mention", "direct", "nothing"]


@shield_methods
class Notifications:
    """Pending notifications, as a range of each workspace's audit. The service decides who may learn what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_mode(self, user_id: str, guild_id: str, way: NotificationMode) -> None:
        """Set how a member wants to be notified in a server.

        Raises:
            PausedError: they want nothing to be kept.
        """
        keys = {"user_id": user_id, "guild_id": guild_id}
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await connection.execute(insert_or_update(connection, tables.notice_ways, keys, {"way": way}))

    async def list_modes(self, guild_id: str) -> dict[str, NotificationMode]:
        """Return the modes that members of a server have chosen, by their ids."""
        table = tables.notice_ways
        async with self._database.read() as connection:
            rows = await connection.execute(select(table.c.user_id, table.c.way).where(table.c.guild_id == guild_id))
            return {row.user_id: row.way for row in rows}

    async def schedule(self, owner_id: str, number: int, due_at: datetime) -> None:
        """Schedule notifications from an audit entry on at `due_at`, unless they are due earlier; in its transaction."""
        table = tables.notice_marks
        async with self._database.write(f"audit {owner_id}") as connection:
            fresh = {"of_owner": owner_id, "number": number - 1, "due_at": due_at}
            await connection.execute(insert_or_leave(connection, table, fresh))
            idle = (table.c.of_owner == owner_id) & table.c.due_at.is_(None)
            await connection.execute(update(table).where(idle).values(due_at=due_at))

    async def list_due(self, now: datetime) -> Sequence[str]:
        """List the workspaces with notifications due now."""
        table = tables.notice_marks
        async with self._database.read() as connection:
            return list(await connection.scalars(select(table.c.of_owner).where(table.c.due_at <= now)))

    async def claim_due(self, owner_id: str, now: datetime) -> int | None:
        """Mark all entries of an audit as notified; return the entry up to which members were notified before.

        None if another process has claimed them, so that nothing is sent twice.
        """
        table, entries = tables.notice_marks, tables.audit
        async with self._database.write(f"audit {owner_id}") as connection:
            condition = (table.c.of_owner == owner_id) & (table.c.due_at <= now)
            before: int | None = await connection.scalar(select(table.c.number).where(condition))
            if before is None:
                return None
            of_it = select(entries.c.number).where(entries.c.of_owner == owner_id)
            last = await connection.scalar(of_it.order_by(entries.c.number.desc()).limit(1))
            await connection.execute(update(table).where(condition).values(number=last or before, due_at=None))
        return before


async def delete_of_server(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the modes of a server's members, one or all."""
    table = tables.notice_ways
    which = table.c.guild_id == guild_id
    await connection.execute(delete(table).where(which if user_id is None else which & (table.c.user_id == user_id)))
