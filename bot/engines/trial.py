"""Tries a model with one sentence before it is saved as the writer."""

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
    """The result of a trial: the sentence, and words per second once the model was loaded."""

    sentence: str
    words_per_second: float


async def run_trial(engine: Engine) -> Trial:
    """Have an engine write a sentence. It stays open.

    Raises:
        EngineError: it cannot be loaded or reached, or answers with nothing.
    """
    from langchain_core.messages import HumanMessage

    await asyncio.wait([engine.load()])  # A failure is raised as an EngineError below.
    began = time.monotonic()
    text = (await engine.complete(Ask([HumanMessage(_PROMPT)], None, _MAX_CHARACTERS, _MAX_TOKENS, 0))).strip()
    if not text:
        raise EngineError(
            Phrase("{engine} gave an empty answer, so it cannot write here. Choose another model.", engine=engine.label)
        )
    return Trial(text, len(text.split()) / max(time.monotonic() - began, 1e-3))
