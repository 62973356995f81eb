"""What is made and what it takes is counted by day, with what was made before, and so are notes on quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_COUNTS = ("requests", "accepted", "failed")
_AMOUNTS = ("tokens_in", "tokens_out", "estimated", "cost")

_ACCEPTED = """UPDATE generations SET accepted = star
    OR EXISTS (SELECT 1 FROM feedback WHERE generation_id = generations.id AND vote = 1)
    OR EXISTS (SELECT 1 FROM assets WHERE source_id = generations.id)
    WHERE kind <> ''"""
_COUNTED = """INSERT INTO usage
    (owner_id, day, user_id, kind, engine, requests, accepted, failed, tokens_in, tokens_out, estimated, cost, seconds)
    SELECT CASE WHEN coalesce(guild_id, '') = '' THEN user_id ELSE 'guild:' || guild_id END, DAY, user_id, kind, '',
    count(*), sum(CASE WHEN accepted THEN 1 ELSE 0 END), 0, 0, 0, 0, 0, 0
    FROM generations WHERE kind <> '' GROUP BY 1, 2, user_id, kind"""


def upgrade() -> None:
    """Apply. Of what was made before, requests and votes are known; what it took is not."""
    op.add_column("generations", sa.Column("accepted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("generations", sa.Column("material", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Of what was made before it is not known: what is large is looked at once.
    op.execute(sa.text("UPDATE generations SET material = true WHERE length(sealed) > 8000"))
    only = sa.text("material")
    op.create_index("ix_generations_material", "generations", ["created_at"], sqlite_where=only, postgresql_where=only)
    op.create_index("ix_assets_source_id", "assets", ["source_id"])
    op.create_table(
        "usage",
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("engine", sa.String(80), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _AMOUNTS),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "day", "user_id", "kind", "engine", name="pk_usage"),
    )
    op.create_index("ix_usage_user_id", "usage", ["user_id"])
    op.create_table(
        "failed_checks",
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "day", "name", name="pk_failed_checks"),
    )
    op.create_table(
        "quota_notes",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("guild_id", _ID, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "guild_id", "name", name="pk_quota_notes"),
    )
    op.create_index("ix_quota_notes_day", "quota_notes", ["day"])
    op.execute(sa.text(_ACCEPTED))
    day = "(created_at AT TIME ZONE 'UTC')::date" if op.get_bind().dialect.name == "postgresql" else "date(created_at)"
    op.execute(_COUNTED.replace("DAY", day))


def downgrade() -> None:
    """Take back."""
    for name in ("quota_notes", "failed_checks", "usage"):
        op.drop_table(name)
    op.drop_index("ix_assets_source_id", "assets")
    op.drop_index("ix_generations_material", "generations")
    for name in ("material", "accepted"):
        op.drop_column("generations", name)
