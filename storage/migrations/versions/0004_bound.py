"""Seals hold who sees a row; there is room for who was forgotten, for what servers have set, and for slots' leases."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from storage.crypto import Keyring
from storage.errors import StorageError

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The columns that decide who sees a row, by table.
_BOUND = {
    "preferences": ("scope", "profile"),
    "generations": ("guild_id", "channel_id"),
    "brands": ("scope",),
    "own_personas": ("scope",),
    "documents": ("scope",),
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "forgotten",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending", sa.String(120), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("name", name="pk_forgotten"),
    )
    op.add_column("guilds", sa.Column("lending", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("guilds", sa.Column("limits", sa.String(200), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "leases",
        sa.Column("slot", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slot", name="pk_leases"),
    )
    _seal_anew(bound=True)


def downgrade() -> None:
    """Take back."""
    op.drop_table("leases")
    _seal_anew(bound=False)
    op.drop_column("guilds", "limits")
    op.drop_column("guilds", "lending")
    op.drop_table("forgotten")


def _seal_anew(*, bound: bool) -> None:
    """Seals every row for the columns that decide who sees it too, or for its id alone."""
    bind, known = op.get_bind(), sa.MetaData()
    known.reflect(bind, only=["users", *_BOUND])
    keys: Keyring | None = context.config.attributes.get("keys")
    users = {row.user_id: row for row in bind.execute(sa.select(known.tables["users"]))}
    for name, columns in _BOUND.items():
        table = known.tables[name]
        for row in bind.execute(sa.select(table)).all():
            assert keys is not None, "sealing what there is needs the operator's keys: run quillmate db upgrade"
            purposes = _purpose(name, row, ()), _purpose(name, row, columns)
            old, new = purposes if bound else purposes[::-1]
            owner = users.get(row.user_id)
            try:
                key = keys.unwrap(row.user_id, owner.wrapped_key, owner.key_id) if owner else None
                sealed = key.seal_bytes(key.open_bytes(row.sealed, old), new) if key else row.sealed
            except StorageError:
                continue  # Its key is lost, or it was changed; it stays what it is: unreadable.
            bind.execute(table.update().where(table.c.id == row.id).values(sealed=sealed))


def _purpose(name: str, row: Any, columns: tuple[str, ...]) -> str:
    return "/".join([name, row.id, *(str(getattr(row, column) or "") for column in columns)])
