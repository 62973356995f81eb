"""How many bytes are kept of an owner, and how many may be: of a person, and of a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .errors import StorageError
from .owners import is_workspace

MEGABYTE = 1_000_000
_FULL = (
    "There is no room for that: {used} MB of {most} MB are in use. Delete documents, results or learnt tables "
    "that are no longer needed."
)


@dataclass(frozen=True, slots=True)
class Room:
    """The most bytes that are kept of one person and of one workspace, 0 for any number."""

    person: int = 0
    workspace: int = 0

    def of(self, owner_id: str) -> int:
        """The most that are kept of an owner."""
        return self.workspace if is_workspace(owner_id) else self.person


UNLIMITED = Room()


async def kept(connection: AsyncConnection, owner_id: str) -> int:
    """The bytes of an owner's results, or assets, and documents, and of what was learnt of tables."""
    made = tables.assets if is_workspace(owner_id) else tables.generations
    documents, passages, indexes = tables.documents, tables.passages, tables.indexes
    mine = documents.c.owner_id == owner_id
    sizes = [
        select(func.sum(func.length(made.c.sealed))).where(tables.owner_of(made) == owner_id),
        select(func.sum(func.length(passages.c.sealed))).join(documents).where(mine),
        select(func.sum(func.length(indexes.c.packed))).join(documents).where(mine),
        _of_tables(owner_id, learnt=True),
    ]
    return sum([int(await connection.scalar(size) or 0) for size in sizes])


async def under_way(connection: AsyncConnection, owner_id: str) -> int:
    """The bytes of a person's tables that are to be learnt, which go by themselves."""
    return int(await connection.scalar(_of_tables(owner_id, learnt=False)) or 0)


def _of_tables(owner_id: str, *, learnt: bool) -> Select[tuple[int]]:
    parts, jobs = tables.made_table_parts, tables.made_tables
    which = (parts.c.part == "model") == learnt
    return select(func.sum(func.length(parts.c.sealed))).join(jobs).where(jobs.c.user_id == owner_id, which)


async def refuse_full(connection: AsyncConnection, owner_id: str, more: int, room: Room) -> None:
    """Raises StorageError where so many more bytes of an owner's are too many."""
    most = room.of(owner_id)
    if not most:
        return
    used = await kept(connection, owner_id)
    if used + more > most:
        raise StorageError(_FULL, used=round(used / MEGABYTE, 1), most=round(most / MEGABYTE, 1))
