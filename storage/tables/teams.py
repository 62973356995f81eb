"""What belongs to a workspace: its settings, texts, campaigns, reviews, audit, polls, posts and webhooks."""

from collections.abc import Mapping

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    event,
    false,
    text,
    true,
)

from ._base import BOUND_KEY, ID, WORKSPACES_ONLY_KEY, create_owned_table, metadata
from .shelves import shareable

# Results that were given to a workspace: `source_id` is the result that one was made of, `given_by` its author. Nobody lends them.
assets = create_owned_table(
    "assets",
    Column("kind", String(40), nullable=False),
    Column("brand", ID, nullable=False, server_default=text("''")),
    Column("status", String(12), nullable=False, server_default=text("'draft'")),
    Column("star", Boolean, nullable=False, server_default=false()),
    Column("collection_id", ID),
    Column("source_id", ID),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("shelf", ID),
    # Which version it is, and the channel and message in which its review is shown.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("shown_in", ID),
    Column("shown_as", ID),
    # Where it is shown besides: of what is reviewed where it stands, such as a text of a campaign, in the channel of reviews.
    Column("also_in", ID),
    Column("also_as", ID),
)
assets.info[WORKSPACES_ONLY_KEY] = True
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
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("asset_id", ID, ForeignKey("assets.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "asset_id", "given_by"):
    Index(None, asset_versions.c[_column])

# Campaigns of a workspace: a brief, and a text or prompt for each place that it is to be told in. `version` is that of the brief.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Who began it.
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, campaigns.c[_column])

# What they consist of: `asset_id` is the text that was made, for the brief as it was at a version. `given_by` has asked for it.
campaign_assets = Table(
    "campaign_assets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("campaign_id", ID, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asset_id", ID, nullable=False, server_default=text("''")),
    Column("made_for", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "given_by", "asset_id", "state"):
    Index(None, campaign_assets.c[_column])
Index(None, campaign_assets.c.campaign_id, campaign_assets.c.number)

# Addresses that are told what was approved and published in a workspace.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Who set it up.
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, webhooks.c[_column])

# What they are still to be told, until it has arrived: put here in the transaction of what it tells of.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("webhook_id", ID, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={WORKSPACES_ONLY_KEY: True, BOUND_KEY: ("webhook_id",)},
)
for _column in ("owner_id", "webhook_id", "due_at"):
    Index(None, webhook_messages.c[_column])

# What a workspace may be given.
givable = (*shareable, assets, asset_versions, campaigns, campaign_assets, webhooks)

# What people are to an asset's review: assigned, have approved a version, have asked for changes. With the person it goes.
review_marks = Table(
    "review_marks",
    metadata,
    Column("asset_id", ID, ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("act", String(12), primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={BOUND_KEY: ("user_id", "version")},
)
for _column in ("owner_id", "user_id"):
    Index(None, review_marks.c[_column])

# What was done in a workspace, entry by entry, each with a hash over itself and the one before. `who` is the alias of whoever did
# it. Nothing of it is changed or deleted as long as the workspace is there, which the database itself sees to.
audit = Table(
    "audit",
    metadata,
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("about", ID, nullable=False),
    Column("who", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash", String(64), nullable=False),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("about", "who"):
    Index(None, audit.c.of_owner, audit.c[_column], audit.c.number)

# The last entry of each workspace, so that one that is taken away from the end is missed.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    info={WORKSPACES_ONLY_KEY: True},
)

# Whom an alias in a workspace's audit stands for. It is made of the id and the salt, and tells nobody once this row is gone.
aliases = Table(
    "aliases",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("alias", ID, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)
for _column in ("user_id", "alias"):
    Index(None, aliases.c[_column])

# Up to which entry of a workspace's audit people were told what concerns them, and when they are to be told what came since.
notice_marks = Table(
    "notice_marks",
    metadata,
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    info={WORKSPACES_ONLY_KEY: True},
)
Index(None, notice_marks.c.due_at)

# How somebody has chosen to be told of reviews in a server.
notice_ways = Table(
    "notice_ways",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("guild_id", ID, primary_key=True),
    Column("way", String(12), nullable=False),
)
Index(None, notice_ways.c.guild_id)

# By the name of a database's sort: what has it refuse to change an audit, and what takes that back.
AUDIT_TRIGGERS: Mapping[str, tuple[str, ...]] = {
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
}
for _sort, _statements in AUDIT_TRIGGERS.items():
    for _statement in _statements:
        _ddl: DDL = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy types it not.
        event.listen(audit, "after_create", _ddl.execute_if(dialect=_sort))

# Servers that the bot is or was in. What belongs to one that it was removed from goes later, and what belongs to its
# channels: the ids of those that something was told for or lent to are noted with commas between.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", ID, primary_key=True),
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
    Column("owner_id", ID, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={WORKSPACES_ONLY_KEY: True},
)

# Polls of a workspace on the variants of somebody's result: they go with the first of these. `ballot_id` is the message that
# votes are given on, empty until it is posted; what was closed is kept until that was shown.
polls = Table(
    "polls",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("generation_id", ID, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("ballot_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "generation_id", "ballot_id", "closes_at"):
    Index(None, polls.c[_column])

# Votes that were given by buttons: those of Discord's own polls are kept by Discord.
poll_votes = Table(
    "poll_votes",
    metadata,
    Column("poll_id", ID, ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("choice", Integer, nullable=False),
)
Index(None, poll_votes.c.user_id)

# Texts that go to a channel at a time: a person's, or a workspace's where they go to one of its channels; who planned one stands
# in `user_id`, and when they are forgotten it goes as well. `version` rises whenever somebody changes it.
schedule = Table(
    "schedule",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("channel_id", ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Which slot's process has begun to post it, and when.
    Column("claimed_by", String(40)),
    Column("claimed_at", DateTime(timezone=True)),
    Column("message_id", ID),
    # Why it was not posted, and whether who planned it has been told so.
    Column("reason", String(20), nullable=False, server_default=text("''")),
    Column("told", Boolean, nullable=False, server_default=true()),
    info={BOUND_KEY: ("user_id", "channel_id")},
)
Index(None, schedule.c.state, schedule.c.due_at)
Index(None, schedule.c.owner_id, schedule.c.due_at)
Index(None, schedule.c.user_id)
