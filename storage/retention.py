"""Retention periods of results, of inactive users, and of servers that removed the bot."""

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

# What belongs to a server that has removed the bot, or that a person has left, is kept so long, in case it was a mistake.
LEFT_RETENTION = timedelta(days=30)
# Read at each request, and built once, which costs more than reading it.
_LIMITS = select(tables.guilds.c.limits).where(tables.guilds.c.guild_id == bindparam("guild"))


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """Counts of a server's data, which reveal no content."""

    people: int
    results: int
    documents: int
    brands: int
    own_personas: int
    preferences: int


@shield_methods
class Retention:
    """Retention and settings decided by the operator and servers. No method returns users' content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete_expired(self, *, results: timedelta | None = None, now: datetime | None = None) -> int:
        """Ends what belongs to servers that were left long ago, and results older than `results`; gives the results' number.

        What a server owns, what was told for it and what was made there is deleted; what was lent to it is its owner's alone
        again.
        """
        now = now or datetime.now(UTC)
        made, guilds, departures = tables.generations, tables.guilds, tables.departures
        deleted, parents = 0, list[str]()
        # Else a server that is joined again, or somebody who is back, while it looks would be ended all the same.
        async with self._database.write("guilds") as connection:
            gone = select(guilds.c.guild_id).where(guilds.c.left_at < now - LEFT_RETENTION)
            for guild_id in list(await connection.scalars(gone)):
                if await _has_key(connection, workspace(guild_id)):
                    parents += await workspaces.forget(self._database, connection, guild_id)
                deleted += await _delete_of_server(connection, self._database.keys, guild_id)
                await connection.execute(delete(guilds).where(guilds.c.guild_id == guild_id))
                await connection.execute(delete(departures).where(departures.c.guild_id == guild_id))
            for row in (
                await connection.execute(select(departures).where(departures.c.left_at < now - LEFT_RETENTION))
            ).all():
                deleted += await _delete_of_server(connection, self._database.keys, row.guild_id, row.user_id)
                condition = (departures.c.guild_id == row.guild_id) & (departures.c.user_id == row.user_id)
                await connection.execute(delete(departures).where(condition))
            if results is not None:
                result = await connection.execute(delete(made).where(made.c.created_at < now - results))
                deleted += result.rowcount
                await schedule.delete_expired(connection, now - results)
            await bulk.delete_expired(connection, now - LEFT_RETENTION)
            await table_jobs.delete_expired(connection, now - LEFT_RETENTION)
            await plays.delete_expired(connection, now - LEFT_RETENTION)
            await shelves.delete_outdated(connection)
        await self._database.owners.destroy_parents(parents)
        return deleted

    async def list_channels(self, since: datetime, limit: int = 500) -> list[tuple[str, str | None]]:
        """Where results were made since a moment, with the server of each; those used last first. Who made them is not told.

        Nothing is noted for this: it goes with what somebody has made, and so with whoever is forgotten.
        """
        made = tables.generations
        query = (
            select(made.c.channel_id, func.max(made.c.guild_id).label("guild_id"))
            .where(made.c.created_at >= since, made.c.channel_id.is_not(None))
            .group_by(made.c.channel_id)
            .order_by(func.max(made.c.created_at).desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(row.channel_id, row.guild_id) for row in await connection.execute(query)]

    async def list_unseen(self, since: datetime) -> list[str]:
        """List the ids of users not seen since a moment."""
        table = tables.owners
        async with self._database.read() as connection:
            found = await connection.scalars(select(table.c.owner_id).where(table.c.seen_at < since))
            return [one for one in found if not is_workspace(one)]

    async def record_guilds(
        self, guild_ids: Collection[str], now: datetime | None = None, *, serves: Callable[[str], bool] = lambda _: True
    ) -> None:
        """Notes the servers that the bot is in now: what was to go stays, and others it was in were left now, but for those that
        whoever tells does not serve.
        """
        table = tables.guilds
        async with self._database.write("guilds") as connection:
            for guild_id in guild_ids:
                await _record_guild(connection, guild_id, None, ())
            missing = table.c.guild_id.not_in(guild_ids) & table.c.left_at.is_(None)
            left = [one for one in await connection.scalars(select(table.c.guild_id).where(missing)) if serves(one)]
            condition = table.c.guild_id.in_(left)
            await connection.execute(update(table).where(condition).values(left_at=now or datetime.now(UTC)))

    async def record_join(self, guild_id: str, channel_ids: Iterable[str] = ()) -> None:
        """Record that the bot joined a server with these channels; a scheduled deletion is cancelled."""
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
        """Store a server's limits in the format of bot/admission/limits.py; "" for the operator's."""
        async with self._database.write("guilds") as connection:
            values = {"limits": limits}
            await connection.execute(insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values))

    async def get_limits(self, guild_id: str) -> str:
        """Return a server's limits, "" for the operator's."""
        async with self._database.read() as connection:
            return str(await connection.scalar(_LIMITS, {"guild": guild_id}) or "")

    async def list_inactive_members(self, guild_id: str, since: datetime) -> list[str]:
        """List the ids of users whose newest data in a server or its channels is older than a moment."""
        async with self._database.read() as connection:
            scopes = await workspaces.list_scopes(connection, guild_id)
            owned = [(tables.generations, tables.generations.c.guild_id == guild_id)]
            owned += [(table, _belongs_to_members(table, guild_id, scopes)) for table in _list_scoped_tables()]
            owned += [(table, table.c.guild_id == guild_id) for table in (tables.courses, tables.plays)]
            newest = union_all(
                *(select(_select_owner(table), table.c.created_at).where(which) for table, which in owned)
            ).subquery()
            query = select(newest.c.user_id).group_by(newest.c.user_id).having(func.max(newest.c.created_at) < since)
            return list(await connection.scalars(query))

    async def record_membership(self, guild_id: str, user_id: str, *, there: bool, now: datetime | None = None) -> None:
        """Record whether a user is a member of a server; data of former members there is deleted later."""
        table = tables.departures
        mine = {"guild_id": guild_id, "user_id": user_id}
        async with self._database.write("guilds") as connection:
            if there:
                which = (table.c.guild_id == guild_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(which))
            else:  # The first time that it was noticed counts.
                await connection.execute(
                    insert_or_leave(connection, table, {**mine, "left_at": now or datetime.now(UTC)})
                )

    async def count_bytes(self, owner_id: str) -> int:
        """Count the bytes of an owner's results, or assets, and documents."""
        async with self._database.read() as connection:
            return await byte_limits.count_bytes(connection, owner_id)

    async def count_rows(self, guild_id: str, channel_ids: Iterable[str] = ()) -> ServerCounts:
        """How much is kept of a server and its channels: those named, and those that are known."""
        made = tables.generations
        condition = made.c.guild_id == guild_id
        async with self._database.read() as connection:
            scopes = {*await workspaces.list_scopes(connection, guild_id), *map(channel, channel_ids)}
            scoped = [
                select(_select_owner(table)).where(_belongs_to_members(table, guild_id, scopes))
                for table in _list_scoped_tables()
            ]
            people = union(select(made.c.user_id).where(condition), *scoped)

            async def count(rows: FromClause, which: ColumnElement[bool] | None = None) -> int:
                query = select(func.count()).select_from(rows)
                return int(await connection.scalar(query if which is None else query.where(which)) or 0)

            named = {table.name: await count(table, table.c.scope.in_(scopes)) for table in _list_scoped_tables()}
            return ServerCounts(people=await count(people.subquery()), results=await count(made, condition), **named)


def _list_scoped_tables() -> list[Table]:
    """What belongs to a server or a channel by its scope."""
    return [tables.preferences, *tables.shareable]


def _select_owner(table: Table) -> ColumnElement[str]:
    """Return a table's owner column under a common name."""
    return tables.get_owner_column(table).label("user_id")


def _belongs_to_members(table: Table, guild_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
    """What belongs to some scopes of a server and is a member's, not the server's own."""
    return table.c.scope.in_(scopes) & (tables.get_owner_column(table) != workspace(guild_id))


async def _record_guild(
    connection: AsyncConnection, guild_id: str, left_at: datetime | None, channel_ids: Iterable[str]
) -> None:
    """Notes whether a server was left, and of its channels those that something belongs to beside those noted before.

    A channel that was deleted meanwhile stays noted: what was told or lent for it is there until the server's goes.
    """
    named = {channel(channel_id): channel_id for channel_id in channel_ids}
    used = union(*(select(table.c.scope).where(table.c.scope.in_(named)) for table in _list_scoped_tables()))
    channels = {named[scope] for scope in await connection.scalars(used)} if named else set()
    noted = await workspaces.list_recorded_channels(connection, guild_id)
    values = {
        "left_at": left_at,
        "channels": ",".join(sorted(channels | noted)) or None,
    }
    await connection.execute(insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values))


async def _has_key(connection: AsyncConnection, owner_id: str) -> bool:
    """Whether an owner has a key; without one there is nothing to forget, and no neighbour to give a new parent to."""
    query = select(tables.owners.c.owner_id).where(tables.owners.c.owner_id == owner_id)
    return await connection.scalar(query) is not None


async def _delete_of_server(
    connection: AsyncConnection, keys: Keyring, guild_id: str, user_id: str | None = None
) -> int:
    """Ends what belongs to a server and its channels, of one person or of all; gives the number of results among it.

    What was lent there may be its owner's only copy, so it goes back to them.
    """
    made, told = tables.generations, tables.preferences
    scopes = await workspaces.list_scopes(connection, guild_id)

    def whose(table: Table) -> ColumnElement[bool]:
        return true() if user_id is None else _select_owner(table) == user_id

    await connection.execute(delete(told).where(told.c.scope.in_(scopes), whose(told)))
    for table in tables.shareable:
        await move_to_scope(connection, keys, table, _belongs_to_members(table, guild_id, scopes) & whose(table), ME)
    for table in tables.givable if user_id is not None else ():
        # What they gave to the server stays, and not that it was they who gave it.
        condition = table.c.owner_id == workspace(guild_id)
        await connection.execute(update(table).where(condition, table.c.given_by == user_id).values(given_by=None))
    for table in (tables.review_marks, tables.aliases) if user_id is not None else ():
        # Nor what they are to its reviews, and whom its audit means.
        condition = table.c.owner_id == workspace(guild_id)
        await connection.execute(delete(table).where(condition, table.c.user_id == user_id))
    await schedule.delete_of_server(connection, guild_id, user_id)
    await games.delete_of_server(connection, guild_id, user_id)
    await plays.delete_of_server(connection, guild_id, user_id)
    await courses.unshare_from_server(connection, keys, guild_id, user_id)
    await usage.delete_of_server(connection, guild_id, user_id)
    await notifications.delete_of_server(connection, guild_id, user_id)
    result = await connection.execute(delete(made).where(made.c.guild_id == guild_id, whose(made)))
    return result.rowcount
