"""/setup and /settings: what is set for a server's workspace, step by step or all at once, by those who own it."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.team.workspace.roles import Permission

from .components import SettingItem
from .pages import SECTIONS, SETTINGS, SETUP, page
from .state import state_of


async def _owns(interaction: Interaction) -> str:
    """The id of the server where an owner of its workspace acts.

    Raises:
        RefusedError: whoever acts is none.
    """
    guild_id = str(interaction.guild_id)
    await interaction.client.app.workspaces.require(guild_id, build_member(interaction.user), Permission.CONFIGURE)
    return guild_id


@app_commands.command(name="setup", description="Set me up for your team, step by step")
@app_commands.guild_only()
async def setup_command(interaction: Interaction) -> None:
    """Begins, or goes on where the walk was left."""
    await _owns(interaction)
    state = await state_of(interaction)
    section = state.settings.step if state.settings.step in SECTIONS else SECTIONS[0]
    await whisper(interaction, page(state, SETUP, section))


@app_commands.command(name="settings", description="See and change how I work in this server")
@app_commands.guild_only()
async def settings_command(interaction: Interaction) -> None:
    """Shows all that is set, with a menu of what can be changed."""
    await _owns(interaction)
    await whisper(interaction, page(await state_of(interaction), SETTINGS, ""))


class Workspace(commands.Cog):
    """Lets go of what was set for channels that are deleted."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forgets what the channel was for."""
        await self._app.workspaces.forget_channel(str(channel.guild.id), str(channel.id))


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands, and makes their buttons and menus work, old ones too."""
    bot.add_dynamic_items(SettingItem)
    bot.tree.add_command(setup_command)
    bot.tree.add_command(settings_command)
    await bot.add_cog(Workspace(bot))
