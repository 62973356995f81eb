"""Models that write. One file a provider; a provider is found by what its setting begins with."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from bot.errors import EngineError, Phrase, QuillmateError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)
T = TypeVar("T")
# What the loader says of a library that a package is linked to.
_LIBRARY = re.compile(r"(lib[\w.+-]+): cannot open shared object file")


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model can do. `languages` None means any; `context` is in tokens, `streams` is how many it writes at once.

    `drafts` is how many drafts are worth drawing to pick from; a `capable` model follows longer instructions, can be asked
    to route and to mend a field. One that `shares_prompt` draws several texts from one reading of it; a `local` one is slow to load.
    """

    capable: bool = True
    drafts: int = 1
    languages: frozenset[str] | None = None
    context: int = 16_000
    streams: int = 256
    shares_prompt: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a model: what it is to write, and in which form.

    `schema` is a JSON schema, None for plain text of at most `characters`; `pattern` is a regular expression of well-formed
    English, as are those in the schema, for small models. `seed` makes a local model repeatable.
    """

    messages: Sequence[BaseMessage]
    schema: dict[str, Any] | None
    characters: int
    max_tokens: int
    seed: int
    temperature: float = 0.7
    pattern: str = ""


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
        self.provider = provider
        self.name = name
        self.timeout = timeout
        self._opening: asyncio.Task[BaseChatModel] | None = None
        self._since = 0.0

    @property
    def label(self) -> str:
        """What users are told it is."""
        return self.provider.label

    @property
    def traits(self) -> Traits:
        """What it can do."""
        return self.provider.traits

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

    async def stream(self, ask: Ask) -> AsyncIterator[str]:
        """The text as it is written, piece by piece.

        Raises:
            EngineError: the model is missing, does not answer in time or refuses.
        """
        async with self._in_sentences():
            model = await asyncio.shield(self.load())
            async for chunk in model.astream(list(ask.messages), **self.provider.arguments(ask)):
                if text := chunk.text:
                    yield text

    async def several(self, ask: Ask, count: int) -> list[str]:
        """So many texts for the same ask, drawn at once where the provider can share the prompt. Raises as `stream` does."""
        if count == 1 or not self.traits.shares_prompt:
            one_more = (replace(ask, seed=ask.seed + number) for number in range(count))
            return list(await asyncio.gather(*map(self.complete, one_more)))
        texts: list[str] = []
        async with self._in_sentences():
            model = await asyncio.shield(self.load())
            while len(texts) < count:
                batch = min(count - len(texts), self.traits.streams)
                arguments = self.provider.arguments(replace(ask, seed=ask.seed + len(texts)))
                answer = await model.agenerate([list(ask.messages)], n=batch, **arguments)
                texts += [generation.text for generation in answer.generations[0]]
        return texts

    async def complete(self, ask: Ask) -> str:
        """The whole text at once. Raises as `stream` does."""
        from langchain_core.output_parsers import StrOutputParser

        async with self._in_sentences():
            chain = await asyncio.shield(self.load()) | StrOutputParser()
            return await chain.ainvoke(list(ask.messages), **self.provider.arguments(ask))
        raise AssertionError  # The context manager lets no error pass silently.

    @asynccontextmanager
    async def _in_sentences(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.timeout):
                yield
        except QuillmateError:
            raise
        except TimeoutError as error:
            late = Phrase(
                "{engine} did not answer within {seconds} seconds. Try again, or ask for something shorter.",
                engine=self.label, seconds=round(self.timeout),
            )  # fmt: skip
            raise EngineError(late) from error
        except Exception as error:
            # Every provider has errors of its own; to the user they are one thing, and the log has the rest.
            log.warning("engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(_failure(self.label, error)) from error


def _failure(label: str, error: Exception) -> Phrase:
    if isinstance(error, ImportError) and (missing := _LIBRARY.match(str(error))):
        package = " (on Debian and Ubuntu: apt-get install libgomp1)" if missing[1].startswith("libgomp") else ""
        return Phrase(
            "{engine} needs {library}, which this machine does not have. Whoever runs me should install it{package}.",
            engine=label, library=missing[1], package=package,
        )  # fmt: skip
    match getattr(error, "status_code", None):
        case 401 | 403:
            return refused_key(label, "QUILLMATE_ENGINE_KEY")
        case 404:
            return not_known(label, "QUILLMATE_ENGINE")
        case 429:
            return busy(label)
    if "connect" in type(error).__name__.lower():
        return not_reached(label)
    return Phrase("{engine} could not answer. Try again in a moment.", engine=label)


def refused_key(label: str, setting: str) -> Phrase:
    """What is said where a server does not take the key that a setting holds."""
    return Phrase("{engine} refused the key. Whoever runs me should check {setting}.", engine=label, setting=setting)


def not_known(label: str, setting: str) -> Phrase:
    """What is said where a server has no such model, or there is no such server."""
    said = "{engine} is not known to its server. Whoever runs me should check {setting}."
    return Phrase(said, engine=label, setting=setting)


def busy(label: str) -> Phrase:
    """What is said where a server asks for patience."""
    return Phrase("{engine} has too much to do right now. Try again in a minute.", engine=label)


def not_reached(label: str) -> Phrase:
    """What is said where no server answers."""
    said = "{engine} cannot be reached. Whoever runs me should check that its server is running."
    return Phrase(said, engine=label)


class Engines:
    """The engines in the order they are tried. Use as `async with Engines([...]) as engines:`."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.all = tuple(engines)

    @property
    def first(self) -> Engine:
        """The one that is asked first."""
        return self.all[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for engine in self.all:
            await engine.close()

    async def attempt(self, use: Callable[[Engine], Awaitable[T]]) -> T:
        """What `use` gives with the first engine that does not fail.

        Raises:
            EngineError: of the last one, when all failed.
        """
        failure: EngineError | None = None
        for engine in self.all:
            try:
                return await use(engine)
            except EngineError as error:
                failure = error
                log.warning("engine passed over", extra={"engine": engine.name})
        assert failure is not None
        raise failure


def build(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> Engine:
    """The engine that a setting such as "embedded", "transformers:FOLDER" or "openai:gpt-5" names.

    Raises:
        SettingsError: the name has no form that any provider knows.
    """
    prefix = name.partition(":")[0]
    modules = {found.name for found in iter_modules(__path__)}
    module = import_module(f"{__name__}.{prefix if prefix in modules else 'remote'}")
    if not hasattr(module, "provider"):
        module = import_module(f"{__name__}.remote")
    return Engine(module.provider(name, url=url, key=key), name=name, timeout=timeout)
