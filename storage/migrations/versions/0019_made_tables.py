"""There is room for tables that rows are made up after."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "made_tables",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("guild_id", sa.String(40)),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_made_tables"),
    )
    op.create_index("ix_made_tables_user_id", "made_tables", ["user_id"])
    op.create_index("ix_made_tables_state", "made_tables", ["state"])
    op.create_table(
        "made_table_parts",
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("part", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "part", name="pk_made_table_parts"),
        sa.ForeignKeyConstraint(["job_id"], ["made_tables.id"], name="fk_made_table_parts_job_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("made_table_parts")
    op.drop_table("made_tables")
