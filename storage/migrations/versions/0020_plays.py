"""There is room for cases that are played and personas that are interviewed, with what people say in them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "plays",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("guild_id", sa.String(40)),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("sort", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plays"),
    )
    for column in ("user_id", "guild_id", "channel_id", "state"):
        op.create_index(f"ix_plays_{column}", "plays", [column])
    op.create_table(
        "play_words",
        sa.Column("play_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("play_id", "user_id", "number", name="pk_play_words"),
        sa.ForeignKeyConstraint(["play_id"], ["plays.id"], name="fk_play_words_play_id", ondelete="CASCADE"),
    )
    op.create_index("ix_play_words_user_id", "play_words", ["user_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("play_words")
    op.drop_table("plays")
