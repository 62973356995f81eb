"""How much is kept of somebody is summed up from an index; results that hold material are found by whose they are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ONLY = sa.text("material")


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_generations_size", "generations", ["user_id", sa.text("length(sealed)")])
    op.drop_index("ix_generations_material", "generations")
    op.create_index(
        "ix_generations_material", "generations", ["user_id", "created_at"], sqlite_where=_ONLY, postgresql_where=_ONLY
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_generations_material", "generations")
    op.create_index(
        "ix_generations_material", "generations", ["created_at"], sqlite_where=_ONLY, postgresql_where=_ONLY
    )
    op.drop_index("ix_generations_size", "generations")
