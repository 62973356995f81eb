"""Prompts in the dialect of each image model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds._pictures import ALT_TEXT, KEEP_OUT, nearest_dalle, ratio_of, size_of
from bot.kinds.image_prompt import Scene

Assigned = Callable[..., Assignment]
IMAGE = kind_named("image_prompt")
SCENE = Scene(
    subject="a fox", setting="a snowy wood", light="low sun", mood="calm", style="ink", palette=["rust", "white"]
)


def test_sdxl(assigned: Assigned) -> None:
    content = IMAGE.compose(SCENE, assigned("image_prompt", "a fox, 16:9"))
    assert content.parts == {
        "target": "sdxl",
        "prompt": "A fox, a snowy wood, low sun, calm, ink, rust, white",
        "raw": "A fox, a snowy wood, low sun, calm, ink, rust, white",
        "negative_prompt": ", ".join(KEEP_OUT),
        "width": 1344,
        "height": 768,
        "alt_text": "a fox, a snowy wood",
    }
    assert content.text.startswith("```\nA fox")
    assert "**Size:** 1344 x 768" in content.text


def test_midjourney(assigned: Assigned) -> None:
    parts = IMAGE.compose(SCENE, assigned("image_prompt", "poster of a fox, midjourney")).parts
    assert parts["raw"].endswith(" --ar 2:3 --no blurry, distorted hands, extra fingers, watermark")
    assert parts["negative_prompt"] == ""
    assert "--" not in parts["prompt"]
    assert "width" not in parts


@pytest.mark.parametrize(
    ("brief", "size"), [("a fox", "1024x1024"), ("a wide fox", "1792x1024"), ("a tall fox", "1024x1792")]
)
def test_dalle(brief: str, size: str, assigned: Assigned) -> None:
    parts = IMAGE.compose(SCENE, assigned("image_prompt", f"{brief}, dall-e")).parts
    assert parts["size"] == size
    assert parts["raw"] == "A fox, a snowy wood. low sun, calm mood. ink. Colours: rust, white."
    assert parts["negative_prompt"] == ""


def test_flux(assigned: Assigned) -> None:
    content = IMAGE.compose(SCENE, assigned("image_prompt", "a square fox for flux"))
    assert (content.parts["width"], content.parts["height"]) == (1024, 1024)
    assert content.parts["negative_prompt"] == ""
    assert "Negative" not in content.text
    assert "--" not in content.parts["raw"]


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 9, 16, 21, 32, 99])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 9, 16, 21, 32, 99])
def test_sizes_can_be_drawn(width: int, height: int) -> None:
    pixels = size_of((width, height))
    assert all(side > 0 and side % 8 == 0 for side in pixels)
    assert 0.9 <= pixels[0] * pixels[1] / 1024**2 <= 1.1
    if max(width, height) <= 3 * min(width, height):
        assert pixels[0] / pixels[1] == pytest.approx(width / height, rel=0.05)


@pytest.mark.parametrize(
    ("ratio", "size"), [((1, 1), "1024x1024"), ((4, 3), "1024x1024"), ((21, 9), "1792x1024"), ((1, 3), "1024x1792")]
)
def test_the_nearest_size_of_dalle(ratio: tuple[int, int], size: str) -> None:
    assert nearest_dalle(ratio) == size


@pytest.mark.parametrize(
    ("brief", "ratio"),
    [
        ("a fox 4:3 banner", (4, 3)), ("an insta story of a fox", (9, 16)), ("wallpaper for my phone", (9, 16)),
        ("hero image", (16, 9)), ("book cover", (2, 3)), ("an avatar", (1, 1)), ("a fox", (1, 1)), ("", (1, 1)),
    ],
)  # fmt: skip
def test_shapes(brief: str, ratio: tuple[int, int], assigned: Assigned) -> None:
    assert ratio_of(assigned("image_prompt", brief)) == ratio


@pytest.mark.parametrize(
    ("subject", "setting", "alt"), [("a fox", "a wood", "a fox, a wood"), ("a fox " * 14, "a wood " * 7, "a fox " * 14)]
)
def test_alternative_texts_are_short(subject: str, setting: str, alt: str, assigned: Assigned) -> None:
    scene = SCENE.model_copy(update={"subject": subject, "setting": setting})
    made = IMAGE.compose(scene, assigned("image_prompt", "x")).parts["alt_text"]
    assert made == alt
    assert len(made) <= ALT_TEXT
