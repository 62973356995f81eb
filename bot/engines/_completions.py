"""A LangChain chat model for OpenAI-compatible servers: llama.cpp's own, vLLM, Ollama, LM Studio.

It supports the part of the protocol that such servers share. Reading a stream takes an eighth of the openai client's work, and
none of its 36 MB (docs/decisions/0005).
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

# A connection that was idle for longer may lead to a server that has restarted since.
_KEEPALIVE_SECONDS = 4.0
# Data that arrives within this time is parsed together and becomes one chunk: drafts are shown once a second.
_CHUNK_SECONDS = 0.1
# How much is read: of a line of a stream, which may hold a complete text with every character escaped; of a response that is no
# stream; of an error. A stream may have one event per token, plus what is sent before the first token.
_MAX_LINE_BYTES = 1 << 20
_MAX_ANSWER_BYTES = 1 << 23
_MAX_ERROR_BYTES = 1 << 16
_MAX_STREAM_BYTES, _MAX_TOKEN_BYTES = 1 << 22, 1 << 12
_DEFAULT_MAX_TOKENS = 16_000

_LAST_EVENT = b"[DONE]"
# What events may report besides the text.
_REPORT_KEYS = ("usage", "timings")
# The last event, or the reason of the end; within a text the quotes would be escaped.
_END_PATTERN = re.compile(rb'\[DONE\]|"finish_reason"\s*+:\s*+"')
# Servers that cannot report the tokens of a stream name this in their error.
_USAGE_OPTION = "stream_options"

# Called with the tokens of an answer, the seconds they took to write, and how many answers were written at once.
SpeedListener = Callable[[int, float, int], None]


class ChatCompletions(BaseChatModel):
    """Calls `base_url`/chat/completions. Create it on the loop that uses it; `aclose` closes its connections.

    Between two reads of a stream it pauses for `read_pause_seconds`: waking this process for each token costs more than reading
    ten together, and a server on the same processor writes faster the less often it is interrupted. `on_speed` is called with
    the timings that llama.cpp's server adds to its answers.

    It makes one attempt; the engine retries (`_retry.py`). It raises aiohttp.ClientError if the server cannot be reached,
    ServerError if it answers with an error, CutError if a stream ends without an end reason, MalformedError, OversizedError and
    DeclinedError.
    """

    # Every server of this protocol sends an end reason, so a stream without one was cut off.
    always_sends_end_reason: ClassVar[bool] = True

    model: str
    base_url: str
    api_key: SecretStr
    trust_env: bool = True
    read_pause_seconds: float = 0.02
    on_speed: SpeedListener | None = None
    _session: aiohttp.ClientSession = PrivateAttr()
    _pending_calls: int = PrivateAttr(0)
    # Whether the server accepts the option to report a stream's tokens; None until known.
    _supports_usage_option: bool | None = PrivateAttr(None)

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
        raise NotImplementedError("This chat model has only asynchronous methods.")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        async with self._request(messages, stop=stop, **kwargs) as response:
            calls_at_start = self._pending_calls
            texts, report = _parse_answer(await _read_body(response, _MAX_ANSWER_BYTES))
            if len(texts) == 1:
                self._report_speed(report, calls_at_start)
        usage = _parse_usage(report) if len(texts) == 1 else None
        metadata = {"finish_reason": _parse_end_reason(report)}
        answers = [AIMessage(text, usage_metadata=usage, response_metadata=metadata) for text in texts]
        return ChatResult(generations=[ChatGeneration(message=message) for message in answers])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        max_tokens = int(kwargs.get("max_tokens") or _DEFAULT_MAX_TOKENS)
        max_bytes = _MAX_STREAM_BYTES + _MAX_TOKEN_BYTES * max_tokens
        async with self._request(messages, stop=stop, stream=True, **kwargs) as response:
            if response.content_type == "application/json":  # The server does not support streams.
                texts, report = _parse_answer(await _read_body(response, _MAX_ANSWER_BYTES))
                yield _build_chunk("".join(texts[:1]), _parse_end_reason(report) or "stop", _parse_usage(report))
                return
            reader, size, calls_at_start = _EventReader(), 0, self._pending_calls
            last_chunk_at, last_read_at = float("-inf"), time.monotonic()
            async for data in response.content.iter_any():
                size += len(data)
                if size > max_bytes:
                    raise OversizedError
                may_be_end = reader.add(data)
                now = time.monotonic()
                if now - last_chunk_at >= _CHUNK_SECONDS and (text := reader.take_text()):
                    yield _build_chunk(text)
                    last_chunk_at = now
                # The first and last words are not delayed, nor is anything if this process was busy for as long.
                pause = last_read_at + self.read_pause_seconds - time.monotonic()
                if pause > 0 and not may_be_end and last_chunk_at > float("-inf"):
                    await _pause_reading(response, pause)
                last_read_at = time.monotonic()
            text = reader.take_text(is_last=True)
            self._report_speed(reader.report, calls_at_start)
            if text or reader.end_reason:
                yield _build_chunk(text, reader.end_reason, _parse_usage(reader.report))
            if not reader.end_reason:
                raise CutError

    def _report_speed(self, report: Mapping[str, Any], calls_at_start: int) -> None:
        """Pass on how quickly an answer was written, if the server reported it. `calls_at_start` answers were running when it
        began.
        """
        timings = report.get("timings")
        if self.on_speed is None or not isinstance(timings, dict):
            return
        concurrent_count = min(calls_at_start, self._pending_calls)
        self.on_speed(int(timings.get("predicted_n", 0)), timings.get("predicted_ms", 0.0) / 1000, concurrent_count)

    @asynccontextmanager
    async def _request(
        self, messages: list[BaseMessage], *, stop: list[str] | None, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = {"model": self.model, "messages": convert_to_openai_messages(messages), **arguments}
        if stop:
            body["stop"] = stop
        is_stream = bool(arguments.get("stream"))
        usage_option = {_USAGE_OPTION: {"include_usage": True}}
        # Until it is known whether a server accepts the option, it is tried first.
        options: list[dict[str, Any]] = [usage_option] if is_stream and self._supports_usage_option is not False else []
        if not (is_stream and self._supports_usage_option):
            options.append({})
        self._pending_calls += 1
        try:
            for option in options:
                # A redirect could send the brief anywhere.
                request = self._session.post(
                    f"{self.base_url}/chat/completions", json={**body, **option}, allow_redirects=False
                )
                async with request as response:
                    if response.status >= 300:
                        error_body = await _read_error_body(response)
                        response.close()
                        if _USAGE_OPTION.encode() in error_body and option:
                            continue
                        raise ServerError(response.status, dict(response.headers), _parse_error_code(error_body))
                    if is_stream:
                        self._supports_usage_option = bool(option)
                    yield response
                    return
        finally:
            self._pending_calls -= 1


def _build_chunk(text: str, end_reason: str = "", usage: UsageMetadata | None = None) -> ChatGenerationChunk:
    metadata = {"finish_reason": end_reason} if end_reason else {}
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=metadata, usage_metadata=usage))


def _parse_end_reason(report: Mapping[str, Any]) -> str:
    """Return why the first text of an answer ended; empty if it does not say."""
    return str(report["choices"][0].get("finish_reason") or "") if report["choices"] else ""


def _parse_usage(report: Mapping[str, Any]) -> UsageMetadata | None:
    """Return the tokens that an answer, or the end of a stream, reports; None if there are none or they are invalid."""
    try:
        usage = report["usage"]
        input_tokens, output_tokens = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (ValueError, LookupError, TypeError):
        return None
    if min(input_tokens, output_tokens) < 0:
        return None
    return UsageMetadata(
        input_tokens=input_tokens, output_tokens=output_tokens, total_tokens=input_tokens + output_tokens
    )


async def _pause_reading(response: aiohttp.ClientResponse, seconds: float) -> None:
    """Let data gather in the operating system's buffers for some seconds; otherwise each token wakes this process."""
    transport = response.connection.transport if response.connection else None
    if not isinstance(transport, asyncio.ReadTransport):
        return  # Everything has arrived.
    transport.pause_reading()
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.resume_reading()


async def _read_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Return the body of a response.

    Raises:
        OversizedError: it is longer than `max_bytes`; the rest is not read.
    """
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise OversizedError
    return b"".join(parts)


async def _read_error_body(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an error; empty if it does not arrive within a second."""
    try:
        async with asyncio.timeout(1):
            return await _read_body(response, _MAX_ERROR_BYTES)
    except (aiohttp.ClientError, OSError, OversizedError):
        return b""


def _parse_error_code(body: bytes) -> str:
    """Return the code and type in the body of an error; empty if there are none."""
    try:
        error = pydantic_core.from_json(body)["error"]
        return f"{error.get('code')} {error.get('type')}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _parse_answer(body: bytes) -> tuple[list[str], dict[str, Any]]:
    """Return the texts of an answer that is no stream, and the complete answer.

    Raises:
        MalformedError: the body is not an answer of this protocol.
        ServerError: it reports an error.
        DeclinedError: a content filter stopped the text.
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
    """Collects the data of a stream of server-sent events and parses many events together, at a fraction of the cost of parsing
    each by itself.

    `end_reason` is why the text ended, empty before that; `report` has the tokens and timings, if the server reports them.
    """

    def __init__(self) -> None:
        self.end_reason, self.report = "", dict[str, Any]()
        self._unparsed_data, self._last_line_bytes = list[bytes](), 0

    def add(self, data: bytes) -> bool:
        """Add data to parse later, and return whether the end of the stream may be in it.

        Raises:
            OversizedError: the last line is longer than an event can be.
        """
        self._unparsed_data.append(data)
        _, newline, last_line = data.rpartition(b"\n")
        self._last_line_bytes = len(last_line) + (0 if newline else self._last_line_bytes)
        if self._last_line_bytes > _MAX_LINE_BYTES:
            raise OversizedError
        return _END_PATTERN.search(data) is not None

    def take_text(self, *, is_last: bool = False) -> str:
        """Parse the complete lines since the previous call, for the last call also an incomplete one, and return their text.

        Raises:
            ServerError: an event reports an error.
            MalformedError: a line is not an event of this protocol.
            OversizedError: a line is longer than an event can be.
        """
        lines = b"".join(self._unparsed_data).split(b"\n")
        self._unparsed_data = [] if is_last else [lines.pop()]
        if any(len(line) > _MAX_LINE_BYTES for line in lines):
            raise OversizedError
        payloads = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        events = [payload for payload in payloads if payload != _LAST_EVENT]
        try:
            text = "".join(map(self._read_event, pydantic_core.from_json(b"[%b]" % b",".join(events))))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise MalformedError from error
        if len(events) < len(payloads):
            self.end_reason = self.end_reason or "stop"
        return text

    def _read_event(self, event: dict[str, Any]) -> str:
        """Return the text that an event adds; note its end reason and what it reports."""
        if event.get("error"):
            raise _build_server_error(event["error"])
        self.report |= {key: event[key] for key in _REPORT_KEYS if event.get(key)}
        text = ""
        for choice in event.get("choices") or ():
            self.end_reason = str(choice.get("finish_reason") or self.end_reason)
            text += str((choice.get("delta") or {}).get("content") or "")
        return text


def _build_server_error(error: Any) -> ServerError:
    """Return the error that an answer reports in its body instead of its status; status 500 if it names none."""
    if not isinstance(error, dict):
        return ServerError(500)
    code = error.get("code")
    status = int(code) if isinstance(code, int | str) and str(code).isascii() and str(code).isdecimal() else 500
    return ServerError(status if 400 <= status < 600 else 500, code=f"{code} {error.get('type')}")
