"""Users' courses, sealed with their keys. Courses shared with a server can be read by its teachers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import Keyring, OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .games import MasteryUpdate, add_to_mastery
from .owned_items import select_with_keys
from .shielding import shield_methods
from .statements import to_utc

# Per user.
MAX_COURSES = 50


@dataclass(frozen=True, slots=True)
class StoredCourse:
    """A course of a user. `value` is JSON whose schema is the caller's.

    `guild_id` is the server whose teachers can read it, empty for none. `version` increases with each change.
    """

    user_id: str
    value: dict[str, Any]
    guild_id: str = ""
    version: int = 1
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@shield_methods
class Courses:
    """Courses by id and owner; shared ones also by server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: str, value: dict[str, Any], now: datetime | None = None) -> StoredCourse:
        """Store a new course.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the user has the maximum number of courses.
        """
        table, now = tables.courses, now or datetime.now(UTC)
        stored_course = StoredCourse(user_id, value, created_at=now, updated_at=now)
        async with self._database.write(f"courses {user_id}") as connection:
            key = await self._database.owners.require_key(connection, user_id)
            query = select(func.count()).select_from(table).where(table.c.user_id == user_id)
            if int(await connection.scalar(query) or 0) >= MAX_COURSES:
                raise StorageError(
                    "I can keep up to {most} courses for you at a time. Delete one of them first.", most=MAX_COURSES
                )
            await connection.execute(table.insert().values(**_build_row(stored_course, key)))
        return stored_course

    async def get(self, course_id: str, user_id: str) -> StoredCourse | None:
        """Return a user's course; None if it does not exist (any more) or was tampered with."""
        table = tables.courses
        courses = await self._load_where((table.c.id == course_id) & (table.c.user_id == user_id))
        return courses[0] if courses else None

    async def list_all(self, user_id: str) -> list[StoredCourse]:
        """List a user's courses, the most recently used first."""
        return await self._load_where(tables.courses.c.user_id == user_id)

    async def list_shared(self, guild_id: str) -> list[StoredCourse]:
        """List the courses shared with a server's teachers."""
        return await self._load_where(tables.courses.c.guild_id == guild_id) if guild_id else []

    async def change(
        self, course: StoredCourse, answers: Sequence[tuple[str, int]] = (), update_mastery: MasteryUpdate | None = None
    ) -> StoredCourse | None:
        """Store a changed course and return it; None if the stored one has another version or was deleted.

        In the same transaction, the `answers` (objective and 1 or 0) are added to the user's mastery by `update_mastery`.
        """
        table = tables.courses
        updated = replace(course, version=course.version + 1)
        async with self._database.write(f"courses {course.user_id}") as connection:
            key = await self._database.owners.find_key(connection, course.user_id)
            if key is None:
                return None
            condition = (
                (table.c.id == course.id) & (table.c.user_id == course.user_id) & (table.c.version == course.version)
            )
            result = await connection.execute(update(table).where(condition).values(**_build_row(updated, key)))
            if not result.rowcount:
                return None
            if answers and update_mastery is not None:
                user_id = course.user_id
                await add_to_mastery(self._database, connection, user_id, user_id, answers, update_mastery)
        return updated

    async def delete(self, course_id: str, user_id: str) -> bool:
        """Delete a user's course; return whether it existed."""
        table = tables.courses
        condition = (table.c.id == course_id) & (table.c.user_id == user_id)
        async with self._database.write() as connection:
            return bool((await connection.execute(delete(table).where(condition))).rowcount)

    async def _load_where(self, condition: ColumnElement[bool]) -> list[StoredCourse]:
        table = tables.courses
        query = select_with_keys(table).where(condition).order_by(table.c.updated_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [course for row in rows if (course := _open_course(self._database.keys, row)) is not None]


def _open_course(keys: Keyring, row: Row[Any]) -> StoredCourse | None:
    key = keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
    value = open_or_none(key, row.sealed, tables.build_purpose(tables.courses, row._mapping))
    if value is None:
        return None
    created_at, updated_at = to_utc(row.created_at), to_utc(row.updated_at)
    return StoredCourse(row.user_id, value, row.guild_id or "", row.version, row.id, created_at, updated_at)


def _build_row(course: StoredCourse, key: OwnerKey) -> dict[str, Any]:
    columns = {
        "id": course.id,
        "user_id": course.user_id,
        "guild_id": course.guild_id or None,
        "version": course.version,
        "created_at": course.created_at,
        "updated_at": course.updated_at,
    }
    return {**columns, "sealed": key.seal(course.value, tables.build_purpose(tables.courses, columns))}


async def unshare_from_server(
    connection: AsyncConnection, keys: Keyring, guild_id: str, user_id: str | None = None
) -> None:
    """Make the courses shared with a server private again, of one user or of all."""
    table = tables.courses
    condition = (table.c.guild_id == guild_id) & (true() if user_id is None else table.c.user_id == user_id)
    for row in (await connection.execute(select_with_keys(table).where(condition))).all():
        course = _open_course(keys, row)
        if course is None:
            continue
        key = keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        values = _build_row(replace(course, guild_id="", version=course.version + 1), key)
        await connection.execute(update(table).where(table.c.id == row.id).values(**values))
