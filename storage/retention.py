"""What is kept how long: results, people who are not seen any more, and servers that the bot was removed from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from personas.ledger import channel, guild

from . import tables
from .database import Database, insert_or_update

# After a server has removed the bot, what belongs to it is kept so long, in case it was a mistake.
KEEP_SERVERS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """How much is kept of a server: numbers, which tell nothing of what anybody wrote."""

    people: int
    results: int
    documents: int
    brands: int
    preferences: int


class Retention:
    """What the operator and servers decide about. Nothing here reads what anybody wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expire(self, *, results: timedelta | None = None, now: datetime | None = None) -> int:
        """Deletes what belongs to servers that were left long ago, and results older than `results`; gives their number."""
        now = now or datetime.now(UTC)
        made, guilds = tables.generations, tables.guilds
        deleted = 0
        async with self._database.write() as connection:
            gone = select(guilds.c.guild_id, guilds.c.channels).where(guilds.c.left_at < now - KEEP_SERVERS)
            for row in (await connection.execute(gone)).all():
                deleted += await _delete_server(connection, row.guild_id, (row.channels or "").split(","))
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


async def _delete_server(connection: AsyncConnection, guild_id: str, channel_ids: Iterable[str]) -> int:
    """Deletes what belongs to a server and its channels, and gives the number of results among it."""
    made = tables.generations
    used = await connection.scalars(select(made.c.channel_id).where(made.c.guild_id == guild_id).distinct())
    scopes = [guild(guild_id), *(channel(one) for one in {*channel_ids, *used} if one)]
    for table in _scoped():
        await connection.execute(delete(table).where(table.c.scope.in_(scopes)))
    done = await connection.execute(delete(made).where(made.c.guild_id == guild_id))
    await connection.execute(delete(tables.guilds).where(tables.guilds.c.guild_id == guild_id))
    return done.rowcount
