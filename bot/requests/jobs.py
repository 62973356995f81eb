"""Durable jobs: once saved, a job is carried out even after kill -9.

A job is a row before it is acknowledged. It starts at once while there is room and otherwise waits in a queue that all
processes sharing a database take from: most urgent first, and owners in turn. Checkpoint outcomes are saved, so a job
resumed after a crash pays for nothing twice; code outside checkpoints is repeated and must be idempotent. Rows are
sealed with their owner's key (`sealed_jobs.py`). Saving, queueing and resuming are the durable engine's
(`durable_engine/`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import Context
from pathlib import Path
from typing import Any, Protocol, Self

from bot.content import Checkpoint
from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK
from bot.runtime.heap import trim_heap
from storage.alerts import report_unwritable
from storage.crypto import OwnerKey
from storage.errors import ForgottenError

from .durable_engine import DurableEngine, Enqueuer, SavedJob, Worker, is_engine_error
from .ended_jobs import EndedJobs, EndRecorder, RecordEnd
from .given_up_jobs import GivenUpSearch, Tell
from .job_errors import JOBS_UNREADABLE, UNSAVED, JobsError, convert_errors, log_errors
from .sealed_jobs import KnownSealOf, SealOf, build_checkpoint, open_text, seal_text

log = logging.getLogger(__name__)

# Polling interval for jobs ended by another process, and for the state of jobs that others run.
_WATCH_INTERVAL_SECONDS = 0.5
# Grace period for the process that runs an ended job to say so.
_END_TIMEOUT_SECONDS = 5.0
# Jobs of one owner ordered by arrival within an urgency.
_TURNS_PER_URGENCY = 1000
# Finished jobs are kept this long so that a repeated event is recognised; then their rows, which hold briefs, are deleted.
KEEP_SECONDS = 3600.0
_DELETE_INTERVAL_SECONDS = 600.0
# An unavailable server delays a stop no longer than this.
_JOIN_TIMEOUT_SECONDS = 2.0
_MAX_COUNTED = 1000
_MISSING = object()


class JobHandler(Protocol):
    """The work of a job."""

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carry out a job. `again` is true when an earlier process had begun it."""


class Jobs:
    """The durable jobs of one process. Use as `async with Jobs(...) as jobs:` on the loop that does the work.

    `seal_of` returns the owner's key when a job is saved, `known_seal_of` when it is carried out: a job whose owner
    was erased meanwhile ends. `room` is how many jobs run at once before others queue. `slot` names this process among
    all that share the database; after a restart, the process with the same slot resumes its predecessor's jobs. `tell`
    notifies the requester of a job that was given up because its process died of it each time. `ended` is a file with
    the ids of jobs that ended while the database was unavailable; they are not started again.

    Where `company` says that other processes share the database, at most `places` jobs start here and the rest is left
    to any of them. Without `works` this process only enqueues.
    """

    def __init__(
        self,
        url: str,
        work: JobHandler,
        seal_of: SealOf,
        *,
        known_seal_of: KnownSealOf | None = None,
        room: int = 64,
        slot: str = "0",
        tell: Tell | None = None,
        ended: Path | None = None,
        company: Callable[[], bool] = lambda: False,
        places: Callable[[], int] = lambda: 1,
        works: bool = True,
    ) -> None:
        self._work, self._seal_of, self._notify = work, seal_of, tell
        self._known_seal_of: KnownSealOf = known_seal_of or seal_of
        self._room, self.is_shared_deployment, self._places = room, company, places
        self._worker = Worker(url, slot, self) if works else None
        self._engine: DurableEngine = self._worker or Enqueuer(url)
        self._closing = threading.Event()
        # Jobs that ended here while the database was unavailable.
        self._ended = EndedJobs(ended)
        self._end_recorder = EndRecorder(
            self._ended, lambda job_id: job_id in self._running, self._engine.cancel_blocking, self._closing
        )
        self._given_up_search: GivenUpSearch | None = None
        # Keys of the owners of jobs submitted to this process.
        self._seals: dict[str, OwnerKey] = {}
        self._running: dict[str, asyncio.Task[Any] | None] = {}
        # Owners of the jobs that run here.
        self._owners: dict[str, str] = {}
        # Owners of the jobs that this process has enqueued and that are not known to have ended.
        self._queued: dict[str, str] = {}
        # Owners of jobs that are being saved or have not started yet.
        self._starting: dict[str, tuple[str, asyncio.Event]] = {}
        self._delete_task: asyncio.Task[None] | None = None
        self._watch_task: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def running_count(self) -> int:
        """The number of jobs that run now."""
        return len(self._running)

    @property
    def has_queued_jobs(self) -> bool:
        """Whether jobs that this process enqueued may still be waiting."""
        return bool(self._queued)

    def count_pending(self, owner: str) -> int:
        """Return how many jobs of an owner are running, enqueued by, or being accepted by this process."""
        starting = {job_id for job_id, (whose, _) in self._starting.items() if whose == owner}
        known = (self._owners | self._queued).items()
        return len(starting.union(job_id for job_id, whose in known if whose == owner))

    async def __aenter__(self) -> Self:
        with convert_errors("The file of pending jobs cannot be opened. Run `quillmate doctor` for details."):
            await self._engine.open()
        self._delete_task = asyncio.create_task(self._delete_finished(), name="tidy jobs")
        if self._worker is not None:
            self._given_up_search = GivenUpSearch(self._worker, self._known_seal_of, self._notify, self._closing)
        self._end_recorder.start()
        return self

    def compute_max_running(self) -> int:
        """Return how many jobs may run here at once."""
        return min(self._room, self._places()) if self.is_shared_deployment() else self._room

    async def __aexit__(self, *exc: object) -> None:
        await self.hand_back()

    async def hand_back(self) -> None:
        """Stop all work and close. Unfinished jobs stay saved for the next process with this slot."""
        if not self._engine.is_open:
            return
        for one in (self._delete_task, self._watch_task):
            if one is not None:
                one.cancel()
        self._closing.set()
        self._end_recorder.wake()
        for thread in (self._given_up_search, self._end_recorder):
            if thread is not None:
                await asyncio.to_thread(thread.join, _JOIN_TIMEOUT_SECONDS)
        tasks = [task for task in self._running.values() if task is not None]
        for task in tasks:
            task.cancel()  # Their rows stay pending: the next process resumes them.
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._end_recorder.record_all), _JOIN_TIMEOUT_SECONDS)
        await self._engine.close()

    async def submit(self, job_id: str, owner: str, job: dict[str, Any], urgency: int = 0) -> None:
        """Save a job; once this returns it will be carried out. Submitting the same id again is idempotent.

        Jobs with a lower `urgency` number start first.

        Raises:
            JobsError: it could not be saved.
        """
        if job_id in self._running:
            return
        turn = min(self.count_pending(owner), _TURNS_PER_URGENCY - 1)
        self._starting[job_id] = (owner, asyncio.Event())
        row: dict[str, str] | None = None
        try:
            seal = self._seals[job_id] = await self._seal_of(owner)
            row = {"owner": owner, "sealed": seal_text(job, job_id, seal)}
            priority = 1 + _TURNS_PER_URGENCY * urgency + turn
            if self._worker is not None and self.running_count < self.compute_max_running():
                self._owners[job_id] = owner
                self._add_running(job_id, None)
                is_new = await self._worker.start(job_id, owner, row)
                if not is_new and self._running.get(job_id, _MISSING) is None:
                    self._discard(job_id)
            else:
                self._track_queued(job_id, owner)
                await self._engine.enqueue(job_id, owner, row, priority)
                self._mark_started(job_id)
        except BaseException as error:  # Also a cancellation: nothing may go on waiting for the job to start.
            self._discard(job_id)
            if not isinstance(error, Exception) or isinstance(error, ForgottenError):
                raise
            report_unwritable("jobs", error)
            if row is not None:  # It may have been saved although the confirmation was lost.
                self.note_unrecorded_end(job_id)
            raise JobsError(UNSAVED) from error

    async def take_over(self, slot: str) -> int:
        """Requeue the jobs of another slot whose process is gone; return how many there were.

        Each job is taken over by one process only, however many try.

        Raises:
            JobsError: they cannot be read.
        """
        with convert_errors(JOBS_UNREADABLE):
            return await asyncio.to_thread(self._engine.requeue_pending, slot)

    def is_running(self, job_id: str) -> bool:
        """Return whether a job is running, enqueued by, or being accepted by this process."""
        return job_id in self._running or job_id in self._starting or job_id in self._queued

    async def forget(self, owner: str) -> int:
        """End and delete all jobs of an owner; return how many there were.

        Running jobs are cancelled with the reason FORGOTTEN, in whichever process they run, so that they can say so.
        """
        for started in [started for whose, started in self._starting.values() if whose == owner]:
            await started.wait()  # A job deleted before it starts would fail instead of ending.
        found = await self._engine.list_owned(owner)
        await self._end(found, FORGOTTEN)
        await self._engine.delete([one.id for one in found])
        await self._engine.flush_log()
        return len(found)

    @property
    def _is_alone(self) -> bool:
        """Whether no other process can have jobs."""
        return self._worker is not None and not self.is_shared_deployment()

    async def cancel(self, job_id: str, owner: str, why: str = TAKEN_BACK) -> bool:
        """End an owner's job with a reason, TAKEN_BACK or UNHEARD; return whether it was theirs and unfinished."""
        if job_id in self._starting:
            await self._starting[job_id][1].wait()
        found = [one for one in await self._engine.list_owned(owner) if one.id == job_id and not one.is_finished]
        await self._end(found, why)
        return bool(found)

    async def end(self, job_id: str) -> bool:
        """End a job of any owner, in whichever process it runs, with the reason ENDED; return whether it ran."""
        owner = self._owners.get(job_id)
        if owner is None and not self._is_alone:
            with convert_errors(JOBS_UNREADABLE):
                owner = next((one.owner for one in await self._engine.load([job_id])), None)
        return owner is not None and await self.cancel(job_id, owner, ENDED)

    async def list_elsewhere(self) -> list[SavedJob]:
        """Return the jobs that have not ended and that this process does not run, oldest first, up to 1,000.

        Raises:
            JobsError: they cannot be read.
        """
        if self._is_alone:
            return []
        with convert_errors(JOBS_UNREADABLE):
            found = await self._engine.list_unfinished(_MAX_COUNTED)
        return [one for one in found if one.id not in self._running and one.id not in self._starting]

    async def _end(self, jobs: list[SavedJob], why: str) -> None:
        """End jobs and pass the reason to those that run. Jobs of an unresponsive process are cancelled in the
        database.
        """
        unfinished = [one.id for one in jobs if not one.is_finished]
        tasks = [task for job_id in unfinished if (task := self._running.get(job_id)) is not None]
        for task in tasks:
            task.cancel(why)
        elsewhere = [] if self._is_alone else [job_id for job_id in unfinished if job_id not in self._running]
        for job_id in elsewhere:  # Queued ones too: one of them may be starting right now.
            await self._engine.set_end_reason(job_id, why)
        await asyncio.gather(*tasks, return_exceptions=True)
        started = {one.id for one in jobs if one.is_started}.intersection(elsewhere)
        await self._engine.cancel([job_id for job_id in unfinished if job_id not in started])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_TIMEOUT_SECONDS):
                while any(one.is_started for one in await self._engine.load(elsewhere)):
                    await asyncio.sleep(_WATCH_INTERVAL_SECONDS / 4)
        await self._engine.cancel(elsewhere)

    async def _watch(self) -> None:
        """End jobs of this process that another one has ended, and forget enqueued jobs that others have finished.

        Runs for as long as there are any.
        """
        while self._queued or (self._running and self._engine.uses_server):
            await asyncio.sleep(_WATCH_INTERVAL_SECONDS)
            running = (
                {job_id for job_id, task in self._running.items() if task is not None}
                if self.is_shared_deployment()
                else set()
            )
            queued = set(self._queued) - set(self._starting)
            found: dict[str, SavedJob] | None = None
            with log_errors("the state of jobs cannot be read"):
                found = {one.id: one for one in await self._engine.load(running | queued)}
            if found is None:
                continue
            for job_id in queued:
                if job_id not in found or found[job_id].is_finished:
                    self._queued.pop(job_id, None)
            for job_id, why in [(one, found[one].end_reason) for one in running if one in found]:
                if why and (task := self._running.get(job_id)) is not None:
                    task.cancel(why)
                    await asyncio.gather(task, return_exceptions=True)
                    await self._engine.cancel([job_id])

    async def find_known(self, job_ids: Sequence[str]) -> set[str]:
        """Return which of these jobs are saved, including those finished within the last hour.

        Raises:
            JobsError: they cannot be read.
        """
        with convert_errors(JOBS_UNREADABLE):
            return {one.id for one in await self._engine.load(job_ids)}

    async def count_queued(self) -> int:
        """Return how many jobs in the database no process has started, up to 1,000.

        Raises:
            JobsError: they cannot be read.
        """
        with convert_errors(JOBS_UNREADABLE):
            return await self._engine.count_queued(_MAX_COUNTED)

    async def count(self, owner: str) -> int:
        """Return how many jobs of an owner are saved, including finished ones."""
        return len(await self._engine.list_owned(owner))

    async def load_all(self, owner: str) -> list[dict[str, Any]]:
        """Return an owner's jobs, oldest first: their requests and checkpoint outcomes so far."""
        seal = await self._known_seal_of(owner)
        if seal is None:
            return []
        found = []
        for one in await self._engine.list_owned(owner):
            outputs = await self._engine.load_outputs(one.id)
            outcomes = {name: open_text(output, f"{one.id}/{name}", seal) for name, output in outputs.items()}
            found.append({"id": one.id, "job": open_text(one.row["sealed"], one.id, seal), "checkpoints": outcomes})
        return found

    async def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing runs, up to a timeout; return whether that was reached."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        return not self._running

    async def carry_out(self, job_id: str, row: dict[str, Any]) -> None:
        """Run a job's work inside its durable workflow."""
        self._owners[job_id] = row["owner"]
        self._add_running(job_id, asyncio.current_task())
        try:
            if job_id in self._ended:
                return
            seal = self._seals.get(job_id) or await self._known_seal_of(row["owner"])
            if seal is None:
                log.info("a job's owner was erased")
                return
            job = open_text(row["sealed"], job_id, seal)
            await self._work(job, build_checkpoint(job_id, seal), again=job_id not in self._seals)
        except Exception as error:  # Whatever it is, the engine would store its message as plain text.
            if is_engine_error(error):
                report_unwritable("jobs", error)
            log.error("a job failed: %s", type(error).__name__)
            raise JobsError("The job failed.") from None
        finally:
            self._discard(job_id)

    def note_unrecorded_end(self, job_id: str, record: RecordEnd | None = None) -> None:
        """Remember that a job ended although the database could not record it."""
        self._end_recorder.add(job_id, record)

    def _track_queued(self, job_id: str, owner: str) -> None:
        self._queued[job_id] = owner
        self._start_watching()

    def _start_watching(self) -> None:
        if self._watch_task is None or self._watch_task.done():
            # In a fresh context: in a job's, the engine would record these queries as steps of that job.
            self._watch_task = asyncio.create_task(self._watch(), name="watch jobs", context=Context())

    def _add_running(self, job_id: str, task: asyncio.Task[Any] | None) -> None:
        self._running[job_id] = task
        if self._engine.uses_server:
            self._start_watching()
        if task is not None:
            self._mark_started(job_id)
        self._idle.clear()

    def _mark_started(self, job_id: str) -> None:
        if job_id in self._starting:
            self._starting.pop(job_id)[1].set()

    def _discard(self, job_id: str) -> None:
        self._running.pop(job_id, None)
        self._seals.pop(job_id, None)
        self._owners.pop(job_id, None)
        self._queued.pop(job_id, None)
        self._mark_started(job_id)
        if not self._running:
            self._idle.set()

    async def _delete_finished(self) -> None:
        while True:
            with log_errors("finished jobs cannot be deleted"):
                await self._engine.delete_finished(KEEP_SECONDS)
            await asyncio.to_thread(trim_heap)
            await asyncio.sleep(_DELETE_INTERVAL_SECONDS)
