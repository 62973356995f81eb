"""A drawing as PNG, rendered by resvg: no browser is needed, and nothing is loaded from anywhere."""

from __future__ import annotations

import io

from bot.content import Content

from ._drawing import drawing, rendered
from .svg import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Picture (PNG)"
SIGN = "🖼️"


def export(title: str, content: Content) -> bytes:
    """The cleaned drawing in pixels."""
    from PIL import Image

    body = rendered(drawing(content))
    with Image.open(io.BytesIO(body)) as opened:
        opened.verify()
    return body
