"""Tests of `quillmate brand-sheet` and `palette`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from bot.cli.design import make_palette, write_sheet
from bot.errors import QuillmateError

BRAND = {"name": "Bakery Lamp", "palette": ["Crust: #A8431F", "Crème: #FFF6E3"], "prefer": ["loaf"]}


def test_brand_file_is_rendered(tmp_path: Path) -> None:
    file = tmp_path / "lamp.json"
    file.write_text(json.dumps(BRAND), encoding="utf-8")
    for ending in ("png", "css", "json", "md"):
        write_sheet(file, tmp_path / f"out.{ending}")
    with Image.open(tmp_path / "out.png") as page:
        assert page.width == 1320
    assert (tmp_path / "out.css").read_text() == ":root {\n  --crust: #A8431F;\n  --creme: #FFF6E3;\n}\n"
    assert json.loads((tmp_path / "out.json").read_text())["color"]["creme"]["$value"]["hex"] == "#fff6e3"
    assert "Crème / Crust 5.6 : 1 AA" in (tmp_path / "out.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "out", "sentence"),
    [
        ("a.json", "[1]", "a.png", "is not a brand"),
        ("a.toml", "name = ", "a.png", "is not a brand"),
        ("a.json", '{"palette": ["green"]}', "a.png", "needs a six-digit colour code, such as “Moss: #4A5D23”."),
        ("a.json", "{}", "a.doc", "name a file that ends in .png, .css, .json, .md"),
        ("a.json", "{" + " " * 70_000 + "}", "a.png", "is not a brand"),
    ],
)
def test_invalid_brand_is_reported(tmp_path: Path, name: str, text: str, out: str, sentence: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(QuillmateError, match=sentence):
        write_sheet(tmp_path / name, tmp_path / out)
    with pytest.raises(QuillmateError, match="cannot be read"):
        write_sheet(tmp_path / "none.json", tmp_path / "a.png")


def test_palette_is_rendered_in_all_formats(tmp_path: Path) -> None:
    told = make_palette("warm, a bakery, #7a3e1d", None, "en")
    assert "Primary · Chestnut: #7A3E1D" in told
    for ending in ("png", "css", "gpl", "json", "md"):
        assert make_palette("warm, a bakery, #7a3e1d", tmp_path / f"p.{ending}", "en") == told
    with Image.open(tmp_path / "p.png") as page:
        assert page.width == 1320
    assert "--primary: #7A3E1D;" in (tmp_path / "p.css").read_text()
    assert "122  62  29\tChestnut" in (tmp_path / "p.gpl").read_text()
    with pytest.raises(QuillmateError, match=r"name a file that ends in \.png, \.css, \.gpl"):
        make_palette("warm", tmp_path / "p.ase", "en")
