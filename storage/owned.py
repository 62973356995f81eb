"""Things of a person's that may be lent to a channel or a server: personas, brands, documents."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME

from . import tables
from .crypto import Keyring, PersonKey
from .database import Database, in_utc
from .errors import StorageError
from .whole import wholly

Value = TypeVar("Value")


@dataclass(frozen=True)
class Owned(Generic[Value]):
    """A thing: its id, whose it is, where it is lent to (`me` where it is not), and what it is."""

    id: str
    user_id: str
    scope: str
    value: Value
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@wholly
class OwnedThings(Generic[Value]):
    """The things of one table. Every call names who asks; what is lent is found by the scopes of the place they are in.

    Only its owner changes, lends or deletes a thing. Who manages a server may take back what is lent to it, unread.
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

    async def add(self, user_id: str, value: Value, scope: str = ME) -> Owned[Value]:
        """Keeps a new thing of the owner's.

        Raises:
            StorageError: the owner has as many as are kept.
        """
        async with self._database.write(f"{self._table.name} {user_id}") as connection:
            key = await self._database.person(connection, user_id)
            thing = self._new(user_id, value, scope)
            await self._insert(connection, key, thing)
        return thing

    async def put(self, user_id: str, thing_id: str, value: Value) -> bool:
        """Replaces what a thing of the owner's is; tells whether there is such a thing."""
        async with self._database.write(f"{self._table.name} {user_id}") as connection:
            key = await self._database.person(connection, user_id)
            mine = self._mine(user_id, thing_id)
            scope = await connection.scalar(select(self._table.c.scope).where(mine).with_for_update())
            if scope is None:
                return False
            sealed = key.seal(self._to_json(value), self._purpose(thing_id, scope))
            await connection.execute(update(self._table).where(mine).values(sealed=sealed))
        return True

    async def get(self, user_id: str, thing_id: str, scopes: Iterable[str] = ()) -> Owned[Value] | None:
        """The owner's thing of that id, or one that is lent to one of the scopes; None for any other."""
        table = self._table
        wanted = with_keys(table).where(table.c.id == thing_id, self._seen(user_id, scopes))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return self._opened(row) if row else None

    async def all(self, user_id: str, scopes: Iterable[str] = ()) -> list[Owned[Value]]:
        """All things of the owner's and those lent to the scopes, newest first."""
        table = self._table
        wanted = with_keys(table).where(self._seen(user_id, scopes)).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [self._opened(row) for row in rows]

    async def lend(self, user_id: str, thing_id: str, scope: str) -> bool:
        """Lends a thing of the owner's to a scope, in place of where it was lent before; tells whether there is such."""
        async with self._database.write() as connection:
            return bool(await move(connection, self._database.keys, self._table, self._mine(user_id, thing_id), scope))

    async def take_back(self, scope: str, thing_id: str) -> bool:
        """Ends that a thing is lent to a scope: it is its owner's alone again. For those who manage the place."""
        if scope == ME:
            return False
        lent = (self._table.c.id == thing_id) & (self._table.c.scope == scope)
        async with self._database.write() as connection:
            return bool(await move(connection, self._database.keys, self._table, lent, ME))

    async def delete(self, user_id: str, thing_id: str) -> bool:
        """Deletes a thing of the owner's; tells whether there was such a thing."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(self._table).where(self._mine(user_id, thing_id)))
        await self._database.checkpoint()
        return bool(done.rowcount)

    @staticmethod
    def _new(user_id: str, value: Value, scope: str) -> Owned[Value]:
        return Owned(secrets.token_hex(8), user_id, scope, value)

    async def _insert(self, connection: AsyncConnection, key: PersonKey, thing: Owned[Value]) -> None:
        table = self._table
        mine = select(func.count()).select_from(table).where(table.c.user_id == thing.user_id)
        if int(await connection.scalar(mine) or 0) >= self._most:
            raise StorageError("I keep {most} of these for you. Delete one that you do not need.", most=self._most)
        await connection.execute(
            table.insert().values(
                id=thing.id,
                user_id=thing.user_id,
                scope=thing.scope,
                sealed=key.seal(self._to_json(thing.value), self._purpose(thing.id, thing.scope)),
                created_at=thing.created_at,
            )
        )

    def _purpose(self, thing_id: str, scope: str) -> str:
        return tables.purpose(self._table, {"id": thing_id, "scope": scope})

    def _mine(self, user_id: str, thing_id: str) -> ColumnElement[bool]:
        return (self._table.c.id == thing_id) & (self._table.c.user_id == user_id)

    def _seen(self, user_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
        """Own things wherever they are lent, and those lent to the scopes; `me` is everybody's word for themselves."""
        lent: Sequence[str] = [scope for scope in scopes if scope != ME]
        return or_(self._table.c.user_id == user_id, self._table.c.scope.in_(lent))

    def _key(self, row: Row[Any]) -> PersonKey:
        return self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)

    def _opened(self, row: Row[Any]) -> Owned[Value]:
        value = self._from_json(self._key(row).open(row.sealed, self._purpose(row.id, row.scope)))
        return Owned(row.id, row.user_id, row.scope, value, in_utc(row.created_at))


def with_keys(table: Table) -> Any:
    """Things, each with its owner's wrapped key."""
    users = tables.users
    return select(table, users.c.wrapped_key, users.c.key_id).join(users, users.c.user_id == table.c.user_id)


async def move(connection: AsyncConnection, keys: Keyring, table: Table, which: ColumnElement[bool], scope: str) -> int:
    """Moves things to another scope, each sealed anew for it; gives how many. In a transaction that writes.

    A thing whose scope was changed by somebody else than this opens for nobody, and stays so.
    """
    rows = (await connection.execute(with_keys(table).where(which).with_for_update(of=table))).all()
    moved = 0
    for row in rows:
        old = {"id": row.id, "scope": row.scope}
        try:
            key = keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
            plain = key.open_bytes(row.sealed, tables.purpose(table, old))
        except StorageError:
            continue
        moved += 1
        values = {"scope": scope, "sealed": key.seal_bytes(plain, tables.purpose(table, {**old, "scope": scope}))}
        await connection.execute(update(table).where(table.c.id == row.id).values(values))
    return moved
