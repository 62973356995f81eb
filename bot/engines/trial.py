"""Tests a model with one sentence before it is saved as the writer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.errors import EngineError, Phrase

from . import Ask, Engine

_PROMPT = "Say in one sentence that you are ready to write."
_MAX_TOKENS, _MAX_CHARACTERS = 400, 4_000


@dataclass(frozen=True, slots=True)
class Trial:
    """The sentence that a model wrote, and its speed once it was loaded."""

    sentence: str
    words_per_second: float


async def run_trial(engine: Engine) -> Trial:
    """Let an engine write a sentence. The engine stays open.

    Raises:
        EngineError: it cannot be loaded or reached, or its answer is empty.
    """
    from langchain_core.messages import HumanMessage

    await asyncio.wait([engine.load()])  # A failure is raised as an EngineError below.
    started_at = time.monotonic()
    ask = Ask([HumanMessage(_PROMPT)], schema=None, characters=_MAX_CHARACTERS, max_tokens=_MAX_TOKENS, seed=0)
    text = (await engine.complete(ask)).strip()
    if not text:
        raise EngineError(
            Phrase("{engine} gave an empty answer, so it cannot write here. Choose another model.", engine=engine.label)
        )
    return Trial(text, len(text.split()) / max(time.monotonic() - started_at, 1e-3))
