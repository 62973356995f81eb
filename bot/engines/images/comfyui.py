"""ComfyUI: "comfyui:CHECKPOINT", or "comfyui" for the first checkpoint that the server has."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Any

import aiohttp

from bot.engines._http import HttpClient, HttpServerError
from bot.errors import EngineError

from . import Edit, EditWay, ImageTraits, Picture, detect_dialect

_URL = "http://127.0.0.1:8188"
_STEPS = 25
# Guidance, by dialect: FLUX is distilled, and guidance beyond 1 only doubles the work.
_DEFAULT_CFG, _CFG_BY_DIALECT = 7.0, {"flux": 1.0}
_POLL_SECONDS = 0.5
_LOADER = "CheckpointLoaderSimple"
# How much an edit changes: with 0 the picture stays, with 1 nothing of it does. An enlarged one gets finer details only.
_STRENGTHS: dict[EditWay, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}


def provider(model: str, *, url: str, key: str) -> ComfyUI:
    """Build the provider for "comfyui:CHECKPOINT"; the key is for a proxy in front of the server."""
    return ComfyUI(model, url=url, key=key)


class ComfyUI:
    """A ComfyUI server, which draws one picture after the other: a workflow is queued, polled, and its picture fetched."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "ComfyUI"
        self._http = HttpClient(url or _URL, {"Authorization": f"Bearer {key}"} if key else {})
        self.traits = ImageTraits(detect_dialect(checkpoint, "sdxl"), weights=True, ways=frozenset(_STRENGTHS))

    async def check(self) -> str:
        """Check that the server has the checkpoint, and return a short status."""
        return f"ComfyUI answers, and draws with {await self._find_checkpoint()}"

    async def make(self, picture: Picture) -> bytes:
        """Return the picture that the server draws. If cancelled, remove it from the server's queue."""
        return await self._run_workflow(build_workflow(picture, await self._find_checkpoint(), self._cfg))

    async def edit(self, edit: Edit) -> bytes:
        """Return the picture that the server redraws, completely or where the mask is white. If cancelled, as `make`."""
        workflow = build_workflow(edit.picture, await self._find_checkpoint(), self._cfg)
        source_name = await self._upload(edit.source)
        mask_name = await self._upload(edit.mask) if edit.mask is not None else ""
        return await self._run_workflow(build_edit_workflow(workflow, edit, source_name, mask_name))

    @property
    def _cfg(self) -> float:
        return _CFG_BY_DIALECT.get(self.traits.dialect, _DEFAULT_CFG)

    async def _upload(self, body: bytes) -> str:
        """Upload a picture and return the name that workflows load it by."""

        def build_form() -> aiohttp.FormData:
            form = aiohttp.FormData({"type": "temp"})
            form.add_field("image", body, filename=f"quillmate-{uuid.uuid4().hex}.png", content_type="image/png")
            return form

        status, answer = await self._http.request("POST", "/upload/image", build_form=build_form)
        if status >= 400:
            raise HttpServerError(status)
        return f"{answer['name']} [temp]"

    async def _run_workflow(self, workflow: dict[str, Any]) -> bytes:
        """Run a workflow and return its picture."""
        body = {"prompt": workflow, "client_id": uuid.uuid4().hex}
        prompt_id = str((await self._http.request_json("POST", "/prompt", json=body))["prompt_id"])
        try:
            file = await self._wait_for_picture(prompt_id)
        except asyncio.CancelledError:
            await self._cancel(prompt_id)
            raise
        return await self._http.fetch_bytes(
            "/view", params={name: file[name] for name in ("filename", "subfolder", "type")}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _wait_for_picture(self, prompt_id: str) -> dict[str, str]:
        """Return the file of a workflow's first picture once the workflow has ended.

        Raises:
            HttpServerError: it ended without a picture.
        """
        while True:
            entry = (await self._http.request_json("GET", f"/history/{prompt_id}")).get(prompt_id)
            if entry:
                files = [file for output in entry["outputs"].values() for file in output.get("images", ())]
                if files:
                    return dict(files[0])
                raise HttpServerError(500)
            await asyncio.sleep(_POLL_SECONDS)

    async def _cancel(self, prompt_id: str) -> None:
        with contextlib.suppress(aiohttp.ClientError, HttpServerError, TimeoutError):
            async with asyncio.timeout(2):
                await self._http.post_without_response("/queue", {"delete": [prompt_id]})
                # In case it is already being drawn; older servers interrupt whatever they are drawing.
                await self._http.post_without_response("/interrupt", {"prompt_id": prompt_id})

    async def _find_checkpoint(self) -> str:
        """Return the checkpoint to draw with.

        Raises:
            EngineError: the server does not have it, or has none.
        """
        description = await self._http.request_json("GET", f"/object_info/{_LOADER}")
        names: list[str] = description[_LOADER]["input"]["required"]["ckpt_name"][0]
        checkpoint = next((name for name in names if name.rpartition(".")[0] == self._checkpoint), self._checkpoint)
        if not checkpoint and names:
            return names[0]
        if checkpoint not in names:
            raise EngineError(
                f"ComfyUI has no checkpoint {self._checkpoint or 'at all'}. My operator should put one into its "
                "models/checkpoints and name it in QUILLMATE_IMAGES."
            )
        return checkpoint


def build_workflow(picture: Picture, checkpoint: str, cfg: float) -> dict[str, Any]:
    """Return a workflow that draws a picture, as ComfyUI's API takes it. A pair is the output of another node."""
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
    return {name: {"class_type": class_type, "inputs": inputs} for name, (class_type, inputs) in nodes.items()}


def build_edit_workflow(workflow: dict[str, Any], edit: Edit, source_name: str, mask_name: str) -> dict[str, Any]:
    """Return a workflow changed to start from an uploaded picture and its mask, if it has one."""
    size = {"width": edit.picture.width, "height": edit.picture.height, "upscale_method": "lanczos", "crop": "disabled"}
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "source": ("LoadImage", {"image": source_name}),
        "sized": ("ImageScale", {"image": ["source", 0], **size}),
        "size": ("VAEEncode", {"pixels": ["sized", 0], "vae": ["checkpoint", 2]}),
    }
    latent = "size"
    if edit.mask is not None:
        latent = "masked"
        nodes |= {
            "mask_picture": ("LoadImage", {"image": mask_name}),
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
    sampler = workflow["sampler"]["inputs"] | {"latent_image": [latent, 0], "denoise": _STRENGTHS[edit.way]}
    # What stays is taken from the source: encoding it by the model softens it a little.
    output = "whole" if edit.mask is not None else "pixels"
    nodes |= {
        "sampler": ("KSampler", sampler),
        "file": ("SaveImage", {"images": [output, 0], "filename_prefix": "quillmate"}),
    }
    return workflow | {
        name: {"class_type": class_type, "inputs": inputs} for name, (class_type, inputs) in nodes.items()
    }
