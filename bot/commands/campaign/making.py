"""Writing campaigns: pending pieces are looked for, also those that an earlier process left, and written in this
process.
"""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.client import QuillmateBot
from bot.commands._periodic import PeriodicCog
from bot.errors import QuillmateError, RefusedError
from bot.requests.campaign_writing import GoneError
from bot.requests.resumable import Workers
from storage.campaigns import Campaign

from .threads import CampaignThreads

log = logging.getLogger(__name__)

# How often campaigns with pending pieces are looked for.
LOOK_SECONDS = 5.0


class CampaignMaking(PeriodicCog):
    """Has the pieces of campaigns written, also those that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._workers = Workers(self._work)
        # Campaigns whose thread this process is opening.
        self.opening: set[str] = set()

    async def cog_unload(self) -> None:
        """Stop with the bot; pending pieces are written by the next process."""
        await super().cog_unload()
        await self._workers.end()

    @classmethod
    def of(cls, bot: QuillmateBot) -> CampaignMaking:
        """Return the cog of a client."""
        cog = bot.get_cog(cls.__cog_name__)
        assert isinstance(cog, CampaignMaking)
        return cog

    async def run_once(self) -> None:
        """Start work on each campaign that this process does not work on yet."""
        bot = self._bot
        try:
            if not bot.stopping and await bot.desk.in_charge():
                campaigns = [
                    campaign for campaign in await bot.desk.campaigns.list_unfinished() if bot.serves(campaign.guild_id)
                ]
                self._workers.take_up(campaigns, exclude=self.opening)
        except QuillmateError as error:
            log.warning("no campaigns taken up: %s", type(error).__name__)

    async def wait_until_idle(self) -> None:
        """Wait until no work is left."""
        await self._workers.wait_idle()

    async def _work(self, campaign: Campaign) -> None:
        threads = CampaignThreads.of(self._bot)
        try:
            if not campaign.thread_id:  # The process that began it ended before it was open.
                campaign = await _resume_opening(threads, campaign)
            await self._bot.desk.campaign_writing.work(campaign, threads, lambda: self._bot.stopping)
        except GoneError:
            await threads.end(campaign, closed=True)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a campaign is left for later: %s", type(error).__name__)
            if isinstance(error, QuillmateError):  # Such as a full disk: it resumes by itself, and says why it waits.
                threads.soon(campaign, error.phrase)
        except Exception:  # The edge of a task: the next look takes it up again.
            log.exception("a campaign is left for later")


async def _resume_opening(threads: CampaignThreads, campaign: Campaign) -> Campaign:
    """Open a campaign that an earlier process has stored; raises GoneError if that is not allowed."""
    try:
        return await threads.open(campaign)
    except RefusedError as error:
        raise GoneError from error
