"""A lead sheet as a picture of its score, if Verovio is installed."""

from __future__ import annotations

from bot.content import Content

from . import score
from .score import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Sheet music (PNG)"
SIGN = "🎼"
ENDING = "png"
# The width in pixels.
_WIDTH = 1600


def export(title: str, content: Content) -> bytes:
    """Return the page on white."""
    return draw_page(score.export(title, content))


def draw_page(page: bytes) -> bytes:
    """Return an engraved page as a picture on white."""
    import resvg_py

    from .pdf import find_font_folders

    body: bytes = resvg_py.svg_to_bytes(
        svg_string=page.decode(),
        width=_WIDTH,
        background="#FFFFFF",
        skip_system_fonts=True,
        font_dirs=find_font_folders(),
        serif_family="Noto Sans",
        font_family="Noto Sans",
    )
    return body
