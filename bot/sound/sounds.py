"""Transcribes voice messages, reads texts aloud and composes music, in durable steps that are paid for once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import babel

from bot.content import AttachedFile, Checkpoint
from bot.engines.sound import Progress, SoundEngine, SoundEngines, SpeechText
from bot.errors import EngineError, FileError, Phrase, RefusedError
from bot.waves import Wave, encode_mp3, encode_wav, join_waves, read_sound

from .aloud import MAX_READ_ALOUD_CHARACTERS, split_speech

# The limits of a voice message; five minutes are about one megabyte.
MAX_VOICE_SECONDS, MAX_VOICE_BYTES = 300, 10_000_000
MAX_MUSIC_SECONDS = 30
# Discord accepts files up to this size in every server and direct message.
_MAX_FILE_BYTES = 9_500_000
_MAX_STORED_SECONDS = 3600.0
_NO_TRANSCRIPTION = (
    "I cannot listen to voice messages here, so type your message instead. My operator can set up speech recognition."
)
_NO_TRANSCRIPTION_OPERATOR = (
    "I cannot listen to voice messages yet. Set QUILLMATE_HEARING (docs/operating.md, Sound), or type your "
    "message instead."
)
_NO_SPEECH = "Reading aloud is no longer available here."
_NO_MUSIC = "Music is no longer available here."
_VOICE_TOO_LONG = "That voice message is {seconds} seconds long; the limit is {most}. Split it into several."
_VOICE_TOO_LARGE = "That voice message is too large; the limit is {most} MB. Split it into several."
_NO_VOICE = "There is no voice for {language} here. Available: {others}."
TEXT_TOO_LONG = "That text has {count:,} characters; I can read at most {most:,} aloud. Shorten it."
_AUDIO_TOO_LARGE = (
    "The audio is larger than Discord allows. My operator can make it smaller: pip install 'quillmate[voice]'"
)
_SOUND_EXPIRED = "That sound is not kept any more. Ask for it again."


class SoundStore(Protocol):
    """An encrypted store of the files of a job until they are delivered."""

    async def save(self, owner: str, name: str, body: bytes) -> str:
        """Store a file and return the name to read it by."""

    async def read(self, owner: str, name: str) -> bytes | None:
        """Return a file, None if it is not stored any more."""


@dataclass(frozen=True, slots=True)
class SoundService:
    """Transcribes, reads aloud and composes with the available engines. With `read_by_operator` the operator reads the answers,
    which then say what to configure.
    """

    store: SoundStore | None = None
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

    def check_voice_message(self, voice: AttachedFile, size: int) -> None:
        """Check that a voice message can be transcribed.

        Raises:
            RefusedError: it cannot; the message says what to do.
        """
        if not self.engines.hearing:
            raise RefusedError(_NO_TRANSCRIPTION_OPERATOR if self.read_by_operator else _NO_TRANSCRIPTION)
        if voice.seconds > MAX_VOICE_SECONDS:
            raise RefusedError(_VOICE_TOO_LONG, seconds=round(voice.seconds), most=MAX_VOICE_SECONDS)
        if size > MAX_VOICE_BYTES:
            raise RefusedError(_VOICE_TOO_LARGE, most=MAX_VOICE_BYTES // 1_000_000)

    async def transcribe(self, body: bytes, voice: AttachedFile) -> SpeechText:
        """Transcribe a voice message.

        Raises:
            EngineError, FileError: it cannot be transcribed.
        """
        if not self.engines.hearing:
            raise EngineError(_NO_TRANSCRIPTION)
        if len(body) > MAX_VOICE_BYTES:
            raise FileError(_VOICE_TOO_LARGE, most=MAX_VOICE_BYTES // 1_000_000)
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
        """Read a text aloud; return the sound and the engine's name. `on_progress` is called with the numbers of finished and
        of all pieces.

        Raises:
            EngineError, RefusedError: it cannot be read.
        """
        if len(text) > MAX_READ_ALOUD_CHARACTERS:
            raise RefusedError(TEXT_TOO_LONG, count=len(text), most=MAX_READ_ALOUD_CHARACTERS)
        engine = find_speech_engine(self.engines.speech, language)
        pieces = split_speech(text, engine.traits.characters)
        waves = list[Wave]()
        for number, piece in enumerate(pieces, 1):
            await on_progress(number - 1, len(pieces))
            speak = partial(engine.speak, piece, language)
            waves.append(await self._make_once(owner, f"{name}-{number}.wav", speak, checkpoint))
        return join_waves(waves), engine.label

    async def compose(
        self, owner: str, name: str, prompt: str, seconds: int, seed: int, checkpoint: Checkpoint, on_progress: Progress
    ) -> tuple[Wave, str]:
        """Compose music of at most `MAX_MUSIC_SECONDS`; return the sound and the engine's name.

        Raises:
            EngineError: there is no engine for music, or it fails.
        """
        if not self.engines.music:
            raise EngineError(_NO_MUSIC)
        engine = self.engines.music[0]
        compose = partial(engine.compose, prompt, min(seconds, MAX_MUSIC_SECONDS), seed, on_progress)
        return await self._make_once(owner, f"{name}.wav", compose, checkpoint), engine.label

    async def _make_once(
        self, owner: str, name: str, make: Callable[[], Awaitable[Wave]], checkpoint: Checkpoint
    ) -> Wave:
        """Make a sound once. The checkpoint stores only the name of its file, as the value is saved with the job."""
        store = self.store
        assert store is not None

        async def step() -> dict[str, Any]:
            try:
                wave = await make()
            except EngineError as error:
                # Stored, so that a job that is resumed does not call the engine again.
                return {"failed": error.phrase.to_json()}
            return {"file": await store.save(owner, name, encode_wav(wave))}

        outcome = await checkpoint(f"sound {name}", step)
        if "failed" in outcome:
            raise EngineError(Phrase.from_json(outcome["failed"]))
        body = await store.read(owner, outcome["file"])
        if body is None:
            raise EngineError(_SOUND_EXPIRED)
        return read_sound(body, most=_MAX_STORED_SECONDS)


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
    codes = sorted({code for engine in engines for code in engine.traits.languages or ()})
    names = ", ".join(map(find_language_name, codes))
    raise RefusedError(_NO_VOICE, language=find_language_name(language), others=names)


async def read_aloud_directly(engine: SoundEngine, text: str, language: str, on_progress: Progress) -> Wave:
    """Read a text of any length aloud, without checkpoints. Raises EngineError as the engine does."""
    pieces, waves = split_speech(text, engine.traits.characters), list[Wave]()
    for index, piece in enumerate(pieces):
        on_progress(index / len(pieces))
        waves.append(await engine.speak(piece, language))
    return join_waves(waves)


def encode_file(wave: Wave, *, lossless: bool = False) -> tuple[str, bytes]:
    """Return the extension and bytes of a file for Discord: "wav" if `lossless` and small enough, else "mp3", or "wav" without
    an encoder.

    Raises:
        RefusedError: it is too large.
    """
    fits_uncompressed = 2 * len(wave.samples) < _MAX_FILE_BYTES  # WAV has two bytes per sample.
    mp3 = None if lossless and fits_uncompressed else encode_mp3(wave)
    extension, body = ("mp3", mp3) if mp3 is not None else ("wav", encode_wav(wave))
    if len(body) > _MAX_FILE_BYTES:
        raise RefusedError(_AUDIO_TOO_LARGE)
    return extension, body


def find_language_name(language: str) -> str:
    """Return the name of a language in that language, or its code if it is unknown."""
    try:
        return babel.Locale.parse(language).get_display_name(language) or language
    except (ValueError, babel.UnknownLocaleError):
        return language
