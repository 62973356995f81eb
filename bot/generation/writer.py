"""Model calls for one text: how many are allowed, which were made, each a checkpointed step."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pydantic_core

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine, Snapshot
from bot.errors import EngineError, Phrase
from bot.runtime.active_requests import stage

from .answer import MAX_ANSWER_CHARACTERS, parse_answer, render_partial, render_partial_change, unwrap
from .untrusted_links import remove_untrusted_links

# How many calls of each purpose a text may take; as many again if moderation refuses it. Any other call needs a user to press a
# button.
CALL_LIMITS: Mapping[str, int] = {"text": 1, "revision": 1, "parts": 1, "key": 1}
# Loading times up to this are not announced.
_QUICK_SECONDS = 0.4
_LOADING = "{engine} is loading ({seconds} s so far). Your text starts as soon as it is ready."


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
            return str(await self.checkpoint(name, answer))

    async def ask_for_data(self, name: str, ask: Ask) -> dict[str, Any]:
        """Return the object that the engine answers with; empty on failure or for any other answer."""
        return parse_object(await self.ask(name, ask))


def parse_object(answer: str) -> dict[str, Any]:
    """Return the JSON object in an answer, even a truncated one; empty if there is none."""
    text = unwrap(answer)
    start = text.find("{")
    if start < 0:
        return {}
    try:
        value = pydantic_core.from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:  # There may be text after the object.
        try:
            value = pydantic_core.from_json(text[start : text.rfind("}") + 1])
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


async def stream_draft(engine: Engine, ask: Ask, assignment: Assignment, watcher: Watcher) -> Snapshot:
    """Return an engine's answer, streamed to the watcher, with the reason why it ended early.

    Raises:
        EngineError: The engine failed, or wrote nothing.
    """
    await _load(engine, watcher)
    answer = Snapshot("")
    if watcher.is_watching and ask.schema is None:
        async for answer in engine.stream_snapshots(ask):
            if len(answer.text) > MAX_ANSWER_CHARACTERS:
                break
            await watcher.show_draft(functools.partial(_render_draft, answer.text, assignment))
    else:
        answer = await engine.write(ask)
    parsed = parse_answer(answer.text)
    if not (parsed.text or parsed.asks or parsed.to_check or parsed.refuses):
        raise EngineError("{engine} wrote nothing. Try again in a moment.", engine=engine.label)
    return answer


def _render_draft(partial_answer: str, assignment: Assignment) -> str:
    before = assignment.request.before
    text = (
        render_partial_change(before.text, partial_answer) if before and before.text else render_partial(partial_answer)
    )
    return remove_untrusted_links(text, assignment)


async def _load(engine: Engine, watcher: Watcher) -> None:
    """Wait for the engine to load, but only briefly: if it takes longer, notify the watcher."""
    done, _ = await asyncio.wait([engine.load()], timeout=_QUICK_SECONDS)
    if not done:
        seconds = round(engine.loading_seconds or 0)
        await watcher.show_waiting(Phrase(_LOADING, engine=engine.label, seconds=seconds))
