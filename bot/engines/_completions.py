"""A LangChain chat model for OpenAI-compatible servers: llama.cpp's own, vLLM, Ollama, LM Studio.

Reads a stream with an eighth of the openai client's work and without its 36 MB (docs/decisions/0005); it speaks the part of
the protocol that such servers share and nothing of one company's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pydantic_core
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr, SecretStr
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random

# One more try, a moment later, when nothing has been written yet: idle connections close just as they are used, and busy
# servers say so.
_ATTEMPTS = 2
_BUSY = frozenset({408, 409, 429, 500, 502, 503, 504})
# A server that was restarted would otherwise be met through connections to the old one.
_KEEPALIVE_SECONDS = 4.0
# What comes within so long is one chunk: each costs LangChain more than reading it did, and drafts are shown once a second.
_PIECE_SECONDS = 0.025


class ServerError(Exception):
    """The server answered with an error; `status_code` is HTTP's. The body is not kept, as it may repeat the prompt."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code


class ChatCompletions(BaseChatModel):
    """Asks `base_url`/chat/completions. Made on the loop that uses it; `aclose` closes its connections.

    A stream is left alone for `rest_seconds` after each look at it: a server on the same processor writes the faster, the
    less often it is interrupted.

    Raises aiohttp.ClientError when the server cannot be reached and ServerError when it answers with an error.
    """

    model: str
    base_url: str
    api_key: SecretStr
    trust_env: bool = True
    rest_seconds: float = 0.0
    _session: aiohttp.ClientSession = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Makes the pool of connections, which has no limit: the jobs' room is the limit."""
        super().model_post_init(context)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            headers={"Authorization": f"Bearer {self.api_key.get_secret_value()}"},
            trust_env=self.trust_env,
        )

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._session.close()

    @property
    def _llm_type(self) -> str:
        return "openai-compatible"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("Only the asynchronous methods of this chat model are there.")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        async with self._answer(messages, stop=stop, **kwargs) as response:
            answer = pydantic_core.from_json(await response.read())
        texts = [choice["message"].get("content") or "" for choice in answer["choices"]]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text)) for text in texts])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with self._answer(messages, stop=stop, stream=True, **kwargs) as response:
            read, text, given = b"", "", float("-inf")
            async for data in response.content.iter_any():
                lines = (read + data).split(b"\n")
                read = lines.pop()
                text += "".join(map(_delta, lines))
                if text and (now := time.monotonic()) - given >= _PIECE_SECONDS:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=text))
                    text, given = "", now
                if self.rest_seconds:
                    await _left_alone(response, self.rest_seconds)
            if text:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))

    @asynccontextmanager
    async def _answer(
        self, messages: list[BaseMessage], *, stop: list[str] | None, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = {"model": self.model, "messages": convert_to_openai_messages(messages), **arguments}
        if stop:
            body["stop"] = stop
        response: aiohttp.ClientResponse | None = None
        attempts = AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random(0.1, 0.4),
            retry=retry_if_exception(_passing),
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                response = await self._session.post(
                    f"{self.base_url}/chat/completions", json=body, allow_redirects=False
                )  # Else the answer could send the brief anywhere.
                if response.status >= 300:
                    response.close()
                    raise ServerError(response.status)
        assert response is not None
        async with response:
            yield response


async def _left_alone(response: aiohttp.ClientResponse, seconds: float) -> None:
    """Lets what comes gather in the system's buffers for a while: else each token wakes this process to be taken in."""
    transport = response.connection.transport if response.connection else None
    if not isinstance(transport, asyncio.ReadTransport):
        return  # All is there.
    transport.pause_reading()
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.resume_reading()


def _passing(error: BaseException) -> bool:
    return isinstance(error, aiohttp.ClientError) or (isinstance(error, ServerError) and error.status_code in _BUSY)


def _delta(line: bytes) -> str:
    """The text that a line of a server-sent event stream adds.

    Raises:
        ServerError: the line tells of an error.
    """
    if not line.startswith(b"data:") or line.startswith(b"data: [DONE]"):
        return ""
    event = pydantic_core.from_json(line[5:])
    if "error" in event:
        raise ServerError(int(event["error"].get("code") or 500) if isinstance(event["error"], dict) else 500)
    return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
