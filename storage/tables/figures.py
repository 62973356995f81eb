"""What was made and what it took."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    String,
    Table,
)

from ._base import ID, metadata

# What was made and what it took, summed by day: of a person's own, or of what they made in a workspace, whose row stays without
# their id once they are forgotten. Tokens that no server has counted are `estimated`; `cost` is in millionths of the currency.
# What of it was accepted later stands beside an empty engine.
usage = Table(
    "usage",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("engine", String(80), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in ("requests", "accepted", "failed")),
    *(Column(name, BigInteger, nullable=False) for name in ("tokens_in", "tokens_out", "estimated", "cost")),
    Column("seconds", Float, nullable=False),
)
Index(None, usage.c.user_id)

# Checks that failed, by day: of a person's own results, or of a workspace's.
failed_checks = Table(
    "failed_checks",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("failed", Integer, nullable=False),
)

# Which notes on a workspace's quotas somebody has been given, so that each comes once.
quota_notes = Table(
    "quota_notes",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("guild_id", ID, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("day", Date, nullable=False),
)
Index(None, quota_notes.c.day)

# Requests that several processes have let in lately, and whether they are through. Nobody's words.
admissions = Table(
    "admissions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("guild_id", ID, nullable=False),
    Column("channel_id", ID, nullable=False),
    Column("count", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)
Index(None, admissions.c.user_id, admissions.c.asked_at)
Index(None, admissions.c.guild_id, admissions.c.asked_at)
