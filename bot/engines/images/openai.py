"""OpenAI's images, and any server with the same API, such as LocalAI: "openai:MODEL"."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.engines._http import Http, ServerError, decoded
from bot.errors import SettingsError

from . import WIDEST, Declined, Edit, ImageTraits, Picture, Way, dialect_of
from ._canvas import fitted, in_square, transparent

_URL = "https://api.openai.com/v1"
# The sizes that OpenAI's own models draw; others draw what they are asked for.
_SIZES = {
    "gpt-image": ((1024, 1024), (1536, 1024), (1024, 1536)),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "dall-e-2": ((1024, 1024),),
}
_DECLINED = ("content_policy", "moderation", "safety")
# Characters of a prompt that DALL·E 2 takes.
_MAX_PROMPT = 1000
# What models do to pictures, by what occurs in their names: those of OpenAI, and those that others made to edit by words.
_WAYS: dict[str, tuple[Way, ...]] = {
    "gpt-image": ("vary", "change", "widen"), "dall-e-2": ("vary", "change"),
    "kontext": ("vary", "change"), "edit": ("vary", "change"),
}  # fmt: skip
# What a model that edits by words is told; it has the picture before it.
_TOLD: dict[Way, str] = {
    "vary": "Draw another picture of the same subject in the same style, with other details. {prompt}",
    "change": "Change only this part of the picture: {part}. It becomes: {into}. Leave all else exactly as it is.",
    "widen": "Fill the empty sides of the picture so that the scene goes on seamlessly. Leave what is there as it is. {prompt}",
}


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
        ways = next((ways for name, ways in _WAYS.items() if name in model.casefold()), ())
        widest = max((width / height for width, height in self._sizes), default=WIDEST)
        self.traits = ImageTraits(
            dialect_of(model, "flux"), streams=8, ways=frozenset(ways), by_words=model != "dall-e-2", widest=widest
        )

    async def check(self) -> str:
        """Whether the server lists its models, which costs nothing."""
        await self._http.json("GET", "/models")
        return f"{self.label} answers"

    async def make(self, picture: Picture) -> bytes:
        """Asks for one picture, which comes as base64 or as an address."""
        return await self._drawn(*await self._http.raw("POST", "/images/generations", json=self._body(picture)))

    async def edit(self, edit: Edit) -> bytes:
        """Sends the picture along with what is to be done to it, as the fields of a form."""
        width, height = self._size(edit.picture)
        fields: dict[str, Any] = {"model": self._model, "n": "1", "size": f"{width}x{height}"}
        if not self._model.startswith("gpt-image"):
            fields["response_format"] = "b64_json"
        if self._model == "dall-e-2":
            pictures, path = self._in_squares(edit), "variations" if edit.way == "vary" else "edits"
            fields |= {} if edit.way == "vary" else {"prompt": edit.picture.prompt[:_MAX_PROMPT]}
        else:
            pictures, path = {"image": edit.source}, "edits"
            if edit.mask is not None and edit.way == "widen":
                source, mask = fitted(edit.source, (width, height)), fitted(edit.mask, (width, height))
                pictures = {"image": transparent(source, mask), "mask": transparent(source, mask)}
            fields["prompt"] = _TOLD[edit.way].format(prompt=edit.picture.prompt, part=edit.part, into=edit.into)
        answer = await self._http.raw("POST", f"/images/{path}", form=lambda: _form(fields, pictures))
        return await self._drawn(*answer)

    def _in_squares(self, edit: Edit) -> dict[str, bytes]:
        """The picture as DALL·E 2 wants it, which knows squares alone."""
        pictures = {"image": in_square(edit.source)}
        if edit.mask is not None:
            pictures["mask"] = transparent(pictures["image"], in_square(edit.mask))
        return pictures

    async def _drawn(self, status: int, answer: Any) -> bytes:
        """The picture of an answer."""
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
        width, height = self._size(picture)
        body: dict[str, Any] = {"model": self._model, "prompt": picture.prompt, "n": 1}
        if not self._sizes:  # OpenAI refuses what it does not know, and knows no seeds.
            body["seed"] = picture.seed
        if not self._model.startswith("gpt-image"):  # These give nothing but base64, and refuse to be asked for it.
            body["response_format"] = "b64_json"
        elif picture.transparent:
            body["background"] = "transparent"
        return {**body, "size": f"{width}x{height}"}

    def _size(self, picture: Picture) -> tuple[int, int]:
        """The size that is asked for: of those that the model draws the one whose shape is nearest."""
        sizes, wanted = self._sizes or ((picture.width, picture.height),), picture.width / picture.height
        return min(sizes, key=lambda size: abs(size[0] / size[1] - wanted))


def _form(fields: dict[str, Any], pictures: dict[str, bytes]) -> aiohttp.FormData:
    """What is sent; made anew for each try, as it can be sent once."""
    form = aiohttp.FormData(fields)
    for name, body in pictures.items():
        form.add_field(name, body, filename=f"{name}.png", content_type="image/png")
    return form
