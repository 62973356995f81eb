"""Jobs that learn a user's table to generate synthetic rows: the order, a checkpoint to resume from, and the stored model."""

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
# What is stored for a table: the sent file, the checkpoint that learning resumes from, and the learnt model.
TablePart = Literal["source", "checkpoint", "model"]
# States in which nothing more happens and nothing is stored for later use.
FINAL_STATES: tuple[TableState, ...] = ("done", "cancelled", "failed")
# Tables per user that are being learnt or stored.
MAX_TABLES_PER_USER = 10
_SEALED_FIELDS = ("name", "order", "kept_as", "locale", "message_id", "note")


@dataclass(frozen=True, slots=True)
class TableJob:
    """A table that a user sent. `order` says what to generate, `note` reports the outcome; both are JSON of the caller's.

    `kept_as` is the name to store the model under, empty to store none.
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

    def __init__(self, database: Database, byte_limits: ByteLimits = UNLIMITED) -> None:
        self._database, self._byte_limits = database, byte_limits

    async def add(self, job: TableJob, source: bytes) -> None:
        """Store a new table with its file; the user's finished ones are deleted.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the user has reached the maximum number of tables, or of bytes.
        """
        table = tables.made_tables
        async with self._database.write(f"made {job.user_id}") as connection:
            key = await self._database.owners.require_key(connection, job.user_id)
            condition = table.c.user_id == job.user_id
            await connection.execute(delete(table).where(condition, table.c.state.in_(FINAL_STATES)))
            query = select(table.c.id).where(condition, table.c.state != "draft")
            if len((await connection.execute(query)).all()) >= MAX_TABLES_PER_USER:
                message = "You already have {most} tables learnt or being learnt. Delete one of them in /data list."
                raise StorageError(message, most=MAX_TABLES_PER_USER)
            added_bytes = len(source) + await count_pending_bytes(connection, job.user_id)
            await require_room(connection, job.user_id, added_bytes, self._byte_limits)
            await connection.execute(table.insert().values(**_build_values(job, key)))
            await _replace_part(connection, key, job.id, "source", source)

    async def require_room(self, user_id: str, added_bytes: int) -> None:
        """Raise StorageError if a user has no room for a model of `added_bytes`."""
        async with self._database.read() as connection:
            await require_room(connection, user_id, added_bytes, self._byte_limits)

    async def get(self, job_id: str, user_id: str) -> TableJob | None:
        """Return a user's table; None if it does not exist (any more) or was tampered with."""
        table = tables.made_tables
        jobs = await self._load_where((table.c.id == job_id) & (table.c.user_id == user_id))
        return jobs[0] if jobs else None

    async def exists(self, job_id: str) -> bool:
        """Return whether a table exists, regardless of its owner."""
        async with self._database.read() as connection:
            query = select(tables.made_tables.c.id).where(tables.made_tables.c.id == job_id)
            return await connection.scalar(query) is not None

    async def list_active(self, user_id: str) -> list[TableJob]:
        """List a user's tables that are being learnt or whose model is stored, oldest first."""
        table = tables.made_tables
        return await self._load_where((table.c.user_id == user_id) & table.c.state.in_(("learning", "kept")))

    async def list_learning(self) -> list[TableJob]:
        """List all users' tables that are being learnt, oldest first."""
        return await self._load_where(tables.made_tables.c.state == "learning")

    async def load_part(self, job: TableJob, part: TablePart) -> bytes:
        """Return a part of a table; empty if there is none or it was tampered with."""
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
        """Replace the checkpoint that learning resumes from, unless the table is no longer being learnt."""
        table = tables.made_tables
        async with self._database.write(f"made {job.user_id}") as connection:
            key = await self._database.owners.find_key(connection, job.user_id)
            query = select(table.c.id).where(table.c.id == job.id, table.c.state == "learning")
            if key is not None and await connection.scalar(query) is not None:
                await _replace_part(connection, key, job.id, "checkpoint", body)

    async def change(
        self, job: TableJob, expected: Collection[TableState], *, model: bytes = b"", **changes: Any
    ) -> TableJob | None:
        """Change a table if its state is one of `expected`; return the changed table, None if it is not or was deleted.

        In the state "kept" or a final one, all parts but the `model` are deleted.
        """
        table, parts = tables.made_tables, tables.made_table_parts
        async with self._database.write(f"made {job.user_id}") as connection:
            condition = (table.c.id == job.id) & table.c.state.in_(tuple(expected))
            query = select_with_keys(table).where(condition).with_for_update(of=table)
            row = (await connection.execute(query)).one_or_none()
            stored_job = self._open_row(row) if row else None
            if stored_job is None or row is None:
                return None
            updated = replace(stored_job, **changes)
            key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
            values = _build_values(updated, key)
            del values["id"]
            await connection.execute(update(table).where(condition).values(**values))
            if updated.state in (*FINAL_STATES, "kept"):
                await connection.execute(delete(parts).where(parts.c.job_id == job.id, parts.c.part != "model"))
            if model:
                await _replace_part(connection, key, job.id, "model", model)
        return updated

    async def delete(self, job_id: str, user_id: str) -> bool:
        """Delete a user's table with all its parts; return whether it existed."""
        table = tables.made_tables
        async with self._database.write() as connection:
            condition = (table.c.id == job_id) & (table.c.user_id == user_id)
            result = await connection.execute(delete(table).where(condition))
        await self._database.checkpoint()
        return bool(result.rowcount)

    async def _load_where(self, condition: ColumnElement[bool]) -> list[TableJob]:
        table = tables.made_tables
        async with self._database.read() as connection:
            query = select_with_keys(table).where(condition).order_by(table.c.created_at)
            rows = (await connection.execute(query)).all()
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
    """Delete drafts and tables in a final state that were last changed before a time."""
    table = tables.made_tables
    await connection.execute(
        delete(table).where(table.c.state.in_((*FINAL_STATES, "draft")), table.c.updated_at < before)
    )


async def _replace_part(connection: AsyncConnection, key: OwnerKey, job_id: str, part: TablePart, body: bytes) -> None:
    table = tables.made_table_parts
    row = {"job_id": job_id, "part": part}
    await connection.execute(delete(table).where(table.c.job_id == job_id, table.c.part == part))
    sealed = key.seal_bytes(body, tables.build_purpose(table, row))
    await connection.execute(table.insert().values(**row, sealed=sealed))


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
    fields = {name: getattr(job, name) for name in _SEALED_FIELDS}
    return {**row, "sealed": key.seal(fields, tables.build_purpose(tables.made_tables, row))}
