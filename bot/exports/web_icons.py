"""A logo in the sizes that websites and phones need, as a ZIP: icons, the drawing, a web app manifest, and HTML for a page's head.

Icons have the mark only: 16, 32 and 48 pixels in favicon.ico, 180 for Apple's home screens, 192 and 512 for the manifest, and a
maskable one, whose mark lies within the safe zone, a circle with a radius of two fifths of the side (W3C, Web Application
Manifest, "Icon masks"). The complete logo with its name is included in three sizes, and once without its background.
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
# Sizes in pixels.
_ICO_SIZES = (16, 32, 48)
_ICON_SIZES = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}
_MASKABLE_ICON, _MASKABLE_SIZE = "icon-maskable-512.png", 512
_LOGO_SIZES, _TRANSPARENT_LOGO = (256, 512, 1024), "logo-1024-transparent.png"
# The mark's share of an icon's side; the diagonal of a mark in the safe zone is four fifths of the side.
_MARK_SHARE, _MASKABLE_MARK_SHARE = 0.84, 0.8 / 2**0.5
# The longer side at which the mark is rendered before scaling, and how much its pixels differ from the background at least.
_RENDERED_PIXELS, _MIN_COLOUR_DIFFERENCE = 2048, 12
# A fixed time of modification, so that the same logo gives the same bytes.
_MODIFIED_AT = (2000, 1, 1, 0, 0, 0)


def fits(content: Content) -> bool:
    """Whether a content is a drawn logo."""
    parts = content.parts
    return bool(parts.get("svg") and parts.get("colors")) and "regions" not in parts


def export(title: str, content: Content) -> bytes:
    """Return the ZIP archive."""
    import PIL.Image

    svg = get_drawing(content)
    mark = _render_mark(_remove_text(svg))
    red, green, blue, *_ = cast("tuple[int, ...]", mark.getpixel((0, 0)))
    name, background = str(content.parts.get("title") or title), f"#{red:02x}{green:02x}{blue:02x}"
    files = {"logo.svg": svg.encode(), "favicon.ico": _encode_ico(mark)}
    files |= {file: _encode_png(_build_icon(mark, size, _MARK_SHARE)) for file, size in _ICON_SIZES.items()}
    files |= {f"logo-{size}.png": render_png(svg, size) for size in _LOGO_SIZES}
    files[_TRANSPARENT_LOGO] = render_png(_remove_background(svg), max(_LOGO_SIZES))
    files[_MASKABLE_ICON] = _encode_png(_build_icon(mark, _MASKABLE_SIZE, _MASKABLE_MARK_SHARE))
    files["site.webmanifest"] = json.dumps(_build_manifest(name, background), ensure_ascii=False, indent=2).encode()
    files["head.html"] = _format_head_lines(background).encode()
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, file_body in files.items():
            archive.writestr(zipfile.ZipInfo(file, _MODIFIED_AT), file_body, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(body) as archive:
        assert archive.testzip() is None
        with PIL.Image.open(io.BytesIO(archive.read("favicon.ico"))) as icon:
            assert icon.info["sizes"] == {(size, size) for size in _ICO_SIZES}
    return body.getvalue()


def _remove_text(svg: str) -> str:
    """Return the drawing without text, which would be illegible in an icon."""
    from lxml import etree

    root = etree.fromstring(svg.encode())
    for text in root.findall(".//{*}text"):
        text.getparent().remove(text)
    output: str = etree.tostring(root, encoding="unicode")
    return output


def _remove_background(svg: str) -> str:
    """Return the drawing without its background, a rectangle as large as the drawing; unchanged if it has none."""
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
    output: str = etree.tostring(root, encoding="unicode")
    return output


def _render_mark(svg: str) -> Image:
    """Return the mark centred in the smallest square that contains it, on its background colour, white if it has none."""
    import PIL.Image
    import PIL.ImageChops

    with PIL.Image.open(io.BytesIO(render_png(svg, _RENDERED_PIXELS))) as image:
        paper = PIL.Image.new("RGBA", image.size, "white")
        drawing = PIL.Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
    background_colour = drawing.getpixel((0, 0))
    background = PIL.Image.new("RGB", drawing.size, background_colour)
    difference = PIL.ImageChops.difference(drawing, background).convert("L")
    box = difference.point(lambda value: 255 * (value > _MIN_COLOUR_DIFFERENCE)).getbbox()
    if box is None:  # The drawing has a single colour.
        return drawing
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    side = max(width, height)
    square = PIL.Image.new("RGB", (side, side), background_colour)
    square.paste(drawing.crop(box), (round((side - width) / 2), round((side - height) / 2)))
    return square


def _build_icon(mark: Image, size: int, share: float) -> Image:
    """Return an icon of a size in pixels, in which the mark takes a share of the side."""
    import PIL.Image

    mark_size = max(1, int(size * share))
    icon = PIL.Image.new("RGB", (size, size), mark.getpixel((0, 0)))
    scaled_mark = mark.resize((mark_size, mark_size), PIL.Image.Resampling.LANCZOS)
    icon.paste(scaled_mark, ((size - mark_size) // 2, (size - mark_size) // 2))
    return icon


def _encode_ico(mark: Image) -> bytes:
    icons, body = [_build_icon(mark, size, 1.0) for size in _ICO_SIZES], io.BytesIO()
    icons[-1].save(body, "ICO", sizes=[(size, size) for size in _ICO_SIZES], append_images=icons[:-1])
    return body.getvalue()


def _encode_png(icon: Image) -> bytes:
    body = io.BytesIO()
    icon.save(body, "PNG", optimize=True)
    return body.getvalue()


def _build_manifest(name: str, background: str) -> dict[str, object]:
    icons: list[dict[str, str]] = [
        {"src": f"/{file}", "sizes": f"{size}x{size}", "type": "image/png"}
        for file, size in _ICON_SIZES.items()
        if file.startswith("icon")
    ]
    maskable_sizes = f"{_MASKABLE_SIZE}x{_MASKABLE_SIZE}"
    icons.append({"src": f"/{_MASKABLE_ICON}", "sizes": maskable_sizes, "type": "image/png", "purpose": "maskable"})
    colours = {"theme_color": background, "background_color": background}
    return {"name": name, "icons": icons, **colours, "display": "standalone"}


def _format_head_lines(background: str) -> str:
    lines = (
        '<link rel="icon" href="/favicon.ico" sizes="48x48">',
        '<link rel="icon" href="/logo.svg" type="image/svg+xml" sizes="any">',
        '<link rel="apple-touch-icon" href="/apple-touch-icon.png">',
        '<link rel="manifest" href="/site.webmanifest">',
        f'<meta name="theme-color" content="{escape(background)}">',
    )
    return "\n".join(lines) + "\n"
