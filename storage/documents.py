"""Documents that texts are written from: split into passages, each with its place, and an index to search them by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME

from . import tables
from .crypto import OwnerKey
from .damage import readable, readable_bytes
from .database import Database
from .owned import Owned, OwnedThings, with_keys
from .room import UNLIMITED, Room, refuse_full
from .shielded import shielded_methods

MAX_DOCUMENTS = 100
# Once so many passages are searched, older documents are left out.
MAX_SEARCHED = 4000
# Where a passage stands: its document's id, and its number in it from 0.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Document:
    """What a document is called, how many pages it has (0 where it has none), and how many passages it was split into."""

    name: str
    pages: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of a document: its text, page (from 1, 0 for none), and section."""

    text: str
    page: int = 0
    section: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A document as it is searched: its id and name, the index that was kept with it, which is opened when called for, and
    whether somebody else lent it. An index that was changed in the database is None.
    """

    id: str
    name: str
    index: Callable[[], bytes | None]
    lent: bool = False


@shielded_methods
class Documents(OwnedThings[Document]):
    """Documents by owner. Passages and indexes are sealed under the key of their document's owner."""

    def __init__(self, database: Database, room: Room = UNLIMITED) -> None:
        self._room = room
        super().__init__(
            database, tables.documents, MAX_DOCUMENTS, to_json=asdict, from_json=lambda value: Document(**value)
        )

    async def add_whole(
        self,
        owner_id: str,
        document: Document,
        parts: Sequence[Part],
        scope: str = ME,
        *,
        index: bytes,
        given_by: str | None = None,
    ) -> Owned[Document]:
        """Keeps a document with its passages and what they are searched by, as one transaction.

        One of the same name that the owner has in the same place is replaced; one that is lent elsewhere stays.

        Raises:
            StorageError: the owner has as many documents as are kept, or as much.
        """
        thing = self._new(owner_id, document, scope, given_by)
        async with self._database.write(f"documents {owner_id}") as connection:
            key = await self._database.owners.key(connection, owner_id)
            if given_by is not None:  # Nothing new is kept of who has paused, also not that they gave this.
                await self._database.owners.key(connection, given_by)
            replaced = await self._replaced(connection, thing)
            await self._insert(connection, key, thing)
            rows: list[dict[str, Any]] = [
                {"document_id": thing.id, "position": at, "sealed": key.seal(asdict(part), _purpose(thing.id, at))}
                for at, part in enumerate(parts)
            ]
            packed = key.seal_bytes(index, _index_purpose(thing.id))
            size = len(packed) + sum(len(row["sealed"]) for row in rows)
            await refuse_full(connection, owner_id, size, self._room)
            if rows:
                await connection.execute(tables.passages.insert(), rows)
            await connection.execute(tables.indexes.insert().values(document_id=thing.id, packed=packed))
        if replaced:
            await self._database.checkpoint()
        return thing

    async def _replaced(self, connection: AsyncConnection, thing: Owned[Document]) -> bool:
        """Deletes what a new document replaces; tells whether there was something."""
        table = self._table
        here = (table.c.owner_id == thing.owner_id) & (table.c.scope == thing.scope)
        older = [self._readable(row) for row in await connection.execute(with_keys(table).where(here))]
        same = [one.id for one in older if one and one.value.name == thing.value.name]
        if same:
            await connection.execute(delete(table).where(table.c.id.in_(same)))
        return bool(same)

    async def searched(self, user_id: str, scopes: Iterable[str] = ()) -> list[Searched]:
        """The owner's documents and those lent to the scopes with their indexes, of 4,000 passages or a few more.

        The owner's own come first, so that what others lend does not crowd them out; then the newest.
        """
        indexes = tables.indexes
        chosen, passages = list[Owned[Document]](), 0
        for one in sorted(await self.all(user_id, scopes), key=lambda one: one.owner_id != user_id):
            if passages >= MAX_SEARCHED:
                break
            chosen.append(one)
            passages += one.value.passages
        if not chosen:
            return []
        wanted = _with_owners(indexes).where(indexes.c.document_id.in_([one.id for one in chosen]))
        async with self._database.read() as connection:
            found = {row.document_id: row for row in await connection.execute(wanted)}
        return [
            Searched(one.id, one.value.name, self._opener(found[one.id]), lent=one.owner_id != user_id)
            for one in chosen
            if one.id in found
        ]

    async def parts(self, user_id: str, places: Sequence[Place], scopes: Iterable[str] = ()) -> dict[Place, Part]:
        """Passages of the owner's documents and of those lent to the scopes, of those asked for that are there."""
        passages = tables.passages
        wanted = _with_owners(passages).where(
            tuple_(passages.c.document_id, passages.c.position).in_(places), self._seen(user_id, scopes)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all() if places else []
        # A document's seal holds where it is lent to, and a passage's does not.
        here = {
            document_id
            for document_id, row in {row.document_id: row for row in rows}.items()
            if readable(self._key(row), row.document, self._purpose(document_id, row.scope)) is not None
        }
        opened = {
            (row.document_id, row.position): readable(
                self._key(row), row.sealed, _purpose(row.document_id, row.position)
            )
            for row in rows
            if row.document_id in here
        }
        return {place: Part(**part) for place, part in opened.items() if part is not None}

    def _opener(self, row: Row[Any]) -> Callable[[], bytes | None]:
        return lambda: readable_bytes(self._key(row), row.packed, _index_purpose(row.document_id))

    async def _seal_dependents(self, connection: AsyncConnection, thing_id: str, old: OwnerKey, new: OwnerKey) -> None:
        passages, indexes = tables.passages, tables.indexes
        mine = passages.c.document_id == thing_id
        for row in (await connection.execute(select(passages).where(mine))).all():
            purpose = _purpose(thing_id, row.position)
            sealed = new.seal_bytes(old.open_bytes(row.sealed, purpose), purpose)
            this = mine & (passages.c.position == row.position)
            await connection.execute(update(passages).where(this).values(sealed=sealed))
        mine, purpose = indexes.c.document_id == thing_id, _index_purpose(thing_id)
        for row in (await connection.execute(select(indexes).where(mine))).all():
            packed = new.seal_bytes(old.open_bytes(row.packed, purpose), purpose)
            await connection.execute(update(indexes).where(mine).values(packed=packed))


def _with_owners(table: Table) -> Select[Any]:
    """What hangs on documents, each with its owner and the owner's wrapped key."""
    documents, owners = tables.documents, tables.owners
    return (
        select(
            table,
            documents.c.owner_id,
            documents.c.scope,
            documents.c.sealed.label("document"),
            owners.c.wrapped_key,
            owners.c.key_id,
        )
        .join(documents, documents.c.id == table.c.document_id)
        .join(owners, owners.c.owner_id == documents.c.owner_id)
    )


def _purpose(document_id: str, position: int) -> str:
    return f"passages/{document_id}/{position}"


def _index_purpose(document_id: str) -> str:
    return f"indexes/{document_id}"
