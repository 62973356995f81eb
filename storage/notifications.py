"""Pending notifications of workspaces' members, and how each member wants to be notified."""

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

# By a mention in the review channel (the default), by a direct message, or not at all.
NotificationMode = Literal["mention", "direct", "nothing"]


@shield_methods
class Notifications:
    """Notifications, as the range of each workspace's audit of which members are still to be notified. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_mode(self, user_id: str, guild_id: str, mode: NotificationMode) -> None:
        """Set how a member wants to be notified in a server.

        Raises:
            PausedError: the member has paused storage.
        """
        keys = {"user_id": user_id, "guild_id": guild_id}
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await connection.execute(insert_or_update(connection, tables.notice_ways, keys, {"way": mode}))

    async def list_modes(self, guild_id: str) -> dict[str, NotificationMode]:
        """Return the modes that members of a server have chosen, by user id."""
        table = tables.notice_ways
        async with self._database.read() as connection:
            rows = await connection.execute(select(table.c.user_id, table.c.way).where(table.c.guild_id == guild_id))
            return {row.user_id: row.way for row in rows}

    async def schedule(self, owner_id: str, number: int, due_at: datetime) -> None:
        """Schedule notifications of an audit entry and later ones, unless some are due already. In the entry's transaction."""
        table = tables.notice_marks
        async with self._database.write(f"audit {owner_id}") as connection:
            row = {"of_owner": owner_id, "number": number - 1, "due_at": due_at}
            await connection.execute(insert_or_leave(connection, table, row))
            is_idle = (table.c.of_owner == owner_id) & table.c.due_at.is_(None)
            await connection.execute(update(table).where(is_idle).values(due_at=due_at))

    async def list_due(self, now: datetime) -> Sequence[str]:
        """List the owner ids of the workspaces whose notifications are due."""
        table = tables.notice_marks
        async with self._database.read() as connection:
            return list(await connection.scalars(select(table.c.of_owner).where(table.c.due_at <= now)))

    async def claim_due(self, owner_id: str, now: datetime) -> int | None:
        """Mark an audit's members as notified of all entries; return the last entry that they were notified of before.

        None if another process was quicker, so that nothing is sent twice.
        """
        table, entries = tables.notice_marks, tables.audit
        async with self._database.write(f"audit {owner_id}") as connection:
            condition = (table.c.of_owner == owner_id) & (table.c.due_at <= now)
            notified_number: int | None = await connection.scalar(select(table.c.number).where(condition))
            if notified_number is None:
                return None
            query = select(entries.c.number).where(entries.c.of_owner == owner_id)
            last_number = await connection.scalar(query.order_by(entries.c.number.desc()).limit(1))
            values = {"number": last_number or notified_number, "due_at": None}
            await connection.execute(update(table).where(condition).values(values))
        return notified_number


async def delete_server_rows(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the modes of a server's members, of one user or of all."""
    table = tables.notice_ways
    condition = table.c.guild_id == guild_id
    if user_id is not None:
        condition &= table.c.user_id == user_id
    await connection.execute(delete(table).where(condition))
