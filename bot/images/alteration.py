"""Plans alterations of a picture: variations, a changed part, enlarging, widening.

Code prepares what the engine needs: the part that words name, its mask, the sides to be filled, the size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from bot.content import Alteration
from bot.engines.images import Edit, ImageTraits, Picture
from bot.engines.images._canvas import encode_png, open_picture
from bot.errors import Phrase, RefusedError
from bot.kinds._dialects import has_weights

from .regions import build_mask, find_regions

# Pictures drawn for "Variations".
VARIATIONS = 3
# The factors of widening and enlarging, and the most pixels of a side of the result.
_WIDENING_FACTOR, _ENLARGING_FACTOR = 1.5, 2.0
_MAX_SIDE_PIXELS = {"enlarge": 4096, "widen": 2304}
# Smaller factors are refused.
_MIN_WIDENING, _MIN_ENLARGING = 1.1, 1.2
# Pixels at the old edges that are redrawn, so that no seam is visible.
_OVERLAP = 16
# The sides are blurred at a size this many times smaller.
_BLUR_SCALE = 8
_SIDE_MULTIPLE = 8
_TOO_WIDE = "I cannot draw pictures wider than this."
_TOO_LARGE = "I cannot send pictures larger than this: {width} × {height} pixels."
# Shown if a model has found the part.
_DONE_AS_FOUND = "I changed what a model recognised as “{part}”: {share} % of the picture."
_DONE: dict[str, str] = {
    "vary": "Variations of the previous picture.",
    "change": "I changed this part: {parts}.",
    "enlarge": "Enlarged from {before} to {after} pixels.",
    "widen": "Widened from {before} to {after} pixels. The sides are new.",
}
# Shown if the engine finds the part itself, without a mask.
_DONE_BY_WORDS = "I asked the model to change only this: {part}. Check that everything else is still the same."


@dataclass(frozen=True, slots=True)
class PlannedAlteration:
    """The edits for an alteration, and the message about it."""

    edits: tuple[Edit, ...]
    told: Phrase


def check_alteration(way: str, part: str, traits: ImageTraits, *, has_finder: bool = False) -> None:
    """Check that an alteration is possible before it is requested; `has_finder` if a model can find parts.

    Raises:
        RefusedError: it is not possible; the message says what is.
    """
    if way == "change" and not traits.by_words and not has_finder:
        find_regions(part)


def plan_alteration(
    wanted: Alteration,
    source: bytes,
    parts: Mapping[str, Any],
    seed: int,
    traits: ImageTraits,
    found: bytes | None = None,
) -> PlannedAlteration:
    """Plan the edits of a picture from the parts of the content that it was drawn from.

    `found` is the mask of the part to be changed if a model has found it.

    Raises:
        RefusedError: the picture has its maximum size, or the part to be changed is unknown.
    """
    prompt = str(parts["prompt"])
    with_prompt = Picture(
        prompt, prompt if has_weights(parts) else "", str(parts.get("negative_prompt", "")), seed=seed
    )
    picture = open_picture(source)
    match wanted.way:
        case "vary":
            return _plan_variations(source, replace(with_prompt, width=picture.width, height=picture.height))
        case "change":
            sized = replace(with_prompt, width=picture.width, height=picture.height)
            return _plan_change(wanted, source, sized, traits, found)
        case "enlarge":
            return _plan_enlargement(source, picture, with_prompt)
        case _:
            return _plan_widening(picture, with_prompt, traits)


def _plan_variations(source: bytes, picture: Picture) -> PlannedAlteration:
    edits = (Edit("vary", source, replace(picture, seed=picture.seed + number)) for number in range(VARIATIONS))
    return PlannedAlteration(tuple(edits), Phrase(_DONE["vary"]))


def _plan_change(
    wanted: Alteration, source: bytes, picture: Picture, traits: ImageTraits, found: bytes | None
) -> PlannedAlteration:
    # The new part comes first; the rest of the prompt keeps the style of the picture.
    picture = replace(picture, prompt=f"{wanted.into}, {picture.prompt}", weighted="")
    edit = Edit("change", source, picture, part=wanted.part, into=wanted.into)
    if traits.by_words:
        return PlannedAlteration((edit,), Phrase(_DONE_BY_WORDS, part=wanted.part))
    if found is not None:
        share = round(100 * ImageStat.Stat(open_picture(found, "L")).mean[0] / 255)
        return PlannedAlteration((replace(edit, mask=found),), Phrase(_DONE_AS_FOUND, part=wanted.part, share=share))
    regions = find_regions(wanted.part)
    told = Phrase(_DONE["change"], parts=[Phrase(region.told) for region in regions])
    return PlannedAlteration((replace(edit, mask=build_mask(regions, (picture.width, picture.height))),), told)


def _plan_enlargement(source: bytes, picture: Image.Image, wanted: Picture) -> PlannedAlteration:
    times = min(_ENLARGING_FACTOR, _MAX_SIDE_PIXELS["enlarge"] / max(picture.size))
    if times < _MIN_ENLARGING:
        raise RefusedError(_TOO_LARGE, width=picture.width, height=picture.height)
    width, height = (int(side * times) // _SIDE_MULTIPLE * _SIDE_MULTIPLE for side in picture.size)
    return PlannedAlteration(
        (Edit("enlarge", source, replace(wanted, width=width, height=height)),), Phrase(_DONE["enlarge"])
    )


def _plan_widening(picture: Image.Image, wanted: Picture, traits: ImageTraits) -> PlannedAlteration:
    now = picture.width / picture.height
    then = min(now * _WIDENING_FACTOR, traits.widest)
    if then < now * _MIN_WIDENING:
        raise RefusedError(_TOO_WIDE)
    size = round(picture.height * then), picture.height
    canvas, mask = _add_sides(picture, size)
    shrunk = min(1.0, _MAX_SIDE_PIXELS["widen"] / size[0])
    width, height = (int(side * shrunk) // _SIDE_MULTIPLE * _SIDE_MULTIPLE for side in size)
    small = [encode_png(one.resize((width, height), Image.Resampling.LANCZOS)) for one in (canvas, mask)]
    edit = Edit("widen", small[0], replace(wanted, width=width, height=height), small[1])
    return PlannedAlteration((edit,), Phrase(_DONE["widen"]))


def _add_sides(picture: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Return a picture centred in a wider one, and the mask of the new sides.

    The sides are the picture mirrored and blurred, so that the drawing starts from its colours.
    """
    left = (size[0] - picture.width) // 2
    canvas = Image.new("RGB", size)
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for at in (left - picture.width, left + picture.width):
        canvas.paste(mirrored, (at, 0))
    canvas.paste(picture, (left, 0))  # Keeps the sides from fading to black at the edges.
    small = canvas.resize((max(1, size[0] // _BLUR_SCALE), max(1, size[1] // _BLUR_SCALE)))
    canvas = small.filter(ImageFilter.GaussianBlur(picture.width / _BLUR_SCALE / 40)).resize(
        size, Image.Resampling.BICUBIC
    )
    canvas.paste(picture, (left, 0))
    mask = Image.new("L", size, 255)
    kept = (left + _OVERLAP, 0, left + picture.width - _OVERLAP - 1, size[1])
    ImageDraw.Draw(mask).rectangle(kept, fill=0)
    return canvas, mask.filter(ImageFilter.GaussianBlur(_OVERLAP / 4))


def describe_alteration(done: Phrase, way: str, before: bytes, after: bytes) -> Phrase:
    """Return the message about an alteration, with the sizes if they have changed."""
    if way not in ("enlarge", "widen"):
        return done
    sizes = {name: "{} × {}".format(*open_picture(body).size) for name, body in (("before", before), ("after", after))}
    return Phrase(done.text, **sizes)
