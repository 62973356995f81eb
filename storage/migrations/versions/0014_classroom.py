"""There is room for quizzes that are played and worked on, the answers in them, and what these say about what people know."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "games",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("sort", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_games"),
        sa.ForeignKeyConstraint(["parent_id"], ["games.id"], name="fk_games_parent_id", ondelete="CASCADE"),
    )
    for column in ("owner_id", "user_id", "parent_id", "channel_id"):
        op.create_index(f"ix_games_{column}", "games", [column])
    op.create_index("ix_games_sort_state", "games", ["sort", "state"])
    op.create_table(
        "game_answers",
        sa.Column("game_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("click_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("game_id", "user_id", "number", name="pk_game_answers"),
        sa.ForeignKeyConstraint(["game_id"], ["games.id"], name="fk_game_answers_game_id", ondelete="CASCADE"),
    )
    op.create_index("ix_game_answers_user_id", "game_answers", ["user_id"])
    op.create_table(
        "mastery",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mastery"),
    )
    op.create_index("ix_mastery_owner_id_user_id", "mastery", ["owner_id", "user_id"], unique=True)
    op.create_index("ix_mastery_user_id", "mastery", ["user_id"])


def downgrade() -> None:
    """Take back."""
    for table in ("mastery", "game_answers", "games"):
        op.drop_table(table)
