"""The database: how it is opened, and the transactions everything in this folder runs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable

from .errors import StorageError, storage_error
from .tables import metadata

# The newest revision in migrations/versions; tests hold it equal, and the tables it leads to. Alembic is imported only for
# a database of an older one.
REVISION = "0001"

# WAL lets readers and one writer work at once; FULL makes a commit outlive a power cut; 30 s outlast a slow disk.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
)


class Database:
    """An open database. Use as `async with Database(url) as database:`; then every call is one short transaction.

    Raises:
        StorageError: from every call, with a sentence, when the database cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.url = _async_url(url)
        self._engine = _engine(self.url)

    @property
    def embedded(self) -> bool:
        """The database is a file of this machine's, so Quillmate migrates it by itself."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    async def __aenter__(self) -> Self:
        if self.embedded:
            try:
                await self.upgrade()
            except StorageError:
                await self._engine.dispose()
                raise
        elif await self.revision() != REVISION:
            await self._engine.dispose()
            raise StorageError("The database's tables are not of this version. Run `quillmate db upgrade` once.")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Lets go of all connections; the next call opens new ones."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        with _sentences():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self, claim: str = "") -> AsyncIterator[AsyncConnection]:
        """A transaction in which what it reads of its `claim` cannot change before it writes.

        On SQLite it holds the one write lock from its start: deferred transactions lost 549 of 600 read-modify-write
        updates of two processes, BEGIN IMMEDIATE none. On PostgreSQL transactions with the same claim wait for each
        other; a row's own lock would not do, as a row that is not there yet cannot be locked.
        """
        with _sentences():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(quillmate_write=True)
                async with connection.begin():
                    if claim and not self.embedded:
                        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(claim, 0))))
                    yield connection

    async def revision(self) -> str | None:
        """The revision of the database's tables, None for an empty database."""
        with _sentences():
            async with self._engine.connect() as connection:
                return await _revision(connection)

    async def upgrade(self) -> bool:
        """Brings the tables to this version; tells whether anything was to be done."""
        if await self.revision() == REVISION:
            return False
        async with self.write("migrations") as connection:
            revision = await _revision(connection)
            if revision == REVISION:  # Another process was quicker.
                return False
            if revision is None and self.embedded:
                await connection.run_sync(_create)
            else:
                from .migrations import upgrade

                await connection.run_sync(upgrade)
        return True


def insert_or_update(
    connection: AsyncConnection, table: Any, keys: dict[str, Any], values: dict[str, Any]
) -> Executable:
    """An upsert in the words of the connection's database."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return (
            postgres_insert(table)
            .values(**keys, **values)
            .on_conflict_do_update(index_elements=list(keys), set_=values)
        )
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table).values(**keys, **values).on_conflict_do_update(index_elements=list(keys), set_=values)


def _create(connection: Connection) -> None:
    """Makes the tables of a new file as they are now: it has no history to go through, for which Alembic takes 11 MB."""
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


async def _revision(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(lambda c: c.dialect.has_table(c, "alembic_version")):
        return None
    found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _async_url(url: str) -> URL:
    """The URL with the asynchronous driver that Quillmate ships for its database."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError("QUILLMATE_DATABASE should be a URL such as postgresql://user:password@host/name.") from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise StorageError(f"QUILLMATE_DATABASE names {backend}; it should be sqlite or postgresql.")
    if "sslmode" in parsed.query and backend != "sqlite":
        # What hosts of PostgreSQL hand out is libpq's word for it; asyncpg's is another.
        query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
        parsed = parsed.set(query=query)
    return parsed.set(drivername=drivers[backend])


def _engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, pool_pre_ping=url.get_backend_name() == "postgresql")
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _on_connect)
        event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver must not begin transactions by itself; _on_begin does.
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("quillmate_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _sentences:  # noqa: N801 - reads as a statement: with _sentences():
    """Turns drivers' errors into StorageError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError | OSError):
            raise storage_error(error) from error
