"""Engines: a provider with its loading, time limit, retries and error messages, and the order in which they are tried."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Self, TypeVar, cast

import pydantic_core

from bot.errors import EngineError, QuillmateError
from bot.runtime import metrics
from bot.runtime.active_requests import ModelCall

from ._retry import (
    Attempts,
    CutError,
    DeclinedError,
    OversizedError,
    is_request_error,
    parse_retry_after,
)
from .failures import build_failure_phrase, build_timeout_phrase
from .interface import Ask, Provider, Traits
from .spending import count_tokens, record_spending

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk
    from langchain_core.messages.ai import UsageMetadata

log = logging.getLogger(__name__)
T = TypeVar("T")
# Share of the time left that a server may be silent before its first piece, and between two pieces. Loading weights or long
# reasoning fits into the first half, and retries into the second.
_FIRST_SILENCE_SHARE, _SILENCE_SHARE = 0.5, 0.25
# A shorter silence says nothing about a server.
_MIN_SILENCE_SECONDS = 0.1
# Metadata keys of the reason why a text ended.
_REASON_KEYS = ("finish_reason", "stop_reason", "done_reason")
_FILTER_REASONS = frozenset({"content_filter", "SAFETY", "PROHIBITED_CONTENT", "refusal"})
# After this many streams of one call without an end reason, a server that never sent one is assumed to send none.
_MAX_UNMARKED_STREAMS = 3
# A text may exceed its requested length by this factor plus this many characters, as not all models keep to it.
_MAX_LENGTH_FACTOR, _MAX_EXTRA_CHARACTERS = 16, 64_000
# How long a failed engine is asked after the others, unless its server asks for longer.
REST_SECONDS, _MAX_REST_SECONDS = 30.0, 600.0
# A local model may keep writing for this long: Discord takes no answer after 15 minutes.
MAX_LOCAL_SECONDS = 870.0
# Interval of checks whether a replaced engine is idle.
_RETIRING_SECONDS = 0.2


class Engine:
    """A provider with its loading, time limit and error messages. Opened by `load`, optionally in the background."""

    def __init__(self, provider: Provider, *, name: str, timeout: float = 120) -> None:
        """`timeout` is in seconds: for a complete text from a server, and for the next piece from a local model."""
        self.provider = provider
        self.name = name
        self.timeout = timeout
        # The setting that the operator configures it with.
        self.setting = "QUILLMATE_ENGINE"
        self._opening: asyncio.Task[BaseChatModel] | None = None
        self._loading_since = 0.0
        # Whether it ever sent an end reason; if so, a text without one was cut off.
        self._sends_end_reason = False
        self._rests_until = 0.0
        self._pending_calls = 0

    @property
    def label(self) -> str:
        """The name shown to users."""
        return self.provider.label

    @property
    def on_this_machine(self) -> bool:
        """Whether it runs on this machine: in this process, or in a server on loopback."""
        return self.traits.local or bool(getattr(self.provider, "on_this_machine", False))

    @property
    def can_answer_questions(self) -> bool:
        """Whether it can be asked questions besides writing: of which kind a brief is, what an instruction means,
        whether a text is fit.
        """
        return self.traits.capable

    @property
    def traits(self) -> Traits:
        """What the model can do."""
        return self.provider.traits

    @property
    def max_concurrent(self) -> int:
        """The number of texts to write at once now: fewer than possible if each would come too slowly."""
        return int(getattr(self.provider, "max_concurrent", self.traits.streams))

    @property
    def loading_seconds(self) -> float | None:
        """Seconds since loading began; None once loaded, or if loading was never requested."""
        if self._opening is None or self._opening.done():
            return None
        return time.monotonic() - self._loading_since

    def load(self) -> asyncio.Task[BaseChatModel]:
        """Start loading unless that has happened, and return the task that yields the chat model. A failed load is
        retried.
        """
        failed = self._opening and self._opening.done() and (self._opening.cancelled() or self._opening.exception())
        if self._opening is None or failed:
            self._loading_since = time.monotonic()
            self._opening = asyncio.create_task(self.provider.open(), name=f"load {self.name}")
            # Callers that need the model await the task and get its error.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def close(self) -> None:
        """Release the model."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
            await self.provider.close()
            self._opening = None

    async def retire(self) -> None:
        """Release the model once its running calls are done."""
        deadline = time.monotonic() + MAX_LOCAL_SECONDS
        while self._pending_calls and time.monotonic() < deadline:
            await asyncio.sleep(_RETIRING_SECONDS)
        await self.close()

    @property
    def is_resting(self) -> bool:
        """Whether it failed recently, so that others should be asked first."""
        return time.monotonic() < self._rests_until

    def probe(self) -> None:
        """Let the next caller test whether it has recovered; meanwhile others skip it."""
        if self._rests_until:
            self._rests_until = time.monotonic() + REST_SECONDS

    async def stream(self, ask: Ask) -> AsyncIterator[str]:
        """Yield the text piece by piece, for callers that cannot take back what they showed. See `stream_snapshots`.

        Raises:
            EngineError: as `stream_snapshots`, and where a text that was cut off after it had begun would be another.
        """
        yielded = ""
        async with aclosing(cast("AsyncGenerator[str]", self.stream_snapshots(ask))) as texts:
            async for text in texts:
                if not text.startswith(yielded):
                    raise EngineError(build_failure_phrase(self.label, CutError(), self.setting))
                if text != yielded:
                    yield text[len(yielded) :]
                yielded = text

    async def stream_snapshots(self, ask: Ask) -> AsyncIterator[str]:
        """Yield the text so far each time it grows; the last snapshot is complete.

        Transient failures are retried within the time limit, from the start if the text was cut off; then nothing is
        yielded until the text is longer than before.

        Raises:
            EngineError: the model is missing, does not answer in time or refuses.
        """
        longest, yielded, cuts = 0, "", 0
        async with self._translate_errors() as tries:
            model = await asyncio.shield(self.load())
            while True:
                text = ""
                try:
                    async with aclosing(self._stream_pieces(model, ask, tries.seconds_left)) as pieces:
                        async for piece in pieces:
                            text += piece
                            if len(text) > ask.characters * _MAX_LENGTH_FACTOR + _MAX_EXTRA_CHARACTERS:
                                raise OversizedError
                            if self.traits.local:
                                tries.extend_deadline(self.timeout, most=MAX_LOCAL_SECONDS)
                            if len(text) > longest:
                                longest, yielded = len(text), text
                                yield text
                    break
                except Exception as error:  # Providers have their own errors; `_retry` tells which are tried again.
                    cuts += isinstance(error, CutError)
                    unmarked = (
                        isinstance(error, CutError)
                        and text
                        and not self._sends_end_reason
                        and cuts >= _MAX_UNMARKED_STREAMS
                    )
                    if unmarked or (ask.schema is not None and _is_complete_object(text)):
                        break
                    await tries.wait_before_retry(error)
            if text != yielded:
                yield text

    async def complete(self, ask: Ask) -> str:
        """Return the complete text. Raises as `stream_snapshots` does."""
        text = ""
        # A stream shows at once whether it went silent or was cut off, and that a local model still writes.
        if self.traits.capable or not self.traits.local:
            async for text in self.stream_snapshots(ask):  # noqa: B007 - the last one is complete
                pass
            return text
        async with self._translate_errors() as tries:
            model = await asyncio.shield(self.load())
            while True:
                call = ModelCall(self.name)
                try:
                    answer = await model.ainvoke(list(ask.messages), **self.provider.arguments(ask))
                    tokens = count_tokens(filter(None, [answer.usage_metadata]), ask.messages, [answer.text])
                    record_spending(self.name, tokens)
                    call.record_tokens(tokens.read, tokens.written)
                    call.succeed()
                    return answer.text
                except Exception as error:  # As above.
                    await tries.wait_before_retry(error)
                finally:
                    call.end()
        raise AssertionError  # The context manager lets no error pass silently.

    async def _stream_pieces(self, model: BaseChatModel, ask: Ask, left: float) -> AsyncGenerator[str]:
        """Yield what one attempt writes, with `left` seconds for it and further attempts.

        Raises:
            CutError: it ended without telling why, as the model does otherwise.
            DeclinedError: it ended as this is not to be written.
            TimeoutError: nothing came for too long.
        """
        silence = None if self.traits.local else max(left * _FIRST_SILENCE_SHARE, _MIN_SILENCE_SECONDS)
        reason, written, call = "", "", ModelCall(self.name)
        usages: list[UsageMetadata] = []
        chunks = cast(
            "AsyncGenerator[AIMessageChunk]", model.astream(list(ask.messages), **self.provider.arguments(ask))
        )
        try:
            async with aclosing(chunks):
                while True:
                    async with asyncio.timeout(silence):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        call.succeed()
                        break
                    metadata = chunk.response_metadata
                    reason = next((str(metadata[name]) for name in _REASON_KEYS if metadata.get(name)), reason)
                    usages += [chunk.usage_metadata] if chunk.usage_metadata else []
                    if text := chunk.text:
                        call.record_first_token()
                        written += text
                        yield text
                        silence = None if silence is None else max(left * _SILENCE_SHARE, _MIN_SILENCE_SECONDS)
        finally:
            if written or usages:  # A text that was cut off is paid for as well.
                tokens = count_tokens(usages, ask.messages, [written])
                record_spending(self.name, tokens)
                call.record_tokens(tokens.read, tokens.written)
            call.end()
        if reason in _FILTER_REASONS:
            raise DeclinedError
        self._sends_end_reason = self._sends_end_reason or bool(reason)
        if not reason and (self._sends_end_reason or getattr(model, "marks_end", False)):
            raise CutError

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[Attempts]:
        self._pending_calls += 1
        try:
            async with asyncio.timeout(self.timeout) as limit:
                yield Attempts(limit.when() or float("inf"), limit)
        except QuillmateError as error:
            self._start_rest(error)
            raise
        except TimeoutError as error:
            self._start_rest(error)
            raise EngineError(build_timeout_phrase(self.label, self.timeout)) from error
        except Exception as error:  # Providers have their own; users see one message, and the log has the details.
            log.warning("engine failed", exc_info=error, extra={"engine": self.name})
            self._start_rest(error)
            raise EngineError(build_failure_phrase(self.label, error, self.setting)) from error
        else:
            self._rests_until = 0.0
        finally:
            self._pending_calls -= 1

    def _start_rest(self, error: Exception) -> None:
        if not is_request_error(error):
            seconds = max(REST_SECONDS, min(parse_retry_after(error) or 0, _MAX_REST_SECONDS))
            self._rests_until = time.monotonic() + seconds


def _is_complete_object(text: str) -> bool:
    """Return whether a text is a complete JSON object."""
    try:
        return text.rstrip().endswith("}") and isinstance(pydantic_core.from_json(text), dict)
    except ValueError:
        return False


class Engines:
    """The engines in the order they are tried. Use as `async with Engines([...]) as engines:`.

    A `reviser` revises their texts after failed checks, such as an expensive model behind a cheap one.
    """

    def __init__(self, engines: Sequence[Engine], reviser: Engine | None = None) -> None:
        self.all = tuple(engines)
        self.reviser = reviser
        self._retired: list[Engine] = []
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def first(self) -> Engine:
        """The engine that is asked first."""
        return self.all[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._retiring:
            task.cancel()
        for engine in (*self.all, *self._retired, *filter(None, [self.reviser])):
            await engine.close()

    def replace_with(self, engine: Engine) -> None:
        """Write with another engine from now on; the former ones finish what they have begun and are closed."""
        for before in self.all:
            self._retired.append(before)
            task = asyncio.create_task(before.retire(), name=f"retire {before.name}")
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        self.all = (engine,)

    async def attempt(self, use: Callable[[Engine], Awaitable[T]]) -> T:
        """Return what `use` returns for the first engine that does not fail. Engines that failed recently are asked
        last.

        Raises:
            EngineError: of the last one in the engines' order, when all failed.
        """
        failures: dict[Engine, EngineError] = {}
        before: Engine | None = None
        for engine in sorted(self.all, key=lambda one: one.is_resting):
            engine.probe()
            if before is not None:
                metrics.FALLBACKS.add(before.name)
            before = engine
            try:
                return await use(engine)
            except EngineError as error:
                failures[engine] = error
                metrics.FAILURES.add(engine.name)
                log.warning("engine passed over", extra={"engine": engine.name})
        raise next(failures[engine] for engine in reversed(self.all))
