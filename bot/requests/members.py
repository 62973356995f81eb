"""Discord users as members of a workspace, and the places where they ask."""

from __future__ import annotations

import logging
from dataclasses import replace

import discord

from bot.content import Request
from bot.errors import RefusedError
from bot.team.workspace.roles import Member

log = logging.getLogger(__name__)


def build_member(user: discord.User | discord.Member) -> Member:
    """Build a member from a Discord user, with the roles and permissions that Discord reports."""
    if not isinstance(user, discord.Member):
        return Member(str(user.id))
    permissions = user.resolved_permissions or user.guild_permissions
    role_ids = frozenset(str(role.id) for role in user.roles)
    return Member(str(user.id), role_ids, permissions.manage_guild)


async def fetch_member(client: discord.Client, guild_id: str, user_id: str) -> Member:
    """Fetch a user as a current member of a server.

    Raises:
        RefusedError: they have left it, or Discord does not answer.
    """
    try:
        # A process without a gateway has no cached guilds.
        guild = client.get_guild(int(guild_id)) or await client.fetch_guild(int(guild_id), with_counts=False)
        return build_member(guild.get_member(int(user_id)) or await guild.fetch_member(int(user_id)))
    except (discord.NotFound, discord.Forbidden):
        log.info("a user was not found in their server")
        raise RefusedError("You are no longer in that server.") from None
    except discord.HTTPException as error:
        raise RefusedError("That took too long for Discord. Try again.") from error


def add_place(request: Request, guild_id: int | None, channel_id: int | None, channel: object) -> Request:
    """Return the request with the place it is asked in."""
    thread_of = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
    return replace(request, guild_id=str(guild_id or ""), channel_id=str(channel_id or ""), thread_of=thread_of)
