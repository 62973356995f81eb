"""Opens the database: its URL, SQLite's pragmas, and drivers' errors as messages."""

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
# WAL lets readers and one writer work at once; FULL makes a commit outlive a power cut; 30 s outlast a slow disk.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    BUSY_TIMEOUT,
    "PRAGMA foreign_keys=ON",
    # What is deleted is overwritten with zeros, so that what was forgotten is not left in the file's free pages.
    "PRAGMA secure_delete=ON",
)
# Connections of a process to a server, which by default takes 100 of all processes: see docs/scale.md.
MAX_CONNECTIONS = 10
_WAL_TRIES, _WAL_PAUSE_SECONDS = 50, 0.02


def parse_url(url: str) -> URL:
    """Parse a database URL, with the asynchronous driver that Quillmate ships for it."""
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


def create_engine(url: URL, connections: int = MAX_CONNECTIONS) -> AsyncEngine:
    """Create an engine whose transactions begin immediately; `connections` is the maximum of a server's pool."""
    embedded = url.get_backend_name() == "sqlite"
    pool_options = {} if embedded else {"pool_pre_ping": True, "pool_size": connections, "max_overflow": 0}
    engine = create_async_engine(url, **pool_options)
    if embedded:
        event.listen(engine.sync_engine, "do_connect", _connect)
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", _on_begin)
    pool = type(engine.sync_engine.pool)
    logging.getLogger(f"{pool.__module__}.{pool.__name__}").addFilter(_is_not_cancellation)
    return engine


def _is_not_cancellation(record: logging.LogRecord) -> bool:
    """Return whether a log record is about anything but a connection closed by cancellation at shutdown."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Has the connection's thread carry out a statement and fetch its rows in one turn: the driver's own takes four, each of
    which costs more than most statements.
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
    """The driver's streaming cursor, which fetches rows in batches; the transaction is begun before it."""

    __slots__ = ()
    _adapt_connection: _Connection

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._adapt_connection.run_in_thread(int)
        return await super()._execute_async(operation, parameters)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection whose transaction, where it `begins`, does so with its first statement, in the same turn of the thread."""

    __slots__ = ("begins",)
    _cursor_cls, _ss_cursor_cls = _Cursor, _StreamCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.begins = False

    async def run_in_thread(self, call: Callable[..., T], *given: Any) -> T:
        """Run a call in the connection's thread, which runs them one by one; return its result."""
        async with self._execute_mutex:
            return cast("T", await cast("Any", self._connection)._execute(self._begin_and_call, call, *given))

    def _begin_and_call(self, call: Callable[..., T], *given: Any) -> T:
        if self.begins:
            cast("Any", self._connection)._conn.execute("BEGIN")
            self.begins = False
        return call(*given)

    def commit(self) -> None:
        """Commit the transaction; one without statements was never begun."""
        if not self.begins:
            super().commit()
        self.begins = False

    def rollback(self) -> None:
        """Roll back the transaction, like `commit`."""
        if not self.begins:
            super().rollback()
        self.begins = False


def _connect(dialect: Any, _record: object, arguments: Any, options: dict[str, Any]) -> _Connection:
    connection = aiosqlite.connect(*arguments, **options)
    connection._thread.daemon = True  # As SQLAlchemy does: the process does not wait for statements at exit.
    return _Connection(dialect.dbapi, await_(connection))


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver must not begin transactions by itself; _on_begin does.
    cursor = connection.cursor()
    for left in reversed(range(_WAL_TRIES)):
        try:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            break
        except aiosqlite.OperationalError as error:
            # Of two that open a new file at once, SQLite tells one at once that it cannot change its journal.
            if not left or "locked" not in str(error):
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("quillmate_write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not options.get("quillmate_autocommit"):
        cast("_Connection", connection.connection.dbapi_connection).begins = True


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise drivers' errors as StorageError."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if not isinstance(error, IntegrityError | DataError):  # These are about a single row, not the database.
            report_unwritable("database", error)
        raise build_storage_error(error) from error
