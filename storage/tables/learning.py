"""Quizzes, courses, and cases that are played."""

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

# Quizzes as they are played or worked on: a game of a workspace's with its host, an exercise of a person's, homework and each
# pupil's copy of it. They go with whoever is named; `version` rises with each change.
games = Table(
    "games",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("parent_id", ID, ForeignKey("games.id", ondelete="CASCADE")),
    Column("sort", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("step", Integer, nullable=False),
    Column("channel_id", ID, nullable=False),
    Column("message_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    # When somebody was there last to take answers.
    Column("seen_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("user_id", "channel_id")},
)
for _column in ("owner_id", "user_id", "parent_id", "channel_id"):
    Index(None, games.c[_column])
Index(None, games.c.sort, games.c.state)

# Answers in games, each sealed with the key of who gave it.
game_answers = Table(
    "game_answers",
    metadata,
    Column("game_id", ID, ForeignKey("games.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("click_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, game_answers.c.user_id)

# What the answers of people say about what they know, in a workspace or, of an exercise of their own, for themselves.
mastery = Table(
    "mastery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("user_id",)},
)
Index(None, mastery.c.owner_id, mastery.c.user_id, unique=True)
Index(None, mastery.c.user_id)

# What somebody learns from, a person's own: questions, when each is due, which is asked. `guild_id` is the server in which they let
# who teaches see what they know of it, `version` rises with each change.
courses = Table(
    "courses",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("guild_id", ID),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("guild_id",)},
)
for _column in ("user_id", "guild_id"):
    Index(None, courses.c[_column])

# Cases that are played and personas that are interviewed in a channel: of who began it. `due_at` is when the time is over, `version`
# rises with each change.
plays = Table(
    "plays",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("guild_id", ID),
    Column("channel_id", ID, nullable=False),
    Column("sort", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("guild_id", "channel_id")},
)
for _column in ("user_id", "guild_id", "channel_id", "state"):
    Index(None, plays.c[_column])

# What people say in plays, each sealed with the key of who said it; under 0 the role that they took.
play_words = Table(
    "play_words",
    metadata,
    Column("play_id", ID, ForeignKey("plays.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, play_words.c.user_id)
