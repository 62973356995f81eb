"""The database: how it is opened, and the transactions everything in this folder runs in."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self, cast

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, event, func, select, text, true, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable

from . import erasure, tables
from .alerts import unwritable
from .crypto import Keyring, OwnerKey, lost_key
from .erasure import Erasure
from .errors import ForgottenError, PausedError, StorageError, storage_error
from .owners import is_workspace
from .parents import PARENT
from .shielded import shielded

# The newest revision in migrations/versions; tests hold it equal, and the tables it leads to. Alembic is imported only for
# a database of an older one.
REVISION = "0020"

_BUSY_TIMEOUT = "PRAGMA busy_timeout=30000"
# WAL lets readers and one writer work at once; FULL makes a commit outlive a power cut; 30 s outlast a slow disk.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    _BUSY_TIMEOUT,
    "PRAGMA foreign_keys=ON",
    # What is deleted is overwritten with zeros, so that what was forgotten is not left in the file's free pages.
    "PRAGMA secure_delete=ON",
)
# The connection that the running task reads by, where several reads are one transaction.
_reading: ContextVar[AsyncConnection | None] = ContextVar("reading", default=None)
# The one that it writes by, where several reads and writes are one transaction.
_writing: ContextVar[AsyncConnection | None] = ContextVar("writing", default=None)
# When what the running task does was begun: what was begun before somebody was forgotten must not bring them back.
begun_at: ContextVar[datetime | None] = ContextVar("begun_at", default=None)
_WAL_TRIES, _WAL_PAUSE_SECONDS = 50, 0.02
# How long a checkpoint waits for readers; it is tried again at the next look.
_CHECKPOINT_TRIES, _CHECKPOINT_PAUSE_SECONDS = 5, 0.05
# It is known so long that somebody was forgotten: nothing that was begun before is open for longer.
_FORGOTTEN_KNOWN = timedelta(days=1)
# The row that stands for keys which were wrapped by the operator's before there were parent keys.
_ADOPTED = "adopted"
# When somebody was last seen is noted once a day at most.
_SEEN_EVERY = timedelta(days=1)


def begin(at: datetime | None = None) -> datetime:
    """Notes when what the running task does was begun, now where nothing is said; gives that moment."""
    moment = at or datetime.now(UTC)
    begun_at.set(moment)
    return moment


class Database:
    """An open database. Use as `async with Database(url, keys) as database:`; then every call is one short transaction.

    Without `keys` what is sealed can be opened only as long as the process lives.

    Raises:
        StorageError: from every call, with a sentence, when the database cannot be used.
    """

    def __init__(self, url: str, keys: Keyring | None = None) -> None:
        self.url = _async_url(url)
        self.keys = keys or Keyring.unkept()
        self._engine = _engine(self.url)
        # Parents that are to be destroyed and are not yet. A process that starts finds those of one before (`_adopt`).
        self._given_up: set[str] = set()

    @property
    def embedded(self) -> bool:
        """The database is a file of this machine's, so Quillmate migrates it by itself."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """The URL without its password and what else in it could be secret."""
        secret = [name for name in self.url.query if re.search(r"pass|pw|secret|key|token", name, re.IGNORECASE)]
        hidden = dict.fromkeys(secret, "***")
        return self.url.update_query_dict(hidden).render_as_string(hide_password=True)

    async def __aenter__(self) -> Self:
        if self.embedded:
            try:
                if not await self.upgrade():
                    await self._check_writable()
            except StorageError:
                await self._engine.dispose()
                raise
        elif (found := await self.revision()) != REVISION:
            await self._engine.dispose()
            _refuse_newer(found)
            raise StorageError("The database's tables are not of this version. Run `quillmate db upgrade` once.")
        try:
            await self._check_keys()
            await self._adopt()
        except StorageError:
            await self._engine.dispose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Lets go of all connections; the next call opens new ones."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads: one of its own, or that of the `reading` around it."""
        shared = _reading.get()
        if shared is not None and shared.engine is self._engine:
            yield shared
            return
        with _sentences():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Reads inside, one after another, are one transaction, which costs one opening for all of them."""
        async with self.read() as connection:
            token = _reading.set(connection)
            try:
                yield
            finally:
                _reading.reset(token)

    @asynccontextmanager
    async def write(self, claim: str = "") -> AsyncIterator[AsyncConnection]:
        """A transaction in which what it reads of its `claim` cannot change before it writes.

        On SQLite it holds the one write lock from its start: deferred transactions lost 549 of 600 read-modify-write
        updates of two processes, BEGIN IMMEDIATE none. On PostgreSQL transactions with the same claim wait for each
        other; a row's own lock would not do, as a row that is not there yet cannot be locked. Within a `writing` it is that.
        """
        shared = _writing.get()
        if shared is not None and shared.engine is self._engine:
            await self._hold(claim, shared)
            yield shared
            return
        with _sentences():
            async with self._engine.connect() as plain:
                connection = await plain.execution_options(quillmate_write=True)
                async with connection.begin():
                    await self._hold(claim, connection)
                    yield connection

    @asynccontextmanager
    async def writing(self, claim: str = "") -> AsyncIterator[None]:
        """Reads and writes inside, one after another, are one transaction: all of it is kept, or nothing."""
        async with self.write(claim) as connection:
            read, written = _reading.set(connection), _writing.set(connection)
            try:
                yield
            finally:
                _writing.reset(written)
                _reading.reset(read)

    async def _hold(self, claim: str, connection: AsyncConnection) -> None:
        if claim and not self.embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(claim, 0))))

    async def known_owner(self, connection: AsyncConnection, owner_id: str) -> OwnerKey | None:
        """The key of an owner of whom something is kept, None for anybody else."""
        table = tables.owners
        wanted = select(table.c.wrapped_key, table.c.key_id).where(table.c.owner_id == owner_id)
        row = (await connection.execute(wanted)).one_or_none()
        return self.keys.unwrap(owner_id, row.wrapped_key, row.key_id) if row else None

    async def owner(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """The key of an owner of whom something is to be kept, made at the first time. Only in a transaction that writes.

        Raises:
            PausedError: it is a person who wants nothing to be kept.
        """
        key, paused = await self._met(connection, owner_id)
        if paused:
            raise PausedError
        return key

    async def met(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """The key of somebody who is there now, made at the first time, whether or not anything may be kept of them."""
        return (await self._met(connection, owner_id))[0]

    async def _met(self, connection: AsyncConnection, owner_id: str) -> tuple[OwnerKey, bool]:
        """The key of somebody who is there now, and whether they have paused."""
        table = tables.owners
        columns = (table.c.wrapped_key, table.c.key_id, table.c.seen_at, table.c.paused_at, table.c.created_at)
        # Held until the transaction ends: what it seals with the key must not outlive it, where `alone` is on its heels.
        wanted = select(*columns).where(table.c.owner_id == owner_id).with_for_update(read=True, key_share=True)
        now = datetime.now(UTC)
        row = (await connection.execute(wanted)).one_or_none()
        begun = begun_at.get()
        if begun is not None and (row is None or in_utc(row.created_at) > begun):
            await self._refuse_forgotten(connection, owner_id, begun)
        while row is None:
            await self._make(connection, owner_id, now)
            row = (await connection.execute(wanted)).one_or_none()  # Another transaction's, if that was quicker.
        if now - in_utc(row.seen_at) > _SEEN_EVERY:
            await connection.execute(update(table).where(table.c.owner_id == owner_id).values(seen_at=now))
        return self.keys.unwrap(owner_id, row.wrapped_key, row.key_id), row.paused_at is not None

    async def alone(self, connection: AsyncConnection, owner_id: str) -> None:
        """Waits for all who write something of an owner, and lets nobody begin until the transaction ends.

        A row that is not there cannot be held, so there is one afterwards; for who deletes it.
        """
        table = tables.owners
        wanted = select(table.c.owner_id).where(table.c.owner_id == owner_id).with_for_update()
        held = None
        while held is None:
            await self._make(connection, owner_id, datetime.now(UTC))
            held = await connection.scalar(wanted)

    async def _refuse_forgotten(self, connection: AsyncConnection, owner_id: str, begun: datetime) -> None:
        """Raises ForgottenError where an owner was forgotten after a moment."""
        if (at := await self._forgotten_at(connection, owner_id)) is not None and at >= begun:
            raise ForgottenError(workspace=is_workspace(owner_id))

    async def _forgotten_at(self, connection: AsyncConnection, owner_id: str) -> datetime | None:
        if not self.keys.made:
            return None
        table = tables.forgotten
        at = await connection.scalar(select(table.c.at).where(table.c.name == self.keys.name_of(owner_id)))
        return in_utc(at) if at else None

    @shielded
    async def forgotten_since(self, owner_id: str, moment: datetime) -> bool:
        """Whether an owner was forgotten after a moment of the last day."""
        async with self.read() as connection:
            at = await self._forgotten_at(connection, owner_id)
        return at is not None and at >= moment

    async def _make(self, connection: AsyncConnection, owner_id: str, now: datetime) -> None:
        """Gives an owner a key, unless there is one."""
        if self.keys.parents and not self.embedded:  # Held off while a parent is replaced, as it may be this one's.
            await connection.execute(select(func.pg_advisory_xact_lock_shared(_parents_lock())))
        _, wrapped, key_id = await asyncio.to_thread(self.keys.new_owner, owner_id)
        values = {"wrapped_key": wrapped, "key_id": key_id, "created_at": now, "seen_at": now}
        await connection.execute(insert_or_leave(connection, tables.owners, {"owner_id": owner_id, **values}))

    async def give_up_key(self, connection: AsyncConnection, owner_id: str) -> list[str]:
        """Notes that an owner is forgotten, and gives all who share the parent key a new one.

        Gives the parents that are to be destroyed once the transaction has ended. In a transaction that holds `alone`.
        """
        owners, noted = tables.owners, tables.forgotten
        now = datetime.now(UTC)
        values = {"at": now, "pending": "" if self.keys.parents else self._first_step}
        name = {"name": self.keys.name_of(owner_id)}
        await connection.execute(insert_or_update(connection, noted, name, values))
        key_id = await connection.scalar(select(owners.c.key_id).where(owners.c.owner_id == owner_id))
        if self.keys.parents is None or key_id is None or key_id not in self.keys.parents.opened:
            return []
        if not self.embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(_parents_lock())))
        await asyncio.to_thread(self.keys.parents.renew, key_id)
        await self._wrap_anew(connection, (owners.c.key_id == key_id) & (owners.c.owner_id != owner_id))
        return [key_id]

    @shielded
    async def destroyed(self, parents: list[str]) -> Erasure:
        """Destroys parents that are given up, and tells what is left to wait for. After the transaction has ended."""
        self._given_up.update(parents)
        await self._destroy_given_up()
        emptied = await self.checkpoint()
        if not emptied:
            await self._mark_pending(erasure.FILE)
        if self.keys.parents is None:
            return Erasure(complete=self.embedded and emptied)
        table = tables.forgotten
        async with self.read() as connection:
            older = select(table.c.name).where(table.c.name == _ADOPTED, table.c.pending != "")
            return Erasure(complete=await connection.scalar(older) is None)

    async def _destroy_given_up(self) -> None:
        """Destroys what could not be destroyed before as well, as on a full disk: until then copies open what was forgotten."""
        if self.keys.parents is not None and (parents := set(self._given_up)):
            await asyncio.to_thread(self.keys.parents.destroy, parents)
            self._given_up -= parents

    @property
    def _first_step(self) -> str:
        """What is pending of an erasure at first, where no parent key can be destroyed."""
        return "" if self.embedded else erasure.HEAP

    async def _mark_pending(self, step: str) -> None:
        table = tables.forgotten
        async with self.write() as connection:
            await connection.execute(update(table).where(table.c.pending == "").values(pending=step))

    async def _wrap_anew(
        self, connection: AsyncConnection, which: ColumnElement[bool], *, renew: bool = False
    ) -> list[str]:
        """Wraps owners' keys with what wraps now, with `renew` each behind a new one; gives whose."""
        table = tables.owners
        rows = (
            await connection.execute(select(table.c.owner_id, table.c.wrapped_key, table.c.key_id).where(which))
        ).all()

        def wrapped() -> list[dict[str, Any]]:
            made = []
            for row in rows:
                key, key_id = self.keys.rewrap(row.owner_id, row.wrapped_key, row.key_id, renew=renew)
                made.append({"owner": row.owner_id, "key": key, "by": key_id})
            return made

        values = await asyncio.to_thread(wrapped)
        if values:
            statement = update(table).where(table.c.owner_id == bindparam("owner"))
            await connection.execute(statement.values(wrapped_key=bindparam("key"), key_id=bindparam("by")), values)
        return [value["owner"] for value in values]

    async def _adopt(self) -> None:
        """Wraps with parents what the operator's key wraps, and destroys parents that an interrupted process left."""
        if self.keys.parents is None or not self.keys.made:
            return
        table, noted = tables.owners, tables.forgotten
        by_operator = table.c.key_id.not_like(f"{PARENT}%")
        async with self.read() as connection:
            used = set(await connection.scalars(select(table.c.key_id).distinct()))
        if any(not one.startswith(PARENT) for one in used):
            async with self.write("keys") as connection:
                await self._wrap_anew(connection, by_operator)
                if not self.embedded:
                    values = {"at": datetime.now(UTC), "pending": erasure.HEAP}
                    await connection.execute(insert_or_update(connection, noted, {"name": _ADOPTED}, values))
            await self.checkpoint()
        elif unused := self.keys.parents.unused(used):
            await asyncio.to_thread(self.keys.parents.destroy, unused)

    @shielded
    async def settle(self, now: datetime | None = None) -> int:
        """Takes what forgetting could not promise at once as far as it can be taken now; gives how many still wait.

        Then lets go of who was forgotten longer than a day ago.

        Raises:
            StorageError: the file of parent keys cannot be written.
        """
        await self._destroy_given_up()
        table = tables.forgotten
        async with self.read() as connection:
            waiting = (
                await connection.execute(select(table.c.name, table.c.pending).where(table.c.pending != ""))
            ).all()
        steps = {row.pending for row in waiting}
        if self.embedded:
            done = {step: "" for step in steps if await self.checkpoint()}
        else:
            done = {}
            with _sentences():
                async with self._engine.connect() as connection:
                    autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    for step in steps:
                        done[step] = await erasure.advanced(autocommit, step)
        async with self.write("forget") as connection:
            for before, after in done.items():
                await connection.execute(update(table).where(table.c.pending == before).values(pending=after))
            known = (now or datetime.now(UTC)) - _FORGOTTEN_KNOWN
            await connection.execute(delete(table).where(table.c.at < known, table.c.pending == ""))
        return sum(1 for row in waiting if done.get(row.pending, row.pending))

    @shielded
    async def unsettled(self) -> int:
        """How many erasures wait for the database's files to be overwritten."""
        table = tables.forgotten
        async with self.read() as connection:
            return int(await connection.scalar(select(func.count()).where(table.c.pending != "")) or 0)

    @shielded
    async def key_of(self, owner_id: str) -> OwnerKey:
        """An owner's key, for what is kept elsewhere; made at the first time."""
        table, begun = tables.owners, begun_at.get()
        columns = (table.c.wrapped_key, table.c.key_id, table.c.seen_at, table.c.created_at)
        async with self.read() as connection:
            row = (await connection.execute(select(*columns).where(table.c.owner_id == owner_id))).one_or_none()
        older = row is not None and (begun is None or in_utc(row.created_at) <= begun)
        if row is not None and older and datetime.now(UTC) - in_utc(row.seen_at) <= _SEEN_EVERY:
            return self.keys.unwrap(owner_id, row.wrapped_key, row.key_id)
        async with self.write() as connection:
            return await self.met(connection, owner_id)

    @shielded
    async def known_key_of(self, owner_id: str) -> OwnerKey | None:
        """An owner's key, for what is kept elsewhere; None for one of whom nothing is kept (any more)."""
        async with self.read() as connection:
            return await self.known_owner(connection, owner_id)

    @shielded
    async def rewrap(self) -> list[str]:
        """Gives every owner a new key in front of theirs, wrapped by the operator's current one, as one transaction.

        Parent keys are new as well. Whoever has the old keys and an old copy of the database opens what stood in that, and
        nothing that is written from now on. Gives whose keys they were.

        Raises:
            StorageError: a key was wrapped with one that is not here; nothing was changed.
        """
        table, parents = tables.owners, self.keys.parents
        async with self.write("keys") as connection:
            if parents is None:
                owner_ids = await self._wrap_anew(connection, table.c.key_id != self.keys.current, renew=True)
            else:
                if not self.embedded:
                    await connection.execute(select(func.pg_advisory_xact_lock(_parents_lock())))
                await asyncio.to_thread(parents.renew_all)
                owner_ids = await self._wrap_anew(connection, true(), renew=True)
        if parents is not None:
            async with self.read() as connection:
                used = set(await connection.scalars(select(table.c.key_id).distinct()))
            await asyncio.to_thread(parents.destroy, parents.unused(used))
        await self.checkpoint()  # Else the old wrapping would stay in the log, for whoever has the old key.
        return owner_ids

    @shielded
    async def lost(self) -> dict[str, list[str]]:
        """Owners whose key was wrapped with an operator's key that is not here, by that key's public name."""
        table, found = tables.owners, dict[str, list[str]]()
        wanted = select(table.c.owner_id, table.c.key_id).where(table.c.key_id.not_in(self.keys.ids))
        async with self.read() as connection:
            for row in await connection.execute(wanted.order_by(table.c.owner_id)):
                found.setdefault(self.keys.lost_name(row.key_id), []).append(row.owner_id)
        return found

    @shielded
    async def damage(self) -> str:
        """What is wrong with the database's own pages and rows, empty where all of it can be read.

        On SQLite its pages and indexes are gone through, on PostgreSQL every row of every table is read.
        """
        async with self.read() as connection:
            if self.embedded:
                found = (await connection.exec_driver_sql("PRAGMA integrity_check(1)")).scalars().all()
                return "" if found == ["ok"] else str(found[0])
            for table in tables.metadata.sorted_tables:
                async with connection.stream(select(table)) as rows:
                    async for _ in rows:
                        pass
        return ""

    @shielded
    async def _check_writable(self) -> None:
        """Raises StorageError when the file is read-only, which SQLite tells only whoever changes a row."""
        async with self.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            await connection.rollback()

    async def _check_keys(self) -> None:
        """Raises StorageError when somebody's key was wrapped with an operator's key that is not here."""
        if lost := await self.lost():
            raise StorageError(lost_key(list(lost), self.keys.place, [one for those in lost.values() for one in those]))

    @shielded
    async def revision(self) -> str | None:
        """The revision of the database's tables, None for an empty database."""
        with _sentences():
            async with self._engine.connect() as connection:
                return await _revision(connection)

    @shielded
    async def upgrade(self) -> bool:
        """Brings the tables to this version; tells whether anything was to be done.

        Raises:
            StorageError: they are of a newer one.
        """
        found = await self.revision()
        if found == REVISION:
            return False
        _refuse_newer(found)
        async with self.write("migrations") as connection:
            revision = await _revision(connection)
            if revision == REVISION:  # Another process was quicker.
                return False
            if revision is None and self.embedded:
                await connection.run_sync(_create)
            else:
                from .migrations import upgrade

                await connection.run_sync(upgrade, self.keys)
        if self.embedded:
            await self.checkpoint()
        return True

    @shielded
    async def checkpoint(self) -> bool:
        """Moves what SQLite's write-ahead log holds into the file, so that nothing deleted is left in it.

        Tells whether that is so: a reader that has been at it for long keeps the log, then it is to be tried again later.
        """
        if not self.embedded:
            return True
        with _sentences():
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
                    # A connection that broke, or whose task was ended, is not used again.
                    if not connection.invalidated:
                        await plain.exec_driver_sql(_BUSY_TIMEOUT)
        return False


async def is_paused(connection: AsyncConnection, user_id: str) -> bool:
    """Whether somebody wants nothing to be kept."""
    table = tables.owners
    return await connection.scalar(select(table.c.paused_at).where(table.c.owner_id == user_id)) is not None


def insert_or_update(
    connection: AsyncConnection,
    table: Any,
    keys: dict[str, Any],
    values: dict[str, Any],
    where: ColumnElement[bool] | None = None,
) -> Executable:
    """An upsert in the words of the connection's database; where a row does not fit `where`, it stays and 0 rows change."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return (
            postgres_insert(table)
            .values(**keys, **values)
            .on_conflict_do_update(index_elements=list(keys), set_=values, where=where)
        )
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    insert = sqlite_insert(table).values(**keys, **values)
    return insert.on_conflict_do_update(index_elements=list(keys), set_=values, where=where)


def insert_or_add(connection: AsyncConnection, table: Table) -> Executable:
    """An insert of rows, given beside it, whose figures are added to those of a row with the same key."""
    return _adding(connection.dialect.name, table)


@cache
def _adding(dialect: str, table: Table) -> Executable:
    insert: Any
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        insert = postgres_insert(table)
    else:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        insert = sqlite_insert(table)
    keys = [column.name for column in table.primary_key]
    sums = {one.name: one + insert.excluded[one.name] for one in table.columns if one.name not in keys}
    return cast("Executable", insert.on_conflict_do_update(index_elements=keys, set_=sums))


def insert_or_leave(connection: AsyncConnection, table: Any, values: dict[str, Any]) -> Executable:
    """An insert that leaves a row of the same key as it is."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table).values(**values).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table).values(**values).on_conflict_do_nothing()


def _parents_lock() -> ColumnElement[int]:
    """What transactions hold that wrap people's keys with parents: shared to use one, alone to replace one."""
    return func.hashtextextended("parents", 0)


def in_utc(moment: datetime) -> datetime:
    """A moment that was read with its zone: SQLite keeps none, and what we write is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _create(connection: Connection) -> None:
    """Makes the tables of a new file as they are now: it has no history to go through, for which Alembic takes 11 MB."""
    tables.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision > REVISION:
        raise StorageError(
            f"The database's tables are of a newer version ({revision}; this one knows {REVISION}). Install that version, or "
            "put back the copy from before the upgrade."
        )


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
        named = backend if re.fullmatch(r"[a-z]{1,12}", backend) else "another program"  # It may be a misplaced key.
        raise StorageError(f"QUILLMATE_DATABASE names {named}; it should be sqlite or postgresql.")
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


class _sentences:  # noqa: N801 - reads as a statement: with _sentences():
    """Turns drivers' errors into StorageError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError | OSError):
            if not isinstance(error, IntegrityError | DataError):  # Those are about one row and not about the database.
                unwritable("database", error)
            raise storage_error(error) from error
