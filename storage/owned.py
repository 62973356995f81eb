"""Things that may be lent to a channel or a server, or given to a workspace: personas, brands, documents."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME

from . import tables
from .crypto import Keyring, OwnerKey
from .damage import note
from .database import Database
from .errors import DamagedError, StorageError
from .owners import is_workspace, workspace
from .shielded import shielded_methods
from .statements import in_utc

Value = TypeVar("Value")


@dataclass(frozen=True)
class Owned(Generic[Value]):
    """A thing: its id, whose it is, where it is lent to (`me` where it is not), and what it is.

    What a workspace owns is seen in all of it; `given_by` is who gave it, unless that person was forgotten.
    """

    id: str
    owner_id: str
    scope: str
    value: Value
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    given_by: str | None = None


@shielded_methods
class OwnedThings(Generic[Value]):
    """The things of one table. Every call names who asks; what is lent is found by the scopes of the place they are in.

    Only its owner changes, lends, gives or deletes a thing: for a workspace, who manages it. They may take back what is lent to
    the place as well, unread. A thing that was changed in the database is left out, and `damaged` tells of it.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        most: int,
        *,
        to_json: Callable[[Value], Any],
        from_json: Callable[[Any], Value],
    ) -> None:
        self._database, self._table, self._most = database, table, most
        self._to_json, self._from_json = to_json, from_json

    async def add(self, owner_id: str, value: Value, scope: str = ME) -> Owned[Value]:
        """Keeps a new thing of the owner's.

        Raises:
            StorageError: the owner has as many as are kept.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            key = await self._database.owners.key(connection, owner_id)
            thing = self._new(owner_id, value, scope)
            await self._insert(connection, key, thing)
        return thing

    async def put(self, owner_id: str, thing_id: str, value: Value) -> bool:
        """Replaces what a thing of the owner's is; tells whether there is such a thing, and it can be read."""
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.key(connection, owner_id)
            mine = self._mine(owner_id, thing_id)
            row = (await connection.execute(with_keys(self._table).where(mine).with_for_update(of=self._table))).first()
            # Opened, else whoever moved it in the database would have it sealed anew for that place.
            if row is None or self._readable(row) is None:
                return False
            sealed = self._key(row).seal(self._to_json(value), self._purpose(thing_id, row.scope))
            await connection.execute(update(self._table).where(mine).values(sealed=sealed))
        return True

    async def change(self, owner_id: str, thing_id: str, change: Callable[[Value], Value]) -> Value | None:
        """Changes what a thing of the owner's is, as one transaction; gives what it is then, None where there is no such thing.

        `change` may run while other processes wait, so it must be quick and pure; what it raises leaves all as it was.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.key(connection, owner_id)
            mine = self._mine(owner_id, thing_id)
            row = (await connection.execute(with_keys(self._table).where(mine).with_for_update(of=self._table))).first()
            before = self._readable(row) if row is not None else None
            if row is None or before is None:
                return None
            value = change(before.value)
            sealed = self._key(row).seal(self._to_json(value), self._purpose(thing_id, row.scope))
            await connection.execute(update(self._table).where(mine).values(sealed=sealed))
        return value

    async def get(self, user_id: str, thing_id: str, scopes: Iterable[str] = ()) -> Owned[Value] | None:
        """The owner's thing of that id, or one that is lent to one of the scopes; None for any other."""
        table = self._table
        wanted = with_keys(table).where(table.c.id == thing_id, self._seen(user_id, scopes))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return self._readable(row) if row else None

    async def all(self, user_id: str, scopes: Iterable[str] = ()) -> list[Owned[Value]]:
        """All things of the owner's and those lent to the scopes, newest first."""
        table = self._table
        wanted = with_keys(table).where(self._seen(user_id, scopes)).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [one for row in rows if (one := self._readable(row)) is not None]

    async def damaged(self, owner_id: str) -> list[str]:
        """The ids of the owner's things that cannot be read, as they were changed in the database."""
        wanted = with_keys(self._table).where(self._table.c.owner_id == owner_id).order_by(self._table.c.id)
        async with self._database.read() as connection:
            return [row.id for row in await connection.execute(wanted) if self._readable(row) is None]

    async def give(self, user_id: str, thing_id: str, guild_id: str, replacing: Collection[str] = ()) -> bool:
        """Gives a thing of a person's to a workspace, sealed anew with its key; tells whether there is such a thing.

        Things of the workspace's whose ids are in `replacing` are deleted in the same transaction.

        Raises:
            DamagedError: it was changed in the database.
            PausedError: the person wants nothing to be kept.
            StorageError: the workspace has as many as are kept.
        """
        table, owner_id = self._table, workspace(guild_id)
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            old, new = [await self._database.owners.key(connection, one) for one in (user_id, owner_id)]
            mine = self._mine(user_id, thing_id)
            row = (await connection.execute(select(table).where(mine).with_for_update())).one_or_none()
            if row is None:
                return False
            older = (table.c.owner_id == owner_id) & table.c.id.in_(replacing)
            await connection.execute(delete(table).where(older))
            await self._check_room(connection, owner_id)
            plain = old.open_bytes(row.sealed, self._purpose(thing_id, row.scope))
            values = {"owner_id": owner_id, "scope": owner_id, "given_by": user_id}
            sealed = new.seal_bytes(plain, self._purpose(thing_id, owner_id))
            await connection.execute(update(table).where(mine).values(**values, sealed=sealed))
            await self._seal_dependents(connection, thing_id, old, new)
        await self._database.checkpoint()
        return True

    async def _seal_dependents(self, connection: AsyncConnection, thing_id: str, old: OwnerKey, new: OwnerKey) -> None:
        """Seals what hangs on a thing with its new owner's key."""

    async def lend(self, user_id: str, thing_id: str, scope: str) -> bool:
        """Lends a thing of the owner's to a scope, in place of where it was lent before; tells whether there is such."""
        async with self._database.write() as connection:
            return bool(await move(connection, self._database.keys, self._table, self._mine(user_id, thing_id), scope))

    async def take_back(self, scope: str, thing_id: str) -> bool:
        """Ends that a thing is lent to a scope: it is its owner's alone again. For those who manage the place.

        What is the workspace's own is not lent.
        """
        if scope == ME:
            return False
        lent = (self._table.c.id == thing_id) & (self._table.c.scope == scope) & (self._table.c.owner_id != scope)
        async with self._database.write() as connection:
            return bool(await move(connection, self._database.keys, self._table, lent, ME))

    async def delete(self, owner_id: str, thing_id: str) -> bool:
        """Deletes a thing of the owner's; tells whether there was such a thing."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(self._table).where(self._mine(owner_id, thing_id)))
        await self._database.checkpoint()
        return bool(done.rowcount)

    @staticmethod
    def _new(owner_id: str, value: Value, scope: str, given_by: str | None = None) -> Owned[Value]:
        return Owned(secrets.token_hex(8), owner_id, scope, value, given_by=given_by)

    async def _insert(self, connection: AsyncConnection, key: OwnerKey, thing: Owned[Value]) -> None:
        await self._check_room(connection, thing.owner_id)
        await connection.execute(
            self._table.insert().values(
                id=thing.id,
                owner_id=thing.owner_id,
                given_by=thing.given_by,
                scope=thing.scope,
                sealed=key.seal(self._to_json(thing.value), self._purpose(thing.id, thing.scope)),
                created_at=thing.created_at,
            )
        )

    async def _check_room(self, connection: AsyncConnection, owner_id: str) -> None:
        """Raises StorageError where an owner has as many things as are kept."""
        table = self._table
        mine = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
        if int(await connection.scalar(mine) or 0) < self._most:
            return
        if is_workspace(owner_id):
            raise StorageError(
                "I can keep up to {most} of these for a server. Delete one that is no longer needed.", most=self._most
            )
        raise StorageError("I can keep up to {most} of these for you. Delete one you no longer need.", most=self._most)

    def _purpose(self, thing_id: str, scope: str) -> str:
        return tables.purpose(self._table, {"id": thing_id, "scope": scope})

    def _mine(self, owner_id: str, thing_id: str) -> ColumnElement[bool]:
        return (self._table.c.id == thing_id) & (self._table.c.owner_id == owner_id)

    def _seen(self, user_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
        """Own things wherever they are lent, and those lent to the scopes; `me` is everybody's word for themselves."""
        lent: Sequence[str] = [scope for scope in scopes if scope != ME]
        return or_(self._table.c.owner_id == user_id, self._table.c.scope.in_(lent))

    def _key(self, row: Row[Any]) -> OwnerKey:
        return self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)

    def _readable(self, row: Row[Any]) -> Owned[Value] | None:
        """A thing, None for one that was changed in the database."""
        purpose = self._purpose(row.id, row.scope)
        try:
            opened = self._key(row).open(row.sealed, purpose)
        except DamagedError:
            note(purpose)
            return None
        return Owned(row.id, row.owner_id, row.scope, self._from_json(opened), in_utc(row.created_at), row.given_by)


def with_keys(table: Table) -> Any:
    """Things, each with its owner's wrapped key."""
    owners = tables.owners
    return select(table, owners.c.wrapped_key, owners.c.key_id).join(
        owners, owners.c.owner_id == tables.owner_of(table)
    )


async def move(connection: AsyncConnection, keys: Keyring, table: Table, which: ColumnElement[bool], scope: str) -> int:
    """Moves things to another scope, each sealed anew for it; gives how many. In a transaction that writes.

    A thing whose scope was changed by somebody else than this opens for nobody, and stays so.
    """
    rows = (await connection.execute(with_keys(table).where(which).with_for_update(of=table))).all()
    moved = 0
    for row in rows:
        old = {"id": row.id, "scope": row.scope}
        try:
            key = keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            plain = key.open_bytes(row.sealed, tables.purpose(table, old))
        except StorageError:
            continue
        moved += 1
        values = {"scope": scope, "sealed": key.seal_bytes(plain, tables.purpose(table, {**old, "scope": scope}))}
        await connection.execute(update(table).where(table.c.id == row.id).values(values))
    return moved
