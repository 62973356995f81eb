"""A lead sheet as a picture of its notes, where Verovio is installed."""

from __future__ import annotations

from bot.content import Content

from . import score
from .score import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Sheet music (PNG)"
SIGN = "🎼"
ENDING = "png"
# Pixels across.
_WIDTH = 1600


def export(title: str, content: Content) -> bytes:
    """The page on white."""
    return drawn(score.export(title, content))


def drawn(page: bytes) -> bytes:
    """An engraved page as a picture on white."""
    import resvg_py

    from .pdf import font_folders

    body: bytes = resvg_py.svg_to_bytes(
        svg_string=page.decode(),
        width=_WIDTH,
        background="#FFFFFF",
        skip_system_fonts=True,
        font_dirs=font_folders(),
        serif_family="Noto Sans",
        font_family="Noto Sans",
    )
    return body
