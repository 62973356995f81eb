"""Durable jobs: once saved, a job is carried out even after kill -9. The only module that knows the durable engine.

A job is a row before it is acknowledged. It starts at once while there is room and otherwise waits in a queue that all
processes sharing a database take from: most urgent first, and owners in turn. Checkpoint outcomes are saved, so a job
resumed after a crash pays for nothing twice; code outside checkpoints is repeated and must be idempotent. Rows are
sealed with their owner's key.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path
from typing import Any, Protocol, Self

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSContextSetAuth,
    SetEnqueueOptions,
    SetWorkflowID,
    WorkflowStatus,
)
from dbos import error as dbos_error
from dbos._context import current_owner_xid, snapshot_step_context
from dbos._core import WorkflowHandleAsyncPolling, run_step_async
from dbos._dbos import _get_dbos_instance
from dbos._serialization import DBOSPortableJSON

from bot.content import Checkpoint
from bot.engines.spending import restore_spending, track_spending
from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK, EngineError, QuillmateError
from bot.requests.ended_jobs import EndedJobs
from bot.runtime.heap import trim_heap
from storage.alerts import report_unwritable
from storage.crypto import OwnerKey
from storage.errors import ForgottenError

log = logging.getLogger(__name__)

QUEUE = "requests"
# Constant over releases, so that any release resumes the jobs of another: jobs are plain data with their own version.
APPLICATION_VERSION = "1"
# Polling interval of the queue: for a single process, where a job waits only while `room` others run and each poll costs 3 ms of
# CPU time; and with several processes, whose jobs all come through it.
QUEUE_SECONDS, SHARED_QUEUE_SECONDS = 1.0, 0.15
# Connections of the durable engine; a server takes 100 of all processes by default: see docs/scale.md.
_MAX_CONNECTIONS = 8
# Polling interval for jobs ended by another process, and for the state of jobs that others run.
_WATCH_INTERVAL_SECONDS = 0.5
# Grace period for the process that runs an ended job to say so.
_END_TIMEOUT_SECONDS = 5.0
# Jobs of one owner ordered by arrival within an urgency.
_TURNS_PER_URGENCY = 1000
# Polling interval of the engine's notification listener, and so the longest delay of a stop.
STOP_SECONDS = 0.25
# Finished jobs are kept this long so that a repeated event is recognised; then their rows, which hold briefs, are deleted.
KEEP_SECONDS = 3600.0
_DELETE_INTERVAL_SECONDS = 600.0
# Starts of a job after its process died before the job is taken for the cause. Jobs that merely ran alongside count as
# well, so this exceeds what manual restarts reach within the hour that jobs are answered.
MAX_ATTEMPTS = 30
# Delay after the start until given-up jobs are searched for, doubled up to the maximum; they are only detected when work
# is resumed. Notifying a requester may take this long, else it is retried at the next search.
_MIN_LOOK_SECONDS, _MAX_LOOK_SECONDS, _NOTIFY_TIMEOUT_SECONDS = 1.0, 60.0, 60.0
# An unavailable server delays a stop no longer than this.
_JOIN_TIMEOUT_SECONDS = 2.0
# Retry interval while the server is unavailable, and how long a job waits at a checkpoint before it fails.
_RETRY_SECONDS, _MAX_RETRY_SECONDS = 0.5, 60.0
# Retry interval for recording ended jobs.
_RECORD_INTERVAL_SECONDS = 1.0
# How long flushing the write-ahead log waits for a reader; it is retried with the next deletion of finished jobs.
_FLUSH_TIMEOUT_SECONDS = 0.5

# The row attribute that holds why a job was ended, for the process that runs it.
_ENDED = "ended"
_NAME = "quillmate"
_ENQUEUE_OPTIONS = {"workflow_name": "carry_out", "queue_name": QUEUE, "app_version": APPLICATION_VERSION}

_UNREADABLE = "The pending requests cannot be read. `quillmate doctor` tells more."
_MAX_COUNTED = 1000
_GIVEN_UP = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
_FINISHED = ("SUCCESS", "ERROR", "CANCELLED", _GIVEN_UP)
_MISSING = object()


UNSAVED = "I cannot save anything right now, so nothing comes of this. Try again in a minute."


class JobHandler(Protocol):
    """The work of a job."""

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carry out a job. `again` is true when an earlier process had begun it."""


# Returns the key of a user, created on first use.
SealOf = Callable[[str], Awaitable[OwnerKey]]
# Returns the key of a user, None when nothing is stored for them.
KnownSealOf = Callable[[str], Awaitable[OwnerKey | None]]
# Notifies the requester that their job was given up. May be called again for the same job.
Tell = Callable[[dict[str, Any]], Awaitable[None]]


class JobsError(QuillmateError):
    """Jobs cannot be saved, so none may be acknowledged."""


class _SecureDeleteConnection(sqlite3.Connection):
    """A connection that overwrites deleted rows with zeros, so that no page of the file retains erased data."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA secure_delete=ON")


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
        self._url, self._work, self._seal_of, self._room, self._slot = url, work, seal_of, room, slot
        self._known_seal_of: KnownSealOf = known_seal_of or seal_of
        self._notify, self._is_shared_deployment, self._places, self._works = tell, company, places, works
        # The durable engine: the one of this process, or a client that only enqueues.
        self._engine: Any = DBOS
        # Jobs that ended here while the database was unavailable.
        self._ended = EndedJobs(ended)
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
        self._record_thread: threading.Thread | None = None
        self._watch_task: asyncio.Task[None] | None = None
        self._given_up_thread: threading.Thread | None = None
        self._closing = threading.Event()
        # Set while the database may not know of some ended jobs.
        self._has_unrecorded = threading.Event()
        # True while the write-ahead log may still hold deleted rows.
        self._has_unflushed_log = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def running(self) -> int:
        """The number of jobs that run now."""
        return len(self._running)

    def count_pending(self, owner: str) -> int:
        """Return how many jobs of an owner are running, enqueued by, or being accepted by this process."""
        starting = {job_id for job_id, (whose, _) in self._starting.items() if whose == owner}
        known = (self._owners | self._queued).items()
        return len(starting.union(job_id for job_id, whose in known if whose == owner))

    async def __aenter__(self) -> Self:
        global _current
        if _current is not None:
            raise JobsError("Jobs run already in this process.")
        _current = self
        try:
            if self._works:
                await asyncio.to_thread(_prepare_sqlite, self._url)
                DBOS(config=self._build_config())
                # Launch on the loop's own thread: the engine adopts that loop and runs jobs there.
                DBOS.launch()
                self._record_failed_ends()
                await self._take_from_queue()
            else:
                self._engine = await asyncio.to_thread(_open_client, self._url)
        except BaseException as error:
            _current = None
            DBOS.destroy(destroy_registry=False)
            if not isinstance(error, Exception):
                raise
            report_unwritable("jobs", error)
            raise JobsError("The file of pending jobs cannot be opened. `quillmate doctor` tells more.") from error
        self._delete_task = asyncio.create_task(self._delete_finished(), name="tidy jobs")
        if self._works:
            self._given_up_thread = threading.Thread(
                target=self._find_given_up, args=(asyncio.get_running_loop(),), name="jobs given up", daemon=True
            )
            self._given_up_thread.start()
            self._record_thread = threading.Thread(target=self._record_loop, name="record ends of jobs", daemon=True)
            self._record_thread.start()
            if self._ended.list_unrecorded():
                self._has_unrecorded.set()
        return self

    async def _take_from_queue(self) -> None:
        """Make the engine dequeue as many jobs as there is room for here, which no figure in the database could say."""
        await DBOS.register_queue_async(QUEUE, worker_concurrency=self._room, polling_interval_sec=QUEUE_SECONDS)
        engine = _get_dbos_instance()
        get_stored_queue, queue = engine._sys_db.get_queue, await DBOS.retrieve_queue_async(QUEUE)

        def get_queue(name: str, **options: Any) -> Any:
            if name != QUEUE or queue is None:
                return get_stored_queue(name, **options)
            dequeued = engine._active_workflows_set.count_for_queue(QUEUE)
            # The engine counts dequeued jobs itself; subtract only the others.
            queue._worker_concurrency = max(0, self._compute_max_running() - max(0, self.running - dequeued))
            # A single process gets no jobs from others.
            queue._polling_interval_sec = SHARED_QUEUE_SECONDS if self._is_shared_deployment() else QUEUE_SECONDS
            return queue

        engine._sys_db.get_queue = get_queue  # type: ignore[method-assign]

    def _compute_max_running(self) -> int:
        """Return how many jobs may run here at once."""
        return min(self._room, self._places()) if self._is_shared_deployment() else self._room

    async def __aexit__(self, *exc: object) -> None:
        await self.hand_back()

    async def hand_back(self) -> None:
        """Stop all work and close. Unfinished jobs stay saved for the next process with this slot."""
        global _current
        if _current is not self:
            return
        for one in (self._delete_task, self._watch_task):
            if one is not None:
                one.cancel()
        self._closing.set()
        self._has_unrecorded.set()
        for thread in (self._given_up_thread, self._record_thread):
            if thread is not None:
                await asyncio.to_thread(thread.join, _JOIN_TIMEOUT_SECONDS)
        tasks = [task for task in self._running.values() if task is not None]
        for task in tasks:
            task.cancel()  # Their rows stay pending: the next process resumes them.
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._record_pending), _JOIN_TIMEOUT_SECONDS)
        # The engine made its thread pool the loop's default and closes it, while other code still uses threads.
        if self._works:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="quillmate"))
            await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
        else:
            await asyncio.to_thread(self._engine.destroy)
        _current = None

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
            row = {"owner": owner, "sealed": _encode(seal.seal(job, job_id))}
            priority = 1 + _TURNS_PER_URGENCY * urgency + turn
            if not self._works:
                self._track_queued(job_id, owner)
                order = {**_ENQUEUE_OPTIONS, "workflow_id": job_id, "authenticated_user": owner, "priority": priority}
                await self._engine.enqueue_async(order, row)
                self._mark_started(job_id)
                return
            with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []):
                if self.running < self._compute_max_running():
                    self._owners[job_id] = owner
                    self._add_running(job_id, None)
                    handle = await DBOS.start_workflow_async(_carry_out, row)
                    if isinstance(handle, WorkflowHandleAsyncPolling) and self._running.get(job_id, _MISSING) is None:
                        self._discard(job_id)  # Started before; the engine does not run it again.
                else:
                    self._track_queued(job_id, owner)
                    with SetEnqueueOptions(priority=priority):
                        await DBOS.enqueue_workflow_async(QUEUE, _carry_out, row)
                    self._mark_started(job_id)
        except BaseException as error:
            self._discard(job_id)
            if not isinstance(error, Exception) or isinstance(error, ForgottenError):
                raise
            report_unwritable("jobs", error)
            if row is not None:  # It may have been saved although the confirmation was lost.
                self._add_ended(job_id)
            raise JobsError(UNSAVED) from error

    async def take_over(self, slot: str) -> int:
        """Requeue the jobs of another slot whose process is gone; return how many there were.

        Each job is taken over by one process only, however many try.

        Raises:
            JobsError: they cannot be read.
        """
        try:
            return await asyncio.to_thread(_requeue_pending, self._engine, _format_executor_id(slot))
        except Exception as error:
            report_unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error

    def is_running(self, job_id: str) -> bool:
        """Return whether a job is running, enqueued by, or being accepted by this process."""
        return job_id in self._running or job_id in self._starting or job_id in self._queued

    async def forget(self, owner: str) -> int:
        """End and delete all jobs of an owner; return how many there were.

        Running jobs are cancelled with the reason FORGOTTEN, in whichever process they run, so that they can say so.
        """
        for started in [started for whose, started in self._starting.values() if whose == owner]:
            await started.wait()  # A job deleted before it starts would fail instead of ending.
        found = await self._list_jobs(owner)
        await self._end(found, FORGOTTEN)
        await self._engine.delete_workflows_async([one.workflow_id for one in found])
        self._has_unflushed_log = not await asyncio.to_thread(_flush_log, self._url)
        return len(found)

    async def cancel(self, job_id: str, owner: str, why: str = TAKEN_BACK) -> bool:
        """End an owner's job with a reason, TAKEN_BACK or UNHEARD; return whether it was theirs and unfinished."""
        if job_id in self._starting:
            await self._starting[job_id][1].wait()
        found = [
            one for one in await self._list_jobs(owner) if one.workflow_id == job_id and one.status not in _FINISHED
        ]
        await self._end(found, why)
        return bool(found)

    async def end(self, job_id: str) -> bool:
        """End a job of any owner that runs in this process, with the reason ENDED; return whether it ran here."""
        owner = self._owners.get(job_id)
        return owner is not None and await self.cancel(job_id, owner, ENDED)

    async def _end(self, jobs: list[WorkflowStatus], why: str) -> None:
        """End jobs and pass the reason to those that run. Jobs of an unresponsive process are cancelled in the
        database.
        """
        unfinished = [one.workflow_id for one in jobs if one.status not in _FINISHED]
        tasks = [task for job_id in unfinished if (task := self._running.get(job_id)) is not None]
        for task in tasks:
            task.cancel(why)
        alone = self._works and not self._is_shared_deployment()
        elsewhere = [] if alone else [job_id for job_id in unfinished if job_id not in self._running]
        for job_id in elsewhere:  # Queued ones too: one of them may be starting right now.
            await self._engine.update_workflow_attributes_async(job_id, {_ENDED: why})
        await asyncio.gather(*tasks, return_exceptions=True)
        started = {one.workflow_id for one in jobs if one.status == "PENDING"}.intersection(elsewhere)
        await self._engine.cancel_workflows_async([job_id for job_id in unfinished if job_id not in started])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_TIMEOUT_SECONDS):
                while any(one.status == "PENDING" for one in await self._load_statuses(elsewhere)):
                    await asyncio.sleep(_WATCH_INTERVAL_SECONDS / 4)
        await self._engine.cancel_workflows_async(elsewhere)

    async def _load_statuses(self, job_ids: Collection[str]) -> list[WorkflowStatus]:
        if not job_ids:
            return []
        found: list[WorkflowStatus] = await self._engine.list_workflows_async(
            workflow_ids=list(job_ids), load_input=False, load_output=False
        )
        return found

    async def _watch(self) -> None:
        """End jobs of this process that another one has ended, and forget enqueued jobs that others have finished.

        Runs for as long as there are any.
        """
        while self._queued or (self._running and self._uses_server):
            await asyncio.sleep(_WATCH_INTERVAL_SECONDS)
            running = (
                {job_id for job_id, task in self._running.items() if task is not None}
                if self._is_shared_deployment()
                else set()
            )
            queued = set(self._queued) - set(self._starting)
            try:
                found = {one.workflow_id: one for one in await self._load_statuses(running | queued)}
            except Exception as error:
                log.warning("the state of jobs cannot be read: %s", type(error).__name__)
                continue
            for job_id in queued:
                if job_id not in found or found[job_id].status in _FINISHED:
                    self._queued.pop(job_id, None)
            ended = {one: (found[one].attributes or {}).get(_ENDED) for one in running if one in found}
            for job_id, why in ended.items():
                if why and (task := self._running.get(job_id)) is not None:
                    task.cancel(why)
                    await asyncio.gather(task, return_exceptions=True)
                    await self._engine.cancel_workflows_async([job_id])

    async def find_known(self, job_ids: Sequence[str]) -> set[str]:
        """Return which of these jobs are saved, including those finished within the last hour.

        Raises:
            JobsError: they cannot be read.
        """
        if not job_ids:
            return set()
        try:
            found = await self._engine.list_workflows_async(
                workflow_ids=list(job_ids), load_input=False, load_output=False
            )
        except Exception as error:
            report_unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error
        return {one.workflow_id for one in found}

    async def count_queued(self) -> int:
        """Return how many jobs in the database no process has started, up to 1,000.

        Raises:
            JobsError: they cannot be read.
        """
        try:
            found = await self._engine.list_queued_workflows_async(
                queue_name=QUEUE, status="ENQUEUED", limit=_MAX_COUNTED, load_input=False, load_output=False
            )
        except Exception as error:
            report_unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error
        return len(found)

    async def count(self, owner: str) -> int:
        """Return how many jobs of an owner are saved, including finished ones."""
        return len(await self._list_jobs(owner))

    async def load_all(self, owner: str) -> list[dict[str, Any]]:
        """Return an owner's jobs, oldest first: their requests and checkpoint outcomes so far."""
        seal = await self._known_seal_of(owner)
        if seal is None:
            return []
        found = []
        for one in await self._list_jobs(owner):
            job_id = one.workflow_id
            row = one.input["args"][0] if one.input else {}
            steps = await self._engine.list_workflow_steps_async(job_id)
            outcomes = {
                step["function_name"]: seal.open(_decode(step["output"]), f"{job_id}/{step['function_name']}")
                for step in steps
                if step["output"]
            }
            found.append({"id": job_id, "job": seal.open(_decode(row["sealed"]), job_id), "checkpoints": outcomes})
        return found

    async def _list_jobs(self, owner: str) -> list[WorkflowStatus]:
        found: list[WorkflowStatus] = await self._engine.list_workflows_async(
            user=owner, load_input=True, load_output=False
        )
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
            job = seal.open(_decode(row["sealed"]), job_id)

            async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
                purpose, raised = f"{job_id}/{name}", None

                async def run_sealed() -> str:
                    nonlocal raised
                    with track_spending() as cost:
                        try:
                            outcome = {"value": await step()}
                        except Exception as error:
                            # The engine would store the error as plain text, and providers' errors repeat prompts.
                            raised, outcome = error, {"failed": str(error), "told": isinstance(error, QuillmateError)}
                    if cost.by_engine:
                        outcome["spent"] = cost.to_json()
                    return _encode(seal.seal(outcome, purpose))

                try:
                    sealed_outcome = await _run_step_with_retries(name, run_sealed)
                except Exception as error:
                    if not _is_storage_error(error):
                        raise
                    # Such as a full disk: fail as a new request would.
                    report_unwritable("jobs", error)
                    raise JobsError(UNSAVED) from error
                outcome = seal.open(_decode(sealed_outcome), purpose)
                restore_spending(outcome.get("spent", {}))
                if "failed" in outcome:
                    raise raised or (EngineError if outcome["told"] else RuntimeError)(outcome["failed"])
                return outcome["value"]

            await self._work(job, checkpoint, again=job_id not in self._seals)
        except Exception as error:
            if isinstance(error, dbos_error.DBOSException) or _is_storage_error(error):
                report_unwritable("jobs", error)
            log.error("a job failed: %s", type(error).__name__)
            raise JobsError("The job failed.") from None  # The engine stores the exception as plain text.
        finally:
            self._discard(job_id)

    def _record_failed_ends(self) -> None:
        """Note ends of jobs that the engine cannot record. It would retry in threads that everything else then waits
        for.
        """
        database = _get_dbos_instance()._sys_db
        database._retry_connection_errors = False
        record = database.update_workflow_outcome

        def record_or_note(workflow_id: str, status: Any, **options: Any) -> bool:
            options.setdefault("owner_xid", current_owner_xid(workflow_id))
            try:
                return record(workflow_id, status, **options)
            except Exception:
                self._add_ended(workflow_id, lambda: record(workflow_id, status, **options))
                raise

        database.update_workflow_outcome = record_or_note  # type: ignore[method-assign]

    def _add_ended(self, job_id: str, record: Callable[[], object] | None = None) -> None:
        self._ended.add(job_id, record)
        self._has_unrecorded.set()

    def _record_loop(self) -> None:
        """Record ended jobs as soon as the database is back. Runs in a thread."""
        while not self._closing.is_set():
            self._has_unrecorded.wait()
            self._has_unrecorded.clear()
            while self._ended.list_unrecorded() and not self._closing.wait(_RECORD_INTERVAL_SECONDS):
                self._record_pending()

    def _record_pending(self) -> None:
        for job_id, record in self._ended.list_unrecorded():
            try:
                if record is not None:
                    record()
                elif job_id not in self._running:
                    _get_dbos_instance()._sys_db.cancel_workflows([job_id])
                else:
                    continue
            except Exception as error:
                if _is_storage_error(error):
                    return
                log.error("the end of a job cannot be recorded: %s", type(error).__name__)
            self._ended.discard(job_id)

    @property
    def _uses_server(self) -> bool:
        return _find_sqlite_path(self._url) is None

    def _track_queued(self, job_id: str, owner: str) -> None:
        self._queued[job_id] = owner
        self._start_watching()

    def _start_watching(self) -> None:
        if self._watch_task is None or self._watch_task.done():
            # In a fresh context: in a job's, the engine would record these queries as steps of that job.
            self._watch_task = asyncio.create_task(self._watch(), name="watch jobs", context=Context())

    def _add_running(self, job_id: str, task: asyncio.Task[Any] | None) -> None:
        self._running[job_id] = task
        if self._uses_server:
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

    def _build_config(self) -> DBOSConfig:
        return DBOSConfig(
            name=_NAME,
            system_database_url=self._url,
            executor_id=_format_executor_id(self._slot),
            application_version=APPLICATION_VERSION,
            serializer=DBOSPortableJSON,
            sys_db_pool_size=_MAX_CONNECTIONS,
            max_executor_threads=16,
            # Only a server's connection can be lost.
            db_engine_kwargs={"connect_args": {"factory": _SecureDeleteConnection}}
            if self._url.startswith("sqlite")
            else {"pool_pre_ping": True},
            notification_listener_polling_interval_sec=STOP_SECONDS,
            log_level="WARNING",
            run_migrations=True,
        )

    async def _delete_finished(self) -> None:
        while True:
            with contextlib.suppress(dbos_error.DBOSException):
                finished = await self._engine.list_workflows_async(
                    status=[status for status in _FINISHED if status != _GIVEN_UP],
                    end_time=_format_past_time(KEEP_SECONDS),
                    load_input=False,
                    load_output=False,
                )
                await self._engine.delete_workflows_async([one.workflow_id for one in finished])
            if self._has_unflushed_log:
                self._has_unflushed_log = not await asyncio.to_thread(_flush_log, self._url)
            await asyncio.to_thread(trim_heap)
            await asyncio.sleep(_DELETE_INTERVAL_SECONDS)

    def _find_given_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Find jobs that the durable engine has given up, which it reports nowhere. Runs in a thread."""
        pause, report_task = _MIN_LOOK_SECONDS, None
        while not self._closing.wait(pause):
            pause = min(2 * pause, _MAX_LOOK_SECONDS)
            if report_task is not None and not report_task.done():
                continue
            try:
                found = DBOS.list_workflows(
                    status=_GIVEN_UP, executor_id=_format_executor_id(self._slot), load_input=True, load_output=False
                )
            except Exception as error:
                if not self._closing.is_set():
                    log.warning("the search for given-up jobs failed: %s", type(error).__name__)
                continue
            if found and not self._closing.is_set():
                report_task = asyncio.run_coroutine_threadsafe(self._report_given_up(found), loop)

    async def _report_given_up(self, given_up: list[WorkflowStatus]) -> None:
        """Notify the requesters of given-up jobs and delete those. Unreachable ones are retried at the next search."""
        for one in given_up:
            if self._closing.is_set():
                return
            job_id = one.workflow_id
            log.error("a job was given up: the process died of it %s times", MAX_ATTEMPTS + 1)
            try:
                row = one.input["args"][0] if one.input else {}
                seal = await self._known_seal_of(row["owner"])
                if seal is not None and self._notify is not None:
                    async with asyncio.timeout(_NOTIFY_TIMEOUT_SECONDS):
                        await self._notify(seal.open(_decode(row["sealed"]), job_id))
            except TimeoutError:
                continue
            except Exception as error:
                log.error("the requester of a given-up job cannot be notified: %s", type(error).__name__)
            with contextlib.suppress(dbos_error.DBOSException):
                await DBOS.delete_workflows_async([job_id])


# The engine is a singleton that looks workflows up by name, so they find their work through this global.
_current: Jobs | None = None


@DBOS.workflow(name="carry_out", max_recovery_attempts=MAX_ATTEMPTS)
async def _carry_out(row: dict[str, Any]) -> None:
    job_id = DBOS.workflow_id
    assert _current is not None
    assert job_id is not None
    await _current.carry_out(job_id, row)


async def _run_step_with_retries(name: str, step: Callable[[], Awaitable[str]]) -> str:
    """Run a step of the current workflow once, and save its outcome as soon as the database is available."""
    context, outcomes = snapshot_step_context(), list[str]()

    async def once() -> str:
        if not outcomes:
            outcomes.append(await step())
        return outcomes[0]

    await DBOS._configure_asyncio_thread_pool()
    until = time.monotonic() + _MAX_RETRY_SECONDS
    while True:
        try:
            return await run_step_async(_get_dbos_instance(), context, once, {"name": name}, (), {})
        except Exception as error:
            if not _is_server_unavailable(error) or time.monotonic() > until:
                raise
        await asyncio.sleep(_RETRY_SECONDS)


def _is_storage_error(error: BaseException) -> bool:
    """Return whether an error comes from the jobs' database."""
    return type(error).__module__.startswith("sqlalchemy") or isinstance(error, OSError | sqlite3.Error)


def _is_server_unavailable(error: BaseException) -> bool:
    """Return whether a database server did not answer and may recover; a SQLite file never counts."""
    cause = type(getattr(error, "orig", None))
    return cause.__module__.startswith("psycopg") and any(
        one.__name__ in ("OperationalError", "InterfaceError") for one in cause.__mro__
    )


def _format_executor_id(slot: str) -> str:
    return f"quillmate-{slot}"


def _open_client(url: str) -> DBOSClient:
    """Open a client that enqueues jobs without running any; create missing tables."""
    client = DBOSClient(
        system_database_url=url, serializer=DBOSPortableJSON, application_name=_NAME, retry_connection_errors=False
    )
    client._sys_db.run_migrations()
    return client


def _requeue_pending(engine: Any, executor: str) -> int:
    """Put the jobs of a lost executor back into the queue, each once; return how many there were.

    The engine's own recovery uses a queue that the first process to poll would drain completely.
    """
    database = (_get_dbos_instance() if engine is DBOS else engine)._sys_db
    pending = database.get_pending_workflows(executor, APPLICATION_VERSION)
    return sum(database.reenqueue_for_recovery(one.workflow_id, [executor], QUEUE) for one in pending)


def count_pending(url: str, owner: str) -> int:
    """Return how many jobs of an owner are saved, while no process runs any.

    Raises:
        JobsError: they cannot be read.
    """
    with _open_pending(url, owner) as (_, found):
        return len(found)


def forget_pending(url: str, owner: str) -> None:
    """Delete an owner's jobs, while no process runs any.

    Raises:
        JobsError: they cannot be read or deleted.
    """
    with _open_pending(url, owner) as (client, found):
        if client is not None:
            client.delete_workflows(found)
    _flush_log(url)


@contextlib.contextmanager
def _open_pending(url: str, owner: str) -> Iterator[tuple[DBOSClient | None, list[str]]]:
    """Yield a client and the ids of an owner's jobs; nothing where no job was ever saved."""
    if (path := _find_sqlite_path(url)) and not path.exists():
        yield None, []
        return
    try:
        client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSON, retry_connection_errors=False)
    except Exception as error:
        raise JobsError(_UNREADABLE) from error
    try:
        yield client, _list_job_ids(client, owner)
    finally:
        client.destroy()


def _list_job_ids(client: DBOSClient, owner: str) -> list[str]:
    try:
        return [one.workflow_id for one in client.list_workflows(user=owner, load_input=False, load_output=False)]
    except Exception as error:
        if "no such table" in str(error) or "UndefinedTable" in str(error):
            return []
        raise JobsError(_UNREADABLE) from error


def _flush_log(url: str) -> bool:
    """Move SQLite's write-ahead log into the file and zero deleted rows; return whether no reader prevented it."""
    path = _find_sqlite_path(url)
    if path is None or not path.exists():
        return True
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_FLUSH_TIMEOUT_SECONDS)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    except sqlite3.Error:
        return False


def _find_sqlite_path(url: str) -> Path | None:
    path = url.removeprefix("sqlite:///")
    return Path(path) if path != url else None


def _encode(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text)


def _prepare_sqlite(url: str) -> None:
    """Turn on WAL, which persists in the file, so that saving a job waits for one write instead of two."""
    if path := _find_sqlite_path(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _format_past_time(seconds: float) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
