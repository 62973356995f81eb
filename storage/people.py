"""Counts, exports and erases everything stored about a user, and pauses further storage."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update

from . import owner_rows, tables
from .database import Database
from .erasure import Erasure
from .owner_keys import is_paused
from .owner_rows import Record
from .shielding import shield_methods


@shield_methods
class People:
    """The rows of each user. Every method takes the user's id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_rows(self, user_id: str) -> dict[str, int]:
        """Count the rows of a user in each table."""
        return await owner_rows.count_rows(self._database, user_id)

    async def export(self, user_id: str) -> dict[str, list[Record]]:
        """Return a user's decrypted rows by table, oldest first, with times in ISO 8601.

        The record of a row that cannot be decrypted has the key `owner_rows.UNREADABLE`.
        """
        return await owner_rows.export_rows(self._database, user_id)

    async def list_contributions(self, user_id: str) -> list[Record]:
        """List what a user gave to workspaces: its table, id, workspace and time, but not the content."""
        return await owner_rows.list_contributions(self._database, user_id)

    async def count_damaged(self, user_id: str) -> int:
        """Count a user's rows that cannot be decrypted because they were modified outside the application."""
        return await owner_rows.count_damaged(self._database, user_id)

    async def forget(self, user_id: str) -> Erasure:
        """Delete everything stored about a user, and the keys that could decrypt it in backups.

        What they gave to a workspace belongs to that workspace and stays, without their id.
        """
        # One at a time: two users who voted on each other's results would deadlock on the votes.
        async with self._database.write("forget") as connection:
            parent_ids = await owner_rows.delete_all(self._database, connection, user_id)
        return await self._database.owners.destroy_parents(parent_ids)

    async def pause(self, user_id: str) -> None:
        """Pause storage for a user: nothing more is stored about them, and existing rows stay."""
        await self._set_paused_at(user_id, datetime.now(UTC))

    async def resume(self, user_id: str) -> None:
        """Undo `pause`."""
        await self._set_paused_at(user_id, None)

    async def is_paused(self, user_id: str) -> bool:
        """Return whether a user has paused storage."""
        async with self._database.read() as connection:
            return await is_paused(connection, user_id)

    async def _set_paused_at(self, user_id: str, paused_at: datetime | None) -> None:
        table = tables.owners
        async with self._database.write() as connection:
            await self._database.owners.ensure_key(connection, user_id)
            await connection.execute(update(table).where(table.c.owner_id == user_id).values(paused_at=paused_at))
