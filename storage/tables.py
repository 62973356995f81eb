"""The tables. A change here goes with a migration in migrations/versions/."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Discord's ids are kept as text: JSON and JavaScript readers lose the last digits of 64-bit numbers.
_ID = String(40)

profiles = Table(
    "profiles",
    metadata,
    Column("user_id", _ID, primary_key=True),
    Column("data", JSON, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

personas = Table(
    "personas",
    metadata,
    Column("user_id", _ID, primary_key=True),
    Column("persona", String(60), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

generations = Table(
    "generations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("parent_id", _ID, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("kind", String(40), nullable=False),
    Column("request", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("checks", JSON, nullable=False),
    Column("persona", String(60), nullable=False),
    Column("engine", String(120), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index(None, generations.c.user_id, generations.c.created_at)
Index(None, generations.c.parent_id)

feedback = Table(
    "feedback",
    metadata,
    Column("generation_id", _ID, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("vote", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
