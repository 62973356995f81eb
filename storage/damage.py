"""Rows that do not open: another program changed or moved them in the database.

Such a row must not hide the rest of its owner's rows, and must not be shown. So it is omitted, its owner is shown how
many there are (`owner_rows.py`), and a log line names it for the operator.
"""

from __future__ import annotations

import logging
from typing import Any

from .crypto import OwnerKey
from .errors import DamagedError

log = logging.getLogger(__name__)

# The event of the line (docs/operating.md).
DAMAGED_ROW = "row_damaged"


def open_or_none(key: OwnerKey, sealed: bytes, purpose: str) -> Any:
    """Open a sealed JSON value; None if it was changed or moved."""
    try:
        return key.open(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def open_bytes_or_none(key: OwnerKey, sealed: bytes, purpose: str) -> bytes | None:
    """Open sealed bytes; None if they were changed or moved."""
    try:
        return key.open_bytes(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def log_damaged_row(purpose: str) -> None:
    """Log that a row does not open, by its table and key; never its content."""
    log.error(DAMAGED_ROW, extra={"row": "/".join(purpose.split("/")[:2])})
