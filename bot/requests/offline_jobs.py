"""Saved jobs while no process runs any, as the command line counts and deletes them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .durable_engine import OfflineClient
from .job_errors import JOBS_UNREADABLE, JobsError
from .sqlite_file import find_sqlite_path, flush_sqlite_log


def count_pending(url: str, owner: str) -> int:
    """Return how many jobs of an owner are saved.

    Raises:
        JobsError: they cannot be read.
    """
    with _open_pending(url, owner) as (_, job_ids):
        return len(job_ids)


def forget_pending(url: str, owner: str) -> None:
    """Delete an owner's jobs.

    Raises:
        JobsError: they cannot be read.
    """
    with _open_pending(url, owner) as (client, job_ids):
        if client is not None:
            client.delete(job_ids)
    flush_sqlite_log(url)


@contextlib.contextmanager
def _open_pending(url: str, owner: str) -> Iterator[tuple[OfflineClient | None, list[str]]]:
    """Yield a client and the ids of an owner's jobs; nothing where no job was ever saved."""
    if (path := find_sqlite_path(url)) and not path.exists():
        yield None, []
        return
    with contextlib.ExitStack() as stack:
        try:
            client = OfflineClient(url)
            stack.callback(client.close)
            job_ids = client.list_ids(owner)
        except Exception as error:  # See convert_errors; no alert, as the command line shows the message.
            raise JobsError(JOBS_UNREADABLE) from error
        yield client, job_ids
