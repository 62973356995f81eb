"""The durable engine dbos as jobs use it, behind a few classes and functions. The only module that imports dbos.

In its terms a job is a workflow, a checkpoint a step of one, and the process that runs under a slot an executor. A
workflow is ENQUEUED while it waits for any executor, PENDING from its start on also while its executor is down, and
then SUCCESS, ERROR, CANCELLED or, after too many starts, MAX_RECOVERY_ATTEMPTS_EXCEEDED.

Some of this has no public interface. Each private name of dbos that is used here has an entry in
tests/bot/requests/test_durable_engine.py, with its purpose and what to do when a release of dbos changes it. Where this
module cannot even be imported with a new release, run that file with `pytest --noconftest`.
"""

from __future__ import annotations

import abc
import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSContextSetAuth,
    EnqueueOptions,
    SetEnqueueOptions,
    SetWorkflowID,
    WorkflowStatus,
)
from dbos import error as dbos_error
from dbos._context import current_owner_xid, snapshot_step_context
from dbos._core import WorkflowHandleAsyncPolling, run_step_async
from dbos._dbos import _get_dbos_instance
from dbos._serialization import DBOSPortableJSON

from .job_errors import JobsError, is_server_unavailable, is_storage_error
from .sqlite_file import find_sqlite_path, flush_sqlite_log, prepare_sqlite

QUEUE = "requests"
# Constant over releases, so that any release resumes the jobs of another: jobs are plain data with their own version.
APPLICATION_VERSION = "1"
# Starts of a job after its process died before the job is taken for the cause. Jobs that merely ran alongside count as
# well, so this exceeds what manual restarts reach within the hour that jobs are answered.
MAX_ATTEMPTS = 30
# Polling interval of the queue: for a single process, where a job waits only while `room` others run and each poll
# costs 3 ms of CPU time; and with several processes, whose jobs all come through it.
QUEUE_SECONDS, SHARED_QUEUE_SECONDS = 1.0, 0.15
# How seldom a single process reads queues that it has put nothing into and has taken nothing from.
IDLE_QUEUE_SECONDS = 10.0
# Polling interval of the engine's notification listener, and so the longest delay of a stop.
STOP_SECONDS = 0.25
# How long a checkpoint waits for an unavailable server before it fails.
MAX_RETRY_SECONDS = 60.0
_RETRY_INTERVAL_SECONDS = 0.5
# Connections of the engine; a server takes 100 of all processes by default: see docs/scale.md.
_MAX_CONNECTIONS = 8

_APPLICATION_NAME, _WORKFLOW_NAME = "quillmate", "carry_out"
# The attribute of a workflow that holds why its job was ended, for the process that runs it.
_END_REASON = "ended"
_GIVEN_UP = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
_ENDED_STATUSES = ("SUCCESS", "ERROR", "CANCELLED")

Row = dict[str, str]
# Errors of the engine itself; those of its database come as SQLAlchemy raises them: see is_storage_error.
DurableEngineError = dbos_error.DBOSException


@dataclass(frozen=True)
class SavedJob:
    """A job as the database has it."""

    _status: WorkflowStatus

    @property
    def id(self) -> str:
        """The id it was submitted with."""
        return self._status.workflow_id

    @property
    def owner(self) -> str:
        """Whose request it is."""
        return self._status.authenticated_user or ""

    @property
    def started_at(self) -> float:
        """When a process began with it, in seconds since 1970; when it was submitted where none has."""
        return (self._status.dequeued_at or self._status.created_at or 0) / 1000

    @property
    def row(self) -> Row:
        """What was submitted; empty where it was not loaded."""
        row: Row = self._status.input["args"][0] if self._status.input else {}
        return row

    @property
    def is_finished(self) -> bool:
        """Whether it has ended or was given up."""
        return self._status.status in (*_ENDED_STATUSES, _GIVEN_UP)

    @property
    def is_started(self) -> bool:
        """Whether a process has started it and not finished it yet."""
        return self._status.status == "PENDING"

    @property
    def end_reason(self) -> str | None:
        """Why another process has ended it, if one has."""
        return (self._status.attributes or {}).get(_END_REASON)


class JobRunner(Protocol):
    """What a worker needs of the jobs of its process."""

    @property
    def running(self) -> int:
        """The number of jobs that run now."""

    @property
    def has_queued(self) -> bool:
        """Whether jobs that this process has enqueued may still wait."""

    def compute_max_running(self) -> int:
        """Return how many jobs may run at once."""

    def is_shared_deployment(self) -> bool:
        """Return whether other processes take jobs from the same database."""

    async def carry_out(self, job_id: str, row: Row) -> None:
        """Run a job."""

    def note_unrecorded_end(self, job_id: str, record: Callable[[], object] | None = None) -> None:
        """Remember that a job ended although the database could not record it; `record` does so later."""


class DurableEngine(abc.ABC):
    """The connection of a process to the saved jobs: a `Worker` or an `Enqueuer`. A process opens one at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Whether a database server stores the jobs, which other processes may share.
        self.uses_server = find_sqlite_path(url) is None
        # Functions of the engine of this process, or of a client, under the same names.
        self._api: type[DBOS] | DBOSClient = DBOS
        # True while SQLite's write-ahead log may still hold deleted rows.
        self._has_unflushed_log = False

    @property
    def is_open(self) -> bool:
        """Whether this is the open connection of the process."""
        return _current is self

    async def open(self) -> None:
        """Connect; call on the loop that runs the jobs."""
        global _current
        if _current is not None:
            raise JobsError("Jobs run already in this process.")
        _current = self
        try:
            await self._connect()
        except BaseException:  # Also a cancellation: the next connection must be able to open.
            _current = None
            DBOS.destroy(destroy_registry=False)
            raise

    async def close(self) -> None:
        """Disconnect; unfinished jobs stay saved."""
        global _current
        await self._disconnect()
        _current = None

    @abc.abstractmethod
    async def _connect(self) -> None: ...

    @abc.abstractmethod
    async def _disconnect(self) -> None: ...

    @abc.abstractmethod
    async def enqueue(self, job_id: str, owner: str, row: Row, priority: int) -> None:
        """Save a job for any process to start, lower priorities first. An id that is known already is left as it is."""

    async def list_owned(self, owner: str) -> list[SavedJob]:
        """Return all jobs of an owner, oldest first, with their rows."""
        found = await self._api.list_workflows_async(user=owner, load_input=True, load_output=False)
        return [SavedJob(one) for one in found]

    async def load(self, job_ids: Collection[str]) -> list[SavedJob]:
        """Return those of these jobs that are saved, without their rows."""
        if not job_ids:
            return []
        found = await self._api.list_workflows_async(workflow_ids=list(job_ids), load_input=False, load_output=False)
        return [SavedJob(one) for one in found]

    async def count_queued(self, limit: int) -> int:
        """Return how many jobs no process has started, up to a limit."""
        found = await self._api.list_queued_workflows_async(
            queue_name=QUEUE, status="ENQUEUED", limit=limit, load_input=False, load_output=False
        )
        return len(found)

    async def list_unfinished(self, limit: int) -> list[SavedJob]:
        """Return the oldest jobs that have not ended, in whichever process, without their rows."""
        found = await self._api.list_workflows_async(
            status=["PENDING", "ENQUEUED"], limit=limit, load_input=False, load_output=False
        )
        return [SavedJob(one) for one in found]

    async def load_outputs(self, job_id: str) -> dict[str, str]:
        """Return what the checkpoints of a job have saved so far, by name."""
        steps = await self._api.list_workflow_steps_async(job_id)
        return {step["function_name"]: step["output"] for step in steps if step["output"]}

    async def set_end_reason(self, job_id: str, reason: str) -> None:
        """Leave a reason with a job for the process that runs it, which ends it."""
        await self._api.update_workflow_attributes_async(job_id, {_END_REASON: reason})

    async def cancel(self, job_ids: Collection[str]) -> None:
        """Mark unfinished jobs as ended, so that no process starts or resumes them."""
        await self._api.cancel_workflows_async(list(job_ids))

    async def delete(self, job_ids: Collection[str]) -> None:
        """Delete jobs with all that is saved of them."""
        await self._api.delete_workflows_async(list(job_ids))

    async def delete_finished(self, seconds: float) -> None:
        """Delete jobs that ended longer ago than that, and flush the log where that could not be done before."""
        end_time = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
        with contextlib.suppress(DurableEngineError):
            ended = await self._api.list_workflows_async(
                status=list(_ENDED_STATUSES), end_time=end_time, load_input=False, load_output=False
            )
            await self._api.delete_workflows_async([one.workflow_id for one in ended])
        if self._has_unflushed_log:
            await self.flush_log()

    async def flush_log(self) -> None:
        """Leave nothing of deleted rows in SQLite's files; a reader delays that until finished jobs are deleted."""
        self._has_unflushed_log = not await asyncio.to_thread(flush_sqlite_log, self._url)

    def cancel_blocking(self, job_id: str) -> None:
        """Mark a job as ended. Blocks."""
        database = self._get_database()
        database.cancel_workflows([job_id])

    def _get_database(self) -> Any:
        return (self._api if isinstance(self._api, DBOSClient) else _get_dbos_instance())._sys_db

    def requeue_pending(self, slot: str) -> int:
        """Put the started jobs of a slot back into the queue, each once; return how many there were. Blocks.

        The engine's own recovery uses a queue that the first process to poll would drain completely.
        """
        database = self._get_database()
        executor = _format_executor_id(slot)
        pending = database.get_pending_workflows(executor, APPLICATION_VERSION)
        return sum(database.reenqueue_for_recovery(one.workflow_id, [executor], QUEUE) for one in pending)


class Worker(DurableEngine):
    """Saves jobs and runs them on the loop that opens it: up to `room` at once, resuming those of its slot first."""

    def __init__(self, url: str, slot: str, room: int, runner: JobRunner) -> None:
        super().__init__(url)
        self._executor_id, self._room, self.runner = _format_executor_id(slot), room, runner

    async def _connect(self) -> None:
        await asyncio.to_thread(prepare_sqlite, self._url)
        DBOS(config=self._build_config())
        # Launch on the loop's own thread: the engine adopts that loop and runs jobs there.
        DBOS.launch()
        self._note_unrecorded_ends()
        await self._limit_dequeuing()
        self._quiet_polling()

    async def _disconnect(self) -> None:
        # The engine made its thread pool the loop's default and closes it, while other code still uses threads.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="quillmate"))
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)

    def _build_config(self) -> DBOSConfig:
        return DBOSConfig(
            name=_APPLICATION_NAME,
            system_database_url=self._url,
            executor_id=self._executor_id,
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

    def _note_unrecorded_ends(self) -> None:
        """Have the runner note ends that the database cannot record. The engine would retry in threads that everything
        else then waits for.
        """
        database = _get_dbos_instance()._sys_db
        database._retry_connection_errors = False
        record = database.update_workflow_outcome

        def record_or_note(workflow_id: str, status: Any, **options: Any) -> bool:
            options.setdefault("owner_xid", current_owner_xid(workflow_id))
            try:
                return record(workflow_id, status, **options)
            except Exception:  # Raised again for the engine; whatever it is, the job has ended.
                self.runner.note_unrecorded_end(workflow_id, lambda: record(workflow_id, status, **options))
                raise

        database.update_workflow_outcome = record_or_note  # type: ignore[method-assign]

    async def _limit_dequeuing(self) -> None:
        """Make the engine dequeue as many jobs as there is room for here, which no figure in the database could say."""
        await DBOS.register_queue_async(QUEUE, worker_concurrency=self._room, polling_interval_sec=QUEUE_SECONDS)
        engine, runner = _get_dbos_instance(), self.runner
        database = engine._sys_db
        get_stored_queue, queue = database.get_queue, await DBOS.retrieve_queue_async(QUEUE)

        def get_queue(name: str, **options: Any) -> Any:
            if name != QUEUE or queue is None:
                return get_stored_queue(name, **options)
            dequeued = engine._active_workflows_set.count_for_queue(QUEUE)
            # The engine counts dequeued jobs itself; subtract only the others.
            queue._worker_concurrency = max(0, runner.compute_max_running() - max(0, runner.running - dequeued))
            # A single process gets no jobs from others.
            queue._polling_interval_sec = SHARED_QUEUE_SECONDS if runner.is_shared_deployment() else QUEUE_SECONDS
            return queue

        database.get_queue = get_queue  # type: ignore[method-assign]
        # Asked each second for queues that have come or gone.
        database.list_queues = lambda **_: [queue]  # type: ignore[method-assign]

    def _quiet_polling(self) -> None:
        """Have the engine look at what is never there as seldom as may be: delayed jobs, jobs with a time limit, and
        the queues of a process that has its database to itself.
        """
        engine, runner, looked = _get_dbos_instance(), self.runner, dict[str, float]()
        engine._background_jobs_stop_event.set()
        database = engine._sys_db
        find_scopes, put_back = database.dequeue_scopes, database.reenqueue_for_recovery

        def find_busy_scopes(queue_name: str) -> list[str | None]:
            is_idle = not (runner.has_queued or engine._active_workflows_set.count_for_queue(queue_name))
            since = time.monotonic() - looked.get(queue_name, float("-inf"))
            if is_idle and since < IDLE_QUEUE_SECONDS and not runner.is_shared_deployment():
                return []
            looked[queue_name] = time.monotonic()
            return find_scopes(queue_name)

        def put_back_and_look(workflow_id: str, executor_ids: list[str], recovery_queue_name: str) -> bool:
            done = put_back(workflow_id, executor_ids, recovery_queue_name)
            looked.pop(recovery_queue_name, None)
            return done

        database.dequeue_scopes = find_busy_scopes  # type: ignore[method-assign]
        database.reenqueue_for_recovery = put_back_and_look  # type: ignore[method-assign]

    async def start(self, job_id: str, owner: str, row: Row) -> bool:
        """Save a job and start it here; return False for an id that was started before, which is not run again."""
        with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []):
            handle = await DBOS.start_workflow_async(_carry_out, row)
        return not isinstance(handle, WorkflowHandleAsyncPolling)

    async def enqueue(self, job_id: str, owner: str, row: Row, priority: int) -> None:
        """Save a job for any process to start, this one included."""
        with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []), SetEnqueueOptions(priority=priority):
            await DBOS.enqueue_workflow_async(QUEUE, _carry_out, row)

    def list_given_up(self) -> list[SavedJob]:
        """Return the jobs of this slot that the engine does not start any more, with their rows. Blocks."""
        found = DBOS.list_workflows(status=_GIVEN_UP, executor_id=self._executor_id, load_input=True, load_output=False)
        return [SavedJob(one) for one in found]


class Enqueuer(DurableEngine):
    """Saves jobs for other processes and runs none."""

    async def _connect(self) -> None:
        self._api = await asyncio.to_thread(self._open_client)

    async def _disconnect(self) -> None:
        if isinstance(self._api, DBOSClient):
            await asyncio.to_thread(self._api.destroy)

    def _open_client(self) -> DBOSClient:
        """Connect, and create missing tables."""
        client = DBOSClient(
            system_database_url=self._url,
            serializer=DBOSPortableJSON,
            application_name=_APPLICATION_NAME,
            retry_connection_errors=False,
        )
        database = client._sys_db
        database.run_migrations()
        return client

    async def enqueue(self, job_id: str, owner: str, row: Row, priority: int) -> None:
        """Save a job for any worker to start."""
        assert isinstance(self._api, DBOSClient)
        options = EnqueueOptions(
            workflow_name=_WORKFLOW_NAME,
            queue_name=QUEUE,
            app_version=APPLICATION_VERSION,
            workflow_id=job_id,
            authenticated_user=owner,
            priority=priority,
        )
        await self._api.enqueue_async(options, row)


class OfflineClient:
    """Reads and deletes saved jobs while no process runs any. Blocks."""

    def __init__(self, url: str) -> None:
        self._client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSON, retry_connection_errors=False)

    def list_ids(self, owner: str) -> list[str]:
        """Return the ids of an owner's jobs; none where no job was ever saved."""
        try:
            found = self._client.list_workflows(user=owner, load_input=False, load_output=False)
        except Exception as error:  # SQLAlchemy's, which only storage/ may import.
            if "no such table" in str(error) or "UndefinedTable" in str(error):
                return []
            raise
        return [one.workflow_id for one in found]

    def delete(self, job_ids: list[str]) -> None:
        """Delete jobs with all that is saved of them."""
        self._client.delete_workflows(job_ids)

    def close(self) -> None:
        """Disconnect."""
        self._client.destroy()


# dbos is a singleton that looks workflows up by name, so they find their runner through this global.
_current: DurableEngine | None = None


@DBOS.workflow(name=_WORKFLOW_NAME, max_recovery_attempts=MAX_ATTEMPTS)
async def _carry_out(row: Row) -> None:
    job_id = DBOS.workflow_id
    assert isinstance(_current, Worker)
    assert job_id is not None
    await _current.runner.carry_out(job_id, row)


async def run_step(name: str, step: Callable[[], Awaitable[str]]) -> str:
    """Run a step of the current workflow once, and save its output as soon as the database is available.

    In a workflow that is resumed, return the output that an earlier process saved.
    """
    context, outputs = snapshot_step_context(), list[str]()

    async def run_once() -> str:
        if not outputs:
            outputs.append(await step())
        return outputs[0]

    await DBOS._configure_asyncio_thread_pool()
    until = time.monotonic() + MAX_RETRY_SECONDS
    while True:
        try:
            return await run_step_async(_get_dbos_instance(), context, run_once, {"name": name}, (), {})
        except Exception as error:  # SQLAlchemy's, which only storage/ may import.
            if not is_server_unavailable(error) or time.monotonic() > until:
                raise
        await asyncio.sleep(_RETRY_INTERVAL_SECONDS)


def is_engine_error(error: BaseException) -> bool:
    """Return whether an error comes from the engine or its database, and not from what a job does."""
    return isinstance(error, DurableEngineError) or is_storage_error(error)


def _format_executor_id(slot: str) -> str:
    return f"quillmate-{slot}"


class _SecureDeleteConnection(sqlite3.Connection):
    """A connection that overwrites deleted rows with zeros, so that no page of the file retains erased data."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA secure_delete=ON")
