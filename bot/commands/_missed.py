"""Catching up after an outage: messages that were missed meanwhile are answered.

Discord replays events only when a session is resumed. After a new one, it names the newest message of each channel of
a server, so only channels with new messages are read. It names nothing of direct messages: those are read in which the
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
from bot.runtime.watchdog import ALIVE
from storage.owner_keys import begin

log = logging.getLogger(__name__)

# Nobody waits for an answer to older messages.
MAX = timedelta(hours=1)
# The last moments before an outage may not be stored; Discord's clock differs, too.
_UNSURE = timedelta(seconds=30)
# discord.py detects a dead connection within this time.
_UNNOTICED = timedelta(seconds=90)
# Age of results whose direct messages are read, the maximum of places, and the pause between two of them.
LATELY, MAX_PLACES, PAUSE_SECONDS = timedelta(days=30), 500, 0.25
# Messages that are read of one place.
_MAX_MESSAGES = 300

Place = discord.abc.Messageable
Spoken = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class Missed(commands.Cog):
    """Catches up when a new session begins. `is_meant` and `hear` belong to the listener for messages."""

    def __init__(
        self,
        bot: QuillmateBot,
        is_meant: Callable[[discord.Message], bool],
        hear: Callable[[discord.Message], Awaitable[None]],
    ) -> None:
        self._bot, self._is_meant, self._hear = bot, is_meant, hear
        # When each disconnected shard last received an event; and when the previous process was connected.
        self._away: dict[int, datetime] = {}
        self._before: datetime | None = None
        self._shards: set[int] = set()
        self._looking: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        """Load when an earlier process was last connected."""
        self._before = await asyncio.to_thread(_touched, self._bot.app.settings.data / ALIVE)

    async def cog_unload(self) -> None:
        """Stop with the bot."""
        for task in self._looking:
            task.cancel()

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Record since when events are missing."""
        if shard_id in self._shards:
            self._away.setdefault(shard_id, datetime.now(UTC) - _UNNOTICED)

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard_id: int) -> None:
        """Discord has replayed all missed events."""
        self._away.pop(shard_id, None)

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Start to catch up, in the background."""
        since = self._away.pop(shard_id, None) if shard_id in self._shards else self._before
        self._shards.add(shard_id)
        if since is not None:
            task = asyncio.create_task(self._look_back(shard_id, since), name="look back")
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _look_back(self, shard_id: int, since: datetime) -> None:
        now, found = datetime.now(UTC), 0
        since = max(since, now - MAX)
        try:
            async for place in self._places(shard_id, since):
                if self._bot.stopping or not await self._bot.desk.in_charge():
                    return
                found += await self._look_in(place, since, now)
                await asyncio.sleep(PAUSE_SECONDS)
        except QuillmateError as error:
            log.warning("not looked back: %s", type(error).__name__)
        except Exception:
            log.exception("not looked back")
        if found:
            log.info("answers what was missed", extra={"waiting": found})

    async def _places(self, shard_id: int, since: datetime) -> AsyncIterator[Place]:
        """Yield the places that may have missed messages: recently used ones first, then those with the latest
        messages.
        """
        lately = await self._bot.app.servers.list_channels(datetime.now(UTC) - LATELY, MAX_PLACES)
        order = {int(channel): number for number, (channel, _) in enumerate(lately)}
        after = discord.utils.time_snowflake(since)
        spoken = sorted(
            self._spoken_in(shard_id, after),
            key=lambda one: (order.get(one.id, len(order)), -(one.last_message_id or 0)),
        )
        # Shard 0 is the one that receives direct messages.
        direct = [int(channel) for channel, guild_id in lately if guild_id is None] if shard_id == 0 else []
        left = MAX_PLACES
        for place in [*map(self._bot.get_partial_messageable, direct), *spoken]:
            if left == 0:
                log.warning("not looked back everywhere")
                return
            left -= 1
            yield place

    def _spoken_in(self, shard_id: int, after: int) -> Iterator[Spoken]:
        """Return the readable channels of a shard's servers with new messages."""
        for guild in self._bot.guilds:
            if guild.shard_id != shard_id or guild.me is None:
                continue
            places: Sequence[Spoken] = [
                *guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads,
            ]  # fmt: skip
            for one in places:
                if (one.last_message_id or 0) <= after:
                    continue
                may = one.permissions_for(guild.me)
                if may.view_channel and may.read_message_history:
                    yield one

    async def _look_in(self, place: Place, since: datetime, until: datetime) -> int:
        """Answer the missed messages of a place; return how many."""
        me, messages = self._bot.user, list[discord.Message]()
        try:
            async for message in place.history(after=since, limit=_MAX_MESSAGES, oldest_first=True):
                messages.append(message)
        except discord.HTTPException:
            return 0  # The bot may not read it (any more).
        # A message without a request, such as a greeting or a refused one, was answered by a reply.
        answered = {one.reference.message_id for one in messages if one.author == me and one.reference}
        meant = [one for one in messages if one.created_at <= until and one.id not in answered and self._is_meant(one)]
        known = await self._bot.desk.jobs.find_known([str(one.id) for one in meant])
        found = 0
        for message in meant:
            if str(message.id) not in known and await self._may_answer(message):
                found += 1
                begin(message.created_at)
                try:
                    await self._hear(message)
                except Exception:
                    await self._bot.on_error("missed", message)
        return found

    async def _may_answer(self, message: discord.Message) -> bool:
        """Return whether a message still waits for an answer. Messages to a play or an interview are answered without
        a reply.
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


def _touched(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) - _UNSURE
    except OSError:
        return None
