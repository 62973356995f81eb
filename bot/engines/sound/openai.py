"""The audio API of OpenAI, or of another server such as LocalAI or speaches: "openai:MODEL"."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path, PurePosixPath
from typing import Any

import aiohttp

from bot.engines._http import HttpClient, HttpServerError
from bot.engines.spending import Tokens
from bot.errors import SettingsError
from bot.waves import Wave, read_wav
from bot.waves.apart import load_sound

from . import Progress, SoundTraits, SpeechText

_URL = "https://api.openai.com/v1"
# OpenAI's older models accept 4,096 characters per call, newer ones 2,000 tokens.
_MAX_CHARACTERS = 1_500
_MAX_SECONDS = 600.0
_DEFAULT_VOICE = "alloy"
_MEDIA_TYPES = {
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
    "flac": "audio/flac",
}


def hearing(model: str, *, url: str, key: str, models: Path) -> OpenAIAudio:
    """Build the provider for QUILLMATE_HEARING "openai:MODEL".

    Raises:
        SettingsError: the model is missing, or both the key and a server's URL are.
    """
    return _build_provider(model, url, key, "QUILLMATE_HEARING", "openai:whisper-1")


def speaking(model: str, *, url: str, key: str, voice: str) -> OpenAIAudio:
    """Build the provider for QUILLMATE_SPEECH "openai:MODEL". Raises as `hearing`."""
    return _build_provider(model, url, key, "QUILLMATE_SPEECH", "openai:gpt-4o-mini-tts", voice)


def _build_provider(model: str, url: str, key: str, setting: str, example: str, voice: str = "") -> OpenAIAudio:
    if not model:
        raise SettingsError(f'{setting} is "openai"; it should be openai:MODEL, such as {example}.')
    if not url and not key:
        raise SettingsError(
            "QUILLMATE_SOUND_KEY is empty; set it to a key of OpenAI's, or QUILLMATE_SOUND_URL to another server's /v1."
        )
    return OpenAIAudio(model, url=url, key=key, voice=voice or _DEFAULT_VOICE)


class OpenAIAudio:
    """A model behind `/audio/transcriptions` or `/audio/speech`."""

    def __init__(self, model: str, *, url: str, key: str, voice: str) -> None:
        self._model = self.label = model
        self._voice = voice
        self._http = HttpClient(url or _URL, {"Authorization": f"Bearer {key or 'none'}"})
        self.traits = SoundTraits(streams=8, characters=_MAX_CHARACTERS)

    async def check(self) -> str:
        """Check that the server lists its models, which costs nothing, and return a short status."""
        await self._http.request_json("GET", "/models")
        return f"{self.label} answers"

    async def hear(self, sound: bytes, name: str, _progress: Progress) -> SpeechText:
        """Transcribe a sound file, which is sent unchanged."""
        path = PurePosixPath(name)
        media_type = _MEDIA_TYPES.get(path.suffix.lstrip(".").lower(), "application/octet-stream")

        def build_arguments() -> dict[str, Any]:
            form = aiohttp.FormData()
            form.add_field("file", sound, filename=path.name or "voice.ogg", content_type=media_type)
            form.add_field("model", self._model)
            form.add_field("response_format", "json")
            return {"data": form}

        answer = _parse_answer(await self._http.post_for_bytes("/audio/transcriptions", build_arguments))
        return SpeechText(str(answer["text"]), _parse_language(answer), _parse_tokens(answer))

    async def speak(self, text: str, language: str) -> Wave:
        """Read a text aloud. WAV is requested, as its pieces can be joined; other formats are decoded."""
        body = {"model": self._model, "input": text, "voice": self._voice, "response_format": "wav"}
        sound = await self._http.post_for_bytes("/audio/speech", lambda: {"json": body})
        wave = await asyncio.to_thread(read_wav, sound, _MAX_SECONDS)
        return wave or await load_sound(sound, most=_MAX_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _parse_answer(body: bytes) -> dict[str, Any]:
    """Return the answer to a transcription, which has a `text`.

    Raises:
        HttpServerError: the body is not such an answer (502).
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpServerError(502) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise HttpServerError(502)
    return answer


def _parse_language(answer: dict[str, Any]) -> str:
    language = answer.get("language")
    return language.lower() if isinstance(language, str) and len(language) == 2 else ""


def _parse_tokens(answer: dict[str, Any]) -> Tokens | None:
    """Return the tokens that the server reports; None if it does not."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    input_tokens, output_tokens = usage.get("input_tokens"), usage.get("output_tokens")
    if not isinstance(input_tokens, int) or not isinstance(output_tokens, int):
        return None
    return Tokens(input_tokens, output_tokens)
