"""Somebody of Discord as those who decide what they may do know them."""

from __future__ import annotations

import logging

import discord

from bot.errors import RefusedError
from bot.team.workspace.roles import Member

log = logging.getLogger(__name__)


def member_of(user: discord.User | discord.Member) -> Member:
    """Somebody who acts, with what Discord says of them in the server where they do."""
    if not isinstance(user, discord.Member):
        return Member(str(user.id))
    permissions = user.resolved_permissions or user.guild_permissions
    role_ids = frozenset(str(role.id) for role in user.roles)
    return Member(str(user.id), role_ids, permissions.manage_guild)


async def member_in(client: discord.Client, guild_id: str, user_id: str) -> Member:
    """Somebody as they are in a server now.

    Raises:
        RefusedError: they have left it.
    """
    try:
        # A process without a gateway knows no server.
        guild = client.get_guild(int(guild_id)) or await client.fetch_guild(int(guild_id), with_counts=False)
        return member_of(guild.get_member(int(user_id)) or await guild.fetch_member(int(user_id)))
    except discord.HTTPException:
        log.info("somebody was not found in their server")
    raise RefusedError("You are no longer in that server.")
