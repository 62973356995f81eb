"""Parts of a picture by words: a CLIPSeg model in this process finds them. It knows English best."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.runtime.extras import require_torch

from ._canvas import opened, png

# How sure the model is to be of a spot, and of the surest one for the part to be there at all.
_SURE, _THERE = 0.35, 0.5
# How far a mask reaches beyond what was found, and its edge fades, of the shorter side.
_BEYOND, _FADE = 0.02, 0.01
_NOT_LOADED = (
    "The model {source} cannot be loaded. QUILLMATE_IMAGES_PARTS should name a folder with a CLIPSeg model, or one that this machine "
    "can download, such as CIDAS/clipseg-rd64-refined."
)


class Parts:
    """Finds what words name, off the event loop. Loaded when the first part is looked for."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self._loading = asyncio.Lock()
        self._loaded: tuple[Any, Any] | None = None

    async def mask(self, picture: bytes, words: str) -> bytes | None:
        """The mask of what words name in a PNG: white where it is, with soft edges; None where it is not seen there.

        Raises:
            EngineError: the model is not there.
        """
        processor, model = await self._model()
        return await asyncio.to_thread(_mask, processor, model, picture, words)

    async def check(self) -> str:
        """Says in a few words that it is there."""
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


def _mask(processor: Any, model: Any, picture: bytes, words: str) -> bytes | None:
    import torch
    from PIL import Image, ImageFilter

    shown = opened(picture)
    given = processor(text=[words], images=[shown], return_tensors="pt", padding=True, truncation=True)
    with torch.no_grad():
        sure = torch.sigmoid(model(**given).logits).squeeze()
    if float(sure.max()) < _THERE:
        return None
    found = Image.fromarray(((sure >= _SURE) * 255).to(torch.uint8).numpy(), "L").resize(shown.size)
    short = min(shown.size)
    reach = max(3, round(short * _BEYOND) // 2 * 2 + 1)
    return png(found.filter(ImageFilter.MaxFilter(reach)).filter(ImageFilter.GaussianBlur(short * _FADE)))
