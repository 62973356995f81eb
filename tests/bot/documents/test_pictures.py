"""Pictures that people send: small, upright, without what cameras write beside them; traps are not opened."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from bot.documents.materials import read_picture
from bot.documents.pictures import MAX_SIDE, shrink_picture
from bot.errors import FileError


def build_photo(size: tuple[int, int] = (3000, 1000), form: str = "JPEG", turned: int = 0, mode: str = "RGB") -> bytes:
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "secret place"
    if turned:
        exif[0x0112] = turned
    Image.new(mode, size, (200, 30, 30, 0)[: len(mode)]).save(written, form, exif=exif)
    return written.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_shrunk_and_loses_its_camera_metadata(form: str) -> None:
    made = shrink_picture(build_photo(form=form))
    with Image.open(io.BytesIO(made)) as opened:
        assert (opened.format, max(opened.size), opened.size[1]) == ("JPEG", MAX_SIDE, 341)
        assert not opened.getexif()
    assert b"secret" not in made


def test_a_picture_is_turned_upright_and_put_on_white() -> None:
    with Image.open(io.BytesIO(shrink_picture(build_photo(turned=6)))) as opened:
        assert opened.size == (341, MAX_SIDE)
    with Image.open(io.BytesIO(shrink_picture(build_photo((40, 40), "PNG", mode="RGBA")))) as opened:
        assert min(opened.getpixel((20, 20))) > 250


def build_png_bomb(side: int) -> bytes:
    """Build a PNG of some hundred bytes that claims to be huge."""

    def build_chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + build_chunk(b"IHDR", head) + build_chunk(b"IDAT", data) + build_chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_a_decompression_bomb_is_not_opened(side: int) -> None:
    with pytest.raises(FileError, match="more than 60 million pixels"):
        shrink_picture(build_png_bomb(side))


@pytest.mark.parametrize("body", [b"GIF89a" + bytes(40), b"<svg/>", b"", build_photo((30, 30))[:200]])
def test_a_file_that_is_not_a_picture_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(FileError, match="That file is damaged or not a picture. Save it again as .png or .jpg."):
        shrink_picture(body)


async def test_uploaded_pictures_are_read_in_a_separate_process() -> None:
    assert (await read_picture("a.webp", build_photo(form="WEBP"))).startswith(b"\xff\xd8")
    with pytest.raises(
        FileError, match=r"I cannot read \.gif files\. I can read \.png, \.jpg, \.jpeg and \.webp files"
    ):
        await read_picture("a.gif", b"GIF89a")
    with pytest.raises(FileError, match="more than 60 million pixels"):
        await read_picture("a.png", build_png_bomb(60_000))
