"""ComfyUI: "comfyui" draws with the first checkpoint that the server has, "comfyui:CHECKPOINT" with that one."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.engines._http import HttpClient, HttpServerError
from bot.errors import EngineError

from . import Edit, EditWay, ImageTraits, Picture, choose_dialect

_URL = "http://127.0.0.1:8188"
_STEPS, _CFG = 25, 7.0
_CFGS = {"flux": 1.0}
_POLL_SECONDS = 0.5
_LOADER = "CheckpointLoaderSimple"
# How much of a picture is redrawn: 0 keeps everything, 1 nothing. An enlarged one gets finer details, no other content.
_STRENGTHS: dict[EditWay, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}


def provider(model: str, *, url: str, key: str) -> ComfyUI:
    """Build the provider; the key is for a proxy in front of the server."""
    return ComfyUI(model, url=url, key=key)


class ComfyUI:
    """Queues a workflow, polls until it is done, and fetches the saved picture. The server draws one after the other."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "ComfyUI"
        self._http = HttpClient(url or _URL, {"Authorization": f"Bearer {key}"} if key else {})
        self.traits = ImageTraits(choose_dialect(checkpoint, "sdxl"), weights=True, ways=frozenset(_STRENGTHS))

    async def check(self) -> str:
        """Check that it answers and has the checkpoint."""
        return f"ComfyUI answers, and draws with {await self._find_checkpoint()}"

    async def make(self, picture: Picture) -> bytes:
        """Draw one picture. When cancelled, it is removed from the server's queue."""
        return await self._run_workflow(build_workflow(picture, await self._find_checkpoint(), self._cfg))

    async def edit(self, edit: Edit) -> bytes:
        """Redraw an uploaded picture, all of it or where the mask is white. Cancelled as `make`."""
        checkpoint, names = await self._find_checkpoint(), list[str]()
        for body in filter(None, (edit.source, edit.mask)):
            names.append(await self._upload(body))
        return await self._run_workflow(
            build_edit_workflow(build_workflow(edit.picture, checkpoint, self._cfg), edit, names)
        )

    @property
    def _cfg(self) -> float:
        return _CFGS.get(self.traits.dialect, _CFG)

    async def _upload(self, body: bytes) -> str:
        """Upload a picture and return the name to load it by."""

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData({"type": "temp"})
            made.add_field("image", body, filename=f"quillmate-{uuid.uuid4().hex}.png", content_type="image/png")
            return made

        status, answer = await self._http.request("POST", "/upload/image", form=form)
        if status >= 400:
            raise HttpServerError(status)
        return f"{answer['name']} [temp]"

    async def _run_workflow(self, graph: dict[str, Any]) -> bytes:
        """Run a workflow and return its picture."""
        queued = await self._http.request_json("POST", "/prompt", json={"prompt": graph, "client_id": uuid.uuid4().hex})
        prompt_id = str(queued["prompt_id"])
        try:
            saved = await self._wait_for_picture(prompt_id)
        except asyncio.CancelledError:
            await self._cancel(prompt_id)
            raise
        return await self._http.fetch_bytes(
            "/view", params={name: saved[name] for name in ("filename", "subfolder", "type")}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _wait_for_picture(self, prompt_id: str) -> dict[str, str]:
        while True:
            known = (await self._http.request_json("GET", f"/history/{prompt_id}")).get(prompt_id)
            if known:
                pictures = [one for output in known["outputs"].values() for one in output.get("images", ())]
                if pictures:
                    return dict(pictures[0])
                raise HttpServerError(500)
            await asyncio.sleep(_POLL_SECONDS)

    async def _cancel(self, prompt_id: str) -> None:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(2):
                await self._http.post_without_response("/queue", {"delete": [prompt_id]})
                # In case it is being drawn already; newer servers stop only the named one.
                await self._http.post_without_response("/interrupt", {"prompt_id": prompt_id})

    async def _find_checkpoint(self) -> str:
        """Return the checkpoint to draw with.

        Raises:
            EngineError: the server does not have it.
        """
        described = await self._http.request_json("GET", f"/object_info/{_LOADER}")
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


def build_workflow(picture: Picture, checkpoint: str, cfg: float) -> dict[str, Any]:
    """Build ComfyUI's text-to-image workflow in the form of its API. A pair is an output of another node."""
    text = picture.weighted or picture.prompt
    nodes = {
        "checkpoint": (_LOADER, {"ckpt_name": checkpoint}),
        "size": ("EmptyLatentImage", {"width": picture.width, "height": picture.height, "batch_size": 1}),
        "positive": ("CLIPTextEncode", {"text": text, "clip": ["checkpoint", 1]}),
        "negative": ("CLIPTextEncode", {"text": picture.negative_prompt, "clip": ["checkpoint", 1]}),
        "sampler": (
            "KSampler",
            {
                "model": ["checkpoint", 0],
                "positive": ["positive", 0],
                "negative": ["negative", 0],
                "latent_image": ["size", 0],
                "seed": picture.seed,
                "steps": _STEPS,
                "cfg": cfg,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
            },
        ),
        "pixels": ("VAEDecode", {"samples": ["sampler", 0], "vae": ["checkpoint", 2]}),
        "file": ("SaveImage", {"images": ["pixels", 0], "filename_prefix": "quillmate"}),
    }
    return {name: {"class_type": sort, "inputs": inputs} for name, (sort, inputs) in nodes.items()}


def build_edit_workflow(graph: dict[str, Any], edit: Edit, names: Sequence[str]) -> dict[str, Any]:
    """Change a workflow to start from an uploaded picture, the first of the names, with its mask, the second."""
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
            "whole": (
                "ImageCompositeMasked",
                {
                    "destination": ["sized", 0],
                    "source": ["pixels", 0],
                    "mask": ["mask", 0],
                    "x": 0,
                    "y": 0,
                    "resize_source": False,
                },
            ),
        }
    made = graph | {name: {"class_type": sort, "inputs": inputs} for name, (sort, inputs) in nodes.items()}
    sampler = made["sampler"]["inputs"] | {"latent_image": [begin, 0], "denoise": _STRENGTHS[edit.way]}
    # What stays is taken from the picture itself: encoding it by the model softens it a little.
    shown = {"images": ["whole" if edit.mask is not None else "pixels", 0], "filename_prefix": "quillmate"}
    return made | {
        "sampler": {"class_type": "KSampler", "inputs": sampler},
        "file": {"class_type": "SaveImage", "inputs": shown},
    }
