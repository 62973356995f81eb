"""Shrink users' pictures and strip them of metadata; their size is checked before they are decoded."""

from __future__ import annotations

import io
import warnings

from bot.errors import FileError

ENDINGS = ("png", "jpg", "jpeg", "webp")
# Cameras take up to fifty million pixels; many more suggest a decompression bomb.
MAX_PIXELS = 60_000_000
# The longer side of a picture for a model, in pixels; a larger one costs more and shows no more.
MAX_SIDE = 1024
_QUALITY = 88


def shrink_picture(body: bytes) -> bytes:
    """Return a picture as an upright JPEG whose longer side has at most `MAX_SIDE` pixels.

    Raises:
        FileError: it is not a picture, is damaged, or has too many pixels.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP"))
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            image.draft("RGB", (MAX_SIDE * 2, MAX_SIDE * 2))  # Decodes a JPEG at a reduced size.
            image.thumbnail((MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError(
            "That picture has more than {most} million pixels, so I did not open it. Send a smaller one.",
            most=MAX_PIXELS // 1_000_000,
        ) from error
    except Exception as error:  # Pillow raises errors of many sorts on damaged files.
        raise FileError("That file is damaged or not a picture. Save it again as .png or .jpg.") from error
    # Transparent pixels become white.
    flat = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
    output = io.BytesIO()
    flat.save(output, "JPEG", quality=_QUALITY)
    return output.getvalue()
