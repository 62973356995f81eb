"""A logo in the sizes that pages and phones need, as one ZIP: favicon.ico, PNGs, the drawing, a manifest, lines for a page's
head.

Sizes: 16, 32 and 48 pixels in the .ico, 180 for Apple's home screens, 192 and 512 for a web app's manifest, and one of 512 that
may be cut to any shape: all of its mark lies in the safe zone, a circle whose radius is two fifths of its side (W3C, Web
Application Manifest, "Icon masks"). The complete logo with its name is included in three sizes, and once without its
background.
"""

from __future__ import annotations

import io
import json
import zipfile
from html import escape
from typing import TYPE_CHECKING, cast

from bot.content import Content

from ._drawing import get_drawing, render_png

if TYPE_CHECKING:
    from PIL.Image import Image

LABEL = "Icons (ZIP)"
SIGN = "🧩"
ENDING = "zip"
_ICO = (16, 32, 48)
_PNG = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}
_MASKABLE = "icon-maskable-512.png"
_WHOLE, _NO_GROUND = (256, 512, 1024), "logo-1024-transparent.png"
# The mark's share of an icon's side; in a maskable icon its diagonal stays in the safe zone.
_SHARE, _SAFE = 0.84, 0.8 / 2**0.5
# The size in pixels at which it is rendered before scaling, and how far a pixel of the mark differs from the background.
_RENDERED_PIXELS, _MIN_COLOUR_DIFFERENCE = 2048, 12
# The same date in every file, so that the same logo gives the same bytes.
_DATE = (2000, 1, 1, 0, 0, 0)


def fits(content: Content) -> bool:
    """Whether it is a drawn logo."""
    parts = content.parts
    return bool(parts.get("svg") and parts.get("colors")) and "regions" not in parts


def export(title: str, content: Content) -> bytes:
    """Return the archive."""
    import PIL.Image

    svg = get_drawing(content)
    mark = _render_mark(_remove_letters(svg))
    red, green, blue, *_ = cast("tuple[int, ...]", mark.getpixel((0, 0)))
    name, ground = str(content.parts.get("title") or title), f"#{red:02x}{green:02x}{blue:02x}"
    files = {"logo.svg": svg.encode(), "favicon.ico": _encode_ico(mark)}
    files |= {file: _encode_png(_place_on_ground(mark, size, _SHARE)) for file, size in _PNG.items()}
    files |= {f"logo-{size}.png": render_png(svg, size) for size in _WHOLE}
    files[_NO_GROUND] = render_png(_remove_ground(svg), max(_WHOLE))
    files[_MASKABLE] = _encode_png(_place_on_ground(mark, 512, _SAFE))
    files["site.webmanifest"] = json.dumps(_build_manifest(name, ground), ensure_ascii=False, indent=2).encode()
    files["head.html"] = _build_head_lines(ground).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, body in files.items():
            archive.writestr(zipfile.ZipInfo(file, _DATE), body, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        with PIL.Image.open(io.BytesIO(archive.read("favicon.ico"))) as icon:
            assert icon.info["sizes"] == {(size, size) for size in _ICO}
    return packed.getvalue()


def _remove_letters(svg: str) -> str:
    """Return the drawing without the name in it, which is illegible at 16 pixels."""
    from lxml import etree

    root = etree.fromstring(svg.encode())
    for letters in root.findall(".//{*}text"):
        letters.getparent().remove(letters)
    whole: str = etree.tostring(root, encoding="unicode")
    return whole


def _remove_ground(svg: str) -> str:
    """Return the drawing without its background; unchanged if it has none."""
    from lxml import etree

    root = etree.fromstring(svg.encode())
    first = next(iter(root), None)
    _, _, width, height = root.get("viewBox", "0 0 0 0").split()
    if (
        first is not None
        and first.tag.endswith("}rect")
        and (first.get("width"), first.get("height")) == (width, height)
    ):
        root.remove(first)
    whole: str = etree.tostring(root, encoding="unicode")
    return whole


def _render_mark(svg: str) -> Image:
    """Return the mark on its background, cropped to a square."""
    import PIL.Image
    import PIL.ImageChops

    with PIL.Image.open(io.BytesIO(render_png(svg, _RENDERED_PIXELS))) as opened:
        whole = opened.convert("RGB")
    ground = PIL.Image.new("RGB", whole.size, whole.getpixel((0, 0)))
    differs = (
        PIL.ImageChops.difference(whole, ground)
        .convert("L")
        .point(lambda value: 255 * (value > _MIN_COLOUR_DIFFERENCE))
    )
    box = differs.getbbox()
    if box is None:  # All of it is one colour.
        return whole
    left, top, right, bottom = box
    side, middle = max(right - left, bottom - top), ((left + right) / 2, (top + bottom) / 2)
    square = PIL.Image.new("RGB", (side, side), whole.getpixel((0, 0)))
    square.paste(whole.crop(box), (round(left - middle[0] + side / 2), round(top - middle[1] + side / 2)))
    return square


def _place_on_ground(mark: Image, size: int, share: float) -> Image:
    """Return an icon of a size in pixels, with the mark taking a share of its side."""
    import PIL.Image

    room = max(1, int(size * share))
    icon = PIL.Image.new("RGB", (size, size), mark.getpixel((0, 0)))
    small = mark.resize((room, room), PIL.Image.Resampling.LANCZOS)
    icon.paste(small, ((size - room) // 2, (size - room) // 2))
    return icon


def _encode_ico(mark: Image) -> bytes:
    icons, body = [_place_on_ground(mark, size, 1.0) for size in _ICO], io.BytesIO()
    icons[-1].save(body, "ICO", sizes=[(size, size) for size in _ICO], append_images=icons[:-1])
    return body.getvalue()


def _encode_png(icon: Image) -> bytes:
    body = io.BytesIO()
    icon.save(body, "PNG", optimize=True)
    return body.getvalue()


def _build_manifest(name: str, ground: str) -> dict[str, object]:
    icons: list[dict[str, str]] = [
        {"src": f"/{file}", "sizes": f"{size}x{size}", "type": "image/png"}
        for file, size in _PNG.items()
        if file.startswith("icon")
    ]
    icons.append({"src": f"/{_MASKABLE}", "sizes": "512x512", "type": "image/png", "purpose": "maskable"})
    return {"name": name, "icons": icons, "theme_color": ground, "background_color": ground, "display": "standalone"}


def _build_head_lines(ground: str) -> str:
    lines = (
        '<link rel="icon" href="/favicon.ico" sizes="48x48">',
        '<link rel="icon" href="/logo.svg" type="image/svg+xml" sizes="any">',
        '<link rel="apple-touch-icon" href="/apple-touch-icon.png">',
        '<link rel="manifest" href="/site.webmanifest">',
        f'<meta name="theme-color" content="{escape(ground)}">',
    )
    return "\n".join(lines) + "\n"
