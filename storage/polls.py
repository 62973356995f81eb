"""Polls on variants of a result, sealed with the workspace's key, and members' votes by button."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select, update

from . import tables
from .damage import open_or_none
from .database import Database
from .owned_items import select_with_keys
from .owners import get_guild_id, workspace
from .shielding import shield_methods
from .statements import to_utc


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll on variants of a user's result; `variants` are the ids of these results.

    `message_id` is the message that shows the variants, `ballot_id` the one to vote on: the same, or a Discord poll, empty until it
    is posted. `quorum` votes close it before `closes_at`. Once it is closed, `counts` are the votes of each variant, and `chosen` is
    the index of the winner, None without votes.
    """

    id: str
    guild_id: str
    channel_id: str
    user_id: str
    variants: tuple[str, ...]
    quorum: int
    closes_at: datetime
    locale: str = "en"
    message_id: str = ""
    ballot_id: str = ""
    closed_at: datetime | None = None
    chosen: int | None = None
    counts: tuple[int, ...] = ()

    @property
    def is_native(self) -> bool:
        """Whether its ballot is a Discord poll, which counts the votes itself."""
        return self.ballot_id not in ("", self.message_id)


_SEALED_FIELDS = ("channel_id", "user_id", "variants", "quorum", "locale", "message_id", "chosen", "counts")


@shield_methods
class Polls:
    """Polls by id. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, poll: Poll, now: datetime) -> bool:
        """Store a new poll; return False if there is one with the same first variant."""
        table, first_id = tables.polls, poll.variants[0]
        async with self._database.write(f"poll {first_id}") as connection:
            if await connection.scalar(select(table.c.id).where(table.c.generation_id == first_id)):
                return False
            owner_id = workspace(poll.guild_id)
            key = await self._database.owners.require_key(connection, owner_id)
            row = {
                "id": poll.id,
                "owner_id": owner_id,
                "generation_id": first_id,
                "ballot_id": poll.ballot_id,
                "created_at": now,
                "closes_at": poll.closes_at,
            }
            sealed = key.seal(_build_sealed_values(poll), tables.build_purpose(table, row))
            await connection.execute(table.insert().values(**row, sealed=sealed))
        return True

    async def set_messages(self, poll_id: str, message_id: str, ballot_id: str) -> None:
        """Store the message that shows a poll's variants and its ballot."""
        await self._change(poll_id, {"message_id": message_id}, ballot_id=ballot_id)

    async def get(self, poll_id: str) -> Poll | None:
        """Return a poll; None if it does not exist (any more) or was tampered with."""
        return next(iter(await self._load_where(tables.polls.c.id == poll_id)), None)

    async def find_by_ballot(self, ballot_id: str) -> Poll | None:
        """Return the open poll that has a message as its ballot; otherwise None."""
        table = tables.polls
        return next(iter(await self._load_where((table.c.ballot_id == ballot_id) & table.c.closed_at.is_(None))), None)

    async def list_open(self) -> list[Poll]:
        """List all open polls by closing time."""
        return await self._load_where(tables.polls.c.closed_at.is_(None))

    async def list_due(self, now: datetime) -> list[Poll]:
        """List the open polls that should have closed by now."""
        table = tables.polls
        return await self._load_where(table.c.closed_at.is_(None) & (table.c.closes_at <= now))

    async def list_unannounced(self, before: datetime) -> list[Poll]:
        """List the polls that were closed before a time, whose result was not shown."""
        table = tables.polls
        return await self._load_where(table.c.closed_at.is_not(None) & (table.c.closed_at <= before))

    async def record_vote(self, poll_id: str, user_id: str, choice: int) -> tuple[int | None, Counter[int]] | None:
        """Store a user's vote for the variant of an index; repeating it withdraws it.

        Return the current vote (None if withdrawn) and the counts by index, or only None if the poll is closed.

        Raises:
            PausedError: the user has paused storage.
        """
        table, polls = tables.poll_votes, tables.polls
        async with self._database.write(f"poll {poll_id}") as connection:
            is_open = select(polls.c.id).where(polls.c.id == poll_id, polls.c.closed_at.is_(None))
            if not await connection.scalar(is_open.with_for_update(read=True)):
                return None
            await self._database.owners.require_key(connection, user_id)
            condition = (table.c.poll_id == poll_id) & (table.c.user_id == user_id)
            previous_choice = await connection.scalar(select(table.c.choice).where(condition))
            await connection.execute(delete(table).where(condition))
            if choice != previous_choice:
                values = {"poll_id": poll_id, "user_id": user_id, "choice": choice}
                await connection.execute(table.insert().values(**values))
            choices = await connection.scalars(select(table.c.choice).where(table.c.poll_id == poll_id))
            return None if choice == previous_choice else choice, Counter(choices)

    async def count_votes(self, poll_id: str) -> Counter[int]:
        """Count the votes by button, by the index of their variant."""
        table = tables.poll_votes
        async with self._database.read() as connection:
            return Counter(await connection.scalars(select(table.c.choice).where(table.c.poll_id == poll_id)))

    async def close(self, poll_id: str, chosen: int | None, counts: Sequence[int], now: datetime) -> bool:
        """Close a poll and delete the individual votes; return False if it was closed or deleted already."""
        table = tables.poll_votes
        async with self._database.share_write(f"poll {poll_id}"):
            is_closed = await self._change(poll_id, {"chosen": chosen, "counts": list(counts)}, closed_at=now)
            if is_closed:
                async with self._database.write() as connection:
                    await connection.execute(delete(table).where(table.c.poll_id == poll_id))
        return is_closed

    async def delete(self, poll_id: str) -> None:
        """Delete a poll: its result was shown, or it was never posted."""
        table = tables.polls
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(table.c.id == poll_id))

    async def _change(self, poll_id: str, changed_fields: dict[str, Any], **columns: Any) -> bool:
        """Change sealed fields and columns of an open poll; return whether there was one that can be decrypted."""
        table = tables.polls
        async with self._database.write(f"poll {poll_id}") as connection:
            is_open = (table.c.id == poll_id) & table.c.closed_at.is_(None)
            row = (await connection.execute(select_with_keys(table).where(is_open))).one_or_none()
            if row is None:
                return False
            purpose = tables.build_purpose(table, row._mapping)
            key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            if (fields := open_or_none(key, row.sealed, purpose)) is None:
                return False
            values = {"sealed": key.seal({**fields, **changed_fields}, purpose), **columns}
            result = await connection.execute(update(table).where(is_open).values(**values))
            return bool(result.rowcount)

    async def _load_where(self, condition: ColumnElement[bool]) -> list[Poll]:
        table = tables.polls
        query: Select[Any] = select_with_keys(table).where(condition).order_by(table.c.closes_at, table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [poll for row in rows if (poll := self._open_row(row)) is not None]

    def _open_row(self, row: Row[Any]) -> Poll | None:
        purpose = tables.build_purpose(tables.polls, row._mapping)
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        if (fields := open_or_none(key, row.sealed, purpose)) is None:
            return None
        sealed = {**fields, "variants": tuple(fields["variants"]), "counts": tuple(fields["counts"])}
        return Poll(
            id=row.id,
            guild_id=get_guild_id(row.owner_id),
            ballot_id=row.ballot_id,
            closes_at=to_utc(row.closes_at),
            closed_at=to_utc(row.closed_at) if row.closed_at else None,
            **sealed,
        )


def _build_sealed_values(poll: Poll) -> dict[str, Any]:
    return {name: getattr(poll, name) for name in _SEALED_FIELDS}
