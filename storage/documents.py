"""Documents that texts are written from: split into passages, each with its place and its vector."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from personas.ledger import ME

from . import tables
from .crypto import PersonKey
from .database import Database
from .owned import Owned, OwnedThings
from .whole import wholly

MOST_DOCUMENTS = 100
# Passages that are opened for one search, of the newest documents first.
MOST_SEARCHED = 4000


@dataclass(frozen=True, slots=True)
class Document:
    """What a document is called, how many pages it has (0 where it has none), and how many passages it was split into."""

    name: str
    pages: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of a document: its text, page (from 1, 0 for none), section, and vector (32-bit floats, empty for none)."""

    text: str
    page: int = 0
    section: str = ""
    vector: bytes = b""


@wholly
class Documents(OwnedThings[Document]):
    """Documents by owner. Passages are sealed under the key of their document's owner, vectors with them."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database, tables.documents, MOST_DOCUMENTS, to_json=asdict, from_json=lambda value: Document(**value)
        )

    async def add_whole(
        self, user_id: str, document: Document, parts: Sequence[Part], scope: str = ME
    ) -> Owned[Document]:
        """Keeps a document with its passages, as one transaction.

        Raises:
            StorageError: the owner has as many documents as are kept.
        """
        thing = self._new(user_id, document, scope)
        async with self._database.write(f"documents {user_id}") as connection:
            key = await self._database.person(connection, user_id)
            await self._insert(connection, key, thing)
            rows = [
                {"document_id": thing.id, "position": at, "sealed": _sealed(part, key, thing.id, at)}
                for at, part in enumerate(parts)
            ]
            if rows:
                await connection.execute(tables.passages.insert(), rows)
        return thing

    async def passages(self, user_id: str, scopes: Iterable[str] = ()) -> list[tuple[str, Part]]:
        """The passages of the owner's documents that are not lent elsewhere and of those lent to the scopes.

        Each stands with its document's name; the newest documents come first, up to 4,000 passages of them.
        """
        documents, passages, users = tables.documents, tables.passages, tables.users
        scopes = set(scopes)
        here = ((documents.c.user_id == user_id) & (documents.c.scope == ME)) | documents.c.scope.in_(scopes - {ME})
        wanted = (
            select(documents.c.id, documents.c.user_id, documents.c.sealed.label("whole"), passages.c.position,
                   passages.c.sealed, users.c.wrapped_key, users.c.key_id)
            .join(passages, passages.c.document_id == documents.c.id)
            .join(users, users.c.user_id == documents.c.user_id)
            .where(here)
            .order_by(documents.c.created_at.desc(), documents.c.id, passages.c.position)
            .limit(MOST_SEARCHED)
        )  # fmt: skip
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        names: dict[str, tuple[str, PersonKey]] = {}
        found = []
        for row in rows:
            if row.id not in names:
                key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
                names[row.id] = (key.open(row.whole, self._purpose(row.id))["name"], key)
            name, key = names[row.id]
            found.append((name, _opened(row.sealed, key, row.id, row.position)))
        return found


def _sealed(part: Part, key: PersonKey, document_id: str, position: int) -> bytes:
    value = {**asdict(part), "vector": base64.b64encode(part.vector).decode("ascii")}
    return key.seal(value, f"passages/{document_id}/{position}")


def _opened(sealed: bytes, key: PersonKey, document_id: str, position: int) -> Part:
    value: dict[str, Any] = key.open(sealed, f"passages/{document_id}/{position}")
    return Part(**{**value, "vector": base64.b64decode(value["vector"])})
