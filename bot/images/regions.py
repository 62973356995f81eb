"""Find the regions of a picture that words such as "only the sky" name, and build their mask.

Their boxes are approximate and the same for every picture: the sky is its upper third. The message about a change says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.briefs.phrases import build_pattern
from bot.engines.images._canvas import encode_png
from bot.errors import RefusedError

# Characters of a description that are searched for regions.
MAX_PART_CHARACTERS = 300
# The width of a mask's soft edge, relative to the shorter side.
_FADE = 0.02
_UNKNOWN_REGION = (
    "I do not know where “{part}” is in the picture. Name one of these places: the sky, the ground, left, right, the middle, the "
    "background, or a corner such as top left."
)


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its `box` (left, top, right, bottom) relative to the width and height, or everything `outside` of it.

    `label` names it in messages; `words` are the words for it, separated by bars.
    """

    name: str
    label: str
    box: tuple[float, float, float, float]
    words: str
    outside: bool = False


@cache
def load_regions() -> Sequence[Region]:
    """Load all regions in order of precedence."""
    table = tomllib.loads((files("bot.images") / "regions.toml").read_text(encoding="utf-8"))
    return tuple(
        Region(name, row["told"], tuple(row["box"]), "|".join(row["words"]), row.get("outside", False))
        for name, row in table.items()
    )


def find_regions(words: str) -> list[Region]:
    """Return the regions that words name.

    Raises:
        RefusedError: they name no known region.
    """
    remaining, regions = words[:MAX_PART_CHARACTERS], list[Region]()
    for region in load_regions():
        pattern = build_pattern(region.words)
        if pattern.search(remaining):
            regions.append(region)
            remaining = pattern.sub(" ", remaining)
    if not regions:
        raise RefusedError(_UNKNOWN_REGION, part=words[:80].strip())
    return regions


def build_mask(regions: Sequence[Region], size: tuple[int, int]) -> bytes:
    """Build the mask of regions for a size as PNG: white inside, black elsewhere, with soft edges."""
    mask = Image.new("L", size)
    for region in regions:
        mask = ImageChops.lighter(mask, _draw_region(region, size))
    return encode_png(mask.filter(ImageFilter.GaussianBlur(_FADE * min(size))))


def _draw_region(region: Region, size: tuple[int, int]) -> Image.Image:
    width, height = size
    left, top, right, bottom = region.box
    # Pillow's boxes include their last column and row.
    box = (round(left * width), round(top * height), round(right * width) - 1, round(bottom * height) - 1)
    shape = Image.new("L", size, 255 if region.outside else 0)
    draw = ImageDraw.Draw(shape)
    if region.name in ("edges", "middle"):
        draw.ellipse(box, fill=0 if region.outside else 255)
    else:
        draw.rectangle(box, fill=255)
    return shape
