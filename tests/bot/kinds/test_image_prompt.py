"""Prompts in the dialect of each image model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds._dialects import _DALLE, ALT_TEXT, DIALECTS, KEEP_OUT, fits, nearest, ratio_of, size_of
from bot.kinds.image_prompt import Picture
from personas.profile import Profile

Assigned = Callable[..., Assignment]
IMAGE = kind_named("image_prompt")
PICTURE = Picture(
    subject="a fox", setting="a snowy wood", light="low sun", mood="calm", style="ink", composition="seen from above",
    palette=["rust", "white"],
)  # fmt: skip


def parts_of(assigned: Assigned, brief: str, **options: Any) -> dict[str, Any]:
    return IMAGE.compose(PICTURE, assigned("image_prompt", brief, **options)).parts


def test_sdxl(assigned: Assigned) -> None:
    content = IMAGE.compose(PICTURE, assigned("image_prompt", "a fox, 16:9, seed 7"))
    prompt = "A fox, a snowy wood, ink, low sun, calm mood, seen from above, rust, white"
    assert content.parts == {
        "target": "sdxl",
        "prompt": prompt,
        "raw": prompt.replace("A fox,", "(A fox:1.2), ").replace("  ", " "),
        "negative_prompt": ", ".join((*KEEP_OUT, "text")),
        "width": 1344,
        "height": 768,
        "seed": 7,
        "alt_text": "a fox, a snowy wood",
        "scene": {
            "subject": "a fox", "setting": "a snowy wood", "light": "low sun", "style": "ink",
            "composition": "seen from above", "palette": ["rust", "white"], "text": "", "keep_out": [], "ratio": [16, 9],
        },
    }  # fmt: skip
    assert content.text.startswith("```\n(A fox")
    assert "**Size:** 1344 x 768" in content.text
    assert "**Seed:** 7" in content.text


def test_midjourney(assigned: Assigned) -> None:
    parts = parts_of(assigned, "poster of a fox, midjourney")
    assert parts["raw"].endswith(" --ar 2:3 --no blurry, distorted hands, extra fingers, watermark --seed 0")
    assert parts["negative_prompt"] == ""
    assert "--" not in parts["prompt"]
    assert "width" not in parts


@pytest.mark.parametrize(
    ("brief", "size"),
    [
        ("a fox, dall-e", "1024x1024"), ("a wide fox, dall-e", "1792x1024"), ("a tall fox, dall-e", "1024x1792"),
        ("a wide fox for gpt-image", "1536x1024"), ("a tall fox for chatgpt", "1024x1536"),
    ],
)  # fmt: skip
def test_models_with_sizes_of_their_own(brief: str, size: str, assigned: Assigned) -> None:
    parts = parts_of(assigned, brief)
    assert parts["size"] == size
    assert parts["raw"] == "A fox. A snowy wood. Ink. Low sun. Calm mood. Seen from above. Colours: rust, white."
    assert parts["negative_prompt"] == ""


@pytest.mark.parametrize(
    ("brief", "target"),
    [
        ("a fox for stable diffusion", "sdxl"), ("a fox, stable diffusion 1.5", "sd15"), ("a fox for SD3.5", "sd3"),
        ("stable diffusion 3, a fox", "sd3"), ("a fox, mj", "midjourney"), ("a fox", "sdxl"), ("FLUX fox", "flux"),
    ],
)  # fmt: skip
def test_the_model_that_a_brief_names(brief: str, target: str, assigned: Assigned) -> None:
    assert parts_of(assigned, brief)["target"] == target


def test_flux(assigned: Assigned) -> None:
    content = IMAGE.compose(PICTURE, assigned("image_prompt", "a square fox for flux"))
    assert (content.parts["width"], content.parts["height"]) == (1024, 1024)
    assert content.parts["negative_prompt"] == ""
    assert "Negative" not in content.text
    assert "--" not in content.parts["raw"]


@pytest.mark.parametrize("target", DIALECTS)
def test_no_prompt_is_longer_than_its_model_reads(target: str, assigned: Assigned) -> None:
    """The last term that does not fit any more goes; whatever the scripts and emoji of the scene."""
    words = "crème brûlée 🍮 " * 400
    long = Picture(
        subject="a fox", setting=words, light=words, mood=words, style=words, composition=words, palette=["rust"]
    )
    assignment = assigned("image_prompt", f"a fox, {DIALECTS[target].names[0]}")
    content = IMAGE.compose(long, assignment)
    assert content.parts["target"] == target
    assert fits(target, content.parts["prompt"])
    assert all(check.passed for check in IMAGE.examine(long, content, assignment))


def test_seventy_five_tokens_pass_and_one_more_does_not() -> None:
    assert fits("sdxl", "fox " * 75)
    assert not fits("sdxl", "fox " * 76)


@pytest.mark.parametrize(
    ("brief", "text"),
    [
        ('a poster that says "OPEN LATE"', "OPEN LATE"), ("sign reading “Bread”", "Bread"), ("a fox", ""),
        ("title: 'The Owl'", "The Owl"), ('a "modern" look', ""),
    ],
)  # fmt: skip
def test_words_in_the_picture_are_those_of_the_brief(brief: str, text: str, assigned: Assigned) -> None:
    parts = parts_of(assigned, brief)
    assert (f'the words "{text}"' in parts["prompt"]) == bool(text)
    assert ("text" in parts["negative_prompt"].split(", ")) != bool(text)


def test_what_a_picture_is_for_is_not_its_subject(assigned: Assigned) -> None:
    ours = Profile(role="owner of a bicycle repair shop", avoid_words=("premium",))
    made = IMAGE.compose(PICTURE, assigned("image_prompt", "a picture for our home page, no people", ours))
    assert made.parts["prompt"].startswith("Owner of a bicycle repair shop, a fox")
    assert "home page" not in made.text
    assert "premium" not in made.text
    assert made.parts["negative_prompt"].startswith("people, ")
    fox = IMAGE.compose(PICTURE, assigned("image_prompt", "a picture of a fox for our website", ours))
    assert fox.parts["prompt"].startswith("A fox, ")


def test_what_is_kept_out_is_not_asked_for(assigned: Assigned) -> None:
    picture = PICTURE.model_copy(update={"setting": "a wood with people", "composition": "crowds behind"})
    assignment = assigned("image_prompt", "a fox, no people, without crowds")
    content = IMAGE.compose(picture, assignment)
    assert "people" not in content.parts["prompt"]
    assert content.parts["negative_prompt"].startswith("people, crowds, ")
    assert [check.passed for check in IMAGE.examine(picture, content, assignment)] == [True, True]


@pytest.mark.parametrize(
    "brief",
    [
        "ein Fuchs, keine Menschen, ohne Schrift",
        "un renard, sans personnes, sans texte",
        "un zorro, sin personas, sin texto",
    ],
)
def test_what_is_kept_out_is_told_to_models_in_english(brief: str, assigned: Assigned) -> None:
    content = IMAGE.compose(PICTURE, assigned("image_prompt", brief))
    assert content.parts["negative_prompt"].startswith("people, text, ")
    assert content.parts["scene"]["keep_out"] == ["people", "text"]


def test_a_subject_that_shows_what_is_kept_out_fails(assigned: Assigned) -> None:
    picture = PICTURE.model_copy(update={"subject": "people and a fox"})
    assignment = assigned("image_prompt", "a fox, no people")
    checks = IMAGE.examine(picture, IMAGE.compose(picture, assignment), assignment)
    assert [check.name for check in checks if not check.passed] == ["kept out"]


def test_a_grid_is_every_combination(assigned: Assigned) -> None:
    parts = parts_of(assigned, "a {fox|hare} in {snow|fog}, flux")
    assert [prompt.split(".")[0] for prompt in parts["variants"]] == [
        "A fox, snow", "A fox, fog", "A hare, snow", "A hare, fog",
    ]  # fmt: skip
    assert parts["raw"].splitlines() == parts["variants"]


def test_a_grid_has_its_limit(assigned: Assigned) -> None:
    assert len(parts_of(assigned, "{a1|b1|c1} {d1|e1|f1} {g1|h1|i1}")["variants"]) == 16


def test_a_scene_that_lost_its_subject_gets_it_from_the_brief(assigned: Assigned) -> None:
    assert parts_of(assigned, "poster of a paper lighthouse, midjourney")["prompt"].startswith(
        "A paper lighthouse, a fox"
    )
    assert parts_of(assigned, "make me a picture of two foxes")["prompt"].startswith("A fox, a snowy")


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
    assert nearest(ratio, _DALLE) == size


@pytest.mark.parametrize(
    ("brief", "ratio"),
    [
        ("a fox 4:3 banner", (4, 3)), ("an insta story of a fox", (9, 16)), ("wallpaper for my phone", (9, 16)),
        ("hero image", (16, 9)), ("book cover", (2, 3)), ("square podcast cover", (1, 1)),
        ("an avatar", (1, 1)), ("a fox", (1, 1)), ("", (1, 1)),
    ],
)  # fmt: skip
def test_shapes(brief: str, ratio: tuple[int, int], assigned: Assigned) -> None:
    assert ratio_of(assigned("image_prompt", brief)) == ratio


@pytest.mark.parametrize(
    ("subject", "setting", "alt"), [("a fox", "a wood", "a fox, a wood"), ("a fox " * 14, "a wood " * 7, "a fox " * 14)]
)
def test_alternative_texts_are_short(subject: str, setting: str, alt: str, assigned: Assigned) -> None:
    scene = PICTURE.model_copy(update={"subject": subject, "setting": setting})
    made = IMAGE.compose(scene, assigned("image_prompt", "x")).parts["alt_text"]
    assert made == alt
    assert len(made) <= ALT_TEXT


def test_a_prompt_keeps_to_the_words_that_the_brief_allows(assigned: Assigned) -> None:
    kind = kind_named("image_prompt")
    for most in (12, 20, 45):
        assignment = assigned("image_prompt", f"SDXL: a loaf of bread on a wooden table, at most {most} words")
        prompt = kind.compose(kind.examples[0].output, assignment).parts["prompt"]
        assert 3 < len(prompt.split()) <= most


def test_how_a_picture_lies_in_other_languages(assigned: Assigned) -> None:
    brief = "bild für das wartezimmer: eine ältere frau geht die treppe rauf, es ist herbst. bitte im querformat"
    assert ratio_of(assigned("image_prompt", brief)) == (3, 2)


BAKER = {
    "subject": "a baker with a loaf",
    "light": "soft",
    "mood": "calm",
    "style": "photo",
    "composition": "wide",
    "palette": ["red", "blue"],
}


def test_what_a_brief_lists_is_added_where_there_is_room(assigned: Assigned) -> None:
    brief = "image for the bakery's window: a stone oven, flour in the air, a cat on the sill, warm light"
    full = "a room with a stone oven and a long table full of bread, seen by morning"
    made = kind_named("image_prompt").complete({**BAKER, "setting": full}, assigned("image_prompt", brief))
    assert made["subject"] == "a baker with a loaf, flour in the air, a cat on the sill"
    assert (made["setting"], made["light"]) == (full, "warm light")
    assert not any("window" in str(part) for part in made.values())


def test_what_a_brief_lists_goes_before_a_models_setting(assigned: Assigned) -> None:
    asked = "a lighthouse keeper who polishes the great lamp of the old tower above, gulls that circle around it in the rain"
    made = kind_named("image_prompt").complete(
        {**BAKER, "setting": "x" * 78}, assigned("image_prompt", f"poster: {asked}")
    )
    assert made["setting"] == asked


def test_light_view_and_style_are_the_briefs(assigned: Assigned) -> None:
    brief = (
        "SDXL. open tin of peppercorns seen from above, dark wood table, window light from the left, linocut. square"
    )
    made = kind_named("image_prompt").complete(
        {**BAKER, "subject": "an open tin of peppercorns", "setting": "a dark table"}, assigned("image_prompt", brief)
    )
    assert (made["light"], made["composition"], made["style"]) == (
        "window light from the left",
        "seen from above",
        "linocut",
    )


def test_why_a_picture_is_wanted_and_what_it_is_not_are_not_in_it(assigned: Assigned) -> None:
    brief = "picture to open a lesson: a saguaro with a woodpecker. like a photo, not a cartoon, so they can find three things"
    assignment = assigned("image_prompt", brief)
    made = kind_named("image_prompt").complete({**BAKER, "setting": "a saguaro and a woodpecker"}, assignment)
    said = " ".join(map(str, made.values()))
    assert made["style"] == "photo"
    assert not any(word in said for word in ("cartoon", "find", "lesson"))


def test_colours_of_the_brief_are_the_pictures(assigned: Assigned) -> None:
    brief = "flux, ceramic cup on raw linen, film grain, sand + rust + a single hit of cobalt"
    made = kind_named("image_prompt").complete(
        {**BAKER, "subject": "a ceramic cup on raw linen", "setting": "film grain"}, assigned("image_prompt", brief)
    )
    assert made["palette"] == ["sand", "rust", "cobalt"]


@pytest.mark.parametrize(
    ("brief", "subject", "passed"),
    [
        ("poster for our jazz night, no people", "a person beside a saxophone", False),
        ("poster for our jazz night, no people", "a saxophone on a chair", True),
        ("Plakat für die Jazznacht am Freitag, ohne Menschen", "two children with a drum", False),
    ],
)
def test_no_people_means_nobody_at_all(brief: str, subject: str, passed: bool, assigned: Assigned) -> None:
    assignment, picture = assigned("image_prompt", brief), PICTURE.model_copy(update={"subject": subject})
    checks = IMAGE.examine(picture, IMAGE.compose(picture, assignment), assignment)
    assert [one.passed for one in checks if one.id == "kept out"] == [passed]


def test_words_to_be_read_are_not_those_of_a_thing(assigned: Assigned) -> None:
    assignment = replace(
        assigned("image_prompt", 'poster for our jazz night that says "JAZZ", midjourney'), as_written=True
    )
    picture = PICTURE.model_copy(update={"subject": "a jazz trumpet"})
    assert 'the words "JAZZ"' in IMAGE.compose(picture, assignment).parts["prompt"]


def test_a_subject_with_a_comma_is_weighted_whole(assigned: Assigned) -> None:
    picture = PICTURE.model_copy(update={"subject": "a shelf of raw, unglazed bowls"})
    content = IMAGE.compose(picture, replace(assigned("image_prompt", "bowls"), as_written=True))
    assert content.parts["raw"].startswith("(A shelf of raw, unglazed bowls:1.2), a snowy wood")


def test_what_its_writer_keeps_out_is_kept_out(assigned: Assigned) -> None:
    picture = PICTURE.model_copy(update={"keep_out": ["people", "text", "candles", "plants", "drawing"]})
    brief = "une image pour l'affiche, midjourney : personne dessus, pas de bougies ni de plantes, pas dessin"
    parts = IMAGE.compose(picture, replace(assigned("image_prompt", brief), as_written=True)).parts
    assert "--no people, text, candles, plants, drawing" in parts["raw"]


@pytest.mark.parametrize(("brief", "ratio"), [
    ("affiche A3 vertical, des bols", (2, 3)), ("Plakat A2, Chor", (2, 3)), ("A4 landscape, a choir", (3, 2)), ("square, A5", (1, 1)),
])  # fmt: skip
def test_a_sheet_of_paper_has_its_shape(brief: str, ratio: tuple[int, int], assigned: Assigned) -> None:
    assert ratio_of(assigned("image_prompt", brief)) == ratio
