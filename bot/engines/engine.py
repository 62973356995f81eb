"""Language model engines: each is a provider with loading, a time limit, retries and error messages; several are tried in order."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, Self, TypeVar, cast

import pydantic_core

from bot.errors import EngineError, QuillmateError
from bot.runtime import metrics
from bot.runtime.active_requests import ModelCall

from ._retry import Attempts, CutError, DeclinedError, OversizedError, is_request_error, parse_retry_after
from .failures import build_failure_phrase, build_timeout_phrase
from .interface import Ask, Provider, Traits
from .spending import count_tokens, record_spending

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_core.messages.ai import UsageMetadata

log = logging.getLogger(__name__)
T = TypeVar("T")
# How long a server may be silent before its first piece of text and between two pieces, as a share of the time left. The first
# half is for loading weights or long reasoning, the second for retries.
_FIRST_SILENCE_SHARE, _SILENCE_SHARE = 0.5, 0.25
# A shorter silence says nothing about a server.
_MIN_SILENCE_SECONDS = 0.1
# Metadata keys of the reason why a text ended.
_END_REASON_KEYS = ("finish_reason", "stop_reason", "done_reason")
_FILTER_REASONS = frozenset({"content_filter", "SAFETY", "PROHIBITED_CONTENT", "refusal"})
_LENGTH_REASONS = frozenset({"length", "max_tokens", "MAX_TOKENS"})
# The end reason of a text that was stopped because it only repeated itself.
_LOOP = "loop"
# After so many streams of a call without an end reason, a server that has never sent one is assumed to send none.
_MAX_STREAMS_WITHOUT_END_REASON = 3
# Small models may repeat themselves until they reach their maximum length, a minute later.
_MIN_LOOP_CHARACTERS, _LOOP_REPEATS = 24, 6
_LONG_LOOP_CHARACTERS, _LONG_LOOP_REPEATS = 100, 4
_DIGITS = re.compile(r"\d+")
# An answer may be longer than expected by this factor plus so many characters, as not all models keep to a length.
_MAX_LENGTH_FACTOR, _MAX_EXTRA_CHARACTERS = 16, 64_000
# How long an engine that failed is tried after the others, and at most if its server asks for longer.
REST_SECONDS, _MAX_REST_SECONDS = 30.0, 600.0
# How long a local model may keep writing: Discord accepts no answer after 15 minutes.
MAX_LOCAL_SECONDS = 870.0
# How often to check whether a replaced engine is idle.
_RETIRING_INTERVAL_SECONDS = 0.2


class Snapshot(NamedTuple):
    """The text so far. The last one has the reason why the text `end`ed early, if it did: it reached the call's maximum number of
    tokens ("length"), or only repeated itself ("loop").
    """

    text: str
    end: Literal["", "length", "loop"] = ""


class Engine:
    """A provider with loading, a time limit, retries and error messages.

    The `timeout` is in seconds: for a complete text of a server, or for the next piece of a local model's.
    """

    def __init__(self, provider: Provider, *, name: str, timeout: float = 120) -> None:
        self.provider = provider
        self.name = name
        self.timeout = timeout
        # The setting that it is configured with, for error messages.
        self.setting = "QUILLMATE_ENGINE"
        self._opening: asyncio.Task[BaseChatModel] | None = None
        self._loading_since = 0.0
        # Whether it has ever sent an end reason; if so, a text without one was cut off.
        self._sends_end_reason = False
        self._rests_until = 0.0
        self._pending_calls = 0

    @property
    def label(self) -> str:
        """The name shown to users."""
        return self.provider.label

    @property
    def on_this_machine(self) -> bool:
        """Whether the model runs on this machine: in this process, or in a server on loopback."""
        return self.traits.local or bool(getattr(self.provider, "on_this_machine", False))

    @property
    def can_answer_questions(self) -> bool:
        """Whether to ask the model which kind a brief asks for, what a message means, whether a text is fit.

        A small one answers worse than the classifiers do (docs/quality.md, docs/moderation.md).
        """
        return self.traits.capable and not self.traits.small

    @property
    def traits(self) -> Traits:
        """What the model can do."""
        return self.provider.traits

    @property
    def max_concurrent(self) -> int:
        """The number of texts to write at once: fewer than possible if each would be written too slowly."""
        return int(getattr(self.provider, "max_concurrent", self.traits.streams))

    @property
    def loading_seconds(self) -> float | None:
        """Seconds since loading began; None if the model is not being loaded."""
        if self._opening is None or self._opening.done():
            return None
        return time.monotonic() - self._loading_since

    def load(self) -> asyncio.Task[BaseChatModel]:
        """Return the task that loads the chat model; start it if that has not happened, or if loading failed."""
        has_failed = self._opening and self._opening.done() and (self._opening.cancelled() or self._opening.exception())
        if self._opening is None or has_failed:
            self._loading_since = time.monotonic()
            self._opening = asyncio.create_task(self.provider.open(), name=f"load {self.name}")
            # Retrieve an error, which asyncio would log otherwise: callers that need the model get it from the task.
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
        """Release the model once its running calls have ended, at the latest after MAX_LOCAL_SECONDS."""
        deadline = time.monotonic() + MAX_LOCAL_SECONDS
        while self._pending_calls and time.monotonic() < deadline:
            await asyncio.sleep(_RETIRING_INTERVAL_SECONDS)
        await self.close()

    @property
    def is_resting(self) -> bool:
        """Whether it failed recently, so that others should be tried first."""
        return time.monotonic() < self._rests_until

    def probe(self) -> None:
        """Let other callers skip an engine that has failed while this one tests whether it has recovered."""
        if self._rests_until:
            self._rests_until = time.monotonic() + REST_SECONDS

    async def stream(self, ask: Ask) -> AsyncIterator[str]:
        """Yield the text piece by piece, for callers that cannot take back what they showed.

        Raises:
            EngineError: as `stream_snapshots`; also if the text begins differently when it is retried.
        """
        yielded = ""
        async with aclosing(cast("AsyncGenerator[Snapshot]", self.stream_snapshots(ask))) as snapshots:
            async for text, _ in snapshots:
                if not text.startswith(yielded):
                    raise EngineError(build_failure_phrase(self.label, CutError(), self.setting))
                if text != yielded:
                    yield text[len(yielded) :]
                yielded = text

    async def stream_snapshots(self, ask: Ask) -> AsyncIterator[Snapshot]:
        """Yield the text so far each time it grows; the last snapshot is the complete text.

        Transient failures are retried within the time limit, from the beginning of the text; then nothing is yielded until the text
        is longer than before.

        Raises:
            EngineError: the model cannot be loaded, does not answer in time, fails or refuses.
        """
        yielded, cut_count = "", 0
        async with self._translate_errors() as attempts:
            model = await asyncio.shield(self.load())
            while True:
                snapshot = Snapshot("")
                try:
                    async with aclosing(self._stream_attempt(model, ask, attempts.seconds_left)) as snapshots:
                        async for snapshot in snapshots:
                            if len(snapshot.text) > ask.characters * _MAX_LENGTH_FACTOR + _MAX_EXTRA_CHARACTERS:
                                raise OversizedError
                            if self.traits.local:
                                attempts.extend_deadline(self.timeout, max_total_seconds=MAX_LOCAL_SECONDS)
                            if len(snapshot.text) > len(yielded):
                                yielded = snapshot.text
                                yield snapshot
                    break
                except Exception as error:  # Providers have their own errors; `_retry` decides which are retried.
                    is_cut = isinstance(error, CutError)
                    cut_count += is_cut
                    sends_no_end_reason = (
                        is_cut and not self._sends_end_reason and cut_count >= _MAX_STREAMS_WITHOUT_END_REASON
                    )
                    is_complete = ask.schema is not None and _is_complete_object(snapshot.text)
                    if is_complete or (snapshot.text and sends_no_end_reason):
                        break
                    await attempts.wait_before_retry(error)
            if snapshot.text != yielded or snapshot.end:
                yield snapshot

    async def complete(self, ask: Ask) -> str:
        """Return the complete text. It raises the errors of `stream_snapshots`."""
        return (await self.write(ask)).text

    async def write(self, ask: Ask) -> Snapshot:
        """Return the complete text, with the reason why it ended early. It raises the errors of `stream_snapshots`."""
        # A stream shows whether the server is silent, the text was cut off, or a local model still writes.
        if self.traits.capable or not self.traits.local:
            snapshot = Snapshot("")
            async for snapshot in self.stream_snapshots(ask):  # noqa: B007 - the last one is complete
                pass
            return snapshot
        async with self._translate_errors() as attempts:
            model = await asyncio.shield(self.load())
            while True:
                call = ModelCall(self.name)
                try:
                    answer = await model.ainvoke(list(ask.messages), **self.provider.arguments(ask))
                    tokens = count_tokens(filter(None, [answer.usage_metadata]), ask.messages, [answer.text])
                    record_spending(self.name, tokens)
                    call.record_tokens(tokens.read, tokens.written)
                    call.succeed()
                    return Snapshot(answer.text, "length" if _get_end_reason(answer) in _LENGTH_REASONS else "")
                except Exception as error:  # As above.
                    await attempts.wait_before_retry(error)
                finally:
                    call.end()
        raise AssertionError  # The context manager lets no error pass silently.

    async def _stream_attempt(self, model: BaseChatModel, ask: Ask, seconds_left: float) -> AsyncGenerator[Snapshot]:
        """Yield the snapshots of one attempt; this and further attempts have the seconds left.

        Raises:
            CutError: the text ended without a reason although the model sends reasons.
            DeclinedError: a content filter ended the text.
            TimeoutError: the server was silent for too long.
        """
        max_silence = None if self.traits.local else max(seconds_left * _FIRST_SILENCE_SHARE, _MIN_SILENCE_SECONDS)
        end_reason, text, call = "", "", ModelCall(self.name)
        usages: list[UsageMetadata] = []
        chunks = cast(
            "AsyncGenerator[AIMessageChunk]", model.astream(list(ask.messages), **self.provider.arguments(ask))
        )
        try:
            async with aclosing(chunks):
                while True:
                    async with asyncio.timeout(max_silence):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        call.succeed()
                        break
                    end_reason = _get_end_reason(chunk) or end_reason
                    usages += [chunk.usage_metadata] if chunk.usage_metadata else []
                    if piece := chunk.text:
                        call.record_first_token()
                        text += piece
                        yield Snapshot(text)
                        if self.traits.small and ask.schema is None and is_looping(text):
                            call.succeed()
                            end_reason = _LOOP
                            break
                        if max_silence is not None:
                            max_silence = max(seconds_left * _SILENCE_SHARE, _MIN_SILENCE_SECONDS)
        finally:
            if text or usages:  # A text that was cut off is paid for as well.
                tokens = count_tokens(usages, ask.messages, [text])
                record_spending(self.name, tokens)
                call.record_tokens(tokens.read, tokens.written)
            call.end()
        if end_reason in _FILTER_REASONS:
            raise DeclinedError
        self._sends_end_reason = self._sends_end_reason or end_reason not in ("", _LOOP)
        if not end_reason and (self._sends_end_reason or getattr(model, "always_sends_end_reason", False)):
            raise CutError
        if end_reason == _LOOP or end_reason in _LENGTH_REASONS:
            yield Snapshot(text, "loop" if end_reason == _LOOP else "length")

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[Attempts]:
        """Yield the attempts of a call within the time limit; its errors become EngineErrors, and some let the engine rest."""
        self._pending_calls += 1
        try:
            async with asyncio.timeout(self.timeout) as timeout:
                yield Attempts(timeout.when() or float("inf"), timeout)
        except QuillmateError as error:
            self._start_rest(error)
            raise
        except TimeoutError as error:
            self._start_rest(error)
            raise EngineError(build_timeout_phrase(self.label, self.timeout)) from error
        except Exception as error:  # Providers have their own errors; users get a message, and the log has the details.
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


def _get_end_reason(message: BaseMessage) -> str:
    """Return why a message ended; empty if it does not say."""
    metadata = message.response_metadata
    return next((str(metadata[key]) for key in _END_REASON_KEYS if metadata.get(key)), "")


def is_looping(text: str) -> bool:
    """Return whether a text ends with the same words again and again, regardless of numbers: at least `_MIN_LOOP_CHARACTERS` long
    and `_LOOP_REPEATS` times in a row, or a long passage `_LONG_LOOP_REPEATS` times.
    """
    text = _DIGITS.sub("0", text)
    for length in range(_MIN_LOOP_CHARACTERS, len(text) // _LONG_LOOP_REPEATS + 1):
        unit = text[-length:]
        repeats = _LOOP_REPEATS if length < _LONG_LOOP_CHARACTERS else _LONG_LOOP_REPEATS
        if text.endswith(unit * repeats) and sum(map(str.isalpha, unit)) * 2 > length:
            return True
    return False


def _is_complete_object(text: str) -> bool:
    """Return whether a text is a complete JSON object."""
    try:
        return text.rstrip().endswith("}") and isinstance(pydantic_core.from_json(text), dict)
    except ValueError:
        return False


class Engines:
    """Engines in the order in which they are tried. Use as `async with Engines([...]) as engines:`.

    The `reviser`, if any, revises texts after failed checks: for example an expensive model the texts of a cheap one.
    """

    def __init__(self, engines: Sequence[Engine], reviser: Engine | None = None) -> None:
        self.all = tuple(engines)
        self.reviser = reviser
        self._retired: list[Engine] = []
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def first(self) -> Engine:
        """The engine that is tried first."""
        return self.all[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._retiring:
            task.cancel()
        for engine in (*self.all, *self._retired, *filter(None, [self.reviser])):
            await engine.close()

    def replace_with(self, engine: Engine) -> None:
        """Use only another engine from now on; the previous ones finish their calls and are closed."""
        for previous in self.all:
            self._retired.append(previous)
            task = asyncio.create_task(previous.retire(), name=f"retire {previous.name}")
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        self.all = (engine,)

    async def attempt(self, use: Callable[[Engine], Awaitable[T]]) -> T:
        """Return what `use` returns for the first engine that does not fail. Engines that failed recently are tried last.

        Raises:
            EngineError: all failed; it is the error of the last engine in their configured order.
        """
        failures: dict[Engine, EngineError] = {}
        previous: Engine | None = None
        for engine in sorted(self.all, key=lambda engine: engine.is_resting):
            engine.probe()
            if previous is not None:
                metrics.FALLBACKS.add(previous.name)
            previous = engine
            try:
                return await use(engine)
            except EngineError as error:
                failures[engine] = error
                metrics.FAILURES.add(engine.name)
                log.warning("engine passed over", extra={"engine": engine.name})
        raise next(failures[engine] for engine in reversed(self.all))
