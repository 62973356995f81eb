"""Running quizzes with users' answers, and the mastery derived from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

# Merges answers into a mastery record: takes the record and the answers, returns the new record.
MasteryUpdate = Callable[[Mapping[str, Sequence[int]], Iterable[tuple[str, int]]], dict[str, list[int]]]
# A game in a channel, one user's practice, homework set by a teacher, and a pupil's copy of it.
GameSort = Literal["live", "practice", "homework", "pupil"]
FINISHED = "finished"
# Maximum runs and pieces of homework per owner.
MAX_GAMES = 500
_PLAIN = ("id", "owner_id", "user_id", "parent_id", "sort", "state", "step", "channel_id", "message_id", "version")
_MOMENTS = ("due_at", "seen_at", "created_at")


def generate_id() -> str:
    """Generate an id for a game."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class StoredGame:
    """A quiz that is played or worked on. `value` is JSON whose form belongs to the service.

    `user_id` is the host, the teacher, or whose exercise it is; `parent_id` the homework of a pupil's copy. `step` is
    the current question, `version` rises with each change, and `seen_at` is when a process last took answers.
    """

    owner_id: str
    user_id: str
    sort: GameSort
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
    """An answer to a question of a game, by the id of the click that gave it, and how many seconds it took."""

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
        """Store a new game; False if one is played in that channel already, or a pupil has that homework.

        Raises:
            PausedError: its user has paused storage.
            StorageError: the owner has the maximum number of games.
        """
        table = tables.games
        async with self._database.write(f"games {game.owner_id}") as connection:
            await self._database.owners.require_key(connection, game.user_id)
            key = await self._database.owners.require_key(connection, game.owner_id)
            if game.sort == "live":
                here = (table.c.channel_id == game.channel_id) & (table.c.sort == "live") & (table.c.state != FINISHED)
                if await connection.scalar(select(table.c.id).where(here)):
                    return False
            if game.parent_id is not None:
                has = (table.c.parent_id == game.parent_id) & (table.c.user_id == game.user_id)
                if await connection.scalar(select(table.c.id).where(has)):
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
            plain = _build_plain_values(game)
            sealed = key.seal(game.value, tables.build_purpose(table, plain))
            await connection.execute(table.insert().values(**plain, sealed=sealed))
        return True

    async def get(self, game_id: str) -> StoredGame | None:
        """Return a game; None if it does not exist (any more) or was changed in the database."""
        return next(iter(await self._load_where(tables.games.c.id == game_id)), None)

    async def change(
        self,
        game: StoredGame,
        results: Mapping[str, Sequence[tuple[str, int]]] | None = None,
        adding: MasteryUpdate | None = None,
    ) -> StoredGame | None:
        """Store a changed game unless it changed since it was read; None if it did or was deleted.

        With `results`, by person what their answers say about objectives, these are noted in the same transaction; `adding` says
        how they become part of what is known.
        """
        table = tables.games
        updated = replace(game, version=game.version + 1)
        async with self._database.share_write(f"game {game.id}"), self._database.write() as connection:
            key = await self._database.owners.find_key(connection, game.owner_id)
            if key is None:
                return None
            plain = _build_plain_values(updated)
            sealed = key.seal(game.value, tables.build_purpose(table, plain))
            condition = (table.c.id == game.id) & (table.c.version == game.version)
            result = await connection.execute(update(table).where(condition).values(**plain, sealed=sealed))
            if not result.rowcount:
                return None
            for user_id, user_answers in (results or {}).items() if adding is not None else ():
                assert adding is not None
                await add_to_mastery(self._database, connection, game.owner_id, user_id, user_answers, adding)
        return updated

    async def set_message(self, game_id: str, channel_id: str, message_id: str) -> None:
        """Record the message that shows a game in a channel."""
        table = tables.games
        which = (table.c.id == game_id) & (table.c.channel_id == channel_id)
        async with self._database.write() as connection:
            await connection.execute(update(table).where(which).values(message_id=message_id))

    async def record_presence(self, game_id: str, now: datetime | None) -> None:
        """Record that a process takes answers; None if nothing is left to do."""
        table = tables.games
        async with self._database.write() as connection:
            await connection.execute(update(table).where(table.c.id == game_id).values(seen_at=now))

    async def list_live(self) -> list[StoredGame]:
        """List the games being played, and those whose end is not shown yet."""
        table = tables.games
        return await self._load_where(
            (table.c.sort == "live") & or_(table.c.state != FINISHED, table.c.seen_at.is_not(None))
        )

    async def list_by_sort(
        self, sort: GameSort, *, owner_id: str | None = None, user_id: str | None = None, parent_id: str | None = None
    ) -> list[StoredGame]:
        """List the games of a sort, newest first: of an owner, of a user, or of a piece of homework."""
        table = tables.games
        which = table.c.sort == sort
        for column, value in ((table.c.owner_id, owner_id), (table.c.user_id, user_id), (table.c.parent_id, parent_id)):
            which = which if value is None else which & (column == value)
        return await self._load_where(which)

    async def list_due(self, sort: GameSort, state: str, before: datetime) -> list[StoredGame]:
        """List the games of a sort in a state that are due before a moment."""
        table = tables.games
        return await self._load_where((table.c.sort == sort) & (table.c.state == state) & (table.c.due_at < before))

    async def record_answer(self, game_id: str, answer: GameAnswer) -> bool | None:
        """Store an answer to the open question; return True if it counts, False if an earlier one of the user does.

        Of two clicks, the one Discord received first counts. None if the question is not open.

        Raises:
            PausedError: the user has paused storage.
        """
        table, games = tables.game_answers, tables.games
        async with self._database.write(f"game {game_id}") as connection:
            is_open = select(games.c.id).where(
                games.c.id == game_id, games.c.state == "open", games.c.step == answer.number
            )
            if not await connection.scalar(is_open.with_for_update(read=True)):
                return None
            key = await self._database.owners.require_key(connection, answer.user_id)
            row = {"game_id": game_id, "user_id": answer.user_id, "number": answer.number}
            condition = (
                (table.c.game_id == game_id) & (table.c.user_id == answer.user_id) & (table.c.number == answer.number)
            )
            before = await connection.scalar(select(table.c.click_id).where(condition))
            if before is not None and int(before) <= int(answer.click_id):
                return False
            await connection.execute(delete(table).where(condition))
            sealed = key.seal({"choice": answer.choice, "took": answer.took}, tables.build_purpose(table, row))
            await connection.execute(table.insert().values(**row, click_id=answer.click_id, sealed=sealed))
        return True

    async def list_answers(self, game_id: str) -> list[GameAnswer]:
        """List all readable answers of a game."""
        table, owners = tables.game_answers, tables.owners
        query = select(table, owners.c.wrapped_key, owners.c.key_id).join(owners, owners.c.owner_id == table.c.user_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.where(table.c.game_id == game_id))).all()
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
        """Delete a game, with its answers and pupils' copies."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.games).where(tables.games.c.id == game_id))

    async def delete_expired(self, before: datetime) -> None:
        """Delete games and practice unused since a moment, and homework due before it."""
        table = tables.games
        homework = table.c.sort.in_(("homework", "pupil"))
        condition = (~homework & (table.c.created_at < before)) | (homework & (table.c.due_at < before))
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(condition))

    async def load_mastery(self, owner_id: str, user_id: str | None = None) -> dict[str, dict[str, list[int]]]:
        """Return the mastery of users in a place by their ids, or of one of them: the last answers by objective."""
        table = tables.mastery
        which = table.c.owner_id == owner_id
        which = which if user_id is None else which & (table.c.user_id == user_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(which).order_by(table.c.user_id))).all()
        return {row.user_id: known for row in rows if (known := _open_mastery(self._database, row)) is not None}

    async def _load_where(self, which: ColumnElement[bool]) -> list[StoredGame]:
        table = tables.games
        query = select_with_keys(table).where(which).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [game for row in rows if (game := self._open_row(row)) is not None]

    def _open_row(self, row: Row[Any]) -> StoredGame | None:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        value = open_or_none(key, row.sealed, tables.build_purpose(tables.games, row._mapping))
        if value is None:
            return None
        plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
        moments: dict[str, Any] = {name: to_utc(at) if (at := getattr(row, name)) else None for name in _MOMENTS}
        return StoredGame(value=value, **plain, **moments)


async def add_to_mastery(
    database: Database,
    connection: AsyncConnection,
    owner_id: str,
    user_id: str,
    answers: Sequence[tuple[str, int]],
    adding: MasteryUpdate,
) -> None:
    """Add answers to a user's mastery in a place; nothing if nothing is or may be stored for them."""
    table, owners = tables.mastery, tables.owners
    paused = select(owners.c.paused_at).where(owners.c.owner_id == user_id)
    person = (await connection.execute(paused)).one_or_none()
    key = await database.owners.find_key(connection, owner_id)
    if person is None or person.paused_at is not None or key is None:
        return
    which = (table.c.owner_id == owner_id) & (table.c.user_id == user_id)
    row = (await connection.execute(select_with_keys(table).where(which))).one_or_none()
    record = (_open_mastery(database, row) if row else None) or {}
    values = {"id": row.id if row else generate_id(), "owner_id": owner_id, "user_id": user_id}
    sealed = key.seal({"objectives": adding(record, answers)}, tables.build_purpose(table, values))
    await connection.execute(delete(table).where(which))
    await connection.execute(table.insert().values(**values, sealed=sealed, updated_at=datetime.now(UTC)))


def _open_mastery(database: Database, row: Row[Any]) -> dict[str, list[int]] | None:
    key = database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
    record = open_or_none(key, row.sealed, tables.build_purpose(tables.mastery, row._mapping))
    return None if record is None else dict(record["objectives"])


async def delete_of_server(connection: AsyncConnection, guild_id: str, user_id: str | None = None) -> None:
    """Delete the games of a server and the mastery from them, of one user or of all."""
    owner_id = workspace(guild_id)
    for table in (tables.games, tables.mastery):
        which = table.c.owner_id == owner_id
        await connection.execute(
            delete(table).where(which if user_id is None else which & (table.c.user_id == user_id))
        )
    if user_id is not None:
        here = select(tables.games.c.id).where(tables.games.c.owner_id == owner_id)
        table = tables.game_answers
        await connection.execute(delete(table).where(table.c.game_id.in_(here), table.c.user_id == user_id))


def _build_plain_values(game: StoredGame) -> dict[str, Any]:
    return {name: getattr(game, name) for name in (*_PLAIN, *_MOMENTS)}
