"""Counts the bytes stored for an owner, and limits them."""

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
    """The maximum number of bytes stored for a user and for a workspace, 0 for unlimited."""

    person: int = 0
    workspace: int = 0

    def get_limit(self, owner_id: str) -> int:
        """Return the maximum number of bytes for an owner, 0 for unlimited."""
        return self.workspace if is_workspace(owner_id) else self.person


UNLIMITED = ByteLimits()


async def count_bytes(connection: AsyncConnection, owner_id: str) -> int:
    """Count the bytes of an owner's results or assets with their versions, documents and learnt tables."""
    content_table = tables.assets if is_workspace(owner_id) else tables.generations
    versions, documents, passages, indexes = tables.asset_versions, tables.documents, tables.passages, tables.indexes
    is_owned = documents.c.owner_id == owner_id
    queries = [
        select(func.sum(func.length(content_table.c.sealed))).where(tables.get_owner_column(content_table) == owner_id),
        select(func.sum(func.length(versions.c.sealed))).where(versions.c.owner_id == owner_id),
        select(func.sum(func.length(passages.c.sealed))).join(documents).where(is_owned),
        select(func.sum(func.length(indexes.c.packed))).join(documents).where(is_owned),
        _select_table_bytes(owner_id, is_learnt=True),
    ]
    return sum([int(await connection.scalar(query) or 0) for query in queries])


async def count_pending_bytes(connection: AsyncConnection, owner_id: str) -> int:
    """Count the bytes of a user's tables being learnt, which are deleted when that ends."""
    return int(await connection.scalar(_select_table_bytes(owner_id, is_learnt=False)) or 0)


def _select_table_bytes(owner_id: str, *, is_learnt: bool) -> Select[tuple[int]]:
    parts, jobs = tables.made_table_parts, tables.made_tables
    condition = parts.c.part == "model" if is_learnt else parts.c.part != "model"
    return select(func.sum(func.length(parts.c.sealed))).join(jobs).where(jobs.c.user_id == owner_id, condition)


async def require_room(connection: AsyncConnection, owner_id: str, added_bytes: int, byte_limits: ByteLimits) -> None:
    """Raise StorageError if an owner has no room for `added_bytes` more."""
    max_bytes = byte_limits.get_limit(owner_id)
    if not max_bytes:
        return
    used_bytes = await count_bytes(connection, owner_id)
    if used_bytes + added_bytes > max_bytes:
        raise StorageError(_FULL_MESSAGE, used=round(used_bytes / MEGABYTE, 1), most=round(max_bytes / MEGABYTE, 1))
