"""The saved jobs as any process has them: a job's row, and the connection that saves, lists, ends and deletes jobs."""

from __future__ import annotations

import abc
import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient, WorkflowStatus
from dbos import error as dbos_error
from dbos._dbos import _get_dbos_instance

from bot.requests.job_errors import JobsError, is_storage_error
from bot.requests.sqlite_file import find_sqlite_path, flush_sqlite_log

QUEUE = "requests"
# Constant over releases, so that any release resumes the jobs of another: jobs are plain data with their own version.
APPLICATION_VERSION = "1"

APPLICATION_NAME, WORKFLOW_NAME = "quillmate", "carry_out"
# The attribute of a workflow that holds why its job was ended, for the process that runs it.
_END_REASON = "ended"
GIVEN_UP_STATUS = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
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
        return self._status.status in (*_ENDED_STATUSES, GIVEN_UP_STATUS)

    @property
    def is_started(self) -> bool:
        """Whether a process has started it and not finished it yet."""
        return self._status.status == "PENDING"

    @property
    def end_reason(self) -> str | None:
        """Why another process has ended it, if one has."""
        return (self._status.attributes or {}).get(_END_REASON)


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
        statuses = await self._api.list_workflows_async(user=owner, load_input=True, load_output=False)
        return [SavedJob(one) for one in statuses]

    async def load(self, job_ids: Collection[str]) -> list[SavedJob]:
        """Return those of these jobs that are saved, without their rows."""
        if not job_ids:
            return []
        statuses = await self._api.list_workflows_async(workflow_ids=list(job_ids), load_input=False, load_output=False)
        return [SavedJob(one) for one in statuses]

    async def count_queued(self, limit: int) -> int:
        """Return how many jobs no process has started, up to a limit."""
        statuses = await self._api.list_queued_workflows_async(
            queue_name=QUEUE, status="ENQUEUED", limit=limit, load_input=False, load_output=False
        )
        return len(statuses)

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
        executor = format_executor_id(slot)
        pending = database.get_pending_workflows(executor, APPLICATION_VERSION)
        return sum(database.reenqueue_for_recovery(one.workflow_id, [executor], QUEUE) for one in pending)


# dbos is a singleton that looks workflows up by name, so they find their runner through this global.
_current: DurableEngine | None = None


def get_current() -> DurableEngine | None:
    """Return the open connection of this process."""
    return _current


def is_engine_error(error: BaseException) -> bool:
    """Return whether an error comes from the engine or its database, and not from what a job does."""
    return isinstance(error, DurableEngineError) or is_storage_error(error)


def format_executor_id(slot: str) -> str:
    """Return the name that the engine knows the process of a slot by."""
    return f"quillmate-{slot}"
