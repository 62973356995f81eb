"""Scheduled posts: planned, posted once, or failed with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import log_damaged_row
from .database import Database
from .errors import DamagedError, StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

State = Literal["planned", "posting", "posted", "failed", "missed"]
# States in which a post can be rescheduled.
_OPEN: tuple[State, ...] = ("planned", "failed", "missed")
# Why something that is planned waits: its text was changed and is not approved again yet. And why it was not posted then.
HELD, UNAPPROVED = "held", "unapproved"
# Maximum pending posts per user, and per server.
MAX_POSTS_PER_USER, MAX_POSTS_PER_WORKSPACE = 50, 200
# After this time, a process that claimed a post is assumed not to finish it.
CLAIM_TIMEOUT = timedelta(minutes=5)
_PLAIN = (
    "id",
    "owner_id",
    "user_id",
    "channel_id",
    "state",
    "version",
    "claimed_by",
    "message_id",
    "reason",
    "told",
)
_MOMENTS = ("due_at", "created_at", "claimed_at")
_SEALED = ("text", "title", "start", "zone", "rule", "slot", "if_late", "locale", "result_id", "asset")


def generate_id() -> str:
    """Generate an id for a scheduled post."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class ScheduledPost:
    """A text that goes to a channel at `due_at`, or went there.

    `start`, `zone` and `rule` say when it happens by the clock on the wall, `slot` which of these times is the next; it may have
    been moved, so that `due_at` is another. `if_late` is "late" where it is posted later if it could not be in time, else "skip".
    `asset` names the text of the library that it is, by its id and version with a colon between.
    """

    owner_id: str
    user_id: str
    channel_id: str
    due_at: datetime
    text: str
    start: str
    zone: str
    slot: str
    rule: str = ""
    if_late: str = "late"
    title: str = ""
    locale: str = "en"
    result_id: str = ""
    asset: str = ""
    id: str = field(default_factory=generate_id)
    state: State = "planned"
    version: int = 1
    message_id: str | None = None
    reason: str = ""
    told: bool = True
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def guild_id(self) -> str:
        """The target server, empty for direct messages."""
        return get_guild_id(self.owner_id) if is_workspace(self.owner_id) else ""

    @property
    def link(self) -> str:
        """The URL of the posted message."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


@shield_methods
class Schedule:
    """Scheduled posts. Methods for users take their id and server, and check who may change a post."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: str, post: ScheduledPost) -> None:
        """Store a new post of a user.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the id is another user's, or the maximum number of posts is reached.
        """
        if post.user_id != user_id or post.owner_id not in (user_id, workspace(post.guild_id)):
            raise StorageError("Somebody else scheduled that.")
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            await self._database.owners.require_key(connection, user_id)  # Paused, or erased in the meantime.
            key = await self._database.owners.require_key(connection, post.owner_id)
            await _check_room(connection, post.owner_id)
            await _insert_post(connection, key, post)

    async def get(self, entry_id: str, user_id: str, guild_id: str = "") -> ScheduledPost | None:
        """What has an id, for who planned it and for those who are in its server.

        Raises:
            DamagedError: its row was tampered with.
        """
        query = select_with_keys(tables.schedule).where(
            tables.schedule.c.id == entry_id, _is_visible(user_id, guild_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return self._open_row(row) if row else None

    async def list_between(self, user_id: str, guild_id: str, start: datetime, end: datetime) -> list[ScheduledPost]:
        """What is planned, was posted or was not, between two moments; what comes again may begin before, and is one.

        In a server that of the server, elsewhere all that the person has planned.
        """
        table = tables.schedule
        whose = table.c.owner_id == workspace(guild_id) if guild_id else table.c.user_id == user_id
        open_before = and_(table.c.due_at < end, table.c.state.in_(("planned", "posting")))
        within = and_(table.c.due_at >= start, table.c.due_at < end)
        query = select_with_keys(table).where(whose, or_(open_before, within)).order_by(table.c.due_at, table.c.id)
        return await self._load(query)

    async def change(self, user_id: str, managed: str, post: ScheduledPost) -> ScheduledPost | None:
        """Keeps what somebody has changed of what is not posted yet, unless somebody else has since they looked.

        `managed` is the server that they may manage. Gives it as it is now, None where nothing was changed.
        """
        table = tables.schedule
        waits = HELD if post.reason in (HELD, UNAPPROVED) else ""
        updated = replace(post, version=post.version + 1, state="planned", reason=waits, told=True)
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            key = await self._database.owners.require_key(connection, post.owner_id)
            values = {**_build_values(updated, key), "claimed_by": None, "claimed_at": None}
            result = await connection.execute(
                update(table).where(*_build_conditions(user_id, managed, post)).values(values)
            )
        return updated if result.rowcount else None

    async def cancel(self, user_id: str, managed: str, post: ScheduledPost) -> bool:
        """Deletes what is not posted yet; tells whether it was there as they saw it."""
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            result = await connection.execute(delete(tables.schedule).where(*_build_conditions(user_id, managed, post)))
        await self._database.checkpoint()
        return bool(result.rowcount)

    async def list_due(self, holder: str, now: datetime, limit: int = 50) -> list[ScheduledPost]:
        """List what is to be posted now: due posts, and those that a dead process, or this holder before, has begun."""
        table = tables.schedule
        left = or_(table.c.claimed_by == holder, table.c.claimed_at < now - CLAIM_TIMEOUT)
        waiting = and_(table.c.state == "planned", table.c.reason != HELD)
        which = and_(table.c.due_at <= now, or_(waiting, and_(table.c.state == "posting", left)))
        return await self._load(
            select_with_keys(table).where(which).order_by(table.c.due_at, table.c.created_at).limit(limit)
        )

    async def claim(self, post: ScheduledPost, holder: str, now: datetime) -> bool:
        """Claim a post for sending; return False if another process claimed it or it was changed."""
        table = tables.schedule
        condition = (table.c.id == post.id, table.c.state == post.state, table.c.version == post.version)
        # Compared as it was read: another that takes it over as well has changed it.
        before = (
            table.c.claimed_by.is_(None)
            if post.claimed_by is None
            else and_(table.c.claimed_by == post.claimed_by, table.c.claimed_at == post.claimed_at)
        )
        # The first claim counts, as what may have been posted since is looked for.
        at = post.claimed_at if post.state == "posting" and post.claimed_by == holder else now
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            values = {"state": "posting", "claimed_by": holder, "claimed_at": at}
            result = await connection.execute(update(table).where(*condition, before).values(values))
        return bool(result.rowcount)

    async def finish(self, post: ScheduledPost, following: ScheduledPost | None = None) -> bool:
        """Store the outcome of a claimed post and its next occurrence in one transaction; only once."""
        table = tables.schedule
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            key = await self._database.owners.find_key(connection, post.owner_id)
            if key is None:
                return False  # It was erased in the meantime.
            begun = (table.c.id == post.id, table.c.state.in_(("planned", "posting")))
            result = await connection.execute(update(table).where(*begun).values(_build_values(post, key)))
            if result.rowcount and following is not None:
                await _insert_post(connection, key, following)
        return bool(result.rowcount)

    async def list_of_asset(self, owner_id: str, asset_id: str) -> list[ScheduledPost]:
        """What is to come in a workspace of a text of its library, whichever version."""
        table = tables.schedule
        coming = select_with_keys(table).where(table.c.owner_id == owner_id, table.c.state == "planned")
        return [one for one in await self._load(coming) if one.asset.partition(":")[0] == asset_id]

    async def list_held(self) -> list[ScheduledPost]:
        """List all held posts, the earliest first."""
        return await self._load(select_with_keys(tables.schedule).where(_is_held()).order_by(tables.schedule.c.due_at))

    async def hold(self, post: ScheduledPost) -> bool:
        """Has something wait, unless it was changed or is being posted; who planned it is to be told."""
        table = tables.schedule
        condition = (table.c.id == post.id, table.c.version == post.version, table.c.state == "planned")
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            values = {"reason": HELD, "told": False, "version": post.version + 1}
            result = await connection.execute(update(table).where(*condition).values(values))
        return bool(result.rowcount)

    async def list_unnotified(self, limit: int = 50) -> list[ScheduledPost]:
        """What was not posted, or is held, and whose planner has not been told so."""
        table = tables.schedule
        which = table.c.told.is_(False) & or_(table.c.state.in_(("failed", "missed")), _is_held())
        return await self._load(select_with_keys(table).where(which).order_by(table.c.due_at).limit(limit))

    async def mark_notified(self, entry_id: str) -> None:
        """Record that the planner was notified."""
        async with self._database.write() as connection:
            table = tables.schedule
            await connection.execute(update(table).where(table.c.id == entry_id).values(told=True))

    async def _load(self, wanted: Any) -> list[ScheduledPost]:
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [one for row in rows if (one := self._open_or_none(row)) is not None]

    def _open_row(self, row: Row[Any]) -> ScheduledPost:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
        values |= {name: to_utc(at) if (at := getattr(row, name)) else None for name in _MOMENTS}
        return ScheduledPost(**values, **key.open(row.sealed, tables.build_purpose(tables.schedule, row._mapping)))

    def _open_or_none(self, row: Row[Any]) -> ScheduledPost | None:
        try:
            return self._open_row(row)
        except DamagedError:
            log_damaged_row(tables.build_purpose(tables.schedule, row._mapping))
            return None


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete what was posted or missed long ago."""
    table = tables.schedule
    over = table.c.state.in_(("posted", "failed", "missed"))
    await connection.execute(delete(table).where(over, table.c.due_at < before))


async def delete_of_server(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete what is planned for a server, by one user or by all."""
    table = tables.schedule
    which = table.c.owner_id == workspace(guild_id)
    await connection.execute(delete(table).where(which if user_id is None else which & (table.c.user_id == user_id)))


def _is_held() -> ColumnElement[bool]:
    return and_(tables.schedule.c.state == "planned", tables.schedule.c.reason == HELD)


def _is_visible(user_id: str, guild_id: str) -> ColumnElement[bool]:
    table = tables.schedule
    condition = table.c.user_id == user_id
    return or_(condition, table.c.owner_id == workspace(guild_id)) if guild_id else condition


def _build_conditions(user_id: str, managed: str, post: ScheduledPost) -> Sequence[ColumnElement[bool]]:
    """That something is as it was seen, and is to be changed by who planned it or who manages its server."""
    table = tables.schedule
    by = table.c.user_id == user_id
    allowed = or_(by, table.c.owner_id == workspace(managed)) if managed else by
    return table.c.id == post.id, table.c.version == post.version, table.c.state.in_(_OPEN), allowed


async def _check_room(connection: AsyncConnection, owner_id: str) -> None:
    table = tables.schedule
    most = MAX_POSTS_PER_WORKSPACE if is_workspace(owner_id) else MAX_POSTS_PER_USER
    coming = select(func.count()).select_from(table).where(table.c.owner_id == owner_id, table.c.state == "planned")
    if int(await connection.scalar(coming) or 0) >= most:
        raise StorageError(
            "There are already {most} scheduled posts, which is the limit. Cancel one in /calendar first.", most=most
        )


async def _insert_post(connection: AsyncConnection, key: OwnerKey, post: ScheduledPost) -> None:
    await connection.execute(tables.schedule.insert().values(id=post.id, **_build_values(post, key)))


def _build_values(post: ScheduledPost, key: OwnerKey) -> dict[str, Any]:
    """All columns of a row but its id."""
    plain = {name: getattr(post, name) for name in (*_PLAIN, *_MOMENTS)}
    sealed = {name: getattr(post, name) for name in _SEALED}
    values = {**plain, "sealed": key.seal(sealed, tables.build_purpose(tables.schedule, plain))}
    del values["id"]
    return values
