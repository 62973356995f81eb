"""What people wrote is sealed with a key of each, profiles become ledgers, and there is room for brands and documents."""

import secrets
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from storage.crypto import Keyring, OwnerKey

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID, _MOMENT, _NAME = sa.String(40), sa.DateTime(timezone=True), sa.String(60)
_OLD = ("request", "text", "parts", "checks", "persona", "engine", "seed", "seconds")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "users",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
    )
    op.create_index("ix_users_seen_at", "users", ["seen_at"])
    op.create_table(
        "preferences",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("profile", _ID, nullable=False),
        sa.Column("scope", _NAME, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
    )
    op.create_index("ix_preferences_user_id_ended_at", "preferences", ["user_id", "ended_at"])
    op.create_index("ix_preferences_scope", "preferences", ["scope"])
    for name in ("brands", "own_personas", "documents"):
        op.create_table(
            name,
            sa.Column("id", _ID, nullable=False),
            sa.Column("user_id", _ID, nullable=False),
            sa.Column("scope", _NAME, nullable=False),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.Column("created_at", _MOMENT, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
        op.create_index(f"ix_{name}_user_id", name, ["user_id"])
        op.create_index(f"ix_{name}_scope", name, ["scope"])
    op.create_table(
        "passages",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "position", name="pk_passages"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_passages_document_id", ondelete="CASCADE"),
    )
    op.create_table(
        "guilds",
        sa.Column("guild_id", _ID, nullable=False),
        sa.Column("left_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guilds"),
    )
    # Copies without constraints, since the names of those are wanted anew.
    for name in ("generations", "feedback"):
        op.execute(f"CREATE TABLE old_{name} AS SELECT * FROM {name}")  # noqa: S608 - our own names
    for name in ("feedback", "generations"):
        op.drop_table(name)
    op.create_table(
        "generations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("parent_id", _ID, nullable=True),
        sa.Column("guild_id", _ID, nullable=True),
        sa.Column("kind", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["generations.id"], name="fk_generations_parent_id", ondelete="SET NULL"
        ),
    )
    for columns in (("user_id", "created_at"), ("parent_id",), ("guild_id",), ("created_at",)):
        op.create_index(f"ix_generations_{'_'.join(columns)}", "generations", list(columns))
    op.create_table(
        "feedback",
        sa.Column("generation_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("kind", _ID, nullable=False),
        sa.Column("vote", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "user_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_feedback_generation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_feedback_user_id_kind_updated_at", "feedback", ["user_id", "kind", "updated_at"])
    _seal()
    for name in ("profiles", "personas", "old_generations", "old_feedback"):
        op.drop_table(name)


def _seal() -> None:
    """Seals all that stood in plain text."""
    bind, new = op.get_bind(), sa.MetaData()
    new.reflect(bind, only=["users", "preferences", "generations", "feedback"])
    users, preferences, generations, feedback = (
        new.tables[name] for name in ("users", "preferences", "generations", "feedback")
    )
    profiles = sa.table("profiles", sa.column("user_id"), sa.column("data", sa.JSON), sa.column("updated_at", _MOMENT))
    personas = sa.table("personas", sa.column("user_id"), sa.column("persona"))
    kinds: dict[str, Any] = {"request": sa.JSON, "parts": sa.JSON, "checks": sa.JSON}
    columns = [sa.column(name, kinds.get(name)) for name in ("id", "user_id", "parent_id", "kind", *_OLD)]
    results = sa.table("old_generations", *columns, sa.column("created_at", _MOMENT))
    names = ("generation_id", "user_id", "vote")
    votes = sa.table("old_feedback", *map(sa.column, names), sa.column("updated_at", _MOMENT))
    keys: Keyring | None = context.config.attributes.get("keys")
    people: dict[str, OwnerKey] = {}
    now = datetime.now(UTC)

    def person(user_id: str) -> OwnerKey:
        if user_id not in people:
            assert keys is not None, "sealing what there is needs the operator's keys: run quillmate db upgrade"
            key, wrapped, key_id = keys.create_owner_key(user_id)
            values = {"wrapped_key": wrapped, "key_id": key_id, "created_at": now, "seen_at": now}
            bind.execute(users.insert().values(user_id=user_id, **values))
            people[user_id] = key
        return people[user_id]

    for row in bind.execute(sa.select(profiles)).all():
        for field, value in row.data.items():
            name = secrets.token_hex(8)
            entry = {"field": field, "value": value, "origin": "told", "evidence": "", "confidence": 1.0}
            values = {"sealed": person(row.user_id).seal(entry, f"preferences/{name}"), "created_at": row.updated_at}
            bind.execute(preferences.insert().values(id=name, user_id=row.user_id, profile="", scope="me", **values))
    for row in bind.execute(sa.select(personas)).all():
        sealed = person(row.user_id).seal({"persona": row.persona}, "users")
        bind.execute(users.update().where(users.c.user_id == row.user_id).values(sealed=sealed))
    # Oldest first, so that a parent stands before its children.
    for row in bind.execute(sa.select(results).order_by(results.c.created_at)).all():
        sealed = person(row.user_id).seal({name: getattr(row, name) for name in _OLD}, f"generations/{row.id}")
        plain = {name: getattr(row, name) for name in ("id", "user_id", "kind", "created_at")}
        bind.execute(generations.insert().values(**plain, sealed=sealed))
    for row in bind.execute(sa.select(results).where(results.c.parent_id.is_not(None))).all():
        bind.execute(generations.update().where(generations.c.id == row.id).values(parent_id=row.parent_id))
    of_votes = sa.select(votes, results.c.kind).join(results, results.c.id == votes.c.generation_id)
    for row in bind.execute(of_votes).all():
        bind.execute(feedback.insert().values(**row._mapping))


def downgrade() -> None:
    """Take back the tables. What is sealed is not opened again, so it goes with them."""
    for table in ("guilds", "passages", "documents", "own_personas", "brands", "preferences", "users"):
        op.drop_table(table)
    for table in ("feedback", "generations"):
        op.drop_table(table)
    import_module("storage.migrations.versions.0001_first_tables").upgrade()
