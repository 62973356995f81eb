"""Usage by day, and the acceptance of results: figures without any user's text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, case, delete, exists, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .database import Database
from .owners import is_workspace, workspace
from .shielding import shield_methods
from .statements import insert_or_add, insert_or_leave, to_utc

_FIGURES = ("requests", "accepted", "failed", "tokens_in", "tokens_out", "estimated", "cost", "seconds")
# The columns that figures are grouped by, and the indexes in a row of those that a `UsageSum` has.
_NAMES = ("kind", "engine", "user_id")
_SUMMED = [
    len(_NAMES) + _FIGURES.index(name)
    for name in ("requests", "accepted", "tokens_in", "tokens_out", "estimated", "cost")
]
_NAME = 60
# Rows per statement: databases limit its values.
_BATCH = 50
# Notes on quotas are kept at least until the end of their month.
_KEEP_NOTES = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """What an engine was used for: `tokens_in` it read and `tokens_out` it wrote, of which `estimated` were not
    counted by a server.

    `cost` is in millionths of the currency, `failed` the number of failed checks.
    """

    kind: str
    engine: str
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    cost: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class UsageSum:
    """The figures with the same `name`: a kind, an engine, or a user's id, empty for forgotten users."""

    name: str
    requests: int = 0
    accepted: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    cost: int = 0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an owner, the largest first. `failed` are checks by name; `seconds` is the total writing time."""

    kinds: tuple[UsageSum, ...] = ()
    engines: tuple[UsageSum, ...] = ()
    people: tuple[UsageSum, ...] = ()
    failed: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Amounts:
    """Usage in a span of time: requests, tokens, and money in millionths of the currency."""

    requests: int = 0
    tokens: int = 0
    money: int = 0


@shield_methods
class Usage:
    """Figures by owner. Callers check who may see a workspace's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, user_id: str, guild_id: str, used: Sequence[EngineUsage]) -> None:
        """Count usage without a stored result, such as a failed request.

        Raises:
            PausedError: this person wants nothing to be kept.
        """
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await add_usage(self._database, connection, guild_id, user_id, used)

    async def load_figures(self, owner_id: str, since: date, until: date) -> Figures:
        """Return the figures of an owner between two days."""
        table, failed = tables.usage, tables.failed_checks
        condition = (table.c.owner_id == owner_id) & table.c.day.between(since, until)
        async with self._database.read() as connection:
            names = [table.c[name] for name in _NAMES]
            query = select(*names, *(func.sum(table.c[name]) for name in _FIGURES)).where(condition).group_by(*names)
            rows = (await connection.execute(query)).all()
            total = func.sum(failed.c.failed)
            each = select(failed.c.name, total).where(failed.c.owner_id == owner_id, failed.c.day.between(since, until))
            checks = await connection.execute(each.group_by(failed.c.name).order_by(total.desc(), failed.c.name))
            most = tuple((row[0], int(row[1])) for row in checks)
        kinds, engines, people = (_sum_by_name(rows, at) for at in range(len(_NAMES)))
        seconds = sum(float(row[-1] or 0) for row in rows)
        return Figures(kinds, tuple(engine for engine in engines if engine.name), people, most, seconds)

    async def load_amounts(self, guild_id: str, user_id: str, day: date) -> dict[tuple[str, str], Amounts]:
        """Return what a user and their server have used on a day and in its month: by ("person" or "server", "day" or
        "month").
        """
        table = tables.usage
        whose: dict[str, ColumnElement[bool]] = {"person": table.c.user_id == user_id, "server": true()}
        when: dict[str, ColumnElement[bool]] = {"day": table.c.day == day, "month": true()}
        names = [(one, span) for one in whose for span in when]
        amounts = (table.c.requests, table.c.tokens_in + table.c.tokens_out, table.c.cost)
        columns = [
            func.sum(case((whose[one] & when[span], amount), else_=0)) for one, span in names for amount in amounts
        ]
        owner_id = workspace(guild_id) if guild_id else user_id
        query = select(*columns).where(table.c.owner_id == owner_id, table.c.day.between(day.replace(day=1), day))
        async with self._database.read() as connection:
            found = [int(value or 0) for value in (await connection.execute(query)).one()]
        return {name: Amounts(*found[3 * at : 3 * at + 3]) for at, name in enumerate(names)}

    async def record_quota_note(self, user_id: str, guild_id: str, name: str, now: datetime | None = None) -> bool:
        """Record that a user is sent a note; False if they were sent it before."""
        table, day = tables.quota_notes, (now or datetime.now(UTC)).date()
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await connection.execute(delete(table).where(table.c.day < day - _KEEP_NOTES))
            values = {"user_id": user_id, "guild_id": guild_id, "name": name, "day": day}
            result = await connection.execute(insert_or_leave(connection, table, values))
        return bool(result.rowcount)


async def add_usage(
    database: Database,
    connection: AsyncConnection,
    guild_id: str,
    user_id: str,
    used: Sequence[EngineUsage],
    failed: Sequence[str] = (),
) -> None:
    """Add a user's usage in a server, "" for none, and the failed checks; in a write transaction."""
    owner_id, day = workspace(guild_id) if guild_id else user_id, datetime.now(UTC).date()
    keys = {"owner_id": owner_id, "day": day}
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for one in used:
        row = sums.setdefault((one.kind, one.engine[:80]), dict.fromkeys(_FIGURES, 0))
        for name in _FIGURES:
            row[name] += getattr(one, name, 0)
    rows = [{**keys, "user_id": user_id, "kind": kind, "engine": engine, **row} for (kind, engine), row in sums.items()]
    if rows:
        await connection.execute(insert_or_add(connection, tables.usage), rows)
    counted = Counter(name[:_NAME] for name in failed)
    if counted:
        rows = [{**keys, "name": name, "failed": number} for name, number in sorted(counted.items())]
        await connection.execute(insert_or_add(connection, tables.failed_checks), rows)


async def update_acceptance(connection: AsyncConnection, generation_id: str) -> None:
    """Count a result as accepted, or no longer: a member likes it, or its owner has starred it or given it to a
    server.
    """
    made, votes, assets = tables.generations, tables.feedback, tables.assets
    liked = exists().where(votes.c.generation_id == made.c.id, votes.c.vote == 1)
    given = exists().where(assets.c.source_id == made.c.id)
    columns = (made.c.kind, made.c.user_id, made.c.guild_id, made.c.created_at, made.c.accepted)
    query = select(*columns, (made.c.star | liked | given).label("now")).where(made.c.id == generation_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None or not row.kind or bool(row.now) == row.accepted:
        return
    as_before = (made.c.id == generation_id) & (made.c.accepted == row.accepted)
    result = await connection.execute(update(made).where(as_before).values(accepted=bool(row.now)))
    if result.rowcount:  # Otherwise another transaction has just counted it.
        summed = dict.fromkeys(_FIGURES, 0) | {"accepted": 1 if row.now else -1}
        keys = {
            "owner_id": workspace(row.guild_id) if row.guild_id else row.user_id,
            "day": to_utc(row.created_at).date(),
            "user_id": row.user_id,
            "kind": row.kind,
            "engine": "",
        }
        await connection.execute(insert_or_add(connection, tables.usage), [{**keys, **summed}])


async def anonymise(connection: AsyncConnection, user_id: str, owner_id: str = "") -> None:
    """Keep a user's usage in workspaces, or in one of them, only as part of these workspaces' sums."""
    if is_workspace(user_id):
        return
    table = tables.usage
    condition = (table.c.user_id == user_id) & (table.c.owner_id != user_id)
    if owner_id:
        condition &= table.c.owner_id == owner_id
    rows = [dict(row._mapping) | {"user_id": ""} for row in await connection.execute(select(table).where(condition))]
    for start in range(0, len(rows), _BATCH):
        await connection.execute(insert_or_add(connection, table), rows[start : start + _BATCH])
    await connection.execute(delete(table).where(condition))


async def delete_of_server(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the figures of a server; of a user who has left it, only their name."""
    notes, owner_id = tables.quota_notes, workspace(guild_id)
    condition = notes.c.guild_id == guild_id
    if user_id is not None:
        await anonymise(connection, user_id, owner_id)
        await connection.execute(delete(notes).where(condition, notes.c.user_id == user_id))
        return
    await connection.execute(delete(notes).where(condition))
    for table in (tables.usage, tables.failed_checks):
        await connection.execute(delete(table).where(table.c.owner_id == owner_id))


def _sum_by_name(rows: Sequence[Row[Any]], at: int) -> tuple[UsageSum, ...]:
    """Sum the rows with the same name at an index, the largest first."""
    found: dict[str, list[int]] = {}
    for row in rows:
        known = found.setdefault(row[at], [0] * len(_SUMMED))
        for place, column in enumerate(_SUMMED):
            known[place] += int(row[column] or 0)
    sums = [UsageSum(name, *values) for name, values in found.items()]
    return tuple(sorted(sums, key=lambda one: (-one.requests, -one.cost, one.name)))
