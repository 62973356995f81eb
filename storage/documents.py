"""Documents that texts are written from, with their passages and an index to search them."""

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
# Once the documents have this many passages, further ones are not searched.
MAX_SEARCHED_PASSAGES = 4000
# A passage's document id, and its position in the document, from 0.
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
    """A document to search. `is_shared` is whether another owner shared it.

    `open_index` decrypts the stored index and returns None if it was tampered with.
    """

    id: str
    name: str
    open_index: Callable[[], bytes | None]
    is_shared: bool = False


@shield_methods
class Documents(OwnedItemStore[Document]):
    """Documents by owner. Passages and indexes are sealed with the key of their document's owner."""

    def __init__(self, database: Database, byte_limits: ByteLimits = UNLIMITED) -> None:
        self._byte_limits = byte_limits
        super().__init__(
            database, tables.documents, MAX_DOCUMENTS, to_json=asdict, from_json=lambda value: Document(**value)
        )

    async def add_with_passages(
        self,
        owner_id: str,
        document: Document,
        passages: Sequence[StoredPassage],
        scope: str = ME,
        *,
        index: bytes,
        given_by: str | None = None,
    ) -> OwnedItem[Document]:
        """Store a document with its passages and their index in one transaction.

        It replaces the owner's document with the same name in the same scope.

        Raises:
            PausedError: the owner, or the user in `given_by`, has paused storage.
            StorageError: the owner has reached the maximum number or bytes of documents.
        """
        document_item = self._create(owner_id, document, scope, given_by)
        async with self._database.write(f"documents {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            if given_by is not None:
                await self._database.owners.require_key(connection, given_by)  # It raises if the user has paused.
            has_replaced = await self._delete_replaced(connection, document_item)
            await self._insert(connection, key, document_item)
            rows: list[dict[str, Any]] = [
                {
                    "document_id": document_item.id,
                    "position": position,
                    "sealed": key.seal(asdict(passage), _build_passage_purpose(document_item.id, position)),
                }
                for position, passage in enumerate(passages)
            ]
            packed = key.seal_bytes(index, _build_index_purpose(document_item.id))
            size = len(packed) + sum(len(row["sealed"]) for row in rows)
            await require_room(connection, owner_id, size, self._byte_limits)
            if rows:
                await connection.execute(tables.passages.insert(), rows)
            await connection.execute(tables.indexes.insert().values(document_id=document_item.id, packed=packed))
        if has_replaced:
            await self._database.checkpoint()
        return document_item

    async def _delete_replaced(self, connection: AsyncConnection, document_item: OwnedItem[Document]) -> bool:
        """Delete the documents that a new one replaces; return whether there were any."""
        table = self._table
        condition = (table.c.owner_id == document_item.owner_id) & (table.c.scope == document_item.scope)
        rows = await connection.execute(select_with_keys(table).where(condition))
        items = [item for row in rows if (item := self._open_row(row)) is not None]
        replaced_ids = [item.id for item in items if item.value.name == document_item.value.name]
        if replaced_ids:
            await connection.execute(delete(table).where(table.c.id.in_(replaced_ids)))
        return bool(replaced_ids)

    async def list_searchable(self, user_id: str, scopes: Iterable[str] = ()) -> list[SearchableDocument]:
        """List the user's documents and those shared with the scopes, until they have MAX_SEARCHED_PASSAGES.

        The user's own come first, so that shared ones do not crowd them out; the newest first of each.
        """
        indexes = tables.indexes
        searched_items, passage_count = list[OwnedItem[Document]](), 0
        for item in sorted(await self.list_all(user_id, scopes), key=lambda item: item.owner_id != user_id):
            if passage_count >= MAX_SEARCHED_PASSAGES:
                break
            searched_items.append(item)
            passage_count += item.value.passages
        if not searched_items:
            return []
        query = _select_with_owners(indexes).where(indexes.c.document_id.in_([item.id for item in searched_items]))
        async with self._database.read() as connection:
            rows_by_id = {row.document_id: row for row in await connection.execute(query)}
        return [
            SearchableDocument(
                item.id, item.value.name, self._build_opener(rows_by_id[item.id]), is_shared=item.owner_id != user_id
            )
            for item in searched_items
            if item.id in rows_by_id
        ]

    async def load_passages(
        self, user_id: str, places: Sequence[PassagePlace], scopes: Iterable[str] = ()
    ) -> dict[PassagePlace, StoredPassage]:
        """Return passages of the user's documents and of those shared with the scopes; others are omitted."""
        if not places:
            return {}
        passages = tables.passages
        query = _select_with_owners(passages).where(
            tuple_(passages.c.document_id, passages.c.position).in_(places), self._visible_to(user_id, scopes)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        # A passage is not sealed for its document's scope, so that a tampered scope is found only by opening the document.
        visible_ids = {
            document_id
            for document_id, row in {row.document_id: row for row in rows}.items()
            if open_or_none(self._unwrap_key(row), row.document, self._build_purpose(document_id, row.scope))
            is not None
        }
        stored_passages = {}
        for row in rows:
            if row.document_id in visible_ids:
                purpose = _build_passage_purpose(row.document_id, row.position)
                fields = open_or_none(self._unwrap_key(row), row.sealed, purpose)
                if fields is not None:
                    stored_passages[row.document_id, row.position] = StoredPassage(**fields)
        return stored_passages

    def _build_opener(self, row: Row[Any]) -> Callable[[], bytes | None]:
        """Return a function that decrypts the index in a row."""
        return lambda: open_bytes_or_none(self._unwrap_key(row), row.packed, _build_index_purpose(row.document_id))

    async def _reseal_dependents(
        self, connection: AsyncConnection, item_id: str, old_key: OwnerKey, new_key: OwnerKey
    ) -> None:
        passages, indexes = tables.passages, tables.indexes
        condition = passages.c.document_id == item_id
        for row in (await connection.execute(select(passages).where(condition))).all():
            purpose = _build_passage_purpose(item_id, row.position)
            sealed = new_key.seal_bytes(old_key.open_bytes(row.sealed, purpose), purpose)
            is_passage = condition & (passages.c.position == row.position)
            await connection.execute(update(passages).where(is_passage).values(sealed=sealed))
        condition, purpose = indexes.c.document_id == item_id, _build_index_purpose(item_id)
        for row in (await connection.execute(select(indexes).where(condition))).all():
            packed = new_key.seal_bytes(old_key.open_bytes(row.packed, purpose), purpose)
            await connection.execute(update(indexes).where(condition).values(packed=packed))


def _select_with_owners(table: Table) -> Select[Any]:
    """Select rows that depend on documents, each with its document's scope and sealed value, and its owner's wrapped key."""
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
