"""Handles rows that cannot be decrypted, because another program changed or moved them in the database.

Such a row must not prevent its owner from reading the others. It is omitted, its owner is shown how many there are
(`owner_rows.py`), and a log line identifies it for the operator.
"""

from __future__ import annotations

import logging
from typing import Any

from .crypto import OwnerKey
from .errors import DamagedError

log = logging.getLogger(__name__)

# The log message, documented in docs/operating.md.
DAMAGED_ROW = "row_damaged"


def open_or_none(key: OwnerKey, sealed: bytes, purpose: str) -> Any:
    """Decrypt a sealed JSON value; log and return None if it was changed or moved."""
    try:
        return key.open(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def open_bytes_or_none(key: OwnerKey, sealed: bytes, purpose: str) -> bytes | None:
    """Decrypt sealed bytes; log and return None if they were changed or moved."""
    try:
        return key.open_bytes(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def log_damaged_row(purpose: str) -> None:
    """Log that a row cannot be decrypted, with its table and id, never its content."""
    log.error(DAMAGED_ROW, extra={"row": "/".join(purpose.split("/")[:2])})
