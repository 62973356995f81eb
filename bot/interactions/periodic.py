"""Cogs that periodically check for due work, including work that an earlier process left."""

from __future__ import annotations

from typing import Any, ClassVar

from discord.ext import commands, tasks

from bot.client import QuillmateBot


class PeriodicCog(commands.Cog):
    """Calls `run_once` every `SECONDS`, from when the client is ready until it closes.

    `IS_WORK` cogs run in every process that carries out requests, but not in those that only receive events.
    """

    SECONDS: ClassVar[float] = 60.0
    IS_WORK: ClassVar[bool] = False

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    async def cog_unload(self) -> None:
        """Stop the loop."""
        self._loop.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the loop."""
        if not self.IS_WORK:
            self._start()

    @commands.Cog.listener()
    async def on_begin(self) -> None:
        """Start the loop of a cog with `IS_WORK`."""
        if self.IS_WORK:
            self._start()

    def _start(self) -> None:
        if not self._loop.is_running():
            self._loop.change_interval(seconds=self.SECONDS)
            self._loop.start()

    @tasks.loop(seconds=SECONDS)
    async def _loop(self) -> None:
        """Call `run_once`."""
        await self.run_once()

    async def run_once(self) -> Any:
        """Do what is due."""
        raise NotImplementedError
