"""The audit log of workspaces: append-only, hash-chained entries, sealed with the workspace's key.

An entry names people by aliases. An alias is a hash of a person's id and a salt, which stands beside the id in a row of that
person's: once they are forgotten the alias tells nobody, and the hashes are what they were.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .crypto import OwnerKey
from .damage import log_damaged_row
from .database import Database
from .errors import DamagedError, StorageError
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
    """An entry of an audit log: actor, action, subject and time.

    `who` is an alias, empty for Quillmate itself; so are the values of `details` that name people. `people` are the ids of those
    who are still known, by their aliases.
    """

    owner_id: str
    number: int
    at: str
    act: str
    who: str
    about: str
    details: Mapping[str, Any]
    hash: str
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor_id(self) -> str:
        """The actor's user id; empty if unknown or erased."""
        return self.people.get(self.who, "")

    @property
    def hash_input(self) -> dict[str, Any]:
        """The hashed fields, besides the previous hash."""
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
    """The result of an audit check: the number of entries, the first broken one, and the hash of the last."""

    entries: int
    broken: int | None
    hash: str


def compute_hash(before: str, entry: Mapping[str, Any]) -> str:
    """Return an entry's hash: SHA-256 over the previous hash and the entry as JSON with sorted keys and no spaces."""
    plain = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{before}{plain}".encode("utf-8", "surrogatepass")).hexdigest()


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
        people: Mapping[str, str] | None = None,
    ) -> AuditEntry:
        """Add an entry within the caller's transaction; `people` are further details, with user ids as values.

        Raises:
            StorageError: the owner is no workspace.
        """
        if not is_workspace(owner_id):
            raise StorageError("The audit log only covers what is done in a server.")
        async with self._database.write(f"audit {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            number, before = await self._load_head(connection, owner_id, key)
            ids = {"": user_id, **(people or {})}
            aliases = {
                name: await self._ensure_alias(connection, owner_id, person_id) for name, person_id in ids.items()
            }
            who = aliases.pop("")
            event = AuditEntry(
                owner_id,
                number + 1,
                datetime.now(UTC).isoformat(timespec="milliseconds"),
                act,
                who,
                about,
                {**(details or {}), **aliases},
                "",
                {who: user_id, **{aliases[name]: ids[name] for name in aliases}},
            )
            fresh = compute_hash(before, event.hash_input)
            table, heads = tables.audit, tables.audit_heads
            row = {"of_owner": owner_id, "number": event.number}
            sealed = key.seal(event.hash_input, tables.build_purpose(table, row))
            values = {"about": about, "who": who, "sealed": sealed, "hash": fresh}
            await connection.execute(table.insert().values(**row, **values))
            head = key.seal(
                {"number": event.number, "hash": fresh}, tables.build_purpose(heads, {"of_owner": owner_id})
            )
            await connection.execute(insert_or_update(connection, heads, {"of_owner": owner_id}, {"sealed": head}))
        return AuditEntry(**{name: getattr(event, name) for name in _FIELDS} | {"hash": fresh})

    async def list_page(
        self, owner_id: str, *, about: str = "", user_id: str = "", before: int | None = None, limit: int = 10
    ) -> list[AuditEntry]:
        """List up to `limit` entries before a number, newest first; optionally of one subject or actor only."""
        table = tables.audit
        which = table.c.of_owner == owner_id
        if before is not None:
            which &= table.c.number < before
        if about:
            which &= table.c.about == about
        async with self._database.read() as connection:
            if user_id:
                which &= table.c.who == (await self._find_alias(connection, owner_id, user_id) or "nobody")
            return await self._load_entries(connection, owner_id, which, limit, newest=True)

    async def list_after(self, owner_id: str, number: int, limit: int = _BATCH) -> list[AuditEntry]:
        """List up to `limit` entries after a number, in order."""
        table = tables.audit
        which = (table.c.of_owner == owner_id) & (table.c.number > number)
        async with self._database.read() as connection:
            return await self._load_entries(connection, owner_id, which, limit)

    async def verify(self, owner_id: str) -> AuditVerdict:
        """Recompute all hashes: find an entry that was changed, moved, removed or inserted, or whose user was
        exchanged.
        """
        table, last, before, broken = tables.audit, 0, GENESIS, None
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            if key is None:
                return AuditVerdict(0, None, GENESIS)
            false = await self._find_false_aliases(connection, owner_id)
            while broken is None:
                query = select(table).where(table.c.of_owner == owner_id, table.c.number > last)
                rows = (await connection.execute(query.order_by(table.c.number).limit(_BATCH))).all()
                if not rows:
                    break
                # In a thread: it decrypts many thousands of entries.
                broken, before = await asyncio.to_thread(_find_first_broken, key, rows, last, before, false)
                last = rows[-1].number
            if broken is None and await self._load_head(connection, owner_id, key) != (last, before):
                broken = last + 1
        return AuditVerdict(last, broken, before)

    async def _load_head(self, connection: AsyncConnection, owner_id: str, key: OwnerKey) -> tuple[int, str]:
        """Return the number and hash of the last entry; if the stored head was tampered with, of the last row."""
        table, heads = tables.audit, tables.audit_heads
        sealed = await connection.scalar(select(heads.c.sealed).where(heads.c.of_owner == owner_id))
        if sealed is None:
            return 0, GENESIS
        try:
            found = key.open(sealed, tables.build_purpose(heads, {"of_owner": owner_id}))
            return found["number"], found["hash"]
        except DamagedError:
            log_damaged_row(tables.build_purpose(heads, {"of_owner": owner_id}))
        query = select(table.c.number, table.c.hash).where(table.c.of_owner == owner_id)
        row = (await connection.execute(query.order_by(table.c.number.desc()).limit(1))).one_or_none()
        return (row.number, "") if row else (0, GENESIS)

    async def _ensure_alias(self, connection: AsyncConnection, owner_id: str, user_id: str) -> str:
        """Return a user's alias, created on first use (unresolvable if they paused storage); empty for no user."""
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
        """Return the aliases stored with another user's id."""
        table = tables.aliases
        rows = await connection.execute(select(table).where(table.c.owner_id == owner_id))
        return frozenset(row.alias for row in rows if compute_alias(row.salt, owner_id, row.user_id) != row.alias)

    async def _load_entries(
        self,
        connection: AsyncConnection,
        owner_id: str,
        which: ColumnElement[bool],
        limit: int,
        *,
        newest: bool = False,
    ) -> list[AuditEntry]:
        table = tables.audit
        key = await self._database.owners.find_key(connection, owner_id)
        if key is None:
            return []
        order = table.c.number.desc() if newest else table.c.number
        rows = (await connection.execute(select(table).where(which).order_by(order).limit(limit))).all()
        opened_rows = [(row, entry) for row in rows if (entry := _open_entry(key, row)) is not None]
        aliases = {alias for _, entry in opened_rows for alias in _list_aliases(entry)}
        people = await self._load_people(connection, owner_id, aliases)
        return [
            AuditEntry(
                owner_id,
                hash=row.hash,
                people={alias: people[alias] for alias in _list_aliases(entry) if alias in people},
                **entry,
            )
            for row, entry in opened_rows
        ]

    async def _load_people(
        self, connection: AsyncConnection, owner_id: str, aliases: Collection[str]
    ) -> dict[str, str]:
        """Return the user ids of aliases, without erased users."""
        table = tables.aliases
        query = select(table.c.alias, table.c.user_id).where(table.c.owner_id == owner_id, table.c.alias.in_(aliases))
        return {row.alias: row.user_id for row in await connection.execute(query)}


_FIELDS = ("owner_id", "number", "at", "act", "who", "about", "details", "people")


def _list_aliases(entry: Mapping[str, Any]) -> set[str]:
    return {value for value in (entry["who"], *entry["details"].values()) if _is_alias(value)}


def _is_alias(value: Any) -> bool:
    return isinstance(value, str) and len(value) == _ALIAS_CHARACTERS


def _open_entry(key: OwnerKey, row: Row[Any]) -> dict[str, Any] | None:
    """Return an entry's content, None if its row was tampered with."""
    purpose = tables.build_purpose(tables.audit, row._mapping)
    try:
        entry: dict[str, Any] = key.open(row.sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None
    return entry


def _find_first_broken(
    key: OwnerKey, rows: Sequence[Row[Any]], last: int, before: str, false: frozenset[str]
) -> tuple[int | None, str]:
    """Return the number of the first entry that does not match its predecessor (None if all do), and the last hash."""
    for expected, row in enumerate(rows, last + 1):
        entry = _open_entry(key, row) if row.number == expected else None
        fits = entry is not None and (entry["number"], entry["who"], entry["about"]) == (row.number, row.who, row.about)
        if entry is None or not fits or _list_aliases(entry) & false or row.hash != compute_hash(before, entry):
            return expected, before
        before = row.hash
    return None, before
