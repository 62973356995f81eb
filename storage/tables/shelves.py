"""What is lent and looked up: brands, personas, documents, collections, and what is searched by."""

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

# Names under which an owner puts results or assets together.
collections = Table(
    "collections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, collections.c.owner_id)

# What an owner's results or assets are found by: bytes in pieces, sealed as well, that nobody reads. `entries` are how many
# stand on the shelf, `version` is another after each change.
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

# What documents are searched by, made of their passages: bytes, sealed as well, that nobody reads.
indexes = Table(
    "indexes",
    metadata,
    Column("document_id", ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)
