"""Servers and models that hear, speak and make music. One file a provider; a provider is found by what its setting begins with.

A provider's file has a function for each thing that it does: `hearing`, `speaking`, `composing`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, Self

from bot.engines import busy, not_known, not_reached, refused_key
from bot.engines._http import ElsewhereError, deadline
from bot.engines.spending import Tokens, spent
from bot.errors import EngineError, Phrase, QuillmateError, SettingsError
from bot.runtime.credentials import mask_setting
from bot.waves import Wave
from personas import plugins

log = logging.getLogger(__name__)
# Characters of a token, where no server tells how many tokens a text has; and tokens of a second of speech.
_CHARACTERS, _A_SECOND = 4, 10
# Told how much of what is asked for is done, of one.
Progress = Callable[[float], None]
# What models of the Whisper kind write for what is no speech.
_NO_WORDS = re.compile(r"\[[^\[\]]{0,40}\]|♪")
_FAILED = {
    "hearing": "{engine} could not transcribe that. Try again in a moment.",
    "speaking": "{engine} could not read that aloud. Try again in a moment.",
    "composing": "{engine} could not play that. Try again in a moment.",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, in which language where that is known, and the tokens that a server has told."""

    text: str
    language: str = ""
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class SoundTraits:
    """How much it does at once; the `languages` that it speaks, None for any (ISO 639-1); `characters` of one call."""

    streams: int = 1
    languages: frozenset[str] | None = None
    characters: int = 500


class Provider(Protocol):
    """What every provider has."""

    label: str
    traits: SoundTraits

    async def check(self) -> str:
        """Says in a few words that it can be used, for `quillmate doctor`."""

    async def close(self) -> None:
        """Lets it go."""


class Hearing(Provider, Protocol):
    """Speech to text."""

    async def hear(self, sound: bytes, name: str, progress: Progress) -> Heard:
        """What is said in a file of sound; `progress` may be told from any thread.

        Raises:
            EngineError, FileError, ServerError, or what its transport raises.
        """


class Speaking(Provider, Protocol):
    """Text to speech."""

    async def speak(self, text: str, language: str) -> Wave:
        """A text of at most `traits.characters`, read aloud. Raises as `hear`."""


class Composing(Provider, Protocol):
    """Music from words."""

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """So many seconds of music; `progress` may be told from any thread. Raises as `hear`."""


class SoundEngine:
    """A provider with its time limit and sentences. Use as `async with`."""

    def __init__(self, provider: Any, *, name: str, setting: str, does: str, timeout: float = 120) -> None:
        self._provider, self._timeout, self._setting, self._does = provider, timeout, setting, does
        self.name = name
        self._room = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """What users are told it is."""
        return str(self._provider.label)

    @property
    def traits(self) -> SoundTraits:
        """What it can do."""
        found: SoundTraits = self._provider.traits
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._provider.close()

    async def check(self) -> str:
        """What can be said of it in a few words.

        Raises:
            EngineError: it cannot be used; the sentence says what to do.
        """
        async with self._in_sentences():
            return str(await self._provider.check())
        raise AssertionError  # The context manager lets no error pass silently.

    async def hear(self, sound: bytes, name: str, seconds: float = 0.0) -> Heard:
        """What is said in a file of sound.

        Raises:
            EngineError: the engine is missing, does not answer in time or refuses.
            FileError: the file cannot be read.
        """
        async with self._room, self._in_sentences() as goes_on:
            heard: Heard = await self._provider.hear(sound, name, goes_on)
            heard = replace(heard, text=" ".join(_NO_WORDS.sub(" ", heard.text).split()))
            written, read = -(-len(heard.text) // _CHARACTERS), round(seconds * _A_SECOND)
            spent(self.name, heard.tokens or Tokens(read, written, read + written))
            return heard
        raise AssertionError

    async def speak(self, text: str, language: str) -> Wave:
        """A text read aloud. Raises EngineError as `hear`."""
        async with self._room, self._in_sentences():
            wave: Wave = await self._provider.speak(text, language)
            read = -(-len(text) // _CHARACTERS)
            spent(self.name, Tokens(read, 0, read))
            return wave
        raise AssertionError

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Music. Raises EngineError as `hear`."""
        loop = asyncio.get_running_loop()
        async with self._room, self._in_sentences() as goes_on:

            def told(done: float) -> None:
                goes_on(done)
                loop.call_soon_threadsafe(progress, done)

            wave: Wave = await self._provider.compose(words, seconds, seed, told)
            read = -(-len(words) // _CHARACTERS)
            spent(self.name, Tokens(read, 0, read))
            return wave
        raise AssertionError

    @asynccontextmanager
    async def _in_sentences(self) -> AsyncIterator[Progress]:
        """Gives what is told that it goes on: a local model has its time, and the limit is for one that stands still."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout) as limit:
                deadline.set(limit.when() or float("inf"))

                def go_on() -> None:
                    with contextlib.suppress(RuntimeError):  # It is over by now.
                        limit.reschedule(loop.time() + self._timeout)

                def told(_done: float) -> None:
                    loop.call_soon_threadsafe(go_on)

                yield told
        except QuillmateError:
            raise
        except TimeoutError as error:
            late = Phrase(
                "{engine} did not finish within {seconds} seconds. Try again in a moment.",
                engine=self.label,
                seconds=round(self._timeout),
            )
            raise EngineError(late) from error
        except Exception as error:
            log.warning("sound engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(self._failure(error)) from error

    def _failure(self, error: Exception) -> Phrase:
        match getattr(error, "status", None):
            case 401 | 403:
                return refused_key(self.label, "QUILLMATE_SOUND_KEY")
            case 404:
                return not_known(self.label, f"{self._setting}, QUILLMATE_SOUND_URL")
            case 429:
                return busy(self.label)
        if isinstance(error, ElsewhereError):
            return Phrase(
                "{engine} answered with a link to another server, and I send nothing there.", engine=self.label
            )
        if "Connect" in type(error).__name__:
            return not_reached(self.label)
        return Phrase(_FAILED[self._does], engine=self.label)


@dataclass(frozen=True, slots=True)
class SoundEngines:
    """What hears, what speaks, each in other languages, and what makes music; of each none where nothing is set."""

    hearing: Sequence[SoundEngine] = ()
    speech: Sequence[SoundEngine] = ()
    music: Sequence[SoundEngine] = ()

    @property
    def all(self) -> tuple[SoundEngine, ...]:
        """All of them."""
        return (*self.hearing, *self.speech, *self.music)


def build_hearing(name: str, *, url: str = "", key: str = "", models: Path, timeout: float = 120) -> SoundEngine:
    """The engine that a setting such as "whisper" or "openai:whisper-1" names.

    Raises:
        SettingsError: no provider has that name, or it wants a model.
    """
    return _built(name, "QUILLMATE_HEARING", "hearing", timeout, url=url, key=key, models=models)


def build_speech(
    names: Sequence[str], *, url: str = "", key: str = "", voice: str = "", timeout: float = 120
) -> list[SoundEngine]:
    """The engines that a setting such as "openai:tts-1" or "transformers:FOLDER" names. Raises as `build_hearing`."""
    return [_built(name, "QUILLMATE_SPEECH", "speaking", timeout, url=url, key=key, voice=voice) for name in names]


def build_music(name: str, *, timeout: float = 120) -> SoundEngine:
    """The engine that a setting such as "musicgen:FOLDER" names. Raises as `build_hearing`."""
    return _built(name, "QUILLMATE_MUSIC", "composing", timeout)


def load_plugin_sound_engines() -> dict[str, Any]:
    """Load the modules of plugins that hear, speak or compose, by what settings begin with."""
    return plugins.load("sound", lambda module: module, _providers())


def _built(name: str, setting: str, does: str, timeout: float, **options: Any) -> SoundEngine:
    prefix, _, model = name.partition(":")
    modules = {one: import_module(f"{__name__}.{one}") for one in _providers()}
    modules |= load_plugin_sound_engines()
    known = sorted(one for one, module in modules.items() if hasattr(module, does))
    if prefix not in known:
        raise SettingsError(f'{setting} is "{mask_setting(name[:80])}"; it should begin with {" or ".join(known)}.')
    options |= {"url": options["url"].rstrip("/")} if "url" in options else {}
    provider = getattr(modules[prefix], does)(model, **options)
    return SoundEngine(provider, name=name, setting=setting, does=does, timeout=timeout)


def _providers() -> list[str]:
    """The names of the files with providers."""
    return [one.name for one in iter_modules(__path__) if not one.name.startswith("_")]
