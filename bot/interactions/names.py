"""Members' display names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import discord

from bot.client import QuillmateBot


async def find_names(bot: QuillmateBot, guild_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Return the display names of members by id, without those of users who have left."""
    names: dict[str, str] = {}
    server = bot.get_guild(int(guild_id)) if guild_id else None
    if server is None:
        return names
    for user_id in user_ids:
        with contextlib.suppress(discord.HTTPException):
            member = server.get_member(int(user_id)) or await server.fetch_member(int(user_id))
            names[user_id] = member.display_name
    return names
