"""Sanitises the drawing of a content and renders drawings as pixels, with the PDF's fonts: identically on every machine."""

from __future__ import annotations

from bot.checks.svg import parse_size, sanitise
from bot.content import Content

# The longer side of a rendered drawing, in pixels.
LONGER_SIDE_PIXELS = 1600


def get_drawing(content: Content) -> str:
    """Return the sanitised SVG of a content; empty if it has none.

    Raises:
        FileError: the SVG cannot be shown.
    """
    svg = content.parts.get("svg")
    return sanitise(svg) if isinstance(svg, str) and svg else ""


def render_png(svg: str, longer_side: int = LONGER_SIDE_PIXELS) -> bytes:
    """Return a sanitised drawing as PNG, its longer side that many pixels."""
    import resvg_py
    from lxml import etree

    from .pdf import find_font_folders

    width, height = parse_size(etree.fromstring(svg.encode()).get("viewBox", ""))
    scale = longer_side / max(width, height)
    body: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        skip_system_fonts=True,
        font_dirs=find_font_folders() if "<text" in svg else [],
        sans_serif_family="Noto Sans",
    )
    return body
