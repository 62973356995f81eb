"""whisper.cpp in this process: "whisper" for the best installed model of the catalogue, "whisper:NAME" or "whisper:FILE"."""

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

# In hertz, as Whisper models need it.
SAMPLE_RATE = 16_000
_MAX_SECONDS = 600.0
# whisper.cpp's log level of errors.
_ERROR_LEVEL = 4
# Longer sounds are transcribed in several windows.
_MAX_WINDOW_SECONDS = 29.0
# What it writes for other sounds than speech: "(music)", "*laughs*".
_NON_SPEECH = re.compile(r"\([^()]{0,40}\)|\*[^*]{0,40}\*")
_MISSING_PACKAGES_MESSAGE = "Hearing in-process needs other packages. Run: pip install 'quillmate[voice]'"
_MISSING_FILE_MESSAGE = (
    "There is no model file {path}. QUILLMATE_HEARING should name a file of whisper.cpp's, or one of {names}."
)
_NOT_LOADED_MESSAGE = "The model {path} cannot be loaded. It should be a file of whisper.cpp's."


def hearing(model: str, *, url: str, key: str, models: Path) -> Whisper:
    """Build the provider for "whisper", "whisper:NAME" and "whisper:FILE"."""
    return Whisper(model.strip(), models)


class Whisper:
    """A model that transcribes one sound after the other in a thread. It is loaded at the first sound."""

    def __init__(self, model: str, models: Path) -> None:
        self._model_name, self._model_folder = model, models
        self.label = f"whisper.cpp{f' ({Path(model).name})' if model else ''}"
        self.traits = SoundTraits()
        self._model: Any = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the packages are installed and the model can be loaded, and return a short status."""
        await self._load_model()
        return f"{self.label} is loaded"

    async def hear(self, sound: bytes, name: str, progress: Progress) -> SpeechText:
        """Transcribe a sound file. If cancelled, the thread stops at its next step."""
        model, cancel = await self._load_model(), threading.Event()
        wave = await load_sound(sound, most=_MAX_SECONDS, rate=SAMPLE_RATE)
        try:
            return await asyncio.to_thread(_transcribe, model, wave, cancel, progress)
        except asyncio.CancelledError:
            cancel.set()
            raise

    async def close(self) -> None:
        """Release the weights."""
        self._model = None

    async def _load_model(self) -> Any:
        async with self._loading:
            if self._model is None:
                if find_spec("pywhispercpp") is None or find_spec("soundfile") is None:
                    raise EngineError(_MISSING_PACKAGES_MESSAGE)
                self._model = await asyncio.to_thread(_open_model, self._find_file())
            return self._model

    def _find_file(self) -> Path:
        """Return the file of the configured model, or without one that of the best installed model.

        Raises:
            EngineError: there is no such file.
        """
        catalogue = load_hearing_models()
        configured_model = find_hearing_model(self._model_name)
        if not self._model_name or configured_model is not None:
            # The catalogue's best model is its last.
            candidates = [configured_model] if configured_model else [*reversed(catalogue)]
            files = (self._model_folder / candidate.file for candidate in candidates)
            if (file := next(filter(Path.is_file, files), None)) is not None:
                return file
            name = (configured_model or next(model for model in catalogue if model.default)).name
            raise EngineError("No transcription model is installed. Run: quillmate model get {name}", name=name)
        path = Path(self._model_name).expanduser()
        if not path.is_file():
            raise EngineError(_MISSING_FILE_MESSAGE, path=str(path), names=", ".join(model.name for model in catalogue))
        return path


def _open_model(path: Path) -> Any:
    from _pywhispercpp import whisper_log_set
    from pywhispercpp.model import Model

    from bot.engines.embedded import count_threads

    errors = list[str]()
    # Keep the log from standard error, and unregister the callback before the interpreter exits.
    whisper_log_set(lambda level, text: errors.append(text) if level >= _ERROR_LEVEL else None)
    atexit.register(whisper_log_set, None)
    model = Model(
        str(path),
        redirect_whispercpp_logs_to=False,
        n_threads=count_threads(),
        print_progress=False,
        print_realtime=False,
    )
    # Loading does not raise errors, but returns an unusable model.
    if any("failed to" in error for error in errors):
        raise EngineError(_NOT_LOADED_MESSAGE, path=str(path))
    whisper_log_set(lambda *_: None)
    return model


def _transcribe(model: Any, wave: Wave, cancel: threading.Event, progress: Progress) -> SpeechText:
    """Return the text and language of a sound. Blocks."""
    from _pywhispercpp import whisper_full_lang_id, whisper_lang_str

    segments = model.transcribe(
        wave.samples,
        # The end of a segment is in hundredths of a second.
        new_segment_callback=lambda segment: progress(segment.t1 / 100 / wave.seconds),
        abort_callback=cancel.is_set,
        # It needs timestamps to know where the next window begins.
        no_timestamps=wave.seconds < _MAX_WINDOW_SECONDS,
    )
    text = " ".join(_NON_SPEECH.sub(" ", " ".join(segment.text for segment in segments)).split())
    return SpeechText(text, str(whisper_lang_str(whisper_full_lang_id(model._ctx))) if text else "")
