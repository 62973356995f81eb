"""Dialects of image models, which are the form of their prompts and the sizes they draw in; and aspect ratios."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from bot.content import Assignment

# The sizes that SDXL was trained on by aspect ratio: one megapixel, multiples of 64.
_SDXL_SIZES = {
    (1, 1): (1024, 1024),
    (16, 9): (1344, 768),
    (9, 16): (768, 1344),
    (3, 2): (1216, 832),
    (2, 3): (832, 1216),
    (4, 3): (1152, 896),
    (3, 4): (896, 1152),
}
_DALLE_SIZES = {(1, 1): "1024x1024", (16, 9): "1792x1024", (9, 16): "1024x1792"}
_GPT_IMAGE_SIZES = {(1, 1): "1024x1024", (3, 2): "1536x1024", (2, 3): "1024x1536"}
_RATIO = re.compile(r"(?<![\d:.])([1-9]|1\d|2[01]) ?: ?([1-9]|1\d|2[01])(?![\d:]|\.\d| ?[ap]\.?m)")
_SD15_PIXELS, _PIXELS = 512 * 512, 1024 * 1024
# A ratio of numbers that are at least this large is a size in pixels.
_MIN_SIDE_PIXELS = 256
# Screen readers read alternative texts of about this length in one go.
MAX_ALT_TEXT_CHARACTERS = 125
_PHRASES_FORM = (
    'comma-separated phrases on one line, and below them the lines "Negative prompt: …", with what must not be in it, and "Format: …", '
    "such as 4:5"
)
_PARAGRAPH_FORM = (
    "one paragraph of plain sentences with its format, such as 4:5, that leaves out what must not appear, or describes what is there "
    "instead"
)
# What a model that understands whatever it is given in any language gets, as does one that nobody named.
SENTENCES_FORM = "one paragraph of plain sentences, ready to paste, with its format, such as 4:5, and what to keep out"
_LINE_FORM = "one line of short phrases that ends in its parameters (such as --ar 3:2 --no text)"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The dialect of an image model: its names in briefs, and the form of a prompt that it follows best.

    It draws in any aspect ratio with about `pixels` pixels, or in the nearest of its `sizes`; without either, the
    prompt states it. If it `reads_weights`, it understands weights such as "(fox:1.2)"; if it is `multilingual`, prompts in any
    language.
    """

    title: str
    names: tuple[str, ...]
    prompt_form: str
    pixels: int = 0
    sizes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    reads_weights: bool = False
    multilingual: bool = False

    def build_size_parts(self, ratio: tuple[int, int]) -> dict[str, Any]:
        """Return the parts that state the size of a picture with an aspect ratio, or of that size in pixels."""
        if self.sizes:
            return {"size": find_nearest_size(ratio, self.sizes)}
        if self.pixels:
            is_exact = min(ratio) >= _MIN_SIDE_PIXELS and not any(side % 8 for side in ratio)
            is_exact = is_exact and ratio[0] * ratio[1] <= 2 * self.pixels
            width, height = ratio if is_exact else compute_size(ratio, self.pixels)
            return {"width": width, "height": height}
        return {}


# By the model's name as a place in limits.toml.
DIALECTS: dict[str, Dialect] = {
    "sdxl": Dialect(
        "SDXL",
        ("sdxl", "sd xl", "stable diffusion", "comfyui", "automatic1111"),
        _PHRASES_FORM,
        _PIXELS,
        reads_weights=True,
    ),
    "sd15": Dialect(
        "Stable Diffusion 1.5",
        ("sd 1.5", "sd1.5", "sd15", "stable diffusion 1.5"),
        _PHRASES_FORM,
        _SD15_PIXELS,
        reads_weights=True,
    ),
    "sd3": Dialect("Stable Diffusion 3", ("sd3", "sd 3", "sd3.5", "stable diffusion 3"), _PARAGRAPH_FORM, _PIXELS),
    "midjourney": Dialect("Midjourney", ("midjourney", "mj"), _LINE_FORM),
    "flux": Dialect("FLUX", ("flux",), _PARAGRAPH_FORM, _PIXELS),
    "dalle": Dialect(
        "DALL-E 3", ("dall-e", "dalle", "dall·e", "dall e"), SENTENCES_FORM, sizes=_DALLE_SIZES, multilingual=True
    ),
    "gpt_image": Dialect(
        "gpt-image",
        ("gpt-image", "gpt image", "chatgpt", "chat gpt"),
        SENTENCES_FORM,
        sizes=_GPT_IMAGE_SIZES,
        multilingual=True,
    ),
}

PLACES = {place: dialect.names for place, dialect in DIALECTS.items()}


def find_dialect(assignment: Assignment) -> Dialect | None:
    """Return the dialect of the model that the brief names, else of the drawing engine; None if neither is known."""
    return DIALECTS.get(assignment.place)


def has_weights(parts: Mapping[str, Any]) -> bool:
    """Whether the model that these parts are for understands weights such as "(fox:1.2)"."""
    dialect = DIALECTS.get(str(parts.get("target", "")))
    return dialect is not None and dialect.reads_weights


def choose_ratio(assignment: Assignment, default: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """Return (width, height) as the brief gives it in figures or with a word such as "portrait", else the default."""
    short, long = sorted(default) if default[0] != default[1] else (2, 3)
    ratios = {"portrait": (short, long), "landscape": (long, short), "square": (1, 1), "panorama": (2, 1)}
    return assignment.requirements.ratio or ratios.get(assignment.reading.shape, default)


def find_ratio(prompt: str) -> tuple[int, int] | None:
    """Return the first aspect ratio in a prompt's sentences, such as "4:5"; None without one, and for a time such as 7:30."""
    match = _RATIO.search(prompt)
    return (int(match[1]), int(match[2])) if match else None


def reduce_ratio(ratio: tuple[int, int]) -> tuple[int, int]:
    """Return an aspect ratio in lowest terms: (1080, 1350) becomes (4, 5)."""
    return ratio[0] // gcd(*ratio), ratio[1] // gcd(*ratio)


def compute_size(ratio: tuple[int, int], pixels: int = _PIXELS) -> tuple[int, int]:
    """Return a width and height in pixels, multiples of 8, with an aspect ratio and about so many pixels."""
    width, height = reduce_ratio(ratio)
    if pixels == _PIXELS and (width, height) in _SDXL_SIZES:
        return _SDXL_SIZES[width, height]
    scale = (pixels / (width * height)) ** 0.5
    return round(width * scale / 8) * 8, round(height * scale / 8) * 8


def find_nearest_size(ratio: tuple[int, int], sizes: Mapping[tuple[int, int], str]) -> str:
    """Return the size with the nearest aspect ratio; `sizes` has them by ratio."""
    width_to_height = ratio[0] / ratio[1]
    return sizes[min(sizes, key=lambda known_ratio: abs(known_ratio[0] / known_ratio[1] - width_to_height))]
