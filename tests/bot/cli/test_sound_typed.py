"""Tests of `quillmate hear`, `speak` and `play`, and of their checks by `doctor`."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from image_servers import serve_in_thread
from sounds import SAID, Audio, make_tone, make_voice_message

from bot.engines.sound import SoundEngine, SoundEngines, SoundTraits
from bot.waves import Wave

Run = Callable[..., Any]


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Audio]:
    server = Audio()
    with serve_in_thread(server) as url:
        monkeypatch.setenv("QUILLMATE_SOUND_URL", f"{url}/v1")
        monkeypatch.setenv("QUILLMATE_HEARING", "openai:whisper-1")
        monkeypatch.setenv("QUILLMATE_SPEECH", "openai:tts-1")
        yield server


def test_voice_message_is_transcribed_and_letter_read_aloud(run: Run, audio: Audio, tmp_path: Path) -> None:
    message, letter = tmp_path / "voice-message.ogg", tmp_path / "letter.md"
    message.write_bytes(make_voice_message())
    assert run("hear", str(message)).stdout == f"{SAID}\n"
    letter.write_text("# To all\n\nWe **close** on Monday. 🥐", "utf-8")
    spoken = run("speak", str(letter), str(tmp_path / "letter.wav"))
    assert audio.asked[-1]["input"] == "To all.\nWe close on Monday."
    with wave.open(str(tmp_path / "letter.wav")) as opened:
        assert f"{opened.getnframes() / opened.getframerate():.1f} s" in spoken.stdout
    run("speak", str(letter), str(tmp_path / "letter.mp3"))
    assert soundfile.info(tmp_path / "letter.mp3").format == "MP3"


def test_doctor_checks_hearing_and_speech(run: Run, audio: Audio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_MUSIC", "musicgen:/nowhere")
    shown = run("doctor", "--offline").stdout
    assert "✓ Hearing: whisper-1 answers\n✓ Speech: tts-1 answers\n✗ Music: musicgen:/nowhere\n" in shown
    assert "→ The model /nowhere cannot be loaded." in shown
    monkeypatch.setenv("QUILLMATE_HEARING", "whisper")
    assert (
        "→ No transcription model is installed. Run: quillmate model get whisper-small"
        in run("doctor", "--offline").stdout
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("hear", "a.ogg"), "QUILLMATE_HEARING is empty"),
        (("speak", "a.md", "a.wav"), "QUILLMATE_SPEECH is empty"),
        (("speak", "a.md", "a.flac"), "should end in .wav or .mp3"),
        (("play", "calm piano", "a.wav"), "QUILLMATE_MUSIC is empty"),
    ],
)
def test_missing_settings_are_reported(run: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in str(result.exception)


def test_music_is_written_to_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tune:
        label, traits = "a tune", SoundTraits()

        async def compose(self, words: str, seconds: int, seed: int, progress: Callable[[float], None]) -> Wave:
            assert (words, seed) == ("calm piano", 4)
            return make_tone(seconds)

        async def close(self) -> None:
            pass

    engine = SoundEngine(Tune(), name="x", setting="QUILLMATE_MUSIC", task="composing")
    monkeypatch.setattr("bot.cli.sound.build_sound_engines", lambda _settings: SoundEngines(music=[engine]))
    out = tmp_path / "out.wav"
    assert run("play", "calm piano", str(out), "--seconds", "3", "--seed", "4").stdout == f"{out}: 3.0 s\n"
    with wave.open(str(out)) as opened:
        assert opened.getnframes() == 3 * opened.getframerate()
