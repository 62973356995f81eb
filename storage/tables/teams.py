"""What belongs to workspaces: settings, assets, campaigns, reviews, audit, polls, scheduled posts and webhooks."""

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

# Results given to a workspace: `source_id` is the result an asset was created from, `given_by` its author. They are never shared.
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
    # The current version, and the channel and message that show its review.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("shown_in", ID),
    Column("shown_as", ID),
    # A second message, in the review channel, if the first is elsewhere, for example in a campaign's thread.
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

# All versions of a changed asset, including the current one. `id` combines the asset's id and the version; `given_by` is the author.
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

# Campaigns of a workspace: a brief with a text or prompt for each place. `version` is that of the brief.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # The user who created it.
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, campaigns.c[_column])

# Their pieces: `asset_id` is the written text, `made_for` the brief's version, `given_by` the user who requested it.
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

# Webhooks, which are notified of what is approved and published in a workspace.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # The user who created it.
    Column("given_by", ID),
    info={WORKSPACES_ONLY_KEY: True},
)
for _column in ("owner_id", "given_by"):
    Index(None, webhooks.c[_column])

# Messages for webhooks until they are delivered, stored in the transaction of the event.
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

# Tables of what a user can give to a workspace, with the user's id in `given_by`.
givable = (*shareable, assets, asset_versions, campaigns, campaign_assets, webhooks)

# Users' parts in an asset's review: they are assigned, approved a version, or requested changes.
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

# The audit log: actions in a workspace, each with a hash over itself and the previous hash. `who` is the actor's alias. Triggers keep
# entries from being changed or deleted as long as the workspace exists.
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

# The last entry of each workspace, so that a removal at the end is detected.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    info={WORKSPACES_ONLY_KEY: True},
)

# The users behind the aliases in a workspace's audit. An alias is a hash of id and salt: without this row it cannot be resolved.
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

# Up to which entry of a workspace's audit its members were notified, and when notifications of later entries are due.
notice_marks = Table(
    "notice_marks",
    metadata,
    Column("of_owner", ID, ForeignKey("owners.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    info={WORKSPACES_ONLY_KEY: True},
)
Index(None, notice_marks.c.due_at)

# How a member wants to be notified of reviews in a server.
notice_ways = Table(
    "notice_ways",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("guild_id", ID, primary_key=True),
    Column("way", String(12), nullable=False),
)
Index(None, notice_ways.c.guild_id)

# Statements that make a database refuse changes of the audit, by SQLAlchemy dialect.
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
for _dialect, _statements in AUDIT_TRIGGERS.items():
    for _statement in _statements:
        _ddl: DDL = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy does not type it.
        event.listen(audit, "after_create", _ddl.execute_if(dialect=_dialect))

# Servers that the bot is or was in. Some time after it was removed from one, data of the server and its channels is deleted;
# `channels` are the ids, separated by commas, of channels with preferences or shared items.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", ID, primary_key=True),
    Column("left_at", DateTime(timezone=True)),
    Column("channels", Text),
    # Whether its members may share items with its channels; those who manage the server always may.
    Column("lending", Boolean, nullable=False, server_default=false()),
    # The request limits that those who manage the server have set.
    Column("limits", String(200), nullable=False, server_default=text("''")),
)

# A workspace's settings: languages, voices, time zone, roles, and the purposes of its channels.
workspace_settings = Table(
    "workspace_settings",
    metadata,
    Column("owner_id", ID, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    info={WORKSPACES_ONLY_KEY: True},
)

# Polls of a workspace on variants of a user's result, deleted together with the first variant. `ballot_id` is the message to vote on,
# empty until it is posted. A closed poll stays until its result was shown.
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

# Votes by button. Discord stores those of its own polls.
poll_votes = Table(
    "poll_votes",
    metadata,
    Column("poll_id", ID, ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("choice", Integer, nullable=False),
)
Index(None, poll_votes.c.user_id)

# Scheduled posts, owned by the workspace of their channel, or by a user for direct messages. `user_id` is the user who scheduled
# it, `version` increases with each change.
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
    # The slot whose process has begun to post it, and when.
    Column("claimed_by", String(40)),
    Column("claimed_at", DateTime(timezone=True)),
    Column("message_id", ID),
    # Why it was not posted, and whether its author was notified of that.
    Column("reason", String(20), nullable=False, server_default=text("''")),
    Column("told", Boolean, nullable=False, server_default=true()),
    info={BOUND_KEY: ("user_id", "channel_id")},
)
Index(None, schedule.c.state, schedule.c.due_at)
Index(None, schedule.c.owner_id, schedule.c.due_at)
Index(None, schedule.c.user_id)
