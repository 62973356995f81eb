"""From a picture that was drawn to another: variations, a part of it changed, more pixels, more to its sides.

What a way needs is put together here, as far as code can do it: which part words mean, the mask, the sides to be filled, the size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from bot.content import Alteration
from bot.engines.images import Edit, ImageTraits, Picture
from bot.engines.images._canvas import opened, png
from bot.errors import Phrase, RefusedError
from bot.kinds._dialects import is_weighted

from .regions import mask_of, regions_in

# So many are drawn at a press of "Variations".
VARIATIONS = 3
# How far a picture is widened at once; and the most pixels of a side of what is made larger or wider.
_WIDER, _LARGER = 1.5, 2.0
_MAX_SIDE = {"enlarge": 4096, "widen": 2304}
# What is not worth the while.
_MIN_WIDER, _MIN_LARGER = 1.1, 1.2
# Pixels of the picture at its old edges that are drawn anew, so that no seam is seen.
_OVERLAP = 16
# What is blurred anyway is blurred in a size that many times smaller.
_COARSE = 8
_SIDE = 8
_WIDEST = "I cannot draw pictures wider than this."
_MAX = "I cannot send pictures larger than this: {width} × {height} pixels."
# Where a model has found the part.
_DONE_AS_FOUND = "I changed what a model recognised as “{part}”: {share} % of the picture."
_DONE: dict[str, str] = {
    "vary": "Variations of the previous picture.",
    "change": "I changed this part: {parts}.",
    "enlarge": "Enlarged from {before} to {after} pixels.",
    "widen": "Widened from {before} to {after} pixels. The sides are new.",
}
# Where no mask was used: the model itself has found the part.
_DONE_BY_WORDS = "I asked the model to change only this: {part}. Check that everything else is still the same."


@dataclass(frozen=True, slots=True)
class Altered:
    """A picture to be drawn from another, and what is told of it then."""

    edits: tuple[Edit, ...]
    told: Phrase


def checked(way: str, part: str, traits: ImageTraits, *, finds: bool = False) -> None:
    """Looks whether something can be done, before it is asked for. A model `finds` parts where there is one.

    Raises:
        RefusedError: it cannot; the sentence says what can.
    """
    if way == "change" and not traits.by_words and not finds:
        regions_in(part)


def altered(
    wanted: Alteration,
    source: bytes,
    parts: Mapping[str, Any],
    seed: int,
    traits: ImageTraits,
    found: bytes | None = None,
) -> Altered:
    """What an engine is asked for, of a picture and the parts of the content that it was drawn of.

    `found` is the mask of the part to be changed, where a model has found it.

    Raises:
        RefusedError: the picture is as wide or large as it can be, or no part is known that is to be changed.
    """
    prompt = str(parts["prompt"])
    with_prompt = Picture(
        prompt, prompt if is_weighted(parts) else "", str(parts.get("negative_prompt", "")), seed=seed
    )
    picture = opened(source)
    match wanted.way:
        case "vary":
            return _varied(source, replace(with_prompt, width=picture.width, height=picture.height))
        case "change":
            sized = replace(with_prompt, width=picture.width, height=picture.height)
            return _changed(wanted, source, sized, traits, found)
        case "enlarge":
            return _enlarged(source, picture, with_prompt)
        case _:
            return _widened(picture, with_prompt, traits)


def _varied(source: bytes, picture: Picture) -> Altered:
    edits = (Edit("vary", source, replace(picture, seed=picture.seed + number)) for number in range(VARIATIONS))
    return Altered(tuple(edits), Phrase(_DONE["vary"]))


def _changed(wanted: Alteration, source: bytes, picture: Picture, traits: ImageTraits, found: bytes | None) -> Altered:
    # What it becomes stands first; the rest of the prompt keeps the new part in the picture's own manner.
    picture = replace(picture, prompt=f"{wanted.into}, {picture.prompt}", weighted="")
    edit = Edit("change", source, picture, part=wanted.part, into=wanted.into)
    if traits.by_words:
        return Altered((edit,), Phrase(_DONE_BY_WORDS, part=wanted.part))
    if found is not None:
        share = round(100 * ImageStat.Stat(opened(found, "L")).mean[0] / 255)
        return Altered((replace(edit, mask=found),), Phrase(_DONE_AS_FOUND, part=wanted.part, share=share))
    regions = regions_in(wanted.part)
    told = Phrase(_DONE["change"], parts=[Phrase(region.told) for region in regions])
    return Altered((replace(edit, mask=mask_of(regions, (picture.width, picture.height))),), told)


def _enlarged(source: bytes, picture: Image.Image, wanted: Picture) -> Altered:
    times = min(_LARGER, _MAX_SIDE["enlarge"] / max(picture.size))
    if times < _MIN_LARGER:
        raise RefusedError(_MAX, width=picture.width, height=picture.height)
    width, height = (int(side * times) // _SIDE * _SIDE for side in picture.size)
    return Altered((Edit("enlarge", source, replace(wanted, width=width, height=height)),), Phrase(_DONE["enlarge"]))


def _widened(picture: Image.Image, wanted: Picture, traits: ImageTraits) -> Altered:
    now = picture.width / picture.height
    then = min(now * _WIDER, traits.widest)
    if then < now * _MIN_WIDER:
        raise RefusedError(_WIDEST)
    size = round(picture.height * then), picture.height
    canvas, mask = _with_sides(picture, size)
    shrunk = min(1.0, _MAX_SIDE["widen"] / size[0])
    width, height = (int(side * shrunk) // _SIDE * _SIDE for side in size)
    small = [png(one.resize((width, height), Image.Resampling.LANCZOS)) for one in (canvas, mask)]
    edit = Edit("widen", small[0], replace(wanted, width=width, height=height), small[1])
    return Altered((edit,), Phrase(_DONE["widen"]))


def _with_sides(picture: Image.Image, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """A picture in the middle of a wider one, and the mask of what is new.

    The sides hold the picture's own, mirrored and blurred: what is drawn there begins from its colours.
    """
    left = (size[0] - picture.width) // 2
    canvas = Image.new("RGB", size)
    mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for at in (left - picture.width, left + picture.width):
        canvas.paste(mirrored, (at, 0))
    canvas.paste(picture, (left, 0))  # Else the sides would fade to black where they meet it.
    small = canvas.resize((max(1, size[0] // _COARSE), max(1, size[1] // _COARSE)))
    canvas = small.filter(ImageFilter.GaussianBlur(picture.width / _COARSE / 40)).resize(size, Image.Resampling.BICUBIC)
    canvas.paste(picture, (left, 0))
    mask = Image.new("L", size, 255)
    kept = (left + _OVERLAP, 0, left + picture.width - _OVERLAP - 1, size[1])
    ImageDraw.Draw(mask).rectangle(kept, fill=0)
    return canvas, mask.filter(ImageFilter.GaussianBlur(_OVERLAP / 4))


def told_of(done: Phrase, way: str, before: bytes, after: bytes) -> Phrase:
    """What is told of a picture that was altered, with its sizes where those have changed."""
    if way not in ("enlarge", "widen"):
        return done
    sizes = {name: "{} × {}".format(*opened(body).size) for name, body in (("before", before), ("after", after))}
    return Phrase(done.text, **sizes)
