"""Quizzes in progress with users' answers, and the mastery derived from these."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

# Adds answers to a mastery record: takes the record (the last answers by objective, 1 for right) and pairs of objective and answer,
# and returns the new record.
MasteryUpdate = Callable[[Mapping[str, Sequence[int]], Iterable[tuple[str, int]]], dict[str, list[int]]]
# A game in a channel, a user's practice, homework that a teacher set, and a pupil's copy of it.
GameKind = Literal["live", "practice", "homework", "pupil"]
FINISHED = "finished"
# Per owner and user.
MAX_GAMES = 500
_COLUMNS = ("id", "owner_id", "user_id", "parent_id", "state", "step", "channel_id", "message_id", "version")
_TIME_COLUMNS = ("due_at", "seen_at", "created_at")


def generate_id() -> str:
    """Generate an id for a game."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class StoredGame:
    """A quiz in progress. `value` is JSON whose schema is the caller's.

    `user_id` is the host, the teacher, or the user who practises; `parent_id` is the homework of a pupil's copy. `step` is the number
    of the current question, `version` increases with each change, and `seen_at` is when a process last took answers.
    """

    owner_id: str
    user_id: str
    kind: GameKind
    value: dict[str, Any]
    channel_id: str = ""
    message_id: str = ""
    parent_id: str | None = None
    state: str = "lobby"
    step: int = 0
    version: int = 1
    due_at: datetime | None = None
    seen_at: datetime | None = None
    id: str = field(default_factory=generate_id)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def guild_id(self) -> str:
        """The server it is played in, empty for direct messages."""
        return get_guild_id(self.owner_id) if is_workspace(self.owner_id) else ""


@dataclass(frozen=True, slots=True)
class GameAnswer:
    """An answer to the question of a `number`: the id of the click that gave it, and the seconds that it `took`."""

    user_id: str
    number: int
    click_id: str
    choice: str
    took: float


@shield_methods
class Games:
    """Games by id. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, game: StoredGame) -> bool:
        """Store a new game; return False if a live one is running in the channel, or the pupil already has a copy of the homework.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the user has the maximum number of games of the owner.
        """
        table = tables.games
        async with self._database.write(f"games {game.owner_id}") as connection:
            await self._database.owners.require_key(connection, game.user_id)
            key = await self._database.owners.require_key(connection, game.owner_id)
            if game.kind == "live":
                is_live = (table.c.sort == "live") & (table.c.state != FINISHED)
                query = select(table.c.id).where(is_live, table.c.channel_id == game.channel_id)
                if await connection.scalar(query):
                    return False
            if game.parent_id is not None:
                is_copy = (table.c.parent_id == game.parent_id) & (table.c.user_id == game.user_id)
                if await connection.scalar(select(table.c.id).where(is_copy)):
                    return False
            condition = (table.c.owner_id == game.owner_id) & (table.c.user_id == game.user_id)
            if int(await connection.scalar(select(func.count()).select_from(table).where(condition)) or 0) >= MAX_GAMES:
                raise StorageError(
                    (
                        "I can keep up to {most} quizzes for you at a time. Old ones are deleted "
                        "automatically; try again later."
                    ),
                    most=MAX_GAMES,
                )
            await connection.execute(table.insert().values(**_build_values(game, key)))
        return True

    async def get(self, game_id: str) -> StoredGame | None:
        """Return a game; None if it does not exist (any more) or was tampered with."""
        return next(iter(await self._load_where(tables.games.c.id == game_id)), None)

    async def change(
        self,
        game: StoredGame,
        answers_by_user: Mapping[str, Sequence[tuple[str, int]]] | None = None,
        update_mastery: MasteryUpdate | None = None,
    ) -> StoredGame | None:
        """Store a changed game and return it; None if the stored one has another version or was deleted.

        In the same transaction, users' answers (objective and 1 or 0) are added to their mastery by `update_mastery`.
        """
        table = tables.games
        updated = replace(game, version=game.version + 1)
        async with self._database.write(f"game {game.id}") as connection:
            key = await self._database.owners.find_key(connection, game.owner_id)
            if key is None:
                return None
            condition = (table.c.id == game.id) & (table.c.version == game.version)
            result = await connection.execute(update(table).where(condition).values(**_build_values(updated, key)))
            if not result.rowcount:
                return None
            if update_mastery is not None:
                for user_id, answers in (answers_by_user or {}).items():
                    await add_to_mastery(self._database, connection, game.owner_id, user_id, answers, update_mastery)
        return updated

    async def set_message(self, game_id: str, channel_id: str, message_id: str) -> None:
        """Store the message that shows a game, if the game is in that channel."""
        table = tables.games
        condition = (table.c.id == game_id) & (table.c.channel_id == channel_id)
        async with self._database.write() as connection:
            await connection.execute(update(table).where(condition).values(message_id=message_id))

    async def record_presence(self, game_id: str, now: datetime | None) -> None:
        """Store when a process last took answers, None if nothing is left to do for the game."""
        table = tables.games
        async with self._database.write() as connection:
            await connection.execute(update(table).where(table.c.id == game_id).values(seen_at=now))

    async def list_live(self) -> list[StoredGame]:
        """List the live games that are running, and those whose end is not shown yet."""
        table = tables.games
        is_active = or_(table.c.state != FINISHED, table.c.seen_at.is_not(None))
        return await self._load_where((table.c.sort == "live") & is_active)

    async def list_by_kind(
        self, kind: GameKind, *, owner_id: str | None = None, user_id: str | None = None, parent_id: str | None = None
    ) -> list[StoredGame]:
        """List the games of a kind, newest first; optionally only those of an owner, of a user, or of some homework."""
        table = tables.games
        condition = table.c.sort == kind
        for column, value in ((table.c.owner_id, owner_id), (table.c.user_id, user_id), (table.c.parent_id, parent_id)):
            if value is not None:
                condition &= column == value
        return await self._load_where(condition)

    async def list_due(self, kind: GameKind, state: str, before: datetime) -> list[StoredGame]:
        """List the games of a kind in a state that are due before a time."""
        table = tables.games
        return await self._load_where((table.c.sort == kind) & (table.c.state == state) & (table.c.due_at < before))

    async def record_answer(self, game_id: str, answer: GameAnswer) -> bool | None:
        """Store an answer; return True if it counts, False if an earlier one of the user does, None if the question is not open.

        Of two answers, the one that Discord received first counts.

        Raises:
            PausedError: the user has paused storage.
        """
        table, games = tables.game_answers, tables.games
        async with self._database.write(f"game {game_id}") as connection:
            is_open = (games.c.id == game_id) & (games.c.state == "open") & (games.c.step == answer.number)
            if not await connection.scalar(select(games.c.id).where(is_open).with_for_update(read=True)):
                return None
            key = await self._database.owners.require_key(connection, answer.user_id)
            row = {"game_id": game_id, "user_id": answer.user_id, "number": answer.number}
            condition = (
                (table.c.game_id == game_id) & (table.c.user_id == answer.user_id) & (table.c.number == answer.number)
            )
            known_click_id = await connection.scalar(select(table.c.click_id).where(condition))
            if known_click_id is not None and int(known_click_id) <= int(answer.click_id):
                return False
            await connection.execute(delete(table).where(condition))
            sealed = key.seal({"choice": answer.choice, "took": answer.took}, tables.build_purpose(table, row))
            await connection.execute(table.insert().values(**row, click_id=answer.click_id, sealed=sealed))
        return True

    async def list_answers(self, game_id: str) -> list[GameAnswer]:
        """List all readable answers of a game."""
        table = tables.game_answers
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(table.c.game_id == game_id))).all()
        answers = []
        for row in rows:
            key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
            if (fields := open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping))) is not None:
                answers.append(GameAnswer(row.user_id, row.number, row.click_id, **fields))
        return answers

    async def count_answers(self, game_id: str, number: int) -> int:
        """Count the answers to a question."""
        table = tables.game_answers
        query = select(func.count()).select_from(table).where(table.c.game_id == game_id, table.c.number == number)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def delete(self, game_id: str) -> None:
        """Delete a game with its answers and pupils' copies."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.games).where(tables.games.c.id == game_id))

    async def delete_expired(self, before: datetime) -> None:
        """Delete live games and practice created before a time, and homework and its copies due before it."""
        table = tables.games
        is_homework = table.c.sort.in_(("homework", "pupil"))
        condition = (~is_homework & (table.c.created_at < before)) | (is_homework & (table.c.due_at < before))
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(condition))

    async def load_mastery(self, owner_id: str, user_id: str | None = None) -> dict[str, dict[str, list[int]]]:
        """Return the mastery of an owner's users, or of one of them: by user id, the last answers by objective."""
        table = tables.mastery
        condition = table.c.owner_id == owner_id
        if user_id is not None:
            condition &= table.c.user_id == user_id
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(condition).order_by(table.c.user_id))).all()
        return {row.user_id: record for row in rows if (record := _open_mastery(self._database, row)) is not None}

    async def _load_where(self, condition: ColumnElement[bool]) -> list[StoredGame]:
        table = tables.games
        query = select_with_keys(table).where(condition).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [game for row in rows if (game := self._open_row(row)) is not None]

    def _open_row(self, row: Row[Any]) -> StoredGame | None:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        value = open_or_none(key, row.sealed, tables.build_purpose(tables.games, row._mapping))
        if value is None:
            return None
        columns: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
        columns |= {name: to_utc(time) if (time := getattr(row, name)) else None for name in _TIME_COLUMNS}
        return StoredGame(kind=row.sort, value=value, **columns)


async def add_to_mastery(
    database: Database,
    connection: AsyncConnection,
    owner_id: str,
    user_id: str,
    answers: Sequence[tuple[str, int]],
    update_mastery: MasteryUpdate,
) -> None:
    """Add answers to a user's mastery with an owner, unless the user was forgotten or has paused storage."""
    table, owners = tables.mastery, tables.owners
    query = select(owners.c.paused_at).where(owners.c.owner_id == user_id)
    user = (await connection.execute(query)).one_or_none()
    key = await database.owners.find_key(connection, owner_id)
    if user is None or user.paused_at is not None or key is None:
        return
    condition = (table.c.owner_id == owner_id) & (table.c.user_id == user_id)
    row = (await connection.execute(select_with_keys(table).where(condition))).one_or_none()
    record = (_open_mastery(database, row) if row else None) or {}
    values = {"id": row.id if row else generate_id(), "owner_id": owner_id, "user_id": user_id}
    sealed = key.seal({"objectives": update_mastery(record, answers)}, tables.build_purpose(table, values))
    await connection.execute(delete(table).where(condition))
    await connection.execute(table.insert().values(**values, sealed=sealed, updated_at=datetime.now(UTC)))


def _open_mastery(database: Database, row: Row[Any]) -> dict[str, list[int]] | None:
    """Decrypt a mastery record; None if its row was tampered with."""
    key = database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
    record = open_or_none(key, row.sealed, tables.build_purpose(tables.mastery, row._mapping))
    return None if record is None else dict(record["objectives"])


async def delete_server_rows(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the games and mastery of a server, or only those and the answers of one user."""
    owner_id, answers = workspace(guild_id), tables.game_answers
    for table in (tables.games, tables.mastery):
        condition = table.c.owner_id == owner_id
        if user_id is not None:
            condition &= table.c.user_id == user_id
        await connection.execute(delete(table).where(condition))
    if user_id is not None:
        game_ids = select(tables.games.c.id).where(tables.games.c.owner_id == owner_id)
        await connection.execute(delete(answers).where(answers.c.game_id.in_(game_ids), answers.c.user_id == user_id))


def _build_values(game: StoredGame, key: OwnerKey) -> dict[str, Any]:
    columns = {name: getattr(game, name) for name in (*_COLUMNS, *_TIME_COLUMNS)}
    columns["sort"] = game.kind
    return {**columns, "sealed": key.seal(game.value, tables.build_purpose(tables.games, columns))}
