"""How many bytes are stored for an owner, and how many may be: for a user, and for a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .errors import StorageError
from .owners import is_workspace

MEGABYTE = 1_000_000
_FULL_MESSAGE = (
    "There is no room for that: {used} MB of {most} MB are in use. Delete documents, results or learnt tables "
    "that are no longer needed."
)


@dataclass(frozen=True, slots=True)
class ByteLimits:
    """The most bytes stored for one user and for one workspace, 0 for any number."""

    person: int = 0
    workspace: int = 0

    def get_limit(self, owner_id: str) -> int:
        """Return the most bytes stored for an owner."""
        return self.workspace if is_workspace(owner_id) else self.person


UNLIMITED = ByteLimits()


async def count_bytes(connection: AsyncConnection, owner_id: str) -> int:
    """Count the bytes of an owner's results, or assets, documents and learnt tables."""
    content_table = tables.assets if is_workspace(owner_id) else tables.generations
    documents, passages, indexes = tables.documents, tables.passages, tables.indexes
    condition = documents.c.owner_id == owner_id
    sizes = [
        select(func.sum(func.length(content_table.c.sealed))).where(tables.get_owner_column(content_table) == owner_id),
        select(func.sum(func.length(passages.c.sealed))).join(documents).where(condition),
        select(func.sum(func.length(indexes.c.packed))).join(documents).where(condition),
        _select_table_bytes(owner_id, learnt=True),
    ]
    return sum([int(await connection.scalar(size) or 0) for size in sizes])


async def count_pending_bytes(connection: AsyncConnection, owner_id: str) -> int:
    """Count the bytes of a user's tables to be learnt, which are deleted by themselves."""
    return int(await connection.scalar(_select_table_bytes(owner_id, learnt=False)) or 0)


def _select_table_bytes(owner_id: str, *, learnt: bool) -> Select[tuple[int]]:
    parts, jobs = tables.made_table_parts, tables.made_tables
    which = (parts.c.part == "model") == learnt
    return select(func.sum(func.length(parts.c.sealed))).join(jobs).where(jobs.c.user_id == owner_id, which)


async def require_room(connection: AsyncConnection, owner_id: str, added_bytes: int, room: ByteLimits) -> None:
    """Raise StorageError if an owner has no room for `added_bytes` more."""
    most = room.get_limit(owner_id)
    if not most:
        return
    used_bytes = await count_bytes(connection, owner_id)
    if used_bytes + added_bytes > most:
        raise StorageError(_FULL_MESSAGE, used=round(used_bytes / MEGABYTE, 1), most=round(most / MEGABYTE, 1))
