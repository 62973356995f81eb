"""How campaigns are made: what waits is looked for, also what an earlier process left, and worked at in this one."""

from __future__ import annotations

import logging

import aiohttp
import discord

from bot.client import QuillmateBot
from bot.commands._looking import PeriodicCog
from bot.errors import QuillmateError, RefusedError
from bot.requests.campaign_writing import GoneError
from bot.requests.resumable import Workers
from storage.campaigns import Campaign

from .threads import CampaignThreads

log = logging.getLogger(__name__)

# Campaigns of which something waits are looked for so often.
LOOK_SECONDS = 5.0


class CampaignMaking(PeriodicCog):
    """Has the pieces of campaigns made, those too that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._workers = Workers(self._work)
        # Those whose thread this process is opening right now.
        self.opening: set[str] = set()

    async def cog_unload(self) -> None:
        """Ends with the bot; what is not through is made by the next process."""
        await super().cog_unload()
        await self._workers.end()

    @classmethod
    def of(cls, bot: QuillmateBot) -> CampaignMaking:
        """The one of a client."""
        found = bot.get_cog(cls.__cog_name__)
        assert isinstance(found, CampaignMaking)
        return found

    async def run_once(self) -> None:
        """Begins to make what waits of each campaign that this process is not at yet."""
        bot = self._bot
        try:
            if not bot.stopping and await bot.desk.in_charge():
                waiting = [one for one in await bot.desk.campaigns.list_unfinished() if bot.serves(one.guild_id)]
                self._workers.take_up(waiting, exclude=self.opening)
        except QuillmateError as error:
            log.warning("no campaigns taken up: %s", type(error).__name__)

    async def idle(self) -> None:
        """Waits until nothing is made any more."""
        await self._workers.wait_idle()

    async def _work(self, campaign: Campaign) -> None:
        threads = CampaignThreads.of(self._bot)
        try:
            if not campaign.thread_id:  # The process that began it has ended before it was open.
                campaign = await _taken_up(threads, campaign)
            await self._bot.desk.campaign_writing.work(campaign, threads, lambda: self._bot.stopping)
        except GoneError:
            await threads.end(campaign, closed=True)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a campaign is left for later: %s", type(error).__name__)
            if isinstance(error, QuillmateError):  # As on a full disk: it goes on by itself, and says why it waits.
                threads.soon(campaign, error.phrase)
        except Exception:
            log.exception("a campaign is left for later")


async def _taken_up(threads: CampaignThreads, campaign: Campaign) -> Campaign:
    """Opens a campaign that an earlier process has kept; raises GoneError where it may not."""
    try:
        return await threads.open(campaign)
    except RefusedError as error:
        raise GoneError from error
