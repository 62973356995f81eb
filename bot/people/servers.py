"""The service for servers that the bot joins and leaves, for the retention of their data, and for sharing in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store import Store
from storage.retention import LEFT_RETENTION, ServerCounts


@dataclass(frozen=True, slots=True)
class Servers:
    """The service for servers. Callers check permissions."""

    store: Store

    async def record_current(self, guild_ids: Sequence[str], serves: Callable[[str], bool]) -> None:
        """Record the servers that the bot is in; all others that this process `serves` count as left."""
        await self.store.retention.record_guilds(guild_ids, serves=serves)

    async def record_join(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """Record that the bot has joined a server, which cancels the deletion of its data."""
        await self.store.retention.record_join(guild_id, channel_ids)

    async def record_leave(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """Record that the bot has left a server, which schedules its data for deletion in 30 days."""
        await self.store.retention.record_removal(guild_id, channel_ids)

    async def list_channels(self, since: datetime, limit: int) -> list[tuple[str, str | None]]:
        """Return the channels with stored results since a moment, with their servers, most recent first."""
        return await self.store.retention.list_channels(since, limit)

    async def record_members(self, guild_id: str, is_member: Callable[[str], Awaitable[bool]], now: datetime) -> None:
        """Check and record whether users without recent requests in a server are still members.

        Recently active users are skipped, to save a call to Discord for each of them every day.
        """
        for user_id in await self.store.retention.list_inactive_members(guild_id, now - LEFT_RETENTION):
            await self.store.retention.record_membership(guild_id, user_id, is_member=await is_member(user_id), now=now)

    async def count(self, guild_id: str, channel_ids: Sequence[str]) -> tuple[ServerCounts, dict[str, int]]:
        """Count the data stored for a server and its channels, and the server's own data by table."""
        return await self.store.retention.count_rows(guild_id, channel_ids), await self.count_workspace_rows(guild_id)

    async def count_workspace_rows(self, guild_id: str) -> dict[str, int]:
        """Count the server's own data by table."""
        return await self.store.workspaces.count_rows(guild_id)

    async def allow_sharing(self, guild_id: str, *, allowed: bool) -> None:
        """Set whether members may share personas, brands and documents with a server and its channels."""
        await self.store.retention.allow_sharing(guild_id, allowed=allowed)

    async def is_sharing_allowed(self, guild_id: str) -> bool:
        """Return whether members may share with a server and its channels."""
        return await self.store.retention.is_sharing_allowed(guild_id)

    async def count_bytes(self, owner_id: str) -> int:
        """Return the number of bytes stored for a user or a workspace."""
        return await self.store.retention.count_bytes(owner_id)
