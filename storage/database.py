"""The database: opened, migrated to this version, and checked for damage."""

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

# The newest revision, by the names of the files: Alembic is imported only for a database of an older one.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISION = max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


class Database(Transactions):
    """An open database. Use as `async with Database(url, keys) as database:`; then every call is one short transaction.

    Without `keys` what is sealed can be opened only as long as the process lives.

    Raises:
        StorageError: from every call, with a sentence, when the database cannot be used.
    """

    def __init__(self, url: str, keys: Keyring | None = None, *, connections: int = MAX_CONNECTIONS) -> None:
        super().__init__(url, connections)
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
            await self.owners.adopt()
        except StorageError:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @shield
    async def find_damage(self) -> str:
        """Return what is wrong with the database's pages and rows, empty if all of it can be read.

        On SQLite its pages and indexes are checked, on PostgreSQL every row of every table is read.
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
        """Change a row and roll back, as SQLite reports a read-only file only then.

        Raises:
            StorageError: nothing can be written.
        """
        async with self.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            await connection.rollback()

    async def _check_keys(self) -> None:
        """Raise StorageError if an owner's key was wrapped with an operator key that is not available."""
        if lost := await self.owners.list_lost():
            raise StorageError(
                describe_lost_keys(list(lost), self.keys.location, [key_id for ids in lost.values() for key_id in ids])
            )

    @shield
    async def read_revision(self) -> str | None:
        """Return the revision of the database's tables, None for an empty database."""
        async with self.read() as connection:
            return await _read_revision(connection)

    @shield
    async def upgrade(self) -> bool:
        """Migrate the tables to this version; return whether anything was done.

        Raises:
            StorageError: the tables have a newer version.
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
    """Create the current tables in a new file without migrations, as importing Alembic takes 11 MB."""
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
    if not await connection.run_sync(lambda c: c.dialect.has_table(c, "alembic_version")):
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
