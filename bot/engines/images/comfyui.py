"""ComfyUI: "comfyui" draws with the first checkpoint that the server has, "comfyui:CHECKPOINT" with that one."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Any

import aiohttp

from bot.engines._http import Http, ServerError
from bot.errors import EngineError

from . import ImageTraits, Picture, dialect_of

_URL = "http://127.0.0.1:8188"
_STEPS, _CFG = 25, 7.0
_CFGS = {"flux": 1.0}
_LOOK_SECONDS = 0.5
_LOADER = "CheckpointLoaderSimple"


def provider(model: str, *, url: str, key: str) -> ComfyUI:
    """The provider; the key is for a proxy in front of the server that wants one."""
    return ComfyUI(model, url=url, key=key)


class ComfyUI:
    """Queues a workflow, looks until it is done, and fetches what it saved. The server draws one after the other."""

    def __init__(self, checkpoint: str, *, url: str, key: str) -> None:
        self._checkpoint = checkpoint
        self.label = checkpoint or "ComfyUI"
        self._http = Http(url or _URL, {"Authorization": f"Bearer {key}"} if key else {})
        self.traits = ImageTraits(dialect_of(checkpoint, "sdxl"), weights=True)

    async def check(self) -> str:
        """Whether it answers and has the checkpoint."""
        return f"ComfyUI answers, and draws with {await self._known_checkpoint()}"

    async def make(self, picture: Picture) -> bytes:
        """One picture. Given up, it is taken from the server's queue."""
        graph = workflow(picture, await self._known_checkpoint(), _CFGS.get(self.traits.dialect, _CFG))
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
