"""Room for signs of taste, votes of each profile, documents' indexes, pauses, and what belongs to a server's channels."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID, _MOMENT = sa.String(40), sa.DateTime(timezone=True)
_OLD_VOTES, _VOTES = ("user_id", "kind", "updated_at"), ("user_id", "profile", "kind", "vote", "updated_at")


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("paused_at", _MOMENT, nullable=True))
    op.add_column("guilds", sa.Column("channels", sa.Text(), nullable=True))
    op.add_column("generations", sa.Column("channel_id", _ID, nullable=True))
    for table in ("generations", "feedback"):
        # What was made before there were several profiles is the first one's, whose id is empty.
        op.add_column(table, sa.Column("profile", _ID, nullable=False, server_default=sa.text("''")))
    op.drop_index(f"ix_feedback_{'_'.join(_OLD_VOTES)}", "feedback")
    op.create_index(f"ix_feedback_{'_'.join(_VOTES)}", "feedback", list(_VOTES))
    op.create_table(
        "signals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
    )
    op.create_index("ix_signals_user_id_created_at", "signals", ["user_id", "created_at"])
    op.create_table(
        "indexes",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_indexes"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_indexes_document_id", ondelete="CASCADE"),
    )
    op.create_table(
        "departures",
        sa.Column("guild_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("left_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name="pk_departures"),
    )
    op.create_index("ix_departures_user_id", "departures", ["user_id"])


def downgrade() -> None:
    """Take back the tables and columns."""
    for table in ("departures", "indexes", "signals"):
        op.drop_table(table)
    op.drop_index(f"ix_feedback_{'_'.join(_VOTES)}", "feedback")
    op.create_index(f"ix_feedback_{'_'.join(_OLD_VOTES)}", "feedback", list(_OLD_VOTES))
    for table, column in (
        ("feedback", "profile"),
        ("generations", "profile"),
        ("generations", "channel_id"),
        ("guilds", "channels"),
        ("users", "paused_at"),
    ):
        op.drop_column(table, column)
