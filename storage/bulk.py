"""Bulk jobs: users' sheets with a text to write for each row, and the progress of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .shielding import shield_methods
from .statements import to_utc

BulkState = Literal["draft", "sampling", "sampled", "running", "paused", "done", "cancelled"]
# States in which rows are written.
RUNNING_STATES: tuple[BulkState, ...] = ("sampling", "running")
# Final states.
FINAL_STATES: tuple[BulkState, ...] = ("done", "cancelled")
RowState = Literal["waiting", "done", "failed"]
# Per user; the oldest finished jobs are deleted for new ones.
MAX_JOBS_PER_USER = 10
_SEALED_FIELDS = (
    "name",
    "headings",
    "brief",
    "kind",
    "columns",
    "locale",
    "message_id",
    "rows",
    "seed",
    "sampled",
    "note",
    "delimiter",
)


@dataclass(frozen=True, slots=True)
class SampleCosts:
    """The costs of a job's samples; `cost` is in millionths of the currency."""

    seconds: float = 0.0
    tokens: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class BulkJob:
    """A sheet with `headings` and a number of `rows`, for each of which a text of a `kind` is written from the `brief`.

    `columns` are the headings whose cells fill the brief's placeholders, by placeholder. `message_id` is the message that shows its
    progress, `sampled` are the costs of its samples, `note` says why it was paused, as JSON, and `delimiter` is that of the .csv file.
    """

    id: str
    user_id: str
    channel_id: str
    name: str
    headings: tuple[str, ...]
    rows: int
    brief: str
    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    guild_id: str = ""
    locale: str = "en"
    message_id: str = ""
    seed: int = 0
    sampled: SampleCosts = SampleCosts()
    note: Mapping[str, Any] | None = None
    delimiter: str = ","
    state: BulkState = "draft"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A row, numbered from 1. `steps` are the values of completed checkpoints; `failure` says why it failed, as JSON."""

    number: int
    cells: tuple[str, ...]
    state: RowState = "waiting"
    steps: Mapping[str, Any] = field(default_factory=dict)
    failure: Mapping[str, Any] | None = None


@shield_methods
class BulkJobs:
    """Bulk jobs by id; only their owner can access them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: BulkJob, cells: Sequence[Sequence[str]]) -> None:
        """Store a new job with the cells of its rows; the user's oldest finished jobs are deleted to make room.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the user has the maximum number of unfinished jobs.
        """
        jobs, rows = tables.bulk_jobs, tables.bulk_rows
        async with self._database.write(f"bulk {job.user_id}") as connection:
            key = await self._database.owners.require_key(connection, job.user_id)
            query = select(jobs.c.id, jobs.c.state).where(jobs.c.user_id == job.user_id).order_by(jobs.c.created_at)
            jobs_of_user = (await connection.execute(query)).all()
            finished_ids = [row.id for row in jobs_of_user if row.state in FINAL_STATES]
            if len(jobs_of_user) - len(finished_ids) >= MAX_JOBS_PER_USER:
                message = "You already have {most} sheets in progress. Cancel one or wait until it finishes."
                raise StorageError(message, most=MAX_JOBS_PER_USER)
            if deleted_ids := finished_ids[: max(0, len(jobs_of_user) - MAX_JOBS_PER_USER + 1)]:
                await connection.execute(delete(jobs).where(jobs.c.id.in_(deleted_ids)))
            await connection.execute(jobs.insert().values(**_build_job_values(job, key)))
            await connection.execute(
                rows.insert(),
                [
                    _build_row_values(job.id, BulkRow(number, tuple(row_cells)), key)
                    for number, row_cells in enumerate(cells, 1)
                ],
            )

    async def get(self, job_id: str, user_id: str) -> BulkJob | None:
        """Return a user's job; None if it does not exist (any more) or was tampered with."""
        table = tables.bulk_jobs
        jobs = await self._load_where((table.c.id == job_id) & (table.c.user_id == user_id))
        return jobs[0] if jobs else None

    async def exists(self, job_id: str) -> bool:
        """Return whether a job exists, regardless of its owner."""
        async with self._database.read() as connection:
            query = select(tables.bulk_jobs.c.id).where(tables.bulk_jobs.c.id == job_id)
            return await connection.scalar(query) is not None

    async def list_running(self) -> list[BulkJob]:
        """List all users' jobs whose rows are being written, oldest first."""
        return await self._load_where(tables.bulk_jobs.c.state.in_(RUNNING_STATES))

    async def change(self, job: BulkJob, expected: Collection[BulkState], **changes: Any) -> BulkJob | None:
        """Change a job if its state is one of `expected`; return the changed job, None if it is not or was deleted."""
        table = tables.bulk_jobs
        async with self._database.write(f"bulk {job.user_id}") as connection:
            condition = (table.c.id == job.id) & table.c.state.in_(tuple(expected))
            query = select_with_keys(table).where(condition).with_for_update(of=table)
            row = (await connection.execute(query)).one_or_none()
            stored_job = self._open_row(row) if row else None
            if stored_job is None or row is None:
                return None
            updated = replace(stored_job, **changes)
            key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
            values = _build_job_values(updated, key)
            del values["id"]
            await connection.execute(update(table).where(condition).values(**values))
        return updated

    async def list_rows(
        self, job: BulkJob, *, state: RowState | None = None, limit: int | None = None
    ) -> list[BulkRow]:
        """List a job's rows in order, optionally of one state only; rows that were tampered with are omitted."""
        table = tables.bulk_rows
        query = select(table).where(table.c.job_id == job.id).order_by(table.c.number).limit(limit)
        if state is not None:
            query = query.where(table.c.state == state)
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, job.user_id)
            rows = (await connection.execute(query)).all() if key else []
        return [bulk_row for row in rows if key and (bulk_row := _open_bulk_row(row, key)) is not None]

    async def count_rows(self, job_id: str) -> Counter[str]:
        """Count a job's rows by state."""
        table = tables.bulk_rows
        query = (
            select(table.c.state, func.count().label("rows")).where(table.c.job_id == job_id).group_by(table.c.state)
        )
        async with self._database.read() as connection:
            return Counter({row.state: int(row.rows) for row in await connection.execute(query)})

    async def change_row(self, job: BulkJob, row: BulkRow) -> bool:
        """Store a row if the stored one is still waiting; return whether it was stored."""
        table = tables.bulk_rows
        async with self._database.write(f"bulk row {job.id} {row.number}") as connection:
            key = await self._database.owners.find_key(connection, job.user_id)
            if key is None:
                return False
            values = _build_row_values(job.id, row, key)
            condition = (table.c.job_id == job.id) & (table.c.number == row.number) & (table.c.state == "waiting")
            result = await connection.execute(update(table).where(condition).values(**values))
        return bool(result.rowcount)

    async def restart_rows(self, job: BulkJob, *, state: RowState) -> int:
        """Reset the rows in a state to waiting, without checkpoints and failures; return their number."""
        restarted_count = 0
        table = tables.bulk_rows
        async with self._database.share_write(f"bulk {job.user_id}"):
            for row in await self.list_rows(job, state=state):
                async with self._database.write() as connection:
                    key = await self._database.owners.find_key(connection, job.user_id)
                    if key is None:
                        return 0
                    condition = (table.c.job_id == job.id) & (table.c.number == row.number)
                    new_row = BulkRow(row.number, row.cells)
                    await connection.execute(
                        update(table).where(condition).values(**_build_row_values(job.id, new_row, key))
                    )
                    restarted_count += 1
        return restarted_count

    async def delete(self, job: BulkJob) -> None:
        """Delete a job and its rows; its results are kept."""
        async with self._database.write() as connection:
            await connection.execute(delete(tables.bulk_jobs).where(tables.bulk_jobs.c.id == job.id))

    async def _load_where(self, condition: ColumnElement[bool]) -> list[BulkJob]:
        table = tables.bulk_jobs
        async with self._database.read() as connection:
            query = select_with_keys(table).where(condition).order_by(table.c.created_at)
            rows = (await connection.execute(query)).all()
        return [job for row in rows if (job := self._open_row(row)) is not None]

    def _open_row(self, row: Row[Any]) -> BulkJob | None:
        key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        fields = open_or_none(key, row.sealed, tables.build_purpose(tables.bulk_jobs, row._mapping))
        if fields is None:
            return None
        return BulkJob(
            id=row.id,
            user_id=row.user_id,
            guild_id=row.guild_id or "",
            channel_id=row.channel_id,
            state=row.state,
            created_at=to_utc(row.created_at),
            sampled=SampleCosts(**fields.pop("sampled")),
            **{**fields, "headings": tuple(fields["headings"])},
        )


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete jobs that are not running and were last changed before a time; their results have their own retention."""
    table = tables.bulk_jobs
    is_idle = table.c.state.not_in(RUNNING_STATES)
    await connection.execute(delete(table).where(is_idle, table.c.updated_at < before))


def _build_job_values(job: BulkJob, key: OwnerKey) -> dict[str, Any]:
    columns = {
        "id": job.id,
        "user_id": job.user_id,
        "guild_id": job.guild_id or None,
        "channel_id": job.channel_id,
        "state": job.state,
        "created_at": job.created_at,
        "updated_at": datetime.now(UTC),
    }
    fields = {**{name: getattr(job, name) for name in _SEALED_FIELDS}, "sampled": asdict(job.sampled)}
    return {**columns, "sealed": key.seal(fields, tables.build_purpose(tables.bulk_jobs, columns))}


def _build_row_values(job_id: str, row: BulkRow, key: OwnerKey) -> dict[str, Any]:
    columns = {"job_id": job_id, "number": row.number, "state": row.state}
    fields = {"cells": row.cells, "steps": dict(row.steps), "failure": row.failure}
    return {**columns, "sealed": key.seal(fields, tables.build_purpose(tables.bulk_rows, columns))}


def _open_bulk_row(row: Row[Any], key: OwnerKey) -> BulkRow | None:
    fields = open_or_none(key, row.sealed, tables.build_purpose(tables.bulk_rows, row._mapping))
    if fields is None:
        return None
    return BulkRow(row.number, tuple(fields["cells"]), row.state, fields["steps"], fields["failure"])
