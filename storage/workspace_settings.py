"""What is set for each workspace, as its service writes it; sealed with the workspace's own key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .damage import open_or_none
from .database import Database
from .owned_items import select_with_keys
from .owners import workspace
from .shielding import shield_methods
from .statements import insert_or_update

_PURPOSE = tables.build_purpose(tables.workspace_settings, {})
# Read twice a request, and built once, which costs more than reading.
_OF_OWNER = select_with_keys(tables.workspace_settings).where(
    tables.workspace_settings.c.owner_id == bindparam("owner")
)


@shield_methods
class WorkspaceSettings:
    """What is set for each server. Every call names it; whether somebody may make the call is their caller's matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: str) -> dict[str, Any]:
        """What is set for a workspace; nothing where that was changed in the database."""
        async with self._database.read() as connection:
            return (await self._load(connection, guild_id))[1] or {}

    async def is_damaged(self, guild_id: str) -> bool:
        """Whether something is set for a workspace that cannot be read, as it was changed in the database."""
        async with self._database.read() as connection:
            there, found = await self._load(connection, guild_id)
        return there and found is None

    async def change(self, guild_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Applies a change to what is set for a workspace and saves it, as one transaction; gives what is set then.

        `change` may run while other processes wait, so it must be quick and pure.
        """
        owner_id, table = workspace(guild_id), tables.workspace_settings
        async with self._database.write(f"settings {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            changed = change((await self._load(connection, guild_id))[1] or {})
            values = {"sealed": key.seal(changed, _PURPOSE), "updated_at": datetime.now(UTC)}
            await connection.execute(insert_or_update(connection, table, {"owner_id": owner_id}, values))
        return changed

    async def _load(self, connection: AsyncConnection, guild_id: str) -> tuple[bool, dict[str, Any] | None]:
        """Whether something is set for a workspace, and what that is; None where it cannot be read."""
        row = (await connection.execute(_OF_OWNER, {"owner": workspace(guild_id)})).one_or_none()
        if row is None:
            return False, None
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        return True, open_or_none(key, row.sealed, _PURPOSE)
