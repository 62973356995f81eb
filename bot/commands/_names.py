"""Members' display names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import discord

from bot.client import QuillmateBot


async def find_names(bot: QuillmateBot, guild_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Return members' display names by id, without those who have left."""
    server, names = bot.get_guild(int(guild_id)) if guild_id else None, dict[str, str]()
    for user_id in user_ids if server is not None else ():
        assert server is not None
        with contextlib.suppress(discord.HTTPException):
            member = server.get_member(int(user_id)) or await server.fetch_member(int(user_id))
            names[user_id] = member.display_name
    return names
