"""Owners' keys: created when something is first stored for an owner, rewrapped, destroyed when the owner is forgotten."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import erasure, tables
from .crypto import Keyring, OwnerKey
from .erasure import Erasure
from .errors import ForgottenError, PausedError
from .owners import is_workspace
from .parent_keys import PARENT_ID_PREFIX
from .shielding import shield
from .statements import insert_or_leave, insert_or_update, to_utc
from .transactions import Transactions

# When the current task's work began. Work that began before an owner was forgotten must not store anything for them.
begun_at: ContextVar[datetime | None] = ContextVar("begun_at", default=None)
# How long it is recorded that an owner was forgotten: no work that began before takes longer.
_FORGOTTEN_RETENTION = timedelta(days=1)
# The name in `forgotten` of the pending erasure of all keys that the operator's key wrapped before there were parents.
_MOVED_UNDER_PARENTS = "adopted"
# Built once, because building a query takes longer than running it.
_OWNER_QUERY = select(
    tables.owners.c.wrapped_key,
    tables.owners.c.key_id,
    tables.owners.c.seen_at,
    tables.owners.c.paused_at,
    tables.owners.c.created_at,
).where(tables.owners.c.owner_id == bindparam("owner"))
_LOCKING_OWNER_QUERY = _OWNER_QUERY.with_for_update(read=True, key_share=True)
# How often it is recorded that an owner was seen.
_SEEN_INTERVAL = timedelta(days=1)


def begin_work(moment: datetime | None = None) -> datetime:
    """Set when the current task's work began, by default now; return that time."""
    moment = moment or datetime.now(UTC)
    begun_at.set(moment)
    return moment


class OwnerKeys:
    """The keys of the owners in one database.

    Raises:
        StorageError: from every call, with a message for users, if the database cannot be used.
    """

    def __init__(self, transactions: Transactions, keyring: Keyring) -> None:
        self._transactions = transactions
        self._keyring = keyring
        # Ids of the parents still to destroy. If the process ends before, the next one does it in `move_under_parents`.
        self._retired_parent_ids: set[str] = set()

    async def find_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey | None:
        """Return an owner's key; None if nothing is stored for them."""
        row = (await connection.execute(_OWNER_QUERY, {"owner": owner_id})).one_or_none()
        return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id) if row else None

    async def require_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """Return the key to seal new data of an owner with; it is created the first time. Requires a write transaction.

        Raises:
            ForgottenError: the owner was forgotten after the current work began.
            PausedError: the owner is a user who has paused storage.
        """
        key, has_paused = await self._ensure(connection, owner_id)
        if has_paused:
            raise PausedError
        return key

    async def ensure_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """Return an owner's key even if they have paused storage; otherwise like `require_key`."""
        return (await self._ensure(connection, owner_id))[0]

    async def _ensure(self, connection: AsyncConnection, owner_id: str) -> tuple[OwnerKey, bool]:
        """Return an owner's key, created the first time, and whether they have paused storage."""
        table, row_key, now = tables.owners, {"owner": owner_id}, datetime.now(UTC)
        # Lock the row: what this transaction seals must not be stored after a concurrent `lock` and deletion of the key.
        row = (await connection.execute(_LOCKING_OWNER_QUERY, row_key)).one_or_none()
        began_at = begun_at.get()
        if began_at is not None and (row is None or to_utc(row.created_at) > began_at):
            await self._refuse_forgotten(connection, owner_id, began_at)
        while row is None:
            await self._insert_key(connection, owner_id, now)
            # Another transaction may have inserted another key.
            row = (await connection.execute(_LOCKING_OWNER_QUERY, row_key)).one_or_none()
        if now - to_utc(row.seen_at) > _SEEN_INTERVAL:
            await connection.execute(update(table).where(table.c.owner_id == owner_id).values(seen_at=now))
        return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id), row.paused_at is not None

    async def lock(self, connection: AsyncConnection, owner_id: str) -> None:
        """Wait for all transactions that write for an owner, and block new ones until this transaction ends.

        An owner without a row gets one, since a missing row cannot be locked. The caller deletes it.
        """
        table = tables.owners
        query = select(table.c.owner_id).where(table.c.owner_id == owner_id).with_for_update()
        locked_id = None
        while locked_id is None:
            await self._insert_key(connection, owner_id, datetime.now(UTC))
            locked_id = await connection.scalar(query)

    async def _refuse_forgotten(self, connection: AsyncConnection, owner_id: str, began_at: datetime) -> None:
        """Raise ForgottenError if an owner was forgotten after the work began."""
        forgotten_at = await self._load_forgotten_at(connection, owner_id)
        if forgotten_at is not None and forgotten_at >= began_at:
            raise ForgottenError(is_workspace=is_workspace(owner_id))

    async def _load_forgotten_at(self, connection: AsyncConnection, owner_id: str) -> datetime | None:
        if not self._keyring.has_key:
            return None
        table = tables.forgotten
        forgotten_at = await connection.scalar(
            select(table.c.at).where(table.c.name == self._keyring.pseudonymise(owner_id))
        )
        return to_utc(forgotten_at) if forgotten_at else None

    @shield
    async def was_forgotten_since(self, owner_id: str, moment: datetime) -> bool:
        """Return whether an owner was forgotten after a time, which must be within the last day."""
        async with self._transactions.read() as connection:
            forgotten_at = await self._load_forgotten_at(connection, owner_id)
        return forgotten_at is not None and forgotten_at >= moment

    async def _insert_key(self, connection: AsyncConnection, owner_id: str, now: datetime) -> None:
        """Create an owner's key, unless there is one."""
        if self._keyring.parents and not self._transactions.is_embedded:
            # Wait while a parent is being replaced: it might be the one that wraps this key.
            await connection.execute(select(func.pg_advisory_xact_lock_shared(_compute_parents_lock())))
        _, wrapped, key_id = await asyncio.to_thread(self._keyring.create_owner_key, owner_id)
        values = {"wrapped_key": wrapped, "key_id": key_id, "created_at": now, "seen_at": now}
        await connection.execute(insert_or_leave(connection, tables.owners, {"owner_id": owner_id, **values}))

    async def retire_key(self, connection: AsyncConnection, owner_id: str) -> list[str]:
        """Record that an owner is forgotten, and rewrap all other keys under the same parent with a new one.

        Return the ids of the parents to destroy once the transaction has ended. Requires the owner's `lock`.
        """
        owners, forgotten = tables.owners, tables.forgotten
        now = datetime.now(UTC)
        values = {"at": now, "pending": "" if self._keyring.parents else self._first_step}
        name = {"name": self._keyring.pseudonymise(owner_id)}
        await connection.execute(insert_or_update(connection, forgotten, name, values))
        key_id = await connection.scalar(select(owners.c.key_id).where(owners.c.owner_id == owner_id))
        if self._keyring.parents is None or key_id is None or key_id not in self._keyring.parents.usable_ids:
            return []
        if not self._transactions.is_embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(_compute_parents_lock())))
        await asyncio.to_thread(self._keyring.parents.rotate, key_id)
        await self._rewrap(connection, (owners.c.key_id == key_id) & (owners.c.owner_id != owner_id))
        return [key_id]

    @shield
    async def destroy_parents(self, parent_ids: list[str]) -> Erasure:
        """Destroy the parents that `retire_key` returned. Must be called after that transaction."""
        self._retired_parent_ids.update(parent_ids)
        await self._destroy_retired_parents()
        is_log_empty = await self._transactions.checkpoint()
        if not is_log_empty:
            await self._add_pending_checkpoint()
        if self._keyring.parents is None:
            return Erasure(complete=self._transactions.is_embedded and is_log_empty)
        table = tables.forgotten
        async with self._transactions.read() as connection:
            pending = select(table.c.name).where(table.c.name == _MOVED_UNDER_PARENTS, table.c.pending != "")
            return Erasure(complete=await connection.scalar(pending) is None)

    async def _destroy_retired_parents(self) -> None:
        """Destroy retired parents, also those of earlier attempts that failed, for example on a full disk."""
        if self._keyring.parents is not None and (parent_ids := set(self._retired_parent_ids)):
            await asyncio.to_thread(self._keyring.parents.destroy, parent_ids)
            self._retired_parent_ids -= parent_ids

    @property
    def _first_step(self) -> str:
        """The first pending step of an erasure without parent keys."""
        return "" if self._transactions.is_embedded else erasure.HEAP

    async def _add_pending_checkpoint(self) -> None:
        """Make all completed erasures wait for another checkpoint."""
        table = tables.forgotten
        async with self._transactions.write() as connection:
            await connection.execute(update(table).where(table.c.pending == "").values(pending=erasure.FILE))

    async def _rewrap(
        self, connection: AsyncConnection, condition: ColumnElement[bool], *, renew: bool = False
    ) -> list[str]:
        """Rewrap owners' keys with the current wrapping keys, with `renew` adding a new key each; return the owners' ids."""
        table = tables.owners
        query = select(table.c.owner_id, table.c.wrapped_key, table.c.key_id).where(condition)
        rows = (await connection.execute(query)).all()

        def rewrap_keys() -> list[dict[str, Any]]:
            parameters = []
            for row in rows:
                wrapped, key_id = self._keyring.rewrap(row.owner_id, row.wrapped_key, row.key_id, renew=renew)
                parameters.append({"owner": row.owner_id, "wrapped": wrapped, "wrapped_by": key_id})
            return parameters

        parameters = await asyncio.to_thread(rewrap_keys)
        if parameters:
            values: dict[str, Any] = {"wrapped_key": bindparam("wrapped"), "key_id": bindparam("wrapped_by")}
            statement = update(table).where(table.c.owner_id == bindparam("owner")).values(values)
            await connection.execute(statement, parameters)
        return [row.owner_id for row in rows]

    async def move_under_parents(self) -> None:
        """Rewrap keys that the operator's key wraps with parent keys; if there are none, destroy parents that wrap nothing.

        Those are left if a process ended between retiring and destroying them.
        """
        if self._keyring.parents is None or not self._keyring.has_key:
            return
        table = tables.owners
        async with self._transactions.read() as connection:
            key_ids = set(await connection.scalars(select(table.c.key_id).distinct()))
        if any(not key_id.startswith(PARENT_ID_PREFIX) for key_id in key_ids):
            async with self._transactions.write("keys") as connection:
                await self._rewrap(connection, table.c.key_id.not_like(f"{PARENT_ID_PREFIX}%"))
                if not self._transactions.is_embedded:
                    values = {"at": datetime.now(UTC), "pending": erasure.HEAP}
                    await connection.execute(
                        insert_or_update(connection, tables.forgotten, {"name": _MOVED_UNDER_PARENTS}, values)
                    )
            await self._transactions.checkpoint()
        elif unused_ids := self._keyring.parents.list_unused(key_ids):
            await asyncio.to_thread(self._keyring.parents.destroy, unused_ids)

    @shield
    async def settle_erasures(self, now: datetime | None = None) -> int:
        """Advance pending erasures as far as possible; return how many are still pending.

        Also deletes the records of completed erasures that are more than a day old.

        Raises:
            StorageError: the file of parent keys cannot be written.
        """
        await self._destroy_retired_parents()
        table = tables.forgotten
        async with self._transactions.read() as connection:
            pending_rows = (
                await connection.execute(select(table.c.name, table.c.pending).where(table.c.pending != ""))
            ).all()
        steps = {row.pending for row in pending_rows}
        if self._transactions.is_embedded:
            next_steps = {step: "" for step in steps if await self._transactions.checkpoint()}
        else:
            next_steps = {}
            async with self._transactions.autocommit() as connection:
                for step in steps:
                    next_steps[step] = await erasure.advance(connection, step)
        async with self._transactions.write("forget") as connection:
            for step, next_step in next_steps.items():
                await connection.execute(update(table).where(table.c.pending == step).values(pending=next_step))
            expiry = (now or datetime.now(UTC)) - _FORGOTTEN_RETENTION
            await connection.execute(delete(table).where(table.c.at < expiry, table.c.pending == ""))
        return sum(1 for row in pending_rows if next_steps.get(row.pending, row.pending))

    @shield
    async def count_pending_erasures(self) -> int:
        """Count the erasures that wait until the database's files are overwritten."""
        table = tables.forgotten
        async with self._transactions.read() as connection:
            return int(await connection.scalar(select(func.count()).where(table.c.pending != "")) or 0)

    @shield
    async def load_key(self, owner_id: str) -> OwnerKey:
        """Return an owner's key for data outside this database; created the first time, even if they have paused storage."""
        began_at = begun_at.get()
        async with self._transactions.read() as connection:
            row = (await connection.execute(_OWNER_QUERY, {"owner": owner_id})).one_or_none()
        if row is not None:
            is_older = began_at is None or to_utc(row.created_at) <= began_at
            if is_older and datetime.now(UTC) - to_utc(row.seen_at) <= _SEEN_INTERVAL:
                return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id)
        async with self._transactions.write() as connection:
            return await self.ensure_key(connection, owner_id)

    @shield
    async def load_known_key(self, owner_id: str) -> OwnerKey | None:
        """Return an owner's key for data outside this database; None if nothing is stored for them (any more)."""
        async with self._transactions.read() as connection:
            return await self.find_key(connection, owner_id)

    @shield
    async def rewrap(self) -> list[str]:
        """Replace all parent keys and add a new key for every owner, in one transaction; return the owners' ids.

        Without parents, only owners' keys that an older operator's key wraps are renewed. Old keys still open old copies of
        the database, but nothing that is stored from now on.

        Raises:
            StorageError: a key's wrapping key is not available; nothing was changed.
        """
        table, parents = tables.owners, self._keyring.parents
        async with self._transactions.write("keys") as connection:
            if parents is None:
                owner_ids = await self._rewrap(connection, table.c.key_id != self._keyring.current_id, renew=True)
            else:
                if not self._transactions.is_embedded:
                    await connection.execute(select(func.pg_advisory_xact_lock(_compute_parents_lock())))
                await asyncio.to_thread(parents.rotate_all)
                owner_ids = await self._rewrap(connection, true(), renew=True)
        if parents is not None:
            async with self._transactions.read() as connection:
                key_ids = set(await connection.scalars(select(table.c.key_id).distinct()))
            await asyncio.to_thread(parents.destroy, parents.list_unused(key_ids))
        # The log still contains the keys as the old key wrapped them.
        await self._transactions.checkpoint()
        return owner_ids

    @shield
    async def list_owners_by_lost_key(self) -> dict[str, list[str]]:
        """Return the ids of the owners whose data cannot be decrypted, by the id of the missing key."""
        table, owner_ids_by_key = tables.owners, dict[str, list[str]]()
        query = select(table.c.owner_id, table.c.key_id).where(table.c.key_id.not_in(self._keyring.ids))
        async with self._transactions.read() as connection:
            for row in await connection.execute(query.order_by(table.c.owner_id)):
                owner_ids_by_key.setdefault(self._keyring.find_lost_key_id(row.key_id), []).append(row.owner_id)
        return owner_ids_by_key


async def is_paused(connection: AsyncConnection, user_id: str) -> bool:
    """Return whether a user has paused storage."""
    table = tables.owners
    return await connection.scalar(select(table.c.paused_at).where(table.c.owner_id == user_id)) is not None


def _compute_parents_lock() -> ColumnElement[int]:
    """Compute the advisory lock on the parent keys: shared to wrap keys with them, exclusive to replace one."""
    return func.hashtextextended("parents", 0)
