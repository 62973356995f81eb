"""Assets have versions and a review, and a workspace an audit that is only added to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID, _MOMENT = sa.String(40), sa.DateTime(timezone=True)
# As they stand in tables for new files.
_KEPT = {
    "sqlite": (
        "CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END",
        "CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit "
        "WHEN EXISTS (SELECT 1 FROM owners WHERE owner_id = OLD.of_owner) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM owners WHERE owner_id = OLD.of_owner) THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'the audit is only added to'; END $$",
        "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_added_to()",
    ),
}


def _of(column: str, table: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [parent], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    """Apply."""
    op.add_column("assets", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")))
    for name in ("shown_in", "shown_as"):
        op.add_column("assets", sa.Column(name, _ID, nullable=True))
    op.create_table(
        "asset_versions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("asset_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("given_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_asset_versions"),
        _of("asset_id", "asset_versions", "assets.id"),
    )
    for column in ("owner_id", "asset_id", "given_by"):
        op.create_index(f"ix_asset_versions_{column}", "asset_versions", [column])
    op.create_table(
        "review_marks",
        sa.Column("asset_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "user_id", "act", name="pk_review_marks"),
        _of("asset_id", "review_marks", "assets.id"),
    )
    for column in ("owner_id", "user_id"):
        op.create_index(f"ix_review_marks_{column}", "review_marks", [column])
    op.create_table(
        "audit",
        sa.Column("of_owner", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("about", _ID, nullable=False),
        sa.Column("who", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("of_owner", "number", name="pk_audit"),
        _of("of_owner", "audit", "owners.owner_id"),
    )
    for column in ("about", "who"):
        op.create_index(f"ix_audit_of_owner_{column}_number", "audit", ["of_owner", column, "number"])
    op.create_table(
        "audit_heads",
        sa.Column("of_owner", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("of_owner", name="pk_audit_heads"),
        _of("of_owner", "audit_heads", "owners.owner_id"),
    )
    op.create_table(
        "aliases",
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("alias", _ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "user_id", name="pk_aliases"),
    )
    for column in ("user_id", "alias"):
        op.create_index(f"ix_aliases_{column}", "aliases", [column])
    for statement in _KEPT[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("aliases", "audit_heads", "audit", "review_marks", "asset_versions"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_added_to()")
    for name in ("shown_as", "shown_in", "version"):
        op.drop_column("assets", name)
