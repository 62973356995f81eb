"""Jobs that ended while their database was unavailable: not started again, not even after a restart, and recorded."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from bot.errors import FileError
from bot.runtime.files import write_file
from storage.alerts import report_unwritable

from .job_errors import is_storage_error

log = logging.getLogger(__name__)

# Retry interval for recording ended jobs.
_RECORD_INTERVAL_SECONDS = 1.0

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
        except (FileError, OSError) as error:
            # Such as a full disk; the next process can also tell from Discord's messages.
            report_unwritable("data", error)


class EndRecorder:
    """Records ended jobs as soon as the database is back, in a thread, until `closing` is set.

    `is_running` tells whether a job still runs here; such a job is not cancelled before it has ended. `cancel` marks a job as
    ended; it blocks.
    """

    def __init__(
        self,
        ended: EndedJobs,
        is_running: Callable[[str], bool],
        cancel: Callable[[str], None],
        closing: threading.Event,
    ) -> None:
        self._ended, self._is_running, self._cancel, self._closing = ended, is_running, cancel, closing
        # Set while the database may not know of some ended jobs.
        self._has_unrecorded = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, which first records what an earlier process left."""
        self._thread = threading.Thread(target=self._record_loop, name="record ends of jobs", daemon=True)
        self._thread.start()
        if self._ended.list_unrecorded():
            self.wake()

    def add(self, job_id: str, record: RecordEnd | None = None) -> None:
        """Note an end, and record it soon."""
        self._ended.add(job_id, record)
        self.wake()

    def wake(self) -> None:
        """Have the thread see what there is to record, or that it is to end."""
        self._has_unrecorded.set()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, up to a timeout. Blocks."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _record_loop(self) -> None:
        while not self._closing.is_set():
            self._has_unrecorded.wait()
            self._has_unrecorded.clear()
            while self._ended.list_unrecorded() and not self._closing.wait(_RECORD_INTERVAL_SECONDS):
                self.record_all()

    def record_all(self) -> None:
        """Record what the database takes now. Blocks."""
        for job_id, record in self._ended.list_unrecorded():
            try:
                if record is not None:
                    record()
                elif not self._is_running(job_id):
                    self._cancel(job_id)
                else:
                    continue
            except Exception as error:  # What the database will never take is dropped, or it would be tried for ever.
                if is_storage_error(error):
                    return
                log.error("the end of a job cannot be recorded: %s", type(error).__name__)
            self._ended.discard(job_id)
