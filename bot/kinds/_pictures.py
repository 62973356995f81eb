"""What the kinds that end in an image model share: shapes, sizes, and each model's dialect."""

from __future__ import annotations

from typing import Any

from bot.content import Assignment

# Screen readers read alternative texts of about this many characters in one go.
ALT_TEXT = 125
# What keeps the usual faults of image models out. Named models read it from a field of its own or from --no.
KEEP_OUT = ("blurry", "distorted hands", "extra fingers", "watermark", "text", "low quality")
# Words for a shape in briefs, and the ratio they mean. The first that occurs counts.
SHAPES = {
    (9, 16): ("story", "stories", "phone", "vertical", "reel", "wallpaper for my phone"),
    (16, 9): ("wide", "hero", "banner", "landscape", "thumbnail", "header", "desktop", "youtube", "slide"),
    (2, 3): ("tall", "poster", "portrait", "cover", "flyer", "book", "key art"),
    (1, 1): ("square", "avatar", "icon", "sticker", "profile", "post", "product"),
}
# SDXL was trained on these sizes (one megapixel, multiples of 64).
_SDXL = {
    (1, 1): (1024, 1024), (16, 9): (1344, 768), (9, 16): (768, 1344), (3, 2): (1216, 832), (2, 3): (832, 1216),
    (4, 3): (1152, 896), (3, 4): (896, 1152),
}  # fmt: skip
_DALLE = {(1, 1): "1024x1024", (16, 9): "1792x1024", (9, 16): "1024x1792"}


def ratio_of(assignment: Assignment) -> tuple[int, int]:
    """The picture's shape as (width, height): as the brief says it, or as what it asks for usually is."""
    if assignment.wishes.ratio:
        return assignment.wishes.ratio
    words = f" {assignment.brief.casefold()} "
    return next((ratio for ratio, names in SHAPES.items() if any(f" {name}" in words for name in names)), (1, 1))


def size_of(ratio: tuple[int, int]) -> tuple[int, int]:
    """Width and height in pixels, multiples of 8 of about one megapixel."""
    if ratio in _SDXL:
        return _SDXL[ratio]
    width, height = ratio
    scale = (1024 * 1024 / (width * height)) ** 0.5
    return round(width * scale / 8) * 8, round(height * scale / 8) * 8


def nearest_dalle(ratio: tuple[int, int]) -> str:
    """The size of DALL-E 3 whose shape is nearest."""
    wanted = ratio[0] / ratio[1]
    return _DALLE[min(_DALLE, key=lambda known: abs(known[0] / known[1] - wanted))]


# What briefs call the image models.
MODELS = {
    "sdxl": ("sdxl", "stable diffusion", "sd xl", "comfyui"),
    "midjourney": ("midjourney", "mj"),
    "flux": ("flux",),
    "dalle": ("dall-e", "dalle", "gpt-image", "chatgpt"),
}


def in_dialect(
    prompt: str, target: str, ratio: tuple[int, int], keep_out: tuple[str, ...] = KEEP_OUT
) -> tuple[dict[str, Any], list[str]]:
    """The parts of a prompt in the form that a model takes, and the settings to show with it."""
    parts: dict[str, Any] = {"prompt": prompt, "raw": prompt, "target": target, "negative_prompt": ""}
    settings: list[str] = []
    match target:
        case "midjourney":
            parts["raw"] = f"{prompt} --ar {ratio[0]}:{ratio[1]} --no {', '.join(keep_out[:4])}"
        case "dalle":
            parts["size"] = nearest_dalle(ratio)
            settings.append(f"**Size:** {parts['size']}")
        case _:
            parts["width"], parts["height"] = size_of(ratio)
            settings.append(f"**Size:** {parts['width']} x {parts['height']}")
            if target == "sdxl":
                parts["negative_prompt"] = ", ".join(keep_out)
                settings.append(f"**Negative prompt:** {parts['negative_prompt']}")
    return parts, settings
