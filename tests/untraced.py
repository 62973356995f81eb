"""What coverage follows, and how code is run without it."""

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

# How the threads are called in which a loop runs what would block it.
_OF_A_LOOP = "asyncio_"
# Modules that are not loaded by tests of all: one starts the program, the other brings PyTorch along, 20 s of loading.
_APART = ("__main__", "_transformers_chat")


@cache
def modules() -> dict[str, ModuleType]:
    """The project's modules by name, but for those that are loaded apart."""
    found = {}
    for package in (bot, personas, storage):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith(_APART) and ".migrations" not in one.name:
                found[one.name] = importlib.import_module(one.name)
    return found


def trace_own_threads() -> None:
    """Lets coverage follow threads that run the project's own code for a loop, and none of the libraries'.

    In one of some thousands that start, its tracer fails without an exception, and the thread ends with that; those of the
    durable engine are started with every bot.
    """
    begin = threading.gettrace()
    if begin is None:
        return

    def chosen(frame: FrameType, event: str, arg: object) -> object:
        sys.settrace(None)
        return begin(frame, event, arg) if threading.current_thread().name.startswith(_OF_A_LOOP) else None

    threading.settrace(chosen)  # type: ignore[arg-type]


@contextmanager
def untraced(*, collecting: bool = True) -> Iterator[None]:
    """Lifts tracing, such as coverage's, from what is called within; and the collection of garbage that other tests left."""
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
