"""Owners, and what belongs to users: preferences, results, votes and signals."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    func,
    text,
)

from ._base import BOUND_KEY, ID, SEALED_AS_KEY, metadata

# Content is in columns named "sealed": JSON, encrypted with the key of the row's owner for the purpose that `build_purpose`
# returns. An owner is a user or a workspace (`owners.py`). Here, a user's choices are sealed; only users pause storage.
owners = Table(
    "owners",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("paused_at", DateTime(timezone=True)),
    info={SEALED_AS_KEY: "users"},
)
Index(None, owners.c.seen_at)

preferences = Table(
    "preferences",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("profile", ID, nullable=False),
    Column("scope", String(60), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", ID),
    info={BOUND_KEY: ("scope", "profile")},
)
Index(None, preferences.c.user_id, preferences.c.ended_at)
Index(None, preferences.c.scope)

generations = Table(
    "generations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("parent_id", ID, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("guild_id", ID),
    Column("kind", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("channel_id", ID),
    Column("profile", ID, nullable=False, server_default=text("''")),
    # Set by its owner in their library.
    Column("star", Boolean, nullable=False, server_default=false()),
    Column("status", String(12), nullable=False, server_default=text("'draft'")),
    Column("collection_id", ID),
    # Its brand, empty for none, and the shelf that indexes it. Both are NULL until it is indexed.
    Column("brand", ID),
    Column("shelf", ID),
    # Whether it counts as accepted in `usage`.
    Column("accepted", Boolean, nullable=False, server_default=false()),
    # Whether the text of an attached file is sealed in it, which is removed after some days.
    Column("material", Boolean, nullable=False, server_default=false()),
    info={BOUND_KEY: ("guild_id", "channel_id")},
)
Index(None, generations.c.user_id, generations.c.created_at)
Index(None, generations.c.user_id, generations.c.shelf, generations.c.created_at)
for _column in ("kind", "star"):  # Otherwise a rare value is searched in all rows of an owner.
    Index(None, generations.c.user_id, generations.c[_column], generations.c.created_at)
Index(None, generations.c.parent_id)
Index(None, generations.c.guild_id)
Index(None, generations.c.created_at)
Index("ix_generations_size", generations.c.user_id, func.length(generations.c.sealed))
Index(
    "ix_generations_material",
    generations.c.user_id,
    generations.c.created_at,
    sqlite_where=text("material"),
    postgresql_where=text("material"),
)

# Votes have their result's kind and profile, so that a user's votes on a kind are found without decrypting results.
feedback = Table(
    "feedback",
    metadata,
    Column("generation_id", ID, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("vote", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("profile", ID, nullable=False, server_default=text("''")),
)
Index(None, feedback.c.user_id, feedback.c.profile, feedback.c.kind, feedback.c.vote, feedback.c.updated_at)

# What users' votes, instructions, choices and edits suggest about a field of their profile.
signals = Table(
    "signals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, signals.c.user_id, signals.c.created_at)

# Former members of servers; their data there is deleted after some time.
departures = Table(
    "departures",
    metadata,
    Column("guild_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("left_at", DateTime(timezone=True), nullable=False),
)
Index(None, departures.c.user_id)

# Owners forgotten within a day, by a pseudonym that only the operator's key can compute, so that work begun before stores nothing
# for them; and the pending step of their erasure (`erasure.py`), empty if it is complete.
forgotten = Table(
    "forgotten",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("pending", String(120), nullable=False, server_default=text("''")),
)
