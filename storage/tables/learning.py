"""Quizzes, mastery, courses and plays."""

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

# Quizzes in progress: a live game in a server with its host, a user's practice, homework with its teacher, and pupils' copies of
# homework. `version` increases with each change.
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
    # When a process last took answers.
    Column("seen_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("user_id", "channel_id")},
)
for _column in ("owner_id", "user_id", "parent_id", "channel_id"):
    Index(None, games.c[_column])
Index(None, games.c.sort, games.c.state)

# Answers in games, each sealed with the key of the user who gave it.
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

# What users' answers show about their knowledge: in a workspace, or in their own practice (they are the owner).
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

# Users' courses: their questions, when each is due, and the current one. `guild_id` is the server whose teachers may see the user's
# progress, `version` increases with each change.
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

# Role plays and interviews in a channel, owned by the user who started them. `due_at` is when the time limit expires, `version`
# increases with each change.
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

# Users' utterances in plays, each sealed with its user's key; number 0 is the role that the user plays.
play_words = Table(
    "play_words",
    metadata,
    Column("play_id", ID, ForeignKey("plays.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, play_words.c.user_id)
