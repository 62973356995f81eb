"""The SQLite file that stores the jobs of a single machine: preparing it, and removing deleted rows for good."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

# How long flushing the write-ahead log waits for a reader.
_FLUSH_TIMEOUT_SECONDS = 0.5


def find_sqlite_path(url: str) -> Path | None:
    """Return the file of a database; None for a server's."""
    path = url.removeprefix("sqlite:///")
    return Path(path) if path != url else None


def prepare_sqlite(url: str) -> None:
    """Turn on WAL, which persists in the file, so that saving a job waits for one write instead of two."""
    if path := find_sqlite_path(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def flush_sqlite_log(url: str) -> bool:
    """Move SQLite's write-ahead log into the file and zero deleted rows; return whether no reader prevented it."""
    path = find_sqlite_path(url)
    if path is None or not path.exists():
        return True
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_FLUSH_TIMEOUT_SECONDS)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    except sqlite3.Error:
        return False
