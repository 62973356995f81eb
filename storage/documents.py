"""Documents that texts are written from: split into passages, each with its position, and an index to search them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from personas.ledger import ME

from . import tables
from .byte_limits import UNLIMITED, ByteLimits, require_room
from .crypto import OwnerKey
from .damage import open_bytes_or_none, open_or_none
from .database import Database
from .owned_items import OwnedItem, OwnedItemStore, select_with_keys
from .shielding import shield_methods

MAX_DOCUMENTS = 100
# Older documents are omitted once this many passages are searched.
MAX_SEARCHED_PASSAGES = 4000
# A passage's document id, and its number in the document from 0.
PassagePlace = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A document's name, number of pages (0 if it has none), and number of passages."""

    name: str
    pages: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage of a document: its text, page (from 1, 0 for none), and section."""

    text: str
    page: int = 0
    section: str = ""


@dataclass(frozen=True, slots=True)
class SearchableDocument:
    """A document to search: its id and name, the index stored with it, which is opened when called for, and whether
    another user shared it. An index that was changed in the database is None.
    """

    id: str
    name: str
    index: Callable[[], bytes | None]
    is_shared: bool = False


@shield_methods
class Documents(OwnedItemStore[Document]):
    """Documents by owner. Passages and indexes are sealed with the key of their document's owner."""

    def __init__(self, database: Database, room: ByteLimits = UNLIMITED) -> None:
        self._room = room
        super().__init__(
            database, tables.documents, MAX_DOCUMENTS, to_json=asdict, from_json=lambda value: Document(**value)
        )

    async def add_with_passages(
        self,
        owner_id: str,
        document: Document,
        parts: Sequence[StoredPassage],
        scope: str = ME,
        *,
        index: bytes,
        given_by: str | None = None,
    ) -> OwnedItem[Document]:
        """Store a document with its passages and their index in one transaction.

        One with the same name that the owner has in the same scope is replaced.

        Raises:
            StorageError: the owner has reached the maximum number or size of documents.
        """
        document_item = self._create(owner_id, document, scope, given_by)
        async with self._database.write(f"documents {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            if given_by is not None:  # Nothing new is stored about a user who has paused, including this gift.
                await self._database.owners.require_key(connection, given_by)
            replaced = await self._delete_replaced(connection, document_item)
            await self._insert(connection, key, document_item)
            rows: list[dict[str, Any]] = [
                {
                    "document_id": document_item.id,
                    "position": at,
                    "sealed": key.seal(asdict(part), _build_passage_purpose(document_item.id, at)),
                }
                for at, part in enumerate(parts)
            ]
            packed = key.seal_bytes(index, _build_index_purpose(document_item.id))
            size = len(packed) + sum(len(row["sealed"]) for row in rows)
            await require_room(connection, owner_id, size, self._room)
            if rows:
                await connection.execute(tables.passages.insert(), rows)
            await connection.execute(tables.indexes.insert().values(document_id=document_item.id, packed=packed))
        if replaced:
            await self._database.checkpoint()
        return document_item

    async def _delete_replaced(self, connection: AsyncConnection, document_item: OwnedItem[Document]) -> bool:
        """Delete the documents that a new one replaces; return whether there were any."""
        table = self._table
        condition = (table.c.owner_id == document_item.owner_id) & (table.c.scope == document_item.scope)
        older = [self._open_row(row) for row in await connection.execute(select_with_keys(table).where(condition))]
        same = [one.id for one in older if one and one.value.name == document_item.value.name]
        if same:
            await connection.execute(delete(table).where(table.c.id.in_(same)))
        return bool(same)

    async def list_searchable(self, user_id: str, scopes: Iterable[str] = ()) -> list[SearchableDocument]:
        """List the owner's documents and those shared with the scopes with their indexes, up to about 4,000 passages.

        The owner's own come first, so that shared ones do not crowd them out; then the newest.
        """
        indexes = tables.indexes
        documents_in_reach, passages = list[OwnedItem[Document]](), 0
        for one in sorted(await self.list_all(user_id, scopes), key=lambda one: one.owner_id != user_id):
            if passages >= MAX_SEARCHED_PASSAGES:
                break
            documents_in_reach.append(one)
            passages += one.value.passages
        if not documents_in_reach:
            return []
        query = _select_with_owners(indexes).where(indexes.c.document_id.in_([one.id for one in documents_in_reach]))
        async with self._database.read() as connection:
            found = {row.document_id: row for row in await connection.execute(query)}
        return [
            SearchableDocument(
                one.id, one.value.name, self._build_opener(found[one.id]), is_shared=one.owner_id != user_id
            )
            for one in documents_in_reach
            if one.id in found
        ]

    async def load_passages(
        self, user_id: str, places: Sequence[PassagePlace], scopes: Iterable[str] = ()
    ) -> dict[PassagePlace, StoredPassage]:
        """Return the requested passages that exist in the owner's documents and in those shared with the scopes."""
        if not places:
            return {}
        passages = tables.passages
        query = _select_with_owners(passages).where(
            tuple_(passages.c.document_id, passages.c.position).in_(places), self._visible_to(user_id, scopes)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        # The seal of a document includes its scope, that of a passage does not.
        here = {
            document_id
            for document_id, row in {row.document_id: row for row in rows}.items()
            if open_or_none(self._unwrap_key(row), row.document, self._build_purpose(document_id, row.scope))
            is not None
        }
        fields = {
            (row.document_id, row.position): open_or_none(
                self._unwrap_key(row), row.sealed, _build_passage_purpose(row.document_id, row.position)
            )
            for row in rows
            if row.document_id in here
        }
        return {place: StoredPassage(**part) for place, part in fields.items() if part is not None}

    def _build_opener(self, row: Row[Any]) -> Callable[[], bytes | None]:
        return lambda: open_bytes_or_none(self._unwrap_key(row), row.packed, _build_index_purpose(row.document_id))

    async def _reseal_dependents(self, connection: AsyncConnection, item_id: str, old: OwnerKey, new: OwnerKey) -> None:
        passages, indexes = tables.passages, tables.indexes
        condition = passages.c.document_id == item_id
        for row in (await connection.execute(select(passages).where(condition))).all():
            purpose = _build_passage_purpose(item_id, row.position)
            sealed = new.seal_bytes(old.open_bytes(row.sealed, purpose), purpose)
            this = condition & (passages.c.position == row.position)
            await connection.execute(update(passages).where(this).values(sealed=sealed))
        condition, purpose = indexes.c.document_id == item_id, _build_index_purpose(item_id)
        for row in (await connection.execute(select(indexes).where(condition))).all():
            packed = new.seal_bytes(old.open_bytes(row.packed, purpose), purpose)
            await connection.execute(update(indexes).where(condition).values(packed=packed))


def _select_with_owners(table: Table) -> Select[Any]:
    """Select rows that depend on documents, each with its owner and the owner's wrapped key."""
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


def _build_passage_purpose(document_id: str, position: int) -> str:
    return f"passages/{document_id}/{position}"


def _build_index_purpose(document_id: str) -> str:
    return f"indexes/{document_id}"
