"""Parts of a picture by words such as "only the sky": where they are by and large, and the mask of them. Pure.

Nobody looks at the picture for it: the sky is taken to be its upper third, and what is told of a change says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.briefs.phrases import build_pattern
from bot.engines.images._canvas import png
from bot.errors import RefusedError

# Characters of what somebody calls a part that are read.
MAX_READ = 300
# How much of the shorter side a mask's edge takes to fade.
_FADE = 0.02
_UNKNOWN = (
    "I do not know where “{part}” is in the picture. Name one of these places: the sky, the ground, left, right, the middle, the "
    "background, or a corner such as top left."
)


@dataclass(frozen=True, slots=True)
class Region:
    """A part from left, top to right, bottom, each of the width or height; or all that lies `outside` of that."""

    name: str
    told: str
    box: tuple[float, float, float, float]
    words: str
    outside: bool = False


@cache
def regions() -> Sequence[Region]:
    """All that are known, those that hold before others first."""
    table = tomllib.loads((files("bot.images") / "regions.toml").read_text(encoding="utf-8"))
    return tuple(
        Region(name, row["told"], tuple(row["box"]), "|".join(row["words"]), row.get("outside", False))
        for name, row in table.items()
    )


def regions_in(words: str) -> list[Region]:
    """The parts that words name.

    Raises:
        RefusedError: they name none that is known.
    """
    left, found = words[:MAX_READ], list[Region]()
    for region in regions():
        pattern = build_pattern(region.words)
        if pattern.search(left):
            found.append(region)
            left = pattern.sub(" ", left)
    if not found:
        raise RefusedError(_UNKNOWN, part=words[:80].strip())
    return found


def mask_of(parts: Sequence[Region], size: tuple[int, int]) -> bytes:
    """The mask of some parts of a picture of a size, as PNG: white where they are, black elsewhere, with soft edges."""
    mask = Image.new("L", size)
    for part in parts:
        mask = ImageChops.lighter(mask, _shape(part, size))
    return png(mask.filter(ImageFilter.GaussianBlur(_FADE * min(size))))


def _shape(part: Region, size: tuple[int, int]) -> Image.Image:
    width, height = size
    left, top, right, bottom = part.box
    # Pillow's boxes hold their last column and row.
    box = (round(left * width), round(top * height), round(right * width) - 1, round(bottom * height) - 1)
    shape = Image.new("L", size, 255 if part.outside else 0)
    draw = ImageDraw.Draw(shape)
    if part.name in ("edges", "middle"):
        draw.ellipse(box, fill=0 if part.outside else 255)
    else:
        draw.rectangle(box, fill=255)
    return shape
