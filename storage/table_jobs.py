"""Tables that rows are made up after: what is asked of each, what is needed to go on with it, and what was learnt where it is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .byte_limits import UNLIMITED, ByteLimits, count_pending_bytes, require_room
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import DamagedError, StorageError
from .owned_items import select_with_keys
from .shielding import shield_methods
from .statements import to_utc

TableState = Literal["draft", "learning", "done", "kept", "cancelled", "failed"]
# What is kept of a table: the file that came, what learning goes on from, and what was learnt.
TablePart = Literal["source", "checkpoint", "model"]
# Nothing more comes of these, and nothing is kept for them.
FINAL_STATES: tuple[TableState, ...] = ("done", "cancelled", "failed")
# Maximum tables per user that are learnt or stored.
MAX_TABLES_PER_USER = 10
_SEALED = ("name", "order", "kept_as", "locale", "message_id", "note")


@dataclass(frozen=True, slots=True)
class TableJob:
    """A table that somebody sent, and what they want of it (`order`). `kept_as` names what was learnt, where it is to be kept;
    `note` is what is told at last, as JSON.
    """

    id: str
    user_id: str
    channel_id: str
    name: str
    order: Mapping[str, Any]
    kept_as: str = ""
    guild_id: str = ""
    locale: str = "en"
    message_id: str = ""
    note: Mapping[str, Any] | None = None
    state: TableState = "draft"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@shield_methods
class TableJobs:
    """Table jobs by id; only their owner can access them."""

    def __init__(self, database: Database, room: ByteLimits = UNLIMITED) -> None:
        self._database, self._room = database, room

    async def add(self, job: TableJob, source: bytes) -> None:
        """Store a new table; finished ones are deleted to make room.

        Raises:
            PausedError: its owner has paused storage.
            StorageError: as many are learnt or kept as may be of a person, or so many bytes.
        """
        table = tables.made_tables
        async with self._database.write(f"made {job.user_id}") as connection:
            key = await self._database.owners.require_key(connection, job.user_id)
            condition = table.c.user_id == job.user_id
            await connection.execute(delete(table).where(condition, table.c.state.in_(FINAL_STATES)))
            known = (await connection.execute(select(table.c.id).where(condition, table.c.state != "draft"))).all()
            if len(known) >= MAX_TABLES_PER_USER:
                message = "You already have {most} tables learnt or being learnt. Delete one of them in /data list."
                raise StorageError(message, most=MAX_TABLES_PER_USER)
            more = len(source) + await count_pending_bytes(connection, job.user_id)
            await require_room(connection, job.user_id, more, self._room)
            await connection.execute(table.insert().values(**_build_values(job, key)))
            await _replace_part(connection, key, job.id, "source", source)

    async def require_room(self, user_id: str, size: int) -> None:
        """Raises StorageError where what was learnt, of such a size, is more than may be kept of a person."""
        async with self._database.read() as connection:
            await require_room(connection, user_id, size, self._room)

    async def get(self, job_id: str, user_id: str) -> TableJob | None:
        """Return a user's table; None if it does not exist (any more) or was tampered with."""
        table = tables.made_tables
        found = await self._load_where((table.c.id == job_id) & (table.c.user_id == user_id))
        return found[0] if found else None

    async def exists(self, job_id: str) -> bool:
        """Return whether a table exists, regardless of its owner."""
        async with self._database.read() as connection:
            query = select(tables.made_tables.c.id).where(tables.made_tables.c.id == job_id)
            return await connection.scalar(query) is not None

    async def list_active(self, user_id: str) -> list[TableJob]:
        """A person's tables that are learnt now, or of which what was learnt is kept; the oldest first."""
        table = tables.made_tables
        return await self._load_where((table.c.user_id == user_id) & table.c.state.in_(("learning", "kept")))

    async def list_learning(self) -> list[TableJob]:
        """List all tables to be learnt, oldest first."""
        return await self._load_where(tables.made_tables.c.state == "learning")

    async def load_part(self, job: TableJob, part: TablePart) -> bytes:
        """A part that is kept of a table, nothing where there is none, or it was changed in the database."""
        table = tables.made_table_parts
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, job.user_id)
            query = select(table).where(table.c.job_id == job.id, table.c.part == part)
            row = (await connection.execute(query)).one_or_none()
        if row is None or key is None:
            return b""
        try:
            return key.open_bytes(row.sealed, tables.build_purpose(table, row._mapping))
        except DamagedError:
            return b""

    async def save_checkpoint(self, job: TableJob, body: bytes) -> None:
        """Replace the checkpoint that learning resumes from."""
        table = tables.made_tables
        async with self._database.write(f"made {job.user_id}") as connection:
            key = await self._database.owners.find_key(connection, job.user_id)
            still = select(table.c.id).where(table.c.id == job.id, table.c.state == "learning")
            if key is not None and await connection.scalar(still) is not None:
                await _replace_part(connection, key, job.id, "checkpoint", body)

    async def change(
        self, job: TableJob, before: Collection[TableState], *, model: bytes = b"", **changes: Any
    ) -> TableJob | None:
        """Changes a table where it is in one of some states, and gives it as it is then; None where it is not, or gone.

        Once it is learnt or over, only the `model` is left of its parts.
        """
        table, parts = tables.made_tables, tables.made_table_parts
        async with self._database.write(f"made {job.user_id}") as connection:
            which = (table.c.id == job.id) & table.c.state.in_(tuple(before))
            row = (
                await connection.execute(select_with_keys(table).where(which).with_for_update(of=table))
            ).one_or_none()
            known = self._open_row(row) if row else None
            if known is None or row is None:
                return None
            updated = replace(known, **changes)
            key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
            values = _build_values(updated, key)
            del values["id"]
            await connection.execute(update(table).where(which).values(**values))
            if updated.state in (*FINAL_STATES, "kept"):
                await connection.execute(delete(parts).where(parts.c.job_id == job.id, parts.c.part != "model"))
            if model:
                await _replace_part(connection, key, job.id, "model", model)
        return updated

    async def delete(self, job_id: str, user_id: str) -> bool:
        """Deletes a table of a person's with what was learnt of it; tells whether there was one."""
        table = tables.made_tables
        async with self._database.write() as connection:
            condition = (table.c.id == job_id) & (table.c.user_id == user_id)
            result = await connection.execute(delete(table).where(condition))
        await self._database.checkpoint()
        return bool(result.rowcount)

    async def _load_where(self, which: ColumnElement[bool]) -> list[TableJob]:
        table = tables.made_tables
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(which).order_by(table.c.created_at))).all()
        return [job for row in rows if (job := self._open_row(row)) is not None]

    def _open_row(self, row: Row[Any]) -> TableJob | None:
        key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        fields = open_or_none(key, row.sealed, tables.build_purpose(tables.made_tables, row._mapping))
        if fields is None:
            return None
        return TableJob(
            id=row.id,
            user_id=row.user_id,
            guild_id=row.guild_id or "",
            channel_id=row.channel_id,
            state=row.state,
            created_at=to_utc(row.created_at),
            **fields,
        )


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Deletes tables that are over, of which nothing was kept, and that nobody has done anything with since a moment."""
    table = tables.made_tables
    await connection.execute(
        delete(table).where(table.c.state.in_((*FINAL_STATES, "draft")), table.c.updated_at < before)
    )


async def _replace_part(connection: AsyncConnection, key: OwnerKey, job_id: str, part: TablePart, body: bytes) -> None:
    table = tables.made_table_parts
    plain = {"job_id": job_id, "part": part}
    await connection.execute(delete(table).where(table.c.job_id == job_id, table.c.part == part))
    sealed = key.seal_bytes(body, tables.build_purpose(table, plain))
    await connection.execute(table.insert().values(**plain, sealed=sealed))


def _build_values(job: TableJob, key: OwnerKey) -> dict[str, Any]:
    row = {
        "id": job.id,
        "user_id": job.user_id,
        "guild_id": job.guild_id or None,
        "channel_id": job.channel_id,
        "state": job.state,
        "created_at": job.created_at,
        "updated_at": datetime.now(UTC),
    }
    fields = {name: getattr(job, name) for name in _SEALED}
    return {**row, "sealed": key.seal(fields, tables.build_purpose(tables.made_tables, row))}
