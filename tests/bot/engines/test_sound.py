"""Sound engines, with a server on loopback that speaks OpenAI's protocol, and tiny models that the tests write."""

from __future__ import annotations

import asyncio
import io
import wave as wav
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from image_servers import serve_images
from sounds import SAID, Audio, make_tone, make_voice_message, write_music_model, write_voice_model, write_whisper_file
from tracing_control import disable_tracing
from virtual_time import run_in_virtual_time

from bot.engines.sound import Progress, SoundEngine, SoundTraits, build_hearing, build_music, build_speech
from bot.engines.spending import track_spending
from bot.errors import EngineError, FileError, SettingsError
from bot.sound.sounds import read_aloud_directly
from bot.waves import Wave, encode_mp3, encode_wav, join_waves, read_sound, resample
from bot.waves.apart import load_sound

NOWHERE = Path("/nowhere")
EngineStarter = Callable[..., Awaitable[SoundEngine]]


@pytest_asyncio.fixture
async def start_engine() -> AsyncIterator[EngineStarter]:
    """Yield a function that starts a server and returns an engine that transcribes or reads aloud with it."""
    async with AsyncExitStack() as stack:

        async def begin(server: Audio, does: str = "hear", *, timeout: float = 60) -> SoundEngine:
            url = await stack.enter_async_context(serve_images(server)) + "/v1/"
            if does == "hear":
                engine = build_hearing("openai:whisper-1", url=url, key="k1", models=NOWHERE, timeout=timeout)
            else:
                [engine] = build_speech(["openai:tts-1"], url=url, key="k1", voice="coral", timeout=timeout)
            return await stack.enter_async_context(engine)

        yield begin


def measure_pitch(wave: Wave) -> float:
    spectrum = np.abs(np.fft.rfft(wave.samples))
    return float(np.fft.rfftfreq(len(wave.samples), 1 / wave.rate)[spectrum.argmax()])


async def test_a_server_transcribes_what_it_is_sent(start_engine: EngineStarter) -> None:
    server, sound = Audio(), make_voice_message()
    engine = await start_engine(server)
    with track_spending() as cost:
        heard = await engine.hear(sound, "voice-message.ogg", 1.0)
        server.usage = None
        await engine.hear(sound, "voice-message.ogg", 30.0)
    assert heard.text == SAID
    assert server.asked[0] == {"model": "whisper-1", "name": "voice-message.ogg", "type": "audio/ogg", "body": sound}
    assert server.keys == ["Bearer k1"] * 2
    # First as the server has counted, then by the seconds and the characters.
    counted = cost.to_json()["openai:whisper-1"]
    assert (counted["read"], counted["written"], counted["estimated"]) == (14 + 300, 11 + 12, 312)
    assert await engine.check() == "whisper-1 answers"


async def test_a_server_speaks_and_the_pieces_are_joined(start_engine: EngineStarter) -> None:
    server = Audio()
    engine = await start_engine(server, "speak")
    told: list[float] = []
    text = "We close on Monday. " * 200
    with track_spending() as cost:
        wave = await read_aloud_directly(engine, text, "en", told.append)
    assert [len(request["input"]) <= 1500 for request in server.asked] == [True] * 3
    assert {request["voice"] for request in server.asked} == {"coral"}
    assert all(request["input"].endswith("Monday.") for request in server.asked), "pieces end where sentences do"
    assert wave.seconds == pytest.approx(sum(len(request["input"]) / 100 for request in server.asked) + 0.7, abs=0.1)
    assert told == [0, 1 / 3, 2 / 3]
    assert cost.to_json()["openai:tts-1"]["read"] == pytest.approx(1000, abs=5)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "QUILLMATE_SOUND_KEY"),
        (404, "QUILLMATE_HEARING, QUILLMATE_SOUND_URL"),
        (500, "whisper-1 could not transcribe that."),
        (429, "whisper-1 is too busy right now."),
    ],
)
async def test_a_failure_is_reported_in_one_sentence(status: int, sentence: str, start_engine: EngineStarter) -> None:
    server = Audio()
    server.status = status
    engine = await start_engine(server)
    with pytest.raises(EngineError) as told:
        await engine.hear(make_voice_message(), "a.ogg")
    assert sentence in str(told.value)


async def test_a_busy_server_is_retried_and_a_hanging_one_abandoned(start_engine: EngineStarter) -> None:
    server = Audio()
    server.status = 503
    asked = asyncio.create_task((await start_engine(server)).hear(make_voice_message(), "a.ogg"))
    while not server.keys:
        await asyncio.sleep(0.001)
    server.status = 200
    assert (await asked).text == SAID
    server.hangs.clear()
    with pytest.raises(EngineError, match="did not finish within 1 seconds"):
        await (await start_engine(server, timeout=0.6)).hear(make_voice_message(), "a.ogg")


async def test_an_unreachable_server_and_nonsense_are_reported(start_engine: EngineStarter) -> None:
    async with build_hearing("openai:whisper-1", url="http://127.0.0.1:9/v1", models=NOWHERE, timeout=1) as engine:
        with pytest.raises(EngineError, match="cannot be reached"):
            await engine.hear(b"x", "a.ogg")
    server = Audio()
    server.text = None  # type: ignore[assignment]
    with pytest.raises(EngineError, match="could not transcribe that. Try again in a moment."):
        await (await start_engine(server)).hear(b"x", "a.ogg")


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (
            lambda: build_hearing("ears", models=NOWHERE),
            'QUILLMATE_HEARING is "ears"; it should begin with openai or whisper.',
        ),
        (lambda: build_hearing("openai", models=NOWHERE), "it should be openai:MODEL, such as openai:whisper-1."),
        (lambda: build_hearing("openai:a", models=NOWHERE), "QUILLMATE_SOUND_KEY is empty"),
        (lambda: build_speech(["musicgen:x"]), "it should begin with openai or transformers."),
        (lambda: build_speech(["transformers"]), "it should be transformers:FOLDER_OR_NAME."),
        (lambda: build_music("musicgen"), "it should be musicgen:FOLDER_OR_NAME."),
    ],
)
def test_an_invalid_setting_is_reported(build: Callable[[], object], sentence: str) -> None:
    with pytest.raises(SettingsError) as told:
        build()
    assert sentence in str(told.value)


@pytest.fixture(scope="module")
def whisper_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with disable_tracing():
        return write_whisper_file(tmp_path_factory.mktemp("models") / "ggml-tiny.bin", ["close", "on", "Monday"])


async def test_local_whisper_transcribes(whisper_model: Path) -> None:
    """whisper.cpp itself, with weights that transcribe every sound alike, configured by file and as an installed model."""
    async with build_hearing(f"whisper:{whisper_model}", models=NOWHERE) as engine:
        assert await engine.check() == "whisper.cpp (ggml-tiny.bin) is loaded"
        heard = await engine.hear(make_voice_message(), "voice-message.ogg")
        assert (heard.text, heard.language) == ("close on Monday", "en")
        with pytest.raises(FileError, match="no sound that I can read"):
            await engine.hear(b"not a sound", "a.ogg")
    for name in ("whisper", "whisper:tiny", "whisper:whisper-tiny"):
        assert await build_hearing(name, models=whisper_model.parent).check()


async def test_whisper_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    for name, sentence in (
        ("whisper", "Run: quillmate model get whisper-small"),
        ("whisper:base", "Run: quillmate model get whisper-base"),
        ("whisper:/none.bin", "There is no model file /none.bin."),
    ):
        with pytest.raises(EngineError) as told:
            await build_hearing(name, models=tmp_path).check()
        assert sentence in str(told.value)
    torn = tmp_path / "torn.bin"
    torn.write_bytes(b"lmgg" + bytes(100))
    with pytest.raises(EngineError, match="cannot be loaded"):
        await build_hearing(f"whisper:{torn}", models=tmp_path).check()


async def test_a_local_voice_speaks_its_own_language(tmp_path: Path) -> None:
    with disable_tracing():
        folder = write_voice_model(tmp_path / "voice", "deu")
    [engine] = build_speech([f"transformers:{folder}"])
    async with engine:
        assert engine.traits.languages == {"de"}
        assert await engine.check() == "voice, in-process is loaded"
        first, second = await engine.speak("Wir haben zu.", "de"), await engine.speak("Wir haben zu.", "de")
        assert first.rate == 4000
        assert first.seconds > 0.05
        assert np.array_equal(first.samples, second.samples)
    [named] = build_speech(["transformers:facebook/mms-tts-fra"])
    assert named.traits.languages == {"fr"}
    [missing] = build_speech([f"transformers:{tmp_path}"])
    with pytest.raises(EngineError, match="The voice .* cannot be loaded"):
        await missing.speak("a", "en")


async def test_music_is_made_locally_and_can_be_cancelled(tmp_path: Path) -> None:
    with disable_tracing():
        folder = write_music_model(tmp_path / "music")
    engine, far = build_music(f"musicgen:{folder}"), list[float]()
    async with engine:
        assert await engine.check() == "music, in-process is loaded"
        with disable_tracing():
            wave = await engine.compose("calm piano, 80 bpm", 2, 7, far.append)
            again = await engine.compose("calm piano, 80 bpm", 2, 7, far.append)
            other = await engine.compose("calm piano, 80 bpm", 1, 8, far.append)
        assert wave.seconds == pytest.approx(2, abs=0.2)
        assert other.seconds == pytest.approx(1, abs=0.2)
        assert np.array_equal(wave.samples, again.samples)
        assert far[:10] == [step / 10 for step in range(1, 11)]
        far.clear()
        long = asyncio.create_task(engine.compose("calm piano", 30, 1, far.append))
        while not far:
            await asyncio.sleep(0.005)
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        await asyncio.sleep(0.1)
        steps = len(far)
        await asyncio.sleep(0.1)
        assert len(far) == steps < 100, "the thread has stopped"


class Player:
    """Composes for longer than the engine's time limit; if it `stands`, without reporting progress."""

    label, traits = "a player", SoundTraits()

    def __init__(self, *, stands: bool) -> None:
        self._stands = stands

    async def compose(self, words: str, seconds: int, seed: int, progress: Progress) -> Wave:
        for step in range(8):
            await asyncio.sleep(0.1)
            if not self._stands:
                progress(step / 8)
        return make_tone(1)


@run_in_virtual_time
async def test_progressing_music_is_waited_for_and_stalled_music_is_not() -> None:
    def build_engine(player: Player) -> SoundEngine:
        return SoundEngine(player, name="x", setting="QUILLMATE_MUSIC", task="composing", timeout=0.4)

    assert (await build_engine(Player(stands=False)).compose("calm", 1, 1, lambda _: None)).seconds == 1
    with pytest.raises(EngineError, match="a player did not finish within 0 seconds"):
        await build_engine(Player(stands=True)).compose("calm", 1, 1, lambda _: None)


def test_encoded_files_are_readable_by_others() -> None:
    tune = make_tone(1.0, 24_000)
    with wav.open(io.BytesIO(encode_wav(tune))) as opened:
        assert (opened.getframerate(), opened.getnchannels(), opened.getnframes()) == (24_000, 1, 24_000)
    compressed = encode_mp3(tune)
    assert compressed is not None
    assert len(compressed) < len(encode_wav(tune)) / 3
    with soundfile.SoundFile(io.BytesIO(compressed)) as file:
        assert (file.format, file.samplerate) == ("MP3", 24_000)
        assert file.frames / file.samplerate == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("body", [encode_wav(make_tone(1.0, 48_000)), make_voice_message(1.0)], ids=["wav", "ogg"])
def test_sound_keeps_its_pitch_when_resampled(body: bytes) -> None:
    wave = resample(read_sound(body, most=5), 16_000)
    assert (wave.rate, wave.seconds) == (16_000, pytest.approx(1, abs=0.02))
    assert measure_pitch(wave) == pytest.approx(440, abs=2)
    assert np.abs(wave.samples).max() == pytest.approx(0.3, abs=0.05)


def test_resampling_causes_no_aliasing() -> None:
    samples = resample(make_tone(0.5, 48_000, 9_000), 16_000).samples
    assert np.abs(samples[50:-50]).max() < 0.02


def test_pieces_are_joined_with_pauses() -> None:
    wave = join_waves([make_tone(0.5), make_tone(0.5, 8_000)])
    assert wave.seconds == pytest.approx(1.35, abs=0.01)
    assert not wave.samples[8_100:13_500].any()


@pytest.mark.parametrize(
    "body", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", b"OggS" + bytes(50), b"ID3" + bytes(90), encode_wav(make_tone(0.0))]
)
def test_a_file_without_sound_is_reported(body: bytes) -> None:
    with pytest.raises(FileError, match="no sound that I can read"):
        read_sound(body, most=5)


@pytest.mark.parametrize("body", [encode_wav(make_tone(2.0)), make_voice_message(2.0)], ids=["wav", "ogg"])
def test_sound_beyond_the_limit_is_not_read_to_its_end(body: bytes) -> None:
    with pytest.raises(FileError, match="is longer than 1 seconds"):
        read_sound(body, most=1)


async def test_an_uploaded_file_is_read_in_a_separate_process() -> None:
    wave = await load_sound(make_voice_message(1.0), most=5, rate=16_000)
    assert (wave.rate, wave.seconds) == (16_000, pytest.approx(1, abs=0.02))
    assert measure_pitch(wave) == pytest.approx(440, abs=2)
    with pytest.raises(FileError, match="is longer than 1 seconds"):
        await load_sound(make_voice_message(2.0), most=1)
