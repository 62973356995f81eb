"""Whether a user is an operator: the owner of the application, or in its team; in the preview everyone is."""

from __future__ import annotations

from bot.client import Interaction


async def is_operator(interaction: Interaction) -> bool:
    """Return whether the user is an operator."""
    bot = interaction.client
    return bot.app.studio.read_by_operator or await bot.is_owner(interaction.user)
