"""Jobs that the durable engine gave up, as their process died of them each time: their requesters are notified."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from .durable_engine import MAX_ATTEMPTS, DurableEngineError, SavedJob, Worker
from .job_errors import log_errors
from .sealed_jobs import KnownSealOf, open_text

log = logging.getLogger(__name__)

# Delay after the start until given-up jobs are searched for, doubled up to the maximum; they are only detected when work
# is resumed. Notifying a requester may take this long, else it is retried at the next search.
_MIN_LOOK_SECONDS, _MAX_LOOK_SECONDS, _NOTIFY_TIMEOUT_SECONDS = 1.0, 60.0, 60.0

# Notifies the requester that their job was given up. May be called again for the same job.
Tell = Callable[[dict[str, Any]], Awaitable[None]]


class GivenUpSearch:
    """Searches for given-up jobs until `closing` is set, in a thread: the engine reports them nowhere."""

    def __init__(self, worker: Worker, known_seal_of: KnownSealOf, tell: Tell | None, closing: threading.Event) -> None:
        self._worker, self._known_seal_of, self._notify, self._closing = worker, known_seal_of, tell, closing
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._search, args=(loop,), name="jobs given up", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait until the search has ended, up to a timeout. Blocks."""
        self._thread.join(seconds)

    def _search(self, loop: asyncio.AbstractEventLoop) -> None:
        pause, report_task = _MIN_LOOK_SECONDS, None
        while not self._closing.wait(pause):
            pause = min(2 * pause, _MAX_LOOK_SECONDS)
            if report_task is not None and not report_task.done():
                continue
            found: list[SavedJob] = []
            with log_errors("the search for given-up jobs failed", unless=self._closing.is_set):
                found = self._worker.list_given_up_jobs()
            if found and not self._closing.is_set():
                report_task = asyncio.run_coroutine_threadsafe(self._report(found), loop)

    async def _report(self, given_up: list[SavedJob]) -> None:
        """Notify the requesters of given-up jobs and delete those. Unreachable ones are retried at the next search."""
        for one in given_up:
            if self._closing.is_set():
                return
            log.error("a job was given up: the process died of it %s times", MAX_ATTEMPTS + 1)
            with log_errors("the requester of a given-up job cannot be notified", logging.ERROR):
                try:
                    await self._notify_requester(one)
                except TimeoutError:
                    continue
            with contextlib.suppress(DurableEngineError):
                await self._worker.delete([one.id])

    async def _notify_requester(self, given_up: SavedJob) -> None:
        row = given_up.row
        seal = await self._known_seal_of(row["owner"])
        if seal is not None and self._notify is not None:
            async with asyncio.timeout(_NOTIFY_TIMEOUT_SECONDS):
                await self._notify(open_text(row["sealed"], given_up.id, seal))
