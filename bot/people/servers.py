"""Servers as they come and go, with what of people belongs to them; and what members may do with things of theirs there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store import Store
from storage.retention import KEEP_LEFT, ServerCounts


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers by their ids. That whoever asks may is their caller's matter."""

    store: Store

    async def present(self, guild_ids: Sequence[str], serves: Callable[[str], bool]) -> None:
        """Notes the servers that the bot is in now: what was to go stays, and others it was in and `serves` were left."""
        await self.store.retention.present(guild_ids, serves=serves)

    async def joined(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """What was to go stays."""
        await self.store.retention.joined(guild_id, channel_ids)

    async def left(self, guild_id: str, channel_ids: Sequence[str]) -> None:
        """What belongs to the server goes in 30 days."""
        await self.store.retention.left(guild_id, channel_ids)

    async def channels(self, since: datetime, most: int) -> list[tuple[str, str | None]]:
        """Channels in which something was made since a moment that is kept, with their servers; those used last first."""
        return await self.store.retention.channels(since, most)

    async def note_members(self, guild_id: str, is_there: Callable[[str], Awaitable[bool]], now: datetime) -> None:
        """Looks whether those are still in a server of whom nothing new has come from there.

        Whoever was there lately is not looked for: it would be a call a day for each.
        """
        for user_id in await self.store.retention.quiet(guild_id, now - KEEP_LEFT):
            await self.store.retention.member(guild_id, user_id, there=await is_there(user_id), now=now)

    async def counts(self, guild_id: str, channel_ids: Sequence[str]) -> tuple[ServerCounts, dict[str, int]]:
        """How much is kept of a server and its channels, and how much is its own, by table."""
        return await self.store.retention.counts(guild_id, channel_ids), await self.own(guild_id)

    async def own(self, guild_id: str) -> dict[str, int]:
        """How much is a server's own, by table."""
        return await self.store.workspaces.counts(guild_id)

    async def let_lend(self, guild_id: str, *, allowed: bool) -> None:
        """Lets members lend things of theirs to a server's channels, or not any more."""
        await self.store.retention.allow_lending(guild_id, allowed=allowed)

    async def may_lend(self, guild_id: str) -> bool:
        """Whether members may."""
        return await self.store.retention.lending_allowed(guild_id)

    async def room_taken(self, owner_id: str) -> int:
        """How many bytes are kept of a person or a workspace."""
        return await self.store.retention.kept(owner_id)
