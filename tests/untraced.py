"""Which tests are traced for coverage, and how code is run by itself for bounds of time."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType, ModuleType
from zlib import crc32

import pytest

import bot
import personas
import storage

# Tracing makes whatever it watches take three times as long. So coverage is counted on a part of the tests, which can only lower
# it: of a test with parameters the first sets, and of those that act in the simulated Discord, which go through the same rooms, a
# share.
MOST_SETS = 2
SHARE = 3
# Files that go over again, many times, what other tests reach; read the source; or mostly run programs and other people's code.
OVER_AGAIN = {
    "test_all_is_said.py", "test_answers.py", "test_any_brief.py", "test_bad_inputs.py", "test_buttons.py",
    "test_contrast.py", "test_edges.py", "test_every_check.py", "test_injections.py", "test_it_learns.py",
    "test_kill.py", "test_knowledge_commands.py", "test_make.py", "test_moderation.py", "test_mutations.py",
    "test_pieces.py", "test_playground.py", "test_playground_in_german.py", "test_playground_language.py",
    "test_playground_typing.py", "test_readers.py", "test_real_models.py", "test_request_limits.py",
    "test_several_profiles.py", "test_signals.py", "test_talk.py", "test_taste.py", "test_three_people.py",
    "test_unharmed.py",
}  # fmt: skip
# Files whose tests are all traced, as each of them goes through rooms of its own.
WHOLE = {
    "test_brand_book.py", "test_bulk.py", "test_calendar.py", "test_campaign.py", "test_campaign_changes.py", "test_ideas.py",
    "test_library.py", "test_quiz_alone.py", "test_quiz_mastery.py", "test_quiz_play.py", "test_review.py", "test_schedule.py",
    "test_webhook_commands.py",
}  # fmt: skip
# Milliseconds that the sum in `slowed` takes on a quiet machine of two cores.
QUIET = 7.5
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


def traced(items: Iterable[pytest.Item]) -> set[str]:
    """The ids of the tests that coverage is counted on; the same in every process."""
    sets, found = Counter[str](), set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        sets[name] += 1
        if item.path.name in WHOLE or (
            sets[name] <= MOST_SETS and item.path.name not in OVER_AGAIN and not _left_out(item)
        ):
            found.add(item.nodeid)
    return found


def _left_out(item: pytest.Item) -> bool:
    in_discord = "world" in getattr(item, "fixturenames", ())
    return in_discord and crc32(item.nodeid.encode()) % SHARE != 0


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


def slowed() -> float:
    """How many times as long as on a quiet machine Python takes right now; at least once, and at most three times.

    Beside other processes of tests, with which it shares caches of the processor, at least twice.
    """
    with untraced(collecting=False):
        started = time.process_time()
        sum(number * number % 7 for number in range(100_000))
        taken = time.process_time() - started
    least = 2 if "PYTEST_XDIST_WORKER" in os.environ else 1
    return min(max(1000 * taken / QUIET, least), 3)
