"""What coverage traces, and code that runs without it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType, ModuleType

import bot
import personas
import storage

# Name prefix of an event loop's worker threads.
_LOOP_THREAD_PREFIX = "asyncio_"
# Skipped modules: one starts the program, the other takes 20 s to load PyTorch.
_SKIPPED_MODULES = ("__main__", "_transformers_chat")


@cache
def load_modules() -> dict[str, ModuleType]:
    """Load the project's modules by name, except some that are loaded separately."""
    found = {}
    for package in (bot, personas, storage):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith(_SKIPPED_MODULES) and ".migrations" not in one.name:
                found[one.name] = importlib.import_module(one.name)
    return found


def trace_own_threads() -> None:
    """Let coverage trace threads that run the project's code for an event loop, and no threads of libraries. Out of
    some thousand threads started, its tracer fails in one without an exception, which ends the thread; those of the
    durable engine are started with every bot.
    """
    begin = threading.gettrace()
    if begin is None:
        return

    def trace_if_own(frame: FrameType, event: str, arg: object) -> object:
        sys.settrace(None)
        return begin(frame, event, arg) if threading.current_thread().name.startswith(_LOOP_THREAD_PREFIX) else None

    threading.settrace(trace_if_own)  # type: ignore[arg-type]


@contextmanager
def disable_tracing(*, collecting: bool = True) -> Iterator[None]:
    """Disable tracing, such as coverage's, within the context; and optionally the collection of garbage from other
    tests.
    """
    tracing, was_collecting = sys.gettrace(), gc.isenabled()
    in_threads = threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]
    if not collecting:
        gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
        threading.settrace(in_threads)  # type: ignore[arg-type]
        sys.settrace(tracing)
