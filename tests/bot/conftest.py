"""What these tests share: assignments from a line, commands as typed, and a guard against endless loops."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from browser import open_browser, open_tab
from playwright.async_api import Browser, Page
from tracing_control import disable_tracing
from typer.main import get_command
from typer.testing import CliRunner

from bot import cli
from bot.cli import doctor, generate, stage
from bot.content import Assignment, MemorySnapshot, Request
from bot.errors import QuillmateError
from bot.generation.recall import assign
from personas.profile import Profile


@pytest.fixture
def assigned() -> Callable[..., Assignment]:
    """Return a function that builds the assignment for a kind, a brief and any other fields of a request."""

    def make(kind: str, brief: str = "", profile: Profile | None = None, **request: Any) -> Assignment:
        return assign(Request("1", "7", brief, kind=kind, **request), MemorySnapshot(profile or Profile()))

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the tests of a module, on the module's event loop: starting it takes a second."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with open_tab(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def _read_before() -> None:
    """Build, once, the patterns that are built on first use."""
    with disable_tracing():
        assign(Request("1", "7", "A short, friendly post, please.", kind="social_post"), MemorySnapshot())


@pytest.fixture
def hurried(_read_before: None) -> Iterator[None]:
    """Fail a test that is still running after a second of CPU time, instead of waiting forever."""

    def give_up(*_: object) -> None:
        raise TimeoutError("still at work after a second")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, 1)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


# Put together once: it takes longer than most commands that are typed.
_command = cache(get_command)


@pytest.fixture
def run(tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that types a command; like `main`, it turns errors into a line and an exit code."""
    for module in (generate, doctor, stage):
        monkeypatch.setattr(module, "build_engines", lambda _settings: [script.engine()])
    monkeypatch.setenv("QUILLMATE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("QUILLMATE_EMBEDDINGS", "none")
    monkeypatch.setattr("bot.runtime.logs.setup", lambda *_: None)
    monkeypatch.setattr("typer.testing._get_command", _command)

    def type_command(*words: str, stdin: str = "") -> Any:
        before = os.umask(0o022)
        os.umask(before)
        result = CliRunner().invoke(cli.app, list(words), input=stdin)
        os.umask(before)
        if isinstance(result.exception, QuillmateError):
            result.exit_code = 2
        return result

    return type_command
