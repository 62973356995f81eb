"""`quillmate hear`, `speak` and `play`: the sound engines, without Discord."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.checks.language import identify_language
from bot.configured_engines import build_sound_engines
from bot.errors import FileError, SettingsError
from bot.runtime.files import read_file, write_file
from bot.settings import Settings
from bot.sound.aloud import MAX_READ_ALOUD_CHARACTERS, extract_speakable_text
from bot.sound.sounds import MAX_VOICE_BYTES, TEXT_TOO_LONG, find_speech_engine, read_aloud_directly
from bot.waves import Wave, encode_mp3, encode_wav

_EXTENSIONS = (".wav", ".mp3")


async def hear_file(settings: Settings, file: Path) -> None:
    """Print the transcript of a file.

    Raises:
        QuillmateError: the file or the engine cannot be used.
    """
    engines = build_sound_engines(settings)
    if not engines.hearing:
        raise SettingsError("QUILLMATE_HEARING is empty; set it to whisper, or to openai:MODEL.")
    body = _read(file)
    async with engines.hearing[0] as engine:
        print((await engine.hear(body, file.name)).text)


async def speak_file(settings: Settings, file: Path, out: Path, language: str) -> None:
    """Convert a text file to speech and write it to an audio file. Raises the same errors as `hear_file`."""
    _check_extension(out)
    engines = build_sound_engines(settings)
    if not engines.speech:
        raise SettingsError("QUILLMATE_SPEECH is empty; set it to openai:MODEL, or to transformers:FOLDER.")
    text = _read(file).decode("utf-8-sig", "replace")
    if len(text) > MAX_READ_ALOUD_CHARACTERS:
        raise FileError(TEXT_TOO_LONG, count=len(text), most=MAX_READ_ALOUD_CHARACTERS)
    text = extract_speakable_text(text)
    if not text:
        raise FileError(f"There are no words to read in {file}.")
    language = language or identify_language(text) or "en"
    try:
        wave = await read_aloud_directly(find_speech_engine(engines.speech, language), text, language, _show_progress)
        _write(out, wave)
    finally:
        for engine in engines.speech:
            await engine.__aexit__()


async def compose_music(settings: Settings, prompt: str, out: Path, *, seconds: int, seed: int) -> None:
    """Compose music from a prompt and write it to an audio file. Raises the same errors as `hear_file`."""
    _check_extension(out)
    engines = build_sound_engines(settings)
    if not engines.music:
        raise SettingsError("QUILLMATE_MUSIC is empty; set it to musicgen:FOLDER_OR_NAME.")
    async with engines.music[0] as engine:
        _write(out, await engine.compose(prompt, seconds, seed, _show_progress))


def _show_progress(fraction: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:.0%} ", end="", file=sys.stderr, flush=True)


def _check_extension(out: Path) -> None:
    if out.suffix.lower() not in _EXTENSIONS:
        raise FileError(f"{out} should end in .wav or .mp3.")


def _read(file: Path) -> bytes:
    body = read_file(file, MAX_VOICE_BYTES + 1)
    if len(body) > MAX_VOICE_BYTES:
        raise FileError(f"{file} is larger than {MAX_VOICE_BYTES // 1_000_000} MB.")
    return body


def _write(out: Path, wave: Wave) -> None:
    body = encode_mp3(wave) if out.suffix.lower() == ".mp3" else encode_wav(wave)
    if body is None:
        raise FileError("Writing .mp3 needs another package. Run: pip install 'quillmate[voice]'")
    write_file(out, body)
    print(f"{out}: {wave.seconds:.1f} s")
