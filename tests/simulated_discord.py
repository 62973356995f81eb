"""Private parts of simcord that tests rest on, in one place: patience, and the cost of waiting until the bot has settled.

Written for simcord 3.2. Where `patch` fails or worlds do not settle any more after an update, compare `Env._settle_internal` and
`_settlement.py` of the new version with what is said here; without the patches tests only take longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import simcord
from simcord import _settlement

# How long a simulated Discord waits for the bot before it gives a test up: a busy machine is no fault of the bot's.
SETTLE_SECONDS = 120.0
# How often it looks whether the bot has settled: with simcord's 50 ms, half of the time of a command's test was waiting.
SETTLE_INTERVAL = 0.005


@contextmanager
def patch() -> Iterator[None]:
    """Patch simcord for all tests of a process."""
    with pytest.MonkeyPatch.context() as patched:
        _settle_patiently_and_often(patched)
        _drop_cancelled_timers(patched)
        _stop_at_first_runnable_task(patched)
        yield


def _settle_patiently_and_often(patched: pytest.MonkeyPatch) -> None:
    """Wait for a bot's start as long as for its work, where simcord allows it 5 s, and look more often whether it has settled."""
    settle = simcord.Env._settle_internal

    async def settle_patiently(env: simcord.Env, *, timeout: float | None = None, **options: Any) -> Any:
        return await settle(
            env, timeout=timeout and max(timeout, SETTLE_SECONDS), **options | {"idle": SETTLE_INTERVAL}
        )

    patched.setattr(simcord.Env, "_settle_internal", settle_patiently)


def _drop_cancelled_timers(patched: pytest.MonkeyPatch) -> None:
    """Take cancelled timers off the loop: simcord leaves those there that stand in for its own, hundreds for a text that is
    streamed, and goes over all of them again and again.
    """
    list_active = _settlement._active_callbacks

    def list_without_cancelled(state: Any) -> Any:
        for record in state.work.callbacks:
            if record.handle is not None and record.handle.cancelled() and record.real_handle is not None:
                record.real_handle.cancel()
        return list_active(state)

    patched.setattr("simcord.env._active_callbacks", list_without_cancelled)
    # Each that is through is looked for among all that are not, and they are compared field by field.
    patched.setattr("simcord._runtime._CallbackRecord.__eq__", object.__eq__)


def _stop_at_first_runnable_task(patched: pytest.MonkeyPatch) -> None:
    """Stop at the first runnable task: simcord checks some hundred times a test, each time all tasks, whether a bot has settled.

    A pass begins with `_virtualize_recognized_waits`. The newest task is checked first, and a wait that a pass has handled is not
    handled again.
    """
    list_owned, virtualize, is_parked = (
        _settlement._owned_tasks,
        _settlement._virtualize_recognized_waits,
        _settlement._is_parked,
    )
    handled: WeakKeyDictionary[asyncio.Task[Any], Any] = WeakKeyDictionary()
    runnable = False

    def list_newest_first(state: Any) -> list[asyncio.Task[Any]]:
        return list_owned(state)[::-1]

    def virtualize_new(state: Any, pending: list[asyncio.Task[Any]]) -> None:
        nonlocal runnable
        runnable = bool(state.work.executors)
        new = [task for task in pending if handled.get(task) is not (waiter := _get_waiter(task)) or waiter is None]
        handled.update((task, _get_waiter(task)) for task in new)
        virtualize(state, new)

    def is_parked_unless_one_runs(state: Any, task: asyncio.Task[Any], deadline: float) -> bool:
        nonlocal runnable
        runnable = runnable or not is_parked(state, task, deadline)
        return not runnable

    patched.setattr("simcord.env._owned_tasks", list_newest_first)
    patched.setattr("simcord.env._virtualize_recognized_waits", virtualize_new)
    patched.setattr("simcord.env._is_parked", is_parked_unless_one_runs)


def _get_waiter(task: asyncio.Task[Any]) -> Any:
    return getattr(task, "_fut_waiter", None)
