"""When deleted keys are gone from the database's files as well, step by step, where no parent key could be destroyed.

PostgreSQL keeps deleted rows in the table's file until it is written anew, and what was written in its write-ahead log until the
log's files are removed or overwritten. A pending erasure goes through both; each look takes it as far as it can be taken now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

# SQLite: the write-ahead log has to be moved into the file, which waits for readers.
FILE = "file"
# PostgreSQL: the table's file has to be written anew.
HEAP = "heap"
_LOG, _OLD = "log", "old"
# Segments that have to follow the one that was written last, so that a reused one has been overwritten to its end.
_SEGMENTS_AFTER = 2
_LOCK_TIMEOUT = "2s"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What has become of a request to be forgotten.

    `complete`: nothing that was kept can be opened any more, by anybody, from any copy that was made without the keys. Else it
    cannot be opened through Quillmate, and remains stand in the database's files until a later look finds them overwritten.
    """

    complete: bool


@dataclass(frozen=True, slots=True)
class _Pending:
    """A step of an erasure: until which position of the log, noted when."""

    step: str
    position: str = ""
    since: str = ""

    @classmethod
    def parsed(cls, words: str) -> Self:
        return cls(*words.split(" "))

    def __str__(self) -> str:
        return " ".join(filter(None, (self.step, self.position, self.since)))


async def advanced(connection: AsyncConnection, pending: str) -> str:
    """What is still pending of an erasure on PostgreSQL after a look, empty where nothing is; on an autocommit connection."""
    step = _Pending.parsed(pending)
    if step.step == HEAP:
        if not await _written_anew(connection):
            return pending
        step = _Pending(_LOG, await _position(connection))
    if step.step == _LOG:
        if await _segments_since(connection, step.position) < 1:
            return str(step)
        step = _Pending(_OLD, await _position(connection), datetime.now(UTC).isoformat(timespec="seconds"))
    if await _segments_since(connection, step.position) < _SEGMENTS_AFTER or await _older_files(connection, step):
        return str(step)
    return ""


async def _written_anew(connection: AsyncConnection) -> bool:
    """Writes the file of owners' keys anew, without what was deleted; tells whether that could be done now."""
    # A transaction that began before still sees the deleted rows, which are kept for it then.
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
        return False  # Somebody holds the table; at the next look.


async def _position(connection: AsyncConnection) -> str:
    """How many bytes the server's log has had so far."""
    return str(await connection.scalar(text("SELECT CAST(pg_current_wal_lsn() - CAST('0/0' AS pg_lsn) AS bigint)")))


async def _segments_since(connection: AsyncConnection, position: str) -> int:
    """How many files of the log were begun since a position in it."""
    size = text("SELECT CAST(setting AS bigint) FROM pg_settings WHERE name = 'wal_segment_size'")
    segment = int(await connection.scalar(size) or 1)
    return int(await _position(connection)) // segment - int(position) // segment


async def _older_files(connection: AsyncConnection, step: _Pending) -> bool:
    """Whether files of the log are left that were last written before a moment, or in its second: that is how finely it is known.

    Where the role may not list them, they are taken to be left until twice the most that the server keeps was written since.
    """
    listed = text("SELECT count(*) FROM pg_ls_waldir() WHERE modification <= CAST(CAST(:since AS text) AS timestamptz)")
    try:
        return bool(await connection.scalar(listed, {"since": step.since}))
    except DBAPIError:
        most = text(
            "SELECT CAST(2 * sum(CAST(setting AS bigint)) * 1048576 AS bigint) FROM pg_settings"
            " WHERE name IN ('max_wal_size', 'wal_keep_size')"
        )
        return int(await _position(connection)) - int(step.position) < int(await connection.scalar(most) or 0)
