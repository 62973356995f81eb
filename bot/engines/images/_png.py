"""Converts what a server sends to PNG: checked, without metadata, and small enough to attach."""

from __future__ import annotations

import io

from . import MAX_PICTURE_BYTES

MAX_PIXELS = 40_000_000


def convert_to_png(body: bytes, *, shrunk: float = 0.5) -> bytes:
    """Return the picture as PNG, with its sides `shrunk` repeatedly until it fits.

    Raises:
        ValueError, OSError: it is no picture, or far too large.
    """
    from PIL import Image

    with Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP")) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("the picture has too many pixels")
        picture = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    while True:
        written = io.BytesIO()
        picture.save(written, "PNG")
        if written.tell() <= MAX_PICTURE_BYTES:
            return written.getvalue()
        picture = picture.resize((int(picture.width * shrunk), int(picture.height * shrunk)))
