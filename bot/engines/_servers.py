"""Several servers of one model as one LangChain chat model: shared by weight, skipped while they fail, raced when one
is late.

For a handful of configured servers. Starting and stopping servers by demand, or holding many models, is the job of a
router behind one address: LiteLLM's proxy, vLLM's router, a Kubernetes service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import statistics
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
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

# How long a failed server is skipped, doubled with each failure in a row; then one request tests it.
_FIRST_REST_SECONDS, _MAX_REST_SECONDS = 2.0, 60.0
# A first token is late after this factor times the median of the last ones, with a minimum and a default without samples.
_LATE_FACTOR, _MIN_LATE_SECONDS, _DEFAULT_LATE_SECONDS = 3.0, 1.0, 8.0
_MAX_SAMPLES, _MIN_SAMPLES = 50, 5

Chunks = AsyncGenerator[ChatGenerationChunk]


@dataclass(slots=True, eq=False)
class ModelServer:
    """One server with its state. One with a `weight` of 2 gets twice as many texts at once as one of 1."""

    model: ChatCompletions
    weight: int = 1
    pending_calls: int = 0
    failures: int = 0
    rests_until: float = 0.0
    # Seconds to the first tokens of its last answers.
    first_token_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_SAMPLES))

    @property
    def is_resting(self) -> bool:
        """Whether it failed recently."""
        return time.monotonic() < self.rests_until

    @property
    def relative_load(self) -> float:
        """Its load with one more text, relative to its weight."""
        return (self.pending_calls + 1) / self.weight

    def record_failure(self, error: BaseException) -> None:
        """Record a failure of the server; errors about the request are ignored."""
        if is_request_error(error):
            return
        self.failures += 1
        rest = min(_FIRST_REST_SECONDS * 2 ** (self.failures - 1), _MAX_REST_SECONDS)
        self.rests_until = time.monotonic() + max(rest, min(parse_retry_after(error) or 0.0, _MAX_REST_SECONDS))
        log.warning("server passed over", extra={"server": self.model.base_url, "seconds": round(rest)})

    def record_success(self, seconds: float) -> None:
        """Record that it began to write `seconds` after it was asked."""
        self.failures, self.rests_until = 0, 0.0
        self.first_token_seconds.append(seconds)


class ServerPool(BaseChatModel):
    """Calls the least loaded server for its weight; another one if that fails before it has written, or is late.

    Raises:
        what the last server raised, when all failed.
    """

    marks_end: ClassVar[bool] = True

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
        raise NotImplementedError("Only the asynchronous methods of this chat model are there.")

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
    """One text: requested from one server, and from others while none has begun to write it."""

    def __init__(self, servers: Sequence[ModelServer], ask: Any) -> None:
        self._servers, self._ask = servers, ask
        self._runners: dict[asyncio.Task[ChatGenerationChunk], tuple[ModelServer, Chunks]] = {}
        self._asked_servers: list[ModelServer] = []
        self._winner: tuple[ModelServer, Chunks] | None = None

    async def read_first(self) -> ChatGenerationChunk:
        """Return the first chunk of the fastest server."""
        began = {self._start(): time.monotonic()}
        while True:
            done, _ = await asyncio.wait(began, timeout=self._compute_lateness(), return_when=asyncio.FIRST_COMPLETED)
            if not done and (runner := self._start_another()):
                began[runner] = time.monotonic()
            for runner in done:
                server, chunks = self._runners[runner]
                asked_at = began.pop(runner)
                if (error := runner.exception()) is None:
                    server.record_success(time.monotonic() - asked_at)
                    self._winner = server, chunks
                    return runner.result()
                server.record_failure(error)
                another = None if is_request_error(error) else self._start_another()
                if another:
                    began[another] = time.monotonic()
                elif not began:
                    raise error

    async def stream_rest(self) -> AsyncIterator[ChatGenerationChunk]:
        """Yield the winner's further chunks."""
        assert self._winner is not None
        server, chunks = self._winner
        try:
            async for chunk in chunks:
                yield chunk
        except Exception as error:  # Raised again for the caller; whatever it is, the server rests.
            server.record_failure(error)
            raise

    async def close(self) -> None:
        """Cancel all requests, including those that lost."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        for server, chunks in self._runners.values():
            server.pending_calls -= 1
            with contextlib.suppress(Exception):
                await chunks.aclose()

    def _start(self) -> asyncio.Task[ChatGenerationChunk]:
        left = [server for server in self._servers if server not in self._asked_servers]
        # If all rest, the one whose rest ends first.
        server = min(left, key=lambda one: (one.rests_until if one.is_resting else 0.0, one.relative_load))
        if server.failures:
            server.rests_until = (
                time.monotonic() + _FIRST_REST_SECONDS
            )  # This request tests it; others skip it meanwhile.
        server.pending_calls += 1
        self._asked_servers.append(server)
        chunks = cast("Chunks", self._ask(server.model))
        runner = asyncio.ensure_future(anext(chunks))
        self._runners[runner] = server, chunks
        return runner

    def _start_another(self) -> asyncio.Task[ChatGenerationChunk] | None:
        left = [server for server in self._servers if server not in self._asked_servers and not server.is_resting]
        return self._start() if left else None

    def _compute_lateness(self) -> float | None:
        """Return the seconds after which a first token is late; None if no other server could be asked."""
        if not any(server not in self._asked_servers and not server.is_resting for server in self._servers):
            return None
        known = [one for server in self._servers for one in server.first_token_seconds]
        return (
            max(_MIN_LATE_SECONDS, _LATE_FACTOR * statistics.median(known))
            if len(known) >= _MIN_SAMPLES
            else _DEFAULT_LATE_SECONDS
        )
