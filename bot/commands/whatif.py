"""/whatif: possible outcomes of a campaign's budget, simulated from described assumptions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.interactions.requests import generate_seed
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, Layout
from bot.simulation.assumptions import MAX_CHARACTERS, parse_assumptions

if TYPE_CHECKING:
    from bot.simulation.budget import SimulationResult

_MIN_SEED, _MAX_SEED = 0, 2**31 - 1


class WhatIfCommand(commands.Cog):
    """Simulates from assumptions, which are not stored."""

    @app_commands.command(
        name="whatif", description="See what a budget could bring in: profit, its chances and what drives it"
    )
    @app_commands.describe(
        assumptions=(
            "For example: budget 2000 €, cost per click 0.40 to 0.90, conversion 1 to 3 %, order value about 45"
        ),
        show="Who sees the answer",
        seed="Use the same number to get the same simulation again",
    )
    @app_commands.choices(
        show=[app_commands.Choice(name="Only you", value="me"), app_commands.Choice(name="Everybody here", value="all")]
    )
    async def whatif(
        self,
        interaction: Interaction,
        assumptions: app_commands.Range[str, 1, MAX_CHARACTERS],
        show: str = "me",
        seed: app_commands.Range[int, _MIN_SEED, _MAX_SEED] | None = None,
    ) -> None:
        """Answer in an ephemeral message, or publicly in the channel."""
        # Imported on first use, as it loads numpy.
        from bot.replies.what_if import build_workbook, render_picture
        from bot.simulation.budget import simulate

        locale = interaction.locale.value
        parsed = parse_assumptions(assumptions, locale.partition("-")[0])
        simulation = simulate(parsed, generate_seed() if seed is None else seed)
        await interaction.response.defer(ephemeral=show == "me", thinking=True)
        body, alt = await asyncio.to_thread(render_picture, simulation, locale)
        workbook = await asyncio.to_thread(build_workbook, simulation, locale)
        files = [attachment("what-if.png", body, alt), attachment("what-if.xlsx", workbook)]
        await interaction.followup.send(
            view=build_view(simulation, assumptions, files, locale),
            files=files,
            ephemeral=show == "me",
            allowed_mentions=discord.AllowedMentions.none(),
        )


def build_view(simulation: SimulationResult, assumptions: str, files: list[discord.File], locale: str) -> Layout:
    """Build the answer: the assumptions, the chart, its text, and the workbook."""
    from bot.replies.what_if import format_text

    view, frame = Layout(), discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["data"])
    frame.add_item(discord.ui.TextDisplay(f"### {translate('What if', locale)}\n> {plain(assumptions)}"))
    chart, workbook = files
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(chart.uri, description=chart.description)))
    frame.add_item(discord.ui.TextDisplay(format_text(simulation, locale)))
    frame.add_item(discord.ui.File(workbook.uri))
    view.add_item(frame)
    return view


async def setup(bot: QuillmateBot) -> None:
    """Add the command."""
    await bot.add_cog(WhatIfCommand())
