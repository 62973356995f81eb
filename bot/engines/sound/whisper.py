"""whisper.cpp in this process: "whisper" for the best installed model of the catalogue, "whisper:NAME" or
"whisper:FILE".
"""

from __future__ import annotations

import asyncio
import atexit
import re
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.models import find_hearing_model, load_hearing_models
from bot.waves import Wave
from bot.waves.apart import load_sound

from . import Progress, SoundTraits, SpeechText

# The sample rate that whisper needs.
SAMPLE_RATE = 16_000
_MAX_SECONDS = 600.0
# whisper.cpp's log level of errors.
_ERROR_LEVEL = 4
# Seconds that it transcribes in one window.
_MAX_CHUNK_SECONDS = 29.0
# What it writes for sounds other than speech: "(music)", "*laughs*".
_NON_SPEECH = re.compile(r"\([^()]{0,40}\)|\*[^*]{0,40}\*")
_MISSING = "Hearing in-process needs other packages. Run: pip install 'quillmate[voice]'"
_NO_FILE = "There is no model file {path}. QUILLMATE_HEARING should name a file of whisper.cpp's, or one of {names}."
_NO_MODEL = "The model {path} cannot be loaded. It should be a file of whisper.cpp's."


def hearing(model: str, *, url: str, key: str, models: Path) -> Whisper:
    """Build the provider for "whisper", "whisper:NAME" and "whisper:FILE"."""
    return Whisper(model.strip(), models)


class Whisper:
    """A model that transcribes one message after the other, off the event loop. Loaded at the first message."""

    def __init__(self, model: str, models: Path) -> None:
        self._wanted, self._models = model, models
        self.label = f"whisper.cpp{f' ({Path(model).name})' if model else ''}"
        self.traits = SoundTraits()
        self._model: Any = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the packages are installed and the model loads."""
        await self._load_model()
        return f"{self.label} is loaded"

    async def hear(self, sound: bytes, name: str, progress: Progress) -> SpeechText:
        """Transcribe a sound file; when cancelled, the thread stops at its next step."""
        model, given_up = await self._load_model(), threading.Event()
        wave = await load_sound(sound, most=_MAX_SECONDS, rate=SAMPLE_RATE)
        try:
            return await asyncio.to_thread(_transcribe, model, wave, given_up, progress)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def close(self) -> None:
        """Release the weights."""
        self._model = None

    async def _load_model(self) -> Any:
        async with self._loading:
            if self._model is None:
                if find_spec("pywhispercpp") is None or find_spec("soundfile") is None:
                    raise EngineError(_MISSING)
                self._model = await asyncio.to_thread(_open_model, self._find_file())
            return self._model

    def _find_file(self) -> Path:
        """Return the model's file.

        Raises:
            EngineError: it is not here.
        """
        named = find_hearing_model(self._wanted)
        if not self._wanted or named is not None:
            files = (self._models / one.file for one in ([named] if named else [*reversed(load_hearing_models())]))
            if (found := next(filter(Path.is_file, files), None)) is not None:
                return found
            name = (named or next(one for one in load_hearing_models() if one.default)).name
            raise EngineError("No model that hears is here. Run: quillmate model get {name}", name=name)
        path = Path(self._wanted).expanduser()
        if not path.is_file():
            raise EngineError(_NO_FILE, path=str(path), names=", ".join(one.name for one in load_hearing_models()))
        return path


def _open_model(path: Path) -> Any:
    from _pywhispercpp import whisper_log_set
    from pywhispercpp.model import Model

    from bot.engines.embedded import count_threads

    told = list[str]()
    # Keep its log from standard error, and unregister our callback before the interpreter exits.
    whisper_log_set(lambda level, text: told.append(text) if level >= _ERROR_LEVEL else None)
    atexit.register(whisper_log_set, None)
    model = Model(
        str(path),
        redirect_whispercpp_logs_to=False,
        n_threads=count_threads(),
        print_progress=False,
        print_realtime=False,
    )
    # A failed load raises no error and returns an unusable model.
    if any("failed to" in one for one in told):
        raise EngineError(_NO_MODEL, path=str(path))
    whisper_log_set(lambda *_: None)
    return model


def _transcribe(model: Any, wave: Wave, given_up: threading.Event, progress: Progress) -> SpeechText:
    from _pywhispercpp import whisper_full_lang_id, whisper_lang_str

    # Timestamps tell it where to continue in sounds longer than one window.
    whole = wave.seconds < _MAX_CHUNK_SECONDS
    pieces = model.transcribe(
        wave.samples,
        new_segment_callback=lambda piece: progress(piece.t1 / 100 / wave.seconds),
        abort_callback=given_up.is_set,
        no_timestamps=whole,
    )
    text = " ".join(_NON_SPEECH.sub(" ", " ".join(one.text for one in pieces)).split())
    return SpeechText(text, str(whisper_lang_str(whisper_full_lang_id(model._ctx))) if text else "")
