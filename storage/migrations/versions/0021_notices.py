"""There is room for how far people were told of reviews, for how they want to be told, and for a review's second message."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for column in ("also_in", "also_as"):
        op.add_column("assets", sa.Column(column, sa.String(40)))
    op.create_table(
        "notice_marks",
        sa.Column("of_owner", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("of_owner", name="pk_notice_marks"),
        sa.ForeignKeyConstraint(["of_owner"], ["owners.owner_id"], name="fk_notice_marks_of_owner", ondelete="CASCADE"),
    )
    op.create_index("ix_notice_marks_due_at", "notice_marks", ["due_at"])
    op.create_table(
        "notice_ways",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("guild_id", sa.String(40), nullable=False),
        sa.Column("way", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "guild_id", name="pk_notice_ways"),
    )
    op.create_index("ix_notice_ways_guild_id", "notice_ways", ["guild_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("notice_ways")
    op.drop_table("notice_marks")
    for column in ("also_in", "also_as"):
        op.drop_column("assets", column)
