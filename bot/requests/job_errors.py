"""Failures of durable jobs: the error that callers see, and how errors of the engine and its database become one."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator

from bot.errors import QuillmateError
from storage.alerts import report_unwritable

log = logging.getLogger(__name__)

UNSAVED = "I cannot save anything right now, so I could not do that. Try again in a minute."
JOBS_UNREADABLE = "The pending requests cannot be read. Run `quillmate doctor` for details."


class JobsError(QuillmateError):
    """Jobs cannot be saved, read or carried out, so none may be acknowledged."""


@contextlib.contextmanager
def convert_errors(message: str, which: Callable[[Exception], bool] = lambda _error: True) -> Iterator[None]:
    """Raise errors as a JobsError with a message for users, and alert the operator. Those not of `which` pass.

    Raises:
        JobsError: an error of `which` was raised.
    """
    try:
        yield
    except JobsError:
        raise
    except Exception as error:  # The engine lets through errors of SQLAlchemy and two drivers, which share no base.
        if not which(error):
            raise
        report_unwritable("jobs", error)
        raise JobsError(message) from error


@contextlib.contextmanager
def log_errors(event: str, level: int = logging.WARNING, unless: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Log an error and carry on: the work in the block is repeated later. `unless` says when it is expected."""
    try:
        yield
    except Exception as error:  # A background task must outlive any failure; by name only, as messages quote rows.
        if not unless():
            log.log(level, "%s: %s", event, type(error).__name__)


def is_storage_error(error: BaseException) -> bool:
    """Return whether an error comes from the jobs' database."""
    return type(error).__module__.startswith("sqlalchemy") or isinstance(error, OSError | sqlite3.Error)


def is_server_unavailable(error: BaseException) -> bool:
    """Return whether a database server did not answer and may recover; a SQLite file never counts."""
    cause = type(getattr(error, "orig", None))
    return cause.__module__.startswith("psycopg") and any(
        one.__name__ in ("OperationalError", "InterfaceError") for one in cause.__mro__
    )
