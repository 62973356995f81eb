"""`brand-sheet`: a brand's file as one page, and its colours for programs; `palette`: colours from words."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.design.palettes import Palette, build_palette, render_gpl
from bot.design.palettes import render_css as palette_css
from bot.errors import FileError, RefusedError
from bot.generation.branding import list_legal_line_scopes
from bot.replies.brand_sheet import describe_sheet, format_css, format_tokens, sheet_picture
from bot.replies.palette_page import format_palette, list_colours, palette_page
from bot.runtime.files import read_file, write_file
from personas.book import Book
from personas.book_fields import merge_data

_MAX_BYTES = 64_000
_UNKNOWN_FORMAT = "{name} cannot be written: name a file that ends in {forms}."
# Renderers of a sheet from the brand's name and book, by file extension.
_SHEET_RENDERERS: Mapping[str, Callable[[str, Book], bytes]] = {
    ".png": lambda name, book: sheet_picture(name, book, "en"),
    ".css": lambda _name, book: format_css(book.palette).encode(),
    ".json": lambda _name, book: format_tokens(book.palette).encode(),
    ".md": lambda name, book: f"{describe_sheet(name, book, 'en')}\n".encode(),
}


def write_sheet(file: Path, out: Path) -> None:
    """Render the brand of a file in the format of the output's extension.

    Raises:
        BookError: the brand is invalid.
        FileError: a file cannot be read or written.
        RefusedError: the format is unknown.
    """
    render = _SHEET_RENDERERS.get(out.suffix.casefold())
    if render is None:
        raise RefusedError(_UNKNOWN_FORMAT, name=out.name, forms=[*_SHEET_RENDERERS])
    data = _read(file)
    name = str(data.pop("name", "") or file.stem)
    write_file(out, render(name, merge_data(Book(), data, list_legal_line_scopes())))


# Renderers of a palette, from the words and the palette, by file extension.
_PALETTE_RENDERERS: Mapping[str, Callable[[str, Palette], bytes]] = {
    ".png": lambda _words, palette: palette_page(palette, "en"),
    ".css": lambda _words, palette: palette_css(palette).encode(),
    ".gpl": lambda words, palette: render_gpl(palette, words.split("\n")[0][:120]).encode(),
    ".json": lambda _words, palette: format_tokens(list_colours(palette, "en")).encode(),
    ".md": lambda _words, palette: f"{format_palette(palette, 'en')}\n".encode(),
}


def make_palette(words: str, out: Path | None, language: str) -> str:
    """Make the palette that words ask for and return its description; also write a file in the format of its
    extension.

    Raises:
        RefusedError: the words name neither a colour nor a mood, or the format is unknown.
        FileError: the file cannot be written.
    """
    render = _PALETTE_RENDERERS.get(out.suffix.casefold()) if out else None
    if out and render is None:
        raise RefusedError(_UNKNOWN_FORMAT, name=out.name, forms=[*_PALETTE_RENDERERS])
    palette = build_palette(words, language)
    if out and render:
        write_file(out, render(words, palette))
    return format_palette(palette, language)


def _read(file: Path) -> dict[str, object]:
    body = read_file(file, _MAX_BYTES + 1)
    try:
        text = body[:_MAX_BYTES].decode("utf-8-sig")
        data = tomllib.loads(text) if file.suffix.casefold() == ".toml" else json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if len(body) > _MAX_BYTES or not isinstance(data, dict):
        raise FileError(
            "{name} is not a brand: it is neither JSON nor TOML as exported with /brand export.", name=str(file)
        )
    return data
