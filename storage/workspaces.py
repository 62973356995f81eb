"""Counts, exports and erases everything stored about a workspace, which is a Discord server."""

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
    """The rows that each workspace itself owns. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_rows(self, guild_id: str) -> dict[str, int]:
        """Count the rows of a workspace in each table."""
        return await owner_rows.count_rows(self._database, workspace(guild_id))

    async def export(self, guild_id: str) -> dict[str, list[Record]]:
        """Return a workspace's decrypted rows by table, oldest first, with times in ISO 8601.

        The record of a row that cannot be decrypted has the key `owner_rows.UNREADABLE`.
        """
        rows_by_table = await owner_rows.export_rows(self._database, workspace(guild_id))
        # `export_rows` returns nothing for a workspace without a key, but these rows need none.
        conditions = {
            tables.guilds: tables.guilds.c.guild_id == guild_id,
            tables.usage: tables.usage.c.owner_id == workspace(guild_id),
            tables.failed_checks: tables.failed_checks.c.owner_id == workspace(guild_id),
        }
        for table, condition in conditions.items():
            if rows := await owner_rows.export_plain_rows(self._database, table, condition):
                rows_by_table[table.name] = rows
        return rows_by_table

    async def forget(self, guild_id: str, channel_ids: Iterable[str] = ()) -> Erasure:
        """Delete everything that a workspace owns, its key and its settings; items and courses shared with it become private.

        What its members wrote is their own and stays.
        """
        table = tables.guilds
        async with self._database.write("guilds") as connection:
            parent_ids = await delete_workspace(self._database, connection, guild_id)
            scopes = {*await list_scopes(connection, guild_id), *map(channel, channel_ids)}
            for shareable in tables.shareable:
                await move_to_scope(connection, self._database.keys, shareable, shareable.c.scope.in_(scopes), ME)
            await courses.unshare_from_server(connection, self._database.keys, guild_id)
            defaults = {"lending": False, "limits": ""}
            await connection.execute(update(table).where(table.c.guild_id == guild_id).values(defaults))
        return await self._database.owners.destroy_parents(parent_ids)


async def delete_workspace(database: Database, connection: AsyncConnection, guild_id: str) -> list[str]:
    """Delete everything that a workspace owns, its key, and users' preferences for its brands.

    Return the ids of the parent keys for `OwnerKeys.destroy_parents`. Requires a write transaction.
    """
    owner_id, brands, preferences = workspace(guild_id), tables.brands, tables.preferences
    brand_ids = await connection.scalars(select(brands.c.id).where(brands.c.owner_id == owner_id))
    scopes = [brand(brand_id) for brand_id in brand_ids]
    await connection.execute(delete(preferences).where(preferences.c.scope.in_(scopes)))
    return await owner_rows.delete_all(database, connection, owner_id)


async def list_recorded_channels(connection: AsyncConnection, guild_id: str) -> set[str]:
    """Return the ids of a server's channels that `Retention` recorded."""
    query = select(tables.guilds.c.channels).where(tables.guilds.c.guild_id == guild_id)
    return set(filter(None, (await connection.scalar(query) or "").split(",")))


async def list_scopes(connection: AsyncConnection, guild_id: str) -> list[str]:
    """Return the scopes of a server and its known channels: the recorded ones, and those with results."""
    results = tables.generations
    query = select(results.c.channel_id).where(results.c.guild_id == guild_id).distinct()
    result_channels = set(filter(None, await connection.scalars(query)))
    return [guild(guild_id), *map(channel, await list_recorded_channels(connection, guild_id) | result_channels)]
