"""Role plays and interviews in channels, encrypted with the key of the user who started them.

Utterances are stored separately, encrypted with each user's own key, so that erasing a user's data also erases what they said.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import Keyring, OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .shielding import shield_methods
from .statements import to_utc

# Per user.
MAX_PLAYS = 50
ENDED = "ended"
# States in which work is pending; any process may do it.
_PENDING_STATES = ("waiting", "ending")


@dataclass(frozen=True, slots=True)
class StoredPlay:
    """A play or interview in a channel. `value` is JSON whose schema is the caller's.

    `utterances` are what users said and did there, by user id and number; `version` increases with each change, and `due_at` is when
    the time limit expires.
    """

    user_id: str
    guild_id: str
    channel_id: str
    kind: str
    state: str
    value: dict[str, Any]
    utterances: Mapping[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    version: int = 1
    due_at: datetime | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@shield_methods
class Plays:
    """Plays by id and channel. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, play: StoredPlay) -> bool:
        """Store a new play with its utterances; return False if one is running in that channel.

        Raises:
            PausedError: one of its users has paused storage.
            StorageError: the user has the maximum number of plays.
        """
        table = tables.plays
        async with self._database.write(f"plays {play.channel_id}") as connection:
            key = await self._database.owners.require_key(connection, play.user_id)
            condition = (table.c.channel_id == play.channel_id) & (table.c.state != ENDED)
            if await connection.scalar(select(table.c.id).where(condition)):
                return False
            query = select(func.count()).select_from(table).where(table.c.user_id == play.user_id)
            if int(await connection.scalar(query) or 0) >= MAX_PLAYS:
                raise StorageError(
                    (
                        "I can keep up to {most} plays for you at a time. Old ones are deleted "
                        "automatically; try again later."
                    ),
                    most=MAX_PLAYS,
                )
            await connection.execute(table.insert().values(**_build_row(play, key)))
            await self._replace_utterances(connection, play.id, play.utterances)
        return True

    async def get(self, play_id: str) -> StoredPlay | None:
        """Return a play; None if it does not exist (any more) or was tampered with."""
        return next(iter(await self._load_where(tables.plays.c.id == play_id)), None)

    async def find_active(self, channel_id: str) -> StoredPlay | None:
        """Return the active play of a channel."""
        table = tables.plays
        return next(iter(await self._load_where((table.c.channel_id == channel_id) & (table.c.state != ENDED))), None)

    async def list_active_channels(self) -> set[str]:
        """Return the channels with an active play."""
        table = tables.plays
        async with self._database.read() as connection:
            return set(await connection.scalars(select(table.c.channel_id).where(table.c.state != ENDED)))

    async def list_pending(self, now: datetime) -> list[StoredPlay]:
        """List the plays in which a user is waiting for the bot, that are ending, or whose time limit has expired."""
        table = tables.plays
        condition = (table.c.due_at <= now) & (table.c.state == "open")
        return await self._load_where(or_(table.c.state.in_(_PENDING_STATES), condition))

    async def change(
        self, play: StoredPlay, utterances: Mapping[tuple[str, int], dict[str, Any] | None] | None = None
    ) -> StoredPlay | None:
        """Store a modified play and the given utterances, and return the play as stored.

        Return None if the stored play has another version or is deleted. Utterances that are None are deleted.

        Raises:
            PausedError: the author of an utterance has paused storage.
        """
        table, new_utterances = tables.plays, dict(utterances or {})
        updated = replace(play, version=play.version + 1)
        async with self._database.write(f"play {play.id}") as connection:
            key = await self._database.owners.find_key(connection, play.user_id)
            if key is None:
                return None
            condition = (table.c.id == play.id) & (table.c.version == play.version)
            result = await connection.execute(update(table).where(condition).values(**_build_row(updated, key)))
            if not result.rowcount:
                return None
            await self._replace_utterances(connection, play.id, new_utterances)
        merged = {**play.utterances, **new_utterances}
        return replace(updated, utterances={key: value for key, value in merged.items() if value is not None})

    async def delete(self, play_id: str) -> None:
        """Delete a play with its utterances."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.plays).where(tables.plays.c.id == play_id))

    async def _replace_utterances(
        self, connection: AsyncConnection, play_id: str, utterances: Mapping[tuple[str, int], dict[str, Any] | None]
    ) -> None:
        table = tables.play_words
        for (user_id, number), utterance in utterances.items():
            row = {"play_id": play_id, "user_id": user_id, "number": number}
            condition = (table.c.play_id == play_id) & (table.c.user_id == user_id) & (table.c.number == number)
            await connection.execute(delete(table).where(condition))
            if utterance is not None:
                key = await self._database.owners.require_key(connection, user_id)
                await connection.execute(
                    table.insert().values(**row, sealed=key.seal(utterance, tables.build_purpose(table, row)))
                )

    async def _load_where(self, condition: ColumnElement[bool]) -> list[StoredPlay]:
        table = tables.plays
        query = select_with_keys(table).where(condition).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            if not rows:
                return []
            is_of_plays = tables.play_words.c.play_id.in_([row.id for row in rows])
            utterance_rows = (await connection.execute(select_with_keys(tables.play_words).where(is_of_plays))).all()
        keys = self._database.keys
        return [play for row in rows if (play := _decrypt_play(keys, row, utterance_rows)) is not None]


def _decrypt_play(keys: Keyring, row: Row[Any], utterance_rows: Sequence[Row[Any]]) -> StoredPlay | None:
    key = keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
    value = open_or_none(key, row.sealed, tables.build_purpose(tables.plays, row._mapping))
    if value is None:
        return None
    utterances = {}
    for utterance_row in utterance_rows:
        if utterance_row.play_id == row.id:
            author_key = keys.unwrap(utterance_row.user_id, utterance_row.wrapped_key, utterance_row.key_id)
            utterance = open_or_none(
                author_key, utterance_row.sealed, tables.build_purpose(tables.play_words, utterance_row._mapping)
            )
            if utterance is not None:
                utterances[utterance_row.user_id, utterance_row.number] = utterance
    return StoredPlay(
        row.user_id,
        row.guild_id or "",
        row.channel_id,
        row.sort,
        row.state,
        value,
        utterances,
        row.version,
        to_utc(row.due_at) if row.due_at else None,
        row.id,
        to_utc(row.created_at),
        to_utc(row.updated_at),
    )


def _build_row(play: StoredPlay, key: OwnerKey) -> dict[str, Any]:
    columns = {
        "id": play.id,
        "user_id": play.user_id,
        "guild_id": play.guild_id or None,
        "channel_id": play.channel_id,
        "sort": play.kind,
        "state": play.state,
        "version": play.version,
        "due_at": play.due_at,
        "created_at": play.created_at,
        "updated_at": play.updated_at,
    }
    return {**columns, "sealed": key.seal(play.value, tables.build_purpose(tables.plays, columns))}


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete plays that were last changed before a time."""
    await connection.execute(delete(tables.plays).where(tables.plays.c.updated_at < before))


async def delete_server_rows(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the plays of a server, or only those that one user started and what that user said in others."""
    plays, utterances = tables.plays, tables.play_words
    condition = plays.c.guild_id == guild_id
    if user_id is not None:
        server_plays = select(plays.c.id).where(condition)
        is_of_user = utterances.c.play_id.in_(server_plays) & (utterances.c.user_id == user_id)
        await connection.execute(delete(utterances).where(is_of_user))
        condition &= plays.c.user_id == user_id
    await connection.execute(delete(plays).where(condition))
