"""Layouts: regions within the page, what the brief lists, and a drawing that is only a drawing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from bot.content import Assignment, Content, MemorySnapshot, Request, Requirements
from bot.exports import find_fitting_formats
from bot.kinds import layout
from bot.kinds.layout import Layout, LayoutRegion
from personas.persona import find_default

KIND = layout.KIND
WRITTEN = [
    LayoutRegion(name="header", holds="logo", width="full", height="small"),
    LayoutRegion(name="left", holds="text <script>", width="half", height="large"),
    LayoutRegion(name="right", holds="picture", width="half", height="large"),
    LayoutRegion(name="a", holds="b", width="third", height="medium"),
    LayoutRegion(name="c", holds="d", width="quarter", height="medium"),
]


def draw_layout(regions: list[LayoutRegion], ratio: tuple[int, int] | None = None, **fields: str) -> Content:
    request = Request(id="1", user_id="1", brief="a page", kind=KIND.name)
    assignment = Assignment(request, KIND, find_default(KIND.family), Requirements(ratio=ratio), MemorySnapshot())
    output = Layout(**{"viewport": "desktop", "columns": "12", **fields}, regions=regions)
    assert KIND.composer is not None
    content = KIND.composer.compose(output, assignment)
    assert all(check.passed for check in KIND.composer.examine(output, content, assignment))
    return content


PAGES: list[tuple[dict[str, Any], float]] = [
    ({"viewport": "mobile", "columns": "4"}, 9 / 16),
    ({"viewport": "desktop", "columns": "12"}, 16 / 9),
    ({"viewport": "print", "columns": "2"}, 210 / 297),
    ({"viewport": "print", "columns": "6", "shape": "landscape"}, 297 / 210),
    ({"viewport": "desktop", "columns": "24", "ratio": (3, 1)}, 3),
    ({"viewport": "mobile", "columns": "1", "shape": "square"}, 1),
]


@pytest.mark.parametrize(("fields", "ratio"), PAGES)
def test_layout_regions_stay_on_the_page(fields: dict[str, Any], ratio: float) -> None:
    parts = draw_layout(WRITTEN, **fields).parts
    assert (parts["viewport"], parts["columns"]) == (fields["viewport"], int(fields["columns"]))
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


def test_a_layout_is_exported_in_all_its_formats() -> None:
    kept = json.loads((Path(__file__).parents[2] / "data" / "texts" / "layout.json").read_text(encoding="utf-8"))
    output = Layout.model_validate(kept)
    content = draw_layout(output.regions, viewport=output.viewport, columns=output.columns)
    assert {"png", "html", "svg", "md", "txt"} == {one.name for one in find_fitting_formats(content, KIND.exports)}
    assert "3. **image**: photo of the dish (" in content.text


def test_the_drawing_contains_no_script() -> None:
    region = LayoutRegion(name="<script>x</script>", holds="y", width="full", height="small")
    svg = draw_layout([region, *WRITTEN]).parts["svg"]
    root = etree.fromstring(svg.encode())
    assert {etree.QName(node).localname for node in root.iter()} == {"svg", "rect", "text", "path"}
    assert any(text.text == "script x script" for text in root.iter("{*}text"))


def test_slim_regions_yield_their_space_to_the_others() -> None:
    names = ("header", "image", "date", "text", "cta_button")
    regions = [LayoutRegion(name=name, holds=name, width="full", height="large") for name in names]
    parts = draw_layout(regions, viewport="mobile", columns="4").parts
    heights = {region["name"]: region["height"] for region in parts["regions"]}
    assert heights["header"] == heights["cta_button"] < heights["date"] < heights["image"] == heights["text"]
    last = parts["regions"][-1]
    assert parts["height"] - 20 < last["y"] + last["height"] <= parts["height"]


@pytest.mark.parametrize(
    "names",
    [["header"], ["x" * 24] * 14, ["chart", "list", "title", "features", "map", "form", "nav", "cta_pay", "text"]],
    ids=["one", "many", "each"],
)
@pytest.mark.parametrize("fields", [fields for fields, _ in PAGES])
@pytest.mark.parametrize("width", ["full", "quarter"])
def test_drawn_shapes_stay_on_the_page(names: list[str], fields: dict[str, Any], width: str) -> None:
    regions = [LayoutRegion(name=name, holds="words", width=width, height="medium") for name in names]
    parts = draw_layout(regions, **fields).parts
    for shape in etree.fromstring(parts["svg"].encode()).iter("{*}rect"):
        x, y, w, h = (float(shape.get(name, "0")) for name in ("x", "y", "width", "height"))
        assert min(x, y) >= 0 < min(w, h)
        assert x + w <= parts["width"] + 1
        assert y + h <= parts["height"] + 1
