"""Converts pictures and masks for providers; all of them are PNG."""

from __future__ import annotations

import io

from PIL import Image, ImageChops


def open_picture(body: bytes, mode: str = "RGB") -> Image.Image:
    """Return the pixels of a PNG in a mode."""
    with Image.open(io.BytesIO(body), formats=("PNG",)) as image:
        return image.convert(mode)


def encode_png(picture: Image.Image) -> bytes:
    """Return a picture as PNG."""
    body = io.BytesIO()
    picture.save(body, "PNG")
    return body.getvalue()


def resize_picture(body: bytes, size: tuple[int, int]) -> bytes:
    """Return a picture stretched to a size."""
    return encode_png(open_picture(body).resize(size, Image.Resampling.LANCZOS))


def crop_to_square(body: bytes) -> bytes:
    """Return the largest square in the middle of a picture."""
    picture = open_picture(body)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return encode_png(picture.crop((left, top, left + side, top + side)))


def composite(drawn: bytes, source: bytes, mask: bytes) -> bytes:
    """Return the drawn picture where the mask is white and the source elsewhere, in the size of the drawn picture."""
    foreground = open_picture(drawn)
    background = open_picture(source).resize(foreground.size, Image.Resampling.LANCZOS)
    return encode_png(Image.composite(foreground, background, open_picture(mask, "L").resize(foreground.size)))


def make_transparent(source: bytes, mask: bytes) -> bytes:
    """Return a picture that is transparent where its mask is white, as OpenAI marks what to redraw."""
    picture = open_picture(source)
    picture.putalpha(ImageChops.invert(open_picture(mask, "L")).point(lambda value: 255 if value > 127 else 0))
    return encode_png(picture)
