"""Engines that transcribe, read aloud and compose: one module per provider, found by the prefix of its setting.

A provider's module has a function that builds it for each task it supports: `hearing`, `speaking`, `composing`.
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
# For estimates, if a server does not report its tokens: characters per token, and tokens per second of speech.
_CHARACTERS_PER_TOKEN, _TOKENS_PER_SECOND = 4, 10
# Called with the completed share, from 0 to 1.
Progress = Callable[[float], None]
# What Whisper models write for other sounds than speech.
_NON_SPEECH = re.compile(r"\[[^\[\]]{0,40}\]|♪")
_FAILURE_MESSAGES = {
    "hearing": "{engine} could not transcribe that. Try again in a moment.",
    "speaking": "{engine} could not read that aloud. Try again in a moment.",
    "composing": "{engine} could not make that music. Try again in a moment.",
}


@dataclass(frozen=True, slots=True)
class SpeechText:
    """A transcribed text, its language (ISO 639-1) if known, and the tokens that the server reported."""

    text: str
    language: str = ""
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class SoundTraits:
    """How many calls a provider handles at once; the `languages` it speaks (ISO 639-1, None for any), and how many `characters` it
    reads aloud per call.
    """

    streams: int = 1
    languages: frozenset[str] | None = None
    characters: int = 500


class SoundProvider(Protocol):
    """The interface of every sound provider."""

    label: str
    traits: SoundTraits

    async def check(self) -> str:
        """Return a short status for `quillmate doctor`, or raise as `HearingProvider.hear`."""

    async def close(self) -> None:
        """Release the model."""


class HearingProvider(SoundProvider, Protocol):
    """Speech to text."""

    async def hear(self, sound: bytes, name: str, progress: Progress) -> SpeechText:
        """Transcribe a sound file with a name; `progress` may be called from any thread.

        Raises:
            EngineError, FileError, HttpServerError, or the errors of its transport.
        """


class SpeakingProvider(SoundProvider, Protocol):
    """Text to speech."""

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text of at most `traits.characters` aloud. Raises as `HearingProvider.hear`."""


class ComposingProvider(SoundProvider, Protocol):
    """Words to music."""

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose music of some seconds; `progress` may be called from any thread. Raises as `HearingProvider.hear`."""


class SoundEngine:
    """A provider with its time limit and error messages. Use as `async with`.

    `task` is the function of the provider's module: "hearing", "speaking" or "composing".
    """

    def __init__(self, provider: Any, *, name: str, setting: str, task: str, timeout: float = 120) -> None:
        self._provider, self._timeout, self._setting, self._task = provider, timeout, setting, task
        self.name = name
        self._slots = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """The name shown to users."""
        return str(self._provider.label)

    @property
    def traits(self) -> SoundTraits:
        """What the provider can do."""
        traits: SoundTraits = self._provider.traits
        return traits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._provider.close()

    async def check(self) -> str:
        """Return a short status.

        Raises:
            EngineError: the provider cannot be used; the message says what to do.
        """
        async with self._translate_errors():
            return str(await self._provider.check())
        raise AssertionError  # The context manager lets no error pass silently.

    async def hear(self, sound: bytes, name: str, seconds: float = 0.0) -> SpeechText:
        """Transcribe a sound file; its duration in `seconds` is for estimating tokens.

        Raises:
            EngineError: the provider cannot be reached or loaded, does not answer in time or fails.
            FileError: the file cannot be read.
        """
        async with self._slots, self._translate_errors() as progress:
            speech: SpeechText = await self._provider.hear(sound, name, progress)
            speech = replace(speech, text=" ".join(_NON_SPEECH.sub(" ", speech.text).split()))
            input_tokens, output_tokens = round(seconds * _TOKENS_PER_SECOND), _estimate_tokens(speech.text)
            estimate = Tokens(input_tokens, output_tokens, input_tokens + output_tokens)
            record_spending(self.name, speech.tokens or estimate)
            return speech
        raise AssertionError

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text aloud. Raises EngineError as `hear`."""
        async with self._slots, self._translate_errors():
            wave: Wave = await self._provider.speak(text, language)
            input_tokens = _estimate_tokens(text)
            record_spending(self.name, Tokens(input_tokens, 0, input_tokens))
            return wave
        raise AssertionError

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        """Compose music; `progress` is called on the event loop. Raises EngineError as `hear`."""
        loop = asyncio.get_running_loop()
        async with self._slots, self._translate_errors() as extend_limit:

            def report(share: float) -> None:
                extend_limit(share)
                loop.call_soon_threadsafe(progress, share)

            wave: Wave = await self._provider.compose(words, seconds, seed, report)
            input_tokens = _estimate_tokens(words)
            record_spending(self.name, Tokens(input_tokens, 0, input_tokens))
            return wave
        raise AssertionError

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[Progress]:
        """Yield a progress callback, each call of which restarts the time limit, as a local model that makes progress may be slow."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout) as timeout:
                retry_deadline.set(timeout.when() or float("inf"))

                def restart_timeout() -> None:
                    with contextlib.suppress(RuntimeError):  # The block has ended meanwhile.
                        timeout.reschedule(loop.time() + self._timeout)

                def report(_share: float) -> None:
                    loop.call_soon_threadsafe(restart_timeout)

                yield report
        except QuillmateError:
            raise
        except TimeoutError as error:
            message = Phrase(
                "{engine} did not finish within {seconds} seconds. Try again in a moment.",
                engine=self.label,
                seconds=round(self._timeout),
            )
            raise EngineError(message) from error
        except Exception as error:  # Providers have their own errors; users get a message, and the log has the details.
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
        return Phrase(_FAILURE_MESSAGES[self._task], engine=self.label)


def _estimate_tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class SoundEngines:
    """The engines that transcribe, that read aloud, each in other languages, and that make music; empty if not configured."""

    hearing: Sequence[SoundEngine] = ()
    speech: Sequence[SoundEngine] = ()
    music: Sequence[SoundEngine] = ()

    @property
    def all(self) -> tuple[SoundEngine, ...]:
        """All engines."""
        return (*self.hearing, *self.speech, *self.music)


def build_hearing(name: str, *, url: str = "", key: str = "", models: Path, timeout: float = 120) -> SoundEngine:
    """Build the engine for a setting such as "whisper" or "openai:whisper-1".

    Raises:
        SettingsError: no provider of that name transcribes, or the name of a model is missing.
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
    """Return the modules of plugins that hear, speak or compose, by the prefix of their settings."""
    return plugins.load("sound", lambda module: module, _list_built_in())


def _build_engine(name: str, setting: str, task: str, timeout: float, **options: Any) -> SoundEngine:
    prefix, _, model = name.partition(":")
    modules = {built_in: import_module(f"{__name__}.{built_in}") for built_in in _list_built_in()}
    modules |= load_plugin_sound_engines()
    known = sorted(known_prefix for known_prefix, module in modules.items() if hasattr(module, task))
    if prefix not in known:
        raise SettingsError(f'{setting} is "{mask_setting(name[:80])}"; it should begin with {" or ".join(known)}.')
    options |= {"url": options["url"].rstrip("/")} if "url" in options else {}
    provider = getattr(modules[prefix], task)(model, **options)
    return SoundEngine(provider, name=name, setting=setting, task=task, timeout=timeout)


def _list_built_in() -> list[str]:
    return [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]
