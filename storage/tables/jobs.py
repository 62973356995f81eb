"""Sheets and tables that are worked on, and who is at work."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from ._base import BOUND_KEY, ID, metadata

# Sheets that a text is made for each row of: a person's. `message_id` shows how far it is.
bulk_jobs = Table(
    "bulk_jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("guild_id", ID),
    Column("channel_id", ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("guild_id", "channel_id")},
)
Index(None, bulk_jobs.c.user_id)
Index(None, bulk_jobs.c.state)

# Their rows, counted from 1: the cells, what a model was paid for so far, and why none came of it.
bulk_rows = Table(
    "bulk_rows",
    metadata,
    Column("job_id", ID, ForeignKey("bulk_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, bulk_rows.c.job_id, bulk_rows.c.state, bulk_rows.c.number)

# Tables that rows are made up after: a person's. `message_id` shows how far it is.
made_tables = Table(
    "made_tables",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("guild_id", ID),
    Column("channel_id", ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("guild_id", "channel_id")},
)
Index(None, made_tables.c.user_id)
Index(None, made_tables.c.state)

# The file that came, until it is learnt; what learning goes on from; what was learnt, where that is kept.
made_table_parts = Table(
    "made_table_parts",
    metadata,
    Column("job_id", ID, ForeignKey("made_tables.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(12), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# Which process works under a slot's name, and until when.
leases = Table(
    "leases",
    metadata,
    Column("slot", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
