"""Makes sure that deleted keys are overwritten in the database's files, if no parent key can be destroyed instead.

PostgreSQL keeps deleted rows in the table's file until it is rewritten, and in its write-ahead log until the log's
files are removed or overwritten. A pending erasure waits for both; each call of `advance` takes it as far as possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# The steps. SQLite: the write-ahead log must be moved into the file, which waits for readers.
FILE = "file"
# PostgreSQL: the table's file must be rewritten.
HEAP = "heap"
# PostgreSQL: the log file with the deletion must be complete.
_LOG = "log"
# PostgreSQL: all log files up to then must be removed or overwritten.
_OLD = "old"
# Log files that must have been begun since, so that a reused one has been overwritten completely.
_MIN_LATER_SEGMENTS = 2
_LOCK_TIMEOUT = "2s"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The outcome of forgetting an owner.

    If it is `complete`, no copy of the database can be decrypted any more, unless it was made together with the keys.
    Otherwise Quillmate can no longer read the data, but remains of its key are in the database's files until
    `OwnerKeys.settle_erasures` finds them overwritten.
    """

    complete: bool


@dataclass(frozen=True, slots=True)
class _PendingStep:
    """A step, the position in the log that it refers to (in bytes), and the time it was reached, in ISO 8601."""

    name: str
    position: str = ""
    since: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split(" "))

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.position, self.since)))


async def advance(connection: AsyncConnection, pending: str) -> str:
    """Take an erasure on PostgreSQL as far as possible; return the step that is still pending, empty if none is.

    Requires an autocommit connection.
    """
    step = _PendingStep.parse(pending)
    if step.name == FILE:  # The database is a copy of SQLite's file, made without the deleted rows.
        return ""
    if step.name == HEAP:
        if not await _rewrite_owners_table(connection):
            return pending
        step = _PendingStep(_LOG, await _read_log_position(connection))
    if step.name == _LOG:
        if await _count_segments_since(connection, step.position) < 1:
            return str(step)
        step = _PendingStep(_OLD, await _read_log_position(connection), datetime.now(UTC).isoformat(timespec="seconds"))
    if await _count_segments_since(connection, step.position) < _MIN_LATER_SEGMENTS or await _has_older_files(
        connection, step
    ):
        return str(step)
    return ""


async def _rewrite_owners_table(connection: AsyncConnection) -> bool:
    """Rewrite the file of the table `owners` without the deleted rows; return whether that was possible now."""
    # While an older transaction can see the deleted rows, they would be copied.
    await connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
    other_transactions = text(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    try:
        if await connection.scalar(other_transactions):
            return False
        await connection.execute(text("VACUUM (FULL) owners"))
        return True
    except DBAPIError:
        return False  # The table is locked; retry at the next check.
    finally:
        await connection.execute(text("RESET lock_timeout"))  # The connection goes back to the pool.


async def _read_log_position(connection: AsyncConnection) -> str:
    """Return the number of bytes written to the server's log so far."""
    return str(await connection.scalar(text("SELECT CAST(pg_current_wal_lsn() - CAST('0/0' AS pg_lsn) AS bigint)")))


async def _count_segments_since(connection: AsyncConnection, position: str) -> int:
    """Return the number of log files begun since a position."""
    query = text("SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = 'wal_segment_size'")
    segment_bytes = int(await connection.scalar(query) or 1)
    return int(await _read_log_position(connection)) // segment_bytes - int(position) // segment_bytes


async def _has_older_files(connection: AsyncConnection, step: _PendingStep) -> bool:
    """Return whether log files exist that were last written when the step was reached, or before.

    If the database user may not list them, they are assumed to exist until twice the log's maximum size was written.
    """
    older_files = text(
        "SELECT count(*) FROM pg_ls_waldir() WHERE modification <= CAST(CAST(:since AS text) AS timestamptz)"
    )
    try:
        return bool(await connection.scalar(older_files, {"since": step.since}))
    except DBAPIError:
        max_bytes = text(
            "SELECT CAST(2 * sum(CAST(setting AS bigint)) * 1048576 AS bigint) FROM pg_settings"
            " WHERE name IN ('max_wal_size', 'wal_keep_size')"
        )
        written_bytes = int(await _read_log_position(connection)) - int(step.position)
        return written_bytes < int(await connection.scalar(max_bytes) or 0)
