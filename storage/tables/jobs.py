"""Bulk sheets, synthetic tables, and leases."""

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

# Users' sheets with a text to write for each row.
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

# Their rows, numbered from 1. Sealed: the cells, completed checkpoints, and the failure.
bulk_rows = Table(
    "bulk_rows",
    metadata,
    Column("job_id", ID, ForeignKey("bulk_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, bulk_rows.c.job_id, bulk_rows.c.state, bulk_rows.c.number)

# Users' tables that synthetic rows are generated from.
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

# Their parts: the file until it is learnt, the checkpoint that learning resumes from, and the stored model.
made_table_parts = Table(
    "made_table_parts",
    metadata,
    Column("job_id", ID, ForeignKey("made_tables.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(12), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# Which process works as a slot, and until when.
leases = Table(
    "leases",
    metadata,
    Column("slot", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
