"""Whose rows there are, and what belongs to a person: preferences, results, votes, signs of a taste."""

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

# What people wrote stands in columns named "sealed": JSON, encrypted with the key of the owner named in the row, for the
# purpose "table/id" (see `purpose`). An owner is a person, or a workspace (`owners.py`); what is sealed here is a person's
# choices, and only a person is seen and pauses.
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
    # What its owner has done with it in their library.
    Column("star", Boolean, nullable=False, server_default=false()),
    Column("status", String(12), nullable=False, server_default=text("'draft'")),
    Column("collection_id", ID),
    # Its brand, as it is sealed as well, empty for none; and the shelf that it is found by. Both are known once it stands on one.
    Column("brand", ID),
    Column("shelf", ID),
    # Whether it counts as accepted in `usage`.
    Column("accepted", Boolean, nullable=False, server_default=false()),
    # Whether it holds what stood in an attached file, which is not kept for long.
    Column("material", Boolean, nullable=False, server_default=false()),
    info={BOUND_KEY: ("guild_id", "channel_id")},
)
Index(None, generations.c.user_id, generations.c.created_at)
Index(None, generations.c.user_id, generations.c.shelf, generations.c.created_at)
for _column in ("kind", "star"):  # A rare one is else looked for in all rows of its owner.
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

# A vote stands beside its result's kind and profile, so that what somebody likes of a kind is found without opening anything.
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

# Signs of a taste: what was voted, wished, chosen or edited says about a field of the profile.
signals = Table(
    "signals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, signals.c.user_id, signals.c.created_at)

# People who were found to have left a server where something of theirs belongs to; that goes later.
departures = Table(
    "departures",
    metadata,
    Column("guild_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("left_at", DateTime(timezone=True), nullable=False),
)
Index(None, departures.c.user_id)

# Who was forgotten, for a day, by a name that only the operator's key gives, so that what was begun before does not bring
# them back; and what the database has to do yet until nothing of it can be opened, empty where that is nothing.
forgotten = Table(
    "forgotten",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("pending", String(120), nullable=False, server_default=text("''")),
)
