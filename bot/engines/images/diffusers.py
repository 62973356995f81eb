"""A diffusers pipeline in this process, on a GPU if there is one: "diffusers:FOLDER_OR_NAME"."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import EngineError, SettingsError

from . import DrawingDeclined, Edit, EditWay, ImageTraits, Picture, detect_dialect
from ._canvas import composite, encode_png, open_picture

_STEPS = 25
# How much an edit changes: with 0 the picture stays, with 1 nothing of it does. An enlarged one gets finer details only.
_STRENGTHS: dict[EditWay, float] = {"vary": 0.55, "change": 0.85, "enlarge": 0.25, "widen": 0.95}
# Prompt dialects by a part of a pipeline's class name; the first match counts.
_DIALECTS_BY_CLASS = {"XL": "sdxl", "Diffusion3": "sd3", "Flux": "flux", "StableDiffusion": "sd15"}
# The file that makes a folder a pipeline.
_INDEX = "model_index.json"
# Pipelines need sides that are multiples of this.
_PIXEL_STEP = 16
_NO_EDITS_MESSAGE = "{engine} can draw pictures but not change them."


def provider(model: str, *, url: str, key: str) -> Diffusers:
    """Build the provider for "diffusers:FOLDER_OR_NAME".

    Raises:
        SettingsError: no folder or name follows the colon.
    """
    if not model:
        raise SettingsError('QUILLMATE_IMAGES is "diffusers"; it should be diffusers:FOLDER_OR_NAME.')
    return Diffusers(model)


class Diffusers:
    """A pipeline that draws one picture after the other in a thread. It is loaded at the first picture."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self.label = f"{source.rstrip('/').split('/')[-1]}, in-process"
        self.traits = ImageTraits(_read_dialect(folder) or detect_dialect(source, "sdxl"), ways=frozenset(_STRENGTHS))
        self._pipeline: Any = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the package is installed and the pipeline can be loaded, and return a short status."""
        if find_spec("diffusers") is None:
            raise _build_missing_error()
        await self._load_pipeline()
        return f"{self.label} is loaded"

    async def make(self, picture: Picture) -> bytes:
        """Return the drawn picture. If cancelled, the thread stops at its next step."""
        pipeline = await self._load_pipeline()
        return await self._draw_in_thread(pipeline, _build_arguments(picture))

    async def edit(self, edit: Edit) -> bytes:
        """Return the picture redrawn with the same weights, completely or where the mask is white. If cancelled, as `make`."""
        pipeline = await self._load_pipeline()
        try:
            edit_pipeline = await asyncio.to_thread(_build_edit_pipeline, pipeline, has_mask=edit.mask is not None)
        except ValueError as error:
            raise EngineError(_NO_EDITS_MESSAGE, engine=self.label) from error
        drawn = await self._draw_in_thread(edit_pipeline, _build_arguments(edit.picture) | _build_edit_arguments(edit))
        if edit.mask is None:
            return drawn
        # What stays is taken from the source: the model softens it a little.
        return await asyncio.to_thread(composite, drawn, edit.source, edit.mask)

    async def _draw_in_thread(self, pipeline: Any, arguments: dict[str, Any]) -> bytes:
        cancel = threading.Event()
        try:
            return await asyncio.to_thread(_draw, pipeline, arguments, cancel)
        except asyncio.CancelledError:
            cancel.set()
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


def _build_missing_error() -> EngineError:
    return EngineError("Drawing in-process needs another package. Run: pip install 'quillmate[diffusers]'")


def _read_dialect(folder: Path) -> str:
    """Return the prompt dialect of the pipeline in a folder; empty if there is none."""
    try:
        class_name = str(json.loads((folder / _INDEX).read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return next((dialect for part, dialect in _DIALECTS_BY_CLASS.items() if part in class_name), "sdxl")


def _load(source: str) -> Any:
    is_local = Path(source).is_dir()
    if is_local and not (Path(source) / _INDEX).is_file():  # Found out before torch is imported, which takes seconds.
        raise FileNotFoundError(_INDEX)
    import torch
    from diffusers import DiffusionPipeline
    from diffusers.utils import logging

    logging.set_verbosity_error()  # Its warnings repeat the end of a prompt that is too long.
    has_gpu = torch.cuda.is_available()
    pipeline = DiffusionPipeline.from_pretrained(
        source, dtype=torch.float16 if has_gpu else torch.float32, local_files_only=is_local
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to("cuda" if has_gpu else "cpu")


class _CancelledError(Exception):
    """Ends a pipeline whose picture is no longer wanted."""


def _build_edit_pipeline(pipeline: Any, *, has_mask: bool) -> Any:
    """Return a pipeline of the same components that redraws pictures.

    Raises:
        ValueError: diffusers has none for these components.
    """
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    edit_pipeline = (AutoPipelineForInpainting if has_mask else AutoPipelineForImage2Image).from_pipe(pipeline)
    edit_pipeline.set_progress_bar_config(disable=True)
    return edit_pipeline


def _round_size(picture: Picture) -> tuple[int, int]:
    return picture.width // _PIXEL_STEP * _PIXEL_STEP, picture.height // _PIXEL_STEP * _PIXEL_STEP


def _build_arguments(picture: Picture) -> dict[str, Any]:
    """Return arguments for any pipeline, which may not accept all of them."""
    import torch

    width, height = _round_size(picture)

    return {
        "prompt": picture.prompt,
        "negative_prompt": picture.negative_prompt or None,
        "width": width,
        "height": height,
        "num_inference_steps": _STEPS,
        "generator": torch.Generator("cpu").manual_seed(picture.seed),
    }


def _build_edit_arguments(edit: Edit) -> dict[str, Any]:
    """Return further arguments for redrawing: the source and its mask, in the size of the result."""
    from PIL.Image import Resampling

    size = _round_size(edit.picture)
    source = open_picture(edit.source).resize(size, Resampling.LANCZOS)
    arguments = {"image": source, "strength": _STRENGTHS[edit.way]}
    return arguments if edit.mask is None else arguments | {"mask_image": open_picture(edit.mask, "L").resize(size)}


def _draw(pipeline: Any, arguments: dict[str, Any], cancel: threading.Event) -> bytes:
    """Return the picture that a pipeline draws with the arguments that it accepts. Blocks.

    Raises:
        DrawingDeclined: the pipeline's own filter rejects the picture.
    """

    def check_cancelled(_pipeline: Any, _step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if cancel.is_set():
            raise _CancelledError
        return tensors

    arguments = {**arguments, "callback_on_step_end": check_cancelled}
    accepted_names = inspect.signature(pipeline.__call__).parameters
    output = pipeline(**{name: value for name, value in arguments.items() if name in accepted_names})
    if any(getattr(output, "nsfw_content_detected", None) or ()):
        raise DrawingDeclined
    return encode_png(output.images[0])
