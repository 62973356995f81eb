"""OpenAI's images, and any server with the same API, such as LocalAI: "openai:MODEL"."""

from __future__ import annotations

from typing import Any

from bot.engines._http import Http, ServerError, decoded
from bot.errors import SettingsError

from . import Declined, ImageTraits, Picture, dialect_of

_URL = "https://api.openai.com/v1"
# The sizes that OpenAI's own models draw; others draw what they are asked for.
_SIZES = {
    "gpt-image": ((1024, 1024), (1536, 1024), (1024, 1536)),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "dall-e-2": ((1024, 1024),),
}
_DECLINED = ("content_policy", "moderation", "safety")


def provider(model: str, *, url: str, key: str) -> OpenAIImages:
    """The provider for "openai:MODEL".

    Raises:
        SettingsError: it names no model.
    """
    if not model:
        raise SettingsError('QUILLMATE_IMAGES is "openai"; it should be openai:MODEL, such as openai:gpt-image-1.')
    if not url and not key:
        raise SettingsError(
            "QUILLMATE_IMAGES_KEY is empty; set it to a key of OpenAI's, or QUILLMATE_IMAGES_URL to another server's /v1."
        )
    return OpenAIImages(model, url=url, key=key)


class OpenAIImages:
    """One model behind `/images/generations`."""

    def __init__(self, model: str, *, url: str, key: str) -> None:
        self._model = self.label = model
        self._http = Http(url or _URL, {"Authorization": f"Bearer {key or 'none'}"})
        self._sizes = next((sizes for name, sizes in _SIZES.items() if model.startswith(name)), ())
        self.traits = ImageTraits(dialect_of(model, "flux"), streams=8)

    async def check(self) -> str:
        """Whether the server lists its models, which costs nothing."""
        await self._http.json("GET", "/models")
        return f"{self.label} answers"

    async def make(self, picture: Picture) -> bytes:
        """Asks for one picture, which comes as base64 or as an address."""
        status, answer = await self._http.raw("POST", "/images/generations", json=self._body(picture))
        if status >= 400:
            error = answer.get("error") if isinstance(answer, dict) else None
            code = f"{error.get('code')} {error.get('type')}" if isinstance(error, dict) else ""
            raise Declined if any(word in code for word in _DECLINED) else ServerError(status)
        [first, *_] = answer["data"]
        return decoded(first["b64_json"]) if first.get("b64_json") else await self._http.bytes(first["url"])

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    def _body(self, picture: Picture) -> dict[str, Any]:
        width, height = picture.width, picture.height
        body: dict[str, Any] = {"model": self._model, "prompt": picture.prompt, "n": 1}
        if self._sizes:
            width, height = min(self._sizes, key=lambda size: abs(size[0] / size[1] - picture.width / picture.height))
        else:  # OpenAI refuses what it does not know, and knows no seeds.
            body["seed"] = picture.seed
        if not self._model.startswith("gpt-image"):  # These give nothing but base64, and refuse to be asked for it.
            body["response_format"] = "b64_json"
        return {**body, "size": f"{width}x{height}"}
