"""Prompts for models that draw and film: what is read of them in whatever form they are written, and how their models take it."""

# ruff: noqa: E501 - texts as they are written
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.checks.limits import find_limits
from bot.composition.dialects import DIALECTS, compute_size
from bot.composition.video_dialects import VIDEO_DIALECTS
from bot.content import Assignment, Content, Kind, MemorySnapshot, Request, Requirements
from bot.generation.recall import assign
from bot.images.studio import build_pictures
from bot.kinds import image_prompt, video_prompt
from bot.markup import parse_document
from personas.persona import find_default

TEXTS = Path(__file__).parents[2] / "data" / "texts"
IMAGE, VIDEO = image_prompt.KIND, video_prompt.KIND


def build_assignment(kind: Kind, place: str = "", ratio: tuple[int, int] | None = None) -> Assignment:
    request = Request(id="1", user_id="1", brief="a fox", kind=kind.name, seed=5)
    return Assignment(
        request, kind, find_default(kind.family), Requirements(place=place, ratio=ratio), MemorySnapshot()
    )


def read_parts(kind: Kind, text: str, place: str = "", ratio: tuple[int, int] | None = None) -> dict[str, Any]:
    found = kind.read(parse_document(text), build_assignment(kind, place, ratio))
    assert kind.parts is not None
    kind.parts.model_validate(found)
    return found


def load_text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text(encoding="utf-8").partition("\n")[2]


FOX = "A red fox asleep on a mossy wall."
FORMS = {
    "lines below": f"{FOX}\n\nFormat: 4:5\nKeep out: people, text\nAlt text: A fox asleep.",
    "bold labels": f"**Prompt**\n\n{FOX}\n\n**Format:** 4:5 (1080 × 1350 px)\n**Keep out:** people, text\n**Alt text:** “A fox asleep.”",
    "prompt on its label's line": f"# Fox\n\n**Prompt:** {FOX}\n- **Aspect ratio:** 4:5\n- **Negative prompt:** people, text\n- **Alt-Text:** A fox asleep.",
    "fence and table": f"```\n{FOX}\n```\n\n| Setting | Value |\n|---|---|\n| Format | 4:5 |\n| Exclude | people, text |\n| Alt text | A fox asleep. |",
    "German labels": f"Hier ist der Prompt:\n\n> {FOX}\n\n**Seitenverhältnis:** 4:5\n**Nicht im Bild:** people, text\n**Alternativtext:** A fox asleep.",
    "French labels": f"**Prompt d’image :**\n{FOX}\n\n**Format :** 4:5\n**À exclure :** people, text\n**Texte alternatif :** A fox asleep.",
    "headings": f"## Prompt\n{FOX}\n\n## Negative prompt\npeople, text\n\n## Format\n4:5\n\n## Alt text\nA fox asleep.",
    "one line of settings": f"{FOX}\n\nFormat: 4:5 | Keep out: people, text | Alt text: A fox asleep.",
    "notes at the end": f"{FOX}\n\n*Format: 4:5*\n*Keep out: people, text*\n*Alt text: A fox asleep.*\n\n**Why this works:** Moss is soft.",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_prompt_is_found_in_any_form(text: str) -> None:
    assert read_parts(IMAGE, text) == {
        "prompt": FOX,
        "raw": FOX,
        "target": "",
        "ratio": [4, 5],
        "negative_prompt": "people, text",
        "alt_text": "A fox asleep.",
    }


def test_missing_parts_are_not_invented() -> None:
    assert read_parts(IMAGE, "") == read_parts(VIDEO, "---\n```\n```") == {}
    assert read_parts(IMAGE, FOX) == {"prompt": FOX, "raw": FOX, "target": "", "ratio": [1, 1]}
    assert read_parts(IMAGE, FOX, ratio=(3, 2))["ratio"] == [3, 2]
    assert read_parts(IMAGE, f"Vertical photo, 4:5, at 7:30 in the morning. {FOX}")["ratio"] == [4, 5]
    assert read_parts(IMAGE, f"At 7:30, or 6:15 pm, on a scale of 1:50. {FOX} Format 16 : 9.")["ratio"] == [16, 9]
    assert "negative_prompt" not in read_parts(IMAGE, f"{FOX}\n\nKeep out: none")
    assert read_parts(VIDEO, f"{FOX}\n\n8 seconds, 9:16") == {
        "prompt": FOX,
        "raw": FOX,
        "model": "",
        "ratio": [9, 16],
        "seconds": 8,
    }
    assert read_parts(IMAGE, f"/imagine prompt: {FOX} --ar 3:2", "midjourney")["prompt"] == FOX


def test_a_last_line_of_length_and_size_is_no_part_of_the_prompt() -> None:
    parts = read_parts(VIDEO, "A paper boat drifts down a gutter in the rain.\n\n8 seconds, 1920 x 1080 px", "veo")
    assert parts["prompt"] == "A paper boat drifts down a gutter in the rain."


def test_parameters_are_copied_but_not_sent_to_the_drawing_engine() -> None:
    parts = read_parts(IMAGE, load_text("image_prompt.2"), "midjourney")
    assert [one.partition(",")[0] for one in parts["variants"]] == [
        "a baker lifting a round loaf out of a stone oven",
        "lanterns over long tables with torn bread",
    ]
    assert parts["raw"].count("--ar 2:3") == 2
    assert "--" not in "".join(parts["variants"])
    assert (parts["ratio"], parts["seed"]) == ([2, 3], 7)
    pictures = build_pictures(Content("", parts), build_assignment(IMAGE, "midjourney"))
    assert [(one.prompt, one.weighted, one.seed) for one in pictures] == [(one, "", 7) for one in parts["variants"]]
    assert pictures[0].width < pictures[0].height


def test_variants_are_found_below_numbers_or_names() -> None:
    numbered = read_parts(IMAGE, "1. A market at dawn in watercolour.\n2. A market at dusk in oil.\n\nFormat: 2:3")
    named = read_parts(
        IMAGE,
        "**Option A**\n\nA market at dawn in watercolour.\n\n**Option B**\n\nA market at dusk in oil.\n\nFormat: 2:3",
    )
    lettered = read_parts(
        IMAGE,
        "**A) Quiet**\nA market at dawn in watercolour.\n\n**B) Loud**\nA market at dusk in oil.\n\nFormat (both): 2:3",
    )
    assert lettered["variants"] == named["variants"]
    assert numbered["variants"] == named["variants"] == ["A market at dawn in watercolour.", "A market at dusk in oil."]


def test_weights_and_negative_prompts_reach_a_model_that_reads_them() -> None:
    parts = read_parts(IMAGE, load_text("image_prompt.3"), "sdxl")
    (picture,) = build_pictures(Content("", parts), build_assignment(IMAGE, "sdxl"))
    assert (picture.width, picture.height) == (1216, 832)
    assert "(dawn fog:1.2)" in picture.weighted
    assert picture.negative_prompt == "Menschen, Autos, Text"
    assert picture.seed == 5


@pytest.mark.parametrize(
    ("place", "size"),
    [
        ("sdxl", {"width": 832, "height": 1216}),
        ("flux", {"width": 832, "height": 1216}),
        ("sd15", {"width": 416, "height": 624}),
        ("dalle", {"size": "1024x1792"}),
        ("gpt_image", {"size": "1024x1536"}),
        ("midjourney", {}),
        ("", {}),
    ],
)
def test_a_size_is_one_that_the_model_supports(place: str, size: dict[str, Any]) -> None:
    parts = read_parts(IMAGE, f"{FOX}\n\nFormat: 2:3", place)
    assert {name: parts[name] for name in ("width", "height", "size") if name in parts} == size
    (picture,) = build_pictures(Content("", parts), build_assignment(IMAGE, place))
    assert picture.height / picture.width == pytest.approx(1.5, rel=0.2)


@pytest.mark.parametrize("ratio", [(1, 1), (16, 9), (21, 9), (5, 4), (1080, 1350)])
def test_sizes_are_about_a_megapixel(ratio: tuple[int, int]) -> None:
    width, height = compute_size(ratio)
    assert width % 8 == height % 8 == 0
    assert width * height == pytest.approx(1024 * 1024, rel=0.06)
    assert width / height == pytest.approx(ratio[0] / ratio[1], rel=0.03)


def test_every_dialect_has_its_task_and_limits() -> None:
    told = {place: IMAGE.build_task(build_assignment(IMAGE, place)) for place in ("", *DIALECTS)}
    assert len(set(told.values())) == len(told)
    assert "--ar" in told["midjourney"]
    assert "Negative prompt" in told["sdxl"]
    assert "Negative prompt" not in told["flux"]
    assert all(any(one.field == "prompt" for one in find_limits(place)) for place in (*DIALECTS, *VIDEO_DIALECTS))
    assert "5, 8, 10" in VIDEO.build_task(build_assignment(VIDEO, "runway"))


@pytest.mark.parametrize(
    ("name", "place", "parts"),
    [
        ("video_prompt", "veo", {"seconds": 8, "size": "9:16", "ratio": [9, 16], "negative_prompt": "people, cars"}),
        ("video_prompt", "", {"seconds": 7, "ratio": [9, 16], "negative_prompt": "people, cars"}),
        (
            "video_prompt",
            "sora",
            {"seconds": 8, "size": "720x1280", "ratio": [9, 16], "negative_prompt": "people, cars"},
        ),
        ("video_prompt.2", "runway", {"seconds": 10, "size": "1280:720", "ratio": [16, 9]}),
    ],
)
def test_a_clip_has_a_length_and_size_that_its_model_supports(name: str, place: str, parts: dict[str, Any]) -> None:
    found = read_parts(VIDEO, load_text(name), place)
    assert found == {"prompt": found["prompt"], "raw": found["raw"], "model": place, **parts}
    assert found["prompt"].startswith(("Low tracking shot", "Slow push in: a potter"))
    assert found["prompt"].endswith(("tram bell.", "from the left."))


@pytest.mark.parametrize(
    ("brief", "prompt", "wanted"),
    [
        ("a sticker of a cat, transparent background", "A cat.", True),
        ("ein Aufkleber, eine Katze mit transparentem Hintergrund", "A cat.", True),
        ("un chat sans fond", "A cat.", True),
        ("a cat", "A cat on a transparent background.", True),
        ("a cat, no background", "A cat.", True),
        ("a cat under a transparent umbrella, no background people", "A cat before a blurred background.", False),
    ],
)
def test_a_transparent_background_is_requested_only_if_wanted(brief: str, prompt: str, wanted: bool) -> None:
    asked = assign(Request("1", "7", brief, kind="image_prompt"), MemorySnapshot())
    [picture] = build_pictures(Content("", {"prompt": prompt, "target": "gpt_image", "ratio": [1, 1]}), asked)
    assert picture.transparent is wanted
