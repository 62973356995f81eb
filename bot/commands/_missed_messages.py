"""Answers the messages that were missed during an outage.

Discord replays events only when a session is resumed. After a new one, it names the newest message of each channel of
a server, so only channels with new messages are read. Direct messages are not included: those are read in which the
user had a recent result.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
from discord.ext import commands

from bot.client import QuillmateBot
from bot.errors import QuillmateError
from bot.runtime.watchdog import HEARTBEAT_FILE
from storage.owner_keys import begin

log = logging.getLogger(__name__)

# Nobody waits for an answer to older messages.
MAX_MESSAGE_AGE = timedelta(hours=1)
# Allows for Discord's clock, and for the last moments before an outage, which may not have been recorded.
_MARGIN = timedelta(seconds=30)
# discord.py detects a dead connection within this time.
_DETECTION_TIME = timedelta(seconds=90)
# Maximum age of a result for its direct messages to be read, maximum channels, and the pause between two of them.
MAX_RESULT_AGE, MAX_PLACES, PAUSE_SECONDS = timedelta(days=30), 500, 0.25
# Maximum messages to read per channel.
_MAX_MESSAGES = 300

Place = discord.abc.Messageable
ReadableChannel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class MissedMessages(commands.Cog):
    """Catches up when a new session begins. `is_meant` and `hear` belong to the listener for messages."""

    def __init__(
        self,
        bot: QuillmateBot,
        is_meant: Callable[[discord.Message], bool],
        hear: Callable[[discord.Message], Awaitable[None]],
    ) -> None:
        self._bot, self._is_meant, self._hear = bot, is_meant, hear
        # When each disconnected shard last received an event; and when the previous process was connected.
        self._disconnected_at: dict[int, datetime] = {}
        self._previously_connected_at: datetime | None = None
        self._shards: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Load when an earlier process was last connected."""
        self._previously_connected_at = await asyncio.to_thread(
            _read_last_connected, self._bot.app.settings.data / HEARTBEAT_FILE
        )

    async def cog_unload(self) -> None:
        """Stop with the bot."""
        for task in self._tasks:
            task.cancel()

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Record since when events are missing."""
        if shard_id in self._shards:
            self._disconnected_at.setdefault(shard_id, datetime.now(UTC) - _DETECTION_TIME)

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard_id: int) -> None:
        """Discord has replayed all missed events."""
        self._disconnected_at.pop(shard_id, None)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Start catching up in the background."""
        since = self._disconnected_at.pop(shard_id, None) if shard_id in self._shards else self._previously_connected_at
        self._shards.add(shard_id)
        if since is not None:
            task = asyncio.create_task(self._catch_up(shard_id, since), name="look back")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _catch_up(self, shard_id: int, since: datetime) -> None:
        now, count = datetime.now(UTC), 0
        since = max(since, now - MAX_MESSAGE_AGE)
        try:
            async for place in self._iterate_places(shard_id, since):
                if self._bot.stopping or not await self._bot.desk.in_charge():
                    return
                count += await self._answer_missed(place, since, now)
                await asyncio.sleep(PAUSE_SECONDS)
        except QuillmateError as error:
            log.warning("not looked back: %s", type(error).__name__)
        except Exception:  # The edge of a task; there is nobody to tell.
            log.exception("not looked back")
        if count:
            log.info("answers what was missed", extra={"waiting": count})

    async def _iterate_places(self, shard_id: int, since: datetime) -> AsyncIterator[Place]:
        """Yield the places that may have missed messages: recently used ones first, then those with the latest
        messages.
        """
        recent = await self._bot.app.servers.list_channels(datetime.now(UTC) - MAX_RESULT_AGE, MAX_PLACES)
        order = {int(channel): number for number, (channel, _) in enumerate(recent)}
        after = discord.utils.time_snowflake(since)
        channels = sorted(
            self._list_channels_with_news(shard_id, after),
            key=lambda channel: (order.get(channel.id, len(order)), -(channel.last_message_id or 0)),
        )
        # Shard 0 is the one that receives direct messages.
        direct = [int(channel) for channel, guild_id in recent if guild_id is None] if shard_id == 0 else []
        remaining = MAX_PLACES
        for place in [*map(self._bot.get_partial_messageable, direct), *channels]:
            if remaining == 0:
                log.warning("not looked back everywhere")
                return
            remaining -= 1
            yield place

    def _list_channels_with_news(self, shard_id: int, after: int) -> Iterator[ReadableChannel]:
        """Return the readable channels of a shard's servers with new messages."""
        for guild in self._bot.guilds:
            if guild.shard_id != shard_id or guild.me is None:
                continue
            places: Sequence[ReadableChannel] = [
                *guild.text_channels,
                *guild.voice_channels,
                *guild.stage_channels,
                *guild.threads,
            ]
            for place in places:
                if (place.last_message_id or 0) <= after:
                    continue
                rights = place.permissions_for(guild.me)
                if rights.view_channel and rights.read_message_history:
                    yield place

    async def _answer_missed(self, place: Place, since: datetime, until: datetime) -> int:
        """Answer the missed messages of a place; return how many."""
        me, messages = self._bot.user, list[discord.Message]()
        try:
            async for message in place.history(after=since, limit=_MAX_MESSAGES, oldest_first=True):
                messages.append(message)
        except discord.HTTPException:
            return 0  # The bot may not read it (any more).
        # A message without a request, such as a greeting or a refused one, was answered by a reply.
        answered = {message.reference.message_id for message in messages if message.author == me and message.reference}
        missed = [
            message
            for message in messages
            if message.created_at <= until and message.id not in answered and self._is_meant(message)
        ]
        handled = await self._bot.desk.jobs.find_known([str(one.id) for one in missed])
        count = 0
        for message in missed:
            if str(message.id) not in handled and await self._is_waiting(message):
                count += 1
                begin(message.created_at)
                try:
                    await self._hear(message)
                except Exception:  # As discord.py does for messages that arrive: the others are still heard.
                    await self._bot.on_error("missed", message)
        return count

    async def _is_waiting(self, message: discord.Message) -> bool:
        """Return whether a message still waits for an answer: it was not answered in a play or an interview, which
        answer without a reply.
        """
        app = self._bot.app
        if await app.plays.find_running(str(message.channel.id)) is not None:
            return False
        if await self._bot.desk.privacy.was_forgotten_since(str(message.author.id), message.created_at):
            return False
        if message.guild is not None and not isinstance(message.author, discord.Member):
            try:
                message.author = await message.guild.fetch_member(message.author.id)
            except discord.HTTPException:
                return False  # They have left.
        return True


def _read_last_connected(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) - _MARGIN
    except OSError:
        return None
