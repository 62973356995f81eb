"""The heap: one C library arena for all threads, free memory returned to the system, and rare garbage collection."""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

_M_ARENA_MAX = -8
# New objects before Python collects cycles; its default is 700.
_GC_THRESHOLD = 10_000


def use_one_arena() -> None:
    """Let all threads allocate from one arena (mallopt(3)); call before starting threads. Does nothing without glibc.

    Otherwise memory freed in one arena is of no use to the others: a bot that answers all day takes 14 MiB more, and
    grows without end (docs/performance.md). Python holds its lock while it allocates, so threads do not contend.
    """
    if (mallopt := _find_glibc_function("mallopt")) is not None:
        mallopt(_M_ARENA_MAX, 1)


def trim_heap() -> None:
    """Return free memory of glibc to the system (malloc_trim(3)); does nothing with other C libraries.

    Requests leave holes between longer-lived objects, so without this a busy bot grows by some MiB in 20,000 answers.
    """
    if (trim := _find_glibc_function("malloc_trim")) is not None:
        trim(0)


def raise_gc_threshold() -> None:
    """Collect garbage rarely (gc.set_threshold): loading a program leaves none, and collecting takes a fifth of its
    start.
    """
    gc.set_threshold(_GC_THRESHOLD)


@cache
def _find_glibc_function(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # Windows has no such library.
        return None
