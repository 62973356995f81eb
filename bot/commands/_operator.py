"""Whether somebody runs the bot: it is their application's, or their team's; on the preview's page that is everybody."""

from __future__ import annotations

from bot.client import Interaction


async def runs_the_bot(interaction: Interaction) -> bool:
    """Whether whoever acts runs the bot."""
    bot = interaction.client
    return bot.app.studio.read_by_operator or await bot.is_owner(interaction.user)
