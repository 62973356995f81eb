"""Usage figures, failed checks, quota notes and admitted requests: no content."""

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

# A user's usage by day, outside servers (they are the owner) or in a workspace, whose figures remain without the user's id
# once they are forgotten. `estimated` are the tokens that no server counted, `cost` is in millionths of the currency. Accepted
# results are counted in rows with an empty engine.
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

# The failed checks of results by day and check: of a user outside servers, or of a workspace.
failed_checks = Table(
    "failed_checks",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("failed", Integer, nullable=False),
)

# The notes about quotas that a user has received, so that each is sent once.
quota_notes = Table(
    "quota_notes",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("guild_id", ID, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("day", Date, nullable=False),
)
Index(None, quota_notes.c.day)

# Recently admitted requests, if several processes admit them, and whether they have finished.
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
