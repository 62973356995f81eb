"""Hears, reads aloud and plays, as durable steps: each is paid for once, also when the process dies after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import babel

from bot.content import AttachedFile, Checkpoint
from bot.engines.sound import Heard, Progress, SoundEngine, SoundEngines
from bot.errors import EngineError, FileError, Phrase, RefusedError
from bot.waves import Wave, as_mp3, as_wav, joined, read_sound

from .aloud import MAX_ALOUD, cut

# A voice message; Discord's own of five minutes have about a megabyte.
MAX_HEARD_SECONDS, MAX_HEARD_BYTES = 300, 10_000_000
# Seconds of music.
MAX_PLAYED = 30
# Bytes of a file that Discord takes anywhere.
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


class Kept(Protocol):
    """Where files are kept until they are delivered, sealed."""

    async def keep(self, owner: str, name: str, body: bytes) -> str:
        """Keeps a file and gives the name to read it by."""

    async def read(self, owner: str, name: str) -> bytes | None:
        """The file, None when it is not kept any more."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """What hears, speaks and plays here, where anything does. `read_by_operator` as in the studio of pictures."""

    kept: Kept | None = None
    engines: SoundEngines = field(default_factory=SoundEngines)
    read_by_operator: bool = False

    @property
    def speaks(self) -> bool:
        """Whether texts can be read aloud."""
        return bool(self.engines.speech)

    @property
    def plays(self) -> bool:
        """Whether music can be played."""
        return bool(self.engines.music)

    def admit(self, voice: AttachedFile, size: int) -> None:
        """Looks whether a voice message can be listened to.

        Raises:
            RefusedError: it cannot; the sentence says what to do.
        """
        if not self.engines.hearing:
            raise RefusedError(_NO_HEARING_YOURS if self.read_by_operator else _NO_HEARING)
        if voice.seconds > MAX_HEARD_SECONDS:
            raise RefusedError(_LONG, seconds=round(voice.seconds), most=MAX_HEARD_SECONDS)
        if size > MAX_HEARD_BYTES:
            raise RefusedError(_LARGE, most=MAX_HEARD_BYTES // 1_000_000)

    async def heard(self, body: bytes, voice: AttachedFile) -> Heard:
        """What is said in a voice message.

        Raises:
            EngineError, FileError: it cannot be heard.
        """
        if not self.engines.hearing:
            raise EngineError(_NO_HEARING)
        if len(body) > MAX_HEARD_BYTES:
            raise FileError(_LARGE, most=MAX_HEARD_BYTES // 1_000_000)
        return await self.engines.hearing[0].hear(body, voice.name, voice.seconds)

    async def aloud(
        self,
        owner: str,
        name: str,
        text: str,
        language: str,
        checkpoint: Checkpoint,
        told: Callable[[int, int], Awaitable[None]],
    ) -> tuple[Wave, str]:
        """A text read aloud, and who reads it. `told` is told how many of how many pieces are read.

        Raises:
            EngineError, RefusedError: it cannot be read.
        """
        if len(text) > MAX_ALOUD:
            raise RefusedError(TOO_LONG, count=len(text), most=MAX_ALOUD)
        engine = speaker_for(self.engines.speech, language)
        pieces = cut(text, engine.traits.characters)
        waves = list[Wave]()
        for number, piece in enumerate(pieces):
            await told(number, len(pieces))

            async def speak(piece: str = piece) -> Wave:
                return await engine.speak(piece, language)

            waves.append(await self._once(owner, f"{name}-{number + 1}.wav", speak, checkpoint))
        return joined(waves), engine.label

    async def played(
        self, owner: str, name: str, words: str, seconds: int, seed: int, checkpoint: Checkpoint, progress: Progress
    ) -> tuple[Wave, str]:
        """Music, and what plays it. Raises EngineError as `aloud`."""
        if not self.engines.music:
            raise EngineError(_NO_MUSIC)
        engine = self.engines.music[0]

        async def compose() -> Wave:
            return await engine.compose(words, min(seconds, MAX_PLAYED), seed, progress)

        return await self._once(owner, f"{name}.wav", compose, checkpoint), engine.label

    async def _once(self, owner: str, name: str, make: Callable[[], Awaitable[Wave]], checkpoint: Checkpoint) -> Wave:
        """A sound that is made once. A checkpoint's value is kept with the job, so the sound itself is a file beside it."""
        kept = self.kept
        assert kept is not None

        async def step() -> dict[str, Any]:
            try:
                wave = await make()
            except EngineError as error:
                return {"failed": error.phrase.to_json()}
            return {"file": await kept.keep(owner, name, as_wav(wave))}

        found = await checkpoint(f"sound {name}", step)
        if "failed" in found:
            raise EngineError(Phrase.from_json(found["failed"]))
        body = await kept.read(owner, found["file"])
        if body is None:
            raise EngineError(_GONE)
        return read_sound(body, most=_MAX_SECONDS)


def speaker_for(engines: Sequence[SoundEngine], language: str) -> SoundEngine:
    """The first engine that speaks a language.

    Raises:
        RefusedError: none does.
    """
    if not engines:
        raise RefusedError(_NO_SPEECH)
    for engine in engines:
        if engine.traits.languages is None or language in engine.traits.languages:
            return engine
    others = sorted({one for engine in engines for one in engine.traits.languages or ()})
    raise RefusedError(_OTHERS, language=own_name(language), others=", ".join(map(own_name, others)))


async def spoken_whole(engine: SoundEngine, text: str, language: str, progress: Progress) -> Wave:
    """A text of any length, read aloud. Raises EngineError as the engine does."""
    pieces, waves = cut(text, engine.traits.characters), list[Wave]()
    for number, piece in enumerate(pieces):
        progress(number / len(pieces))
        waves.append(await engine.speak(piece, language))
    return joined(waves)


def as_file(wave: Wave, *, lossless: bool = False) -> tuple[str, bytes]:
    """The ending and bytes of a file that Discord takes: .mp3 where that can be written, else .wav.

    Raises:
        RefusedError: it is too large.
    """
    compressed = None if lossless and len(wave.samples) * 2 < _MAX_FILE else as_mp3(wave)
    ending, body = ("mp3", compressed) if compressed is not None else ("wav", as_wav(wave))
    if len(body) > _MAX_FILE:
        raise RefusedError(_TOO_LARGE)
    return ending, body


def own_name(language: str) -> str:
    """What a language calls itself."""
    try:
        return babel.Locale.parse(language).get_display_name(language) or language
    except (ValueError, babel.UnknownLocaleError):
        return language
