"""Sheets of sketches: no label covers another or leaves the frame, in any shape, with any number of things, in any script."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import pytest
from lxml import etree
from untraced import untraced

from bot.checks.svg import sanitised
from bot.checks.widths import drawn_width, wrapped
from bot.content import Content
from bot.exports import export
from bot.images.drawing import SKETCHED, sketched
from bot.images.sketch.arranging import LETTERS, Rect, arranged
from bot.images.sketch.figures import figure_of
from bot.images.sketch.reading import plan_of
from bot.images.sketch.sheet import Words, _frame, drawn
from bot.images.sketch.swatches import swatch_of
from bot.kinds._colours import contrast

RATIOS = [(9, 21), (9, 16), (2, 3), (1, 1), (3, 2), (16, 9), (21, 9), (1, 10), (10, 1)]
NAMES = [
    "a red fox", "two hikers", "an extraordinarily long and winding cobbled path up to the ruined chapel", "金魚と花火の夜",
    "ثعلب أحمر", "three balloons", "Donaudampfschifffahrtsgesellschaftskapitän", "एक पुराना मंदिर", "a lamp", "a wooden table",
]  # fmt: skip
SCENE = {
    "subject": "a red fox", "setting": "a snowy wood with distant mountains", "light": "low sun from the left", "style": "ink",
    "composition": "wide shot, subject on the right", "palette": ["rust", "steel grey", "puce"], "text": "WINTER",
    "keep_out": ["people"], "ratio": [16, 9],
}  # fmt: skip


def svg_of(**changes: Any) -> etree._Element:
    return etree.fromstring(sanitised(drawn(plan_of({**SCENE, **changes}), Words("Sketch"), "told")).encode())


def texts(svg: etree._Element) -> list[str]:
    return [str(node.text) for node in svg.iter("{*}text")]


@pytest.mark.parametrize("ratio", RATIOS, ids=lambda ratio: "{}-{}".format(*ratio))
@pytest.mark.parametrize("count", [1, 2, 4, 7, 10])
@pytest.mark.parametrize("composition", ["tight close-up", "wide shot, subject on the left, empty space on the right"])
def test_labels_and_shapes_keep_apart_within_the_frame(ratio: tuple[int, int], count: int, composition: str) -> None:
    for first in (0, 2):
        subject, *more = [*NAMES[first:], *NAMES[:first]][:count]
        plan = plan_of(
            {"subject": subject, "setting": ", ".join(["a wood", *more]), "composition": composition, "ratio": ratio}
        )
        assert len(plan.things) == count - 1
        width, height = _frame(ratio)
        placed = arranged(plan, width, height)
        parts = [(one.box,) if one.figure.block else (one.box, one.label) for one in placed]
        assert all(rect.within(width, height) for rects in parts for rect in rects)
        assert not [1 for one, other in combinations(parts, 2) for a in one for b in other if a.meets(b)]
        named = [one for one in placed if not one.number]
        assert all(drawn_width(line, LETTERS) <= one.label.width for one in named for line in one.lines)
        assert sorted(one.number for one in placed if one.number) == list(range(1, count - len(named) + 1))


def test_what_has_no_room_for_its_name_has_a_number_that_is_explained() -> None:
    long = (
        "an extraordinarily long and winding cobbled path between crooked iron street lamps and mossy milestones that leads up to "
        "the ruined chapel of the fishermen"
    )
    shown = texts(svg_of(setting=f"a wood, {long}", ratio=[9, 21]))
    assert shown.count("1") == 2
    assert "an extraordinarily long and winding cobbled path" in " ".join(
        shown[shown.index("1", shown.index("1") + 1) :]
    )


def test_a_sheet_says_what_the_scene_says() -> None:
    shown = texts(svg_of())
    for said in (
        "Sketch",
        "a red fox",
        "distant mountains",
        "a snowy wood",
        "WINTER",
        "16:9",
        "low sun from the left",
        "rust",
        "people",
    ):
        assert said in shown
    fills = {node.get("fill") for node in svg_of().iter("{*}rect")}
    assert {"#A8431F", swatch_of("steel grey")} <= fills
    bare = texts(svg_of(light="", palette=[], keep_out=[], text="", style="", setting=""))
    assert sorted(bare) == sorted(["Sketch", "a red fox", "Format", "16:9"])


@pytest.mark.parametrize("side", ["left", "right", "above", "behind", "below", "front"])
def test_light_has_an_arrow_only_where_its_side_is_told(side: str) -> None:
    told = {"behind": "rim light from behind"}.get(
        side, f"soft light from {'the ' if side in ('left', 'right', 'front') else ''}{side}"
    )
    assert texts(svg_of(light=told)).count("Light") == 2
    assert texts(svg_of(light="soft")).count("Light") == 1


@pytest.mark.parametrize("ratio", RATIOS, ids=lambda ratio: "{}-{}".format(*ratio))
def test_the_frame_has_the_shape_that_is_asked_for(ratio: tuple[int, int]) -> None:
    width, height = _frame(ratio)
    assert width / height == pytest.approx(min(max(ratio[0] / ratio[1], 1 / 3.2), 3.2))


def test_the_nearer_the_shot_the_larger_the_subject() -> None:
    sizes = []
    for shot in ("wide shot", "eye level", "close-up"):
        plan = plan_of({"subject": "a fox", "composition": shot, "ratio": (3, 2)})
        sizes.append(arranged(plan, 1000, 667)[0].box.height)
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(("side", "low", "high"), [("left", 0.2, 0.45), ("centre", 0.45, 0.55), ("right", 0.55, 0.8)])
def test_the_subject_stands_at_its_side(side: str, low: float, high: float) -> None:
    plan = plan_of({"subject": "a fox", "composition": f"subject in the {side}", "ratio": (3, 2)})
    assert low < arranged(plan, 1000, 667)[0].box.middle[0] / 1000 < high


def test_the_same_scene_gives_the_same_sheet_at_once() -> None:
    busy = {"setting": ", ".join(["a wood", *NAMES]), "ratio": [9, 21]}
    with untraced():
        started = time.thread_time()
        first = etree.tostring(svg_of(**busy))
        assert time.thread_time() - started < 1.0, "a tenth of that where nothing else runs"
    assert etree.tostring(svg_of(**busy)) == first


def test_letters_stand_out_from_what_they_stand_on() -> None:
    for node in svg_of().iter("{*}text"):
        grounds = (
            ("#FFFFFF",) if node.get("fill") == "#A32020" else ("#FFFFFF", "#F4F1EA", "#E9E4D8", "#F6F8FA", "#E3E8EF")
        )
        assert min(contrast(str(node.get("fill")), ground) for ground in grounds) >= 4.5, node.text


@pytest.mark.parametrize(
    ("name", "count", "block"),
    [("a fox", 1, False), ("two foxes", 2, False), ("hikers", 3, False), ("12 owls", 3, False), ("a pencil case", 1, True),
     ("an oak table", 1, False), ("", 1, True), ("a glass", 1, True)],
)  # fmt: skip
def test_things_have_shapes(name: str, count: int, block: bool) -> None:
    found = figure_of(name)
    assert (found.count, found.block) == (count, block)
    assert figure_of("an oak table").svg != figure_of("an oak").svg


@pytest.mark.parametrize(
    ("name", "value"),
    [("rust", "#A8431F"), ("dark blue", "#14213D"), ("#a1b2c3", "#A1B2C3"), ("honey", "#E0A030"), ("puce", ""), ("", ""),
     ("crimson", "#dc143c"), ("oak brown", "#6B4226")],
)  # fmt: skip
def test_colours_are_known_by_their_names_or_only_named(name: str, value: str) -> None:
    assert swatch_of(name) == value


def test_a_lighter_colour_is_lighter() -> None:
    assert contrast(swatch_of("pale green"), "#FFFFFF") < contrast(swatch_of("green"), "#FFFFFF")


def test_a_hostile_scene_draws_nothing_else() -> None:
    loud = '<script>alert(1)</script>"&'
    svg = svg_of(subject=loud, setting=loud, light=loud, palette=[loud], text=loud, keep_out=[loud], composition=loud)
    assert {etree.QName(node).localname for node in svg.iter()} <= {"svg", "g", "rect", "circle", "path", "text"}


def test_only_a_prompt_is_sketched_and_a_drawing_stays() -> None:
    for parts in ({"prompt": "a fox"}, {"prompt": "a", "target": "sdxl", "svg": "<svg/>"}, {}):
        assert sketched(old := Content("x", parts), "en") is old


def test_a_sketch_is_a_file_with_its_label() -> None:
    prompt = "a red fox. Wide shot, subject on the right, ink"
    made = sketched(
        Content("x", {"prompt": prompt, "target": "sdxl", "ratio": [16, 9], "negative_prompt": "people"}), "en"
    )
    assert made.parts["alt_text"] == f"{SKETCHED} a red fox (on the right); Not in it: people."
    assert export("png", "Sketch", made)[:4] == b"\x89PNG"
    assert SKETCHED.encode() in export("svg", "Sketch", made)


@pytest.mark.parametrize(
    ("text", "width"), [("a red fox", 400), ("金魚と花火の夜空に浮かぶ", 100), ("x" * 90, 120), ("a " * 60, 150)]
)
def test_lines_fit_their_width(text: str, width: int) -> None:
    lines = wrapped(text, width, 20, 3)
    assert len(lines) <= 3
    assert all(drawn_width(line, 20) <= width for line in lines)
    assert "".join(lines).rstrip("…").replace(" ", "") in text.replace(" ", "")


def test_rectangles_meet_where_they_overlap() -> None:
    assert Rect(0, 0, 10, 10).meets(Rect(9, 9, 10, 10))
    assert not Rect(0, 0, 10, 10).meets(Rect(10, 0, 10, 10))
    assert Rect(0, 0, 10, 10).meets(Rect(12, 0, 10, 10), 4)
