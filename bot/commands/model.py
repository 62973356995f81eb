"""/model: shows operators the current model and the available ones, and lets them choose."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.interactions.model import KeyButton, ModelMenu, show_models
from bot.interactions.periodic import PeriodicCog


class ModelCommand(PeriodicCog):
    """The command for the model that writes, and the loop that follows a choice made in another process."""

    SECONDS = 10.0
    IS_WORK = True

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the loop in processes that only receive events, too: they show which model writes."""
        self._start()

    async def run_once(self) -> None:
        """Follow the choice."""
        await self._bot.app.follow_choice()

    @app_commands.command(name="model", description="See and choose the model that writes")
    async def model(self, interaction: Interaction) -> None:
        """Show the current model and the available ones."""
        await show_models(interaction)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and make its menu work after a restart."""
    bot.add_dynamic_items(ModelMenu, KeyButton)
    await bot.add_cog(ModelCommand(bot))
