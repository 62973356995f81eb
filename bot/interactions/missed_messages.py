"""Answers the messages that were missed during an outage.

Discord replays events only when a session is resumed. With a new session, it sends the id of the newest message of each
server channel, so only channels with new messages are read. For direct messages it sends none, so those of users with a
recent result are read.
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
from storage.owner_keys import begin_work

log = logging.getLogger(__name__)

# Older messages are not answered, as nobody is waiting for it any more.
MAX_MESSAGE_AGE = timedelta(hours=1)
# Allows for differences to Discord's clock, and for the last moments before an outage, which may not be recorded.
_MARGIN = timedelta(seconds=30)
# discord.py detects a dead connection within this time.
_DETECTION_TIME = timedelta(seconds=90)
# Maximum age of a result for its direct messages to be read, maximum channels to read, and the pause between two.
MAX_RESULT_AGE, MAX_PLACES, PAUSE_SECONDS = timedelta(days=30), 500, 0.25
# Maximum messages to read per channel.
_MAX_MESSAGES = 300

Place = discord.abc.Messageable
ReadableChannel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class MissedMessages(commands.Cog):
    """Catches up when a new session begins. `is_addressed` and `answer` are methods of the listener for messages."""

    def __init__(
        self,
        bot: QuillmateBot,
        is_addressed: Callable[[discord.Message], bool],
        answer: Callable[[discord.Message], Awaitable[None]],
    ) -> None:
        self._bot, self._is_addressed, self._answer = bot, is_addressed, answer
        # When each disconnected shard last received events, by shard id, and when the previous process was last connected.
        self._disconnected_at: dict[int, datetime] = {}
        self._previously_connected_at: datetime | None = None
        self._shards: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Load the time when an earlier process was last connected."""
        self._previously_connected_at = await asyncio.to_thread(
            _read_last_connected, self._bot.app.settings.data / HEARTBEAT_FILE
        )

    async def cog_unload(self) -> None:
        """Stop catching up."""
        for task in self._tasks:
            task.cancel()

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Record the time from which events are missing."""
        if shard_id in self._shards:
            self._disconnected_at.setdefault(shard_id, datetime.now(UTC) - _DETECTION_TIME)

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard_id: int) -> None:
        """Forget the time, as Discord has replayed the missed events."""
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
            async for place in self._iterate_channels(shard_id, since):
                if self._bot.stopping or not await self._bot.desk.holds_lease():
                    return
                count += await self._answer_missed(place, since, now)
                await asyncio.sleep(PAUSE_SECONDS)
        except QuillmateError as error:
            log.warning("could not catch up on missed messages: %s", type(error).__name__)
        except Exception:  # The edge of a task.
            log.exception("could not catch up on missed messages")
        if count:
            log.info("answered missed messages", extra={"waiting": count})

    async def _iterate_channels(self, shard_id: int, since: datetime) -> AsyncIterator[Place]:
        """Yield the channels that may have missed messages: recently used ones first, then those with the newest messages."""
        recent_channels = await self._bot.app.servers.list_channels(datetime.now(UTC) - MAX_RESULT_AGE, MAX_PLACES)
        order = {int(channel): number for number, (channel, _) in enumerate(recent_channels)}
        after = discord.utils.time_snowflake(since)
        channels = sorted(
            self._list_channels_with_news(shard_id, after),
            key=lambda channel: (order.get(channel.id, len(order)), -(channel.last_message_id or 0)),
        )
        # Shard 0 receives direct messages.
        direct_channel_ids = (
            [int(channel) for channel, guild_id in recent_channels if guild_id is None] if shard_id == 0 else []
        )
        remaining = MAX_PLACES
        for place in [*map(self._bot.get_partial_messageable, direct_channel_ids), *channels]:
            if remaining == 0:
                log.warning("too many channels to catch up on missed messages")
                return
            remaining -= 1
            yield place

    def _list_channels_with_news(self, shard_id: int, after: int) -> Iterator[ReadableChannel]:
        """Yield the readable channels of a shard's servers that have messages newer than the id `after`."""
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
                permissions = place.permissions_for(guild.me)
                if permissions.view_channel and permissions.read_message_history:
                    yield place

    async def _answer_missed(self, place: Place, since: datetime, until: datetime) -> int:
        """Answer the missed messages of a channel; return how many."""
        me, messages = self._bot.user, list[discord.Message]()
        try:
            async for message in place.history(after=since, limit=_MAX_MESSAGES, oldest_first=True):
                messages.append(message)
        except discord.HTTPException:
            return 0  # The bot may not, or no longer, read it.
        # Messages without a request, such as greetings and refused ones, were answered with a reply.
        answered = {message.reference.message_id for message in messages if message.author == me and message.reference}
        missed = [
            message
            for message in messages
            if message.created_at <= until and message.id not in answered and self._is_addressed(message)
        ]
        handled = await self._bot.desk.jobs.find_known([str(message.id) for message in missed])
        count = 0
        for message in missed:
            if str(message.id) not in handled and await self._is_waiting(message):
                count += 1
                begin_work(message.created_at)
                try:
                    await self._answer(message)
                except Exception:  # As discord.py does for incoming messages, so that the others are still answered.
                    await self._bot.on_error("missed", message)
        return count

    async def _is_waiting(self, message: discord.Message) -> bool:
        """Return whether a message is still waiting for an answer. Plays and interviews answer without a reply, so their
        messages count as answered.
        """
        app = self._bot.app
        if await app.stage_records.find_running(str(message.channel.id)) is not None:
            return False
        if await self._bot.desk.privacy.was_forgotten_since(str(message.author.id), message.created_at):
            return False
        if message.guild is not None and not isinstance(message.author, discord.Member):
            try:
                message.author = await message.guild.fetch_member(message.author.id)
            except discord.HTTPException:
                return False  # The author has left.
        return True


def _read_last_connected(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) - _MARGIN
    except OSError:
        return None
