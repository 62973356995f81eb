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

from . import DrawingDeclined, Edit, EditWay, ImageTraits, Picture, choose_dialect
from ._canvas import composite, encode_png, open_picture

_STEPS = 25
# How much of a picture is redrawn: 0 keeps everything, 1 nothing. An enlarged one gets finer details, no other content.
_STRENGTHS: dict[EditWay, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}
# Dialects by a part of the pipeline's class name; the first match counts.
_PIPELINES = {"XL": "sdxl", "Diffusion3": "sd3", "Flux": "flux", "StableDiffusion": "sd15"}


def provider(model: str, *, url: str, key: str) -> Diffusers:
    """Build the provider for "diffusers:FOLDER_OR_NAME".

    Raises:
        SettingsError: no folder or name follows the colon.
    """
    if not model:
        raise SettingsError('QUILLMATE_IMAGES is "diffusers"; it should be diffusers:FOLDER_OR_NAME.')
    return Diffusers(model)


class Diffusers:
    """A pipeline that draws one picture after the other, off the event loop. Loaded at the first picture."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self.label = f"{source.rstrip('/').split('/')[-1]}, in-process"
        self.traits = ImageTraits(_detect_dialect(folder, source), ways=frozenset(_STRENGTHS))
        self._pipeline: Any = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the package is installed and the pipeline loads."""
        if find_spec("diffusers") is None:
            raise _build_missing_error()
        await self._load_pipeline()
        return f"{self.label} is loaded"

    async def make(self, picture: Picture) -> bytes:
        """Draw one picture; when cancelled, the thread stops at its next step."""
        pipeline = await self._load_pipeline()
        return await self._draw_in_thread(pipeline, _build_arguments(picture))

    async def edit(self, edit: Edit) -> bytes:
        """Redraw a picture with the same weights, all of it or where the mask is white."""
        pipeline = await self._load_pipeline()
        try:
            altering = await asyncio.to_thread(_build_edit_pipeline, pipeline, masked=edit.mask is not None)
        except ValueError as error:
            raise EngineError(_NO_EDITS_MESSAGE, engine=self.label) from error
        drawn = await self._draw_in_thread(altering, _build_arguments(edit.picture) | _build_edit_arguments(edit))
        if edit.mask is None:
            return drawn
        # What stays goes through the model as well, which softens it a little.
        return await asyncio.to_thread(composite, drawn, edit.source, edit.mask)

    async def _draw_in_thread(self, pipeline: Any, wanted: dict[str, Any]) -> bytes:
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(_draw, pipeline, wanted, given_up)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def close(self) -> None:
        """Release the weights."""
        self._pipeline = None

    async def _load_pipeline(self) -> Any:
        async with self._loading:
            if self._pipeline is None:
                try:
                    self._pipeline = await asyncio.to_thread(_load, self._source)
                except ImportError as error:
                    raise _build_missing_error() from error
                except (OSError, ValueError) as error:
                    raise EngineError(
                        f"The pipeline {self._source} cannot be loaded. QUILLMATE_IMAGES should name a folder with one, or one "
                        "that this machine can download."
                    ) from error
            return self._pipeline


_NO_EDITS_MESSAGE = "{engine} can draw pictures but not change them."


def _build_missing_error() -> EngineError:
    return EngineError("Drawing in-process needs another package. Run: pip install 'quillmate[diffusers]'")


def _detect_dialect(folder: Path, source: str) -> str:
    try:
        made_of = str(json.loads((folder / "model_index.json").read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return choose_dialect(source, "sdxl")
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


class _CancelledError(Exception):
    pass


def _build_edit_pipeline(pipeline: Any, *, masked: bool) -> Any:
    """Build a pipeline of the same parts that redraws a picture. Raises ValueError if there is none for these parts."""
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    made = (AutoPipelineForInpainting if masked else AutoPipelineForImage2Image).from_pipe(pipeline)
    made.set_progress_bar_config(disable=True)
    return made


def _build_arguments(picture: Picture) -> dict[str, Any]:
    """Return the arguments of all pipelines; each takes those it knows."""
    import torch

    return {
        "prompt": picture.prompt,
        "negative_prompt": picture.negative_prompt or None,
        "width": picture.width // 16 * 16,
        "height": picture.height // 16 * 16,
        "num_inference_steps": _STEPS,
        "generator": torch.Generator("cpu").manual_seed(picture.seed),
    }


def _build_edit_arguments(edit: Edit) -> dict[str, Any]:
    """Return the further arguments for redrawing: the picture in the size of the result, and its mask."""
    from PIL.Image import Resampling

    size = edit.picture.width // 16 * 16, edit.picture.height // 16 * 16
    over = {"image": open_picture(edit.source).resize(size, Resampling.LANCZOS), "strength": _STRENGTHS[edit.way]}
    return over if edit.mask is None else over | {"mask_image": open_picture(edit.mask, "L").resize(size)}


def _draw(pipeline: Any, wanted: dict[str, Any], given_up: threading.Event) -> bytes:
    def look(_pipeline: Any, _step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if given_up.is_set():
            raise _CancelledError
        return tensors

    takes = inspect.signature(pipeline.__call__).parameters
    wanted = {**wanted, "callback_on_step_end": look}
    drawn = pipeline(**{name: value for name, value in wanted.items() if name in takes})
    if any(getattr(drawn, "nsfw_content_detected", None) or ()):
        raise DrawingDeclined
    return encode_png(drawn.images[0])
