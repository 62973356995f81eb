"""Several servers of one model as one LangChain chat model: shared by weight, passed over while they fail, raced where one is late.

For a handful of servers that are named one by one. What starts and stops servers by need, or holds many models, is a router of
its own behind one address: LiteLLM's proxy, vLLM's router, a Kubernetes service.
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
from ._retry import of_the_request, wanted_pause

log = logging.getLogger(__name__)

# A server that failed is passed over for so long, doubled with each failure in a row; then one request finds out how it is.
_FIRST_REST, _MAX_REST = 2.0, 60.0
# A first token is late after so many times the median of the last ones, this long at least; before any are known after _UNKNOWN.
_LATE_TIMES, _MIN_LATE, _UNKNOWN = 3.0, 1.0, 8.0
_LATELY, _ENOUGH = 50, 5

Chunks = AsyncGenerator[ChatGenerationChunk]


@dataclass(slots=True, eq=False)
class Server:
    """One server, as it does now. A `weight` of 2 is given twice as many texts at once as one of 1."""

    model: ChatCompletions
    weight: int = 1
    under_way: int = 0
    failures: int = 0
    rests_until: float = 0.0
    # Seconds to the first tokens of its last answers.
    firsts: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))

    @property
    def resting(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < self.rests_until

    @property
    def load(self) -> float:
        """What one text more would make of it."""
        return (self.under_way + 1) / self.weight

    def fail(self, error: BaseException) -> None:
        """Notes a failure of the server's; one that tells of what was asked for is none."""
        if of_the_request(error):
            return
        self.failures += 1
        rest = min(_FIRST_REST * 2 ** (self.failures - 1), _MAX_REST)
        self.rests_until = time.monotonic() + max(rest, min(wanted_pause(error) or 0.0, _MAX_REST))
        log.warning("server passed over", extra={"server": self.model.base_url, "seconds": round(rest)})

    def do_well(self, seconds: float) -> None:
        """Notes that it has begun to write, so many seconds after it was asked."""
        self.failures, self.rests_until = 0, 0.0
        self.firsts.append(seconds)


class Servers(BaseChatModel):
    """Asks the server with the least to do for its weight; another one where that fails before it has written or is late.

    Raises:
        what the last server raised, when all failed.
    """

    marks_end: ClassVar[bool] = True

    servers: Sequence[Any]

    @property
    def _llm_type(self) -> str:
        return "openai-compatible"

    async def aclose(self) -> None:
        """Closes all connections."""
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
            yield await race.first()
            async for chunk in race.rest():
                yield chunk
        finally:
            await race.end()


class _Race:
    """One text: asked of one server, and of others while nobody has begun to write it."""

    def __init__(self, servers: Sequence[Server], ask: Any) -> None:
        self._servers, self._ask = servers, ask
        self._runners: dict[asyncio.Task[ChatGenerationChunk], tuple[Server, Chunks]] = {}
        self._asked: list[Server] = []
        self._won: tuple[Server, Chunks] | None = None

    async def first(self) -> ChatGenerationChunk:
        """The first piece of whoever writes first."""
        began = {self._start(): time.monotonic()}
        while True:
            done, _ = await asyncio.wait(began, timeout=self._late(), return_when=asyncio.FIRST_COMPLETED)
            if not done and (runner := self._start_another()):
                began[runner] = time.monotonic()
            for runner in done:
                server, chunks = self._runners[runner]
                asked_at = began.pop(runner)
                if (error := runner.exception()) is None:
                    server.do_well(time.monotonic() - asked_at)
                    self._won = server, chunks
                    return runner.result()
                server.fail(error)
                another = None if of_the_request(error) else self._start_another()
                if another:
                    began[another] = time.monotonic()
                elif not began:
                    raise error

    async def rest(self) -> AsyncIterator[ChatGenerationChunk]:
        """What the one that won writes after its first piece."""
        assert self._won is not None
        server, chunks = self._won
        try:
            async for chunk in chunks:
                yield chunk
        except Exception as error:
            server.fail(error)
            raise

    async def end(self) -> None:
        """Lets all of them go, also those that lost."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        for server, chunks in self._runners.values():
            server.under_way -= 1
            with contextlib.suppress(Exception):
                await chunks.aclose()

    def _start(self) -> asyncio.Task[ChatGenerationChunk]:
        left = [server for server in self._servers if server not in self._asked]
        # Of those that all rest the one that may be well again first.
        server = min(left, key=lambda one: (one.rests_until if one.resting else 0.0, one.load))
        if server.failures:
            server.rests_until = time.monotonic() + _FIRST_REST  # This one finds out; others pass it over meanwhile.
        server.under_way += 1
        self._asked.append(server)
        chunks = cast("Chunks", self._ask(server.model))
        runner = asyncio.ensure_future(anext(chunks))
        self._runners[runner] = server, chunks
        return runner

    def _start_another(self) -> asyncio.Task[ChatGenerationChunk] | None:
        left = [server for server in self._servers if server not in self._asked and not server.resting]
        return self._start() if left else None

    def _late(self) -> float | None:
        """Seconds after which a first token is late; None where nobody else could be asked."""
        if not any(server not in self._asked and not server.resting for server in self._servers):
            return None
        known = [one for server in self._servers for one in server.firsts]
        return max(_MIN_LATE, _LATE_TIMES * statistics.median(known)) if len(known) >= _ENOUGH else _UNKNOWN
