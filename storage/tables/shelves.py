"""Items that can be shared (brands, personas, documents), collections, and search indexes."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
)

from ._base import ID, create_owned_table, metadata

shareable = brands, own_personas, documents = tuple(map(create_owned_table, ("brands", "own_personas", "documents")))

# Named collections of an owner's results or assets.
collections = Table(
    "collections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, collections.c.owner_id)

# Segments of the index of an owner's results or assets, in pieces of sealed bytes. `entries` is the number of indexed entries,
# `version` increases with each change.
shelves = Table(
    "shelves",
    metadata,
    Column("id", ID, primary_key=True),
    Column("piece", Integer, primary_key=True),
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)
Index(None, shelves.c.of_owner, shelves.c.piece)

passages = Table(
    "passages",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# The index of a document's passages: sealed bytes.
indexes = Table(
    "indexes",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)
