"""A drawing as PNG, rendered by resvg: without a browser, and without loading anything."""

from __future__ import annotations

import io

from bot.content import Content

from ._drawing import get_drawing, render_png
from .svg import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Picture (PNG)"
SIGN = "🖼️"


def export(title: str, content: Content) -> bytes:
    """Return the sanitised drawing as PNG."""
    from PIL import Image

    body = render_png(get_drawing(content))
    with Image.open(io.BytesIO(body)) as image:
        image.verify()
    return body
