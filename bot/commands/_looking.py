"""Cogs that periodically check for due work, including work an earlier process left."""

from __future__ import annotations

from typing import Any, ClassVar

from discord.ext import commands, tasks

from bot.client import QuillmateBot


class Looking(commands.Cog):
    """Calls `run_once` every `SECONDS`, from when the client is ready until it closes.

    `WORKS` marks it as work: that runs in every process that carries out requests, and not in those that only receive
    events.
    """

    SECONDS: ClassVar[float] = 60.0
    WORKS: ClassVar[bool] = False

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    async def cog_unload(self) -> None:
        """Stop with the bot."""
        self.looking.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the loop."""
        if not self.WORKS:
            self._start()

    @commands.Cog.listener()
    async def on_begin(self) -> None:
        """Start the loop for work."""
        if self.WORKS:
            self._start()

    def _start(self) -> None:
        if not self.looking.is_running():
            self.looking.change_interval(seconds=self.SECONDS)
            self.looking.start()

    @tasks.loop(seconds=SECONDS)
    async def looking(self) -> None:
        """Run periodically."""
        await self.look()

    async def look(self) -> Any:
        """Run once."""
        raise NotImplementedError
