"""Checks whether a user is an operator: an owner or team member of the application; in the preview, everybody is one."""

from __future__ import annotations

from bot.client import Interaction


async def is_operator(interaction: Interaction) -> bool:
    """Return whether the user is an operator."""
    bot = interaction.client
    return bot.app.studio.read_by_operator or await bot.is_owner(interaction.user)
