"""Tries a model with one sentence, before it is kept as the one that writes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.errors import EngineError, Phrase

from . import Ask, Engine

_ASKED = "Say in one sentence that you are ready to write."
_MAX_TOKENS, _MAX_CHARACTERS = 400, 4_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the sentence, and words a second once the model was loaded."""

    sentence: str
    words_a_second: float


async def tried(engine: Engine) -> Trial:
    """Has an engine write a sentence. It stays open.

    Raises:
        EngineError: it cannot be loaded or reached, or answers with nothing.
    """
    from langchain_core.messages import HumanMessage

    await asyncio.wait([engine.load()])  # What fails is told in a sentence below.
    began = time.monotonic()
    text = (await engine.complete(Ask([HumanMessage(_ASKED)], None, _MAX_CHARACTERS, _MAX_TOKENS, 0))).strip()
    if not text:
        raise EngineError(
            Phrase("{engine} gave an empty answer, so it cannot write here. Choose another model.", engine=engine.label)
        )
    return Trial(text, len(text.split()) / max(time.monotonic() - began, 1e-3))
