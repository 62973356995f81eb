"""A log line for operators' alerts: the storage is not writable."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

# The event of the line. Operators' alerts look for it (docs/operating.md), so it stays as it is.
UNWRITABLE = "storage_unwritable"
# A full disk fails every request; one line per interval is enough.
MIN_INTERVAL_SECONDS = 60.0
_last: dict[str, float] = {}
# Also called every time, with the name of the store.
listeners: list[Callable[[str], None]] = []


def report_unwritable(store: str, error: BaseException) -> None:
    """Log that a store, such as "database" or "jobs", cannot be read or written, with the error's name but not its
    text.
    """
    for tell in listeners:
        tell(store)
    now = time.monotonic()
    if now - _last.get(store, -MIN_INTERVAL_SECONDS) >= MIN_INTERVAL_SECONDS:
        _last[store] = now
        log.error(UNWRITABLE, extra={"store": store, "reason": _describe_driver_error(error)})


def _describe_driver_error(error: BaseException) -> str:
    """Return the name of the driver's error, with SQLite's or PostgreSQL's code."""
    inner: BaseException = error
    while (cause := getattr(inner, "orig", None) or inner.__cause__) is not None and cause is not inner:
        inner = cause
    code = getattr(inner, "sqlite_errorname", None) or getattr(inner, "sqlstate", None) or ""
    number = getattr(inner, "errno", None)
    return " ".join(filter(None, (type(inner).__name__, str(code), f"errno {number}" if number else "")))
