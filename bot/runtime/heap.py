"""The heap: one of the C library's for all threads, what is free in it given back to the machine, and garbage looked for seldom."""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

_M_ARENA_MAX = -8
# So many objects that live are made before Python looks for those that only refer to each other; it would after 700.
_OBJECTS = 10_000


def use_one_arena() -> None:
    """Lets all threads allocate from one heap (mallopt(3)); to be called before there are any. Nothing without glibc.

    Otherwise each has a heap of its own, and what is free in one is no use to the others: a bot that answers all day takes
    14 MiB more, and grows without end (docs/performance.md). Python holds its lock while it allocates, so none waits for it.
    """
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Gives back what glibc has free (malloc_trim(3)); nothing where the C library is another one.

    What requests leave lies between what stays, so that without this a busy bot grows by some MiB in 20,000 answers.
    """
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


def look_seldom() -> None:
    """Lets Python look for garbage seldom (gc.set_threshold): a program that loads leaves none, and looking is a fifth of its start."""
    gc.set_threshold(_OBJECTS)


@cache
def _of_glibc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # Windows has no library of its own name.
        return None
