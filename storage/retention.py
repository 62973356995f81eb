"""What is kept how long: results, people who are not seen any more, and servers that the bot was removed from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select, true, union, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from personas.ledger import channel, guild

from . import tables
from .database import Database, insert_or_leave, insert_or_update
from .whole import wholly

# What belongs to a server that has removed the bot, or that a person has left, is kept so long, in case it was a mistake.
KEEP_LEFT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """How much is kept of a server: numbers, which tell nothing of what anybody wrote."""

    people: int
    results: int
    documents: int
    brands: int
    preferences: int


@wholly
class Retention:
    """What the operator and servers decide about. Nothing here reads what anybody wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expire(self, *, results: timedelta | None = None, now: datetime | None = None) -> int:
        """Deletes what belongs to servers that were left long ago, and results older than `results`; gives their number."""
        now = now or datetime.now(UTC)
        made, guilds, departures = tables.generations, tables.guilds, tables.departures
        deleted = 0
        async with self._database.write() as connection:
            gone = select(guilds.c.guild_id, guilds.c.channels).where(guilds.c.left_at < now - KEEP_LEFT)
            for row in (await connection.execute(gone)).all():
                deleted += await _delete_of(connection, row.guild_id, (row.channels or "").split(","))
                await connection.execute(delete(guilds).where(guilds.c.guild_id == row.guild_id))
                await connection.execute(delete(departures).where(departures.c.guild_id == row.guild_id))
            for row in (
                await connection.execute(select(departures).where(departures.c.left_at < now - KEEP_LEFT))
            ).all():
                deleted += await _delete_of(connection, row.guild_id, (), row.user_id)
                mine = (departures.c.guild_id == row.guild_id) & (departures.c.user_id == row.user_id)
                await connection.execute(delete(departures).where(mine))
            if results is not None:
                done = await connection.execute(delete(made).where(made.c.created_at < now - results))
                deleted += done.rowcount
        await self._database.checkpoint()
        return deleted

    async def unseen(self, since: datetime) -> list[str]:
        """The ids of people who were not seen since a moment."""
        table = tables.users
        async with self._database.read() as connection:
            return list(await connection.scalars(select(table.c.user_id).where(table.c.seen_at < since)))

    async def present(self, guild_ids: Collection[str], now: datetime | None = None) -> None:
        """Notes the servers that the bot is in now: what was to go stays, and others it was in were left now."""
        table = tables.guilds
        async with self._database.write() as connection:
            for guild_id in guild_ids:
                await connection.execute(_noted(connection, guild_id, None, ()))
            missing = table.c.guild_id.not_in(guild_ids) & table.c.left_at.is_(None)
            await connection.execute(update(table).where(missing).values(left_at=now or datetime.now(UTC)))

    async def joined(self, guild_id: str) -> None:
        """Notes that the bot is in a server: what was to go stays."""
        async with self._database.write() as connection:
            await connection.execute(_noted(connection, guild_id, None, ()))

    async def left(self, guild_id: str, channel_ids: Iterable[str] = (), now: datetime | None = None) -> None:
        """Notes that the bot was removed from a server with these channels."""
        async with self._database.write() as connection:
            await connection.execute(_noted(connection, guild_id, now or datetime.now(UTC), channel_ids))

    async def quiet(self, guild_id: str, since: datetime) -> list[str]:
        """The ids of people of whom something belongs to a server, and nothing newer than a moment."""
        owned = [(tables.generations, tables.generations.c.guild_id == guild_id)]
        owned += [(table, table.c.scope == guild(guild_id)) for table in _scoped()]
        newest = union_all(
            *(select(table.c.user_id, table.c.created_at).where(which) for table, which in owned)
        ).subquery()
        wanted = select(newest.c.user_id).group_by(newest.c.user_id).having(func.max(newest.c.created_at) < since)
        async with self._database.read() as connection:
            return list(await connection.scalars(wanted))

    async def member(self, guild_id: str, user_id: str, *, there: bool, now: datetime | None = None) -> None:
        """Notes whether a person is in a server: what belongs to it of somebody who is not goes later."""
        table = tables.departures
        mine = {"guild_id": guild_id, "user_id": user_id}
        async with self._database.write() as connection:
            if there:
                which = (table.c.guild_id == guild_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(which))
            else:  # The first time that it was noticed counts.
                await connection.execute(
                    insert_or_leave(connection, table, {**mine, "left_at": now or datetime.now(UTC)})
                )

    async def counts(self, guild_id: str) -> ServerCounts:
        """How much is kept of a server."""
        made, scope = tables.generations, guild(guild_id)
        scoped = [select(table.c.user_id).where(table.c.scope == scope) for table in _scoped()]
        people = union(select(made.c.user_id).where(made.c.guild_id == guild_id), *scoped)
        async with self._database.read() as connection:

            async def count(table: Table, which: ColumnElement[bool]) -> int:
                return int(await connection.scalar(select(func.count()).select_from(table).where(which)) or 0)

            return ServerCounts(
                people=int(await connection.scalar(select(func.count()).select_from(people.subquery())) or 0),
                results=await count(made, made.c.guild_id == guild_id),
                documents=await count(tables.documents, tables.documents.c.scope == scope),
                brands=await count(tables.brands, tables.brands.c.scope == scope),
                preferences=await count(tables.preferences, tables.preferences.c.scope == scope),
            )


def _scoped() -> list[Table]:
    return [table for table in tables.owned if "scope" in table.c]


def _noted(connection: AsyncConnection, guild_id: str, left_at: datetime | None, channels: Iterable[str]) -> Executable:
    values = {"left_at": left_at, "channels": ",".join(channels) or None}
    return insert_or_update(connection, tables.guilds, {"guild_id": guild_id}, values)


async def _delete_of(
    connection: AsyncConnection, guild_id: str, channel_ids: Iterable[str], user_id: str | None = None
) -> int:
    """Deletes what belongs to a server and its channels, of one person or of all; gives the number of results among it."""
    made = tables.generations
    used = await connection.scalars(select(made.c.channel_id).where(made.c.guild_id == guild_id).distinct())
    scopes = [guild(guild_id), *(channel(one) for one in {*channel_ids, *used} if one)]

    def whose(table: Table) -> ColumnElement[bool]:
        return true() if user_id is None else table.c.user_id == user_id

    for table in _scoped():
        await connection.execute(delete(table).where(table.c.scope.in_(scopes), whose(table)))
    done = await connection.execute(delete(made).where(made.c.guild_id == guild_id, whose(made)))
    return done.rowcount
