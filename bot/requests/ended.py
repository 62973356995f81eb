"""Jobs that came to their end while their database could not be told: they are not begun again, also after a restart."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from bot.errors import FileError
from bot.runtime.files import write_file
from storage.alerts import unwritable

# Tells the database of an end.
Record = Callable[[], object]


class Ended:
    """The ids of such jobs, kept in a file as well, where there is one. Used by several threads.

    An id is noted before anything else is told of, so that a process that dies leaves it to the next one.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._records: dict[str, Record | None] = {}
        if file is not None:
            with contextlib.suppress(OSError):
                self._records = dict.fromkeys(file.read_text(encoding="ascii").split())

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._records

    def unrecorded(self) -> list[tuple[str, Record | None]]:
        """Those whose end the database was not told of, with what tells it; None where it has to be cancelled."""
        with self._lock:
            return list(self._records.items())

    def add(self, job_id: str, record: Record | None = None) -> None:
        """Notes an end; the first word of it counts."""
        with self._lock:
            if self._records.get(job_id) is None:
                self._records[job_id] = record
                self._keep()

    def discard(self, job_id: str) -> None:
        """The database knows of it."""
        with self._lock:
            if self._records.pop(job_id, self) is not self:
                self._keep()

    def _keep(self) -> None:
        if self._file is None:
            return
        try:
            if self._records:
                write_file(self._file, "".join(f"{one}\n" for one in self._records).encode("ascii"))
            else:
                self._file.unlink(missing_ok=True)
        except (FileError, OSError) as error:  # As on a full disk; what Discord shows tells a next process as well.
            unwritable("data", error)
