"""/model: which model writes, what else could, and choosing it. For the people who run the bot."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot

from ._model import KeyButton, ModelMenu, show_models


class ModelCommand(commands.Cog):
    """The model that writes."""

    @app_commands.command(name="model", description="See and choose the model that writes")
    async def model(self, interaction: Interaction) -> None:
        """Shows who writes, and what else could."""
        await show_models(interaction)


async def setup(bot: QuillmateBot) -> None:
    """Adds the command, and makes its menu work after a restart."""
    bot.add_dynamic_items(ModelMenu, KeyButton)
    await bot.add_cog(ModelCommand())
