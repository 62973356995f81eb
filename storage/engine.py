"""How the database is opened: its URL, what SQLite is told of how to work, and drivers' errors as sentences."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .alerts import unwritable
from .errors import StorageError, storage_error

BUSY_TIMEOUT = "PRAGMA busy_timeout=30000"
# WAL lets readers and one writer work at once; FULL makes a commit outlive a power cut; 30 s outlast a slow disk.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    BUSY_TIMEOUT,
    "PRAGMA foreign_keys=ON",
    # What is deleted is overwritten with zeros, so that what was forgotten is not left in the file's free pages.
    "PRAGMA secure_delete=ON",
)
_WAL_TRIES, _WAL_PAUSE_SECONDS = 50, 0.02


def async_url(url: str) -> URL:
    """The URL with the asynchronous driver that Quillmate ships for its database."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError("QUILLMATE_DATABASE should be a URL such as postgresql://user:password@host/name.") from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        named = backend if re.fullmatch(r"[a-z]{1,12}", backend) else "another program"  # It may be a misplaced key.
        raise StorageError(f"QUILLMATE_DATABASE names {named}; it should be sqlite or postgresql.")
    if "sslmode" in parsed.query and backend != "sqlite":
        # What hosts of PostgreSQL hand out is libpq's word for it; asyncpg's is another.
        query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
        parsed = parsed.set(query=query)
    return parsed.set(drivername=drivers[backend])


def engine_of(url: URL) -> AsyncEngine:
    """An engine whose transactions begin when they are begun, and not at their first write."""
    engine = create_async_engine(url, pool_pre_ping=url.get_backend_name() == "postgresql")
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", _on_begin)
    pool = type(engine.sync_engine.pool)
    logging.getLogger(f"{pool.__module__}.{pool.__name__}").addFilter(_is_not_of_a_cancelled)
    return engine


def _is_not_of_a_cancelled(record: logging.LogRecord) -> bool:
    """Whoever ends the program cancels what waits for the database: its connection is closed then, and nothing is to be told."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver must not begin transactions by itself; _on_begin does.
    cursor = connection.cursor()
    for left in reversed(range(_WAL_TRIES)):
        try:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            break
        except Exception as error:
            # Of two that open a new file at once, SQLite tells one at once that it cannot change its journal.
            if not left or "locked" not in str(error):
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("quillmate_autocommit"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("quillmate_write") else "BEGIN")


@contextmanager
def in_sentences() -> Iterator[None]:
    """Turns drivers' errors into StorageError."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if not isinstance(error, IntegrityError | DataError):  # Those are about one row and not about the database.
            unwritable("database", error)
        raise storage_error(error) from error
