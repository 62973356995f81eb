"""Calls that run to completion even if their caller is cancelled."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any, ParamSpec, TypeVar

# The task of the shielded call that is running, inside which another needs no task of its own.
_shielded_task: ContextVar[asyncio.Task[Any] | None] = ContextVar("shielded task", default=None)

P = ParamSpec("P")
T = TypeVar("T")


def shield(call: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A coroutine function that a cancellation reaches only once it is through.

    A transaction that is cut short leaves its connection, and with it SQLite's one write lock, to the garbage collector:
    until that comes, nobody writes.
    """

    @functools.wraps(call)
    async def to_its_end(*args: P.args, **kwargs: P.kwargs) -> T:
        if (current := _shielded_task.get()) is not None and current is asyncio.current_task():
            return await call(*args, **kwargs)
        context = copy_context()
        task = asyncio.get_running_loop().create_task(call(*args, **kwargs), context=context)
        context.run(_shielded_task.set, task)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                try:
                    await asyncio.wait([task])
                except asyncio.CancelledError:
                    continue
            if not task.cancelled():
                task.exception()  # Looked at, else asyncio tells of it: whoever would have been told is gone.
            raise

    return to_its_end


def shield_methods(kind: type[T]) -> type[T]:
    """A class whose public coroutines are all wrapped by `shield`: each is one short transaction."""
    for name, member in list(vars(kind).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(member):
            setattr(kind, name, shield(member))
    return kind
