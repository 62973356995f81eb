"""How each image model wants to be spoken to, in what sizes it draws, and in what shape a picture is wanted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from bot.content import Assignment

# SDXL was trained on these sizes (one megapixel, multiples of 64).
_SDXL = {
    (1, 1): (1024, 1024), (16, 9): (1344, 768), (9, 16): (768, 1344), (3, 2): (1216, 832), (2, 3): (832, 1216),
    (4, 3): (1152, 896), (3, 4): (896, 1152),
}  # fmt: skip
_DALLE = {(1, 1): "1024x1024", (16, 9): "1792x1024", (9, 16): "1024x1792"}
_GPT_IMAGE = {(1, 1): "1024x1024", (3, 2): "1536x1024", (2, 3): "1024x1536"}
_SD15_PIXELS, _PIXELS = 512 * 512, 1024 * 1024
# A shape whose sides are as long as this is told in pixels.
_MIN_SIDE = 256
# Screen readers read alternative texts of about this many characters in one go.
ALT_TEXT = 125
_PHRASES = 'comma-separated phrases on one line, and below them a line "Negative prompt: …" with what must not be in it'
_PARAGRAPH = "one paragraph of plain sentences; what must not be in it is left unsaid or said as what is there instead"
_LINE = "one line of short phrases that ends in its parameters (such as --ar 3:2 --no text)"


@dataclass(frozen=True, slots=True)
class Dialect:
    """`names` are what briefs call the model, `asked` the form of a prompt that it follows best.

    It draws in any shape of about so many `pixels`, or in the nearest of its `sizes`; without either its prompt tells the shape.
    It reads weights such as "(fox:1.2)" where it is `weighted`.
    """

    title: str
    names: tuple[str, ...]
    asked: str
    pixels: int = 0
    sizes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    weighted: bool = False

    def size(self, ratio: tuple[int, int]) -> dict[str, Any]:
        """The parts that tell how large a picture of a shape is drawn."""
        if self.sizes:
            return {"size": nearest(ratio, self.sizes)}
        if self.pixels:
            exact = min(ratio) >= _MIN_SIDE and not any(side % 8 for side in ratio)
            exact = exact and ratio[0] * ratio[1] <= 2 * self.pixels
            width, height = ratio if exact else size_of(ratio, self.pixels)
            return {"width": width, "height": height}
        return {}


# By the place in limits.toml.
DIALECTS: dict[str, Dialect] = {
    "sdxl": Dialect("SDXL", ("sdxl", "sd xl", "stable diffusion", "comfyui", "automatic1111"), _PHRASES, _PIXELS, weighted=True),
    "sd15": Dialect(
        "Stable Diffusion 1.5", ("sd 1.5", "sd1.5", "sd15", "stable diffusion 1.5"), _PHRASES, _SD15_PIXELS, weighted=True
    ),
    "sd3": Dialect("Stable Diffusion 3", ("sd3", "sd 3", "sd3.5", "stable diffusion 3"), _PARAGRAPH, _PIXELS),
    "midjourney": Dialect("Midjourney", ("midjourney", "mj"), _LINE),
    "flux": Dialect("FLUX", ("flux",), _PARAGRAPH, _PIXELS),
    "dalle": Dialect("DALL-E 3", ("dall-e", "dalle", "dall·e"), _PARAGRAPH, sizes=_DALLE),
    "gpt_image": Dialect("gpt-image", ("gpt-image", "gpt image", "chatgpt"), _PARAGRAPH, sizes=_GPT_IMAGE),
}  # fmt: skip

PLACES = {place: dialect.names for place, dialect in DIALECTS.items()}


def dialect_for(assignment: Assignment) -> Dialect | None:
    """The dialect of the model that the brief names, else of the engine that will draw; None where neither is known."""
    return DIALECTS.get(assignment.place)


def is_weighted(parts: Mapping[str, Any]) -> bool:
    """Whether the prompt in some parts may have weights such as "(fox:1.2)"."""
    dialect = DIALECTS.get(str(parts.get("target", "")))
    return dialect is not None and dialect.weighted


def ratio_of(assignment: Assignment, usual: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """The shape as (width, height) that the brief names, in figures or a word, else what is usual."""
    short, long = sorted(usual) if usual[0] != usual[1] else (2, 3)
    named = {"portrait": (short, long), "landscape": (long, short), "square": (1, 1), "panorama": (2, 1)}
    return assignment.requirements.ratio or named.get(assignment.reading.shape, usual)


def reduced(ratio: tuple[int, int]) -> tuple[int, int]:
    """A shape by its smallest numbers: (1080, 1350) is (4, 5)."""
    return ratio[0] // gcd(*ratio), ratio[1] // gcd(*ratio)


def size_of(ratio: tuple[int, int], pixels: int = _PIXELS) -> tuple[int, int]:
    """Width and height in pixels, multiples of 8, of about so many pixels."""
    width, height = reduced(ratio)
    if pixels == _PIXELS and (width, height) in _SDXL:
        return _SDXL[width, height]
    scale = (pixels / (width * height)) ** 0.5
    return round(width * scale / 8) * 8, round(height * scale / 8) * 8


def nearest(ratio: tuple[int, int], sizes: Mapping[tuple[int, int], str]) -> str:
    """Of the sizes that a model draws the one whose shape is nearest."""
    wanted = ratio[0] / ratio[1]
    return sizes[min(sizes, key=lambda known: abs(known[0] / known[1] - wanted))]
