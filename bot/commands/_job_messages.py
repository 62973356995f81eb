"""The messages that show how far long jobs are, such as sheets and tables, each where it was asked for."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Protocol

import aiohttp
import discord

from bot.client import QuillmateBot
from bot.replies.delivery import is_temporary

log = logging.getLogger(__name__)

_SILENT = discord.AllowedMentions.none()


class Placed(Protocol):
    """A job that somebody asked for in a channel, and whose message is there; snowflakes as text."""

    @property
    def id(self) -> str:
        """Its own id."""

    @property
    def user_id(self) -> str:
        """Who asked for it."""

    @property
    def guild_id(self) -> str:
        """The server, empty in a direct message."""

    @property
    def channel_id(self) -> str:
        """The channel."""

    @property
    def message_id(self) -> str:
        """Its message there."""


class JobMessages:
    """Changes the messages of jobs, no more often than every `seconds` where it is only told how far one is."""

    def __init__(self, bot: QuillmateBot, seconds: float) -> None:
        self._bot, self._seconds = bot, seconds
        self._shown: dict[str, float] = {}

    def is_due(self, job: Placed) -> bool:
        """Whether it may be told again how far a job is; from now on that is told."""
        now = time.monotonic()
        if now - self._shown.get(job.id, -self._seconds) < self._seconds:
            return False
        self._shown[job.id] = now
        return True

    async def tell_progress(self, job: Placed, view: discord.ui.LayoutView) -> None:
        """Shows how far a job is; what cannot be shown now is shown with the next one."""
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._edit(job, view, [])

    async def put(self, job: Placed, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
        """Shows what became of a job: in its message, and to its owner directly where that is gone.

        Raises:
            discord.HTTPException: Discord does not take it just now.
        """
        self._shown.pop(job.id, None)
        try:
            await self._edit(job, view, files)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            await self.tell(job, view, files)

    async def tell(self, job: Placed, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> bool:
        """Writes to its owner directly; tells whether they could be reached. Raises as `put` does."""
        for file in files:
            file.reset()
        try:
            there = await self._bot.create_dm(discord.Object(int(job.user_id)))
            await there.send(view=view, files=list(files), allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            log.warning("a job's end cannot be told to its owner", extra={"status": error.status})
            return False
        return True

    async def _edit(self, job: Placed, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
        channel = self._bot.get_partial_messageable(int(job.channel_id), guild_id=int(job.guild_id or 0) or None)
        message = channel.get_partial_message(int(job.message_id))
        await message.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
