"""Decorators for coroutines that run to completion even if their caller is cancelled."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any, ParamSpec, TypeVar

# The task of the current shielded call. Shielded calls inside it run in the same task.
_shielded_task: ContextVar[asyncio.Task[Any] | None] = ContextVar("shielded task", default=None)

P = ParamSpec("P")
T = TypeVar("T")


def shield(call: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Make a coroutine function run to completion before it raises a CancelledError.

    A transaction that is cancelled midway leaves its connection, and with it SQLite's only write lock, to the garbage
    collector: until that runs, nothing can be written.
    """

    @functools.wraps(call)
    async def run_to_completion(*args: P.args, **kwargs: P.kwargs) -> T:
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
                task.exception()  # Mark it as retrieved: asyncio would log an exception that nobody awaits.
            raise

    return run_to_completion


def shield_methods(cls: type[T]) -> type[T]:
    """Apply `shield` to the public coroutine methods of a class."""
    for name, member in list(vars(cls).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(member):
            setattr(cls, name, shield(member))
    return cls
