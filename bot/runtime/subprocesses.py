"""Subprocesses for one task: they inherit no secrets, and end as soon as their parent ends or is killed."""

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

_INHERITED_VARIABLES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "SYSTEMROOT")
# Enables coverage in subprocesses.
_COVERAGE_VARIABLES = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
# Tells a subprocess its parent's id.
_PARENT_VARIABLE = "APART_BEGUN_BY"
_PR_SET_PDEATHSIG = 1
# Polling interval for the parent, where the system does not signal its end.
_LOOK_SECONDS = 0.5


async def start_subprocess(
    module: str, *arguments: str, is_counted: bool = True, environment: Mapping[str, str] = {}, **options: Any
) -> asyncio.subprocess.Process:
    """Run a module as a subprocess, which must call `exit_with_parent` first; `options` are asyncio's.

    It inherits only the variables that Python needs, plus `environment`. `is_counted` enables coverage.
    """
    names = (*_INHERITED_VARIABLES, *(_COVERAGE_VARIABLES if is_counted else ()))
    known = {name: os.environ[name] for name in names if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env={**known, **environment, _PARENT_VARIABLE: str(os.getpid())},
        **options,
    )


async def kill_subprocess(process: asyncio.subprocess.Process) -> None:
    """Kill a subprocess if it still runs, and wait for it."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def exit_with_parent() -> None:
    """Make this process end when its parent does. Processes started by a user are unaffected."""
    parent = int(os.environ.get(_PARENT_VARIABLE, 0))
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # The parent has already ended.
            os._exit(1)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), name="look out", daemon=True).start()


def _watch_parent(parent: int) -> None:
    """End this process once it is orphaned and so has another parent."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
