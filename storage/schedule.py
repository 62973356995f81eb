"""Scheduled posts to channels, in servers and direct messages."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import log_damaged_row
from .database import Database
from .errors import DamagedError, StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield, shield_methods
from .statements import to_utc

PostState = Literal["planned", "posting", "posted", "failed", "missed"]
# States in which a post can be changed or cancelled.
_CHANGEABLE_STATES: tuple[PostState, ...] = ("planned", "failed", "missed")
# Reasons: a planned post is held while its changed text waits for approval; it was not posted because it was never approved.
HELD, UNAPPROVED = "held", "unapproved"
# Planned posts per user in direct messages, and per server.
MAX_POSTS_PER_USER, MAX_POSTS_PER_WORKSPACE = 50, 200
# After this time, a process that has claimed a post is assumed to have died.
CLAIM_TIMEOUT = timedelta(minutes=5)
# Rows read at once.
_PAGE_SIZE = 50
_COLUMNS = (
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
_TIME_COLUMNS = ("due_at", "created_at", "claimed_at")
_SEALED_FIELDS = ("text", "title", "start", "zone", "rule", "slot", "if_late", "locale", "result_id", "asset")


def serve_all(_guild_id: str) -> bool:
    """Return True: a single process serves all servers."""
    return True


def generate_id() -> str:
    """Generate an id for a scheduled post."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class ScheduledPost:
    """A text that is to be posted to a channel at `due_at`, or was.

    `start` (the first time), `zone` and `rule` (the recurrence) define its wall-clock times, and `slot` is the next of them; the
    user may have moved `due_at` to another time. `if_late` is "late" to post it even after its time, else "skip". `asset` is the
    id and version of its text in the library, separated by a colon. `told` is whether the user was notified of `reason`.
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
    state: PostState = "planned"
    version: int = 1
    message_id: str | None = None
    reason: str = ""
    told: bool = True
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def guild_id(self) -> str:
        """The server's id, empty for direct messages."""
        return _get_guild_id(self.owner_id)

    @property
    def link(self) -> str:
        """The URL of the posted message."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


@shield_methods
class Schedule:
    """Scheduled posts. Methods that take a user id check what that user may see and change; others are for the scheduler."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: str, post: ScheduledPost) -> None:
        """Store a new post of a user.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the post is another user's, or the maximum number of posts is reached.
        """
        if post.user_id != user_id or post.owner_id not in (user_id, workspace(post.guild_id)):
            raise StorageError("Somebody else scheduled that.")
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            # Raises if the user has paused storage or was forgotten.
            await self._database.owners.require_key(connection, user_id)
            key = await self._database.owners.require_key(connection, post.owner_id)
            await _require_capacity(connection, post.owner_id)
            await _insert_post(connection, key, post)

    async def get(self, post_id: str, user_id: str, guild_id: str = "") -> ScheduledPost | None:
        """Return a post that the user scheduled or that is the server's; otherwise None.

        Raises:
            DamagedError: the row cannot be decrypted.
        """
        condition = (tables.schedule.c.id == post_id) & _is_visible(user_id, guild_id)
        query = select_with_keys(tables.schedule).where(condition)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return self._open_row(row) if row else None

    async def list_between(self, user_id: str, guild_id: str, start: datetime, end: datetime) -> list[ScheduledPost]:
        """List the posts of a server, or without one all of a user, that are due from `start` to before `end`, by due time.

        Pending posts that are due before `start` are included, because they may recur in that period.
        """
        table = tables.schedule
        is_of_subject = table.c.owner_id == workspace(guild_id) if guild_id else table.c.user_id == user_id
        is_in_period = (table.c.due_at >= start) | table.c.state.in_(("planned", "posting"))
        query = select_with_keys(table).where(is_of_subject, table.c.due_at < end, is_in_period)
        query = query.order_by(table.c.due_at, table.c.id)
        return await self._load(query)

    async def change(self, user_id: str, managed_guild_id: str, post: ScheduledPost) -> ScheduledPost | None:
        """Store a changed post as planned, and return it as stored.

        None if it was posted, or changed by another process, or the user neither scheduled it nor manages its server.

        Raises:
            StorageError: a post that failed or was missed would exceed the maximum number of planned posts.
        """
        table = tables.schedule
        reason = HELD if post.reason in (HELD, UNAPPROVED) else ""
        updated = replace(post, version=post.version + 1, state="planned", reason=reason, told=True)
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            key = await self._database.owners.require_key(connection, post.owner_id)
            if post.state != "planned":
                await _require_capacity(connection, post.owner_id)
            values = {**_build_values(updated, key), "claimed_by": None, "claimed_at": None}
            condition = _is_changeable(user_id, managed_guild_id, post)
            result = await connection.execute(update(table).where(condition).values(values))
        return updated if result.rowcount else None

    async def cancel(self, user_id: str, managed_guild_id: str, post: ScheduledPost) -> bool:
        """Delete a post; return whether it was deleted, which depends on the same as `change`."""
        condition = _is_changeable(user_id, managed_guild_id, post)
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            result = await connection.execute(delete(tables.schedule).where(condition))
        await self._database.checkpoint()
        return bool(result.rowcount)

    def iter_due(
        self, holder: str, now: datetime, serves: Callable[[str], bool] = serve_all
    ) -> AsyncIterator[ScheduledPost]:
        """Yield the posts of the servers that the caller `serves` and that are to be posted now, the earliest due first: due
        ones, and those that `holder`, or another process that died, began to post.
        """
        table = tables.schedule
        is_waiting = (table.c.state == "planned") & (table.c.reason != HELD)
        is_abandoned = or_(table.c.claimed_by == holder, table.c.claimed_at < now - CLAIM_TIMEOUT)
        return self._iter_pages(
            (table.c.due_at <= now) & or_(is_waiting, (table.c.state == "posting") & is_abandoned), serves
        )

    async def claim(self, post: ScheduledPost, holder: str, now: datetime) -> bool:
        """Claim a post for posting; return False if it was changed or another process has claimed it."""
        table = tables.schedule
        condition = (table.c.id == post.id) & (table.c.state == post.state) & (table.c.version == post.version)
        # The claim must be as it was read: another process that takes the post over changes it.
        if post.claimed_by is None:
            condition &= table.c.claimed_by.is_(None)
        else:
            condition &= (table.c.claimed_by == post.claimed_by) & (table.c.claimed_at == post.claimed_at)
        # A holder that resumes keeps its first time: the message may have been posted since, and is searched from then on.
        claimed_at = post.claimed_at if post.state == "posting" and post.claimed_by == holder else now
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            values = {"state": "posting", "claimed_by": holder, "claimed_at": claimed_at}
            result = await connection.execute(update(table).where(condition).values(values))
        return bool(result.rowcount)

    async def finish(self, post: ScheduledPost, next_post: ScheduledPost | None = None) -> bool:
        """Store the outcome of a post, and the next post of its series; return False if another process has done so."""
        table = tables.schedule
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            key = await self._database.owners.find_key(connection, post.owner_id)
            if key is None:
                return False  # The owner was forgotten in the meantime.
            is_pending = (table.c.id == post.id) & table.c.state.in_(("planned", "posting"))
            result = await connection.execute(update(table).where(is_pending).values(_build_values(post, key)))
            if result.rowcount and next_post is not None:
                await _insert_post(connection, key, next_post)
        return bool(result.rowcount)

    async def list_message_ids(self, post: ScheduledPost) -> set[str]:
        """List the ids of the messages that other posts of the same owner have sent to the channel of a post."""
        table = tables.schedule
        condition = (
            (table.c.owner_id == post.owner_id) & (table.c.channel_id == post.channel_id) & (table.c.id != post.id)
        )
        query = select(table.c.message_id).where(condition, table.c.message_id.is_not(None))
        async with self._database.read() as connection:
            return set((await connection.execute(query)).scalars())

    async def list_by_asset(self, owner_id: str, asset_id: str) -> list[ScheduledPost]:
        """List a workspace's planned posts of an asset, in any version."""
        table = tables.schedule
        query = select_with_keys(table).where(table.c.owner_id == owner_id, table.c.state == "planned")
        return [post for post in await self._load(query) if post.asset.partition(":")[0] == asset_id]

    async def list_held(self) -> list[ScheduledPost]:
        """List all held posts, the earliest due first."""
        return await self._load(select_with_keys(tables.schedule).where(_is_held()).order_by(tables.schedule.c.due_at))

    async def hold(self, post: ScheduledPost) -> bool:
        """Hold a post, so that its user is to be notified; return False if it was changed or is being posted."""
        table = tables.schedule
        condition = (table.c.id == post.id) & (table.c.version == post.version) & (table.c.state == "planned")
        async with self._database.write(f"schedule {post.owner_id}") as connection:
            values = {"reason": HELD, "told": False, "version": post.version + 1}
            result = await connection.execute(update(table).where(condition).values(values))
        return bool(result.rowcount)

    def iter_unnotified(self, serves: Callable[[str], bool] = serve_all) -> AsyncIterator[ScheduledPost]:
        """Yield the failed, missed and held posts of the servers that the caller `serves` whose users were not notified of
        that, the earliest due first.
        """
        table = tables.schedule
        return self._iter_pages(
            table.c.told.is_(False) & or_(table.c.state.in_(("failed", "missed")), _is_held()), serves
        )

    async def mark_notified(self, post_id: str) -> None:
        """Record that a post's user was notified."""
        table = tables.schedule
        async with self._database.write() as connection:
            await connection.execute(update(table).where(table.c.id == post_id).values(told=True))

    async def _iter_pages(
        self, condition: ColumnElement[bool], serves: Callable[[str], bool]
    ) -> AsyncIterator[ScheduledPost]:
        """Yield the readable posts that meet a condition, by due time, of the servers that the caller `serves`.

        Each page continues after the last row of the one before: rows that the caller leaves as they are hide no later ones.
        """
        table = tables.schedule
        position = (table.c.due_at, table.c.created_at, table.c.id)
        query = select_with_keys(table).where(condition).order_by(*position).limit(_PAGE_SIZE)
        rows = await self._load_rows(query)
        while rows:
            for row in rows:
                if serves(_get_guild_id(row.owner_id)) and (post := self._open_or_none(row)) is not None:
                    yield post
            last_row = rows[-1]
            rows = await self._load_rows(
                query.where(tuple_(*position) > tuple_(last_row.due_at, last_row.created_at, last_row.id))
            )

    async def _load(self, query: Any) -> list[ScheduledPost]:
        return [post for row in await self._load_rows(query) if (post := self._open_or_none(row)) is not None]

    @shield
    async def _load_rows(self, query: Any) -> Sequence[Row[Any]]:
        async with self._database.read() as connection:
            return (await connection.execute(query)).all()

    def _open_row(self, row: Row[Any]) -> ScheduledPost:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
        values |= {name: to_utc(time) if (time := getattr(row, name)) else None for name in _TIME_COLUMNS}
        return ScheduledPost(**values, **key.open(row.sealed, tables.build_purpose(tables.schedule, row._mapping)))

    def _open_or_none(self, row: Row[Any]) -> ScheduledPost | None:
        try:
            return self._open_row(row)
        except DamagedError:
            log_damaged_row(tables.build_purpose(tables.schedule, row._mapping))
            return None


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete posts that are no longer planned and were due before a time."""
    table = tables.schedule
    is_finished = table.c.state.in_(("posted", "failed", "missed"))
    await connection.execute(delete(table).where(is_finished, table.c.due_at < before))


async def delete_server_rows(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the posts of a server, of one user or of all."""
    table = tables.schedule
    condition = table.c.owner_id == workspace(guild_id)
    if user_id is not None:
        condition &= table.c.user_id == user_id
    await connection.execute(delete(table).where(condition))


def _get_guild_id(owner_id: str) -> str:
    """Return the id of the server that owns a post, empty if a user does."""
    return get_guild_id(owner_id) if is_workspace(owner_id) else ""


def _is_held() -> ColumnElement[bool]:
    return and_(tables.schedule.c.state == "planned", tables.schedule.c.reason == HELD)


def _is_visible(user_id: str, guild_id: str) -> ColumnElement[bool]:
    """Return the condition for posts that a user scheduled, or of a server."""
    table = tables.schedule
    is_by_user = table.c.user_id == user_id
    return or_(is_by_user, table.c.owner_id == workspace(guild_id)) if guild_id else is_by_user


def _is_changeable(user_id: str, managed_guild_id: str, post: ScheduledPost) -> ColumnElement[bool]:
    """Return the condition that a post is unchanged and not posted, and that the user scheduled it or manages its server."""
    table = tables.schedule
    is_unchanged = (table.c.id == post.id) & (table.c.version == post.version)
    return is_unchanged & table.c.state.in_(_CHANGEABLE_STATES) & _is_visible(user_id, managed_guild_id)


async def _require_capacity(connection: AsyncConnection, owner_id: str) -> None:
    """Raise StorageError if the owner already has the maximum number of planned posts."""
    table = tables.schedule
    max_posts = MAX_POSTS_PER_WORKSPACE if is_workspace(owner_id) else MAX_POSTS_PER_USER
    query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id, table.c.state == "planned")
    if int(await connection.scalar(query) or 0) >= max_posts:
        raise StorageError(
            "There are already {most} scheduled posts, which is the limit. Cancel one in /calendar first.",
            most=max_posts,
        )


async def _insert_post(connection: AsyncConnection, key: OwnerKey, post: ScheduledPost) -> None:
    await connection.execute(tables.schedule.insert().values(id=post.id, **_build_values(post, key)))


def _build_values(post: ScheduledPost, key: OwnerKey) -> dict[str, Any]:
    """Return the values of all columns of a row but its id."""
    columns = {name: getattr(post, name) for name in (*_COLUMNS, *_TIME_COLUMNS)}
    fields = {name: getattr(post, name) for name in _SEALED_FIELDS}
    values = {**columns, "sealed": key.seal(fields, tables.build_purpose(tables.schedule, columns))}
    del values["id"]
    return values
