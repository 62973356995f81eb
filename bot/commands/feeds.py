"""/calendar-feed: gives owners a URL for subscribing to the server's calendar, and serves the calendar over HTTP."""

from __future__ import annotations

import asyncio
import logging

import discord
from aiohttp import web
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.exports import ics
from bot.interactions.posts.events import build_events
from bot.locales import translate

log = logging.getLogger(__name__)

_ACTIONS = {"show": "show the address", "anew": "make a new address", "off": "turn it off"}
_LINK = (
    "Subscribe to this address in your calendar: {address}\nAnyone who has it can read what is scheduled in "
    "channels that everyone here can see."
)
_TURNED_OFF = "This server's calendar can no longer be read from outside Discord."
# Calendar programs may reuse a response for 300 seconds.
_CACHE_CONTROL = "private, max-age=300"


class CalendarFeeds(commands.Cog):
    """The command and the read-only HTTP server for calendar feeds, which runs if the operator has configured a calendar URL."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot, self._runner = bot, None

    _runner: web.AppRunner | None

    async def cog_load(self) -> None:
        """Start serving if a calendar URL is configured; if the server cannot listen, the bot runs without calendar feeds."""
        if not self._bot.app.feeds.url:
            return
        listen_address = self._bot.app.settings.calendar_listen
        host, _, port = listen_address.rpartition(":")
        try:
            await self.serve(host.strip("[]"), int(port))
        except OSError as error:
            log.error("cannot serve calendar feeds on %s: %s", listen_address, type(error).__name__)

    async def cog_unload(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def serve(self, host: str, port: int) -> int:
        """Start serving on a port (0 for any free one); return its number.

        Raises:
            OSError: the server cannot listen there, for example because the port is taken.
        """
        app = web.Application()
        app.router.add_get(r"/calendar/{guild_id:\d{1,20}}/{secret:[\w-]{1,100}}.ics", self._serve_calendar)
        self._runner = web.AppRunner(app, access_log=None)  # The access log would contain the secrets.
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def _serve_calendar(self, request: web.Request) -> web.Response:
        guild_id = request.match_info["guild_id"]
        server = self._bot.get_guild(int(guild_id))
        posts = await self._bot.app.feeds.read(guild_id, request.match_info["secret"]) if server else None
        if server is None or posts is None:
            raise web.HTTPNotFound
        events = []
        for post in posts:
            channel = server.get_channel_or_thread(int(post.channel_id))
            if channel is not None and _is_public(channel, server):
                events += list(build_events(post, f"#{channel.name}"))
        body = await asyncio.to_thread(ics.build_calendar, guild_id, f"Quillmate, {server.name}", events)
        headers = {"Cache-Control": _CACHE_CONTROL, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)

    @app_commands.command(name="calendar-feed", description="Get an address that calendar programs can subscribe to")
    @app_commands.describe(way="Show the address, make a new one, or turn it off")
    @app_commands.choices(way=[app_commands.Choice(name=label, value=name) for name, label in _ACTIONS.items()])
    @app_commands.guild_only()
    async def feed(self, interaction: Interaction, way: str = "show") -> None:
        """Show an owner the URL of the server's calendar, replace it, or turn the calendar off."""
        feeds, guild_id, member = self._bot.app.feeds, str(interaction.guild_id), build_member(interaction.user)
        locale = interaction.locale.value
        if way == "off":
            await feeds.close(guild_id, member)
            await whisper(interaction, translate(_TURNED_OFF, locale))
            return
        link = await feeds.open(guild_id, member, renew=way == "anew")
        await whisper(interaction, translate(_LINK, locale).format(address=link))


def _is_public(channel: discord.abc.GuildChannel | discord.Thread, server: discord.Guild) -> bool:
    """Return whether everyone in a server can see a channel; a public thread is as visible as its parent."""
    if isinstance(channel, discord.Thread):
        parent = None if channel.is_private() else channel.parent
        return parent is not None and _is_public(parent, server)
    return channel.permissions_for(server.default_role).view_channel


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and serve calendar feeds if the operator has configured a calendar URL."""
    await bot.add_cog(CalendarFeeds(bot))
