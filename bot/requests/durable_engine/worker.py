"""The process that runs jobs: how it takes them, where it resumes them, and how their steps are saved."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from dbos import DBOS, DBOSConfig, DBOSContextSetAuth, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_errors
from dbos._context import current_owner_xid, snapshot_step_context
from dbos._core import WorkflowHandleAsyncPolling, run_step_async
from dbos._dbos import _get_dbos_instance
from dbos._serialization import DBOSPortableJSON

from bot.requests.job_errors import is_server_unavailable
from bot.requests.sqlite_file import prepare_sqlite

from .engine import (
    APPLICATION_NAME,
    APPLICATION_VERSION,
    GIVEN_UP_STATUS,
    QUEUE,
    WORKFLOW_NAME,
    DurableEngine,
    Row,
    SavedJob,
    format_executor_id,
    get_current,
)

log = logging.getLogger(__name__)
# How often a job is restarted after its process died until the job itself is held responsible. Jobs that merely ran
# alongside count as well, so this exceeds the number of manual restarts likely within the hour in which a job can still
# be answered.
MAX_ATTEMPTS = 30
# How often the queue is polled: by a single process, where a job waits only while there is no room and each poll
# costs 3 ms of CPU time; and by one of several, which get all jobs from the queue.
QUEUE_SECONDS, SHARED_QUEUE_SECONDS = 1.0, 0.15
# How often a single process polls its queue while it has no jobs there.
IDLE_QUEUE_SECONDS = 10.0
# Polling interval of the engine's notification listener; a stop takes effect after at most this long.
LISTENER_POLLING_SECONDS = 0.25
# How long a checkpoint waits for an unavailable database server before it fails.
MAX_RETRY_SECONDS = 60.0
_RETRY_INTERVAL_SECONDS = 0.5
# Connections of the engine. A PostgreSQL server allows 100 in all by default: see docs/scale.md.
_MAX_CONNECTIONS = 8


class JobRunner(Protocol):
    """What a worker needs of the jobs of its process."""

    @property
    def running_count(self) -> int:
        """The number of jobs that run now."""

    @property
    def has_queued_jobs(self) -> bool:
        """Whether jobs that this process enqueued may still be waiting."""

    def compute_max_running(self) -> int:
        """Return how many jobs may run at once."""

    def is_shared_deployment(self) -> bool:
        """Return whether other processes take jobs from the same database."""

    async def carry_out(self, job_id: str, row: Row) -> None:
        """Run a job."""

    def note_unrecorded_end(self, job_id: str, record: Callable[[], object] | None = None) -> None:
        """Remember a job whose end the database could not record; call `record` later to record it."""


class Worker(DurableEngine):
    """Saves jobs and runs them on the event loop it is opened on, as many at once as its runner has room for, resuming those of its
    slot first.
    """

    def __init__(self, url: str, slot: str, runner: JobRunner) -> None:
        super().__init__(url)
        self._executor_id, self.runner = format_executor_id(slot), runner

    async def _connect(self) -> None:
        await asyncio.to_thread(prepare_sqlite, self._url)
        DBOS(config=self._build_config())
        # Launch on the loop's own thread: the engine adopts that loop and runs jobs there.
        DBOS.launch()
        self._patch_outcome_recording()
        await self._patch_dequeuing()
        self._patch_polling()

    async def _disconnect(self) -> None:
        # The engine made its thread pool the loop's default and closes it, while other code still uses threads.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="quillmate"))
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)

    def _build_config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION_NAME,
            system_database_url=self._url,
            executor_id=self._executor_id,
            application_version=APPLICATION_VERSION,
            serializer=DBOSPortableJSON,
            sys_db_pool_size=_MAX_CONNECTIONS,
            max_executor_threads=16,
            # Only a connection to a database server can be lost.
            db_engine_kwargs={"connect_args": {"factory": _SecureDeleteConnection}}
            if self._url.startswith("sqlite")
            else {"pool_pre_ping": True},
            notification_listener_polling_interval_sec=LISTENER_POLLING_SECONDS,
            log_level="WARNING",
            run_migrations=True,
        )

    def _patch_outcome_recording(self) -> None:
        """Tell the runner when the database cannot record that a job ended.

        Left alone, the engine would retry and block the threads that everything else needs.
        """
        database = _get_dbos_instance()._sys_db
        database._retry_connection_errors = False
        record = database.update_workflow_outcome

        def record_or_note(workflow_id: str, status: Any, **options: Any) -> bool:
            options.setdefault("owner_xid", current_owner_xid(workflow_id))
            try:
                return record(workflow_id, status, **options)
            except Exception:  # Raised again for the engine; whatever the error, the job has ended.
                self.runner.note_unrecorded_end(workflow_id, lambda: record(workflow_id, status, **options))
                raise

        database.update_workflow_outcome = record_or_note  # type: ignore[method-assign]

    async def _patch_dequeuing(self) -> None:
        """Let the engine dequeue only as many jobs as this process has room for now; the database's fixed limit cannot express that."""
        # A poll before the patch below must take no job, as it would not know how many there is room for.
        await DBOS.register_queue_async(QUEUE, worker_concurrency=0, polling_interval_sec=QUEUE_SECONDS)
        engine, runner = _get_dbos_instance(), self.runner
        database = engine._sys_db
        get_stored_queue, queue = database.get_queue, await DBOS.retrieve_queue_async(QUEUE)

        def get_queue(name: str, **options: Any) -> Any:
            if name != QUEUE or queue is None:
                return get_stored_queue(name, **options)
            dequeued = engine._active_workflows_set.count_for_queue(QUEUE)
            # The engine counts dequeued jobs itself; subtract only the others.
            queue._worker_concurrency = max(0, runner.compute_max_running() - max(0, runner.running_count - dequeued))
            # A single process gets no jobs from others.
            queue._polling_interval_sec = SHARED_QUEUE_SECONDS if runner.is_shared_deployment() else QUEUE_SECONDS
            return queue

        database.get_queue = get_queue  # type: ignore[method-assign]
        # The engine calls this every second to look for new or removed queues.
        database.list_queues = lambda **_: [queue]  # type: ignore[method-assign]

    def _patch_polling(self) -> None:
        """Make the engine poll as rarely as possible for things that never occur here: delayed jobs, jobs with a time limit,
        and queued jobs of other processes where this one has the database to itself.
        """
        engine, runner, polled_at = _get_dbos_instance(), self.runner, dict[str, float]()
        engine._background_jobs_stop_event.set()
        database = engine._sys_db
        find_scopes, reenqueue_stored = database.dequeue_scopes, database.reenqueue_for_recovery
        start_stored = database.start_queued_workflows

        def find_busy_scopes(queue_name: str) -> list[str | None]:
            is_idle = not (runner.has_queued_jobs or engine._active_workflows_set.count_for_queue(queue_name))
            idle_seconds = time.monotonic() - polled_at.get(queue_name, float("-inf"))
            if is_idle and idle_seconds < IDLE_QUEUE_SECONDS and not runner.is_shared_deployment():
                return []
            return find_scopes(queue_name)

        def start_queued(queue: Any, *arguments: Any, **options: Any) -> Any:
            # Here and not above: a poll by a process without room takes nothing, and the next must not wait long.
            polled_at[queue.name] = time.monotonic()
            return start_stored(queue, *arguments, **options)

        def reenqueue(workflow_id: str, executor_ids: list[str], recovery_queue_name: str) -> bool:
            is_reenqueued = reenqueue_stored(workflow_id, executor_ids, recovery_queue_name)
            polled_at.pop(recovery_queue_name, None)
            return is_reenqueued

        database.dequeue_scopes = find_busy_scopes  # type: ignore[method-assign]
        database.start_queued_workflows = start_queued  # type: ignore[method-assign]
        database.reenqueue_for_recovery = reenqueue  # type: ignore[method-assign]

    async def start(self, job_id: str, owner: str, row: Row) -> bool:
        """Save a job and start it here; return False for an id that was started before, which is not run again."""
        with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []):
            handle = await DBOS.start_workflow_async(_carry_out, row)
        return not isinstance(handle, WorkflowHandleAsyncPolling)

    async def enqueue(self, job_id: str, owner: str, row: Row, priority: int) -> None:
        """Save a job for any process to start, this one included."""
        with SetWorkflowID(job_id), DBOSContextSetAuth(owner, []), SetEnqueueOptions(priority=priority):
            await DBOS.enqueue_workflow_async(QUEUE, _carry_out, row)

    def list_given_up_jobs(self) -> list[SavedJob]:
        """Return this slot's jobs that the engine no longer starts, with their rows. Blocks."""
        statuses = DBOS.list_workflows(
            status=GIVEN_UP_STATUS, executor_id=self._executor_id, load_input=True, load_output=False
        )
        return [SavedJob(status) for status in statuses]


@DBOS.workflow(name=WORKFLOW_NAME, max_recovery_attempts=MAX_ATTEMPTS)
async def _carry_out(row: Row) -> None:
    job_id = DBOS.workflow_id
    current = get_current()
    assert isinstance(current, Worker)
    assert job_id is not None
    await current.runner.carry_out(job_id, row)


async def run_step(name: str, step: Callable[[], Awaitable[str]]) -> str:
    """Run a step of the current workflow once, and save its output as soon as the database is available.

    In a workflow that is resumed, return the output that an earlier process saved. Where that took other steps, such as a release
    before this one, run it unsaved: made twice is better than failed.
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
        except dbos_errors.DBOSUnexpectedStepError as error:
            log.warning("a resumed request takes other steps: %s", error)
            return await run_once()
        except Exception as error:  # SQLAlchemy's, which only storage/ may import.
            if not is_server_unavailable(error) or time.monotonic() > until:
                raise
        await asyncio.sleep(_RETRY_INTERVAL_SECONDS)


class _SecureDeleteConnection(sqlite3.Connection):
    """A connection that overwrites deleted rows with zeros, so that no page of the file retains erased data."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA secure_delete=ON")
