"""The background work on campaigns: finds pending pieces, including those that an earlier process left, and writes them."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.client import QuillmateBot
from bot.commands.campaign.threads import CampaignThreads
from bot.errors import QuillmateError, RefusedError
from bot.interactions.periodic import PeriodicCog
from bot.requests.campaign_writing import ThreadGoneError
from bot.requests.resumable import Workers
from storage.campaigns import Campaign

log = logging.getLogger(__name__)

# Interval between searches for campaigns with pending pieces.
LOOK_SECONDS = 5.0


class CampaignMaking(PeriodicCog):
    """Writes the pending pieces of campaigns, including those that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._workers = Workers(self._work)
        # Campaigns whose thread this process is opening.
        self.opening: set[str] = set()

    async def cog_unload(self) -> None:
        """Stop the work; the next process writes what is pending."""
        await super().cog_unload()
        await self._workers.end()

    @classmethod
    def of(cls, bot: QuillmateBot) -> CampaignMaking:
        """Return the cog of a client."""
        cog = bot.get_cog(cls.__cog_name__)
        assert isinstance(cog, CampaignMaking)
        return cog

    async def run_once(self) -> None:
        """Start work on each unfinished campaign that this process is not working on yet."""
        bot = self._bot
        try:
            if not bot.stopping and await bot.desk.holds_lease():
                campaigns = [
                    campaign for campaign in await bot.desk.campaigns.list_unfinished() if bot.serves(campaign.guild_id)
                ]
                self._workers.take_up(campaigns, exclude=self.opening)
        except QuillmateError as error:
            log.warning("could not look for unfinished campaigns: %s", type(error).__name__)

    async def wait_until_idle(self) -> None:
        """Wait until this process is working on no campaign."""
        await self._workers.wait_idle()

    async def _work(self, campaign: Campaign) -> None:
        threads = CampaignThreads.of(self._bot)
        try:
            if not campaign.thread_id:  # An earlier process stopped before it opened the thread.
                campaign = await _resume_opening(threads, campaign)
            await self._bot.desk.campaign_writing.work(campaign, threads, lambda: self._bot.stopping)
        except ThreadGoneError:
            await threads.end(campaign, closed=True)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a campaign will be retried later: %s", type(error).__name__)
            if isinstance(error, QuillmateError):  # Such as a full disk: the board says why the campaign is waiting.
                threads.schedule_board_update(campaign, error.phrase)
        except Exception:  # The edge of a task: the next search resumes the campaign.
            log.exception("a campaign will be retried later")


async def _resume_opening(threads: CampaignThreads, campaign: Campaign) -> Campaign:
    """Open the thread of a campaign that an earlier process stored.

    Raises:
        ThreadGoneError: the channel is gone, or the bot may not open threads there.
    """
    try:
        return await threads.open(campaign)
    except RefusedError as error:
        raise ThreadGoneError from error
