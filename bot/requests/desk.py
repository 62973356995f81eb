"""Where a client takes and carries out requests: answers, durable jobs, bulk sheets, tables and campaigns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Self

from bot.errors import QuillmateError
from bot.people.privacy import Privacy
from bot.runtime.lease import LOOK_SECONDS, WORK, Lease
from storage.errors import StorageError

from .admission_control import AdmissionControl
from .answers import Answers
from .bulk_sheets import BulkSheets
from .campaign_writing import CampaignWriting
from .campaigns import CampaignService
from .jobs import Jobs
from .synthetic_tables import SyntheticTables

log = logging.getLogger(__name__)


class RequestDesk:
    """Use as `async with` on the loop that does the work: requests left by an earlier process are resumed on entry.

    `lease` is this process's slot lease; without one there is no other process, and nothing is taken over.
    """

    def __init__(
        self,
        answers: Answers,
        jobs: Jobs,
        privacy: Privacy,
        admission: AdmissionControl,
        campaigns: CampaignService,
        campaign_writing: CampaignWriting,
        lease: Lease | None = None,
    ) -> None:
        self.answers, self.jobs, self.privacy, self.admission, self.campaigns = (
            answers,
            jobs,
            privacy,
            admission,
            campaigns,
        )
        self.campaign_writing = campaign_writing
        self.bulk = BulkSheets(answers, admission)
        self.synthetic_tables = SyntheticTables(answers, admission)
        self._lease = lease
        self._adoption_tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.jobs.__aenter__()
        if self._lease is not None:
            self._adoption_tasks.add(asyncio.create_task(self._adopt_abandoned(self._lease), name="adopt"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._cancel_adoption()
        await self.jobs.__aexit__(*exc)

    async def holds_lease(self) -> bool:
        """Return whether this process may show anything: it holds its slot's lease, or is the only process."""
        return await self.answers.holds_lease()

    @contextlib.asynccontextmanager
    async def hold_claim(self, job_id: str) -> AsyncIterator[bool]:
        """Yield whether this process may do a long job such as a sheet; no other process does it meanwhile."""
        names = [f"{WORK}{job_id}"]
        if self._lease is not None and not await self._lease.claim(names):
            yield False
            return
        try:
            yield True
        finally:
            if self._lease is not None:
                await self._lease.release(names)

    async def end(self, seconds: float) -> None:
        """Let running jobs finish within a timeout and hand back the rest. Call before leaving Discord."""
        await self._cancel_adoption()
        if not await self.jobs.wait_idle(seconds):
            log.info("handing back what still runs")
        await self.jobs.hand_back()

    async def _cancel_adoption(self) -> None:
        for task in self._adoption_tasks:
            task.cancel()
        await asyncio.gather(*self._adoption_tasks, return_exceptions=True)
        self._adoption_tasks.clear()

    async def _adopt_abandoned(self, lease: Lease) -> None:
        """Periodically take over the jobs of processes that are gone, and read whether operators have paused."""
        while True:
            try:
                await lease.take_over_expired(self.jobs.take_over)
            except QuillmateError as error:
                log.warning("nothing taken over: %s", type(error).__name__)
            with contextlib.suppress(StorageError):  # The pause stays as it is known.
                await self.admission.pause.refresh()
            await asyncio.sleep(LOOK_SECONDS)
