"""Plan the alterations of a picture: variations, inpainting, upscaling and outpainting.

A plan has the engine's input: the prompt, the mask of the region to change or fill, and the size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from bot.composition.dialects import has_weights
from bot.content import Alteration
from bot.engines.images import Edit, ImageTraits, Picture
from bot.engines.images._canvas import encode_png, open_picture
from bot.errors import Phrase, RefusedError

from .regions import build_mask, find_regions

# Pictures drawn for "Variations".
VARIATIONS = 3
# The factors of outpainting and upscaling, and the maximum side length of the result in pixels.
_OUTPAINTING_FACTOR, _UPSCALING_FACTOR = 1.5, 2.0
_MAX_SIDE_PIXELS = {"enlarge": 4096, "widen": 2304}
# Smaller factors are refused.
_MIN_OUTPAINTING_FACTOR, _MIN_UPSCALING_FACTOR = 1.1, 1.2
# Pixels at the old edges that are redrawn, so that no seam is visible.
_OVERLAP = 16
# The margins are blurred at a size this many times smaller.
_BLUR_SCALE = 8
_DIMENSION_MULTIPLE = 8
_TOO_WIDE = "This picture is already as wide as I can draw."
_TOO_LARGE = "I cannot send pictures larger than this: {width} × {height} pixels."
# Shown if a model has found the region.
_CHANGED_REGION_MESSAGE = "I changed what a model recognised as “{part}”: {share} % of the picture."
_MESSAGES: dict[str, str] = {
    "vary": "Variations of the previous picture.",
    "change": "I changed this part: {parts}.",
    "enlarge": "Enlarged from {before} to {after} pixels.",
    "widen": "Widened from {before} to {after} pixels. The sides are new.",
}
# Shown if the engine finds the region itself, without a mask.
_CHANGED_BY_PROMPT_MESSAGE = (
    "I asked the model to change only this: {part}. Check that everything else is still the same."
)


@dataclass(frozen=True, slots=True)
class PlannedAlteration:
    """The edits for an alteration, and the message about it."""

    edits: tuple[Edit, ...]
    message: Phrase


def check_alteration(operation: str, part: str, traits: ImageTraits, *, has_finder: bool = False) -> None:
    """Check that an alteration is possible before it is requested; `has_finder` if a model can find regions.

    Raises:
        RefusedError: it is not possible; the message names what is supported.
    """
    if operation == "change" and not traits.by_words and not has_finder:
        find_regions(part)


def plan_alteration(
    alteration: Alteration,
    source: bytes,
    fields: Mapping[str, Any],
    seed: int,
    traits: ImageTraits,
    mask: bytes | None = None,
) -> PlannedAlteration:
    """Plan the edits of a picture; `fields` are those of the content that it was drawn for.

    `mask` is the mask of the region to be changed if a model has found it.

    Raises:
        RefusedError: the picture has its maximum size, or the region to be changed is unknown.
    """
    prompt = str(fields["prompt"])
    target = Picture(prompt, prompt if has_weights(fields) else "", str(fields.get("negative_prompt", "")), seed=seed)
    picture = open_picture(source)
    match alteration.way:
        case "vary":
            return _plan_variations(source, replace(target, width=picture.width, height=picture.height))
        case "change":
            sized_target = replace(target, width=picture.width, height=picture.height)
            return _plan_inpainting(alteration, source, sized_target, traits, mask)
        case "enlarge":
            return _plan_upscaling(source, picture, target)
        case _:
            return _plan_outpainting(picture, target, traits)


def _plan_variations(source: bytes, picture: Picture) -> PlannedAlteration:
    edits = (Edit("vary", source, replace(picture, seed=picture.seed + number)) for number in range(VARIATIONS))
    return PlannedAlteration(tuple(edits), Phrase(_MESSAGES["vary"]))


def _plan_inpainting(
    alteration: Alteration, source: bytes, picture: Picture, traits: ImageTraits, mask: bytes | None
) -> PlannedAlteration:
    # The new content comes first; the rest of the prompt keeps the style of the picture.
    picture = replace(picture, prompt=f"{alteration.into}, {picture.prompt}", weighted="")
    edit = Edit("change", source, picture, part=alteration.part, into=alteration.into)
    if traits.by_words:
        return PlannedAlteration((edit,), Phrase(_CHANGED_BY_PROMPT_MESSAGE, part=alteration.part))
    if mask is not None:
        share = round(100 * ImageStat.Stat(open_picture(mask, "L")).mean[0] / 255)
        return PlannedAlteration(
            (replace(edit, mask=mask),), Phrase(_CHANGED_REGION_MESSAGE, part=alteration.part, share=share)
        )
    regions = find_regions(alteration.part)
    message = Phrase(_MESSAGES["change"], parts=[Phrase(region.label) for region in regions])
    return PlannedAlteration((replace(edit, mask=build_mask(regions, (picture.width, picture.height))),), message)


def _plan_upscaling(source: bytes, picture: Image.Image, target: Picture) -> PlannedAlteration:
    factor = min(_UPSCALING_FACTOR, _MAX_SIDE_PIXELS["enlarge"] / max(picture.size))
    if factor < _MIN_UPSCALING_FACTOR:
        raise RefusedError(_TOO_LARGE, width=picture.width, height=picture.height)
    width, height = (int(side * factor) // _DIMENSION_MULTIPLE * _DIMENSION_MULTIPLE for side in picture.size)
    return PlannedAlteration(
        (Edit("enlarge", source, replace(target, width=width, height=height)),), Phrase(_MESSAGES["enlarge"])
    )


def _plan_outpainting(picture: Image.Image, target: Picture, traits: ImageTraits) -> PlannedAlteration:
    aspect_ratio = picture.width / picture.height
    target_aspect_ratio = min(aspect_ratio * _OUTPAINTING_FACTOR, traits.widest)
    if target_aspect_ratio < aspect_ratio * _MIN_OUTPAINTING_FACTOR:
        raise RefusedError(_TOO_WIDE)
    size = round(picture.height * target_aspect_ratio), picture.height
    canvas, mask = _add_margins(picture, size)
    scale = min(1.0, _MAX_SIDE_PIXELS["widen"] / size[0])
    width, height = (int(side * scale) // _DIMENSION_MULTIPLE * _DIMENSION_MULTIPLE for side in size)
    canvas_png, mask_png = (
        encode_png(image.resize((width, height), Image.Resampling.LANCZOS)) for image in (canvas, mask)
    )
    edit = Edit("widen", canvas_png, replace(target, width=width, height=height), mask_png)
    return PlannedAlteration((edit,), Phrase(_MESSAGES["widen"]))


def _add_margins(picture: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Return a picture centred in a wider one, and the mask of the new margins.

    The margins are the picture mirrored and blurred, so that the drawing starts from its colours.
    """
    left = (size[0] - picture.width) // 2
    canvas = Image.new("RGB", size)
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for x in (left - picture.width, left + picture.width):
        canvas.paste(mirrored, (x, 0))
    canvas.paste(picture, (left, 0))  # Keeps the margins from fading to black at the edges.
    small = canvas.resize((max(1, size[0] // _BLUR_SCALE), max(1, size[1] // _BLUR_SCALE)))
    canvas = small.filter(ImageFilter.GaussianBlur(picture.width / _BLUR_SCALE / 40)).resize(
        size, Image.Resampling.BICUBIC
    )
    canvas.paste(picture, (left, 0))
    mask = Image.new("L", size, 255)
    kept_area = (left + _OVERLAP, 0, left + picture.width - _OVERLAP - 1, size[1])
    ImageDraw.Draw(mask).rectangle(kept_area, fill=0)
    return canvas, mask.filter(ImageFilter.GaussianBlur(_OVERLAP / 4))


def describe_alteration(message: Phrase, operation: str, before: bytes, after: bytes) -> Phrase:
    """Return the message about an alteration, with the sizes if they have changed."""
    if operation not in ("enlarge", "widen"):
        return message
    sizes = {
        name: "{} × {}".format(*open_picture(picture).size) for name, picture in (("before", before), ("after", after))
    }
    return Phrase(message.text, **sizes)
