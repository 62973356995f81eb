"""Models that write. One file a provider; a provider is found by what its setting begins with."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

import pydantic_core

from bot.errors import EngineError, Phrase, QuillmateError
from bot.runtime import metrics
from bot.runtime.progress import ModelCall
from personas import plugins

from ._retry import CutError, DeclinedError, OversizedError, Tries, declined, of_the_request, status_of, wanted_pause
from .spending import spent, tokens_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_core.messages.ai import UsageMetadata

log = logging.getLogger(__name__)
T = TypeVar("T")
# What the loader says of a library that a package is linked to.
_LIBRARY = re.compile(r"(lib[\w.+-]+): cannot open shared object file")
# Of the time that is left a server may be silent for so much before it has begun to write, and then between two pieces. A load
# of weights or long thinking fits into the first half, and further tries into the second.
_FIRST_SILENCE, _SILENCE = 0.5, 0.25
# A silence that is shorter tells nothing of a server.
_MIN_SILENCE = 0.1
# How models tell why a text ends where it does.
_REASONS = ("finish_reason", "stop_reason", "done_reason")
_FILTERED = frozenset({"content_filter", "SAFETY", "PROHIBITED_CONTENT", "refusal"})
# A server that was never seen to tell that is taken to send none, after so many streams of one call without.
_UNMARKED = 3
# A text may be so many times as long as it was to be, as not all models keep to that, and so much longer at least.
_MAX_TIMES, _MAX_BEYOND = 16, 64_000
# An engine that failed is asked after the others for so long, or as long as it wants to be left alone.
REST_SECONDS, _MAX_REST = 30.0, 600.0
# A local model that keeps writing may go on for so long: Discord takes no answer after 15 minutes.
MAX_SECONDS = 870.0
# How often one that another has taken the place of is asked whether it is done.
_RETIRING_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model can do. `languages` None means any; `context` is in tokens, `streams` is how many it writes at once.

    A `capable` model can be asked questions beside writing, such as which kind a brief is. A `small` one, of fewer than seven billion
    parameters, is given a shorter sheet. A `local` one is slow to load.
    """

    capable: bool = True
    small: bool = False
    languages: frozenset[str] | None = None
    context: int = 16_000
    streams: int = 256
    local: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a model: what it is to write, and in which form.

    `schema` is a JSON schema, None for plain text of at most `characters`. `seed` makes a local model repeatable.
    """

    messages: Sequence[BaseMessage]
    schema: dict[str, Any] | None
    characters: int
    max_tokens: int
    seed: int
    temperature: float = 0.7


class Provider(Protocol):
    """What a provider's file gives: a LangChain chat model, and how it takes an Ask."""

    label: str
    traits: Traits

    async def open(self) -> BaseChatModel:
        """Loads or reaches the model.

        Raises:
            EngineError: it is not there; the sentence says how to get it.
        """

    async def close(self) -> None:
        """Lets it go."""

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """What the chat model's `astream` and `ainvoke` are given besides the messages."""


class Engine:
    """A provider with its loading, time limit and sentences. Opened by `load`, in the background if one likes."""

    def __init__(self, provider: Provider, *, name: str, timeout: float = 120) -> None:
        """`timeout` is in seconds: that a server may take for a text, and a local model for the next piece of one."""
        self.provider = provider
        self.name = name
        self.timeout = timeout
        # What whoever runs the bot names it by.
        self.setting = "QUILLMATE_ENGINE"
        self._opening: asyncio.Task[BaseChatModel] | None = None
        self._since = 0.0
        # Whether it was ever seen to tell why a text ends; if so, one that just ends was cut off.
        self._marks = False
        self._rests_until = 0.0
        self._under_way = 0

    @property
    def label(self) -> str:
        """What users are told it is."""
        return self.provider.label

    @property
    def on_this_machine(self) -> bool:
        """Whether it runs here: in this process, or in a server on loopback."""
        return self.traits.local or bool(getattr(self.provider, "on_this_machine", False))

    @property
    def can_be_asked(self) -> bool:
        """Whether it answers questions beside writing: of which kind a brief is, what a wish means, whether a text is fit."""
        return self.traits.capable

    @property
    def traits(self) -> Traits:
        """What it can do."""
        return self.provider.traits

    @property
    def at_once(self) -> int:
        """How many texts it should write at once now: fewer than it can, where each would come too slowly."""
        return int(getattr(self.provider, "at_once", self.traits.streams))

    @property
    def loading_seconds(self) -> float | None:
        """How long it has been loading, None when it is loaded or nobody has asked for it."""
        if self._opening is None or self._opening.done():
            return None
        return time.monotonic() - self._since

    def load(self) -> asyncio.Task[BaseChatModel]:
        """Begins to load unless that has happened; the task gives the chat model. A failed load is tried again."""
        failed = self._opening and self._opening.done() and (self._opening.cancelled() or self._opening.exception())
        if self._opening is None or failed:
            self._since = time.monotonic()
            self._opening = asyncio.create_task(self.provider.open(), name=f"load {self.name}")
            # Whoever needs the model awaits the task and is told; nobody else has to.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def close(self) -> None:
        """Lets the model go."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
            await self.provider.close()
            self._opening = None

    async def retire(self) -> None:
        """Lets the model go once what it writes is done."""
        deadline = time.monotonic() + MAX_SECONDS
        while self._under_way and time.monotonic() < deadline:
            await asyncio.sleep(_RETIRING_SECONDS)
        await self.close()

    @property
    def resting(self) -> bool:
        """Whether it failed a moment ago, so that others should be asked first."""
        return time.monotonic() < self._rests_until

    def probe(self) -> None:
        """Lets whoever asks now find out whether it is well again; meanwhile others pass it over."""
        if self._rests_until:
            self._rests_until = time.monotonic() + REST_SECONDS

    async def stream(self, ask: Ask) -> AsyncIterator[str]:
        """The text as it is written, piece by piece, for who cannot take back what was given. See `growing`.

        Raises:
            EngineError: as `growing`, and where a text that was cut off after it had begun would be another.
        """
        given = ""
        async with aclosing(cast("AsyncGenerator[str]", self.growing(ask))) as texts:
            async for text in texts:
                if not text.startswith(given):
                    raise EngineError(_failure(self.label, CutError(), self.setting))
                if text != given:
                    yield text[len(given) :]
                given = text

    async def growing(self, ask: Ask) -> AsyncIterator[str]:
        """The text so far, each time that it has grown; the last one is whole.

        What fails in a way that passes is tried again within the time limit, from the start where the text was cut off; then
        nothing is given until it is longer than what was.

        Raises:
            EngineError: the model is missing, does not answer in time or refuses.
        """
        shown, given, cuts = 0, "", 0
        async with self._in_sentences() as tries:
            model = await asyncio.shield(self.load())
            while True:
                text = ""
                try:
                    async with aclosing(self._pieces(model, ask, tries.left)) as pieces:
                        async for piece in pieces:
                            text += piece
                            if len(text) > ask.characters * _MAX_TIMES + _MAX_BEYOND:
                                raise OversizedError
                            if self.traits.local:
                                tries.go_on(self.timeout, most=MAX_SECONDS)
                            if len(text) > shown:
                                shown, given = len(text), text
                                yield text
                    break
                except Exception as error:
                    cuts += isinstance(error, CutError)
                    unmarked = isinstance(error, CutError) and text and not self._marks and cuts >= _UNMARKED
                    if unmarked or (ask.schema is not None and _is_whole(text)):
                        break
                    await tries.again(error)
            if text != given:
                yield text

    async def complete(self, ask: Ask) -> str:
        """The whole text at once. Raises as `growing` does."""
        text = ""
        # A stream tells at once that it has gone silent or was cut off, and that a local model still writes.
        if self.traits.capable or not self.traits.local:
            async for text in self.growing(ask):  # noqa: B007 - the last one is the whole
                pass
            return text
        async with self._in_sentences() as tries:
            model = await asyncio.shield(self.load())
            while True:
                call = ModelCall(self.name)
                try:
                    answer = await model.ainvoke(list(ask.messages), **self.provider.arguments(ask))
                    tokens = tokens_of(filter(None, [answer.usage_metadata]), ask.messages, [answer.text])
                    spent(self.name, tokens)
                    call.spend(tokens.read, tokens.written)
                    call.succeed()
                    return answer.text
                except Exception as error:
                    await tries.again(error)
                finally:
                    call.end()
        raise AssertionError  # The context manager lets no error pass silently.

    async def _pieces(self, model: BaseChatModel, ask: Ask, left: float) -> AsyncGenerator[str]:
        """What one try writes, with so many seconds `left` for it and others.

        Raises:
            CutError: it ended without telling why, as the model does otherwise.
            DeclinedError: it ended as this is not to be written.
            TimeoutError: nothing came for too long.
        """
        silence = None if self.traits.local else max(left * _FIRST_SILENCE, _MIN_SILENCE)
        reason, written, call = "", "", ModelCall(self.name)
        told: list[UsageMetadata] = []
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
                    known = chunk.response_metadata
                    reason = next((str(known[name]) for name in _REASONS if known.get(name)), reason)
                    told += [chunk.usage_metadata] if chunk.usage_metadata else []
                    if text := chunk.text:
                        call.hear()
                        written += text
                        yield text
                        silence = None if silence is None else max(left * _SILENCE, _MIN_SILENCE)
        finally:
            if written or told:  # Also of a text that was cut off, which is paid for as well.
                tokens = tokens_of(told, ask.messages, [written])
                spent(self.name, tokens)
                call.spend(tokens.read, tokens.written)
            call.end()
        if reason in _FILTERED:
            raise DeclinedError
        self._marks = self._marks or bool(reason)
        if not reason and (self._marks or getattr(model, "marks_end", False)):
            raise CutError

    @asynccontextmanager
    async def _in_sentences(self) -> AsyncIterator[Tries]:
        self._under_way += 1
        try:
            async with asyncio.timeout(self.timeout) as limit:
                yield Tries(limit.when() or float("inf"), limit)
        except QuillmateError as error:
            self._rest(error)
            raise
        except TimeoutError as error:
            self._rest(error)
            raise EngineError(_late(self.label, self.timeout)) from error
        except Exception as error:
            # Every provider has errors of its own; to the user they are one thing, and the log has the rest.
            log.warning("engine failed", exc_info=error, extra={"engine": self.name})
            self._rest(error)
            raise EngineError(_failure(self.label, error, self.setting)) from error
        else:
            self._rests_until = 0.0
        finally:
            self._under_way -= 1

    def _rest(self, error: Exception) -> None:
        if not of_the_request(error):
            seconds = max(REST_SECONDS, min(wanted_pause(error) or 0, _MAX_REST))
            self._rests_until = time.monotonic() + seconds


def _is_whole(text: str) -> bool:
    """Whether a text is a JSON object from its beginning to its end."""
    try:
        return text.rstrip().endswith("}") and isinstance(pydantic_core.from_json(text), dict)
    except ValueError:
        return False


def _late(label: str, seconds: float) -> Phrase:
    return Phrase(
        "{engine} did not answer within {seconds} seconds. Try again, or ask for something shorter.",
        engine=label, seconds=round(seconds),
    )  # fmt: skip


def _failure(label: str, error: Exception, setting: str) -> Phrase:
    if isinstance(error, ImportError) and (missing := _LIBRARY.match(str(error))):
        package = " (on Debian and Ubuntu: apt-get install libgomp1)" if missing[1].startswith("libgomp") else ""
        return Phrase(
            "{engine} needs {library}, which is missing on this machine. My operator should install it{package}.",
            engine=label, library=missing[1], package=package,
        )  # fmt: skip
    if declined(error):
        return Phrase("{engine} declined to write this. Put it in other words.", engine=label)
    if isinstance(error, OversizedError):
        return Phrase("{engine} did not stop writing, so I stopped it. Try again in a moment.", engine=label)
    match status_of(error):
        case 401 | 403:
            return refused_key(label, f"{setting}_KEY")
        case 404:
            return not_known(label, setting)
        case 429:
            return busy(label)
    if "connect" in type(error).__name__.lower():
        return not_reached(label)
    return Phrase("{engine} could not answer. Try again in a moment.", engine=label)


def refused_key(label: str, setting: str) -> Phrase:
    """What is said where a server does not take the key that a setting holds."""
    return Phrase("{engine} refused the key. My operator should check {setting}.", engine=label, setting=setting)


def not_known(label: str, setting: str) -> Phrase:
    """What is said where a server has no such model, or there is no such server."""
    said = "The server does not know {engine}. My operator should check {setting}."
    return Phrase(said, engine=label, setting=setting)


def busy(label: str) -> Phrase:
    """What is said where a server asks for patience."""
    return Phrase("{engine} is too busy right now. Try again in a minute.", engine=label)


def not_reached(label: str) -> Phrase:
    """What is said where no server answers."""
    said = "{engine} cannot be reached. My operator should check that its server is running."
    return Phrase(said, engine=label)


class Engines:
    """The engines in the order they are tried. Use as `async with Engines([...]) as engines:`.

    A `reviser` is sent what they wrote where something measured fails, such as a dear model behind a cheap one.
    """

    def __init__(self, engines: Sequence[Engine], reviser: Engine | None = None) -> None:
        self.all = tuple(engines)
        self.reviser = reviser
        self._retired: list[Engine] = []
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def first(self) -> Engine:
        """The one that is asked first."""
        return self.all[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._retiring:
            task.cancel()
        for engine in (*self.all, *self._retired, *filter(None, [self.reviser])):
            await engine.close()

    def write_with(self, engine: Engine) -> None:
        """Lets another engine write from now on; those before finish what they have begun, and are closed."""
        for before in self.all:
            self._retired.append(before)
            task = asyncio.create_task(before.retire(), name=f"retire {before.name}")
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        self.all = (engine,)

    async def attempt(self, use: Callable[[Engine], Awaitable[T]]) -> T:
        """What `use` gives with the first engine that does not fail. Those that failed a moment ago are asked last.

        Raises:
            EngineError: of the last one in the engines' order, when all failed.
        """
        failures: dict[Engine, EngineError] = {}
        before: Engine | None = None
        for engine in sorted(self.all, key=lambda one: one.resting):
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


def load_plugin_engines() -> dict[str, Any]:
    """Load the modules of plugins that provide models, by what settings begin with."""
    return plugins.load("engines", require_provider, {found.name for found in iter_modules(__path__)})


def require_provider(module: Any) -> Any:
    """Return a plugin's module, if it provides models.

    Raises:
        TypeError: it does not.
    """
    if not callable(getattr(module, "provider", None)):
        raise TypeError("It has no function provider(name, url=…, key=…).")
    return module


def build(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> Engine:
    """The engine that a setting such as "embedded", "transformers:FOLDER" or "openai:gpt-5" names.

    Raises:
        SettingsError: the name has no form that any provider knows.
    """
    prefix = name.partition(":")[0]
    built_in = {found.name for found in iter_modules(__path__)}
    module = load_plugin_engines().get(prefix)
    if module is None:
        module = import_module(f"{__name__}.{prefix if prefix in built_in else 'remote'}")
    if not hasattr(module, "provider"):
        module = import_module(f"{__name__}.remote")
    return Engine(module.provider(name, url=url, key=key), name=name, timeout=timeout)
