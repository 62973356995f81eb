"""Workspaces' audit logs: append-only, hash-chained entries, sealed with the workspace's key.

Entries contain aliases instead of user ids. An alias is a hash of the id and a salt, which are stored in a row that belongs to the
user: once they are forgotten, it cannot be resolved, and the entries' hashes are still valid.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owner_keys import is_paused
from .owners import is_workspace
from .shielding import shield_methods
from .statements import insert_or_update

# The hash before the first entry.
GENESIS = "0" * 64
_SALT_BYTES, _ALIAS_CHARACTERS = 32, 32
_BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of an audit log: the action (`act`) of an actor (`who`) on a subject (`about`), at a time in ISO 8601.

    `who` is an alias, empty for Quillmate itself; `details` may contain further aliases. `user_ids` are those of the aliases
    that can be resolved.
    """

    owner_id: str
    number: int
    at: str
    act: str
    who: str
    about: str
    details: Mapping[str, Any]
    hash: str
    user_ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor_id(self) -> str:
        """The actor's user id; empty for Quillmate itself and for forgotten users."""
        return self.user_ids.get(self.who, "")

    @property
    def hash_input(self) -> dict[str, Any]:
        """The fields that are hashed, together with the previous hash."""
        return {
            "number": self.number,
            "at": self.at,
            "act": self.act,
            "who": self.who,
            "about": self.about,
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """The result of verifying an audit log: the number of entries read, that of the first broken one (None if all are intact), and
    the hash of the last intact one.
    """

    entries: int
    broken: int | None
    hash: str


def compute_hash(previous_hash: str, entry: Mapping[str, Any]) -> str:
    """Return an entry's hash: SHA-256 over the previous hash and the entry as JSON with sorted keys and no spaces."""
    plain = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}{plain}".encode("utf-8", "surrogatepass")).hexdigest()


def compute_alias(salt: bytes, owner_id: str, user_id: str) -> str:
    """Compute the alias of a user in a workspace."""
    return hashlib.sha256(salt + f"{owner_id}/{user_id}".encode()).hexdigest()[:_ALIAS_CHARACTERS]


@shield_methods
class Audit:
    """The audit logs of workspaces. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        owner_id: str,
        act: str,
        user_id: str,
        about: str = "",
        details: Mapping[str, Any] | None = None,
        involved_users: Mapping[str, str] | None = None,
    ) -> AuditEntry:
        """Add an entry in the caller's transaction. `involved_users` are user ids by the names of the details that get their aliases.

        Raises:
            StorageError: the owner is no workspace.
        """
        if not is_workspace(owner_id):
            raise StorageError("The audit log only covers what is done in a server.")
        async with self._database.write(f"audit {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            last_number, last_hash = await self._load_head(connection, owner_id, key)
            who = await self._ensure_alias(connection, owner_id, user_id)
            ids = involved_users or {}
            aliases = {name: await self._ensure_alias(connection, owner_id, ids[name]) for name in ids}
            entry = AuditEntry(
                owner_id,
                number=last_number + 1,
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                act=act,
                who=who,
                about=about,
                details={**(details or {}), **aliases},
                hash="",
                user_ids={who: user_id, **{aliases[name]: ids[name] for name in ids}},
            )
            entry = replace(entry, hash=compute_hash(last_hash, entry.hash_input))
            table, heads = tables.audit, tables.audit_heads
            row = {"of_owner": owner_id, "number": entry.number}
            sealed = key.seal(entry.hash_input, tables.build_purpose(table, row))
            values = {"about": about, "who": who, "sealed": sealed, "hash": entry.hash}
            await connection.execute(table.insert().values(**row, **values))
            head_row = {"of_owner": owner_id}
            head = key.seal({"number": entry.number, "hash": entry.hash}, tables.build_purpose(heads, head_row))
            await connection.execute(insert_or_update(connection, heads, head_row, {"sealed": head}))
        return entry

    async def list_page(
        self, owner_id: str, *, about: str = "", user_id: str = "", before: int | None = None, limit: int = 10
    ) -> list[AuditEntry]:
        """List up to `limit` entries, newest first; optionally only those of a subject, of an actor, or `before` a number."""
        table = tables.audit
        condition = table.c.of_owner == owner_id
        if before is not None:
            condition &= table.c.number < before
        if about:
            condition &= table.c.about == about
        async with self._database.read() as connection:
            if user_id:
                condition &= table.c.who == (await self._find_alias(connection, owner_id, user_id) or "nobody")
            return await self._load_entries(connection, owner_id, condition, limit, newest_first=True)

    async def list_after(self, owner_id: str, number: int, limit: int = _BATCH) -> list[AuditEntry]:
        """List up to `limit` entries after a number, in order."""
        table = tables.audit
        condition = (table.c.of_owner == owner_id) & (table.c.number > number)
        async with self._database.read() as connection:
            return await self._load_entries(connection, owner_id, condition, limit)

    async def verify(self, owner_id: str) -> AuditVerdict:
        """Recompute all hashes to find the first entry that was changed, moved, removed or inserted, or has a false alias."""
        table, last_number, last_hash, broken_number = tables.audit, 0, GENESIS, None
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            if key is None:
                return AuditVerdict(0, None, GENESIS)
            false_aliases = await self._find_false_aliases(connection, owner_id)
            while broken_number is None:
                query = select(table).where(table.c.of_owner == owner_id, table.c.number > last_number)
                rows = (await connection.execute(query.order_by(table.c.number).limit(_BATCH))).all()
                if not rows:
                    break
                # In a thread, because there may be many thousands of entries to decrypt.
                broken_number, last_hash = await asyncio.to_thread(
                    _find_first_broken, key, rows, last_number, last_hash, false_aliases
                )
                last_number = rows[-1].number
            if broken_number is None and await self._load_head(connection, owner_id, key) != (last_number, last_hash):
                broken_number = last_number + 1
        return AuditVerdict(last_number, broken_number, last_hash)

    async def _load_head(self, connection: AsyncConnection, owner_id: str, key: OwnerKey) -> tuple[int, str]:
        """Return the number and hash of the last entry; if the head was tampered with, the last row's number and an empty hash."""
        table, heads = tables.audit, tables.audit_heads
        sealed = await connection.scalar(select(heads.c.sealed).where(heads.c.of_owner == owner_id))
        if sealed is None:
            return 0, GENESIS
        if head := open_or_none(key, sealed, tables.build_purpose(heads, {"of_owner": owner_id})):
            return head["number"], head["hash"]
        query = select(table.c.number, table.c.hash).where(table.c.of_owner == owner_id)
        row = (await connection.execute(query.order_by(table.c.number.desc()).limit(1))).one_or_none()
        return (row.number, "") if row else (0, GENESIS)

    async def _ensure_alias(self, connection: AsyncConnection, owner_id: str, user_id: str) -> str:
        """Return a user's alias, created on first use; empty for no user.

        A user who has paused storage gets a new alias each time, which cannot be resolved.
        """
        if not user_id:
            return ""
        table, salt = tables.aliases, secrets.token_bytes(_SALT_BYTES)
        await self._database.owners.ensure_key(connection, user_id)
        alias = compute_alias(salt, owner_id, user_id)
        if await is_paused(connection, user_id):
            return alias
        if known_alias := await self._find_alias(connection, owner_id, user_id):
            return known_alias
        values = {"owner_id": owner_id, "user_id": user_id, "alias": alias, "salt": salt}
        await connection.execute(table.insert().values(**values))
        return alias

    async def _find_alias(self, connection: AsyncConnection, owner_id: str, user_id: str) -> str:
        table = tables.aliases
        query = select(table.c.alias).where(table.c.owner_id == owner_id, table.c.user_id == user_id)
        return str(await connection.scalar(query) or "")

    async def _find_false_aliases(self, connection: AsyncConnection, owner_id: str) -> frozenset[str]:
        """Return the aliases that do not match the user id stored with them."""
        table = tables.aliases
        rows = await connection.execute(select(table).where(table.c.owner_id == owner_id))
        return frozenset(row.alias for row in rows if compute_alias(row.salt, owner_id, row.user_id) != row.alias)

    async def _load_entries(
        self,
        connection: AsyncConnection,
        owner_id: str,
        condition: ColumnElement[bool],
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[AuditEntry]:
        table = tables.audit
        key = await self._database.owners.find_key(connection, owner_id)
        if key is None:
            return []
        order = table.c.number.desc() if newest_first else table.c.number
        rows = (await connection.execute(select(table).where(condition).order_by(order).limit(limit))).all()
        opened_rows = [(row, entry) for row in rows if (entry := _open_entry(key, row)) is not None]
        aliases = {alias for _, entry in opened_rows for alias in _list_aliases(entry)}
        user_ids = await self._load_user_ids(connection, owner_id, aliases)
        return [
            AuditEntry(
                owner_id,
                hash=row.hash,
                user_ids={alias: user_ids[alias] for alias in _list_aliases(entry) if alias in user_ids},
                **entry,
            )
            for row, entry in opened_rows
        ]

    async def _load_user_ids(
        self, connection: AsyncConnection, owner_id: str, aliases: Collection[str]
    ) -> dict[str, str]:
        """Return the user ids of aliases by alias, without those of forgotten users."""
        table = tables.aliases
        query = select(table.c.alias, table.c.user_id).where(table.c.owner_id == owner_id, table.c.alias.in_(aliases))
        return {row.alias: row.user_id for row in await connection.execute(query)}


def _list_aliases(entry: Mapping[str, Any]) -> set[str]:
    """Return the values of an entry that look like aliases."""
    values = (entry["who"], *entry["details"].values())
    return {value for value in values if isinstance(value, str) and len(value) == _ALIAS_CHARACTERS}


def _open_entry(key: OwnerKey, row: Row[Any]) -> dict[str, Any] | None:
    """Decrypt an entry's hash input; None if its row was tampered with."""
    entry: dict[str, Any] | None = open_or_none(key, row.sealed, tables.build_purpose(tables.audit, row._mapping))
    return entry


def _find_first_broken(
    key: OwnerKey, rows: Sequence[Row[Any]], last_number: int, last_hash: str, false_aliases: frozenset[str]
) -> tuple[int | None, str]:
    """Return the number of the first broken entry (None if all are intact), and the hash of the last intact one."""
    for number, row in enumerate(rows, last_number + 1):
        entry = _open_entry(key, row) if row.number == number else None
        if (
            entry is None
            or (entry["number"], entry["who"], entry["about"]) != (row.number, row.who, row.about)
            or _list_aliases(entry) & false_aliases
            or row.hash != compute_hash(last_hash, entry)
        ):
            return number, last_hash
        last_hash = row.hash
    return None, last_hash
