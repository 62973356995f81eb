"""Documents that texts are written from: split into passages, each with its place, and an index to search them by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME

from . import tables
from .database import Database
from .owned import Owned, OwnedThings, with_keys
from .whole import wholly

MOST_DOCUMENTS = 100
# Once so many passages are searched, older documents are left out.
MOST_SEARCHED = 4000
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
    whether somebody else lent it.
    """

    id: str
    name: str
    index: Callable[[], bytes]
    lent: bool = False


@wholly
class Documents(OwnedThings[Document]):
    """Documents by owner. Passages and indexes are sealed under the key of their document's owner."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database, tables.documents, MOST_DOCUMENTS, to_json=asdict, from_json=lambda value: Document(**value)
        )

    async def add_whole(
        self, user_id: str, document: Document, parts: Sequence[Part], scope: str = ME, *, index: bytes
    ) -> Owned[Document]:
        """Keeps a document with its passages and what they are searched by, as one transaction.

        One of the same name that the owner has in the same place is replaced; one that is lent elsewhere stays.

        Raises:
            StorageError: the owner has as many documents as are kept.
        """
        thing = self._new(user_id, document, scope)
        async with self._database.write(f"documents {user_id}") as connection:
            key = await self._database.person(connection, user_id)
            replaced = await self._replaced(connection, thing)
            await self._insert(connection, key, thing)
            rows = [
                {"document_id": thing.id, "position": at, "sealed": key.seal(asdict(part), _purpose(thing.id, at))}
                for at, part in enumerate(parts)
            ]
            if rows:
                await connection.execute(tables.passages.insert(), rows)
            packed = key.seal_bytes(index, f"indexes/{thing.id}")
            await connection.execute(tables.indexes.insert().values(document_id=thing.id, packed=packed))
        if replaced:
            await self._database.checkpoint()
        return thing

    async def _replaced(self, connection: AsyncConnection, thing: Owned[Document]) -> bool:
        """Deletes what a new document replaces; tells whether there was something."""
        table = self._table
        here = (table.c.user_id == thing.user_id) & (table.c.scope == thing.scope)
        older = [self._opened(row) for row in await connection.execute(with_keys(table).where(here))]
        same = [one.id for one in older if one.value.name == thing.value.name]
        if same:
            await connection.execute(delete(table).where(table.c.id.in_(same)))
        return bool(same)

    async def searched(self, user_id: str, scopes: Iterable[str] = ()) -> list[Searched]:
        """The owner's documents and those lent to the scopes with their indexes, of 4,000 passages or a few more.

        The owner's own come first, so that what others lend does not crowd them out; then the newest.
        """
        indexes = tables.indexes
        chosen, passages = list[Owned[Document]](), 0
        for one in sorted(await self.all(user_id, scopes), key=lambda one: one.user_id != user_id):
            if passages >= MOST_SEARCHED:
                break
            chosen.append(one)
            passages += one.value.passages
        if not chosen:
            return []
        wanted = _with_owners(indexes).where(indexes.c.document_id.in_([one.id for one in chosen]))
        async with self._database.read() as connection:
            found = {row.document_id: row for row in await connection.execute(wanted)}
        return [
            Searched(one.id, one.value.name, self._opener(found[one.id]), lent=one.user_id != user_id)
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
        for row in {row.document_id: row for row in rows}.values():
            # Opened, as a document's seal holds where it is lent to, and a passage's does not.
            self._key(row).open(row.document, self._purpose(row.document_id, row.scope))
        return {
            (row.document_id, row.position): Part(
                **self._key(row).open(row.sealed, _purpose(row.document_id, row.position))
            )
            for row in rows
        }

    def _opener(self, row: Row[Any]) -> Callable[[], bytes]:
        return lambda: self._key(row).open_bytes(row.packed, f"indexes/{row.document_id}")


def _with_owners(table: Table) -> Select[Any]:
    """What hangs on documents, each with its owner and the owner's wrapped key."""
    documents, users = tables.documents, tables.users
    return (
        select(
            table,
            documents.c.user_id,
            documents.c.scope,
            documents.c.sealed.label("document"),
            users.c.wrapped_key,
            users.c.key_id,
        )
        .join(documents, documents.c.id == table.c.document_id)
        .join(users, users.c.user_id == documents.c.user_id)
    )


def _purpose(document_id: str, position: int) -> str:
    return f"passages/{document_id}/{position}"
