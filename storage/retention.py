"""Deletes data of servers that removed the bot, of former members and of old results, and stores servers' settings for sharing and
limits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, Table, bindparam, delete, func, select, true, union, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME, channel

from . import (
    bulk,
    byte_limits,
    courses,
    games,
    notifications,
    plays,
    schedule,
    shelves,
    table_jobs,
    tables,
    usage,
    workspaces,
)
from .crypto import Keyring
from .database import Database
from .owned_items import move_to_scope
from .owners import is_workspace, workspace
from .shielding import shield_methods
from .statements import insert_or_leave, insert_or_update

# How long data is stored of a server that removed the bot, or of a member who left: it may have been by mistake.
LEFT_RETENTION = timedelta(days=30)
# Built once, because building a query takes longer than running it.
_LIMITS_QUERY = select(tables.guilds.c.limits).where(tables.guilds.c.guild_id == bindparam("guild"))


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """The numbers of rows of a server and its channels, and of the users they are from."""

    users: int
    results: int
    documents: int
    brands: int
    own_personas: int
    preferences: int


@shield_methods
class Retention:
    """Retention and settings that operators and servers decide. No method returns content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete_expired(self, *, results: timedelta | None = None, now: datetime | None = None) -> int:
        """Delete the data of servers and members that left long ago, results older than `results` (None for no limit), and old jobs
        and plays; return the number of deleted results.

        Of a server, its own data, its members' preferences for it and the results from it are deleted; what they shared with it
        becomes private.
        """
        now = now or datetime.now(UTC)
        generations, guilds, departures = tables.generations, tables.guilds, tables.departures
        deleted_count, parent_ids = 0, list[str]()
        # The lock keeps a server or member that comes back in the meantime from being deleted.
        async with self._database.write("guilds") as connection:
            expired_guilds = select(guilds.c.guild_id).where(guilds.c.left_at < now - LEFT_RETENTION)
            for guild_id in list(await connection.scalars(expired_guilds)):
                if await _has_key(connection, workspace(guild_id)):
                    parent_ids += await workspaces.delete_workspace(self._database, connection, guild_id)
                deleted_count += await _delete_server_rows(connection, self._database.keys, guild_id)
                await connection.execute(delete(guilds).where(guilds.c.guild_id == guild_id))
                await connection.execute(delete(departures).where(departures.c.guild_id == guild_id))
            expired_departures = select(departures).where(departures.c.left_at < now - LEFT_RETENTION)
            for row in (await connection.execute(expired_departures)).all():
                deleted_count += await _delete_server_rows(connection, self._database.keys, row.guild_id, row.user_id)
                condition = (departures.c.guild_id == row.guild_id) & (departures.c.user_id == row.user_id)
                await connection.execute(delete(departures).where(condition))
            if results is not None:
                result = await connection.execute(delete(generations).where(generations.c.created_at < now - results))
                deleted_count += result.rowcount
                await schedule.delete_expired(connection, now - results)
            await bulk.delete_expired(connection, now - LEFT_RETENTION)
            await table_jobs.delete_expired(connection, now - LEFT_RETENTION)
            await plays.delete_expired(connection, now - LEFT_RETENTION)
            await shelves.delete_outdated(connection)
        await self._database.owners.destroy_parents(parent_ids)
        return deleted_count

    async def list_channels(self, since: datetime, limit: int = 500) -> list[tuple[str, str | None]]:
        """List the ids of channels with results since a time, each with its server's id (None for direct messages), the most
        recently used first.

        They are read from the results, so that they are forgotten together with these.
        """
        table = tables.generations
        query = (
            select(table.c.channel_id, func.max(table.c.guild_id).label("guild_id"))
            .where(table.c.created_at >= since, table.c.channel_id.is_not(None))
            .group_by(table.c.channel_id)
            .order_by(func.max(table.c.created_at).desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(row.channel_id, row.guild_id) for row in await connection.execute(query)]

    async def list_unseen(self, since: datetime) -> list[str]:
        """List the ids of users not seen since a time."""
        table = tables.owners
        async with self._database.read() as connection:
            owner_ids = await connection.scalars(select(table.c.owner_id).where(table.c.seen_at < since))
            return [owner_id for owner_id in owner_ids if not is_workspace(owner_id)]

    async def record_guilds(
        self, guild_ids: Collection[str], now: datetime | None = None, *, serves: Callable[[str], bool] = lambda _: True
    ) -> None:
        """Record the servers that the bot is in now. Scheduled deletions of their data are cancelled.

        Recorded servers that are missing have removed the bot, unless another process `serves` them.
        """
        table = tables.guilds
        async with self._database.write("guilds") as connection:
            for guild_id in guild_ids:
                await _record_guild(connection, guild_id, None, ())
            is_missing = table.c.guild_id.not_in(guild_ids) & table.c.left_at.is_(None)
            missing_ids = await connection.scalars(select(table.c.guild_id).where(is_missing))
            has_left = table.c.guild_id.in_([guild_id for guild_id in missing_ids if serves(guild_id)])
            await connection.execute(update(table).where(has_left).values(left_at=now or datetime.now(UTC)))

    async def record_join(self, guild_id: str, channel_ids: Iterable[str] = ()) -> None:
        """Record that the bot joined a server with these channels. A scheduled deletion of its data is cancelled."""
        async with self._database.write("guilds") as connection:
            await _record_guild(connection, guild_id, None, channel_ids)

    async def record_removal(self, guild_id: str, channel_ids: Iterable[str] = (), now: datetime | None = None) -> None:
        """Record that the bot was removed from a server with these channels."""
        async with self._database.write("guilds") as connection:
            await _record_guild(connection, guild_id, now or datetime.now(UTC), channel_ids)

    async def allow_sharing(self, guild_id: str, *, allowed: bool) -> None:
        """Store whether members of a server may share items with its channels."""
        async with self._database.write("guilds") as connection:
            values = {"lending": allowed}
            await connection.execute(insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values))

    async def is_sharing_allowed(self, guild_id: str) -> bool:
        """Return whether members of a server may share items with its channels; False by default."""
        table = tables.guilds
        async with self._database.read() as connection:
            query = select(table.c.lending).where(table.c.guild_id == guild_id)
            return bool(await connection.scalar(query))

    async def set_limits(self, guild_id: str, limits: str) -> None:
        """Store a server's limits in the format of bot/admission/limits.py; empty for the operator's."""
        async with self._database.write("guilds") as connection:
            values = {"limits": limits}
            await connection.execute(insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values))

    async def get_limits(self, guild_id: str) -> str:
        """Return a server's limits, empty for the operator's."""
        async with self._database.read() as connection:
            return str(await connection.scalar(_LIMITS_QUERY, {"guild": guild_id}) or "")

    async def list_inactive_members(self, guild_id: str, since: datetime) -> list[str]:
        """List the ids of users whose newest data in a server or its channels is older than `since`."""
        async with self._database.read() as connection:
            scopes = await workspaces.list_scopes(connection, guild_id)
            conditions = {table: _belongs_to_members(table, guild_id, scopes) for table in _list_scoped_tables()}
            for table in (tables.generations, tables.courses, tables.plays):
                conditions[table] = table.c.guild_id == guild_id
            queries = [
                select(_label_owner(table), table.c.created_at).where(condition)
                for table, condition in conditions.items()
            ]
            rows = union_all(*queries).subquery()
            query = select(rows.c.user_id).group_by(rows.c.user_id).having(func.max(rows.c.created_at) < since)
            return list(await connection.scalars(query))

    async def record_membership(
        self, guild_id: str, user_id: str, *, is_member: bool, now: datetime | None = None
    ) -> None:
        """Record whether a user is a member of a server. Data of former members there is deleted later."""
        table = tables.departures
        async with self._database.write("guilds") as connection:
            if is_member:
                condition = (table.c.guild_id == guild_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(condition))
            else:  # An earlier record stays.
                row = {"guild_id": guild_id, "user_id": user_id, "left_at": now or datetime.now(UTC)}
                await connection.execute(insert_or_leave(connection, table, row))

    async def count_bytes(self, owner_id: str) -> int:
        """Count the bytes of an owner's results or assets, documents and learnt tables."""
        async with self._database.read() as connection:
            return await byte_limits.count_bytes(connection, owner_id)

    async def count_rows(self, guild_id: str, channel_ids: Iterable[str] = ()) -> ServerCounts:
        """Count the rows of a server and its channels: the given ones and the known ones."""
        generations = tables.generations
        is_of_server = generations.c.guild_id == guild_id
        async with self._database.read() as connection:
            scopes = {*await workspaces.list_scopes(connection, guild_id), *map(channel, channel_ids)}
            user_queries = [
                select(_label_owner(table)).where(_belongs_to_members(table, guild_id, scopes))
                for table in _list_scoped_tables()
            ]
            user_ids = union(select(generations.c.user_id).where(is_of_server), *user_queries).subquery()

            async def count(rows: FromClause, condition: ColumnElement[bool]) -> int:
                return int(await connection.scalar(select(func.count()).select_from(rows).where(condition)) or 0)

            counts = {table.name: await count(table, table.c.scope.in_(scopes)) for table in _list_scoped_tables()}
            return ServerCounts(
                users=await count(user_ids, true()), results=await count(generations, is_of_server), **counts
            )


def _list_scoped_tables() -> list[Table]:
    """Return the tables of rows for a server or a channel by their scope."""
    return [tables.preferences, *tables.shareable]


def _label_owner(table: Table) -> ColumnElement[str]:
    """Return a table's owner column, labelled `user_id`."""
    return tables.get_owner_column(table).label("user_id")


def _belongs_to_members(table: Table, guild_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition for rows with some scopes of a server that belong to its members, not to the server itself."""
    return table.c.scope.in_(scopes) & (tables.get_owner_column(table) != workspace(guild_id))


async def _record_guild(
    connection: AsyncConnection, guild_id: str, left_at: datetime | None, channel_ids: Iterable[str]
) -> None:
    """Record when the bot left a server, None if it is in it, and add those of its channels that rows are scoped to.

    Channels that were deleted stay recorded, because rows may still be scoped to them.
    """
    ids_by_scope = {channel(channel_id): channel_id for channel_id in channel_ids}
    used_scopes = union(
        *(select(table.c.scope).where(table.c.scope.in_(ids_by_scope)) for table in _list_scoped_tables())
    )
    used_ids = {ids_by_scope[scope] for scope in await connection.scalars(used_scopes)} if ids_by_scope else set()
    recorded_ids = await workspaces.list_recorded_channels(connection, guild_id)
    values = {"left_at": left_at, "channels": ",".join(sorted(used_ids | recorded_ids)) or None}
    await connection.execute(insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values))


async def _has_key(connection: AsyncConnection, owner_id: str) -> bool:
    """Return whether an owner has a key; without one, nothing is stored for them that must be forgotten."""
    query = select(tables.owners.c.owner_id).where(tables.owners.c.owner_id == owner_id)
    return await connection.scalar(query) is not None


async def _delete_server_rows(
    connection: AsyncConnection, keys: Keyring, guild_id: str, user_id: str | None = None
) -> int:
    """Delete the data of a server and its channels, of one member or of all; return the number of deleted results.

    Shared items become private again, as they may be their owner's only copy.
    """
    generations, preferences = tables.generations, tables.preferences
    scopes = await workspaces.list_scopes(connection, guild_id)

    def is_affected(table: Table) -> ColumnElement[bool]:
        return true() if user_id is None else tables.get_owner_column(table) == user_id

    await connection.execute(delete(preferences).where(preferences.c.scope.in_(scopes), is_affected(preferences)))
    for table in tables.shareable:
        condition = _belongs_to_members(table, guild_id, scopes) & is_affected(table)
        await move_to_scope(connection, keys, table, condition, ME)
    if user_id is not None:
        # What they gave to the server stays, without their id.
        for table in tables.givable:
            condition = (table.c.owner_id == workspace(guild_id)) & (table.c.given_by == user_id)
            await connection.execute(update(table).where(condition).values(given_by=None))
        for table in (tables.review_marks, tables.aliases):
            condition = (table.c.owner_id == workspace(guild_id)) & (table.c.user_id == user_id)
            await connection.execute(delete(table).where(condition))
    await schedule.delete_server_rows(connection, guild_id, user_id)
    await games.delete_server_rows(connection, guild_id, user_id)
    await plays.delete_server_rows(connection, guild_id, user_id)
    await courses.unshare_from_server(connection, keys, guild_id, user_id)
    await usage.delete_server_rows(connection, guild_id, user_id)
    await notifications.delete_server_rows(connection, guild_id, user_id)
    result = await connection.execute(
        delete(generations).where(generations.c.guild_id == guild_id, is_affected(generations))
    )
    return result.rowcount
