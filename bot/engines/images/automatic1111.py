"""The web UI of AUTOMATIC1111 or Forge, started with --api: "automatic1111", or "automatic1111:CHECKPOINT"."""

from __future__ import annotations

import base64
from typing import Any

from bot.engines._http import HttpClient, decode_base64

from . import Edit, EditWay, ImageTraits, Picture, detect_dialect

_URL = "http://127.0.0.1:7860"
_STEPS = 25
# Guidance, by dialect: FLUX is distilled, and guidance beyond 1 only doubles the work.
_DEFAULT_CFG_SCALE, _CFG_SCALES = 7.0, {"flux": 1.0}
# How much an edit changes: with 0 the picture stays, with 1 nothing of it does.
_STRENGTHS: dict[EditWay, float] = {"vary": 0.55, "change": 0.85, "widen": 0.95}
# What the masked part initially contains (inpainting_fill): the picture, or colours of its surroundings.
_FILL_WITH_ORIGINAL, _FILL_WITH_SURROUNDINGS = 1, 0
# Ships with the web UI, which downloads its weights at first use.
_UPSCALER = "R-ESRGAN 4x+"


def provider(model: str, *, url: str, key: str) -> Automatic1111:
    """Build the provider for "automatic1111:CHECKPOINT"; the key is the value of --api-auth, "name:password"."""
    return Automatic1111(model, url=url, key=key)


class Automatic1111:
    """A web UI, which draws one picture after the other."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "AUTOMATIC1111"
        headers = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} if key else {}
        self._http = HttpClient(url or _URL, headers)
        self.traits = ImageTraits(
            detect_dialect(checkpoint, "sdxl"), weights=True, ways=frozenset({"vary", "change", "enlarge", "widen"})
        )

    async def check(self) -> str:
        """Check that the server lists its checkpoints, and return a short status."""
        checkpoints = await self._http.request_json("GET", "/sdapi/v1/sd-models")
        return f"{self.label} answers, with {len(checkpoints)} checkpoints"

    async def make(self, picture: Picture) -> bytes:
        """Return the picture that the server draws."""
        answer = await self._http.request_json("POST", "/sdapi/v1/txt2img", json=self._build_body(picture))
        return decode_base64(answer["images"][0])

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture, enlarged by an upscaler or redrawn by the model."""
        source = base64.b64encode(edit.source).decode()
        if edit.way == "enlarge":
            body = {
                "resize_mode": 1,
                "upscaling_resize_w": edit.picture.width,
                "upscaling_resize_h": edit.picture.height,
                "upscaling_crop": False,
                "upscaler_1": _UPSCALER,
                "image": source,
            }
            answer = await self._http.request_json("POST", "/sdapi/v1/extra-single-image", json=body)
            return decode_base64(answer["image"])
        body = {**self._build_body(edit.picture), "init_images": [source], "denoising_strength": _STRENGTHS[edit.way]}
        if edit.mask is not None:
            fill = _FILL_WITH_SURROUNDINGS if edit.way == "widen" else _FILL_WITH_ORIGINAL
            body |= {"mask": base64.b64encode(edit.mask).decode(), "mask_blur": 8, "inpainting_fill": fill}
            body |= {"inpaint_full_res": False, "inpainting_mask_invert": 0}
        answer = await self._http.request_json("POST", "/sdapi/v1/img2img", json=body)
        return decode_base64(answer["images"][0])

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _build_body(self, picture: Picture) -> dict[str, Any]:
        body: dict[str, Any] = {
            "prompt": picture.weighted or picture.prompt,
            "negative_prompt": picture.negative_prompt,
            "seed": picture.seed,
            "width": picture.width,
            "height": picture.height,
            "steps": _STEPS,
            "cfg_scale": _CFG_SCALES.get(self.traits.dialect, _DEFAULT_CFG_SCALE),
        }
        if self._checkpoint:
            body["override_settings"] = {"sd_model_checkpoint": self._checkpoint}
        return body
