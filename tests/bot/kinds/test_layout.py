"""Layouts: regions within the page, what the brief lists, and a drawing that is only a drawing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.layout import Layout, Region

Assigned = Callable[..., Assignment]
LAYOUT = kind_named("layout")
WRITTEN = [
    Region(name="header", holds="logo", width="full", height="small"),
    Region(name="left", holds="text <script>", width="half", height="large"),
    Region(name="right", holds="picture", width="half", height="large"),
    Region(name="a", holds="b", width="third", height="medium"),
    Region(name="c", holds="d", width="quarter", height="medium"),
]
BRIEFS = [
    ("wireframe of a booking page on a phone: date, people, price, button", "mobile", 9 / 16, 4),
    ("desktop page, 12 columns", "desktop", 16 / 9, 12),
    ("poster for the fair, 2 columns", "print", 210 / 297, 2),
    ("landscape A4 handout", "print", 297 / 210, 6),
    ("banner layout 3:1", "desktop", 3, 12),
]


@pytest.mark.parametrize(("brief", "viewport", "ratio", "columns"), BRIEFS)
def test_regions_stay_on_the_page(brief: str, viewport: str, ratio: float, columns: int, assigned: Assigned) -> None:
    assignment = assigned("layout", brief)
    data = LAYOUT.complete(Layout(regions=WRITTEN).model_dump(), assignment)
    parts = LAYOUT.compose(Layout.model_validate(data), assignment).parts
    assert (parts["viewport"], parts["columns"]) == (viewport, columns)
    assert parts["width"] / parts["height"] == pytest.approx(ratio, rel=0.02)
    boxes = parts["regions"]
    assert boxes
    for box in boxes:
        assert box["width"] > 0
        assert box["height"] > 0
        assert 0 <= box["x"] < box["x"] + box["width"] <= parts["width"]
        assert 0 <= box["y"] < box["y"] + box["height"] <= parts["height"]
    for one in boxes:
        for other in boxes:
            if one is not other:
                aside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
                assert aside or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]


@pytest.mark.parametrize(
    ("brief", "names"),
    [
        ("booking page on a phone: date, people, price, button", ["date", "people", "price", "cta_button"]),
        ("poster with a title, photo and date", ["title", "image_photo", "date"]),
        ("landing page, 12 columns, hero, features, footer", ["hero", "features", "footer"]),
    ],
)
def test_what_the_brief_lists_is_there(brief: str, names: list[str], assigned: Assigned) -> None:
    data = LAYOUT.complete({"regions": []}, assigned("layout", brief))
    assert set(names) <= {region["name"] for region in data["regions"]}


def test_the_drawing_holds_no_script(assigned: Assigned) -> None:
    region = Region(name="<script>x</script>", holds="y", width="full", height="small")
    svg = LAYOUT.compose(Layout(regions=[region, *WRITTEN]), assigned("layout", "page")).parts["svg"]
    root = etree.fromstring(svg.encode())
    assert {etree.QName(node).localname for node in root.iter()} == {"svg", "rect", "text", "path"}
    assert any(text.text == "script x script" for text in root.iter("{*}text"))


def test_slim_regions_leave_their_room_to_the_others(assigned: Assigned) -> None:
    names = ("header", "image", "date", "text", "cta_button")
    regions = [Region(name=name, holds=name, width="full", height="large") for name in names]
    parts = LAYOUT.compose(Layout(regions=regions), assigned("layout", "page on a phone")).parts
    heights = {region["name"]: region["height"] for region in parts["regions"]}
    assert heights["header"] == heights["cta_button"] < heights["date"] < heights["image"] == heights["text"]
    last = parts["regions"][-1]
    assert parts["height"] - 20 < last["y"] + last["height"] <= parts["height"]


@pytest.mark.parametrize(
    "names",
    [["header"], ["x" * 24] * 14, ["chart", "list", "title", "features", "map", "form", "nav", "cta_pay", "text"]],
    ids=["one", "many", "each"],
)
@pytest.mark.parametrize("brief", ["phone", "desktop, 24 columns", "banner 5:1", "poster"])
@pytest.mark.parametrize("width", ["full", "quarter"])
def test_what_is_drawn_stays_on_the_page(names: list[str], brief: str, width: str, assigned: Assigned) -> None:
    regions = [Region(name=name, holds="words", width=width, height="medium") for name in names]
    parts = LAYOUT.compose(Layout(regions=regions), assigned("layout", brief)).parts
    for shape in etree.fromstring(parts["svg"].encode()).iter("{*}rect"):
        x, y, w, h = (float(shape.get(name, "0")) for name in ("x", "y", "width", "height"))
        assert min(x, y) >= 0 < min(w, h)
        assert x + w <= parts["width"] + 1
        assert y + h <= parts["height"] + 1
