"""All that is kept of a workspace, which is a Discord server: counted, given to who manages it, forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME, brand, channel, guild

from . import courses, owner_rows, tables
from .database import Database
from .erasure import Erasure
from .owned_items import move_to_scope
from .owner_rows import Record
from .owners import workspace
from .shielding import shield_methods


@shield_methods
class Workspaces:
    """What belongs to each server itself. Every call names it; whether somebody may make the call is their caller's matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_rows(self, guild_id: str) -> dict[str, int]:
        """How many rows each table holds of a workspace."""
        return await owner_rows.count_rows(self._database, workspace(guild_id))

    async def export(self, guild_id: str) -> dict[str, list[Record]]:
        """Every row of a workspace by table, opened, oldest first; moments as ISO 8601. A row that does not open says so."""
        found = await owner_rows.export_rows(self._database, workspace(guild_id))
        if settings := await owner_rows.export_plain_rows(
            self._database, tables.guilds, tables.guilds.c.guild_id == guild_id
        ):
            found[tables.guilds.name] = settings
        for table in (
            tables.usage,
            tables.failed_checks,
        ):  # Counted also where the workspace owns nothing that takes a key.
            if rows := await owner_rows.export_plain_rows(
                self._database, table, table.c.owner_id == workspace(guild_id)
            ):
                found[table.name] = rows
        return found

    async def forget(self, guild_id: str, channel_ids: Iterable[str] = ()) -> Erasure:
        """Deletes all that a workspace owns with its key, and what was set for it; what is lent to it and its channels goes back.

        What its members wrote is theirs and stays. Tells whether all copies are closed now.
        """
        table = tables.guilds
        async with self._database.write("guilds") as connection:
            parents = await forget(self._database, connection, guild_id)
            scopes = {*await list_scopes(connection, guild_id), *map(channel, channel_ids)}
            for things in tables.shareable:
                await move_to_scope(connection, self._database.keys, things, things.c.scope.in_(scopes), ME)
            await courses.unshare_from_server(connection, self._database.keys, guild_id)
            unset = {"lending": False, "limits": ""}
            await connection.execute(update(table).where(table.c.guild_id == guild_id).values(unset))
        return await self._database.owners.destroy_parents(parents)


async def forget(database: Database, connection: AsyncConnection, guild_id: str) -> list[str]:
    """Deletes all that a workspace owns with its key; gives the parents to destroy after the transaction, which writes."""
    owner_id, things, told = workspace(guild_id), tables.brands, tables.preferences
    ids = await connection.scalars(select(things.c.id).where(things.c.owner_id == owner_id))
    # What was told for a brand holds for nothing once that is gone.
    await connection.execute(delete(told).where(told.c.scope.in_([brand(item_id) for item_id in ids])))
    return await owner_rows.delete_all(database, connection, owner_id)


async def list_recorded_channels(connection: AsyncConnection, guild_id: str) -> set[str]:
    """The ids of a server's channels as they were noted last."""
    query = select(tables.guilds.c.channels).where(tables.guilds.c.guild_id == guild_id)
    return set(filter(None, (await connection.scalar(query) or "").split(",")))


async def list_scopes(connection: AsyncConnection, guild_id: str) -> list[str]:
    """The scopes of a server and of those of its channels that are known: noted, or with results made there."""
    made = tables.generations
    used = await connection.scalars(select(made.c.channel_id).where(made.c.guild_id == guild_id).distinct())
    channels = await list_recorded_channels(connection, guild_id) | set(filter(None, used))
    return [guild(guild_id), *map(channel, channels)]
