"""Finds parts of a picture by words with a CLIPSeg model in this process. It knows English best."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.runtime.extras import require_torch

from ._canvas import encode_png, open_picture

# Minimal confidence for a pixel, and for the best pixel for the part to exist at all.
_SURE, _THERE = 0.35, 0.5
# How far a mask is grown, and its edge blurred, as a share of the shorter side.
_BEYOND, _FADE = 0.02, 0.01
_NOT_LOADED = (
    "The model {source} cannot be loaded. QUILLMATE_IMAGES_PARTS should name a folder with a CLIPSeg model, or one that this machine "
    "can download, such as CIDAS/clipseg-rd64-refined."
)


class ClipSegPartFinder:
    """Finds what words name, off the event loop. Loaded at the first search."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self._loading = asyncio.Lock()
        self._loaded: tuple[Any, Any] | None = None

    async def find_mask(self, picture: bytes, words: str) -> bytes | None:
        """Return the mask of what words name in a PNG: white where it is, with soft edges; None if it is not found.

        Raises:
            EngineError: the model is not there.
        """
        processor, model = await self._model()
        return await asyncio.to_thread(_compute_mask, processor, model, picture, words)

    async def check(self) -> str:
        """Return a short status if the model is available."""
        await self._model()
        return f"{self._source.rstrip('/').split('/')[-1]} finds parts by words"

    async def _model(self) -> tuple[Any, Any]:
        async with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = await asyncio.to_thread(_load, self._source)
                except (OSError, ValueError) as error:
                    raise EngineError(_NOT_LOADED, source=self._source) from error
            return self._loaded


def _load(source: str) -> tuple[Any, Any]:
    require_torch()
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    local = Path(source).is_dir()
    processor = CLIPSegProcessor.from_pretrained(source, local_files_only=local)
    return processor, CLIPSegForImageSegmentation.from_pretrained(source, local_files_only=local).eval()


def _compute_mask(processor: Any, model: Any, picture: bytes, words: str) -> bytes | None:
    import torch
    from PIL import Image, ImageFilter

    shown = open_picture(picture)
    given = processor(text=[words], images=[shown], return_tensors="pt", padding=True, truncation=True)
    with torch.no_grad():
        sure = torch.sigmoid(model(**given).logits).squeeze()
    if float(sure.max()) < _THERE:
        return None
    found = Image.fromarray(((sure >= _SURE) * 255).to(torch.uint8).numpy(), "L").resize(shown.size)
    short = min(shown.size)
    reach = max(3, round(short * _BEYOND) // 2 * 2 + 1)
    return encode_png(found.filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.GaussianBlur(short * _FADE)))
