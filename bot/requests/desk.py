"""Where requests are taken and carried out: answers, the durable jobs that they are kept as, and what is kept of whoever asks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Self

from bot.errors import QuillmateError
from bot.people.privacy import Privacy
from bot.runtime.lease import LOOK_SECONDS, WORK, Lease

from .answers import Answers
from .bulk import Bulk
from .campaign_writing import CampaignWriting
from .campaigns import Campaigns
from .door import Door
from .jobs import Jobs
from .made_tables import TablesToMake

log = logging.getLogger(__name__)


class Desk:
    """Use as `async with`, on the loop that does the work: requests that an earlier process left are taken up from then on.

    `lease` is the one of this process's slot; without one nobody else is there, and nothing is taken over.
    """

    def __init__(
        self,
        answers: Answers,
        jobs: Jobs,
        privacy: Privacy,
        door: Door,
        campaigns: Campaigns,
        campaign_writing: CampaignWriting,
        lease: Lease | None = None,
    ) -> None:
        self.answers, self.jobs, self.privacy, self.door, self.campaigns = answers, jobs, privacy, door, campaigns
        self.campaign_writing = campaign_writing
        self.bulk = Bulk(answers, door)
        self.made_tables = TablesToMake(answers, door)
        self._lease = lease
        self._adopting: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.jobs.__aenter__()
        if self._lease is not None:
            self._adopting.add(asyncio.create_task(self._adopt(self._lease), name="adopt"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._end_adopting()
        await self.jobs.__aexit__(*exc)

    async def in_charge(self) -> bool:
        """Whether this process may show anything: it holds its slot's lease, or nobody else is there."""
        return await self.answers.in_charge()

    @contextlib.asynccontextmanager
    async def claimed(self, job_id: str) -> AsyncIterator[bool]:
        """Tells whether this process is the one that does a long job, such as a sheet; as long as this lasts no other does."""
        names = [f"{WORK}{job_id}"]
        if self._lease is not None and not await self._lease.claim(names):
            yield False
            return
        try:
            yield True
        finally:
            if self._lease is not None:
                await self._lease.let_go(names)

    async def end(self, seconds: float) -> None:
        """Lets running jobs finish for so long and hands back the rest; to be done before Discord is left."""
        await self._end_adopting()
        if not await self.jobs.settled(seconds):
            log.info("handing back what still runs")
        await self.jobs.hand_back()

    async def _end_adopting(self) -> None:
        for task in self._adopting:
            task.cancel()
        await asyncio.gather(*self._adopting, return_exceptions=True)
        self._adopting.clear()

    async def _adopt(self, lease: Lease) -> None:
        """Takes over, now and then, what processes left that do not come back."""
        while True:
            try:
                await lease.adopt(self.jobs.take_over)
            except QuillmateError as error:
                log.warning("nothing taken over: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
