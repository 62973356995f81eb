"""Model calls for one text: how many are allowed, which were made, each a checkpointed step."""

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
from bot.runtime.active_requests import stage

from .answer import MAX_ANSWER_CHARACTERS, parse_answer, render_partial, unwrap
from .untrusted_links import remove_untrusted_links

# How many calls of each sort a text may take. Anything else needs a user to press a button.
CALL_LIMITS: Mapping[str, int] = {"text": 1, "revision": 1, "parts": 1, "key": 1}
# Loading times up to this are not announced.
_QUICK_SECONDS = 0.4


class Watcher(Protocol):
    """Receives a draft while it is being written."""

    @property
    def is_watching(self) -> bool:
        """Whether to stream; False when many requests run and edits would be dropped anyway."""

    async def show_waiting(self, why: Phrase) -> None:
        """Report why there is no draft yet."""

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Show the current draft, rendered only if an edit can be sent now; return at once otherwise."""


class NullWatcher:
    """A watcher that ignores everything."""

    is_watching = False

    async def show_waiting(self, why: Phrase) -> None:
        """Do nothing."""

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Writer:
    """The engines that write and revise a text, and the calls made so far, in order."""

    engine: Engine
    reviser: Engine
    checkpoint: Checkpoint
    watcher: Watcher
    calls: list[str] = field(default_factory=list)

    async def ask(self, name: str, ask: Ask, engine: Engine | None = None) -> str:
        """Return an engine's answer from a separate step; empty on failure, since the existing draft is good enough."""
        assert self.calls.count(name) < CALL_LIMITS[name], f"{name} is asked for more often than a text may cost"
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
        """Return the object that the engine answers with; empty on failure or for any other answer."""
        return parse_object(await self.ask(name, ask))


def parse_object(answer: str) -> dict[str, Any]:
    """Return the JSON object in an answer, also a truncated one; an empty one if there is none."""
    text = unwrap(answer)
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


async def stream_draft(engine: Engine, ask: Ask, assignment: Assignment, watcher: Watcher) -> str:
    """Return what an engine writes, streamed to the watcher.

    Raises:
        EngineError: The engine failed, or wrote nothing.
    """
    await _load(engine, watcher)
    written = ""
    if watcher.is_watching and ask.schema is None:
        async for written in engine.stream_snapshots(ask):
            if len(written) > MAX_ANSWER_CHARACTERS:
                break
            await watcher.show_draft(functools.partial(_render_draft, written, assignment))
    else:
        written = await engine.complete(ask)
    answer = parse_answer(written)
    if not (answer.text or answer.asks or answer.to_check or answer.refuses):
        raise EngineError("{engine} wrote nothing. Try again in a moment.", engine=engine.label)
    return written


def _render_draft(written: str, assignment: Assignment) -> str:
    return remove_untrusted_links(render_partial(written), assignment)


async def _load(engine: Engine, watcher: Watcher) -> None:
    """Load the engine, and notify the watcher if that takes a while."""
    loading = engine.load()
    done, _ = await asyncio.wait([loading], timeout=_QUICK_SECONDS)
    if not done:
        seconds = engine.loading_seconds or 0
        waiting = "{engine} is loading ({seconds} s so far). Your text starts as soon as it is ready."
        await watcher.show_waiting(Phrase(waiting, engine=engine.label, seconds=round(seconds)))
