"""Processes that run no jobs: they save jobs for others, or read and delete them while no process runs."""

from __future__ import annotations

import asyncio

from dbos import (
    DBOSClient,
    EnqueueOptions,
)
from dbos._serialization import DBOSPortableJSON

from .engine import APPLICATION_NAME, APPLICATION_VERSION, QUEUE, WORKFLOW_NAME, DurableEngine, Row


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
            application_name=APPLICATION_NAME,
            retry_connection_errors=False,
        )
        database = client._sys_db
        database.run_migrations()
        return client

    async def enqueue(self, job_id: str, owner: str, row: Row, priority: int) -> None:
        """Save a job for any worker to start."""
        assert isinstance(self._api, DBOSClient)
        options = EnqueueOptions(
            workflow_name=WORKFLOW_NAME,
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
            statuses = self._client.list_workflows(user=owner, load_input=False, load_output=False)
        except Exception as error:  # SQLAlchemy's, which only storage/ may import.
            if "no such table" in str(error) or "UndefinedTable" in str(error):
                return []
            raise
        return [one.workflow_id for one in statuses]

    def delete(self, job_ids: list[str]) -> None:
        """Delete jobs with all that is saved of them."""
        self._client.delete_workflows(job_ids)

    def close(self) -> None:
        """Disconnect."""
        self._client.destroy()
