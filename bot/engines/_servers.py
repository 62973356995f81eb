"""A LangChain chat model over several servers of one model: shares the load by weight, skips servers that failed, and asks
another one when a server is late.

It is for a handful of configured servers. Starting servers on demand, or serving many models, is the job of a router behind one
URL: LiteLLM's proxy, vLLM's router, a Kubernetes service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import statistics
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import agenerate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from ._completions import ChatCompletions
from ._retry import is_request_error, parse_retry_after

log = logging.getLogger(__name__)

# How long a failed server is skipped, doubled with each further failure; then a single request tests it.
_FIRST_REST_SECONDS, _MAX_REST_SECONDS = 2.0, 60.0
# A first token is late after this factor times the median of the previous ones, or after a default until there are enough.
_LATE_FACTOR, _MIN_LATE_SECONDS, _DEFAULT_LATE_SECONDS = 3.0, 1.0, 8.0
_MAX_SAMPLES, _MIN_SAMPLES = 50, 5

Chunks = AsyncGenerator[ChatGenerationChunk]


@dataclass(slots=True, eq=False)
class PooledServer:
    """A server and its state. A `weight` of 2 gets twice as many concurrent texts as one of 1."""

    model: ChatCompletions
    weight: int = 1
    pending_calls: int = 0
    # Failures since the last success.
    failure_count: int = 0
    rests_until: float = 0.0
    # How long its last answers took to begin.
    first_token_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_SAMPLES))

    @property
    def is_resting(self) -> bool:
        """Whether it failed recently."""
        return time.monotonic() < self.rests_until

    @property
    def relative_load(self) -> float:
        """The load that it would have with another text, relative to its weight."""
        return (self.pending_calls + 1) / self.weight

    def record_failure(self, error: BaseException) -> None:
        """Record a failure, after which the server is skipped for a while; the request's own errors are ignored."""
        if is_request_error(error):
            return
        self.failure_count += 1
        rest = min(_FIRST_REST_SECONDS * 2 ** (self.failure_count - 1), _MAX_REST_SECONDS)
        self.rests_until = time.monotonic() + max(rest, min(parse_retry_after(error) or 0.0, _MAX_REST_SECONDS))
        log.warning("server passed over", extra={"server": self.model.base_url, "seconds": round(rest)})

    def record_success(self, seconds: float) -> None:
        """Record that the first token of an answer came after some seconds."""
        self.failure_count, self.rests_until = 0, 0.0
        self.first_token_seconds.append(seconds)


class ServerPool(BaseChatModel):
    """Calls the server with the least load for its weight, and another one if that fails or is late with its first token.

    If all fail, it raises the error of the last one.
    """

    always_sends_end_reason: ClassVar[bool] = True

    servers: Sequence[Any]

    @property
    def _llm_type(self) -> str:
        return "openai-compatible"

    async def aclose(self) -> None:
        """Close all connections."""
        for server in self.servers:
            await server.model.aclose()

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
        return await agenerate_from_stream(self._astream(messages, stop, **kwargs))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        race = _Race(self.servers, lambda model: model._astream(messages, stop, **kwargs))
        try:
            yield await race.read_first()
            async for chunk in race.stream_rest():
                yield chunk
        finally:
            await race.close()


class _Race:
    """One text, requested from one server, and from further ones as long as none has begun to write it.

    A runner is the task that waits for the first chunk of a server.
    """

    def __init__(self, servers: Sequence[PooledServer], stream: Callable[[ChatCompletions], Any]) -> None:
        self._servers, self._stream = servers, stream
        self._runners: dict[asyncio.Task[ChatGenerationChunk], tuple[PooledServer, Chunks]] = {}
        self._asked_servers: list[PooledServer] = []
        self._winner: tuple[PooledServer, Chunks] | None = None

    async def read_first(self) -> ChatGenerationChunk:
        """Return the first chunk of the fastest server."""
        started_at = {self._start(): time.monotonic()}
        while True:
            done, _ = await asyncio.wait(
                started_at, timeout=self._compute_late_seconds(), return_when=asyncio.FIRST_COMPLETED
            )
            if not done and (runner := self._start_another()):
                started_at[runner] = time.monotonic()
            for runner in done:
                server, chunks = self._runners[runner]
                runner_started_at = started_at.pop(runner)
                if (error := runner.exception()) is None:
                    server.record_success(time.monotonic() - runner_started_at)
                    self._winner = server, chunks
                    return runner.result()
                server.record_failure(error)
                another = None if is_request_error(error) else self._start_another()
                if another:
                    started_at[another] = time.monotonic()
                elif not started_at:
                    raise error

    async def stream_rest(self) -> AsyncIterator[ChatGenerationChunk]:
        """Yield the winner's further chunks."""
        assert self._winner is not None
        server, chunks = self._winner
        try:
            async for chunk in chunks:
                yield chunk
        except Exception as error:  # Every error is the server's, and is raised again for the caller.
            server.record_failure(error)
            raise

    async def close(self) -> None:
        """Cancel all requests and wait until they have ended."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        for server, chunks in self._runners.values():
            server.pending_calls -= 1
            with contextlib.suppress(Exception):
                await chunks.aclose()

    def _start(self) -> asyncio.Task[ChatGenerationChunk]:
        """Request the text from the best server not asked yet; if all are resting, from the one whose rest ends first."""
        server = min(
            (server for server in self._servers if server not in self._asked_servers),
            key=lambda server: (server.rests_until if server.is_resting else 0.0, server.relative_load),
        )
        if server.failure_count:
            # This request tests it; others skip it meanwhile.
            server.rests_until = time.monotonic() + _FIRST_REST_SECONDS
        server.pending_calls += 1
        self._asked_servers.append(server)
        chunks = cast("Chunks", self._stream(server.model))
        runner = asyncio.ensure_future(anext(chunks))
        self._runners[runner] = server, chunks
        return runner

    def _start_another(self) -> asyncio.Task[ChatGenerationChunk] | None:
        return self._start() if self._has_other_servers() else None

    def _has_other_servers(self) -> bool:
        return any(server not in self._asked_servers and not server.is_resting for server in self._servers)

    def _compute_late_seconds(self) -> float | None:
        """Return the seconds after which a first token is late; None if no other server could be asked."""
        if not self._has_other_servers():
            return None
        samples = [seconds for server in self._servers for seconds in server.first_token_seconds]
        if len(samples) < _MIN_SAMPLES:
            return _DEFAULT_LATE_SECONDS
        return max(_MIN_LATE_SECONDS, _LATE_FACTOR * statistics.median(samples))
