"""How each image model wants to be spoken to: one scene in, its prompt, flags, size and negatives out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.briefs import says
from bot.briefs.wording import MOST_READ
from bot.checks.limits import limits_of
from bot.checks.units import UNITS
from bot.content import Assignment
from bot.kinds._labels import label_around

# What keeps the usual faults of image models out.
KEEP_OUT = ("blurry", "distorted hands", "extra fingers", "watermark", "low quality")
# The subject weighs a little more than what stands around it.
_SUBJECT_WEIGHT = 1.2
# Of the usual things that Midjourney keeps out so many are named.
_MOST_NEGATIVES = 4
# SDXL was trained on these sizes (one megapixel, multiples of 64).
_SDXL = {
    (1, 1): (1024, 1024), (16, 9): (1344, 768), (9, 16): (768, 1344), (3, 2): (1216, 832), (2, 3): (832, 1216),
    (4, 3): (1152, 896), (3, 4): (896, 1152),
}  # fmt: skip
_DALLE = {(1, 1): "1024x1024", (16, 9): "1792x1024", (9, 16): "1024x1792"}
_GPT_IMAGE = {(1, 1): "1024x1024", (3, 2): "1536x1024", (2, 3): "1024x1536"}
_SD15_PIXELS, _PIXELS = 512 * 512, 1024 * 1024


# Screen readers read alternative texts of about this many characters in one go.
ALT_TEXT = 125
# Words for a shape in briefs, and the ratio they mean. The first that occurs counts.
SHAPES = {
    (9, 16): "story*|stories*|phone*|vertical*|reel*|wallpaper for my phone",
    (16, 9): "wide*|hero*|banner*|landscape*|thumbnail*|header*|desktop*|youtube*|slide*",
    (2, 3): "tall*|poster*|portrait*|cover*|flyer*|book*|key art",
    (1, 1): "square*|avatar*|icon*|sticker*|profile*|post*|product*",
}


# Sheets of paper, whose long side is their short one times the root of two; upright where nothing else is said.
_PAPER = "a2|a3|a4|a5|a6|affiche*|plakat*|cartel|carteles|cartaz*"
# A shape that briefs of all languages may name, whatever the picture is.
_SAID = {"square": (1, 1)}
# How a picture lies, as briefs of all languages say it.
_LYING = {"landscape": (3, 2), "portrait": (2, 3)}


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. `terms` are what is seen, the most important first; `text` is what is to be read in it.

    `keep_out` is what must not be in it, `usual` what else its kind of picture is better without. The
    text is `said` where the terms hold it already.
    """

    terms: tuple[str, ...]
    palette: tuple[str, ...]
    text: str
    keep_out: tuple[str, ...]
    ratio: tuple[int, int]
    seed: int
    usual: tuple[str, ...] = KEEP_OUT
    said: bool = False

    @property
    def negatives(self) -> tuple[str, ...]:
        """What is kept out, wished or usual."""
        return tuple(dict.fromkeys((*self.keep_out, *self.usual, *(() if self.text else ("text",)))))


Compiled = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`names` are what briefs call the model; `compiled` gives the parts of a scene in its form, `weighted` where "raw" has weights."""

    title: str
    names: tuple[str, ...]
    compiled: Callable[[str, Scene], Compiled]
    weighted: bool = False


def ratio_of(assignment: Assignment) -> tuple[int, int]:
    """The picture's shape as (width, height): as the brief says it, or as what it asks for usually is."""
    if assignment.wishes.ratio:
        return assignment.wishes.ratio
    if (shape := assignment.reading.shape) in _SAID:  # What a cover is for says less of its shape than "square" does.
        return _SAID[shape]
    if says(assignment.brief[:MOST_READ], _PAPER):
        return _LYING.get(shape, (2, 3))
    named = (ratio for ratio, names in SHAPES.items() if says(assignment.brief[:MOST_READ], names))
    return next(named, _LYING.get(shape, (1, 1)))


# Words of briefs for a film that is held upright.
_UPRIGHT = "vertical*|reel|reels|tiktok*|stories|phone*|shorts|snapchat"


def film_ratio(assignment: Assignment) -> tuple[int, int]:
    """A film's shape as (width, height): as the brief says it, a phone's where it is for one, else a screen's."""
    if assignment.wishes.ratio:
        return assignment.wishes.ratio
    shape = assignment.reading.shape
    if shape in _SAID:
        return _SAID[shape]
    return (9, 16) if shape == "portrait" or says(assignment.brief[:MOST_READ], _UPRIGHT) else (16, 9)


def settings_of(parts: Compiled, assignment: Assignment) -> list[str]:
    """What stands below a prompt: its size and seed, where its model takes them."""
    size = f"{parts['width']} x {parts['height']}" if "width" in parts else parts.get("size", "")
    told = (("Size", size), ("Seed", parts.get("seed", "")))
    return [f"**{label_around(name, assignment)}:** {value}" for name, value in told if value != ""]


def negative_of(parts: Compiled, assignment: Assignment) -> str:
    """The negative prompt under its heading, in a block of its own, since it is pasted into a field of its own; else empty."""
    if not parts["negative_prompt"]:
        return ""
    return f"**{label_around('Negative prompt', assignment)}**\n```\n{parts['negative_prompt']}\n```"


def size_of(ratio: tuple[int, int], pixels: int = _PIXELS) -> tuple[int, int]:
    """Width and height in pixels, multiples of 8, of about so many pixels."""
    if pixels == _PIXELS and ratio in _SDXL:
        return _SDXL[ratio]
    width, height = ratio
    scale = (pixels / (width * height)) ** 0.5
    return round(width * scale / 8) * 8, round(height * scale / 8) * 8


def nearest(ratio: tuple[int, int], sizes: Mapping[tuple[int, int], str]) -> str:
    """Of the sizes that a model draws the one whose shape is nearest."""
    wanted = ratio[0] / ratio[1]
    return sizes[min(sizes, key=lambda known: abs(known[0] / known[1] - wanted))]


def fits(place: str, prompt: str) -> bool:
    """The prompt keeps to the limits of its model."""
    return all(UNITS[limit.unit](prompt) <= limit.max for limit in limits_of(place) if limit.field == "prompt")


def _phrases(place: str, scene: Scene) -> str:
    """Terms and colours with commas between; the least important go where the model reads no more."""
    written = f'the words "{scene.text}"' if scene.text and not scene.said else ""
    terms = list(filter(None, [scene.terms[0], written, *scene.terms[1:], ", ".join(scene.palette)]))
    while len(terms) > 1 and not fits(place, ", ".join(terms)):
        terms.pop()
    prompt = ", ".join(terms)
    return prompt[:1].upper() + prompt[1:]


def _prose(place: str, scene: Scene) -> str:
    """Sentences, which models with a language model inside follow best."""
    first, *rest = scene.terms
    sentences = [first, *rest]
    if scene.text and not scene.said:
        sentences.insert(1, f'It shows the words "{scene.text}"')
    if scene.palette:
        sentences.append(f"Colours: {', '.join(scene.palette)}")
    if scene.keep_out:  # There is no other place for it.
        sentences.append(f"No {', no '.join(scene.keep_out)}")
    while len(sentences) > 1 and not fits(place, ". ".join(sentences)):
        sentences.pop()
    return " ".join(f"{one[:1].upper()}{one[1:].rstrip('. ')}." for one in sentences)


def _tagged(pixels: int) -> Callable[[str, Scene], Compiled]:
    def compiled(place: str, scene: Scene) -> Compiled:
        prompt = _phrases(place, scene)
        # The first thing that is seen, which may have commas of its own.
        whole = prompt.casefold().startswith(scene.terms[0].casefold())
        end = len(scene.terms[0]) if whole else len(prompt.partition(", ")[0])
        subject, (_, comma, rest) = prompt[:end], prompt[end:].partition(", ")
        width, height = size_of(scene.ratio, pixels)
        return {
            "prompt": prompt, "raw": f"({subject}:{_SUBJECT_WEIGHT}){comma}{rest}", "width": width, "height": height,
            "negative_prompt": ", ".join(scene.negatives), "seed": scene.seed,
        }  # fmt: skip

    return compiled


def _midjourney(place: str, scene: Scene) -> Compiled:
    prompt = _phrases(place, scene)
    flags = f"--ar {scene.ratio[0]}:{scene.ratio[1]} --no {', '.join(scene.negatives[: max(_MOST_NEGATIVES, len(scene.keep_out))])} --seed {scene.seed}"
    return {"prompt": prompt, "raw": f"{prompt} {flags}", "negative_prompt": ""}


def _sized_prose(place: str, scene: Scene) -> Compiled:
    prompt = _prose(place, scene)
    width, height = size_of(scene.ratio)
    return {
        "prompt": prompt, "raw": prompt, "width": width, "height": height, "negative_prompt": "", "seed": scene.seed,
    }  # fmt: skip


def _fixed_prose(sizes: Mapping[tuple[int, int], str]) -> Callable[[str, Scene], Compiled]:
    def compiled(place: str, scene: Scene) -> Compiled:
        prompt = _prose(place, scene)
        return {"prompt": prompt, "raw": prompt, "size": nearest(scene.ratio, sizes), "negative_prompt": ""}

    return compiled


# By the place in limits.toml; the first is meant when a brief names none.
DIALECTS: dict[str, Dialect] = {
    "sdxl": Dialect("SDXL", ("sdxl", "sd xl", "stable diffusion", "comfyui", "automatic1111"), _tagged(_PIXELS), True),
    "sd15": Dialect(
        "Stable Diffusion 1.5", ("sd 1.5", "sd1.5", "sd15", "stable diffusion 1.5"), _tagged(_SD15_PIXELS), True
    ),
    "sd3": Dialect("Stable Diffusion 3", ("sd3", "sd 3", "sd3.5", "stable diffusion 3"), _sized_prose),
    "midjourney": Dialect("Midjourney", ("midjourney", "mj"), _midjourney),
    "flux": Dialect("FLUX", ("flux",), _sized_prose),
    "dalle": Dialect("DALL-E 3", ("dall-e", "dalle", "dall·e"), _fixed_prose(_DALLE)),
    "gpt_image": Dialect("gpt-image", ("gpt-image", "gpt image", "chatgpt"), _fixed_prose(_GPT_IMAGE)),
}

PLACES = {place: dialect.names for place, dialect in DIALECTS.items()}
