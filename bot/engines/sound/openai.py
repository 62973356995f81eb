"""OpenAI's audio, and any server with the same API, such as LocalAI or speaches: "openai:MODEL"."""

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
# Characters per call; OpenAI accepts 4,096 and its newer models 2,000 tokens.
_MAX_CHARACTERS = 1_500
_MAX_SECONDS = 600.0
_DEFAULT_VOICE = "alloy"
_TYPES = {
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
        SettingsError: it names no model.
    """
    return _build_provider(model, url, key, "QUILLMATE_HEARING", "openai:whisper-1")


def speaking(model: str, *, url: str, key: str, voice: str) -> OpenAIAudio:
    """Build the provider for QUILLMATE_SPEECH "openai:MODEL". Raises as `hearing`."""
    return _build_provider(model, url, key, "QUILLMATE_SPEECH", "openai:gpt-4o-mini-tts", voice)


def _build_provider(model: str, url: str, key: str, setting: str, such_as: str, voice: str = "") -> OpenAIAudio:
    if not model:
        raise SettingsError(f'{setting} is "openai"; it should be openai:MODEL, such as {such_as}.')
    if not url and not key:
        raise SettingsError(
            "QUILLMATE_SOUND_KEY is empty; set it to a key of OpenAI's, or QUILLMATE_SOUND_URL to another server's /v1."
        )
    return OpenAIAudio(model, url=url, key=key, voice=voice or _DEFAULT_VOICE)


class OpenAIAudio:
    """One model behind `/audio/transcriptions` or `/audio/speech`."""

    def __init__(self, model: str, *, url: str, key: str, voice: str) -> None:
        self._model = self.label = model
        self._voice = voice
        self._http = HttpClient(url or _URL, {"Authorization": f"Bearer {key or 'none'}"})
        self.traits = SoundTraits(streams=8, characters=_MAX_CHARACTERS)

    async def check(self) -> str:
        """Check that the server lists its models, which costs nothing."""
        await self._http.request_json("GET", "/models")
        return f"{self.label} answers"

    async def hear(self, sound: bytes, name: str, _progress: Progress) -> SpeechText:
        """Send the file unchanged."""
        kind = _TYPES.get(PurePosixPath(name).suffix.lstrip(".").lower(), "application/octet-stream")

        def form() -> dict[str, Any]:
            made = aiohttp.FormData()
            made.add_field("file", sound, filename=PurePosixPath(name).name or "voice.ogg", content_type=kind)
            made.add_field("model", self._model)
            made.add_field("response_format", "json")
            return {"data": made}

        answer = _parse_answer(await self._http.post_for_bytes("/audio/transcriptions", form))
        return SpeechText(str(answer["text"]), _parse_language(answer), _parse_tokens(answer))

    async def speak(self, text: str, language: str) -> Wave:
        """Request WAV, whose pieces can be joined."""
        body = {"model": self._model, "input": text, "voice": self._voice, "response_format": "wav"}
        made = await self._http.post_for_bytes("/audio/speech", lambda: {"json": body})
        plain = await asyncio.to_thread(read_wav, made, _MAX_SECONDS)
        return plain or await load_sound(made, most=_MAX_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _parse_answer(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpServerError(502) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise HttpServerError(502)
    return answer


def _parse_language(answer: dict[str, Any]) -> str:
    told = answer.get("language")
    return told.lower() if isinstance(told, str) and len(told) == 2 else ""


def _parse_tokens(answer: dict[str, Any]) -> Tokens | None:
    """Return the tokens that the server counted, if it counts them."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    read, written = usage.get("input_tokens"), usage.get("output_tokens")
    return Tokens(read, written) if isinstance(read, int) and isinstance(written, int) else None
