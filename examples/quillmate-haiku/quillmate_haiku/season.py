"""/season: which season it is, for a haiku."""

from __future__ import annotations

from datetime import UTC, datetime

from discord import app_commands
from discord.ext import commands

from bot.api import Interaction, QuillmateBot, whisper

SEASONS = ("winter", "spring", "summer", "autumn")


class Season(commands.Cog):
    """The season of the northern hemisphere, by months."""

    @app_commands.command(name="season", description="See which season a haiku of today is set in")
    async def season(self, interaction: Interaction) -> None:
        """Show it privately."""
        month = datetime.now(UTC).month
        await whisper(interaction, f"It is {SEASONS[month % 12 // 3]}.")


async def setup(bot: QuillmateBot) -> None:
    """Add the command."""
    await bot.add_cog(Season())
