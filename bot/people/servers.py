"""Servers joining and leaving, retention of their members' data, and sharing in servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store import Store
from storage.retention import LEFT_RETENTION, ServerCounts


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers by id. Callers check permissions."""

    store: Store

    async def record_present(self, guild_ids: Sequence[str], serves: Callable[[str], bool]) -> None:
        """Record the servers the bot is in: their data stays, and other servers it `serves` count as left."""
        await self.store.retention.record_guilds(guild_ids, serves=serves)

    async def record_join(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """Cancel the deletion of a server's data."""
        await self.store.retention.record_join(guild_id, channel_ids)

    async def record_leave(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """Schedule a server's data for deletion in 30 days."""
        await self.store.retention.record_removal(guild_id, channel_ids)

    async def list_channels(self, since: datetime, limit: int) -> list[tuple[str, str | None]]:
        """Return the channels with stored results since a moment, with their servers, most recent first."""
        return await self.store.retention.list_channels(since, limit)

    async def record_members(self, guild_id: str, is_there: Callable[[str], Awaitable[bool]], now: datetime) -> None:
        """Check the membership of users without recent requests from a server.

        Recently active members are skipped: checking each would be a call a day.
        """
        for user_id in await self.store.retention.list_inactive_members(guild_id, now - LEFT_RETENTION):
            await self.store.retention.record_membership(guild_id, user_id, there=await is_there(user_id), now=now)

    async def count(self, guild_id: str, channel_ids: Sequence[str]) -> tuple[ServerCounts, dict[str, int]]:
        """Count the data stored for a server and its channels, and the server's own data by table."""
        return await self.store.retention.count_rows(guild_id, channel_ids), await self.count_own(guild_id)

    async def count_own(self, guild_id: str) -> dict[str, int]:
        """Count the server's own data by table."""
        return await self.store.workspaces.count_rows(guild_id)

    async def allow_lending(self, guild_id: str, *, allowed: bool) -> None:
        """Allow or forbid members to share things with a server's channels."""
        await self.store.retention.allow_sharing(guild_id, allowed=allowed)

    async def is_lending_allowed(self, guild_id: str) -> bool:
        """Return whether members may share."""
        return await self.store.retention.is_sharing_allowed(guild_id)

    async def count_bytes(self, owner_id: str) -> int:
        """Return how many bytes are stored for a user or workspace."""
        return await self.store.retention.count_bytes(owner_id)
