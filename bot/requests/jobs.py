"""Durable jobs: once one is kept, it is carried out, also after kill -9. The only file that knows the durable engine.

A job is a row before it is acknowledged. It starts at once while there is room and waits in a queue beyond that, which all processes
that share a database take from: the most urgent first, and of each owner's one after the other. What a checkpoint gave is kept, so a
job that is taken up again after a crash pays for nothing twice; what stands outside of checkpoints is repeated, so it must do no harm
when it is. Rows are sealed with the key of whoever the job belongs to.
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
from bot.engines.spending import spending, spent_before
from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK, EngineError, QuillmateError
from bot.requests.ended import Ended
from bot.runtime.heap import give_back
from storage.alerts import unwritable
from storage.crypto import OwnerKey
from storage.errors import ForgottenError

log = logging.getLogger(__name__)

QUEUE = "requests"
# Rows whose jobs start with this are taken up by whichever release runs: jobs are plain data with a version of their own.
APPLICATION_VERSION = "1"
# How often the queue is looked at: alone, where a job waits in it only while `room` others run, as each look costs 3 ms of
# processor time; and in company, whose jobs come through it.
QUEUE_SECONDS, SHARED_QUEUE_SECONDS = 1.0, 0.15
# How often it is looked whether another process has ended a job of this one's, and how those stand that others carry out.
_WATCH_SECONDS = 0.5
# A process that carries out a job is given so long to say that it was ended.
_END_SECONDS = 5.0
# Jobs of one owner's that are told apart by who was first; all of the same urgency stand before those of the next.
_MAX_TURNS = 1000
# Slept between looks at messages, so it is also how long a stop waits.
STOP_SECONDS = 0.25
# Finished jobs are kept so long, so that a repeated event is recognised; then their rows, which hold briefs, go.
KEEP_SECONDS = 3600.0
_TIDY_EVERY_SECONDS = 600.0
# A job is begun so often after its process died; then it is taken for what kills them. Others that wait beside it count as
# well, so it is more than somebody restarts or kills a process by hand within the hour that jobs are answered.
MAX_ATTEMPTS = 30
# How long after the start jobs are looked for that were given up so, doubled each time up to the longest; when work is begun
# anew is when they are found out. Whoever asked is told within so long, or next time.
_LOOK_SECONDS, _MAX_LOOK_SECONDS, _TELL_SECONDS = 1.0, 60.0, 60.0
# A server that is away holds up no stop for longer.
_JOIN_SECONDS = 2.0
# A server that is away is asked again so often, by a job that stands at a checkpoint no longer than that: then its person is told.
_ASK_AGAIN_SECONDS, _PATIENCE_SECONDS = 0.5, 60.0
# And so often to be told of jobs that have ended.
_RECORD_SECONDS = 1.0
# How long emptying the log of jobs waits for a reader; it is tried again when jobs are tidied.
_EMPTY_SECONDS = 0.5

# Why a job was ended, as an attribute of its row, for the process that carries it out.
_ENDED = "ended"
_NAME = "quillmate"
_ORDER = {"workflow_name": "carry_out", "queue_name": QUEUE, "app_version": APPLICATION_VERSION}

_UNREADABLE = "The pending requests cannot be read. `quillmate doctor` tells more."
_MAX_COUNTED = 1000
_GIVEN_UP = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
_FINISHED = ("SUCCESS", "ERROR", "CANCELLED", _GIVEN_UP)
_DONE = object()


UNSAVED = "I cannot save anything right now, so nothing comes of this. Try again in a minute."


class Work(Protocol):
    """What a job does."""

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carries a job out. `again` tells that an earlier process had begun it."""


# Gives the seal of a person, made at the first time.
SealOf = Callable[[str], Awaitable[OwnerKey]]
# Gives the seal of a person, None for somebody of whom nothing is kept.
KnownSealOf = Callable[[str], Awaitable[OwnerKey | None]]
# Tells whoever asked for a job that it was given up. May be called again for the same job.
Tell = Callable[[dict[str, Any]], Awaitable[None]]


class JobsError(QuillmateError):
    """Jobs cannot be kept, so none may be acknowledged."""


class _Overwriting(sqlite3.Connection):
    """A connection whose deletions are overwritten with zeros, so that no page of the file keeps what was forgotten."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA secure_delete=ON")


class Jobs:
    """The durable jobs of one process. Use as `async with Jobs(...) as jobs:` on the loop that does the work.

    `seal_of` gives the seal of whoever a job belongs to when it is kept, `known_seal_of` when it is carried out: a job of
    somebody who was forgotten meanwhile ends. `room` is how many jobs run at once before others queue. `slot`
    names this process among all that share the database; after a restart the process with the same slot takes up what its
    forerunner had begun. `tell` tells whoever asked that their job was given up, as the process died of it each time. `ended`
    is a file for the ids of those that ended while the database could not be told, which are not begun again.

    In `company` of other processes jobs are begun here only as far as there are `places`; the others are anybody's. Without
    `works` all of them are others'.
    """

    def __init__(
        self,
        url: str,
        work: Work,
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
        self._tell, self._company, self._places, self._works = tell, company, places, works
        # The durable engine: what runs in this process, or what only puts jobs into its queue.
        self._engine: Any = DBOS
        # Those that came to their end here while their database could not be told.
        self._ended = Ended(ended)
        # Those that this process was given, with the seals of their owners.
        self._begun: dict[str, OwnerKey] = {}
        self._running: dict[str, asyncio.Task[Any] | None] = {}
        # Whose those are that run here.
        self._owners: dict[str, str] = {}
        # Owners of those that this process has put into the queue, and that are not known to have ended.
        self._queued: dict[str, str] = {}
        # Owners of jobs that are being kept right now or have not begun yet.
        self._starting: dict[str, tuple[str, asyncio.Event]] = {}
        self._tidying: asyncio.Task[None] | None = None
        self._recording: threading.Thread | None = None
        self._watching: asyncio.Task[None] | None = None
        self._looking: threading.Thread | None = None
        self._over = threading.Event()
        # Whether some have ended of which the database may not know.
        self._unrecorded = threading.Event()
        # Whether the file's write-ahead log may still hold what was deleted.
        self._unemptied = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._running)

    def pending(self, owner: str) -> int:
        """How many jobs of somebody's are under way in this process, were put into the queue by it, or are being taken right now."""
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
                DBOS(config=self._config())
                # On the loop's own thread: the engine adopts the loop it is launched on, and runs jobs there.
                DBOS.launch()
                self._note_ends()
                await self._take_from_queue()
            else:
                self._engine = await asyncio.to_thread(_opened_client, self._url)
        except BaseException as error:
            _current = None
            DBOS.destroy(destroy_registry=False)
            if not isinstance(error, Exception):
                raise
            unwritable("jobs", error)
            raise JobsError("The file of pending jobs cannot be opened. `quillmate doctor` tells more.") from error
        self._tidying = asyncio.create_task(self._tidy(), name="tidy jobs")
        if self._works:
            self._looking = threading.Thread(
                target=self._look_for_given_up, args=(asyncio.get_running_loop(),), name="jobs given up", daemon=True
            )
            self._looking.start()
            self._recording = threading.Thread(target=self._record, name="record ends of jobs", daemon=True)
            self._recording.start()
            if self._ended.unrecorded():
                self._unrecorded.set()
        return self

    async def _take_from_queue(self) -> None:
        """Has the engine take as many jobs from the queue as there is room for here, which no figure in the database could say."""
        await DBOS.register_queue_async(QUEUE, worker_concurrency=self._room, polling_interval_sec=QUEUE_SECONDS)
        engine = _get_dbos_instance()
        kept, queue = engine._sys_db.get_queue, await DBOS.retrieve_queue_async(QUEUE)

        def get_queue(name: str, **options: Any) -> Any:
            if name != QUEUE or queue is None:
                return kept(name, **options)
            begun = engine._active_workflows_set.count_for_queue(QUEUE)
            # The engine counts those from the queue itself; these are the others.
            queue._worker_concurrency = max(0, self._most() - max(0, self.running - begun))
            # Alone nothing comes from others.
            queue._polling_interval_sec = SHARED_QUEUE_SECONDS if self._company() else QUEUE_SECONDS
            return queue

        engine._sys_db.get_queue = get_queue  # type: ignore[method-assign]

    def _most(self) -> int:
        """How many jobs may run here at once."""
        return min(self._room, self._places()) if self._company() else self._room

    async def __aexit__(self, *exc: object) -> None:
        await self.hand_back()

    async def hand_back(self) -> None:
        """Stops all work and closes. What is not finished stays kept, for the next process with this slot."""
        global _current
        if _current is not self:
            return
        for one in (self._tidying, self._watching):
            if one is not None:
                one.cancel()
        self._over.set()
        self._unrecorded.set()
        for thread in (self._looking, self._recording):
            if thread is not None:
                await asyncio.to_thread(thread.join, _JOIN_SECONDS)
        tasks = [task for task in self._running.values() if task is not None]
        for task in tasks:
            task.cancel()  # Their rows stay pending: the next process takes them up.
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._record_now), _JOIN_SECONDS)
        # The engine has made its own pool of threads the loop's, and closes it: others still work in threads.
        if self._works:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="quillmate"))
            await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
        else:
            await asyncio.to_thread(self._engine.destroy)
        _current = None

    async def submit(self, job_id: str, owner: str, job: dict[str, Any], urgency: int = 0) -> None:
        """Keeps a job of somebody's; when this returns it will be carried out. The same id again is the same job, carried out once.

        Where it has to wait, those of a lower `urgency` number go before it.

        Raises:
            JobsError: it could not be kept.
        """
        if job_id in self._running:
            return
        turn = min(self.pending(owner), _MAX_TURNS - 1)
        self._starting[job_id] = (owner, asyncio.Event())
        row: dict[str, str] | None = None
        try:
            seal = self._begun[job_id] = await self._seal_of(owner)
            row = {"owner": owner, "sealed": _text(seal.seal(job, job_id))}
            priority = 1 + _MAX_TURNS * urgency + turn
            if not self._works:
                self._queue(job_id, owner)
                order = {**_ORDER, "workflow_id": job_id, "authenticated_user": owner, "priority": priority}
                await self._engine.enqueue_async(order, row)
                self._started(job_id)
                return
            with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []):
                if self.running < self._most():
                    self._owners[job_id] = owner
                    self._enter(job_id, None)
                    handle = await DBOS.start_workflow_async(_carry_out, row)
                    if isinstance(handle, WorkflowHandleAsyncPolling) and self._running.get(job_id, _DONE) is None:
                        self._leave(job_id)  # It was begun before; the engine does not run it again.
                else:
                    self._queue(job_id, owner)
                    with SetEnqueueOptions(priority=priority):
                        await DBOS.enqueue_workflow_async(QUEUE, _carry_out, row)
                    self._started(job_id)
        except BaseException as error:
            self._leave(job_id)
            if not isinstance(error, Exception) or isinstance(error, ForgottenError):
                raise
            unwritable("jobs", error)
            if row is not None:  # It may have been kept, and only the word of it was lost.
                self._note_end(job_id)
            raise JobsError(UNSAVED) from error

    async def take_over(self, slot: str) -> int:
        """Takes up what another slot's process had begun, which must not work any more; gives how many jobs it was.

        A job is taken by one process only, however many try.

        Raises:
            JobsError: they cannot be read.
        """
        try:
            return await asyncio.to_thread(_queue_again, self._engine, _executor(slot))
        except Exception as error:
            unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error

    def is_running(self, job_id: str) -> bool:
        """Whether the job is under way in this process, was put into the queue by it, or is being taken right now."""
        return job_id in self._running or job_id in self._starting or job_id in self._queued

    async def forget(self, owner: str) -> int:
        """Ends and deletes somebody's jobs, and tells how many there were.

        Those that run are cancelled with the word FORGOTTEN, so that they can say so, in whichever process it is.
        """
        for begun in [begun for whose, begun in self._starting.values() if whose == owner]:
            await begun.wait()  # What is deleted before it begins would fail instead of ending.
        found = await self._of(owner)
        await self._end(found, FORGOTTEN)
        await self._engine.delete_workflows_async([one.workflow_id for one in found])
        self._unemptied = not await asyncio.to_thread(_emptied, self._url)
        return len(found)

    async def take_back(self, job_id: str, owner: str, why: str = TAKEN_BACK) -> bool:
        """Ends somebody's job, which is cancelled with a word, TAKEN_BACK or UNHEARD; tells whether it was theirs and not done yet."""
        if job_id in self._starting:
            await self._starting[job_id][1].wait()
        found = [one for one in await self._of(owner) if one.workflow_id == job_id and one.status not in _FINISHED]
        await self._end(found, why)
        return bool(found)

    async def end(self, job_id: str) -> bool:
        """Ends a job that runs in this process, whoever's it is; it is cancelled with the word ENDED. Tells whether it ran here."""
        owner = self._owners.get(job_id)
        return owner is not None and await self.take_back(job_id, owner, ENDED)

    async def _end(self, jobs: list[WorkflowStatus], why: str) -> None:
        """Ends jobs; those that run are told why. Of a process that does not answer they are taken away."""
        left = [one.workflow_id for one in jobs if one.status not in _FINISHED]
        tasks = [task for job_id in left if (task := self._running.get(job_id)) is not None]
        for task in tasks:
            task.cancel(why)
        alone = self._works and not self._company()
        elsewhere = [] if alone else [job_id for job_id in left if job_id not in self._running]
        for job_id in elsewhere:  # Also those that wait: one of them may be begun just now.
            await self._engine.update_workflow_attributes_async(job_id, {_ENDED: why})
        await asyncio.gather(*tasks, return_exceptions=True)
        begun = {one.workflow_id for one in jobs if one.status == "PENDING"}.intersection(elsewhere)
        await self._engine.cancel_workflows_async([job_id for job_id in left if job_id not in begun])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                while any(one.status == "PENDING" for one in await self._statuses(elsewhere)):
                    await asyncio.sleep(_WATCH_SECONDS / 4)
        await self._engine.cancel_workflows_async(elsewhere)

    async def _statuses(self, job_ids: Collection[str]) -> list[WorkflowStatus]:
        if not job_ids:
            return []
        found: list[WorkflowStatus] = await self._engine.list_workflows_async(
            workflow_ids=list(job_ids), load_input=False, load_output=False
        )
        return found

    async def _watch(self) -> None:
        """Ends those jobs of this process that another one has ended, and notes which have ended that others carry out.

        Goes on as long as there are any.
        """
        while self._queued or (self._running and self._is_shared):
            await asyncio.sleep(_WATCH_SECONDS)
            running = (
                {job_id for job_id, task in self._running.items() if task is not None} if self._company() else set()
            )
            queued = set(self._queued) - set(self._starting)
            try:
                found = {one.workflow_id: one for one in await self._statuses(running | queued)}
            except Exception as error:
                log.warning("jobs cannot be looked at: %s", type(error).__name__)
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

    async def known(self, job_ids: Sequence[str]) -> set[str]:
        """Which of these jobs are kept, finished ones of the last hour too.

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
            unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error
        return {one.workflow_id for one in found}

    async def queued(self) -> int:
        """How many jobs wait in the database that no process has begun, 1,000 at the most.

        Raises:
            JobsError: they cannot be read.
        """
        try:
            found = await self._engine.list_queued_workflows_async(
                queue_name=QUEUE, status="ENQUEUED", limit=_MAX_COUNTED, load_input=False, load_output=False
            )
        except Exception as error:
            unwritable("jobs", error)
            raise JobsError(_UNREADABLE) from error
        return len(found)

    async def count(self, owner: str) -> int:
        """How many jobs of somebody's are kept, finished ones too."""
        return len(await self._of(owner))

    async def kept(self, owner: str) -> list[dict[str, Any]]:
        """Somebody's jobs, oldest first: what was asked, and what the checkpoints gave so far."""
        seal = await self._known_seal_of(owner)
        if seal is None:
            return []
        found = []
        for one in await self._of(owner):
            job_id = one.workflow_id
            row = one.input["args"][0] if one.input else {}
            steps = await self._engine.list_workflow_steps_async(job_id)
            given = {
                step["function_name"]: seal.open(_bytes(step["output"]), f"{job_id}/{step['function_name']}")
                for step in steps
                if step["output"]
            }
            found.append({"id": job_id, "job": seal.open(_bytes(row["sealed"]), job_id), "checkpoints": given})
        return found

    async def _of(self, owner: str) -> list[WorkflowStatus]:
        found: list[WorkflowStatus] = await self._engine.list_workflows_async(
            user=owner, load_input=True, load_output=False
        )
        return found

    async def settled(self, seconds: float) -> bool:
        """Waits until nothing runs, at most so long; tells whether that came to pass."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        return not self._running

    async def carry_out(self, job_id: str, row: dict[str, Any]) -> None:
        """Runs a job's work inside of its durable workflow."""
        self._owners[job_id] = row["owner"]
        self._enter(job_id, asyncio.current_task())
        try:
            if job_id in self._ended:
                return
            seal = self._begun.get(job_id) or await self._known_seal_of(row["owner"])
            if seal is None:
                log.info("a job's owner was forgotten")
                return
            job = seal.open(_bytes(row["sealed"]), job_id)

            async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
                purpose, raised = f"{job_id}/{name}", None

                async def kept() -> str:
                    nonlocal raised
                    with spending() as cost:
                        try:
                            outcome = {"value": await step()}
                        except Exception as error:
                            # An error's own row would be plain text, and providers' errors repeat what they were sent.
                            raised, outcome = error, {"failed": str(error), "told": isinstance(error, QuillmateError)}
                    if cost.by_engine:
                        outcome["spent"] = cost.to_json()
                    return _text(seal.seal(outcome, purpose))

                try:
                    step_kept = await _patiently(name, kept)
                except Exception as error:
                    if not _of_storage(error):
                        raise
                    # As on a full disk: whoever waits is told what who asks now is.
                    unwritable("jobs", error)
                    raise JobsError(UNSAVED) from error
                outcome = seal.open(_bytes(step_kept), purpose)
                spent_before(outcome.get("spent", {}))
                if "failed" in outcome:
                    raise raised or (EngineError if outcome["told"] else RuntimeError)(outcome["failed"])
                return outcome["value"]

            await self._work(job, checkpoint, again=job_id not in self._begun)
        except Exception as error:
            if isinstance(error, dbos_error.DBOSException) or _of_storage(error):
                unwritable("jobs", error)
            log.error("a job failed: %s", type(error).__name__)
            raise JobsError("The job failed.") from None  # The engine keeps what is raised, in plain text.
        finally:
            self._leave(job_id)

    def _note_ends(self) -> None:
        """Has the engine tell of ends that it cannot record, which it would try in threads that all others then wait for."""
        database = _get_dbos_instance()._sys_db
        database._retry_connection_errors = False
        record = database.update_workflow_outcome

        def noting(workflow_id: str, status: Any, **given: Any) -> bool:
            given.setdefault("owner_xid", current_owner_xid(workflow_id))
            try:
                return record(workflow_id, status, **given)
            except Exception:
                self._note_end(workflow_id, lambda: record(workflow_id, status, **given))
                raise

        database.update_workflow_outcome = noting  # type: ignore[method-assign]

    def _note_end(self, job_id: str, record: Callable[[], object] | None = None) -> None:
        self._ended.add(job_id, record)
        self._unrecorded.set()

    def _record(self) -> None:
        """Tells the database of ends as soon as it is back, in a thread."""
        while not self._over.is_set():
            self._unrecorded.wait()
            self._unrecorded.clear()
            while self._ended.unrecorded() and not self._over.wait(_RECORD_SECONDS):
                self._record_now()

    def _record_now(self) -> None:
        for job_id, record in self._ended.unrecorded():
            try:
                if record is not None:
                    record()
                elif job_id not in self._running:
                    _get_dbos_instance()._sys_db.cancel_workflows([job_id])
                else:
                    continue
            except Exception as error:
                if _of_storage(error):
                    return
                log.error("the end of a job cannot be recorded: %s", type(error).__name__)
            self._ended.discard(job_id)

    @property
    def _is_shared(self) -> bool:
        return _sqlite_path(self._url) is None

    def _queue(self, job_id: str, owner: str) -> None:
        self._queued[job_id] = owner
        self._watch_soon()

    def _watch_soon(self) -> None:
        if self._watching is None or self._watching.done():
            # In a context of its own: within a job's the engine would take what it asks for steps of that job.
            self._watching = asyncio.create_task(self._watch(), name="watch jobs", context=Context())

    def _enter(self, job_id: str, task: asyncio.Task[Any] | None) -> None:
        self._running[job_id] = task
        if self._is_shared:
            self._watch_soon()
        if task is not None:
            self._started(job_id)
        self._idle.clear()

    def _started(self, job_id: str) -> None:
        if job_id in self._starting:
            self._starting.pop(job_id)[1].set()

    def _leave(self, job_id: str) -> None:
        self._running.pop(job_id, None)
        self._begun.pop(job_id, None)
        self._owners.pop(job_id, None)
        self._queued.pop(job_id, None)
        self._started(job_id)
        if not self._running:
            self._idle.set()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=_NAME,
            system_database_url=self._url,
            executor_id=_executor(self._slot),
            application_version=APPLICATION_VERSION,
            serializer=DBOSPortableJSON,
            max_executor_threads=16,
            # A file does not go away as a server's connection does.
            db_engine_kwargs={"connect_args": {"factory": _Overwriting}}
            if self._url.startswith("sqlite")
            else {"pool_pre_ping": True},
            notification_listener_polling_interval_sec=STOP_SECONDS,
            log_level="WARNING",
            run_migrations=True,
        )

    async def _tidy(self) -> None:
        while True:
            with contextlib.suppress(dbos_error.DBOSException):
                finished = await self._engine.list_workflows_async(
                    status=[status for status in _FINISHED if status != _GIVEN_UP],
                    end_time=_ago(KEEP_SECONDS),
                    load_input=False,
                    load_output=False,
                )
                await self._engine.delete_workflows_async([one.workflow_id for one in finished])
            if self._unemptied:
                self._unemptied = not await asyncio.to_thread(_emptied, self._url)
            await asyncio.to_thread(give_back)
            await asyncio.sleep(_TIDY_EVERY_SECONDS)

    def _look_for_given_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Finds what was given up, in a thread, as the durable engine tells nobody; the loop then tells whoever asked."""
        pause, telling = _LOOK_SECONDS, None
        while not self._over.wait(pause):
            pause = min(2 * pause, _MAX_LOOK_SECONDS)
            if telling is not None and not telling.done():
                continue
            try:
                found = DBOS.list_workflows(
                    status=_GIVEN_UP, executor_id=_executor(self._slot), load_input=True, load_output=False
                )
            except Exception as error:
                if not self._over.is_set():
                    log.warning("jobs given up cannot be looked for: %s", type(error).__name__)
                continue
            if found and not self._over.is_set():
                telling = asyncio.run_coroutine_threadsafe(self._let_go(found), loop)

    async def _let_go(self, given_up: list[WorkflowStatus]) -> None:
        """Tells who asked for jobs that were given up, and deletes them. Who cannot be reached now is told next time."""
        for one in given_up:
            if self._over.is_set():
                return
            job_id = one.workflow_id
            log.error("a job was given up: the process died of it %s times", MAX_ATTEMPTS + 1)
            try:
                row = one.input["args"][0] if one.input else {}
                seal = await self._known_seal_of(row["owner"])
                if seal is not None and self._tell is not None:
                    async with asyncio.timeout(_TELL_SECONDS):
                        await self._tell(seal.open(_bytes(row["sealed"]), job_id))
            except TimeoutError:
                continue
            except Exception as error:
                log.error("nobody can be told of a job that was given up: %s", type(error).__name__)
            with contextlib.suppress(dbos_error.DBOSException):
                await DBOS.delete_workflows_async([job_id])


# The durable engine is one for a process, and finds its functions by name; this is where they find their work.
_current: Jobs | None = None


@DBOS.workflow(name="carry_out", max_recovery_attempts=MAX_ATTEMPTS)
async def _carry_out(row: dict[str, Any]) -> None:
    job_id = DBOS.workflow_id
    assert _current is not None
    assert job_id is not None
    await _current.carry_out(job_id, row)


async def _patiently(name: str, step: Callable[[], Awaitable[str]]) -> str:
    """Runs a step of the current workflow once, and keeps what it gave as soon as the database is there for that."""
    context, given = snapshot_step_context(), list[str]()

    async def once() -> str:
        if not given:
            given.append(await step())
        return given[0]

    await DBOS._configure_asyncio_thread_pool()
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await run_step_async(_get_dbos_instance(), context, once, {"name": name}, (), {})
        except Exception as error:
            if not _is_away(error) or time.monotonic() > until:
                raise
        await asyncio.sleep(_ASK_AGAIN_SECONDS)


def _of_storage(error: BaseException) -> bool:
    """Whether it was the jobs' database that failed."""
    return type(error).__module__.startswith("sqlalchemy") or isinstance(error, OSError | sqlite3.Error)


def _is_away(error: BaseException) -> bool:
    """Whether a server did not answer, which may be there again in a moment; a file does not go away."""
    told = type(getattr(error, "orig", None))
    return told.__module__.startswith("psycopg") and any(
        one.__name__ in ("OperationalError", "InterfaceError") for one in told.__mro__
    )


def _executor(slot: str) -> str:
    return f"quillmate-{slot}"


def _opened_client(url: str) -> DBOSClient:
    """What puts jobs into the queue and carries out none; the tables are made where there are none yet."""
    client = DBOSClient(
        system_database_url=url, serializer=DBOSPortableJSON, application_name=_NAME, retry_connection_errors=False
    )
    client._sys_db.run_migrations()
    return client


def _queue_again(engine: Any, executor: str) -> int:
    """Puts into the queue what an executor that is gone had begun, each once; gives how many that was.

    The engine's own recovery puts it into a queue that whoever looks first takes all of.
    """
    database = (_get_dbos_instance() if engine is DBOS else engine)._sys_db
    left = database.get_pending_workflows(executor, APPLICATION_VERSION)
    return sum(database.reenqueue_for_recovery(one.workflow_id, [executor], QUEUE) for one in left)


def count_pending(url: str, owner: str) -> int:
    """How many jobs of somebody's are kept, while no process carries out any.

    Raises:
        JobsError: they cannot be read.
    """
    with _pending(url, owner) as (_, found):
        return len(found)


def forget_pending(url: str, owner: str) -> None:
    """Deletes somebody's jobs, while no process carries out any.

    Raises:
        JobsError: they cannot be read or deleted.
    """
    with _pending(url, owner) as (client, found):
        if client is not None:
            client.delete_workflows(found)
    _emptied(url)


@contextlib.contextmanager
def _pending(url: str, owner: str) -> Iterator[tuple[DBOSClient | None, list[str]]]:
    """Somebody's jobs and what deletes them; nothing where nobody has ever asked for anything."""
    if (path := _sqlite_path(url)) and not path.exists():
        yield None, []
        return
    try:
        client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSON, retry_connection_errors=False)
    except Exception as error:
        raise JobsError(_UNREADABLE) from error
    try:
        yield client, _jobs_of(client, owner)
    finally:
        client.destroy()


def _jobs_of(client: DBOSClient, owner: str) -> list[str]:
    try:
        return [one.workflow_id for one in client.list_workflows(user=owner, load_input=False, load_output=False)]
    except Exception as error:
        if "no such table" in str(error) or "UndefinedTable" in str(error):
            return []
        raise JobsError(_UNREADABLE) from error


def _emptied(url: str) -> bool:
    """Moves SQLite's write-ahead log into the file, with zeros over what was deleted; tells whether no reader kept it."""
    path = _sqlite_path(url)
    if path is None or not path.exists():
        return True
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_EMPTY_SECONDS)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    except sqlite3.Error:
        return False


def _sqlite_path(url: str) -> Path | None:
    path = url.removeprefix("sqlite:///")
    return Path(path) if path != url else None


def _text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _prepare_sqlite(url: str) -> None:
    """Turns on WAL, which stays with the file, so that keeping a job waits for one write and not for two."""
    if path := _sqlite_path(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def _ago(seconds: float) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
