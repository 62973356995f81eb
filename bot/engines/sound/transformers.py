"""A VITS voice in this process, such as one of MMS, on a GPU if there is one: "transformers:FOLDER_OR_NAME"."""

from __future__ import annotations

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError, get_global

from bot.errors import EngineError, SettingsError
from bot.waves import Wave

from . import SoundTraits
from ._weights import LocalWeights, silence_transformers

# The memory that a text needs grows with the square of its length.
_MAX_CHARACTERS = 300
_NOT_LOADED_MESSAGE = (
    "The voice {source} cannot be loaded. QUILLMATE_SPEECH should name a folder with a model of the VITS kind, or one that this "
    "machine can download."
)
_NEEDS_ROMAN_LETTERS_MESSAGE = (
    "The voice {source} reads only Latin letters, but its language uses others, so it cannot be used here."
)
_NEEDS_PHONEMES_MESSAGE = (
    "The voice {source} reads phonemes, which need a program that is not part of Quillmate. Use one that reads letters."
)
_UNREADABLE_TEXT_MESSAGE = "{source} has no characters for this text."


def speaking(model: str, *, url: str, key: str, voice: str) -> Vits:
    """Build the provider for "transformers:FOLDER_OR_NAME".

    Raises:
        SettingsError: no folder or name follows the colon.
    """
    if not model:
        raise SettingsError('QUILLMATE_SPEECH is "transformers"; it should be transformers:FOLDER_OR_NAME.')
    return Vits(model)


class Vits(LocalWeights):
    """A voice that reads one text after the other in a thread. It is loaded at the first text."""

    def __init__(self, source: str) -> None:
        super().__init__(source, _load, lambda name: EngineError(_NOT_LOADED_MESSAGE, source=name))
        language = _detect_language(Path(source).expanduser(), source)
        self.traits = SoundTraits(languages=frozenset({language}) if language else None, characters=_MAX_CHARACTERS)

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text aloud; the same text always sounds the same.

        Raises:
            EngineError: the voice cannot be loaded, or has no tokens for the text.
        """
        model, tokenizer = await self.load_model()
        wave = await asyncio.to_thread(_synthesise, model, tokenizer, text)
        if wave is None:
            raise EngineError(_UNREADABLE_TEXT_MESSAGE, source=self.label)
        return wave


def _detect_language(folder: Path, source: str) -> str:
    """Return the language of a voice (ISO 639-1), from its tokenizer's configuration or the end of its name ("mms-tts-deu"); empty
    if neither names one.
    """
    try:
        configured = json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("language")
    except (OSError, ValueError, AttributeError):
        configured = None
    code = str(configured or source.rstrip("/").rpartition("-")[2]).lower()
    try:
        language = Locale.parse(get_global("language_aliases").get(code, code)).language
    except (ValueError, UnknownLocaleError):
        return ""
    return language if len(language) == 2 else ""


def _load(source: str) -> tuple[Any, Any]:
    import torch
    from transformers import VitsModel, VitsTokenizer

    silence_transformers()
    is_local = Path(source).is_dir()
    tokenizer = VitsTokenizer.from_pretrained(source, local_files_only=is_local)
    if tokenizer.is_uroman:
        raise EngineError(_NEEDS_ROMAN_LETTERS_MESSAGE, source=source)
    if tokenizer.phonemize and find_spec("phonemizer") is None:
        raise EngineError(_NEEDS_PHONEMES_MESSAGE, source=source)
    model = VitsModel.from_pretrained(source, local_files_only=is_local).eval()
    return model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer


def _synthesise(model: Any, tokenizer: Any, text: str) -> Wave | None:
    """Return the sound of a text; None if the tokenizer has no tokens for it. Blocks."""
    import numpy as np
    import torch

    tokens = tokenizer(text, return_tensors="pt").to(model.device)
    if tokens["input_ids"].shape[-1] < 2:
        return None
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(0)
        samples = model(**tokens).waveform[0].float().cpu().numpy()
    return Wave(int(model.config.sampling_rate), np.ascontiguousarray(samples, np.float32))
