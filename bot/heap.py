"""Memory that is free and that the C library keeps: given back to the machine."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """Gives back what glibc has free (malloc_trim(3)); nothing where the C library is another one.

    What requests leave lies between what stays, so that without this a busy bot grows by some MiB in 20,000 answers.
    """
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no library of its own name.
        return None
