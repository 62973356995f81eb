"""Sound as durable steps: made once, kept for a while, sealed; and files that Discord takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from sounds import make_tone

from bot.content import AttachedFile
from bot.engines.sound import SoundEngine, SoundEngines, SoundTraits
from bot.errors import EngineError, RefusedError
from bot.sound.sounds import SoundService, encode_file, find_speech_engine
from bot.waves import Wave


class Voice:
    """A stand-in for a speech engine; it fails at a piece that contains `breaks_at`."""

    label = "a voice"

    def __init__(self, language: str | None = None) -> None:
        self.traits = SoundTraits(languages=frozenset({language}) if language else None, characters=40)
        self.said: list[str] = []
        self.breaks_at = ""

    async def speak(self, text: str, language: str) -> Wave:
        if self.breaks_at and self.breaks_at in text:
            raise ConnectionError
        self.said.append(text)
        return make_tone(0.5, 8_000)

    async def close(self) -> None:
        pass


class Folder:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def save(self, owner: str, name: str, body: bytes) -> str:
        self.files[name] = body
        return name

    async def read(self, owner: str, name: str) -> bytes | None:
        return self.files.get(name)


class Checkpoints:
    """Stores the results of steps, as jobs do over restarts."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    async def __call__(self, name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        if name not in self.given:
            self.given[name] = await step()
        return self.given[name]


def build_engine(voice: Voice) -> SoundEngine:
    return SoundEngine(voice, name="voice", setting="QUILLMATE_SPEECH", task="speaking")


async def _ignore_progress(_number: int, _count: int) -> None:
    pass


async def test_speech_made_before_a_restart_is_not_made_again() -> None:
    voice, folder, checkpoints = Voice(), Folder(), Checkpoints()
    text = "The first sentence stands here. The second stands here."

    class Killed(BaseException):
        pass

    async def die_after_first(number: int, _count: int) -> None:
        if number == 1:
            raise Killed

    sounds = SoundService(folder, SoundEngines(speech=[build_engine(voice)]))
    with pytest.raises(Killed):
        await sounds.read_aloud("7", "r1", text, "en", checkpoints, die_after_first)
    assert voice.said == ["The first sentence stands here."]
    after = SoundService(folder, SoundEngines(speech=[build_engine(voice)]))
    wave, by = await after.read_aloud("7", "r1", text, "en", checkpoints, _ignore_progress)
    assert voice.said == ["The first sentence stands here.", "The second stands here."]
    assert (wave.seconds, by) == (pytest.approx(1.35, abs=0.01), "a voice")
    folder.files.clear()
    with pytest.raises(EngineError, match="not kept any more"):
        await after.read_aloud("7", "r1", text, "en", checkpoints, _ignore_progress)


async def test_a_failing_voice_is_reported_in_one_sentence() -> None:
    voice = Voice()
    voice.breaks_at = "second"
    sounds = SoundService(Folder(), SoundEngines(speech=[build_engine(voice)]))
    with pytest.raises(EngineError, match="a voice cannot be reached"):
        await sounds.read_aloud(
            "7", "r1", "The first stands here for long. The second stands here.", "en", Checkpoints(), _ignore_progress
        )


async def test_an_oversized_text_is_refused_before_anything_is_read_aloud() -> None:
    voice = Voice()
    sounds = SoundService(Folder(), SoundEngines(speech=[build_engine(voice)]))
    with pytest.raises(RefusedError, match="20,001 characters; I can read at most 20,000 aloud"):
        await sounds.read_aloud("7", "r1", "a" * 20_001, "en", Checkpoints(), _ignore_progress)
    assert not voice.said


def test_a_text_is_read_aloud_by_a_voice_of_its_language() -> None:
    german, french = build_engine(Voice("de")), build_engine(Voice("fr"))
    assert find_speech_engine([german, french], "fr") is french
    with pytest.raises(RefusedError) as told:
        find_speech_engine([german, french], "en")
    assert str(told.value) == "There is no voice for English here. Available: Deutsch, français."
    with pytest.raises(RefusedError, match="Reading aloud is no longer available here."):
        find_speech_engine([], "en")


def test_a_voice_message_is_checked_before_it_is_accepted() -> None:
    voice, ears = AttachedFile("a.ogg", "https://x", "audio/ogg", 12.0), build_engine(Voice())
    with pytest.raises(RefusedError, match="I cannot listen to voice messages here"):
        SoundService().check_voice_message(voice, 10)
    with pytest.raises(RefusedError, match="I cannot listen to voice messages yet. Set QUILLMATE_HEARING"):
        SoundService(read_by_operator=True).check_voice_message(voice, 10)
    able = SoundService(engines=SoundEngines(hearing=[ears]))
    able.check_voice_message(voice, 10)
    with pytest.raises(RefusedError, match="too large; the limit is 10 MB"):
        able.check_voice_message(voice, 10_000_001)
    with pytest.raises(RefusedError, match="is 400 seconds long; the limit is 300"):
        able.check_voice_message(AttachedFile("a.ogg", "https://x", "audio/ogg", 400.0), 10)


def test_audio_files_are_encoded_to_fit_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    short = make_tone(1.0, 8_000)
    assert encode_file(short)[0] == "mp3"
    assert encode_file(short, lossless=True)[0] == "wav"
    monkeypatch.setattr("bot.sound.sounds._MAX_FILE_BYTES", 10_000)
    assert encode_file(short, lossless=True)[0] == "mp3"
    monkeypatch.setattr("bot.sound.sounds.encode_mp3", lambda _wave: None)
    with pytest.raises(RefusedError, match=r"larger than Discord allows.*quillmate\[voice\]"):
        encode_file(Wave(8_000, np.zeros(8_000, np.float32)))
