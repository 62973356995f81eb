"""A LangChain chat model for OpenAI-compatible servers: llama.cpp's own, vLLM, Ollama, LM Studio.

Reads a stream with an eighth of the openai client's work and without its 36 MB (docs/decisions/0005); it speaks the part of
the protocol that such servers share and nothing of one company's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp
import pydantic_core
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr, SecretStr

from ._retry import CutError, DeclinedError, MalformedError, OversizedError, ServerError

# A server that was restarted would otherwise be met through connections to the old one.
_KEEPALIVE_SECONDS = 4.0
# What comes within so long is one chunk: each costs LangChain more than reading it did, and drafts are shown once a second.
_PIECE_SECONDS = 0.025
# No more of an answer is read: a line of a stream with a whole text in it, in JSON's longest writing; an answer at once; an
# error's. A stream may be as long as its tokens, each in an event of its own, and what is sent while nothing is written yet.
_MAX_LINE = 1 << 20
_MAX_ANSWER = 1 << 23
_MAX_ERROR = 1 << 16
_MAX_STREAM, _MAX_A_TOKEN = 1 << 22, 1 << 12
_USUAL_TOKENS = 16_000

_TIMINGS, _USAGE = b'"timings"', b'"usage"'
# What a server names that does not know how to tell a stream's tokens.
_WISH = b"stream_options"

# Is told of an answer: its tokens, the seconds that they took to write, and how many were written at once.
Heard = Callable[[int, float, int], None]


class ChatCompletions(BaseChatModel):
    """Asks `base_url`/chat/completions. Made on the loop that uses it; `aclose` closes its connections.

    Once it has begun a stream is looked at every `rest_seconds` at the most: a token that wakes this process alone costs more
    than ten that are taken in together, and a server on the same processor writes the faster, the less often it is interrupted.
    `heard` is told how quickly llama.cpp's server wrote, which it adds to its answers.

    It tries once; the engine tries again (`_retry.py`). Raises aiohttp.ClientError when the server cannot be reached,
    ServerError when it answers with an error, CutError when a stream ends without its mark, MalformedError, OversizedError
    and DeclinedError.
    """

    # A stream that ends without a mark was cut off: every server of the protocol sends one.
    marks_end: ClassVar[bool] = True

    model: str
    base_url: str
    api_key: SecretStr
    trust_env: bool = True
    rest_seconds: float = 0.02
    heard: Heard | None = None
    _session: aiohttp.ClientSession = PrivateAttr()
    _under_way: int = PrivateAttr(0)
    # Whether the server takes the wish to be told of a stream's tokens, None as long as that is not known.
    _tells_usage: bool | None = PrivateAttr(None)

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
            beside = self._under_way
            texts = _texts(body := await _bounded(response, _MAX_ANSWER))
            if len(texts) == 1:
                self._hear(body, beside)
        usage = _usage(body) if len(texts) == 1 else None
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, usage_metadata=usage)) for text in texts])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        most = _MAX_STREAM + _MAX_A_TOKEN * int(kwargs.get("max_tokens") or _USUAL_TOKENS)
        async with self._answer(messages, stop=stop, stream=True, **kwargs) as response:
            if response.content_type == "application/json":  # It knows no streams.
                body = await _bounded(response, _MAX_ANSWER)
                yield _chunk("".join(_texts(body)[:1]), "stop", _usage(body))
                return
            read, text, given, size, reason, usage = b"", "", float("-inf"), 0, "", None
            beside, rested = self._under_way, time.monotonic()
            async for data in response.content.iter_any():
                size += len(data)
                lines = (read + data).split(b"\n")
                read = lines.pop()
                if size > most or len(read) > _MAX_LINE:
                    raise OversizedError
                for line in lines:
                    piece, ended = _delta(line)
                    text, reason = text + piece, ended or reason
                    if _TIMINGS in line:
                        self._hear(line[5:], beside)
                    usage = _usage(line[5:]) or usage
                if text and (now := time.monotonic()) - given >= _PIECE_SECONDS:
                    yield _chunk(text)
                    text, given = "", now
                # First and last words are not waited for, and what waited for a busy process has gathered by itself.
                left = rested + self.rest_seconds - time.monotonic()
                if left > 0 and not reason and given > float("-inf"):
                    await _left_alone(response, left)
                rested = time.monotonic()
            piece, ended = _delta(read)  # The last line may end with the stream.
            text, reason = text + piece, ended or reason
            if text or reason:
                yield _chunk(text, reason, usage)
            if not reason:
                raise CutError

    def _hear(self, told: bytes, beside: int) -> None:
        """Tells how quickly an answer was written, where the server says so; `beside` were under way when it began."""
        if self.heard is None or _TIMINGS not in told:
            return
        timings = pydantic_core.from_json(told).get("timings") or {}
        at_once = min(beside, self._under_way)
        self.heard(int(timings.get("predicted_n", 0)), timings.get("predicted_ms", 0.0) / 1000, at_once)

    @asynccontextmanager
    async def _answer(
        self, messages: list[BaseMessage], *, stop: list[str] | None, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = {"model": self.model, "messages": convert_to_openai_messages(messages), **arguments}
        if stop:
            body["stop"] = stop
        wished = [{"stream_options": {"include_usage": True}}] if arguments.get("stream") else []
        tried = [*(wished if self._tells_usage is not False else []), *([] if wished and self._tells_usage else [{}])]
        self._under_way += 1
        try:
            for wish in tried:
                # Else the answer could send the brief anywhere.
                asked = self._session.post(
                    f"{self.base_url}/chat/completions", json={**body, **wish}, allow_redirects=False
                )
                async with asked as response:
                    if response.status >= 300:
                        told = await _error_body(response)
                        response.close()
                        if _WISH in told and wish:
                            continue
                        raise ServerError(response.status, dict(response.headers), _error_code(told))
                    if wished:
                        self._tells_usage = bool(wish)
                    yield response
                    return
        finally:
            self._under_way -= 1


def _chunk(text: str, reason: str = "", usage: UsageMetadata | None = None) -> ChatGenerationChunk:
    ended = {"finish_reason": reason} if reason else {}
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=ended, usage_metadata=usage))


def _usage(told: bytes) -> UsageMetadata | None:
    """The tokens that an answer, or a line of a stream, tells of; None where it tells none that can be."""
    if _USAGE not in told:
        return None
    try:
        usage = pydantic_core.from_json(told)["usage"]
        read, written = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (ValueError, LookupError, TypeError):
        return None
    if min(read, written) < 0:
        return None
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)


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


async def _bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body.

    Raises:
        OversizedError: it is longer than `most`; no more of it was read.
    """
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most:
            raise OversizedError
    return b"".join(parts)


async def _error_body(response: aiohttp.ClientResponse) -> bytes:
    """An error's body, where it comes at once."""
    try:
        async with asyncio.timeout(1):
            return await _bounded(response, _MAX_ERROR)
    except (aiohttp.ClientError, OSError, OversizedError):
        return b""


def _error_code(body: bytes) -> str:
    """The word for what went wrong, where an error's body has one."""
    try:
        error = pydantic_core.from_json(body)["error"]
        return f"{error.get('code')} {error.get('type')}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _texts(body: bytes) -> list[str]:
    """The texts of an answer at once.

    Raises:
        MalformedError: it is none.
        ServerError: it tells of an error.
    """
    try:
        answer = pydantic_core.from_json(body)
        if "choices" not in answer and "error" in answer:
            raise _told_error(answer["error"])
        choices = answer["choices"]
        if any(choice.get("finish_reason") == "content_filter" for choice in choices):
            raise DeclinedError
        return [str(choice["message"].get("content") or "") for choice in choices]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MalformedError from error


def _delta(line: bytes) -> tuple[str, str]:
    """The text that a line of a server-sent event stream adds, and why the text ends where it does.

    Raises:
        ServerError: the line tells of an error.
        MalformedError: it is none of the protocol's.
        OversizedError: it is longer than any can be.
    """
    if not line.startswith(b"data:"):
        return "", ""
    if len(line) > _MAX_LINE:
        raise OversizedError
    if line[5:].strip() == b"[DONE]":
        return "", "stop"
    try:
        event = pydantic_core.from_json(line[5:])
        if event.get("error"):
            raise _told_error(event["error"])
        choices = event.get("choices") or ()
        text = "".join(str((choice.get("delta") or {}).get("content") or "") for choice in choices)
        return text, next((str(choice["finish_reason"]) for choice in choices if choice.get("finish_reason")), "")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MalformedError from error


def _told_error(error: Any) -> ServerError:
    """An error that an answer tells of instead of its status."""
    if not isinstance(error, dict):
        return ServerError(500)
    code = error.get("code")
    status = int(code) if isinstance(code, int | str) and str(code).isascii() and str(code).isdecimal() else 500
    return ServerError(status if 400 <= status < 600 else 500, code=f"{code} {error.get('type')}")
