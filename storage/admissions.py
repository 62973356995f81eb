"""Admitted requests in a database that several processes share; limits and quotas are counted from them.

A single process counts in memory and stores no rows, so a second one does not know what it admitted before.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Float,
    Interval,
    String,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)

from . import tables
from .database import Database
from .shielding import shield_methods
from .statements import insert_or_update

# After this time, an unfinished request is assumed to be lost.
_MAX_PENDING_AGE = timedelta(hours=1)
_MAX_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AdmissionCounts:
    """Recently admitted requests. All times are in seconds since 1970 by the database's clock.

    `moments` are the times and numbers of results of requests, oldest first, by subject: a user ("person"), the user in a server
    ("member"), a channel ("channel"), and a server ("server"). `pending` is the number of the user's unfinished requests, `ahead`
    the number of results of unfinished requests in the server, of the user ("person") and of all members ("server").
    """

    now: float
    moments: Mapping[str, list[tuple[float, int]]]
    pending: int
    ahead: Mapping[str, int]


@shield_methods
class Admissions:
    """Requests admitted within a day. `is_accompanied` returns whether other processes share the database now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_accompanied: Callable[[], bool] = lambda: True

    @property
    def is_shared(self) -> bool:
        """Whether other processes admit requests as well."""
        return not self._database.is_embedded and self.is_accompanied()

    async def load_recent(
        self, user_id: str, guild_id: str, channel_id: str, spans: Mapping[str, int]
    ) -> AdmissionCounts:
        """Return the requests admitted within `spans`, which are seconds by subject; other subjects are not counted."""
        if not self.is_shared:
            return AdmissionCounts(time.time(), {}, 0, {"person": 0, "server": 0})
        values: dict[str, Any] = {"user": user_id, "guild": guild_id, "channel": channel_id}
        values |= {f"since_{name}": timedelta(seconds=span) for name, span in spans.items()}
        async with self._database.read() as connection:
            rows = (await connection.execute(_build_recent_query(tuple(spans), in_server=bool(guild_id)), values)).all()
        recent: dict[str, list[tuple[float, int]]] = {}
        for name, time_or_count, results in rows:
            recent.setdefault(name, []).append((time_or_count, int(results)))
        [(now, _)], [(pending, _)] = recent.pop("now"), recent.pop("left person")
        ahead = {
            "person": recent.pop("left member", [(0, 0)])[0][1],
            "server": recent.pop("left server", [(0, 0)])[0][1],
        }
        return AdmissionCounts(now, {name: sorted(pairs) for name, pairs in recent.items()}, int(pending), ahead)

    async def add(self, request_id: str, user_id: str, guild_id: str, channel_id: str, count: int) -> None:
        """Record an admitted request and its number of results."""
        if not self.is_shared:
            return
        values = {
            "user_id": user_id,
            "guild_id": guild_id,
            "channel_id": channel_id,
            "count": count,
            "ended": False,
            "asked_at": func.clock_timestamp(),
        }
        async with self._database.write() as connection:
            await connection.execute(insert_or_update(connection, tables.admissions, {"id": request_id}, values))

    async def finish(self, request_id: str) -> None:
        """Record that a request finished: its results now count as usage."""
        if not self.is_shared or not request_id:
            return
        table = tables.admissions
        async with self._database.write() as connection:
            await connection.execute(update(table).where(table.c.id == request_id).values(ended=True))

    async def delete_old(self, now: datetime | None = None) -> None:
        """Delete requests that are too old for any limit."""
        table = tables.admissions
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(table.c.asked_at < (now or datetime.now(UTC)) - _MAX_AGE))


@functools.cache
def _build_recent_query(names: tuple[str, ...], *, in_server: bool) -> CompoundSelect[Any]:
    """Select the current time, unfinished requests ("left" and a subject), and recent requests by subject: name, time or number,
    number of results.

    Cached, because building a query takes longer than running it.
    """
    table, user, guild = tables.admissions, bindparam("user", type_=String), bindparam("guild", type_=String)
    in_channel = table.c.channel_id == bindparam("channel", type_=String)
    conditions = {
        "person": table.c.user_id == user,
        "member": (table.c.user_id == user) & (table.c.guild_id == guild),
        "channel": (table.c.guild_id == guild) & in_channel,
        "server": table.c.guild_id == guild,
    }
    now, moment = func.clock_timestamp(), cast(func.extract("epoch", table.c.asked_at), Float)
    is_pending = table.c.ended.is_(False) & (table.c.asked_at > now - _MAX_PENDING_AGE)
    results, request_count = func.coalesce(func.sum(table.c.count), 0), cast(func.count(), Float)
    return union_all(
        select(literal("now"), cast(func.extract("epoch", now), Float), literal(0)),
        *(
            select(literal(f"left {name}"), request_count, results).where(conditions[name], is_pending)
            for name in (("person", "member", "server") if in_server else ("person",))
        ),
        *(
            select(literal(name), moment, table.c.count).where(
                conditions[name], table.c.asked_at > now - bindparam(f"since_{name}", type_=Interval)
            )
            for name in names
        ),
    )
