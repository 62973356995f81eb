"""A chat model that answers from a script: the test double of a provider, also useful for demonstrations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from . import Ask, Engine, Traits

ScriptedAnswer = str | dict[str, Any] | Exception
Script = Callable[[Sequence[BaseMessage]], ScriptedAnswer]
# Each piece of a stream costs LangChain a tenth of a millisecond.
_MAX_PIECES = 40


class ScriptedChatModel(BaseChatModel):
    """Answers with what `script` returns for the messages: a text, a dictionary (as JSON), or an error to raise.

    A stream pauses for `pause` seconds before each piece, of four characters, or more if the text is long.
    """

    script: Script
    pause: float = 0.0
    _calls: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[list[BaseMessage]]:
        """The messages of every call so far."""
        return self._calls

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _answer(self, messages: list[BaseMessage]) -> str:
        self._calls.append(messages)
        answer = self.script(messages)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._answer(messages)))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in _split_pieces(self._answer(messages)):
            await asyncio.sleep(self.pause)
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))


def _split_pieces(text: str) -> Iterator[str]:
    size = max(4, len(text) // _MAX_PIECES)
    for start in range(0, max(len(text), 1), size):  # LangChain needs at least one piece, even an empty one.
        yield text[start : start + size]


class ScriptedProvider:
    """The provider of a scripted model."""

    def __init__(
        self, script: Script, *, pause: float = 0.0, traits: Traits | None = None, label: str = "Scripted"
    ) -> None:
        self.model = ScriptedChatModel(script=script, pause=pause)
        self.traits = traits or Traits()
        self.label = label

    async def open(self) -> BaseChatModel:
        """Return the model."""
        return self.model

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return no arguments: the model reads only the messages."""
        return {}


def build_scripted_engine(script: Script, **options: Any) -> Engine:
    """Build an engine that answers from a script."""
    return Engine(ScriptedProvider(script, **options), name="scripted")
