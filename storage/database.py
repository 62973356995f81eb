"""Opens the database, migrates it to the current revision, and checks it for damage."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import Keyring, describe_lost_keys
from .engine import MAX_CONNECTIONS
from .errors import StorageError
from .owner_keys import OwnerKeys
from .shielding import shield
from .transactions import Transactions

# The newest revision, from the migrations' file names: importing Alembic is slow, so only a migration imports it.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISION = max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


class Database(Transactions):
    """A database, opened and closed by `async with Database(url, keys) as database:`. Each call is one short transaction.

    Without `keys`, rows are sealed with a key that is lost when the process ends.

    Raises:
        StorageError: from every call, with a message for users, if the database cannot be used.
    """

    def __init__(self, url: str, keys: Keyring | None = None, *, max_connections: int = MAX_CONNECTIONS) -> None:
        super().__init__(url, max_connections)
        self.keys = keys or Keyring.create_ephemeral()
        self.owners = OwnerKeys(self, self.keys)

    async def __aenter__(self) -> Self:
        if self.is_embedded:
            try:
                if not await self.upgrade():
                    await self.check_writable()
            except StorageError:
                await self.close()
                raise
        elif (revision := await self.read_revision()) != REVISION:
            await self.close()
            _require_not_newer(revision)
            raise StorageError("The database's tables are not of this version. Run `quillmate db upgrade` once.")
        try:
            await self._check_keys()
            await self.owners.move_under_parents()
        except StorageError:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @shield
    async def find_damage(self) -> str:
        """Return a description of the first damage in the database, empty if there is none.

        SQLite checks its pages and indexes; on PostgreSQL, every row of every table is read.
        """
        async with self.read() as connection:
            if self.is_embedded:
                messages = (await connection.exec_driver_sql("PRAGMA integrity_check(1)")).scalars().all()
                return "" if messages == ["ok"] else str(messages[0])
            for table in tables.metadata.sorted_tables:
                async with connection.stream(select(table)) as rows:
                    async for _ in rows:
                        pass
        return ""

    @shield
    async def check_writable(self) -> None:
        """Change a row and roll back: SQLite reports a read-only file only on a write.

        Raises:
            StorageError: the database cannot be written.
        """
        async with self.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            await connection.rollback()

    async def _check_keys(self) -> None:
        """Raise StorageError if an owner's key was wrapped with an operator key that is not available."""
        if owners_by_key := await self.owners.list_owners_by_lost_key():
            owner_ids = [owner_id for owner_ids in owners_by_key.values() for owner_id in owner_ids]
            raise StorageError(describe_lost_keys(list(owners_by_key), self.keys.location, owner_ids))

    @shield
    async def read_revision(self) -> str | None:
        """Return the revision of the tables, None if the database is empty."""
        async with self.read() as connection:
            return await _read_revision(connection)

    @shield
    async def upgrade(self) -> bool:
        """Migrate the tables to the current revision; return whether they were older.

        Raises:
            StorageError: the tables have a newer revision.
        """
        revision = await self.read_revision()
        if revision == REVISION:
            return False
        _require_not_newer(revision)
        async with self.write("migrations") as connection:
            revision = await _read_revision(connection)
            if revision == REVISION:  # Another process was quicker.
                return False
            if revision is None and self.is_embedded:
                await connection.run_sync(_create_tables)
            else:
                from .migrations import upgrade

                await connection.run_sync(upgrade, self.keys)
        if self.is_embedded:
            await self.checkpoint()
        return True


def _create_tables(connection: Connection) -> None:
    """Create the current tables in a new file. It needs no migrations, and importing Alembic takes 11 MB of memory."""
    tables.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def _require_not_newer(revision: str | None) -> None:
    if revision is not None and revision > REVISION:
        raise StorageError(
            f"The database's tables are of a newer version ({revision}; this one knows {REVISION}). Install that version, or "
            "put back the copy from before the upgrade."
        )


async def _read_revision(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version")):
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
