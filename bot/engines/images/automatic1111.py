"""AUTOMATIC1111's and Forge's web UI, started with --api: "automatic1111", or "automatic1111:CHECKPOINT"."""

from __future__ import annotations

import base64
from typing import Any

from bot.engines._http import Http, decoded

from . import Edit, ImageTraits, Picture, Way, dialect_of

_URL = "http://127.0.0.1:7860"
_STEPS, _CFG_SCALE = 25, 7.0
# FLUX is distilled: guidance beyond 1 only doubles the work.
_CFG_SCALES = {"flux": 1.0}
# How much of a picture is drawn anew: 0 leaves all as it is, 1 leaves nothing.
_STRENGTHS: dict[Way, float] = {"vary": 0.55, "change": 0.85, "widen": 0.95}
# What stands in the masked part before it is drawn: the picture itself, or what is around it, spread.
_ORIGINAL, _FILLED = 1, 0
# Comes with the web UI, which gets its weights when it is first used.
_UPSCALER = "R-ESRGAN 4x+"


def provider(model: str, *, url: str, key: str) -> Automatic1111:
    """The provider; the key is what --api-auth was given, "name:password"."""
    return Automatic1111(model, url=url, key=key)


class Automatic1111:
    """The web UI's own queue draws one picture after the other."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "AUTOMATIC1111"
        headers = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} if key else {}
        self._http = Http(url or _URL, headers)
        self.traits = ImageTraits(
            dialect_of(checkpoint, "sdxl"), weights=True, ways=frozenset({"vary", "change", "enlarge", "widen"})
        )

    async def check(self) -> str:
        """Whether the API is on, and knows the checkpoint."""
        known = await self._http.json("GET", "/sdapi/v1/sd-models")
        return f"{self.label} answers, with {len(known)} checkpoints"

    async def make(self, picture: Picture) -> bytes:
        """Asks for one picture, which comes as base64."""
        answer = await self._http.json("POST", "/sdapi/v1/txt2img", json=self._body(picture))
        return decoded(answer["images"][0])

    async def edit(self, edit: Edit) -> bytes:
        """Draws over a picture, all of it or where the mask is white; makes one larger by an upscaler, which wants no prompt."""
        source = base64.b64encode(edit.source).decode()
        if edit.way == "enlarge":
            wanted = {
                "resize_mode": 1,
                "upscaling_resize_w": edit.picture.width,
                "upscaling_resize_h": edit.picture.height,
            }
            body = {**wanted, "upscaling_crop": False, "upscaler_1": _UPSCALER, "image": source}
            answer = await self._http.json("POST", "/sdapi/v1/extra-single-image", json=body)
            return decoded(answer["image"])
        body = {**self._body(edit.picture), "init_images": [source], "denoising_strength": _STRENGTHS[edit.way]}
        if edit.mask is not None:
            fill = _FILLED if edit.way == "widen" else _ORIGINAL
            body |= {"mask": base64.b64encode(edit.mask).decode(), "mask_blur": 8, "inpainting_fill": fill}
            body |= {"inpaint_full_res": False, "inpainting_mask_invert": 0}
        answer = await self._http.json("POST", "/sdapi/v1/img2img", json=body)
        return decoded(answer["images"][0])

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    def _body(self, picture: Picture) -> dict[str, Any]:
        body: dict[str, Any] = {
            "prompt": picture.weighted or picture.prompt,
            "negative_prompt": picture.negative_prompt,
            "seed": picture.seed,
            "width": picture.width,
            "height": picture.height,
            "steps": _STEPS,
            "cfg_scale": _CFG_SCALES.get(self.traits.dialect, _CFG_SCALE),
        }
        if self._checkpoint:
            body["override_settings"] = {"sd_model_checkpoint": self._checkpoint}
        return body
