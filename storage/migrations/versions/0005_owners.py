"""Workspaces own things as people do: keys are of owners, and a thing of a workspace's tells who gave it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LENDABLE = ("brands", "own_personas", "documents")
_WORKSPACES = "guild:%"


def upgrade() -> None:
    """Apply. Seals stay as they are: of a person they hold the same id as before."""
    op.drop_index("ix_users_seen_at", "users")
    op.rename_table("users", "owners")
    _rename_key("users", "owners")
    _rename("owners", "user_id", "owner_id")
    op.create_index("ix_owners_seen_at", "owners", ["seen_at"])
    for name in _LENDABLE:
        op.drop_index(f"ix_{name}_user_id", name)
        _rename(name, "user_id", "owner_id")
        op.add_column(name, sa.Column("given_by", sa.String(40), nullable=True))
        for column in ("owner_id", "given_by"):
            op.create_index(f"ix_{name}_{column}", name, [column])


def downgrade() -> None:
    """Take back. What workspaces own goes, as nobody could open it any more."""
    for name in _LENDABLE:
        op.execute(sa.text(f"DELETE FROM {name} WHERE owner_id LIKE '{_WORKSPACES}'"))  # noqa: S608 - our own names
        for column in ("owner_id", "given_by"):
            op.drop_index(f"ix_{name}_{column}", name)
        op.drop_column(name, "given_by")
        _rename(name, "owner_id", "user_id")
        op.create_index(f"ix_{name}_user_id", name, ["user_id"])
    op.execute(sa.text(f"DELETE FROM owners WHERE owner_id LIKE '{_WORKSPACES}'"))  # noqa: S608
    op.drop_index("ix_owners_seen_at", "owners")
    _rename("owners", "owner_id", "user_id")
    op.rename_table("owners", "users")
    _rename_key("owners", "users")
    op.create_index("ix_users_seen_at", "users", ["seen_at"])


def _rename(table: str, old: str, new: str) -> None:
    """Renames a column in place: on SQLite Alembic would copy the table, and what hangs on the old one would go with it."""
    op.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}"))


def _rename_key(old: str, new: str) -> None:
    """Names the primary key like its table, where it has a name of its own in the database."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(f"ALTER INDEX pk_{old} RENAME TO pk_{new}"))
