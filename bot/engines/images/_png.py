"""Converts the pictures of providers to PNG: checked, without metadata, and small enough to attach."""

from __future__ import annotations

import io

from . import MAX_PICTURE_BYTES

MAX_PIXELS = 40_000_000


def convert_to_png(body: bytes, *, scale: float = 0.5) -> bytes:
    """Return a picture as PNG, its sides multiplied by `scale` until it is small enough.

    Raises:
        ValueError, OSError: the body is no picture, or has too many pixels.
    """
    from PIL import Image

    with Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP")) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("the picture has too many pixels")
        picture = image.convert("RGBA" if image.has_transparency_data else "RGB")
    while True:
        png = io.BytesIO()
        picture.save(png, "PNG")
        if png.tell() <= MAX_PICTURE_BYTES:
            return png.getvalue()
        picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
