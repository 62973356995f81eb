"""Jobs that ended while their database was unavailable: they are not started again, not even after a restart."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from bot.errors import FileError
from bot.runtime.files import write_file
from storage.alerts import report_unwritable

# Records the end of a job in the database.
RecordEnd = Callable[[], object]


class EndedJobs:
    """The ids of such jobs, also saved in a file where one is given. Thread-safe.

    An id is noted before anything else happens, so that a process that dies leaves it to the next one.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._records: dict[str, RecordEnd | None] = {}
        if file is not None:
            with contextlib.suppress(OSError):
                self._records = dict.fromkeys(file.read_text(encoding="ascii").split())

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._records

    def list_unrecorded(self) -> list[tuple[str, RecordEnd | None]]:
        """Return the ids of unrecorded ends with the function that records each; None where the job must be cancelled."""
        with self._lock:
            return list(self._records.items())

    def add(self, job_id: str, record: RecordEnd | None = None) -> None:
        """Note an end; the first record function for an id wins."""
        with self._lock:
            if self._records.get(job_id) is None:
                self._records[job_id] = record
                self._save()

    def discard(self, job_id: str) -> None:
        """Remove an id whose end the database knows."""
        with self._lock:
            if self._records.pop(job_id, self) is not self:
                self._save()

    def _save(self) -> None:
        if self._file is None:
            return
        try:
            if self._records:
                write_file(self._file, "".join(f"{one}\n" for one in self._records).encode("ascii"))
            else:
                self._file.unlink(missing_ok=True)
        except (
            FileError,
            OSError,
        ) as error:  # Such as a full disk; the next process can also tell from Discord's messages.
            report_unwritable("data", error)
