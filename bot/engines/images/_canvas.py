"""Pictures and masks in the form that a provider wants them."""

from __future__ import annotations

import io

from PIL import Image, ImageChops


def opened(body: bytes, mode: str = "RGB") -> Image.Image:
    """A picture of our own, such as a mask or one that was drawn before."""
    with Image.open(io.BytesIO(body), formats=("PNG",)) as found:
        return found.convert(mode)


def png(picture: Image.Image) -> bytes:
    """A picture as PNG."""
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def fitted(body: bytes, size: tuple[int, int]) -> bytes:
    """A picture stretched to a size."""
    return png(opened(body).resize(size, Image.Resampling.LANCZOS))


def in_square(body: bytes) -> bytes:
    """The middle of a picture, as large a square as it has room for."""
    picture = opened(body)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return png(picture.crop((left, top, left + side, top + side)))


def laid_over(drawn: bytes, source: bytes, mask: bytes) -> bytes:
    """What was drawn where the mask is white, and elsewhere the picture as it was, in the size of what was drawn."""
    new = opened(drawn)
    before = opened(source).resize(new.size, Image.Resampling.LANCZOS)
    return png(Image.composite(new, before, opened(mask, "L").resize(new.size)))


def transparent(source: bytes, mask: bytes) -> bytes:
    """A picture that can be seen through where its mask is white, as OpenAI tells what is drawn anew."""
    picture = opened(source)
    picture.putalpha(ImageChops.invert(opened(mask, "L")).point(lambda value: 255 if value > 127 else 0))
    return png(picture)
