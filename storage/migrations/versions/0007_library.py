"""A library: assets of a workspace's, collections, what is found how; and what owners do with their results."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID, _MOMENT = sa.String(40), sa.DateTime(timezone=True)
_FOUND_BY = tuple(("owner_id", name, "created_at") for name in ("shelf", "kind", "star"))
_MARKS = ("star", "status", "collection_id", "brand", "shelf")


def _status() -> sa.Column[str]:
    return sa.Column("status", sa.String(12), nullable=False, server_default=sa.text("'draft'"))


def upgrade() -> None:
    """Apply. What was made before stands on no shelf until somebody searches for it."""
    op.add_column("generations", sa.Column("star", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("generations", _status())
    for name in ("collection_id", "brand", "shelf"):
        op.add_column("generations", sa.Column(name, _ID, nullable=True))
    op.create_index("ix_generations_user_id_shelf_created_at", "generations", ["user_id", "shelf", "created_at"])
    for name in ("kind", "star"):
        op.create_index(f"ix_generations_user_id_{name}_created_at", "generations", ["user_id", name, "created_at"])
    op.create_table(
        "assets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("scope", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("given_by", _ID, nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("brand", _ID, nullable=False, server_default=sa.text("''")),
        _status(),
        sa.Column("star", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("collection_id", _ID, nullable=True),
        sa.Column("source_id", _ID, nullable=True),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("shelf", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
    )
    for columns in (("owner_id",), ("scope",), ("given_by",), ("owner_id", "created_at"), *_FOUND_BY):
        op.create_index(f"ix_assets_{'_'.join(columns)}", "assets", list(columns))
    op.create_index("ix_assets_owner_id_source_id", "assets", ["owner_id", "source_id"], unique=True)
    op.create_table(
        "collections",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
    )
    op.create_index("ix_collections_owner_id", "collections", ["owner_id"])
    op.create_table(
        "shelves",
        sa.Column("id", _ID, nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("of_owner", _ID, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "piece", name="pk_shelves"),
        sa.ForeignKeyConstraint(["of_owner"], ["owners.owner_id"], name="fk_shelves_of_owner", ondelete="CASCADE"),
    )
    op.create_index("ix_shelves_of_owner_piece", "shelves", ["of_owner", "piece"])


def downgrade() -> None:
    """Take back the tables and columns."""
    for table in ("shelves", "collections", "assets"):
        op.drop_table(table)
    for name in ("shelf", "kind", "star"):
        op.drop_index(f"ix_generations_user_id_{name}_created_at", "generations")
    for name in _MARKS:
        op.drop_column("generations", name)
