"""A lead sheet as a picture of sheet music, if Verovio is installed."""

from __future__ import annotations

from bot.content import Content

from . import score
from .score import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Sheet music (PNG)"
SIGN = "🎼"
ENDING = "png"
_WIDTH_PIXELS = 1600


def export(title: str, content: Content) -> bytes:
    """Return the page as a PNG on white."""
    return render_page(score.export(title, content))


def render_page(svg: bytes) -> bytes:
    """Return the SVG of an engraved page as a PNG on white."""
    import resvg_py

    from .pdf import find_font_folders

    body: bytes = resvg_py.svg_to_bytes(
        svg_string=svg.decode(),
        width=_WIDTH_PIXELS,
        background="#FFFFFF",
        skip_system_fonts=True,
        font_dirs=find_font_folders(),
        serif_family="Noto Sans",
        font_family="Noto Sans",
    )
    return body
