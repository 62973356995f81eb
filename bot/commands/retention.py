"""Retention: daily deletion of expired data, and of the data of servers that removed the bot."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import partial

import discord
from discord.ext import commands, tasks

from bot.client import QuillmateBot
from bot.errors import QuillmateError
from bot.interactions.sharing import list_channel_ids

log = logging.getLogger(__name__)


class Retention(commands.Cog):
    """Records joined and left servers, deletes expired data daily, and checks hourly whether erased data is overwritten."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    async def cog_unload(self) -> None:
        """Stop the loops."""
        self.daily.cancel()
        self.hourly.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Record the servers joined and left while the bot was offline, then start the loops."""
        await self._bot.app.servers.record_current([str(guild.id) for guild in self._bot.guilds], self._bot.serves)
        if not self.daily.is_running():
            self.daily.start()
            self.hourly.start()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Cancel the scheduled deletion of the server's data."""
        await self._bot.app.servers.record_join(str(guild.id), list_channel_ids(guild))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Schedule the deletion of the server's data in 30 days."""
        await self._bot.app.servers.record_leave(str(guild.id), list_channel_ids(guild))

    @tasks.loop(hours=24)
    async def daily(self) -> None:
        """Delete expired data."""
        try:
            await self.note_members(datetime.now(UTC))
            await self._bot.desk.privacy.tidy()
        except QuillmateError as error:
            log.warning("expired data could not be deleted: %s", error)

    @tasks.loop(hours=1)
    async def hourly(self) -> None:
        """Complete pending erasures."""
        try:
            await self._bot.desk.privacy.settle()
        except QuillmateError as error:
            log.warning("erasures could not be completed: %s", error)

    async def note_members(self, now: datetime) -> None:
        """Check whether inactive users are still members of a server; events cover only active ones.

        Recently active users are not checked: that would cost one API call per user and day.
        """
        servers = self._bot.app.servers
        for guild in self._bot.guilds:
            await servers.record_join(str(guild.id), list_channel_ids(guild))
            try:
                await servers.record_members(str(guild.id), partial(_is_member, guild), now)
            except discord.HTTPException as error:  # Only for this server; the others may be available.
                log.warning("members cannot be looked up: %s", error.status)


async def _is_member(guild: discord.Guild, user_id: str) -> bool:
    try:
        await guild.fetch_member(int(user_id))
    except discord.NotFound:
        return False
    return True


async def setup(bot: QuillmateBot) -> None:
    """Add the listeners."""
    await bot.add_cog(Retention(bot))
