"""A diffusers pipeline in this process: "diffusers:FOLDER_OR_NAME". On a GPU where there is one."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import EngineError, SettingsError

from . import Declined, ImageTraits, Picture, dialect_of

_STEPS = 25
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
        self.traits = ImageTraits(_dialect(folder, source))
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
        pipeline, given_up = await self._loaded(), threading.Event()
        try:
            return await asyncio.to_thread(_draw, pipeline, picture, given_up)
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


def _draw(pipeline: Any, picture: Picture, given_up: threading.Event) -> bytes:
    import torch

    def look(_pipeline: Any, _step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if given_up.is_set():
            raise _GivenUp
        return tensors

    takes = inspect.signature(pipeline.__call__).parameters
    wanted = {
        "prompt": picture.prompt,
        "negative_prompt": picture.negative_prompt or None,
        "width": picture.width // 16 * 16,
        "height": picture.height // 16 * 16,
        "num_inference_steps": _STEPS,
        "generator": torch.Generator("cpu").manual_seed(picture.seed),
        "callback_on_step_end": look,
    }
    drawn = pipeline(**{name: value for name, value in wanted.items() if name in takes})
    if any(getattr(drawn, "nsfw_content_detected", None) or ()):
        raise Declined
    written = io.BytesIO()
    drawn.images[0].save(written, "PNG")
    return written.getvalue()
