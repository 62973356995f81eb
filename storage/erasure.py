"""Erases deleted keys from the database's files, step by step, if no parent key could be destroyed.

PostgreSQL keeps deleted rows in the table's file until it is rewritten, and in its write-ahead log until the log's
files are removed or overwritten. A pending erasure waits for both; each check takes it as far as possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# SQLite: the write-ahead log must be moved into the file, which waits for readers.
FILE = "file"
# PostgreSQL: the table's file must be rewritten.
HEAP = "heap"
_LOG, _OLD = "log", "old"
# Segments that must follow the last written one, so that a reused one has been overwritten completely.
_SEGMENTS_AFTER = 2
_LOCK_TIMEOUT = "2s"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The outcome of a request to be forgotten.

    `complete`: nothing that was stored can be opened any more, from any copy made without the keys. Otherwise it
    cannot be opened through Quillmate, and remains stay in the database's files until a later check finds them
    overwritten.
    """

    complete: bool


@dataclass(frozen=True, slots=True)
class _PendingStep:
    """A step of an erasure: up to which position of the log, recorded when."""

    step: str
    position: str = ""
    since: str = ""

    @classmethod
    def parse(cls, words: str) -> Self:
        return cls(*words.split(" "))

    def __str__(self) -> str:
        return " ".join(filter(None, (self.step, self.position, self.since)))


async def advance(connection: AsyncConnection, pending: str) -> str:
    """Return what is still pending of an erasure on PostgreSQL after a check, empty if nothing is; on an autocommit
    connection.
    """
    step = _PendingStep.parse(pending)
    if step.step == HEAP:
        if not await _rewrite_owners_table(connection):
            return pending
        step = _PendingStep(_LOG, await _read_log_position(connection))
    if step.step == _LOG:
        if await _count_segments_since(connection, step.position) < 1:
            return str(step)
        step = _PendingStep(_OLD, await _read_log_position(connection), datetime.now(UTC).isoformat(timespec="seconds"))
    if await _count_segments_since(connection, step.position) < _SEGMENTS_AFTER or await _has_older_files(
        connection, step
    ):
        return str(step)
    return ""


async def _rewrite_owners_table(connection: AsyncConnection) -> bool:
    """Rewrite the file of owners' keys without the deleted rows; return whether that was possible now."""
    # An older transaction still sees the deleted rows, so they would be kept for it.
    await connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    try:
        if await connection.scalar(others):
            return False
        await connection.execute(text("VACUUM (FULL) owners"))
        return True
    except DBAPIError:
        return False  # The table is locked; retry at the next check.


async def _read_log_position(connection: AsyncConnection) -> str:
    """Return the bytes that the server's log has had so far."""
    return str(await connection.scalar(text("SELECT CAST(pg_current_wal_lsn() - CAST('0/0' AS pg_lsn) AS bigint)")))


async def _count_segments_since(connection: AsyncConnection, position: str) -> int:
    """Return the number of log files begun since a position."""
    size = text("SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = 'wal_segment_size'")
    segment = int(await connection.scalar(size) or 1)
    return int(await _read_log_position(connection)) // segment - int(position) // segment


async def _has_older_files(connection: AsyncConnection, step: _PendingStep) -> bool:
    """Return whether log files exist that were last written at or before a moment, with a resolution of a second.

    If the role may not list them, they are assumed to exist until twice the maximal size of the log was written since.
    """
    listed = text("SELECT count(*) FROM pg_ls_waldir() WHERE modification <= CAST(CAST(:since AS text) AS timestamptz)")
    try:
        return bool(await connection.scalar(listed, {"since": step.since}))
    except DBAPIError:
        most = text(
            "SELECT CAST(2 * sum(CAST(setting AS bigint)) * 1048576 AS bigint) FROM pg_settings"
            " WHERE name IN ('max_wal_size', 'wal_keep_size')"
        )
        return int(await _read_log_position(connection)) - int(step.position) < int(await connection.scalar(most) or 0)
