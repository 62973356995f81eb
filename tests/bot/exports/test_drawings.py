"""Logos and wireframes as SVG, PNG and HTML."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree, html
from PIL import Image
from writing import build_content, load_good_text

from bot.content import Assignment, Content
from bot.errors import FileError
from bot.exports import export_content, find_fitting_formats
from bot.kinds import find_kind

Assigned = Callable[..., Assignment]


def draw(assigned: Assigned, name: str, brief: str = "", **fields: Any) -> Content:
    """Return the content of a good answer in which some fields are changed."""
    return build_content(assigned(name, brief), json.dumps({**json.loads(load_good_text(name)), **fields}))


def read_pixels(body: bytes) -> Any:
    with Image.open(io.BytesIO(body)) as image:
        return image.convert("RGB")


def test_a_logo_keeps_its_colours_as_pixels(assigned: Assigned) -> None:
    content = draw(assigned, "logo", "owl, #0F766E and #FFF6E3")
    assert [export_format.name for export_format in find_fitting_formats(content, find_kind("logo").exports)] == [
        "md",
        "png",
        "svg",
        "txt",
        "web_icons",
    ]
    picture = read_pixels(export_content("png", "Logo", content))
    assert picture.size == (1600, 1600)
    frequent_colours = {colour for count, colour in picture.getcolors(1 << 20) if count > 9000}
    assert frequent_colours == {(0x0F, 0x76, 0x6E), (0xFF, 0xF6, 0xE3)}


def test_a_name_is_drawn_in_the_bundled_fonts(assigned: Assigned) -> None:
    """Without letters, the strip below the motif would have few colours."""
    for name in ("Fern & Fog", "日本", "مرحبا"):
        strip = read_pixels(export_content("png", "Logo", draw(assigned, "logo", words=name))).crop(
            (0, 1300, 1600, 1600)
        )
        assert len(strip.getcolors(1 << 20)) > 20


def test_an_svg_is_a_standalone_file(assigned: Assigned) -> None:
    root = etree.fromstring(export_content("svg", "Logo", draw(assigned, "logo")))
    assert root.get("viewBox") == "0 0 100 100"
    assert root.get("aria-label").startswith("Logo of Fern & Fog: ")


@pytest.mark.parametrize("name", ["svg", "png"])
def test_a_hostile_drawing_is_cleaned_or_refused(name: str) -> None:
    start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"'
    hostile = Content(
        "x",
        {
            "svg": f'{start}><script>alert(1)</script><image href="file:///etc/passwd"/><rect width="4" height="4"/></svg>'
        },
    )
    assert b"script" not in export_content(name, "T", hostile)
    assert b"passwd" not in export_content(name, "T", hostile)
    bomb = Content("x", {"svg": '<!DOCTYPE svg [<!ENTITY a "ha">]>' + f"{start}><text>&a;</text></svg>"})
    with pytest.raises(FileError, match=r"This drawing is not a plain SVG\. Try \."):
        export_content(name, "T", bomb)


def test_a_wireframe_page_has_its_regions_on_the_grid(assigned: Assigned) -> None:
    regions = [
        {"name": name, "holds": f"the {name}", "width": "full", "height": "small"}
        for name in ("header", "hero", "footer")
    ]
    content = draw(assigned, "layout", "landing page", regions=regions)
    body = export_content("html", "Layout <b>", content)
    page = html.document_fromstring(body.decode())
    regions = {region.get("data-region"): region for region in page.xpath("//*[@data-region]")}
    assert list(regions) == [region["name"] for region in content.parts["regions"]]
    assert (regions["header"].tag, regions["footer"].tag, regions["hero"].tag) == ("header", "footer", "section")
    assert "grid-column: 1 / span 12" in regions["header"].get("style")
    assert "grid-template-columns: repeat(12, 1fr)" in body.decode()
    assert page.findtext(".//title") == "Layout <b>"
    assert page.xpath("//script | //link | //img | //@src | //@href") == []
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_a_wireframe_picture_keeps_its_proportions(assigned: Assigned) -> None:
    picture = read_pixels(export_content("png", "Layout", draw(assigned, "layout", viewport="mobile")))
    assert picture.size == (900, 1600)
