"""Engines that transcribe, read aloud and compose: one module per provider, found by the prefix of its setting.

A provider's module has a function for each thing it does: `hearing`, `speaking`, `composing`.
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

from bot.engines._http import OtherServerError, retry_deadline
from bot.engines.failures import (
    build_busy_phrase,
    build_refused_key_phrase,
    build_unknown_model_phrase,
    build_unreachable_phrase,
)
from bot.engines.spending import Tokens, record_spending
from bot.errors import EngineError, Phrase, QuillmateError, SettingsError
from bot.runtime.credentials import mask_setting
from bot.waves import Wave
from personas import plugins

log = logging.getLogger(__name__)
# Characters per token, if no server reports the tokens of a text; and tokens per second of speech.
_CHARACTERS_PER_TOKEN, _TOKENS_PER_SECOND = 4, 10
# Called with the share that is done, from 0 to 1.
Progress = Callable[[float], None]
# What Whisper models write for sounds other than speech.
_NON_SPEECH = re.compile(r"\[[^\[\]]{0,40}\]|♪")
_FAILURE_MESSAGES = {
    "hearing": "{engine} could not transcribe that. Try again in a moment.",
    "speaking": "{engine} could not read that aloud. Try again in a moment.",
    "composing": "{engine} could not make that music. Try again in a moment.",
}


@dataclass(frozen=True, slots=True)
class SpeechText:
    """The transcribed text, its language if known, and the tokens that a server reported."""

    text: str
    language: str = ""
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class SoundTraits:
    """How many calls it handles at once; the `languages` it speaks, None for any (ISO 639-1); `characters` per call."""

    streams: int = 1
    languages: frozenset[str] | None = None
    characters: int = 500


class SoundProvider(Protocol):
    """What all providers have."""

    label: str
    traits: SoundTraits

    async def check(self) -> str:
        """Return a short status for `quillmate doctor` if it can be used."""

    async def close(self) -> None:
        """Release the model."""


class HearingProvider(SoundProvider, Protocol):
    """Speech to text."""

    async def hear(self, sound: bytes, name: str, progress: Progress) -> SpeechText:
        """Transcribe a sound file; `progress` may be called from any thread.

        Raises:
            EngineError, FileError, ServerError, or what its transport raises.
        """


class SpeakingProvider(SoundProvider, Protocol):
    """Text to speech."""

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text of at most `traits.characters` aloud. Raises as `hear`."""


class ComposingProvider(SoundProvider, Protocol):
    """Music from words."""

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose `seconds` of music; `progress` may be called from any thread. Raises as `hear`."""


class SoundEngine:
    """A provider with its time limit and error messages. Use as `async with`."""

    def __init__(self, provider: Any, *, name: str, setting: str, does: str, timeout: float = 120) -> None:
        self._provider, self._timeout, self._setting, self._does = provider, timeout, setting, does
        self.name = name
        self._room = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """The name shown to users."""
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
        """Return a short status.

        Raises:
            EngineError: it cannot be used; the sentence says what to do.
        """
        async with self._translate_errors():
            return str(await self._provider.check())
        raise AssertionError  # The context manager lets no error pass silently.

    async def hear(self, sound: bytes, name: str, seconds: float = 0.0) -> SpeechText:
        """Transcribe a sound file.

        Raises:
            EngineError: the engine is missing, does not answer in time or refuses.
            FileError: the file cannot be read.
        """
        async with self._room, self._translate_errors() as goes_on:
            heard: SpeechText = await self._provider.hear(sound, name, goes_on)
            heard = replace(heard, text=" ".join(_NON_SPEECH.sub(" ", heard.text).split()))
            written, read = -(-len(heard.text) // _CHARACTERS_PER_TOKEN), round(seconds * _TOKENS_PER_SECOND)
            record_spending(self.name, heard.tokens or Tokens(read, written, read + written))
            return heard
        raise AssertionError

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text aloud. Raises EngineError as `hear`."""
        async with self._room, self._translate_errors():
            wave: Wave = await self._provider.speak(text, language)
            read = -(-len(text) // _CHARACTERS_PER_TOKEN)
            record_spending(self.name, Tokens(read, 0, read))
            return wave
        raise AssertionError

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose music. Raises EngineError as `hear`."""
        loop = asyncio.get_running_loop()
        async with self._room, self._translate_errors() as goes_on:

            def told(done: float) -> None:
                goes_on(done)
                loop.call_soon_threadsafe(progress, done)

            wave: Wave = await self._provider.compose(words, seconds, seed, told)
            read = -(-len(words) // _CHARACTERS_PER_TOKEN)
            record_spending(self.name, Tokens(read, 0, read))
            return wave
        raise AssertionError

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[Progress]:
        """Yield a progress callback: each call extends the limit, as a local model that makes progress may take its
        time.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout) as limit:
                retry_deadline.set(limit.when() or float("inf"))

                def go_on() -> None:
                    with contextlib.suppress(RuntimeError):  # It has ended by now.
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
        except Exception as error:  # Providers have their own; users see one message, and the log has the details.
            log.warning("sound engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(self._build_failure_phrase(error)) from error

    def _build_failure_phrase(self, error: Exception) -> Phrase:
        match getattr(error, "status", None):
            case 401 | 403:
                return build_refused_key_phrase(self.label, "QUILLMATE_SOUND_KEY")
            case 404:
                return build_unknown_model_phrase(self.label, f"{self._setting}, QUILLMATE_SOUND_URL")
            case 429:
                return build_busy_phrase(self.label)
        if isinstance(error, OtherServerError):
            return Phrase("{engine} answered with a link to another server, which I do not follow.", engine=self.label)
        if "Connect" in type(error).__name__:
            return build_unreachable_phrase(self.label)
        return Phrase(_FAILURE_MESSAGES[self._does], engine=self.label)


@dataclass(frozen=True, slots=True)
class SoundEngines:
    """The engines that transcribe, read aloud, each in other languages, and make music; empty if not set."""

    hearing: Sequence[SoundEngine] = ()
    speech: Sequence[SoundEngine] = ()
    music: Sequence[SoundEngine] = ()

    @property
    def all(self) -> tuple[SoundEngine, ...]:
        """All of them."""
        return (*self.hearing, *self.speech, *self.music)


def build_hearing(name: str, *, url: str = "", key: str = "", models: Path, timeout: float = 120) -> SoundEngine:
    """Build the engine for a setting such as "whisper" or "openai:whisper-1".

    Raises:
        SettingsError: no provider has that name, or it wants a model.
    """
    return _build_engine(name, "QUILLMATE_HEARING", "hearing", timeout, url=url, key=key, models=models)


def build_speech(
    names: Sequence[str], *, url: str = "", key: str = "", voice: str = "", timeout: float = 120
) -> list[SoundEngine]:
    """Build the engines for settings such as "openai:tts-1" or "transformers:FOLDER". Raises as `build_hearing`."""
    return [
        _build_engine(name, "QUILLMATE_SPEECH", "speaking", timeout, url=url, key=key, voice=voice) for name in names
    ]


def build_music(name: str, *, timeout: float = 120) -> SoundEngine:
    """Build the engine for a setting such as "musicgen:FOLDER". Raises as `build_hearing`."""
    return _build_engine(name, "QUILLMATE_MUSIC", "composing", timeout)


def load_plugin_sound_engines() -> dict[str, Any]:
    """Load the modules of plugins that hear, speak or compose, by what settings begin with."""
    return plugins.load("sound", lambda module: module, _list_providers())


def _build_engine(name: str, setting: str, does: str, timeout: float, **options: Any) -> SoundEngine:
    prefix, _, model = name.partition(":")
    modules = {one: import_module(f"{__name__}.{one}") for one in _list_providers()}
    modules |= load_plugin_sound_engines()
    known = sorted(one for one, module in modules.items() if hasattr(module, does))
    if prefix not in known:
        raise SettingsError(f'{setting} is "{mask_setting(name[:80])}"; it should begin with {" or ".join(known)}.')
    options |= {"url": options["url"].rstrip("/")} if "url" in options else {}
    provider = getattr(modules[prefix], does)(model, **options)
    return SoundEngine(provider, name=name, setting=setting, does=does, timeout=timeout)


def _list_providers() -> list[str]:
    """Return the names of the providers' modules."""
    return [one.name for one in iter_modules(__path__) if not one.name.startswith("_")]
