"""The tables. A change here goes with a migration in migrations/versions/."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    event,
    false,
    func,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Under this name a table's `info` tells which plain columns decide who sees a row: they are part of what it is sealed for, so
# that whoever changes one in the database makes the row unreadable instead of showing it to others.
BOUND = "bound"

# Discord's ids are kept as text: JSON and JavaScript readers lose the last digits of 64-bit numbers.
_ID = String(40)

# Under this name a table's `info` tells by which name it stands in its seals, where that is another: it was called so once.
SEALED_AS = "sealed_as"

# Under this name a table's `info` tells that it holds rows of workspaces alone, and never a person's.
OF_WORKSPACES = "of_workspaces"

# What people wrote stands in columns named "sealed": JSON, encrypted with the key of the owner named in the row, for the
# purpose "table/id" (see `purpose`). An owner is a person, or a workspace (`owners.py`); what is sealed here is a person's
# choices, and only a person is seen and pauses.
owners = Table(
    "owners",
    metadata,
    Column("owner_id", _ID, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("paused_at", DateTime(timezone=True)),
    info={SEALED_AS: "users"},
)
Index(None, owners.c.seen_at)

preferences = Table(
    "preferences",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("profile", _ID, nullable=False),
    Column("scope", String(60), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", _ID),
    info={BOUND: ("scope", "profile")},
)
Index(None, preferences.c.user_id, preferences.c.ended_at)
Index(None, preferences.c.scope)

generations = Table(
    "generations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("parent_id", _ID, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("guild_id", _ID),
    Column("kind", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("channel_id", _ID),
    Column("profile", _ID, nullable=False, server_default=text("''")),
    # What its owner has done with it in their library.
    Column("star", Boolean, nullable=False, server_default=false()),
    Column("status", String(12), nullable=False, server_default=text("'draft'")),
    Column("collection_id", _ID),
    # Its brand, as it is sealed as well, empty for none; and the shelf that it is found by. Both are known once it stands on one.
    Column("brand", _ID),
    Column("shelf", _ID),
    # Whether it counts as accepted in `usage`.
    Column("accepted", Boolean, nullable=False, server_default=false()),
    # Whether it holds what stood in an attached file, which is not kept for long.
    Column("material", Boolean, nullable=False, server_default=false()),
    info={BOUND: ("guild_id", "channel_id")},
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
    Column("generation_id", _ID, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("vote", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("profile", _ID, nullable=False, server_default=text("''")),
)
Index(None, feedback.c.user_id, feedback.c.profile, feedback.c.kind, feedback.c.vote, feedback.c.updated_at)

# Signs of a taste: what was voted, wished, chosen or edited says about a field of the profile.
signals = Table(
    "signals",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, signals.c.user_id, signals.c.created_at)


def _owned(name: str, *more: Column[Any]) -> Table:
    """Things of a person's that may be lent to a channel or a server by their scope, and things of a workspace's.

    Who gave a thing to its workspace stands in `given_by`, until that person is forgotten.
    """
    table = Table(
        name,
        metadata,
        Column("id", _ID, primary_key=True),
        Column("owner_id", _ID, nullable=False),
        Column("scope", String(60), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("given_by", _ID),
        *more,
        info={BOUND: ("scope",)},
    )
    for column in ("owner_id", "scope", "given_by"):
        Index(None, table.c[column])
    return table


lendable = brands, own_personas, documents = tuple(map(_owned, ("brands", "own_personas", "documents")))

# Results that were given to a workspace: `source_id` is the result that one was made of, `given_by` its author. Nobody lends them.
assets = _owned(
    "assets",
    Column("kind", String(40), nullable=False),
    Column("brand", _ID, nullable=False, server_default=text("''")),
    Column("status", String(12), nullable=False, server_default=text("'draft'")),
    Column("star", Boolean, nullable=False, server_default=false()),
    Column("collection_id", _ID),
    Column("source_id", _ID),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("shelf", _ID),
    # Which version it is, and the channel and message in which its review is shown.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("shown_in", _ID),
    Column("shown_as", _ID),
)
assets.info[OF_WORKSPACES] = True
Index(None, assets.c.owner_id, assets.c.created_at)
Index(None, assets.c.owner_id, assets.c.shelf, assets.c.created_at)
for _column in ("kind", "star"):
    Index(None, assets.c.owner_id, assets.c[_column], assets.c.created_at)
Index(None, assets.c.owner_id, assets.c.source_id, unique=True)
Index(None, assets.c.source_id)

# All versions of an asset that has been changed, the one that holds too, each with who made it; `id` is the asset's and the version's.
asset_versions = Table(
    "asset_versions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("asset_id", _ID, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("given_by", _ID),
    info={OF_WORKSPACES: True},
)
for _column in ("owner_id", "asset_id", "given_by"):
    Index(None, asset_versions.c[_column])

# Campaigns of a workspace: a brief, and a text or prompt for each place that it is to be told in. `version` is that of the brief.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Who began it.
    Column("given_by", _ID),
    info={OF_WORKSPACES: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, campaigns.c[_column])

# What they consist of: `asset_id` is the text that was made, for the brief as it was at a version. `given_by` has asked for it.
campaign_assets = Table(
    "campaign_assets",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("campaign_id", _ID, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asset_id", _ID, nullable=False, server_default=text("''")),
    Column("made_for", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("given_by", _ID),
    info={OF_WORKSPACES: True},
)
for _column in ("owner_id", "given_by", "asset_id", "state"):
    Index(None, campaign_assets.c[_column])
Index(None, campaign_assets.c.campaign_id, campaign_assets.c.number)

# Addresses that are told what was approved and published in a workspace.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Who set it up.
    Column("given_by", _ID),
    info={OF_WORKSPACES: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, webhooks.c[_column])

# What they are still to be told, until it has arrived: put here in the transaction of what it tells of.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("webhook_id", _ID, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={OF_WORKSPACES: True, BOUND: ("webhook_id",)},
)
for _column in ("owner_id", "webhook_id", "due_at"):
    Index(None, webhook_messages.c[_column])

# What a workspace may be given.
givable = (*lendable, assets, asset_versions, campaigns, campaign_assets, webhooks)

# What people are to an asset's review: assigned, have approved a version, have asked for changes. With the person it goes.
review_marks = Table(
    "review_marks",
    metadata,
    Column("asset_id", _ID, ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("act", String(12), primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("user_id", "version")},
)
for _column in ("owner_id", "user_id"):
    Index(None, review_marks.c[_column])

# What was done in a workspace, entry by entry, each with a hash over itself and the one before. `who` is the alias of whoever did
# it. Nothing of it is changed or deleted as long as the workspace is there, which the database itself sees to.
audit = Table(
    "audit",
    metadata,
    Column("of_owner", _ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("about", _ID, nullable=False),
    Column("who", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", String(64), nullable=False),
    info={OF_WORKSPACES: True},
)
for _column in ("about", "who"):
    Index(None, audit.c.of_owner, audit.c[_column], audit.c.number)

# The last entry of each workspace, so that one that is taken away from the end is missed.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("of_owner", _ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    info={OF_WORKSPACES: True},
)

# Whom an alias in a workspace's audit stands for. It is made of the id and the salt, and tells nobody once this row is gone.
aliases = Table(
    "aliases",
    metadata,
    Column("owner_id", _ID, primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("alias", _ID, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)
for _column in ("user_id", "alias"):
    Index(None, aliases.c[_column])

# By the name of a database's sort: what has it refuse to change an audit, and what takes that back.
KEEPS_AUDIT: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END",
        "CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit "
        "WHEN EXISTS (SELECT 1 FROM owners WHERE owner_id = OLD.of_owner) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM owners WHERE owner_id = OLD.of_owner) THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'the audit is only added to'; END $$",
        "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_added_to()",
    ),
}  # fmt: skip
for _sort, _statements in KEEPS_AUDIT.items():
    for _statement in _statements:
        _ddl: DDL = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy types it not.
        event.listen(audit, "after_create", _ddl.execute_if(dialect=_sort))

# Names under which an owner puts results or assets together.
collections = Table(
    "collections",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, collections.c.owner_id)

# What an owner's results or assets are found by: bytes in pieces, sealed as well, that nobody reads. `entries` are how many
# stand on the shelf, `version` is another after each change.
shelves = Table(
    "shelves",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("piece", Integer, primary_key=True),
    Column("of_owner", _ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)
Index(None, shelves.c.of_owner, shelves.c.piece)

passages = Table(
    "passages",
    metadata,
    Column("document_id", _ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# What documents are searched by, made of their passages: bytes, sealed as well, that nobody reads.
indexes = Table(
    "indexes",
    metadata,
    Column("document_id", _ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

# Servers that the bot is or was in. What belongs to one that it was removed from goes later, and what belongs to its
# channels: the ids of those that something was told for or lent to are noted with commas between.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", _ID, primary_key=True),
    Column("left_at", DateTime(timezone=True)),
    Column("channels", Text),
    # Whether its members may lend things of theirs to its channels; those who manage it always may.
    Column("lending", Boolean, nullable=False, server_default=false()),
    # How much may be asked for there, as those who manage it have set it.
    Column("limits", String(200), nullable=False, server_default=text("''")),
)

# What those who own a workspace have set for it: languages, voices, time zone, roles, and what its channels are for.
workspace_settings = Table(
    "workspace_settings",
    metadata,
    Column("owner_id", _ID, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={OF_WORKSPACES: True},
)

# Polls of a workspace on the variants of somebody's result: they go with the first of these. `ballot_id` is the message that
# votes are given on, empty until it is posted; what was closed is kept until that was shown.
polls = Table(
    "polls",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("generation_id", _ID, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("ballot_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    info={OF_WORKSPACES: True},
)
for _column in ("owner_id", "generation_id", "ballot_id", "closes_at"):
    Index(None, polls.c[_column])

# Votes that were given by buttons: those of Discord's own polls are kept by Discord.
poll_votes = Table(
    "poll_votes",
    metadata,
    Column("poll_id", _ID, ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("choice", Integer, nullable=False),
)
Index(None, poll_votes.c.user_id)

# People who were found to have left a server where something of theirs belongs to; that goes later.
departures = Table(
    "departures",
    metadata,
    Column("guild_id", _ID, primary_key=True),
    Column("user_id", _ID, primary_key=True),
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

# Texts that go to a channel at a time: a person's, or a workspace's where they go to one of its channels; who planned one stands
# in `user_id`, and when they are forgotten it goes as well. `version` rises whenever somebody changes it.
schedule = Table(
    "schedule",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("channel_id", _ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Which slot's process has begun to post it, and when.
    Column("claimed_by", String(40)),
    Column("claimed_at", DateTime(timezone=True)),
    Column("message_id", _ID),
    # Why it was not posted, and whether who planned it has been told so.
    Column("reason", String(20), nullable=False, server_default=text("''")),
    Column("told", Boolean, nullable=False, server_default=true()),
    info={BOUND: ("user_id", "channel_id")},
)
Index(None, schedule.c.state, schedule.c.due_at)
Index(None, schedule.c.owner_id, schedule.c.due_at)
Index(None, schedule.c.user_id)

# Quizzes as they are played or worked on: a game of a workspace's with its host, an exercise of a person's, homework and each
# pupil's copy of it. They go with whoever is named; `version` rises with each change.
games = Table(
    "games",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("parent_id", _ID, ForeignKey("games.id", ondelete="CASCADE")),
    Column("sort", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("step", Integer, nullable=False),
    Column("channel_id", _ID, nullable=False),
    Column("message_id", _ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    # When somebody was there last to take answers.
    Column("seen_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("user_id", "channel_id")},
)
for _column in ("owner_id", "user_id", "parent_id", "channel_id"):
    Index(None, games.c[_column])
Index(None, games.c.sort, games.c.state)

# Answers in games, each sealed with the key of who gave it.
game_answers = Table(
    "game_answers",
    metadata,
    Column("game_id", _ID, ForeignKey("games.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("click_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, game_answers.c.user_id)

# What the answers of people say about what they know, in a workspace or, of an exercise of their own, for themselves.
mastery = Table(
    "mastery",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("user_id",)},
)
Index(None, mastery.c.owner_id, mastery.c.user_id, unique=True)
Index(None, mastery.c.user_id)

# What somebody learns from, a person's own: questions, when each is due, which is asked. `guild_id` is the server in which they let
# who teaches see what they know of it, `version` rises with each change.
courses = Table(
    "courses",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("guild_id", _ID),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("guild_id",)},
)
for _column in ("user_id", "guild_id"):
    Index(None, courses.c[_column])

# Cases that are played and personas that are interviewed in a channel: of who began it. `due_at` is when the time is over, `version`
# rises with each change.
plays = Table(
    "plays",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("guild_id", _ID),
    Column("channel_id", _ID, nullable=False),
    Column("sort", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("guild_id", "channel_id")},
)
for _column in ("user_id", "guild_id", "channel_id", "state"):
    Index(None, plays.c[_column])

# What people say in plays, each sealed with the key of who said it; under 0 the role that they took.
play_words = Table(
    "play_words",
    metadata,
    Column("play_id", _ID, ForeignKey("plays.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, play_words.c.user_id)

# Sheets that a text is made for each row of: a person's. `message_id` shows how far it is.
bulk_jobs = Table(
    "bulk_jobs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("guild_id", _ID),
    Column("channel_id", _ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("guild_id", "channel_id")},
)
Index(None, bulk_jobs.c.user_id)
Index(None, bulk_jobs.c.state)

# Their rows, counted from 1: the cells, what a model was paid for so far, and why none came of it.
bulk_rows = Table(
    "bulk_rows",
    metadata,
    Column("job_id", _ID, ForeignKey("bulk_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index(None, bulk_rows.c.job_id, bulk_rows.c.state, bulk_rows.c.number)

# Tables that rows are made up after: a person's. `message_id` shows how far it is.
made_tables = Table(
    "made_tables",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("guild_id", _ID),
    Column("channel_id", _ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={BOUND: ("guild_id", "channel_id")},
)
Index(None, made_tables.c.user_id)
Index(None, made_tables.c.state)

# The file that came, until it is learnt; what learning goes on from; what was learnt, where that is kept.
made_table_parts = Table(
    "made_table_parts",
    metadata,
    Column("job_id", _ID, ForeignKey("made_tables.id", ondelete="CASCADE"), primary_key=True),
    Column("part", String(12), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# What was made and what it took, summed by day: of a person's own, or of what they made in a workspace, whose row stays without
# their id once they are forgotten. Tokens that no server has counted are `estimated`; `cost` is in millionths of the currency.
# What of it was accepted later stands beside an empty engine.
usage = Table(
    "usage",
    metadata,
    Column("owner_id", _ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("user_id", _ID, primary_key=True),
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
    Column("owner_id", _ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("failed", Integer, nullable=False),
)

# Which notes on a workspace's quotas somebody has been given, so that each comes once.
quota_notes = Table(
    "quota_notes",
    metadata,
    Column("user_id", _ID, primary_key=True),
    Column("guild_id", _ID, primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("day", Date, nullable=False),
)
Index(None, quota_notes.c.day)

# What people have made for workspaces and is not given to them: it is told to its maker as well, and goes with them.
made_for = (schedule, review_marks, aliases, usage, games, mastery)

# Which process works under a slot's name, and until when.
leases = Table(
    "leases",
    metadata,
    Column("slot", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)


# The columns that say whose a row is: of what may be a workspace's, and of what is always a person's.
_OWNER = ("owner_id", "user_id")
# What is owned: every table that names an owner. Those that hang on such a table go with its rows.
owned = tuple(table for table in metadata.sorted_tables if set(table.c.keys()) & set(_OWNER))


# Of those, what may be a workspace's.
of_workspaces = tuple(table for table in owned if _OWNER[0] in table.c)


def of_person(table: Table) -> bool:
    """Whether a person may own rows of an owned table."""
    return not table.info.get(OF_WORKSPACES)


def owner_of(table: Table) -> Column[Any]:
    """The column of an owned table that says whose a row is."""
    return next(table.c[name] for name in _OWNER if name in table.c)


def is_of(table: Table, owner_id: str) -> ColumnElement[bool]:
    """That a row which is looked up by its id is an owner's.

    Said so that a database finds it by the id: SQLite would else go through all rows of the owner.
    """
    return owner_of(table).concat("") == owner_id


def purpose(table: Table, row: Mapping[str, Any] | RowMapping) -> str:
    """What a row is sealed for: its table, its primary key, and the columns that decide who sees it.

    Without the owner, who is part of every seal.
    """
    key = [str(row[column.name]) for column in table.primary_key if column.name not in _OWNER]
    name = table.info.get(SEALED_AS, table.name)
    return "/".join([name, *key, *(str(row[name] or "") for name in table.info.get(BOUND, ()))])
