"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    identifier, moment = sa.String(40), sa.DateTime(timezone=True)
    op.create_table(
        "profiles",
        sa.Column("user_id", identifier, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_profiles"),
    )
    op.create_table(
        "personas",
        sa.Column("user_id", identifier, nullable=False),
        sa.Column("persona", sa.String(60), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_personas"),
    )
    op.create_table(
        "generations",
        sa.Column("id", identifier, nullable=False),
        sa.Column("user_id", identifier, nullable=False),
        sa.Column("parent_id", identifier, nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("persona", sa.String(60), nullable=False),
        sa.Column("engine", sa.String(120), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["generations.id"], name="fk_generations_parent_id", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_generations_user_id_created_at", "generations", ["user_id", "created_at"])
    op.create_index("ix_generations_parent_id", "generations", ["parent_id"])
    op.create_table(
        "feedback",
        sa.Column("generation_id", identifier, nullable=False),
        sa.Column("user_id", identifier, nullable=False),
        sa.Column("vote", sa.Integer(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "user_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_feedback_generation_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("feedback", "generations", "personas", "profiles"):
        op.drop_table(table)
