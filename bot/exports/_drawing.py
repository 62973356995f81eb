"""Drawings of a content's parts: cleaned, and as pixels. Texts are set in the fonts of the PDF, on every machine alike."""

from __future__ import annotations

from bot.checks.svg import parse_size, sanitise
from bot.content import Content

# The longer side of a rendered drawing, in pixels.
LONGER_SIDE = 1600


def drawing(content: Content) -> str:
    """The SVG that a content holds, cleaned; empty where it holds none.

    Raises:
        FileError: it is no drawing that can be shown.
    """
    svg = content.parts.get("svg")
    return sanitise(svg) if isinstance(svg, str) and svg else ""


def rendered(svg: str, longer_side: int = LONGER_SIDE) -> bytes:
    """A cleaned drawing as PNG."""
    import resvg_py
    from lxml import etree

    from .pdf import font_folders

    width, height = parse_size(etree.fromstring(svg.encode()).get("viewBox", ""))
    scale = longer_side / max(width, height)
    body: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        skip_system_fonts=True,
        font_dirs=font_folders() if "<text" in svg else [],
        sans_serif_family="Noto Sans",
    )
    return body
