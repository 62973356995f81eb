"""Rows that do not open: changed or moved in the database by something else than Quillmate.

One such row must not take the rest of its owner's away, and must not be shown. So it is left out, its owner is told how many
there are (`held.py`), and a line in the log names it for the operator.
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
    """The JSON value that was sealed, None where it was changed or moved since."""
    try:
        return key.open(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def open_bytes_or_none(key: OwnerKey, sealed: bytes, purpose: str) -> bytes | None:
    """The bytes that were sealed, None where they were changed or moved since."""
    try:
        return key.open_bytes(sealed, purpose)
    except DamagedError:
        log_damaged_row(purpose)
        return None


def log_damaged_row(purpose: str) -> None:
    """Logs that a row does not open, by its table and key; never what stands in it."""
    log.error(DAMAGED_ROW, extra={"row": "/".join(purpose.split("/")[:2])})
