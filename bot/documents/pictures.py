"""Pictures that people send: looked at before they are unpacked, and handed on small, without what cameras write beside them."""

from __future__ import annotations

import io
import warnings

from bot.errors import FileError

ENDINGS = ("png", "jpg", "jpeg", "webp")
# A picture of a camera has up to fifty million pixels; one that unpacks to far more than its file is a trap.
MAX_PIXELS = 60_000_000
# What models see of a picture; more costs more and shows them no more.
MAX_SIDE = 1024
_QUALITY = 88


def small(body: bytes) -> bytes:
    """The picture as a JPEG, upright, its longer side so many pixels at most.

    Raises:
        FileError: it is none, damaged, or has far too many pixels.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP"))
        with opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            opened.draft("RGB", (MAX_SIDE * 2, MAX_SIDE * 2))  # Of a JPEG only as much is unpacked as is wanted.
            opened.thumbnail((MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError(
            "That picture has more than {most} million pixels, so I did not open it. Send a smaller one.",
            most=MAX_PIXELS // 1_000_000,
        ) from error
    except Exception as error:
        raise FileError("That file is damaged or not a picture. Save it again as .png or .jpg.") from error
    # What can be seen through is white, as most places show it.
    flat = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
