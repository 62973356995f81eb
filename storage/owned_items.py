"""Items that may be shared with a channel or a server, or given to a workspace: personas, brands, documents."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, delete, func, or_, select, update
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
class OwnedItem(Generic[Value]):
    """An item: its id, its owner, the scope it is shared with (`me` for none), and its value.

    An item of a workspace is visible throughout the workspace; `given_by` is the member who gave it, None once they are
    forgotten.
    """

    id: str
    owner_id: str
    scope: str
    value: Value
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    given_by: str | None = None


@shield_methods
class OwnedItemStore(Generic[Value]):
    """The items of one table. The scopes that methods take are those of the channel and server that the user is in.

    Only an item's owner can change, share, give away or delete it; callers check who acts for a workspace. Those who manage a
    channel or server can also end the sharing of an item with it, without being able to read it. An item that was modified
    outside the application is omitted, and `list_damaged_ids` lists it.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        max_items: int,
        *,
        to_json: Callable[[Value], Any],
        from_json: Callable[[Any], Value],
    ) -> None:
        self._database, self._table, self._max_items = database, table, max_items
        self._to_json, self._from_json = to_json, from_json

    async def add(self, owner_id: str, value: Value, scope: str = ME) -> OwnedItem[Value]:
        """Store a new item of the owner.

        Raises:
            PausedError: the owner has paused storage.
            StorageError: the owner already has the maximum number.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            item = self._create(owner_id, value, scope)
            await self._insert(connection, key, item)
        return item

    async def put(self, owner_id: str, item_id: str, value: Value) -> bool:
        """Replace the value of an owner's item; return whether it exists and is readable."""
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.require_key(connection, owner_id)
            is_item = self._owned_by(owner_id, item_id)
            query = select_with_keys(self._table).where(is_item).with_for_update(of=self._table)
            row = (await connection.execute(query)).first()
            # Decrypt first: a row that was copied to another id or scope would otherwise be resealed as valid.
            if row is None or self._open_row(row) is None:
                return False
            sealed = self._unwrap_key(row).seal(self._to_json(value), self._build_purpose(item_id, row.scope))
            await connection.execute(update(self._table).where(is_item).values(sealed=sealed))
        return True

    async def change(self, owner_id: str, item_id: str, change: Callable[[Value], Value]) -> Value | None:
        """Change the value of an owner's item in one transaction; return the new value, None if it does not exist.

        `change` may run while other processes wait, so it must be quick and pure; if it raises, nothing is changed.
        """
        async with self._database.write(f"{self._table.name} {owner_id}") as connection:
            await self._database.owners.require_key(connection, owner_id)
            is_item = self._owned_by(owner_id, item_id)
            query = select_with_keys(self._table).where(is_item).with_for_update(of=self._table)
            row = (await connection.execute(query)).first()
            item = self._open_row(row) if row is not None else None
            if row is None or item is None:
                return None
            value = change(item.value)
            sealed = self._unwrap_key(row).seal(self._to_json(value), self._build_purpose(item_id, row.scope))
            await connection.execute(update(self._table).where(is_item).values(sealed=sealed))
        return value

    async def get(self, user_id: str, item_id: str, scopes: Iterable[str] = ()) -> OwnedItem[Value] | None:
        """Return an item if it is the user's or shared with one of the scopes, otherwise None."""
        table = self._table
        query = select_with_keys(table).where(table.c.id == item_id, self._visible_to(user_id, scopes))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return self._open_row(row) if row else None

    async def list_all(self, user_id: str, scopes: Iterable[str] = ()) -> list[OwnedItem[Value]]:
        """List the user's items and those shared with the scopes, newest first."""
        parameters = {"user": user_id, "scopes": _list_shared(scopes)}
        async with self._database.read() as connection:
            rows = (await connection.execute(_build_list_query(self._table), parameters)).all()
        return [item for row in rows if (item := self._open_row(row)) is not None]

    async def list_damaged_ids(self, owner_id: str) -> list[str]:
        """List the ids of the owner's items that were modified outside the application and cannot be decrypted."""
        query = select_with_keys(self._table).where(self._table.c.owner_id == owner_id).order_by(self._table.c.id)
        async with self._database.read() as connection:
            return [row.id for row in await connection.execute(query) if self._open_row(row) is None]

    async def give(self, user_id: str, item_id: str, guild_id: str, replaced_ids: Collection[str] = ()) -> bool:
        """Transfer a user's item to a workspace, resealed with the workspace's key; return whether it existed.

        The workspace's items with ids in `replaced_ids` are deleted in the same transaction.

        Raises:
            DamagedError: it was modified outside the application.
            PausedError: the user has paused storage.
            StorageError: the workspace already has the maximum number.
        """
        table, owner_id = self._table, workspace(guild_id)
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            user_key = await self._database.owners.require_key(connection, user_id)
            workspace_key = await self._database.owners.require_key(connection, owner_id)
            is_item = self._owned_by(user_id, item_id)
            row = (await connection.execute(select(table).where(is_item).with_for_update())).one_or_none()
            if row is None:
                return False
            is_replaced = (table.c.owner_id == owner_id) & table.c.id.in_(replaced_ids)
            await connection.execute(delete(table).where(is_replaced))
            await self._require_capacity(connection, owner_id)
            plain = user_key.open_bytes(row.sealed, self._build_purpose(item_id, row.scope))
            values = {"owner_id": owner_id, "scope": owner_id, "given_by": user_id}
            sealed = workspace_key.seal_bytes(plain, self._build_purpose(item_id, owner_id))
            await connection.execute(update(table).where(is_item).values(**values, sealed=sealed))
            await self._reseal_dependents(connection, item_id, user_key, workspace_key)
        await self._database.checkpoint()
        return True

    async def _reseal_dependents(
        self, connection: AsyncConnection, item_id: str, old_key: OwnerKey, new_key: OwnerKey
    ) -> None:
        """Reseal the rows that depend on an item with its new owner's key. Subclasses with such rows override this."""

    async def share(self, user_id: str, item_id: str, scope: str) -> bool:
        """Share a user's item with a scope instead of its former one; return whether it exists."""
        is_item = self._owned_by(user_id, item_id)
        async with self._database.write() as connection:
            return bool(await move_to_scope(connection, self._database.keys, self._table, is_item, scope))

    async def unshare(self, scope: str, item_id: str) -> bool:
        """Stop sharing an item with a scope, making it private again; return whether it was shared.

        The caller must check that the user manages the channel or server. Items owned by the workspace itself are not
        affected.
        """
        if scope == ME:
            return False
        table = self._table
        is_shared = (table.c.id == item_id) & (table.c.scope == scope) & (table.c.owner_id != scope)
        async with self._database.write() as connection:
            return bool(await move_to_scope(connection, self._database.keys, table, is_shared, ME))

    async def delete(self, owner_id: str, item_id: str) -> bool:
        """Delete an owner's item; return whether it existed."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(self._table).where(self._owned_by(owner_id, item_id)))
        await self._database.checkpoint()
        return bool(result.rowcount)

    @staticmethod
    def _create(owner_id: str, value: Value, scope: str, given_by: str | None = None) -> OwnedItem[Value]:
        return OwnedItem(secrets.token_hex(8), owner_id, scope, value, given_by=given_by)

    async def _insert(self, connection: AsyncConnection, key: OwnerKey, item: OwnedItem[Value]) -> None:
        await self._require_capacity(connection, item.owner_id)
        await connection.execute(
            self._table.insert().values(
                id=item.id,
                owner_id=item.owner_id,
                given_by=item.given_by,
                scope=item.scope,
                sealed=key.seal(self._to_json(item.value), self._build_purpose(item.id, item.scope)),
                created_at=item.created_at,
            )
        )

    async def _require_capacity(self, connection: AsyncConnection, owner_id: str) -> None:
        """Raise StorageError if the owner already has the maximum number of items."""
        table = self._table
        count_query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
        if int(await connection.scalar(count_query) or 0) < self._max_items:
            return
        if is_workspace(owner_id):
            raise StorageError(
                "I can keep up to {most} of these for a server. Delete one that is no longer needed.",
                most=self._max_items,
            )
        raise StorageError(
            "I can keep up to {most} of these for you. Delete one you no longer need.", most=self._max_items
        )

    def _build_purpose(self, item_id: str, scope: str) -> str:
        return tables.build_purpose(self._table, {"id": item_id, "scope": scope})

    def _owned_by(self, owner_id: str, item_id: str) -> ColumnElement[bool]:
        """Return the condition for an item of an owner."""
        return (self._table.c.id == item_id) & (self._table.c.owner_id == owner_id)

    def _visible_to(self, user_id: str, scopes: Iterable[str]) -> ColumnElement[bool]:
        """Return the condition for the user's own items, shared or not, and those shared with the scopes.

        `me` in `scopes` is ignored: it would match every user's private items.
        """
        return or_(self._table.c.owner_id == user_id, self._table.c.scope.in_(_list_shared(scopes)))

    def _unwrap_key(self, row: Row[Any]) -> OwnerKey:
        return self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)

    def _open_row(self, row: Row[Any]) -> OwnedItem[Value] | None:
        """Decrypt an item; None if it was modified outside the application."""
        purpose = self._build_purpose(row.id, row.scope)
        try:
            value = self._unwrap_key(row).open(row.sealed, purpose)
        except DamagedError:
            log_damaged_row(purpose)
            return None
        return OwnedItem(row.id, row.owner_id, row.scope, self._from_json(value), to_utc(row.created_at), row.given_by)


def _list_shared(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope != ME]


@cache
def _build_list_query(table: Table) -> Select[Any]:
    """Select the items of a :user and those shared with :scopes, newest first.

    Cached, because building a query takes longer than running it.
    """
    is_visible = or_(table.c.owner_id == bindparam("user"), table.c.scope.in_(bindparam("scopes", expanding=True)))
    return select_with_keys(table).where(is_visible).order_by(table.c.created_at.desc(), table.c.id)


def select_with_keys(table: Table) -> Select[Any]:
    """Select rows, each with its owner's wrapped key."""
    owners = tables.owners
    return select(table, owners.c.wrapped_key, owners.c.key_id).join(
        owners, owners.c.owner_id == tables.get_owner_column(table)
    )


async def move_to_scope(
    connection: AsyncConnection, keys: Keyring, table: Table, condition: ColumnElement[bool], scope: str
) -> int:
    """Move items to another scope, resealing each for it; return their number. Requires a write transaction.

    An item that was modified outside the application cannot be decrypted, so it is skipped.
    """
    rows = (await connection.execute(select_with_keys(table).where(condition).with_for_update(of=table))).all()
    moved_count = 0
    for row in rows:
        try:
            key = keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
            plain = key.open_bytes(row.sealed, tables.build_purpose(table, row._mapping))
        except StorageError:
            continue
        sealed = key.seal_bytes(plain, tables.build_purpose(table, {"id": row.id, "scope": scope}))
        await connection.execute(update(table).where(table.c.id == row.id).values(scope=scope, sealed=sealed))
        moved_count += 1
    return moved_count
