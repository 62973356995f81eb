"""Calls of a model for one text: how many it may take, which it took, each a step that is paid for once."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pydantic_core

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine
from bot.errors import EngineError, Phrase
from bot.runtime.progress import stage

from .addresses import without_links
from .written import MAX_WRITTEN, parted, so_far, unwrapped

# What a text may cost: how many calls of each sort. Everything else is a button that somebody presses.
CALLS: Mapping[str, int] = {"text": 1, "revision": 1, "parts": 1, "key": 1}
# Loading that takes no longer is not worth a word.
_QUICK_SECONDS = 0.4


class Watcher(Protocol):
    """Somebody who may be watching a draft grow."""

    @property
    def watching(self) -> bool:
        """Whether it is worth streaming; False when many requests run and edits would be dropped anyway."""

    async def waiting(self, why: Phrase) -> None:
        """Tells why nothing grows yet."""

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows the draft as it is now, rendered only when there is room. Returns at once when there is none."""


class Nobody:
    """A watcher for requests that nobody watches."""

    watching = False

    async def waiting(self, why: Phrase) -> None:
        """Tells nobody."""

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows nothing."""


@dataclass(slots=True)
class Desk:
    """The engine that writes a text, who revises it, and the calls that were made of them so far, in their order."""

    engine: Engine
    reviser: Engine
    checkpoint: Checkpoint
    watcher: Watcher
    calls: list[str] = field(default_factory=list)

    async def ask(self, name: str, ask: Ask, engine: Engine | None = None) -> str:
        """What an engine answers in a step of its own; empty where it fails, as what is there is good enough to hand over."""
        assert self.calls.count(name) < CALLS[name], f"{name} is asked for more often than a text may cost"
        self.calls.append(name)

        async def answer() -> str:
            try:
                return await (engine or self.engine).complete(ask)
            except EngineError:
                return ""

        with stage("write"):
            written: str = await self.checkpoint(name, answer)
        return written

    async def ask_for_data(self, name: str, ask: Ask) -> dict[str, Any]:
        """The object that the engine answers with; nothing where it fails or answers with another thing."""
        return object_in(await self.ask(name, ask))


def object_in(answer: str) -> dict[str, Any]:
    """The JSON object in an answer, also one that breaks off; an empty one where there is none."""
    text = unwrapped(answer)
    start = text.find("{")
    if start < 0:
        return {}
    try:
        found = pydantic_core.from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:
        end = text.rfind("}")
        try:
            found = pydantic_core.from_json(text[start : end + 1]) if end > start else {}
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


async def watched(engine: Engine, ask: Ask, assignment: Assignment, watcher: Watcher) -> str:
    """What an engine writes, shown while it grows.

    Raises:
        EngineError: it failed, or wrote nothing.
    """
    await _load(engine, watcher)
    written = ""
    if watcher.watching and ask.schema is None:
        async for written in engine.growing(ask):
            if len(written) > MAX_WRITTEN:
                break
            await watcher.draft(functools.partial(_shown, written, assignment))
    else:
        written = await engine.complete(ask)
    answer = parted(written)
    if not (answer.text or answer.asks or answer.to_check or answer.refuses):
        raise EngineError("{engine} wrote nothing. Try again in a moment.", engine=engine.label)
    return written


def _shown(written: str, assignment: Assignment) -> str:
    return without_links(so_far(written), assignment)


async def _load(engine: Engine, watcher: Watcher) -> None:
    """Loads the engine, and tells the watcher where that takes a while."""
    loading = engine.load()
    done, _ = await asyncio.wait([loading], timeout=_QUICK_SECONDS)
    if not done:
        seconds = engine.loading_seconds or 0
        waiting = "{engine} is loading ({seconds} s so far). Your text starts as soon as it is ready."
        await watcher.waiting(Phrase(waiting, engine=engine.label, seconds=round(seconds)))
