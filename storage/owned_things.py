"""Things that may be shared with a channel or a server, or given to a workspace: personas, brands, documents."""

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
from .damage import log_damaged_row
from .database import Database
from .errors import DamagedError, StorageError
from .owners import is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

Value = TypeVar("Value")


@dataclass(frozen=True)
class OwnedThing(Generic[Value]):
    """A thing: its id, its owner, the scope it is shared with (`me` if it is not), and its value.

    A thing of a workspace is visible in the complete workspace; `given_by` is the member who gave it, unless they were
    forgotten.
    """

    id: str
    owner_id: str
    scope: str
    value: Value
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    given_by: str | None = None


@shield_methods
class OwnedThingStore(Generic[Value]):
    """The things of one table. Every call names the user; shared things are found by the scopes of the place they are
    in.

    Only its owner changes, shares, gives or deletes a thing: for a workspace, those who manage it. They may also
    unshare what is shared with the place, without reading it. A thing changed in the database by another program is
    omitted, and `list_damaged_ids` lists it.
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

    async def add(self, owner_id: str, value: Value, scope: str = ME) -> OwnedThing[Value]:
        """Store a new thing of the owner.

        Raises:
            StorageError: the owner has as many as are kept.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            thing = self._create(owner_id, value, scope)
            await self._insert(connection, key, thing)
        return thing

    async def put(self, owner_id: str, thing_id: str, value: Value) -> bool:
        """Replace the value of an owner's thing; return whether it exists and is readable."""
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.require_key(connection, owner_id)
            mine = self._is_own(owner_id, thing_id)
            row = (
                await connection.execute(select_with_keys(self._table).where(mine).with_for_update(of=self._table))
            ).first()
            # Opened first: otherwise a row moved in the database would be sealed again for its new place.
            if row is None or self._open_row(row) is None:
                return False
            sealed = self._unwrap_key(row).seal(self._to_json(value), self._build_purpose(thing_id, row.scope))
            await connection.execute(update(self._table).where(mine).values(sealed=sealed))
        return True

    async def change(self, owner_id: str, thing_id: str, change: Callable[[Value], Value]) -> Value | None:
        """Change the value of an owner's thing in one transaction; return the new value, None if there is no such
        thing.

        `change` may run while other processes wait, so it must be quick and pure; if it raises, nothing is changed.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.require_key(connection, owner_id)
            mine = self._is_own(owner_id, thing_id)
            row = (
                await connection.execute(select_with_keys(self._table).where(mine).with_for_update(of=self._table))
            ).first()
            before = self._open_row(row) if row is not None else None
            if row is None or before is None:
                return None
            value = change(before.value)
            sealed = self._unwrap_key(row).seal(self._to_json(value), self._build_purpose(thing_id, row.scope))
            await connection.execute(update(self._table).where(mine).values(sealed=sealed))
        return value

    async def get(self, user_id: str, thing_id: str, scopes: Iterable[str] = ()) -> OwnedThing[Value] | None:
        """Return the owner's thing of that id, or one that is shared with one of the scopes; otherwise None."""
        table = self._table
        wanted = select_with_keys(table).where(table.c.id == thing_id, self._is_visible(user_id, scopes))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return self._open_row(row) if row else None

    async def list_all(self, user_id: str, scopes: Iterable[str] = ()) -> list[OwnedThing[Value]]:
        """List the owner's things and those shared with the scopes, newest first."""
        table = self._table
        wanted = (
            select_with_keys(table)
            .where(self._is_visible(user_id, scopes))
            .order_by(table.c.created_at.desc(), table.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [one for row in rows if (one := self._open_row(row)) is not None]

    async def list_damaged_ids(self, owner_id: str) -> list[str]:
        """List the ids of the owner's things that cannot be opened, as they were changed in the database."""
        wanted = select_with_keys(self._table).where(self._table.c.owner_id == owner_id).order_by(self._table.c.id)
        async with self._database.read() as connection:
            return [row.id for row in await connection.execute(wanted) if self._open_row(row) is None]

    async def give(self, user_id: str, thing_id: str, guild_id: str, replacing: Collection[str] = ()) -> bool:
        """Give a user's thing to a workspace, sealed with its key; return whether there is such a thing.

        The workspace's things with ids in `replacing` are deleted in the same transaction.

        Raises:
            DamagedError: it was changed in the database.
            PausedError: the person wants nothing to be kept.
            StorageError: the workspace has as many as are kept.
        """
        table, owner_id = self._table, workspace(guild_id)
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            old, new = [await self._database.owners.require_key(connection, one) for one in (user_id, owner_id)]
            mine = self._is_own(user_id, thing_id)
            row = (await connection.execute(select(table).where(mine).with_for_update())).one_or_none()
            if row is None:
                return False
            older = (table.c.owner_id == owner_id) & table.c.id.in_(replacing)
            await connection.execute(delete(table).where(older))
            await self._check_room(connection, owner_id)
            plain = old.open_bytes(row.sealed, self._build_purpose(thing_id, row.scope))
            values = {"owner_id": owner_id, "scope": owner_id, "given_by": user_id}
            sealed = new.seal_bytes(plain, self._build_purpose(thing_id, owner_id))
            await connection.execute(update(table).where(mine).values(**values, sealed=sealed))
            await self._seal_dependents(connection, thing_id, old, new)
        await self._database.checkpoint()
        return True

    async def _seal_dependents(self, connection: AsyncConnection, thing_id: str, old: OwnerKey, new: OwnerKey) -> None:
        """Seal the rows that depend on a thing with its new owner's key."""

    async def share(self, user_id: str, thing_id: str, scope: str) -> bool:
        """Share an owner's thing with a scope, instead of its former scope; return whether there is such a thing."""
        async with self._database.write() as connection:
            return bool(
                await move_to_scope(
                    connection, self._database.keys, self._table, self._is_own(user_id, thing_id), scope
                )
            )

    async def unshare(self, scope: str, thing_id: str) -> bool:
        """End the sharing of a thing with a scope: it is private to its owner again. For those who manage the place.

        The workspace's own things are not shared.
        """
        if scope == ME:
            return False
        lent = (self._table.c.id == thing_id) & (self._table.c.scope == scope) & (self._table.c.owner_id != scope)
        async with self._database.write() as connection:
            return bool(await move_to_scope(connection, self._database.keys, self._table, lent, ME))

    async def delete(self, owner_id: str, thing_id: str) -> bool:
        """Delete an owner's thing; return whether there was one."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(self._table).where(self._is_own(owner_id, thing_id)))
        await self._database.checkpoint()
        return bool(done.rowcount)

    @staticmethod
    def _create(owner_id: str, value: Value, scope: str, given_by: str | None = None) -> OwnedThing[Value]:
        return OwnedThing(secrets.token_hex(8), owner_id, scope, value, given_by=given_by)

    async def _insert(self, connection: AsyncConnection, key: OwnerKey, thing: OwnedThing[Value]) -> None:
        await self._check_room(connection, thing.owner_id)
        await connection.execute(
            self._table.insert().values(
                id=thing.id,
                owner_id=thing.owner_id,
                given_by=thing.given_by,
                scope=thing.scope,
                sealed=key.seal(self._to_json(thing.value), self._build_purpose(thing.id, thing.scope)),
                created_at=thing.created_at,
            )
        )

    async def _check_room(self, connection: AsyncConnection, owner_id: str) -> None:
        """Raise StorageError if an owner has the maximal number of things."""
        table = self._table
        mine = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
        if int(await connection.scalar(mine) or 0) < self._most:
            return
        if is_workspace(owner_id):
            raise StorageError(
                "I can keep up to {most} of these for a server. Delete one that is no longer needed.", most=self._most
            )
        raise StorageError("I can keep up to {most} of these for you. Delete one you no longer need.", most=self._most)

    def _build_purpose(self, thing_id: str, scope: str) -> str:
        return tables.build_purpose(self._table, {"id": thing_id, "scope": scope})

    def _is_own(self, owner_id: str, thing_id: str) -> ColumnElement[bool]:
        return (self._table.c.id == thing_id) & (self._table.c.owner_id == owner_id)

    def _is_visible(self, user_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
        """Build the condition for the user's own things, shared or not, and those shared with the scopes; every user
        has the scope `me`.
        """
        lent: Sequence[str] = [scope for scope in scopes if scope != ME]
        return or_(self._table.c.owner_id == user_id, self._table.c.scope.in_(lent))

    def _unwrap_key(self, row: Row[Any]) -> OwnerKey:
        return self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)

    def _open_row(self, row: Row[Any]) -> OwnedThing[Value] | None:
        """Open a thing; None if it was changed in the database."""
        purpose = self._build_purpose(row.id, row.scope)
        try:
            opened = self._unwrap_key(row).open(row.sealed, purpose)
        except DamagedError:
            log_damaged_row(purpose)
            return None
        return OwnedThing(
            row.id, row.owner_id, row.scope, self._from_json(opened), to_utc(row.created_at), row.given_by
        )


def select_with_keys(table: Table) -> Any:
    """Select rows, each with its owner's wrapped key."""
    owners = tables.owners
    return select(table, owners.c.wrapped_key, owners.c.key_id).join(
        owners, owners.c.owner_id == tables.get_owner_column(table)
    )


async def move_to_scope(
    connection: AsyncConnection, keys: Keyring, table: Table, which: ColumnElement[bool], scope: str
) -> int:
    """Move things to another scope, each sealed again for it; return their number. In a write transaction.

    A thing whose scope was changed by another program opens for no one, and is left as it is.
    """
    rows = (await connection.execute(select_with_keys(table).where(which).with_for_update(of=table))).all()
    moved = 0
    for row in rows:
        old = {"id": row.id, "scope": row.scope}
        try:
            key = keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            plain = key.open_bytes(row.sealed, tables.build_purpose(table, old))
        except StorageError:
            continue
        moved += 1
        values = {"scope": scope, "sealed": key.seal_bytes(plain, tables.build_purpose(table, {**old, "scope": scope}))}
        await connection.execute(update(table).where(table.c.id == row.id).values(values))
    return moved
