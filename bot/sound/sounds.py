"""Transcribes voice messages, reads texts aloud and composes music, in durable steps that are paid for once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import babel

from bot.content import AttachedFile, Checkpoint
from bot.engines.sound import Progress, SoundEngine, SoundEngines, SpeechText
from bot.errors import EngineError, FileError, Phrase, RefusedError
from bot.waves import Wave, encode_mp3, encode_wav, join_waves, read_sound

from .aloud import MAX_READ_ALOUD_CHARACTERS, split_speech

# The limits of a voice message; one of five minutes has about a megabyte.
MAX_VOICE_SECONDS, MAX_VOICE_BYTES = 300, 10_000_000
# Seconds of music.
MAX_MUSIC_SECONDS = 30
# Bytes of a file that Discord accepts everywhere.
_MAX_FILE = 9_500_000
_MAX_SECONDS = 3600.0
_NO_HEARING = (
    "I cannot listen to voice messages here, so type your message instead. My operator can set up speech recognition."
)
_NO_HEARING_YOURS = (
    "I cannot listen to voice messages yet. Set QUILLMATE_HEARING (docs/operating.md, Sound), or type your "
    "message instead."
)
_NO_SPEECH = "Reading aloud is no longer available here."
_NO_MUSIC = "Music is no longer available here."
_LONG = "That voice message is {seconds} seconds long; the limit is {most}. Split it into several."
_LARGE = "That voice message is too large; the limit is {most} MB. Split it into several."
_OTHERS = "There is no voice for {language} here. Available: {others}."
TOO_LONG = "That text has {count:,} characters; I can read at most {most:,} aloud. Shorten it."
_TOO_LARGE = "The audio is larger than Discord allows. My operator can make it smaller: pip install 'quillmate[voice]'"
_GONE = "That sound is not kept any more. Ask for it again."


class SoundStore(Protocol):
    """A sealed store of files until they are delivered."""

    async def keep(self, owner: str, name: str, body: bytes) -> str:
        """Store a file and return the name to read it by."""

    async def read(self, owner: str, name: str) -> bytes | None:
        """Return a file, None if it is not stored any more."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """Transcribes, reads aloud and composes with the available engines. `read_by_operator` as in `Studio`."""

    kept: SoundStore | None = None
    engines: SoundEngines = field(default_factory=SoundEngines)
    read_by_operator: bool = False

    @property
    def can_speak(self) -> bool:
        """Whether texts can be read aloud."""
        return bool(self.engines.speech)

    @property
    def can_compose(self) -> bool:
        """Whether music can be composed."""
        return bool(self.engines.music)

    def admit(self, voice: AttachedFile, size: int) -> None:
        """Check that a voice message can be transcribed.

        Raises:
            RefusedError: it cannot; the message says what to do.
        """
        if not self.engines.hearing:
            raise RefusedError(_NO_HEARING_YOURS if self.read_by_operator else _NO_HEARING)
        if voice.seconds > MAX_VOICE_SECONDS:
            raise RefusedError(_LONG, seconds=round(voice.seconds), most=MAX_VOICE_SECONDS)
        if size > MAX_VOICE_BYTES:
            raise RefusedError(_LARGE, most=MAX_VOICE_BYTES // 1_000_000)

    async def transcribe(self, body: bytes, voice: AttachedFile) -> SpeechText:
        """Transcribe a voice message.

        Raises:
            EngineError, FileError: it cannot be transcribed.
        """
        if not self.engines.hearing:
            raise EngineError(_NO_HEARING)
        if len(body) > MAX_VOICE_BYTES:
            raise FileError(_LARGE, most=MAX_VOICE_BYTES // 1_000_000)
        return await self.engines.hearing[0].hear(body, voice.name, voice.seconds)

    async def read_aloud(
        self,
        owner: str,
        name: str,
        text: str,
        language: str,
        checkpoint: Checkpoint,
        on_progress: Callable[[int, int], Awaitable[None]],
    ) -> tuple[Wave, str]:
        """Read a text aloud; return the sound and the engine's name. `on_progress` gets the done and total pieces.

        Raises:
            EngineError, RefusedError: it cannot be read.
        """
        if len(text) > MAX_READ_ALOUD_CHARACTERS:
            raise RefusedError(TOO_LONG, count=len(text), most=MAX_READ_ALOUD_CHARACTERS)
        engine = find_speech_engine(self.engines.speech, language)
        pieces = split_speech(text, engine.traits.characters)
        waves = list[Wave]()
        for number, piece in enumerate(pieces):
            await on_progress(number, len(pieces))

            async def speak(piece: str = piece) -> Wave:
                return await engine.speak(piece, language)

            waves.append(await self._make_once(owner, f"{name}-{number + 1}.wav", speak, checkpoint))
        return join_waves(waves), engine.label

    async def compose(
        self, owner: str, name: str, words: str, seconds: int, seed: int, checkpoint: Checkpoint, progress: Progress
    ) -> tuple[Wave, str]:
        """Compose music of at most `MAX_MUSIC_SECONDS`; return the sound and the engine's name.

        Raises:
            EngineError: there is no engine for music, or it fails.
        """
        if not self.engines.music:
            raise EngineError(_NO_MUSIC)
        engine = self.engines.music[0]

        async def make() -> Wave:
            return await engine.compose(words, min(seconds, MAX_MUSIC_SECONDS), seed, progress)

        return await self._make_once(owner, f"{name}.wav", make, checkpoint), engine.label

    async def _make_once(
        self, owner: str, name: str, make: Callable[[], Awaitable[Wave]], checkpoint: Checkpoint
    ) -> Wave:
        """Make a sound once. A checkpoint's value is stored with the job, so the sound itself is a separate file."""
        kept = self.kept
        assert kept is not None

        async def step() -> dict[str, Any]:
            try:
                wave = await make()
            except EngineError as error:
                return {"failed": error.phrase.to_json()}
            return {"file": await kept.keep(owner, name, encode_wav(wave))}

        found = await checkpoint(f"sound {name}", step)
        if "failed" in found:
            raise EngineError(Phrase.from_json(found["failed"]))
        body = await kept.read(owner, found["file"])
        if body is None:
            raise EngineError(_GONE)
        return read_sound(body, most=_MAX_SECONDS)


def find_speech_engine(engines: Sequence[SoundEngine], language: str) -> SoundEngine:
    """Return the first engine that speaks a language.

    Raises:
        RefusedError: none does.
    """
    if not engines:
        raise RefusedError(_NO_SPEECH)
    for engine in engines:
        if engine.traits.languages is None or language in engine.traits.languages:
            return engine
    others = sorted({one for engine in engines for one in engine.traits.languages or ()})
    raise RefusedError(
        _OTHERS, language=find_language_name(language), others=", ".join(map(find_language_name, others))
    )


async def speak_text(engine: SoundEngine, text: str, language: str, progress: Progress) -> Wave:
    """Read a text of any length aloud. Raises EngineError as the engine does."""
    pieces, waves = split_speech(text, engine.traits.characters), list[Wave]()
    for number, piece in enumerate(pieces):
        progress(number / len(pieces))
        waves.append(await engine.speak(piece, language))
    return join_waves(waves)


def encode_file(wave: Wave, *, lossless: bool = False) -> tuple[str, bytes]:
    """Return the ending and bytes of a file for Discord: .wav if `lossless` and small enough, else .mp3, or .wav where no encoder
    is installed.

    Raises:
        RefusedError: it is too large.
    """
    compressed = None if lossless and len(wave.samples) * 2 < _MAX_FILE else encode_mp3(wave)
    ending, body = ("mp3", compressed) if compressed is not None else ("wav", encode_wav(wave))
    if len(body) > _MAX_FILE:
        raise RefusedError(_TOO_LARGE)
    return ending, body


def find_language_name(language: str) -> str:
    """Return the name of a language in that language."""
    try:
        return babel.Locale.parse(language).get_display_name(language) or language
    except (ValueError, babel.UnknownLocaleError):
        return language
