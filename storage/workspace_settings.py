"""Workspaces' settings, as JSON whose schema is the caller's, sealed with the workspace's key."""

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
# Built once, because building a query takes longer than running it.
_SETTINGS_QUERY = select_with_keys(tables.workspace_settings).where(
    tables.workspace_settings.c.owner_id == bindparam("owner")
)


@shield_methods
class WorkspaceSettings:
    """Settings by server. Callers check permissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, guild_id: str) -> dict[str, Any]:
        """Return a server's settings; empty if there are none or they were tampered with."""
        async with self._database.read() as connection:
            return (await self._load(connection, guild_id))[1] or {}

    async def is_damaged(self, guild_id: str) -> bool:
        """Return whether a server has settings that were tampered with."""
        async with self._database.read() as connection:
            exist, settings = await self._load(connection, guild_id)
        return exist and settings is None

    async def change(self, guild_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Apply a change to a server's settings in one transaction; return the new settings.

        `change` may run while other processes wait, so it must be quick and pure.
        """
        owner_id, table = workspace(guild_id), tables.workspace_settings
        async with self._database.write(f"settings {owner_id}") as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            settings = change((await self._load(connection, guild_id))[1] or {})
            values = {"sealed": key.seal(settings, _PURPOSE), "updated_at": datetime.now(UTC)}
            await connection.execute(insert_or_update(connection, table, {"owner_id": owner_id}, values))
        return settings

    async def _load(self, connection: AsyncConnection, guild_id: str) -> tuple[bool, dict[str, Any] | None]:
        """Return whether a server has settings, and the settings, None if they cannot be decrypted."""
        row = (await connection.execute(_SETTINGS_QUERY, {"owner": workspace(guild_id)})).one_or_none()
        if row is None:
            return False, None
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        return True, open_or_none(key, row.sealed, _PURPOSE)
