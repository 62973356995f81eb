"""Assets: results that their authors gave to a workspace."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from . import tables, usage
from .byte_limits import UNLIMITED, ByteLimits, require_room
from .database import Database
from .errors import StorageError
from .owners import is_workspace
from .shielding import shield_methods
from .statements import insert_or_leave

MAX_ASSETS = 200_000
# The statuses of an entry of a library.
DRAFT, SUBMITTED, APPROVED, SCHEDULED, PUBLISHED, ARCHIVED = STATUSES = (
    "draft",
    "submitted",
    "approved",
    "scheduled",
    "published",
    "archived",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A result that a user gives to a workspace.

    `source_id` is the result that it is created from, `given_by` its author, `to_check` the writer's caveat. `parts`, `request`
    (without the author) and `checks` are JSON values whose schemas are the callers'.
    """

    kind: str
    title: str
    text: str
    parts: dict[str, Any]
    request: dict[str, Any]
    checks: list[dict[str, Any]]
    source_id: str
    given_by: str
    brand: str = ""
    to_check: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


_SEALED_FIELDS = ("title", "text", "parts", "request", "checks", "to_check")


@shield_methods
class Assets:
    """Assets by workspace. Callers check permissions. `Entries` reads them."""

    def __init__(self, database: Database, max_assets: int = MAX_ASSETS, byte_limits: ByteLimits = UNLIMITED) -> None:
        self._database, self._max_assets, self._byte_limits = database, max_assets, byte_limits

    async def add(self, owner_id: str, asset: Asset) -> bool:
        """Store an asset of a workspace, unless it has one from the same result; return whether it was stored.

        Raises:
            PausedError: the author has paused storage.
            StorageError: the workspace has reached the maximum number or bytes of assets, or the owner is no workspace.
        """
        if not is_workspace(owner_id):
            raise StorageError("Only servers have a library of their own.")
        table = tables.assets
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            # Raises if the author has paused storage.
            await self._database.owners.require_key(connection, asset.given_by)
            query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
            if int(await connection.scalar(query) or 0) >= self._max_assets:
                raise StorageError(
                    "I can keep up to {most} of these for a server. Delete one that is no longer needed.",
                    most=self._max_assets,
                )
            fields = {name: getattr(asset, name) for name in _SEALED_FIELDS}
            values = {
                "id": asset.id,
                "owner_id": owner_id,
                "scope": owner_id,
                "given_by": asset.given_by,
                "kind": asset.kind,
                "brand": asset.brand,
                "source_id": asset.source_id,
                "created_at": asset.created_at,
                "updated_at": asset.created_at,
            }
            values["sealed"] = sealed = key.seal(fields, tables.build_purpose(table, values))
            await require_room(connection, owner_id, len(sealed), self._byte_limits)
            result = await connection.execute(insert_or_leave(connection, table, values))
            if result.rowcount:
                await usage.update_acceptance(connection, asset.source_id)
        return bool(result.rowcount)

    async def find_by_source(self, owner_id: str, source_id: str) -> str:
        """Return the id of a workspace's asset from a result, empty if there is none."""
        table = tables.assets
        query = select(table.c.id).where(table.c.owner_id == owner_id, table.c.source_id == source_id)
        async with self._database.read() as connection:
            return str(await connection.scalar(query) or "")
