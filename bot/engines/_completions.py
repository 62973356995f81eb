"""A LangChain chat model for OpenAI-compatible servers: llama.cpp's own, vLLM, Ollama, LM Studio.

Reads a stream with an eighth of the openai client's work and without its 36 MB (docs/decisions/0005); it speaks the part of
the protocol that such servers share and nothing of one company's.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
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

# Longer idle connections would still lead to a server from before its restart.
_KEEPALIVE_SECONDS = 4.0
# What comes within this time is parsed at once and becomes one chunk: drafts are shown once a second.
_CHUNK_SECONDS = 0.1
# Limits of what is read: a line of a stream, which may hold a complete text with every character escaped; an answer without a
# stream; an error body. A stream may have one event per token, plus what is sent before the first token.
_MAX_LINE_BYTES = 1 << 20
_MAX_ANSWER_BYTES = 1 << 23
_MAX_ERROR_BYTES = 1 << 16
_MAX_STREAM_BYTES, _MAX_TOKEN_BYTES = 1 << 22, 1 << 12
_DEFAULT_TOKENS = 16_000

# The last event, and what events may tell beside the text.
_DONE, _TOLD = b"[DONE]", ("usage", "timings")
# The end of a stream, or the reason for it; in a text both quotes would be escaped.
_END = re.compile(rb'\[DONE\]|"finish_reason"\s*+:\s*+"')
# Named in the error of servers that cannot report the tokens of a stream.
_USAGE_OPTION = b"stream_options"

# Called with the tokens of an answer, the seconds they took to write, and how many answers were written at once.
SpeedListener = Callable[[int, float, int], None]


class ChatCompletions(BaseChatModel):
    """Calls `base_url`/chat/completions. Create it on the loop that uses it; `aclose` closes its connections.

    A stream that has begun is read at most every `rest_seconds`: waking this process for each token costs more than
    reading ten together, and a server on the same processor writes faster the less often it is interrupted. `heard` is
    called with how quickly llama.cpp's server wrote, which it adds to its answers.

    It makes one attempt; the engine retries (`_retry.py`). Raises aiohttp.ClientError when the server cannot be
    reached, ServerError when it answers with an error, CutError when a stream ends without its mark, MalformedError,
    OversizedError and DeclinedError.
    """

    # A stream that ends without a mark was cut off: every server of this protocol sends one.
    marks_end: ClassVar[bool] = True

    model: str
    base_url: str
    api_key: SecretStr
    trust_env: bool = True
    rest_seconds: float = 0.02
    heard: SpeedListener | None = None
    _session: aiohttp.ClientSession = PrivateAttr()
    _pending_calls: int = PrivateAttr(0)
    # Whether the server accepts the option to report a stream's tokens; None until known.
    _tells_usage: bool | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:
        """Create the connection pool, unlimited because the number of running jobs is limited."""
        super().model_post_init(context)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            headers={"Authorization": f"Bearer {self.api_key.get_secret_value()}"},
            trust_env=self.trust_env,
        )

    async def aclose(self) -> None:
        """Close all connections."""
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
        async with self._request(messages, stop=stop, **kwargs) as response:
            beside = self._pending_calls
            texts, told = _parse_answer(await _read_body(response, _MAX_ANSWER_BYTES))
            if len(texts) == 1:
                self._report_speed(told, beside)
        usage = _read_usage(told) if len(texts) == 1 else None
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, usage_metadata=usage)) for text in texts])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        most = _MAX_STREAM_BYTES + _MAX_TOKEN_BYTES * int(kwargs.get("max_tokens") or _DEFAULT_TOKENS)
        async with self._request(messages, stop=stop, stream=True, **kwargs) as response:
            if response.content_type == "application/json":  # The server does not support streams.
                texts, told = _parse_answer(await _read_body(response, _MAX_ANSWER_BYTES))
                yield _build_chunk("".join(texts[:1]), "stop", _read_usage(told))
                return
            read, given, size = _EventReader(), float("-inf"), 0
            beside, rested = self._pending_calls, time.monotonic()
            async for data in response.content.iter_any():
                size += len(data)
                if size > most:
                    raise OversizedError
                may_end = read.add(data)
                if (now := time.monotonic()) - given >= _CHUNK_SECONDS and (text := read.take_text()):
                    yield _build_chunk(text)
                    given = now
                # The first and last words are sent at once; while the process was busy, data has gathered by itself.
                left = rested + self.rest_seconds - time.monotonic()
                if left > 0 and not may_end and given > float("-inf"):
                    await _pause_reading(response, left)
                rested = time.monotonic()
            text = read.take_text(whole=True)
            self._report_speed(read.told, beside)
            if text or read.reason:
                yield _build_chunk(text, read.reason, _read_usage(read.told))
            if not read.reason:
                raise CutError

    def _report_speed(self, told: Mapping[str, Any], beside: int) -> None:
        """Report how quickly an answer was written, if the server says so; `beside` answers were running when it
        began.
        """
        timings = told.get("timings")
        if self.heard is None or not isinstance(timings, dict):
            return
        at_once = min(beside, self._pending_calls)
        self.heard(int(timings.get("predicted_n", 0)), timings.get("predicted_ms", 0.0) / 1000, at_once)

    @asynccontextmanager
    async def _request(
        self, messages: list[BaseMessage], *, stop: list[str] | None, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = {"model": self.model, "messages": convert_to_openai_messages(messages), **arguments}
        if stop:
            body["stop"] = stop
        wished = [{"stream_options": {"include_usage": True}}] if arguments.get("stream") else []
        tried = [*(wished if self._tells_usage is not False else []), *([] if wished and self._tells_usage else [{}])]
        self._pending_calls += 1
        try:
            for wish in tried:
                # A redirect could send the brief anywhere.
                asked = self._session.post(
                    f"{self.base_url}/chat/completions", json={**body, **wish}, allow_redirects=False
                )
                async with asked as response:
                    if response.status >= 300:
                        told = await _read_error_body(response)
                        response.close()
                        if _USAGE_OPTION in told and wish:
                            continue
                        raise ServerError(response.status, dict(response.headers), _parse_error_code(told))
                    if wished:
                        self._tells_usage = bool(wish)
                    yield response
                    return
        finally:
            self._pending_calls -= 1


def _build_chunk(text: str, reason: str = "", usage: UsageMetadata | None = None) -> ChatGenerationChunk:
    ended = {"finish_reason": reason} if reason else {}
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=ended, usage_metadata=usage))


def _read_usage(told: Mapping[str, Any]) -> UsageMetadata | None:
    """Read the tokens that an answer, or the end of a stream, reports; None if there are none or they are invalid."""
    try:
        usage = told["usage"]
        read, written = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (ValueError, LookupError, TypeError):
        return None
    if min(read, written) < 0:
        return None
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)


async def _pause_reading(response: aiohttp.ClientResponse, seconds: float) -> None:
    """Let data gather in the system's buffers for a while: otherwise each token wakes this process."""
    transport = response.connection.transport if response.connection else None
    if not isinstance(transport, asyncio.ReadTransport):
        return  # Everything has arrived.
    transport.pause_reading()
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.resume_reading()


async def _read_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body.

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


async def _read_error_body(response: aiohttp.ClientResponse) -> bytes:
    """Read the body of an error, if it arrives at once."""
    try:
        async with asyncio.timeout(1):
            return await _read_body(response, _MAX_ERROR_BYTES)
    except (aiohttp.ClientError, OSError, OversizedError):
        return b""


def _parse_error_code(body: bytes) -> str:
    """Return the error code in an error's body, empty if there is none."""
    try:
        error = pydantic_core.from_json(body)["error"]
        return f"{error.get('code')} {error.get('type')}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _parse_answer(body: bytes) -> tuple[list[str], dict[str, Any]]:
    """Parse an answer without a stream: its texts, and all that it tells.

    Raises:
        MalformedError: it is none.
        ServerError: it tells of an error.
    """
    try:
        answer = pydantic_core.from_json(body)
        if "choices" not in answer and "error" in answer:
            raise _build_server_error(answer["error"])
        choices = answer["choices"]
        if any(choice.get("finish_reason") == "content_filter" for choice in choices):
            raise DeclinedError
        return [str(choice["message"].get("content") or "") for choice in choices], answer
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MalformedError from error


class _EventReader:
    """Gathers a stream of server-sent events, and parses what has come in one go: each by itself costs several times that.

    `reason` is why the text has ended, empty while it has not; `told` is what events told beside it.
    """

    def __init__(self) -> None:
        self.reason, self.told = "", dict[str, Any]()
        self._parts, self._open_bytes = list[bytes](), 0

    def add(self, data: bytes) -> bool:
        """Gather data; return whether the end may be in it.

        Raises:
            OversizedError: its last line is longer than any can be.
        """
        self._parts.append(data)
        self._open_bytes = len(data) - data.rfind(b"\n") - 1 + (self._open_bytes if b"\n" not in data else 0)
        if self._open_bytes > _MAX_LINE_BYTES:
            raise OversizedError
        return _END.search(data) is not None

    def take_text(self, *, whole: bool = False) -> str:
        """Return the text of the lines that were gathered since the last call; with `whole`, an unfinished one is the last.

        Raises:
            ServerError: one tells of an error.
            MalformedError: one is none of the protocol's.
            OversizedError: one is longer than any can be.
        """
        lines = b"".join(self._parts).split(b"\n")
        self._parts = [] if whole else [lines.pop()]
        if any(len(line) > _MAX_LINE_BYTES for line in lines):
            raise OversizedError
        found = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        events = [event for event in found if event != _DONE]
        try:
            text = "".join(map(self._read_event, pydantic_core.from_json(b"[%b]" % b",".join(events))))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise MalformedError from error
        if len(events) < len(found):
            self.reason = self.reason or "stop"
        return text

    def _read_event(self, event: dict[str, Any]) -> str:
        """Return the text that an event adds, and note what else it tells."""
        if event.get("error"):
            raise _build_server_error(event["error"])
        self.told |= {name: event[name] for name in _TOLD if event.get(name)}
        text = ""
        for choice in event.get("choices") or ():
            self.reason = str(choice.get("finish_reason") or self.reason)
            text += str((choice.get("delta") or {}).get("content") or "")
        return text


def _build_server_error(error: Any) -> ServerError:
    """Build the error that an answer reports in its body instead of its status."""
    if not isinstance(error, dict):
        return ServerError(500)
    code = error.get("code")
    status = int(code) if isinstance(code, int | str) and str(code).isascii() and str(code).isdecimal() else 500
    return ServerError(status if 400 <= status < 600 else 500, code=f"{code} {error.get('type')}")
