"""Somebody of Discord as those who decide what they may do know them."""

from __future__ import annotations

import discord

from bot.team.roles import Member


def member_of(user: discord.User | discord.Member) -> Member:
    """Somebody who acts, with what Discord says of them in the server where they do."""
    if not isinstance(user, discord.Member):
        return Member(str(user.id))
    permissions = user.resolved_permissions or user.guild_permissions
    role_ids = frozenset(str(role.id) for role in user.roles)
    return Member(str(user.id), role_ids, permissions.manage_guild)
