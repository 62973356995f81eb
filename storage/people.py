"""All rows of a user: counted, exported, forgotten, and paused."""

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
    """The rows of each user. Every call names the user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_rows(self, user_id: str) -> dict[str, int]:
        """Count the rows of a user in each table."""
        return await owner_rows.count_rows(self._database, user_id)

    async def export(self, user_id: str) -> dict[str, list[Record]]:
        """Every row of a person by table, opened, oldest first; moments as ISO 8601. A row that does not open says so."""
        return await owner_rows.export_rows(self._database, user_id)

    async def list_given(self, user_id: str) -> list[Record]:
        """What a person gave to workspaces: ids and days, as the things themselves are not theirs any more."""
        return await owner_rows.list_given(self._database, user_id)

    async def count_damaged(self, user_id: str) -> int:
        """Count the rows of a user that do not open, as they were changed in the database."""
        return await owner_rows.count_damaged(self._database, user_id)

    async def forget(self, user_id: str) -> Erasure:
        """Deletes all that is kept of a person, and what opens it in copies; tells whether all copies are closed now.

        What they gave to a workspace is that workspace's and stays, without their id.
        """
        # Two who have voted on each other's results would else wait for each other's votes.
        async with self._database.write("forget") as connection:
            parents = await owner_rows.delete_all(self._database, connection, user_id)
        return await self._database.owners.destroy_parents(parents)

    async def pause(self, user_id: str) -> None:
        """Store nothing more about a user from now on; existing rows stay."""
        await self._set_paused_at(user_id, datetime.now(UTC))

    async def resume(self, user_id: str) -> None:
        """Undo `pause`."""
        await self._set_paused_at(user_id, None)

    async def is_paused(self, user_id: str) -> bool:
        """Return whether a user has paused."""
        async with self._database.read() as connection:
            return await is_paused(connection, user_id)

    async def _set_paused_at(self, user_id: str, paused_at: datetime | None) -> None:
        table = tables.owners
        async with self._database.write() as connection:
            await self._database.owners.ensure_key(connection, user_id)
            await connection.execute(update(table).where(table.c.owner_id == user_id).values(paused_at=paused_at))
