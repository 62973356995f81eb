"""A diffusers pipeline in this process: "diffusers:FOLDER_OR_NAME". On a GPU where there is one."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import EngineError, SettingsError

from . import Declined, Edit, ImageTraits, Picture, Way, dialect_of
from ._canvas import laid_over, opened, png

_STEPS = 25
# How much of a picture is drawn anew: 0 leaves all as it is, 1 leaves nothing. One that is made larger gets finer, not other.
_STRENGTHS: dict[Way, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}
# Pipelines by what their class is called; the first that occurs counts.
_PIPELINES = {"XL": "sdxl", "Diffusion3": "sd3", "Flux": "flux", "StableDiffusion": "sd15"}


def provider(model: str, *, url: str, key: str) -> Diffusers:
    """The provider for "diffusers:FOLDER_OR_NAME".

    Raises:
        SettingsError: no folder or name follows the colon.
    """
    if not model:
        raise SettingsError('QUILLMATE_IMAGES is "diffusers"; it should be diffusers:FOLDER_OR_NAME.')
    return Diffusers(model)


class Diffusers:
    """A pipeline that draws one picture after the other, off the event loop. Loaded when the first is wanted."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self.label = f"{source.rstrip('/').split('/')[-1]}, in-process"
        self.traits = ImageTraits(_dialect(folder, source), ways=frozenset(_STRENGTHS))
        self._pipeline: Any = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Whether the package is installed and the pipeline there."""
        if find_spec("diffusers") is None:
            raise _missing()
        await self._loaded()
        return f"{self.label} is loaded"

    async def make(self, picture: Picture) -> bytes:
        """One picture; given up, the thread stops at its next step."""
        pipeline = await self._loaded()
        return await self._in_thread(pipeline, _wanted(picture))

    async def edit(self, edit: Edit) -> bytes:
        """Draws over a picture with the same weights, all of it or where the mask is white."""
        pipeline = await self._loaded()
        try:
            altering = await asyncio.to_thread(_altering, pipeline, masked=edit.mask is not None)
        except ValueError as error:
            raise EngineError(_NO_WAY, engine=self.label) from error
        drawn = await self._in_thread(altering, _wanted(edit.picture) | _drawn_over(edit))
        if edit.mask is None:
            return drawn
        # What stays goes through the model as well, which makes it a little softer.
        return await asyncio.to_thread(laid_over, drawn, edit.source, edit.mask)

    async def _in_thread(self, pipeline: Any, wanted: dict[str, Any]) -> bytes:
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(_draw, pipeline, wanted, given_up)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def close(self) -> None:
        """Lets the weights go."""
        self._pipeline = None

    async def _loaded(self) -> Any:
        async with self._loading:
            if self._pipeline is None:
                try:
                    self._pipeline = await asyncio.to_thread(_load, self._source)
                except ImportError as error:
                    raise _missing() from error
                except (OSError, ValueError) as error:
                    raise EngineError(
                        f"The pipeline {self._source} cannot be loaded. QUILLMATE_IMAGES should name a folder with one, or one "
                        "that this machine can download."
                    ) from error
            return self._pipeline


_NO_WAY = "{engine} can draw pictures but not change them."


def _missing() -> EngineError:
    return EngineError("Drawing in-process needs another package. Run: pip install 'quillmate[diffusers]'")


def _dialect(folder: Path, source: str) -> str:
    try:
        made_of = str(json.loads((folder / "model_index.json").read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return dialect_of(source, "sdxl")
    return next((dialect for name, dialect in _PIPELINES.items() if name in made_of), "sdxl")


def _load(source: str) -> Any:
    import torch
    from diffusers import DiffusionPipeline
    from diffusers.utils import logging

    logging.set_verbosity_error()  # Its warnings repeat the end of a prompt that is too long.
    gpu = torch.cuda.is_available()
    pipeline = DiffusionPipeline.from_pretrained(
        source, dtype=torch.float16 if gpu else torch.float32, local_files_only=Path(source).is_dir()
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda" if gpu else "cpu")


class _GivenUp(Exception):  # noqa: N818 - nobody is told
    pass


def _altering(pipeline: Any, *, masked: bool) -> Any:
    """A pipeline of the same parts that draws over a picture. Raises ValueError where there is none for such parts."""
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    made = (AutoPipelineForInpainting if masked else AutoPipelineForImage2Image).from_pipe(pipeline)
    made.set_progress_bar_config(disable=True)
    return made


def _wanted(picture: Picture) -> dict[str, Any]:
    """What pipelines are given; each takes what it knows."""
    import torch

    return {
        "prompt": picture.prompt,
        "negative_prompt": picture.negative_prompt or None,
        "width": picture.width // 16 * 16,
        "height": picture.height // 16 * 16,
        "num_inference_steps": _STEPS,
        "generator": torch.Generator("cpu").manual_seed(picture.seed),
    }


def _drawn_over(edit: Edit) -> dict[str, Any]:
    """What those are given besides that draw over a picture: it, as large as what comes of it, and its mask."""
    from PIL.Image import Resampling

    size = edit.picture.width // 16 * 16, edit.picture.height // 16 * 16
    over = {"image": opened(edit.source).resize(size, Resampling.LANCZOS), "strength": _STRENGTHS[edit.way]}
    return over if edit.mask is None else over | {"mask_image": opened(edit.mask, "L").resize(size)}


def _draw(pipeline: Any, wanted: dict[str, Any], given_up: threading.Event) -> bytes:
    def look(_pipeline: Any, _step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if given_up.is_set():
            raise _GivenUp
        return tensors

    takes = inspect.signature(pipeline.__call__).parameters
    wanted = {**wanted, "callback_on_step_end": look}
    drawn = pipeline(**{name: value for name, value in wanted.items() if name in takes})
    if any(getattr(drawn, "nsfw_content_detected", None) or ()):
        raise Declined
    return png(drawn.images[0])
