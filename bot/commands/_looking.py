"""What looks now and then whether something is due, or was left by an earlier process."""

from __future__ import annotations

from typing import Any, ClassVar

from discord.ext import commands, tasks

from bot.client import QuillmateBot


class Looking(commands.Cog):
    """Looks every so many `SECONDS`, from when the client is ready until it ends. A subclass says in `look` what it does then.

    What is work `WORKS`: it is done in every process that carries out requests, and in those that only hear of Discord in none.
    """

    SECONDS: ClassVar[float] = 60.0
    WORKS: ClassVar[bool] = False

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    async def cog_unload(self) -> None:
        """Ends with the bot."""
        self.looking.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begins to look."""
        if not self.WORKS:
            self._start()

    @commands.Cog.listener()
    async def on_begin(self) -> None:
        """Begins to look for work."""
        if self.WORKS:
            self._start()

    def _start(self) -> None:
        if not self.looking.is_running():
            self.looking.change_interval(seconds=self.SECONDS)
            self.looking.start()

    @tasks.loop(seconds=SECONDS)
    async def looking(self) -> None:
        """Looks, again and again."""
        await self.look()

    async def look(self) -> Any:
        """Looks once."""
        raise NotImplementedError
