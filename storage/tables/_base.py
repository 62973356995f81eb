"""The metadata of all tables, the keys of their `info`, and the columns of items that can be shared."""

from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# In a table's `info`: the plain columns that decide who sees a row. They are part of the purpose it is sealed for, so that
# changing one in the database makes the row unreadable instead of showing it to others.
BOUND_KEY = "bound"

# Discord's ids are stored as text: JavaScript, and so many JSON parsers, lose the last digits of 64-bit integers.
ID = String(40)

# In a table's `info`: the table's former name, which its rows are still sealed for.
SEALED_AS_KEY = "sealed_as"

# In a table's `info`: whether only workspaces own its rows, never users.
WORKSPACES_ONLY_KEY = "of_workspaces"


def create_owned_table(name: str, *columns: Column[Any]) -> Table:
    """Create a table of items that a user owns and can share with a channel or server (`scope`), or that a workspace owns.

    `given_by` is the user who gave an item to its workspace, until they are forgotten.
    """
    table = Table(
        name,
        metadata,
        Column("id", ID, primary_key=True),
        Column("owner_id", ID, nullable=False),
        Column("scope", String(60), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("given_by", ID),
        *columns,
        info={BOUND_KEY: ("scope",)},
    )
    for column in ("owner_id", "scope", "given_by"):
        Index(None, table.c[column])
    return table
