"""Processes that do one thing apart: they know none of our secrets, and end at once when whoever began them ends, or is killed."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

_PASSED_ON = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "SYSTEMROOT")
# By which coverage counts in such processes too.
_OF_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
# Tells such a process who began it.
_BEGUN_BY = "APART_BEGUN_BY"
_PR_SET_PDEATHSIG = 1
# Seconds between two looks at who began it, where the system does not tell.
_LOOK_SECONDS = 0.5


async def begin_apart(
    module: str, *words: str, is_counted: bool = True, environment: Mapping[str, str] = {}, **options: Any
) -> asyncio.subprocess.Process:
    """Begins a module as a process, which has to call `end_with_beginner` first; `options` are asyncio's.

    Of our environment it has what a Python needs alone, and `environment`. Coverage counts in it unless it is not `is_counted`.
    """
    names = (*_PASSED_ON, *(_OF_COVERAGE if is_counted else ()))
    known = {name: os.environ[name] for name in names if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, env={**known, **environment, _BEGUN_BY: str(os.getpid())}, **options
    )


async def end_apart(process: asyncio.subprocess.Process) -> None:
    """Kills such a process where it is still there, and waits until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def end_with_beginner() -> None:
    """From now on this process ends at once when the one that began it does. What somebody typed ends as they like."""
    begun_by = int(os.environ.get(_BEGUN_BY, 0))
    if not begun_by:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != begun_by:  # It was killed before.
            os._exit(1)
    else:
        threading.Thread(target=_look_out, args=(begun_by,), name="look out", daemon=True).start()


def _look_out(begun_by: int) -> None:
    """Ends this process once it is another's than that which began it: orphans are given to somebody else."""
    while os.getppid() == begun_by:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
