"""Finds parts of pictures by words with a CLIPSeg model in this process, which understands English best."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.runtime.extras import require_torch

from ._canvas import encode_png, open_picture

# The probability from which a pixel belongs to the part, and that of the best pixel from which the picture has the part at all.
_MIN_PIXEL_PROBABILITY, _MIN_PART_PROBABILITY = 0.35, 0.5
# The size of the filter that grows a mask, and the radius of the blur of its edge, as shares of the shorter side.
_GROWTH, _BLUR = 0.02, 0.01
_NOT_LOADED_MESSAGE = (
    "The model {source} cannot be loaded. QUILLMATE_IMAGES_PARTS should name a folder with a CLIPSeg model, or one that this machine "
    "can download, such as CIDAS/clipseg-rd64-refined."
)


class ClipSegPartFinder:
    """Finds parts of pictures in a thread. The model is loaded at the first search."""

    def __init__(self, source: str) -> None:
        folder = Path(source).expanduser()
        self._source = str(folder if folder.is_dir() else source)
        self._loading = asyncio.Lock()
        self._processor_and_model: tuple[Any, Any] | None = None

    async def find_mask(self, picture: bytes, words: str) -> bytes | None:
        """Return the mask of a part of a PNG that words name: white with soft edges; None if the part is not found.

        Raises:
            EngineError: the model cannot be loaded.
        """
        processor, model = await self._load_model()
        return await asyncio.to_thread(_compute_mask, processor, model, picture, words)

    async def check(self) -> str:
        """Return a short status, or raise as `find_mask`."""
        await self._load_model()
        return f"{self._source.rstrip('/').split('/')[-1]} finds parts by words"

    async def _load_model(self) -> tuple[Any, Any]:
        async with self._loading:
            if self._processor_and_model is None:
                try:
                    self._processor_and_model = await asyncio.to_thread(_load, self._source)
                except (OSError, ValueError) as error:
                    raise EngineError(_NOT_LOADED_MESSAGE, source=self._source) from error
            return self._processor_and_model


def _load(source: str) -> tuple[Any, Any]:
    require_torch()
    is_local = Path(source).is_dir()
    # Found out before torch is imported, which takes seconds.
    if is_local and not (Path(source) / "config.json").is_file():
        raise FileNotFoundError("config.json")
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    processor = CLIPSegProcessor.from_pretrained(source, local_files_only=is_local)
    return processor, CLIPSegForImageSegmentation.from_pretrained(source, local_files_only=is_local).eval()


def _compute_mask(processor: Any, model: Any, picture: bytes, words: str) -> bytes | None:
    import torch
    from PIL import Image, ImageFilter

    image = open_picture(picture)
    inputs = processor(text=[words], images=[image], return_tensors="pt", padding=True, truncation=True)
    with torch.no_grad():
        probabilities = torch.sigmoid(model(**inputs).logits).squeeze()
    if float(probabilities.max()) < _MIN_PART_PROBABILITY:
        return None
    pixels = ((probabilities >= _MIN_PIXEL_PROBABILITY) * 255).to(torch.uint8).numpy()
    mask = Image.fromarray(pixels, "L").resize(image.size)
    shorter_side = min(image.size)
    # Pillow's filter needs an odd size.
    filter_size = max(3, round(shorter_side * _GROWTH) // 2 * 2 + 1)
    grown_mask = mask.filter(ImageFilter.MaxFilter(filter_size))
    return encode_png(grown_mask.filter(ImageFilter.GaussianBlur(shorter_side * _BLUR)))
