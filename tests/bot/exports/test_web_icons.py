"""The icons of a logo, opened with Pillow."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from writing import build_content

from bot.content import Assignment, Content
from bot.errors import FileError
from bot.exports import export_content, find_fitting_formats


@pytest.fixture
def logo(assigned: Callable[..., Assignment]) -> Content:
    return build_content(assigned("logo"))


def read_archive(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_icons_of_a_logo_without_a_background_are_on_white(logo: Content) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="20" fill="#000"/></svg>'
    files = read_archive(export_content("web_icons", "Dot", replace(logo, parts={**logo.parts, "svg": svg})))
    icon = Image.open(io.BytesIO(files["icon-192.png"])).convert("RGB")
    assert (icon.getpixel((1, 1)), icon.getpixel((96, 96))) == ((255, 255, 255), (0, 0, 0))


def test_a_logo_is_exported_in_the_icon_sizes_of_pages_and_phones(logo: Content) -> None:
    assert "web_icons" in [export_format.name for export_format in find_fitting_formats(logo)]
    files = read_archive(export_content("web_icons", "Lamp & Sons", logo))
    assert Image.open(io.BytesIO(files["favicon.ico"])).info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    sizes = {name: Image.open(io.BytesIO(body)).size for name, body in files.items() if name.endswith(".png")}
    assert sizes == {
        "apple-touch-icon.png": (180, 180),
        "icon-192.png": (192, 192),
        "icon-512.png": (512, 512),
        "icon-maskable-512.png": (512, 512),
        "logo-256.png": (256, 256),
        "logo-512.png": (512, 512),
        "logo-1024.png": (1024, 1024),
        "logo-1024-transparent.png": (1024, 1024),
    }
    complete_logo, transparent_logo = (
        Image.open(io.BytesIO(files[name])).convert("RGBA") for name in ("logo-1024.png", "logo-1024-transparent.png")
    )
    assert (complete_logo.getpixel((2, 2))[3], transparent_logo.getpixel((2, 2))[3]) == (255, 0), (
        "only one has a background"
    )
    assert (
        0.02
        < transparent_logo.getchannel("A").point(lambda value: 255 * (value > 128)).histogram()[255] / 1024**2
        < 0.9
    ), "it shows something"
    manifest = json.loads(files["site.webmanifest"])
    assert manifest["name"] == "Lamp & Sons"
    assert {icon["src"].lstrip("/") for icon in manifest["icons"]} <= set(files)
    assert [icon.get("purpose") for icon in manifest["icons"]] == [None, None, "maskable"]
    assert all(name in files for name in ("logo.svg", "favicon.ico", "apple-touch-icon.png", "site.webmanifest"))
    assert export_content("web_icons", "Lamp & Sons", logo) == export_content("web_icons", "Lamp & Sons", logo)


def test_the_mark_of_a_maskable_icon_survives_any_cropping(logo: Content) -> None:
    icon = Image.open(io.BytesIO(read_archive(export_content("web_icons", "Lamp", logo))["icon-maskable-512.png"]))
    background, safe_radius = icon.getpixel((0, 0)), 0.4 * 512
    outside = {
        icon.getpixel((x, y))
        for x in range(0, 512, 3)
        for y in range(0, 512, 3)
        if ((x - 255.5) ** 2 + (y - 255.5) ** 2) ** 0.5 > safe_radius + 1
    }
    assert outside == {background}
    assert len(icon.getcolors(1 << 20)) > 5, "it shows something"


def test_a_layout_has_no_icons(assigned: Callable[..., Assignment]) -> None:
    page = build_content(assigned("layout"))
    with pytest.raises(FileError, match="nothing that a .web_icons.zip file could contain"):
        export_content("web_icons", "Page", page)
