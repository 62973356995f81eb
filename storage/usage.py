"""Usage figures by day, and which results were accepted: numbers only, without any content."""

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

# The summed columns of `usage`, and those it is grouped by.
_FIGURES = ("requests", "accepted", "failed", "tokens_in", "tokens_out", "estimated", "cost", "seconds")
_GROUPS = ("kind", "engine", "user_id")
# The figures of a `UsageSum`, in the order of its fields.
_SUM_FIGURES = ("requests", "accepted", "tokens_in", "tokens_out", "estimated", "cost")
# Longer names are truncated to the length of their columns.
_MAX_ENGINE_CHARACTERS, _MAX_CHECK_CHARACTERS = 80, 60
# Rows per statement: databases limit the number of its parameters.
_BATCH = 50
# Quota notes are stored at least until the end of their month.
_NOTE_RETENTION = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """The usage of an engine for a kind of text.

    `estimated` are the tokens that were not counted by a server, `cost` is in millionths of the currency, `failed` is the number
    of failed checks, and `seconds` is the writing time.
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
    """The sums for a `name`: a kind, an engine, or a user's id, empty for forgotten users."""

    name: str
    requests: int = 0
    accepted: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    cost: int = 0

    @property
    def tokens(self) -> int:
        """The tokens read and written."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Figures:
    """An owner's figures by kind, engine and user, each with the most requests first.

    `failed` are the names of checks with how often they failed, the most frequent first; `seconds` is the total writing time.
    """

    kinds: tuple[UsageSum, ...] = ()
    engines: tuple[UsageSum, ...] = ()
    users: tuple[UsageSum, ...] = ()
    failed: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Amounts:
    """Usage in a period; `money` is in millionths of the currency."""

    requests: int = 0
    tokens: int = 0
    money: int = 0


@shield_methods
class Usage:
    """Usage by owner. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, user_id: str, guild_id: str, usages: Sequence[EngineUsage]) -> None:
        """Add usage that led to no stored result, such as that of a failed request.

        Raises:
            PausedError: the user has paused storage.
        """
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await add_usage(connection, guild_id, user_id, usages)

    async def load_figures(self, owner_id: str, since: date, until: date) -> Figures:
        """Return the figures of an owner from one day to another, inclusive."""
        table, failed = tables.usage, tables.failed_checks
        condition = (table.c.owner_id == owner_id) & table.c.day.between(since, until)
        async with self._database.read() as connection:
            groups = [table.c[name] for name in _GROUPS]
            sums = [func.sum(table.c[name]).label(name) for name in _FIGURES]
            rows = (await connection.execute(select(*groups, *sums).where(condition).group_by(*groups))).all()
            total = func.sum(failed.c.failed)
            query = select(failed.c.name, total).where(
                failed.c.owner_id == owner_id, failed.c.day.between(since, until)
            )
            query = query.group_by(failed.c.name).order_by(total.desc(), failed.c.name)
            failed_checks = tuple((name, int(count)) for name, count in await connection.execute(query))
        kinds, engines, users = (_sum_by_group(rows, group) for group in _GROUPS)
        seconds = sum(float(row.seconds or 0) for row in rows)
        return Figures(kinds, tuple(engine for engine in engines if engine.name), users, failed_checks, seconds)

    async def load_amounts(self, guild_id: str, user_id: str, day: date) -> dict[tuple[str, str], Amounts]:
        """Return what a user and their server have used on a day and in its month until then.

        The keys are pairs of "person" or "server" and "day" or "month". Without a server, only the user's own usage counts.
        """
        table = tables.usage
        subjects: dict[str, ColumnElement[bool]] = {"person": table.c.user_id == user_id, "server": true()}
        periods: dict[str, ColumnElement[bool]] = {"day": table.c.day == day, "month": true()}
        keys = [(subject, period) for subject in subjects for period in periods]
        amounts = (table.c.requests, table.c.tokens_in + table.c.tokens_out, table.c.cost)
        columns = [
            func.sum(case((subjects[subject] & periods[period], amount), else_=0))
            for subject, period in keys
            for amount in amounts
        ]
        owner_id = workspace(guild_id) if guild_id else user_id
        query = select(*columns).where(table.c.owner_id == owner_id, table.c.day.between(day.replace(day=1), day))
        async with self._database.read() as connection:
            sums = iter([int(value or 0) for value in (await connection.execute(query)).one()])
        return {key: Amounts(next(sums), next(sums), next(sums)) for key in keys}

    async def record_quota_note(self, user_id: str, guild_id: str, name: str, now: datetime | None = None) -> bool:
        """Record that a user is sent a note about quotas; return False if it was recorded before."""
        table, day = tables.quota_notes, (now or datetime.now(UTC)).date()
        async with self._database.write() as connection:
            await self._database.owners.require_key(connection, user_id)
            await connection.execute(delete(table).where(table.c.day < day - _NOTE_RETENTION))
            values = {"user_id": user_id, "guild_id": guild_id, "name": name, "day": day}
            result = await connection.execute(insert_or_leave(connection, table, values))
        return bool(result.rowcount)


async def add_usage(
    connection: AsyncConnection,
    guild_id: str,
    user_id: str,
    usages: Sequence[EngineUsage],
    failed: Sequence[str] = (),
) -> None:
    """Add a user's usage in a server (empty for none), and failed checks by name. Requires a write transaction."""
    owner_id, day = workspace(guild_id) if guild_id else user_id, datetime.now(UTC).date()
    keys = {"owner_id": owner_id, "day": day}
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for usage in usages:
        group = usage.kind, usage.engine[:_MAX_ENGINE_CHARACTERS]
        figures = sums.setdefault(group, dict.fromkeys(_FIGURES, 0))
        for name in _FIGURES:
            figures[name] += getattr(usage, name, 0)  # `accepted` is counted by `update_acceptance`.
    rows = [
        {**keys, "user_id": user_id, "kind": kind, "engine": engine, **figures}
        for (kind, engine), figures in sums.items()
    ]
    if rows:
        await connection.execute(insert_or_add(connection, tables.usage), rows)
    counts = Counter(name[:_MAX_CHECK_CHARACTERS] for name in failed)
    if counts:
        rows = [{**keys, "name": name, "failed": count} for name, count in sorted(counts.items())]
        await connection.execute(insert_or_add(connection, tables.failed_checks), rows)


async def update_acceptance(connection: AsyncConnection, generation_id: str) -> None:
    """Count a result as accepted, or no longer: a user likes it, or its owner has starred it or given it to a server."""
    results, votes, assets = tables.generations, tables.feedback, tables.assets
    is_liked = exists().where(votes.c.generation_id == results.c.id, votes.c.vote == 1)
    is_given = exists().where(assets.c.source_id == results.c.id)
    columns = (results.c.kind, results.c.user_id, results.c.guild_id, results.c.created_at, results.c.accepted)
    is_accepted = (results.c.star | is_liked | is_given).label("is_accepted")
    row = (await connection.execute(select(*columns, is_accepted).where(results.c.id == generation_id))).one_or_none()
    if row is None or not row.kind or bool(row.is_accepted) == row.accepted:
        return
    is_unchanged = (results.c.id == generation_id) & (results.c.accepted == row.accepted)
    statement = update(results).where(is_unchanged).values(accepted=bool(row.is_accepted))
    if (await connection.execute(statement)).rowcount:  # Otherwise another transaction has just counted it.
        figures = dict.fromkeys(_FIGURES, 0) | {"accepted": 1 if row.is_accepted else -1}
        keys = {
            "owner_id": workspace(row.guild_id) if row.guild_id else row.user_id,
            "day": to_utc(row.created_at).date(),
            "user_id": row.user_id,
            "kind": row.kind,
            "engine": "",
        }
        await connection.execute(insert_or_add(connection, tables.usage), [{**keys, **figures}])


async def anonymise(connection: AsyncConnection, user_id: str, owner_id: str = "") -> None:
    """Remove a user's id from their usage in workspaces, or in one of them: it stays part of the workspaces' sums."""
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


async def delete_server_rows(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the figures of a server, or only remove one user's id from them; delete its members' quota notes."""
    notes, owner_id = tables.quota_notes, workspace(guild_id)
    condition = notes.c.guild_id == guild_id
    if user_id is not None:
        await anonymise(connection, user_id, owner_id)
        await connection.execute(delete(notes).where(condition, notes.c.user_id == user_id))
        return
    await connection.execute(delete(notes).where(condition))
    for table in (tables.usage, tables.failed_checks):
        await connection.execute(delete(table).where(table.c.owner_id == owner_id))


def _sum_by_group(rows: Sequence[Row[Any]], group: str) -> tuple[UsageSum, ...]:
    """Sum the rows with the same value in the column `group`; the most requests first, then the highest cost."""
    counters: dict[str, Counter[str]] = {}
    for row in rows:
        counter = counters.setdefault(getattr(row, group), Counter())
        counter.update({name: int(getattr(row, name) or 0) for name in _SUM_FIGURES})
    sums = [UsageSum(name, *(counter[figure] for figure in _SUM_FIGURES)) for name, counter in counters.items()]
    return tuple(sorted(sums, key=lambda usage_sum: (-usage_sum.requests, -usage_sum.cost, usage_sum.name)))
