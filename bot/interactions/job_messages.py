"""The progress messages of long jobs, such as sheets and tables, in the channels where they were requested."""

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


class ChannelJob(Protocol):
    """A job with a progress message in the channel where it was requested; snowflakes are strings."""

    @property
    def id(self) -> str:
        """The job's id."""

    @property
    def user_id(self) -> str:
        """The user who requested it."""

    @property
    def guild_id(self) -> str:
        """The server, empty in a direct message."""

    @property
    def channel_id(self) -> str:
        """The channel."""

    @property
    def message_id(self) -> str:
        """The progress message."""


class JobMessages:
    """Edits jobs' progress messages, at most once every `seconds` per job."""

    def __init__(self, bot: QuillmateBot, seconds: float) -> None:
        self._bot, self._seconds = bot, seconds
        self._shown_at: dict[str, float] = {}

    def is_due(self, job: ChannelJob) -> bool:
        """Return whether a job's progress is due to be shown; if so, start its next interval."""
        now = time.monotonic()
        if now - self._shown_at.get(job.id, -self._seconds) < self._seconds:
            return False
        self._shown_at[job.id] = now
        return True

    async def show_progress(self, job: ChannelJob, view: discord.ui.LayoutView) -> None:
        """Show a job's progress; if that fails now, the next update shows it."""
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._edit(job, view, [])

    async def show_outcome(
        self, job: ChannelJob, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()
    ) -> None:
        """Show a job's outcome in its message, or in a direct message to its owner if that message no longer exists.

        Raises:
            discord.HTTPException: a temporary error of Discord.
        """
        self._shown_at.pop(job.id, None)
        try:
            await self._edit(job, view, files)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            await self.send_to_owner(job, view, files)

    async def send_to_owner(self, job: ChannelJob, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> bool:
        """Send a direct message to the owner; return whether it was delivered.

        Raises:
            discord.HTTPException: a temporary error of Discord.
        """
        for file in files:
            file.reset()
        try:
            dm = await self._bot.create_dm(discord.Object(int(job.user_id)))
            await dm.send(view=view, files=list(files), allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            log.warning("the owner of a job cannot be notified of its end", extra={"status": error.status})
            return False
        return True

    async def _edit(self, job: ChannelJob, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
        channel = self._bot.get_partial_messageable(int(job.channel_id), guild_id=int(job.guild_id or 0) or None)
        message = channel.get_partial_message(int(job.message_id))
        await message.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
