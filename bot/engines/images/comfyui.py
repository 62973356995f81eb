"""ComfyUI: "comfyui" draws with the first checkpoint that the server has, "comfyui:CHECKPOINT" with that one."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.engines._http import Http, ServerError
from bot.errors import EngineError

from . import Edit, ImageTraits, Picture, Way, dialect_of

_URL = "http://127.0.0.1:8188"
_STEPS, _CFG = 25, 7.0
_CFGS = {"flux": 1.0}
_LOOK_SECONDS = 0.5
_LOADER = "CheckpointLoaderSimple"
# How much of a picture is drawn anew: 0 leaves all as it is, 1 leaves nothing. One that is made larger gets finer, not other.
_STRENGTHS: dict[Way, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}


def provider(model: str, *, url: str, key: str) -> ComfyUI:
    """The provider; the key is for a proxy in front of the server that wants one."""
    return ComfyUI(model, url=url, key=key)


class ComfyUI:
    """Queues a workflow, looks until it is done, and fetches what it saved. The server draws one after the other."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "ComfyUI"
        self._http = Http(url or _URL, {"Authorization": f"Bearer {key}"} if key else {})
        self.traits = ImageTraits(dialect_of(checkpoint, "sdxl"), weights=True, ways=frozenset(_STRENGTHS))

    async def check(self) -> str:
        """Whether it answers and has the checkpoint."""
        return f"ComfyUI answers, and draws with {await self._known_checkpoint()}"

    async def make(self, picture: Picture) -> bytes:
        """One picture. Given up, it is taken from the server's queue."""
        return await self._made(workflow(picture, await self._known_checkpoint(), self._cfg))

    async def edit(self, edit: Edit) -> bytes:
        """Draws over a picture that is sent first, all of it or where the mask is white. Given up, as `make`."""
        checkpoint, names = await self._known_checkpoint(), list[str]()
        for body in filter(None, (edit.source, edit.mask)):
            names.append(await self._send(body))
        return await self._made(drawing_over(workflow(edit.picture, checkpoint, self._cfg), edit, names))

    @property
    def _cfg(self) -> float:
        return _CFGS.get(self.traits.dialect, _CFG)

    async def _send(self, body: bytes) -> str:
        """Leaves a picture with the server, and gives the name that it is loaded by."""

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData({"type": "temp"})
            made.add_field("image", body, filename=f"quillmate-{uuid.uuid4().hex}.png", content_type="image/png")
            return made

        status, answer = await self._http.raw("POST", "/upload/image", form=form)
        if status >= 400:
            raise ServerError(status)
        return f"{answer['name']} [temp]"

    async def _made(self, graph: dict[str, Any]) -> bytes:
        """What comes of a workflow."""
        queued = await self._http.json("POST", "/prompt", json={"prompt": graph, "client_id": uuid.uuid4().hex})
        prompt_id = str(queued["prompt_id"])
        try:
            saved = await self._saved(prompt_id)
        except asyncio.CancelledError:
            await self._take_back(prompt_id)
            raise
        return await self._http.bytes("/view", params={name: saved[name] for name in ("filename", "subfolder", "type")})

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def _saved(self, prompt_id: str) -> dict[str, str]:
        while True:
            known = (await self._http.json("GET", f"/history/{prompt_id}")).get(prompt_id)
            if known:
                pictures = [one for output in known["outputs"].values() for one in output.get("images", ())]
                if pictures:
                    return dict(pictures[0])
                raise ServerError(500)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _take_back(self, prompt_id: str) -> None:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(2):
                await self._http.tell("/queue", {"delete": [prompt_id]})
                # Where it is being drawn already; newer servers stop only the one that is named.
                await self._http.tell("/interrupt", {"prompt_id": prompt_id})

    async def _known_checkpoint(self) -> str:
        """The checkpoint to draw with.

        Raises:
            EngineError: the server does not have it.
        """
        described = await self._http.json("GET", f"/object_info/{_LOADER}")
        known: list[str] = described[_LOADER]["input"]["required"]["ckpt_name"][0]
        chosen = next((name for name in known if name.rpartition(".")[0] == self._checkpoint), self._checkpoint)
        if not chosen and known:
            return known[0]
        if chosen not in known:
            raise EngineError(
                f"ComfyUI has no checkpoint {self._checkpoint or 'at all'}. Whoever runs me should put one into its "
                "models/checkpoints and name it in QUILLMATE_IMAGES."
            )
        return chosen


def workflow(picture: Picture, checkpoint: str, cfg: float) -> dict[str, Any]:
    """ComfyUI's own text-to-image workflow, in the form of its API. A pair is an output of another node."""
    text = picture.weighted or picture.prompt
    nodes = {
        "checkpoint": (_LOADER, {"ckpt_name": checkpoint}),
        "size": ("EmptyLatentImage", {"width": picture.width, "height": picture.height, "batch_size": 1}),
        "positive": ("CLIPTextEncode", {"text": text, "clip": ["checkpoint", 1]}),
        "negative": ("CLIPTextEncode", {"text": picture.negative_prompt, "clip": ["checkpoint", 1]}),
        "sampler": (
            "KSampler",
            {
                "model": ["checkpoint", 0], "positive": ["positive", 0], "negative": ["negative", 0], "latent_image": ["size", 0],
                "seed": picture.seed, "steps": _STEPS, "cfg": cfg, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
            },
        ),
        "pixels": ("VAEDecode", {"samples": ["sampler", 0], "vae": ["checkpoint", 2]}),
        "file": ("SaveImage", {"images": ["pixels", 0], "filename_prefix": "quillmate"}),
    }  # fmt: skip
    return {name: {"class_type": sort, "inputs": inputs} for name, (sort, inputs) in nodes.items()}


def drawing_over(graph: dict[str, Any], edit: Edit, names: Sequence[str]) -> dict[str, Any]:
    """The workflow beginning from a picture that the server has by the first of the names, and its mask by the second."""
    size = {"width": edit.picture.width, "height": edit.picture.height, "upscale_method": "lanczos", "crop": "disabled"}
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "source": ("LoadImage", {"image": names[0]}),
        "sized": ("ImageScale", {"image": ["source", 0], **size}),
        "size": ("VAEEncode", {"pixels": ["sized", 0], "vae": ["checkpoint", 2]}),
    }
    begin = "size"
    if edit.mask is not None:
        begin = "masked"
        nodes |= {
            "mask_picture": ("LoadImage", {"image": names[1]}),
            "mask_sized": ("ImageScale", {"image": ["mask_picture", 0], **size}),
            "mask": ("ImageToMask", {"image": ["mask_sized", 0], "channel": "red"}),
            "masked": ("SetLatentNoiseMask", {"samples": ["size", 0], "mask": ["mask", 0]}),
            "whole": ("ImageCompositeMasked", {
                "destination": ["sized", 0], "source": ["pixels", 0], "mask": ["mask", 0],
                "x": 0, "y": 0, "resize_source": False,
            }),
        }  # fmt: skip
    made = graph | {name: {"class_type": sort, "inputs": inputs} for name, (sort, inputs) in nodes.items()}
    sampler = made["sampler"]["inputs"] | {"latent_image": [begin, 0], "denoise": _STRENGTHS[edit.way]}
    # What stays is taken from the picture itself: the model's own way of keeping pictures makes it a little softer.
    shown = {"images": ["whole" if edit.mask is not None else "pixels", 0], "filename_prefix": "quillmate"}
    return made | {
        "sampler": {"class_type": "KSampler", "inputs": sampler},
        "file": {"class_type": "SaveImage", "inputs": shown},
    }
