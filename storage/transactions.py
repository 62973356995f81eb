"""Read and write transactions, and the checkpoints of SQLite's write-ahead log."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import BUSY_TIMEOUT, MAX_CONNECTIONS, create_engine, parse_url, translate_errors
from .shielding import shield

# The current task's connection inside `share_read` and `share_write`.
_read_connection: ContextVar[AsyncConnection | None] = ContextVar("reading", default=None)
# The current task's connection inside `share_write`.
_write_connection: ContextVar[AsyncConnection | None] = ContextVar("writing", default=None)
# How long a checkpoint waits for readers. Callers that need it try again later.
_CHECKPOINT_TRIES, _CHECKPOINT_PAUSE_SECONDS = 5, 0.05


class Transactions:
    """Transactions of one database, each open for the length of its `async with` block.

    Raises:
        StorageError: from every call, with a message for users, if the database cannot be used.
    """

    def __init__(self, url: str, max_connections: int = MAX_CONNECTIONS) -> None:
        self.url = parse_url(url)
        self._engine = create_engine(self.url, max_connections)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a local SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def display_url(self) -> str:
        """The URL without its password and other secrets."""
        secrets = [name for name in self.url.query if re.search(r"pass|pw|secret|key|token", name, re.IGNORECASE)]
        return self.url.update_query_dict(dict.fromkeys(secrets, "***")).render_as_string(hide_password=True)

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        await self._engine.dispose()

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection without transactions, for statements such as VACUUM that cannot run in one."""
        with translate_errors():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a read transaction, or join that of an enclosing `share_read` or `share_write`."""
        shared = _read_connection.get()
        if shared is not None and shared.engine is self._engine:
            yield shared
            return
        with translate_errors():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def share_read(self) -> AsyncIterator[None]:
        """Make all reads in the block one transaction, which is cheaper than one each."""
        async with self.read() as connection:
            token = _read_connection.set(connection)
            try:
                yield
            finally:
                _read_connection.reset(token)

    @asynccontextmanager
    async def write(self, lock_name: str = "") -> AsyncIterator[AsyncConnection]:
        """Open a write transaction, or join that of an enclosing `share_write`.

        Of the transactions with one `lock_name`, only one is open at a time, so what it reads cannot change before it writes.
        SQLite has a single write lock, held from the beginning: two processes with deferred transactions lost 549 of 600
        read-modify-write updates, with BEGIN IMMEDIATE none. On PostgreSQL the name is an advisory lock, because a row
        that does not exist yet cannot be locked.
        """
        shared = _write_connection.get()
        if shared is not None and shared.engine is self._engine:
            await self._lock(shared, lock_name)
            yield shared
            return
        with translate_errors():
            async with self._engine.connect() as connection:
                await connection.execution_options(quillmate_write=True)
                async with connection.begin():
                    await self._lock(connection, lock_name)
                    yield connection

    @asynccontextmanager
    async def share_write(self, lock_name: str = "") -> AsyncIterator[None]:
        """Make all reads and writes in the block one transaction: all of its changes are stored, or none."""
        async with self.write(lock_name) as connection:
            read_token, write_token = _read_connection.set(connection), _write_connection.set(connection)
            try:
                yield
            finally:
                _write_connection.reset(write_token)
                _read_connection.reset(read_token)

    async def _lock(self, connection: AsyncConnection, name: str) -> None:
        if name and not self.is_embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    @shield
    async def checkpoint(self) -> bool:
        """Move SQLite's write-ahead log into the file and empty it, so that no deleted data is left in the log.

        Return False if a long read transaction prevents that now. Does nothing on PostgreSQL.
        """
        if not self.is_embedded:
            return True
        with translate_errors():
            async with self._engine.connect() as connection:
                await connection.execution_options(quillmate_autocommit=True)
                # With the pragma's usual timeout, SQLite would wait 30 s for readers.
                await connection.exec_driver_sql("PRAGMA busy_timeout=0")
                try:
                    for remaining_tries in reversed(range(_CHECKPOINT_TRIES)):
                        is_busy = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
                        if not is_busy:
                            return True
                        if remaining_tries:
                            await asyncio.sleep(_CHECKPOINT_PAUSE_SECONDS)
                finally:
                    # A connection that broke, or whose task was cancelled, is not reused.
                    if not connection.invalidated:
                        await connection.exec_driver_sql(BUSY_TIMEOUT)
        return False
