"""Reports to operators that the storage cannot be written, by a log line that alerts look for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

# The log message. Operators' alerts look for it (docs/operating.md), so do not change it.
UNWRITABLE = "storage_unwritable"
# A full disk fails every request; one line per interval is enough.
MIN_INTERVAL_SECONDS = 60.0
_reported_at: dict[str, float] = {}
# Called on every report, logged or not, with the name of the store.
listeners: list[Callable[[str], None]] = []


def report_unwritable(store: str, error: BaseException) -> None:
    """Log that a store ("database", "jobs" or "data") cannot be used, with the error's name but not its text."""
    for listener in listeners:
        listener(store)
    now = time.monotonic()
    if now - _reported_at.get(store, -MIN_INTERVAL_SECONDS) >= MIN_INTERVAL_SECONDS:
        _reported_at[store] = now
        log.error(UNWRITABLE, extra={"store": store, "reason": _describe_driver_error(error)})


def _describe_driver_error(error: BaseException) -> str:
    """Return the name of the innermost error, with its SQLite, PostgreSQL or system code."""
    inner: BaseException = error
    while (cause := getattr(inner, "orig", None) or inner.__cause__) is not None and cause is not inner:
        inner = cause
    code = getattr(inner, "sqlite_errorname", None) or getattr(inner, "sqlstate", None) or ""
    number = getattr(inner, "errno", None)
    return " ".join(filter(None, (type(inner).__name__, str(code), f"errno {number}" if number else "")))
