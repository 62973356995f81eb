"""The transactions that everything in this folder runs in, and the file that SQLite writes them to."""

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

# The connection that the running task reads by, where several reads are one transaction.
_read_connection: ContextVar[AsyncConnection | None] = ContextVar("reading", default=None)
# The one that it writes by, where several reads and writes are one transaction.
_write_connection: ContextVar[AsyncConnection | None] = ContextVar("writing", default=None)
# How long a checkpoint waits for readers; it is tried again at the next look.
_CHECKPOINT_TRIES, _CHECKPOINT_PAUSE_SECONDS = 5, 0.05


class Transactions:
    """Transactions of one database, each as short as its block.

    Raises:
        StorageError: from every call, with a sentence, when the database cannot be used.
    """

    def __init__(self, url: str, connections: int = MAX_CONNECTIONS) -> None:
        self.url = parse_url(url)
        self._engine = create_engine(self.url, connections)

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a local file, which is migrated automatically."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def display_url(self) -> str:
        """The URL without its password and other secrets."""
        secret = [name for name in self.url.query if re.search(r"pass|pw|secret|key|token", name, re.IGNORECASE)]
        hidden = dict.fromkeys(secret, "***")
        return self.url.update_query_dict(hidden).render_as_string(hide_password=True)

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        await self._engine.dispose()

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements are each a transaction, for what a server does in none."""
        with translate_errors():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads: one of its own, or that of the `reading` around it."""
        shared = _read_connection.get()
        if shared is not None and shared.engine is self._engine:
            yield shared
            return
        with translate_errors():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def share_read(self) -> AsyncIterator[None]:
        """Reads inside, one after another, are one transaction, which costs one opening for all of them."""
        async with self.read() as connection:
            token = _read_connection.set(connection)
            try:
                yield
            finally:
                _read_connection.reset(token)

    @asynccontextmanager
    async def write(self, claim: str = "") -> AsyncIterator[AsyncConnection]:
        """A transaction in which what it reads of its `claim` cannot change before it writes.

        On SQLite it holds the one write lock from its start: deferred transactions lost 549 of 600 read-modify-write
        updates of two processes, BEGIN IMMEDIATE none. On PostgreSQL transactions with the same claim wait for each
        other; a row's own lock would not do, as a row that is not there yet cannot be locked. Within a `writing` it is that.
        """
        shared = _write_connection.get()
        if shared is not None and shared.engine is self._engine:
            await self._hold(claim, shared)
            yield shared
            return
        with translate_errors():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(quillmate_write=True)
                async with connection.begin():
                    await self._hold(claim, connection)
                    yield connection

    @asynccontextmanager
    async def share_write(self, claim: str = "") -> AsyncIterator[None]:
        """Reads and writes inside, one after another, are one transaction: all of it is kept, or nothing."""
        async with self.write(claim) as connection:
            read, written = _read_connection.set(connection), _write_connection.set(connection)
            try:
                yield
            finally:
                _write_connection.reset(written)
                _read_connection.reset(read)

    async def _hold(self, claim: str, connection: AsyncConnection) -> None:
        if claim and not self.is_embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(claim, 0))))

    @shield
    async def checkpoint(self) -> bool:
        """Moves what SQLite's write-ahead log holds into the file, so that nothing deleted is left in it.

        Tells whether that is so: a reader that has been at it for long keeps the log, then it is to be tried again later.
        """
        if not self.is_embedded:
            return True
        with translate_errors():
            async with self._engine.connect() as connection:
                plain = await connection.execution_options(quillmate_autocommit=True)
                # SQLite's own waiting would be as long as that of a writer, 30 s.
                await plain.exec_driver_sql("PRAGMA busy_timeout=0")
                try:
                    for left in reversed(range(_CHECKPOINT_TRIES)):
                        busy = (await plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
                        if not busy:
                            return True
                        if left:
                            await asyncio.sleep(_CHECKPOINT_PAUSE_SECONDS)
                finally:
                    # A broken connection, or one whose task was cancelled, is not reused.
                    if not connection.invalidated:
                        await plain.exec_driver_sql(BUSY_TIMEOUT)
        return False
