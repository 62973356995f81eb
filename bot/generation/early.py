"""Reads what prompts of a kind begin with before anybody asks for one: a model that keeps what it read begins the sooner then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.content import Remembered, Request
from bot.engines import Ask, Engine

from .recall import assign
from .writers import writer_for

# What people ask for first. Who has told nothing of themselves yet has the same head of these prompts as anybody.
FIRST_KINDS = ("social_post", "email", "quiz")
_LOOK_SECONDS = 0.1


def head_of(kind: str, engine: Engine) -> Ask:
    """The call for a text of a kind, of which nothing is to be written."""
    assignment = assign(Request("", "", "…", kind=kind), Remembered())
    return replace(writer_for(engine).ask(assignment, engine), schema=None, max_tokens=1)


async def read_early(engine: Engine, busy: Callable[[], bool]) -> int:
    """Has an engine read the heads of the first kinds, as long as nobody is waiting for it; tells how many it has read.

    Raises:
        EngineError: the engine failed.
    """
    if not (engine.traits.local and engine.traits.capable and engine.traits.shares_prompt):
        return 0  # It keeps nothing, costs something, or reads it in no time.
    for number, kind in enumerate(FIRST_KINDS):
        ask = await asyncio.to_thread(head_of, kind, engine)
        reading = asyncio.create_task(engine.complete(ask), name="read early")
        try:
            while not reading.done() and not busy():
                await asyncio.wait([reading], timeout=_LOOK_SECONDS)
        finally:
            reading.cancel()  # The server stops after the part of the prompt that it is at.
        if not reading.done():
            return number
        await reading
    return len(FIRST_KINDS)
