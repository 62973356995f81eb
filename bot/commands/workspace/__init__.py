"""/setup and /settings: the settings of a server, step by step or all at once, for its owners."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.commands.workspace.components import SettingItem
from bot.commands.workspace.pages import build_page
from bot.commands.workspace.sections import SECTIONS, SETTINGS, SETUP
from bot.commands.workspace.state import load_state
from bot.team.workspace.roles import Permission


async def _require_owned_guild(interaction: Interaction) -> str:
    """Return the id of the server after checking that the user is an owner.

    Raises:
        RefusedError: the user is not an owner.
    """
    guild_id = str(interaction.guild_id)
    await interaction.client.app.workspaces.require(guild_id, build_member(interaction.user), Permission.CONFIGURE)
    return guild_id


@app_commands.command(name="setup", description="Set me up for your team, step by step")
@app_commands.guild_only()
async def setup_command(interaction: Interaction) -> None:
    """Start the setup, or continue it at the last step."""
    await _require_owned_guild(interaction)
    state = await load_state(interaction)
    section = state.settings.step if state.settings.step in SECTIONS else SECTIONS[0]
    await whisper(interaction, build_page(state, SETUP, section))


@app_commands.command(name="settings", description="See and change how I work in this server")
@app_commands.guild_only()
async def settings_command(interaction: Interaction) -> None:
    """Show all settings, with a menu of the sections to change."""
    await _require_owned_guild(interaction)
    await whisper(interaction, build_page(await load_state(interaction), SETTINGS, ""))


class Workspace(commands.Cog):
    """Deletes the settings of deleted channels."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Delete the channel's settings."""
        await self._app.workspaces.remove_channel_settings(str(channel.guild.id), str(channel.id))


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and register their components, so that old ones work, too."""
    bot.add_dynamic_items(SettingItem)
    bot.tree.add_command(setup_command)
    bot.tree.add_command(settings_command)
    await bot.add_cog(Workspace(bot))
