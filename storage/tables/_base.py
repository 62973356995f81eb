"""What all tables share: their names, and how things are owned that may be lent."""

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

# Under this name a table's `info` tells which plain columns decide who sees a row: they are part of what it is sealed for, so
# that whoever changes one in the database makes the row unreadable instead of showing it to others.
BOUND_KEY = "bound"

# Discord's ids are kept as text: JSON and JavaScript readers lose the last digits of 64-bit numbers.
ID = String(40)

# Under this name a table's `info` tells by which name it stands in its seals, where that is another: it was called so once.
SEALED_AS_KEY = "sealed_as"

# Under this name a table's `info` tells that it holds rows of workspaces alone, and never a person's.
WORKSPACES_ONLY_KEY = "of_workspaces"


def create_owned_table(name: str, *more: Column[Any]) -> Table:
    """Things of a person's that may be lent to a channel or a server by their scope, and things of a workspace's.

    Who gave a thing to its workspace stands in `given_by`, until that person is forgotten.
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
        *more,
        info={BOUND_KEY: ("scope",)},
    )
    for column in ("owner_id", "scope", "given_by"):
        Index(None, table.c[column])
    return table
