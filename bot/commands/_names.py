"""What people are called in a server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import discord

from bot.client import QuillmateBot


async def names_in(bot: QuillmateBot, guild_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """What people are called in a server by their ids, without those who are not there any more."""
    server, names = bot.get_guild(int(guild_id)) if guild_id else None, dict[str, str]()
    for user_id in user_ids if server is not None else ():
        assert server is not None
        with contextlib.suppress(discord.HTTPException):
            member = server.get_member(int(user_id)) or await server.fetch_member(int(user_id))
            names[user_id] = member.display_name
    return names
