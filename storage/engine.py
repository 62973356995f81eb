"""Creates SQLAlchemy engines: database URLs, a faster SQLite connection with our pragmas, and drivers' errors."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_ss_cursor,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_

from .alerts import report_unwritable
from .errors import StorageError, build_storage_error

T = TypeVar("T")

BUSY_TIMEOUT = "PRAGMA busy_timeout=30000"
# WAL lets readers and one writer work at once; with FULL a commit survives a power cut; 30 s are enough for a slow disk.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    BUSY_TIMEOUT,
    "PRAGMA foreign_keys=ON",
    # Overwrite deleted rows with zeros, so that no forgotten data is left in the file's free pages.
    "PRAGMA secure_delete=ON",
)
# Per process: a PostgreSQL server allows 100 connections in all by default (docs/scale.md).
MAX_CONNECTIONS = 10
_WAL_TRIES, _WAL_PAUSE_SECONDS = 50, 0.02


def parse_url(url: str) -> URL:
    """Parse a database URL; its driver becomes the asynchronous one that Quillmate ships.

    Raises:
        StorageError: it is not the URL of an SQLite or PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError("QUILLMATE_DATABASE should be a URL such as postgresql://user:password@host/name.") from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        program = backend if re.fullmatch(r"[a-z]{1,12}", backend) else "another program"  # It may be a misplaced key.
        raise StorageError(f"QUILLMATE_DATABASE names {program}; it should be sqlite or postgresql.")
    if "sslmode" in parsed.query and backend != "sqlite":
        # Hosting providers write URLs for libpq, whose name for this option is not asyncpg's.
        query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
        parsed = parsed.set(query=query)
    return parsed.set(drivername=drivers[backend])


def create_engine(url: URL, max_connections: int = MAX_CONNECTIONS) -> AsyncEngine:
    """Create an engine for a parsed URL. `max_connections` applies to PostgreSQL only.

    Raises:
        StorageError: the driver of PostgreSQL is not installed.
    """
    is_embedded = url.get_backend_name() == "sqlite"
    pool_options = {} if is_embedded else {"pool_pre_ping": True, "pool_size": max_connections, "max_overflow": 0}
    try:
        engine = create_async_engine(url, **pool_options)
    except ModuleNotFoundError as error:
        raise StorageError("PostgreSQL needs another package. Run: pip install 'quillmate[postgres]'") from error
    if is_embedded:
        event.listen(engine.sync_engine, "do_connect", _connect)
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", _on_begin)
    pool_class = type(engine.sync_engine.pool)
    logging.getLogger(f"{pool_class.__module__}.{pool_class.__name__}").addFilter(_is_not_cancellation)
    return engine


def _is_not_cancellation(record: logging.LogRecord) -> bool:
    """Return False for the errors that the pool logs when tasks are cancelled at shutdown."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Executes a statement and fetches its rows in one call to the connection's thread.

    The driver's own cursor makes four, and a call takes longer than most statements.
    """

    __slots__ = ()
    _awaitable_cursor_close = False
    _adapt_connection: _Connection
    _cursor: Any

    def _make_new_cursor(self, connection: Any) -> Any:
        return connection._conn.cursor()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        self._rows = await self._adapt_connection.run_in_thread(self._fetch_all, operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._adapt_connection.run_in_thread(self._cursor.executemany, operation, seq_of_parameters)

    def close(self) -> None:
        """Release the rows. The statement has finished, or still runs in its thread because the caller was cancelled."""
        self._rows.clear()

    def _fetch_all(self, operation: str, parameters: Any) -> deque[Any]:
        return deque(self._cursor.execute(operation, parameters).fetchall())


class _StreamCursor(AsyncAdapt_aiosqlite_ss_cursor):
    """The driver's streaming cursor, which fetches rows in batches; it first begins the transaction."""

    __slots__ = ()
    _adapt_connection: _Connection

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._adapt_connection.run_in_thread(int)  # Calls nothing: only the transaction is begun.
        return await super()._execute_async(operation, parameters)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that begins a transaction together with its first statement, in one call to its thread.

    `has_pending_begin` is whether a transaction is still to begin.
    """

    __slots__ = ("has_pending_begin",)
    _cursor_cls, _ss_cursor_cls = _Cursor, _StreamCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.has_pending_begin = False

    async def run_in_thread(self, call: Callable[..., T], *args: Any) -> T:
        """Run a call in the connection's thread after all earlier ones; return its result."""
        async with self._execute_mutex:
            return cast("T", await cast("Any", self._connection)._execute(self._begin_and_call, call, *args))

    def _begin_and_call(self, call: Callable[..., T], *args: Any) -> T:
        if self.has_pending_begin:
            cast("Any", self._connection)._conn.execute("BEGIN")
            self.has_pending_begin = False
        return call(*args)

    def commit(self) -> None:
        """Commit the transaction; one without statements was never begun."""
        if not self.has_pending_begin:
            super().commit()
        self.has_pending_begin = False

    def rollback(self) -> None:
        """Roll back the transaction; one without statements was never begun."""
        if not self.has_pending_begin:
            super().rollback()
        self.has_pending_begin = False


def _connect(dialect: Any, _record: object, arguments: Any, options: dict[str, Any]) -> _Connection:
    connection = aiosqlite.connect(*arguments, **options)
    connection._thread.daemon = True  # As SQLAlchemy does, so that the process does not wait for statements at exit.
    return _Connection(dialect.dbapi, await_(connection))


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver must not begin transactions by itself; _on_begin does.
    cursor = connection.cursor()
    for remaining_tries in reversed(range(_WAL_TRIES)):
        try:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            break
        except aiosqlite.OperationalError as error:
            # If two processes open a new file, SQLite refuses one of them the change to WAL without waiting.
            if not remaining_tries or "locked" not in str(error):
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("quillmate_write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not options.get("quillmate_autocommit"):
        cast("_Connection", connection.connection.dbapi_connection).has_pending_begin = True


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise drivers' errors as StorageError."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if not isinstance(error, IntegrityError | DataError):  # These are about a single row, not the database.
            report_unwritable("database", error)
        raise build_storage_error(error) from error
