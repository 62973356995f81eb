"""What tests of the pure parts share: assignments from a line, and a guard against endless loops."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.content import Assignment, Remembered, Request
from bot.generation.recall import assign
from personas.profile import Profile


@pytest.fixture
def assigned() -> Callable[..., Assignment]:
    """Makes the assignment for a kind, a brief, and whatever else a request holds."""

    def make(kind: str, brief: str = "", profile: Profile | None = None, **request: Any) -> Assignment:
        return assign(Request("1", "7", brief, kind=kind, **request), Remembered(profile or Profile()))

    return make


@pytest.fixture
def hurried() -> Iterator[None]:
    """Fails a test that is still at work after a second, instead of waiting for ever."""

    def give_up(*_: object) -> None:
        raise TimeoutError("still at work after a second")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 1)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
