"""The keys of owners: created when something is first stored for them, rewrapped, and destroyed when they are
forgotten.
"""

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

# When what the running task does was begun: what was begun before somebody was forgotten must not bring them back.
begun_at: ContextVar[datetime | None] = ContextVar("begun_at", default=None)
# How long a forgotten owner is remembered: no work begun before is open for longer.
_FORGOTTEN_KNOWN = timedelta(days=1)
# The row for keys that the operator's key wrapped before parent keys were introduced.
_ADOPTED = "adopted"
# An owner's row, built once, which costs more than reading it: to look at, and to hold until the transaction ends.
_OWNER = select(
    tables.owners.c.wrapped_key,
    tables.owners.c.key_id,
    tables.owners.c.seen_at,
    tables.owners.c.paused_at,
    tables.owners.c.created_at,
).where(tables.owners.c.owner_id == bindparam("owner"))
_HELD_OWNER = _OWNER.with_for_update(read=True, key_share=True)
# The time a user was last seen is recorded at most once a day.
_SEEN_EVERY = timedelta(days=1)


def begin(moment: datetime | None = None) -> datetime:
    """Record when the current task's work began, by default now; return that moment."""
    moment = moment or datetime.now(UTC)
    begun_at.set(moment)
    return moment


class OwnerKeys:
    """The keys of the owners in one database.

    Raises:
        StorageError: from every call, with a sentence, when the database cannot be used.
    """

    def __init__(self, transactions: Transactions, keyring: Keyring) -> None:
        self._transactions = transactions
        self._keyring = keyring
        # Parents that are to be destroyed and are not yet. A process that starts finds those of one before (`adopt`).
        self._retired_parents: set[str] = set()

    async def find_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey | None:
        """Return the key of an owner for whom something is stored, otherwise None."""
        row = (await connection.execute(_OWNER, {"owner": owner_id})).one_or_none()
        return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id) if row else None

    async def require_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """Return the key of an owner for whom something is to be stored, created the first time. Only in a write
        transaction.

        Raises:
            PausedError: the owner is a user who has paused storage.
        """
        key, paused = await self._ensure(connection, owner_id)
        if paused:
            raise PausedError
        return key

    async def ensure_key(self, connection: AsyncConnection, owner_id: str) -> OwnerKey:
        """Return the key of an active owner, created the first time, whether or not anything may be stored for them."""
        return (await self._ensure(connection, owner_id))[0]

    async def _ensure(self, connection: AsyncConnection, owner_id: str) -> tuple[OwnerKey, bool]:
        """Return the key of an active owner, and whether they have paused."""
        table, row_key, now = tables.owners, {"owner": owner_id}, datetime.now(UTC)
        # Held until the transaction ends: what it seals with the key must not outlive it, where `alone` is on its heels.
        row = (await connection.execute(_HELD_OWNER, row_key)).one_or_none()
        began_at = begun_at.get()
        if began_at is not None and (row is None or to_utc(row.created_at) > began_at):
            await self._refuse_forgotten(connection, owner_id, began_at)
        while row is None:
            await self._insert_key(connection, owner_id, now)
            # It may be another transaction's key.
            row = (await connection.execute(_HELD_OWNER, row_key)).one_or_none()
        if now - to_utc(row.seen_at) > _SEEN_EVERY:
            await connection.execute(update(table).where(table.c.owner_id == owner_id).values(seen_at=now))
        return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id), row.paused_at is not None

    async def lock(self, connection: AsyncConnection, owner_id: str) -> None:
        """Wait for all transactions that write for an owner, and block new ones until this transaction ends.

        A missing row cannot be locked, so one exists afterwards; for callers that delete it.
        """
        table = tables.owners
        query = select(table.c.owner_id).where(table.c.owner_id == owner_id).with_for_update()
        locked_id = None
        while locked_id is None:
            await self._insert_key(connection, owner_id, datetime.now(UTC))
            locked_id = await connection.scalar(query)

    async def _refuse_forgotten(self, connection: AsyncConnection, owner_id: str, began_at: datetime) -> None:
        """Raise ForgottenError if an owner was erased after a moment."""
        if (
            forgotten_at := await self._load_forgotten_at(connection, owner_id)
        ) is not None and forgotten_at >= began_at:
            raise ForgottenError(workspace=is_workspace(owner_id))

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
        """Return whether an owner was forgotten after a moment of the last day."""
        async with self._transactions.read() as connection:
            forgotten_at = await self._load_forgotten_at(connection, owner_id)
        return forgotten_at is not None and forgotten_at >= moment

    async def _insert_key(self, connection: AsyncConnection, owner_id: str, now: datetime) -> None:
        """Create an owner's key, unless there is one."""
        if (
            self._keyring.parents and not self._transactions.is_embedded
        ):  # Held off while a parent is replaced, as it may be this one's.
            await connection.execute(select(func.pg_advisory_xact_lock_shared(_compute_parents_lock())))
        _, wrapped, key_id = await asyncio.to_thread(self._keyring.new_owner, owner_id)
        values = {"wrapped_key": wrapped, "key_id": key_id, "created_at": now, "seen_at": now}
        await connection.execute(insert_or_leave(connection, tables.owners, {"owner_id": owner_id, **values}))

    async def retire_key(self, connection: AsyncConnection, owner_id: str) -> list[str]:
        """Record that an owner is forgotten, and give all owners with the same parent key a new one.

        Return the parents to destroy after the transaction. In a transaction that holds `lock`.
        """
        owners, noted = tables.owners, tables.forgotten
        now = datetime.now(UTC)
        values = {"at": now, "pending": "" if self._keyring.parents else self._first_step}
        name = {"name": self._keyring.pseudonymise(owner_id)}
        await connection.execute(insert_or_update(connection, noted, name, values))
        key_id = await connection.scalar(select(owners.c.key_id).where(owners.c.owner_id == owner_id))
        if self._keyring.parents is None or key_id is None or key_id not in self._keyring.parents.usable_ids:
            return []
        if not self._transactions.is_embedded:
            await connection.execute(select(func.pg_advisory_xact_lock(_compute_parents_lock())))
        await asyncio.to_thread(self._keyring.parents.rotate, key_id)
        await self._rewrap(connection, (owners.c.key_id == key_id) & (owners.c.owner_id != owner_id))
        return [key_id]

    @shield
    async def destroy_parents(self, parents: list[str]) -> Erasure:
        """Destroy retired parents and return what is left to wait for. After the transaction has ended."""
        self._retired_parents.update(parents)
        await self._destroy_retired()
        emptied = await self._transactions.checkpoint()
        if not emptied:
            await self._mark_pending(erasure.FILE)
        if self._keyring.parents is None:
            return Erasure(complete=self._transactions.is_embedded and emptied)
        table = tables.forgotten
        async with self._transactions.read() as connection:
            older = select(table.c.name).where(table.c.name == _ADOPTED, table.c.pending != "")
            return Erasure(complete=await connection.scalar(older) is None)

    async def _destroy_retired(self) -> None:
        """Destroys what could not be destroyed before as well, as on a full disk: until then copies open what was forgotten."""
        if self._keyring.parents is not None and (parents := set(self._retired_parents)):
            await asyncio.to_thread(self._keyring.parents.destroy, parents)
            self._retired_parents -= parents

    @property
    def _first_step(self) -> str:
        """Return the first pending step of an erasure if no parent key can be destroyed."""
        return "" if self._transactions.is_embedded else erasure.HEAP

    async def _mark_pending(self, step: str) -> None:
        table = tables.forgotten
        async with self._transactions.write() as connection:
            await connection.execute(update(table).where(table.c.pending == "").values(pending=step))

    async def _rewrap(
        self, connection: AsyncConnection, which: ColumnElement[bool], *, renew: bool = False
    ) -> list[str]:
        """Rewrap owners' keys with the current wrapping keys, with `renew` a new owner key each; return the owners' ids."""
        table = tables.owners
        rows = (
            await connection.execute(select(table.c.owner_id, table.c.wrapped_key, table.c.key_id).where(which))
        ).all()

        def wrapped() -> list[dict[str, Any]]:
            made = []
            for row in rows:
                key, key_id = self._keyring.rewrap(row.owner_id, row.wrapped_key, row.key_id, renew=renew)
                made.append({"owner": row.owner_id, "key": key, "by": key_id})
            return made

        values = await asyncio.to_thread(wrapped)
        if values:
            statement = update(table).where(table.c.owner_id == bindparam("owner"))
            await connection.execute(statement.values(wrapped_key=bindparam("key"), key_id=bindparam("by")), values)
        return [value["owner"] for value in values]

    async def adopt(self) -> None:
        """Rewrap with parents the keys that the operator's key wraps, and destroy parents left by an interrupted process."""
        if self._keyring.parents is None or not self._keyring.has_key:
            return
        table, noted = tables.owners, tables.forgotten
        by_operator = table.c.key_id.not_like(f"{PARENT_ID_PREFIX}%")
        async with self._transactions.read() as connection:
            key_ids = set(await connection.scalars(select(table.c.key_id).distinct()))
        if any(not key_id.startswith(PARENT_ID_PREFIX) for key_id in key_ids):
            async with self._transactions.write("keys") as connection:
                await self._rewrap(connection, by_operator)
                if not self._transactions.is_embedded:
                    values = {"at": datetime.now(UTC), "pending": erasure.HEAP}
                    await connection.execute(insert_or_update(connection, noted, {"name": _ADOPTED}, values))
            await self._transactions.checkpoint()
        elif unused := self._keyring.parents.list_unused(key_ids):
            await asyncio.to_thread(self._keyring.parents.destroy, unused)

    @shield
    async def settle_erasures(self, now: datetime | None = None) -> int:
        """Advance pending erasures as far as possible; return how many still wait.

        Then delete the records of owners forgotten more than a day ago.

        Raises:
            StorageError: the file of parent keys cannot be written.
        """
        await self._destroy_retired()
        table = tables.forgotten
        async with self._transactions.read() as connection:
            pending_rows = (
                await connection.execute(select(table.c.name, table.c.pending).where(table.c.pending != ""))
            ).all()
        steps = {row.pending for row in pending_rows}
        if self._transactions.is_embedded:
            completed = {step: "" for step in steps if await self._transactions.checkpoint()}
        else:
            completed = {}
            async with self._transactions.autocommit() as connection:
                for step in steps:
                    completed[step] = await erasure.advance(connection, step)
        async with self._transactions.write("forget") as connection:
            for before, after in completed.items():
                await connection.execute(update(table).where(table.c.pending == before).values(pending=after))
            known = (now or datetime.now(UTC)) - _FORGOTTEN_KNOWN
            await connection.execute(delete(table).where(table.c.at < known, table.c.pending == ""))
        return sum(1 for row in pending_rows if completed.get(row.pending, row.pending))

    @shield
    async def count_pending_erasures(self) -> int:
        """Count the erasures that wait for the database's files to be overwritten."""
        table = tables.forgotten
        async with self._transactions.read() as connection:
            return int(await connection.scalar(select(func.count()).where(table.c.pending != "")) or 0)

    @shield
    async def load_key(self, owner_id: str) -> OwnerKey:
        """Return an owner's key for data stored elsewhere; created the first time."""
        began_at = begun_at.get()
        async with self._transactions.read() as connection:
            row = (await connection.execute(_OWNER, {"owner": owner_id})).one_or_none()
        is_older = row is not None and (began_at is None or to_utc(row.created_at) <= began_at)
        if row is not None and is_older and datetime.now(UTC) - to_utc(row.seen_at) <= _SEEN_EVERY:
            return self._keyring.unwrap(owner_id, row.wrapped_key, row.key_id)
        async with self._transactions.write() as connection:
            return await self.ensure_key(connection, owner_id)

    @shield
    async def load_known_key(self, owner_id: str) -> OwnerKey | None:
        """Return an owner's key for data stored elsewhere; None if nothing is stored for them (any more)."""
        async with self._transactions.read() as connection:
            return await self.find_key(connection, owner_id)

    @shield
    async def rewrap(self) -> list[str]:
        """Gives every owner a new key in front of theirs, wrapped by the operator's current one, as one transaction.

        Parent keys are new as well. Whoever has the old keys and an old copy of the database opens what stood in that, and
        nothing that is written from now on. Gives whose keys they were.

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
        await (
            self._transactions.checkpoint()
        )  # Else the old wrapping would stay in the log, for whoever has the old key.
        return owner_ids

    @shield
    async def list_lost(self) -> dict[str, list[str]]:
        """Return the owners whose key was wrapped with an operator's key that is missing, by that key's public name."""
        table, owner_ids_by_key = tables.owners, dict[str, list[str]]()
        query = select(table.c.owner_id, table.c.key_id).where(table.c.key_id.not_in(self._keyring.ids))
        async with self._transactions.read() as connection:
            for row in await connection.execute(query.order_by(table.c.owner_id)):
                owner_ids_by_key.setdefault(self._keyring.find_lost_name(row.key_id), []).append(row.owner_id)
        return owner_ids_by_key


async def is_paused(connection: AsyncConnection, user_id: str) -> bool:
    """Return whether a user has paused storage."""
    table = tables.owners
    return await connection.scalar(select(table.c.paused_at).where(table.c.owner_id == user_id)) is not None


def _compute_parents_lock() -> ColumnElement[int]:
    """What transactions hold that wrap people's keys with parents: shared to use one, alone to replace one."""
    return func.hashtextextended("parents", 0)
