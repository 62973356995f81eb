"""The images API of OpenAI, or of another server such as LocalAI: "openai:MODEL"."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.engines._http import HttpClient, HttpServerError, decode_base64
from bot.errors import SettingsError

from . import MAX_ASPECT_RATIO, DrawingDeclined, Edit, EditWay, ImageTraits, Picture, detect_dialect
from ._canvas import crop_to_square, make_transparent, resize_picture

_URL = "https://api.openai.com/v1"
# The sizes that OpenAI's models draw; other models draw any size.
_SIZES = {
    "gpt-image": ((1024, 1024), (1536, 1024), (1024, 1536)),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "dall-e-2": ((1024, 1024),),
}
_DECLINED_CODES = ("content_policy", "moderation", "safety")
# The longest prompt that DALL·E 2 accepts.
_MAX_PROMPT_CHARACTERS = 1000
# Supported edits by a part of a model's name: of OpenAI's models, and of others that edit by words.
_WAYS: dict[str, tuple[EditWay, ...]] = {
    "gpt-image": ("vary", "change", "widen"),
    "dall-e-2": ("vary", "change"),
    "kontext": ("vary", "change"),
    "edit": ("vary", "change"),
}
# Prompts for models that edit by words, sent with the picture.
_EDIT_PROMPTS: dict[EditWay, str] = {
    "vary": "Draw another picture of the same subject in the same style, with other details. {prompt}",
    "change": "Change only this part of the picture: {part}. It becomes: {into}. Leave all else exactly as it is.",
    "widen": "Fill the empty sides of the picture so that the scene goes on seamlessly. Leave what is there as it is. {prompt}",
}


def provider(model: str, *, url: str, key: str) -> OpenAIImages:
    """Build the provider for "openai:MODEL".

    Raises:
        SettingsError: the model is missing, or both the key and a server's URL are.
    """
    if not model:
        raise SettingsError('QUILLMATE_IMAGES is "openai"; it should be openai:MODEL, such as openai:gpt-image-1.')
    if not url and not key:
        raise SettingsError(
            "QUILLMATE_IMAGES_KEY is empty; set it to a key of OpenAI's, or QUILLMATE_IMAGES_URL to another server's /v1."
        )
    return OpenAIImages(model, url=url, key=key)


class OpenAIImages:
    """A model behind `/images/generations` and `/images/edits`."""

    def __init__(self, model: str, *, url: str, key: str) -> None:
        self._model = self.label = model
        self._http = HttpClient(url or _URL, {"Authorization": f"Bearer {key or 'none'}"})
        self._sizes = next((sizes for name, sizes in _SIZES.items() if model.startswith(name)), ())
        ways = next((ways for name, ways in _WAYS.items() if name in model.casefold()), ())
        widest = max((width / height for width, height in self._sizes), default=MAX_ASPECT_RATIO)
        self.traits = ImageTraits(
            detect_dialect(model, "flux"), streams=8, ways=frozenset(ways), by_words=model != "dall-e-2", widest=widest
        )

    async def check(self) -> str:
        """Check that the server lists its models, which costs nothing, and return a short status."""
        await self._http.request_json("GET", "/models")
        return f"{self.label} answers"

    async def make(self, picture: Picture) -> bytes:
        """Return the picture that the server draws."""
        body = self._build_body(picture)
        return await self._fetch_picture(*await self._http.request("POST", "/images/generations", json=body))

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture."""
        width, height = self._choose_size(edit.picture)
        fields: dict[str, Any] = {"model": self._model, "n": "1", "size": f"{width}x{height}"}
        if not self._model.startswith("gpt-image"):
            fields["response_format"] = "b64_json"
        if self._model == "dall-e-2":
            pictures, path = self._build_square_pictures(edit), "variations" if edit.way == "vary" else "edits"
            fields |= {} if edit.way == "vary" else {"prompt": edit.picture.prompt[:_MAX_PROMPT_CHARACTERS]}
        else:
            pictures, path = {"image": edit.source}, "edits"
            if edit.mask is not None and edit.way == "widen":
                source, mask = resize_picture(edit.source, (width, height)), resize_picture(edit.mask, (width, height))
                pictures = {"image": make_transparent(source, mask), "mask": make_transparent(source, mask)}
            fields["prompt"] = _EDIT_PROMPTS[edit.way].format(
                prompt=edit.picture.prompt, part=edit.part, into=edit.into
            )
        answer = await self._http.request("POST", f"/images/{path}", build_form=lambda: _build_form(fields, pictures))
        return await self._fetch_picture(*answer)

    def _build_square_pictures(self, edit: Edit) -> dict[str, bytes]:
        """Return the picture and mask for DALL·E 2, which supports only squares."""
        pictures = {"image": crop_to_square(edit.source)}
        if edit.mask is not None:
            pictures["mask"] = make_transparent(pictures["image"], crop_to_square(edit.mask))
        return pictures

    async def _fetch_picture(self, status: int, answer: Any) -> bytes:
        """Return the picture of an answer, which has it as base64 or by URL.

        Raises:
            DrawingDeclined: the request was refused for its content.
            HttpServerError: the answer is another error.
        """
        if status >= 400:
            error = answer.get("error") if isinstance(answer, dict) else None
            code = f"{error.get('code')} {error.get('type')}" if isinstance(error, dict) else ""
            raise DrawingDeclined if any(word in code for word in _DECLINED_CODES) else HttpServerError(status)
        [first, *_] = answer["data"]
        return decode_base64(first["b64_json"]) if first.get("b64_json") else await self._http.fetch_bytes(first["url"])

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _build_body(self, picture: Picture) -> dict[str, Any]:
        width, height = self._choose_size(picture)
        body: dict[str, Any] = {"model": self._model, "prompt": picture.prompt, "n": 1}
        if not self._sizes:  # OpenAI refuses unknown fields, including seeds.
            body["seed"] = picture.seed
        if not self._model.startswith("gpt-image"):  # Those always return base64, and refuse the field.
            body["response_format"] = "b64_json"
        elif picture.transparent:
            body["background"] = "transparent"
        return {**body, "size": f"{width}x{height}"}

    def _choose_size(self, picture: Picture) -> tuple[int, int]:
        """Return the size to request: among those that the model draws, the one with the nearest aspect ratio."""
        sizes = self._sizes or ((picture.width, picture.height),)
        return min(sizes, key=lambda size: abs(size[0] / size[1] - picture.width / picture.height))


def _build_form(fields: dict[str, Any], pictures: dict[str, bytes]) -> aiohttp.FormData:
    """Return a new form, as each can be sent only once."""
    form = aiohttp.FormData(fields)
    for name, body in pictures.items():
        form.add_field(name, body, filename=f"{name}.png", content_type="image/png")
    return form
