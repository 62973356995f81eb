"""`brand-sheet`: a brand's file as one page, and its colours for programs; `palette`: colours from words."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.design.palettes import Palette, build_palette, render_gpl
from bot.design.palettes import render_css as palette_css
from bot.errors import FileError, RefusedError
from bot.generation.branding import list_legal_places
from bot.replies.brand_sheet import describe_sheet, format_css, format_tokens, sheet_picture
from bot.replies.palette_page import format_palette, list_colours, palette_page
from bot.runtime.files import read_file, write_file
from personas.book import Book, merge_data

_MAX_BYTES = 64_000
_NAMED = "{name} cannot be written: name a file that ends in {forms}."
# What can be written, by the ending of a file; of the name and the book.
_FORMS: Mapping[str, Callable[[str, Book], bytes]] = {
    ".png": lambda name, book: sheet_picture(name, book, "en"),
    ".css": lambda _name, book: format_css(book.palette).encode(),
    ".json": lambda _name, book: format_tokens(book.palette).encode(),
    ".md": lambda name, book: f"{describe_sheet(name, book, 'en')}\n".encode(),
}


def write_sheet(file: Path, out: Path) -> None:
    """Writes what a brand's file holds in the form that the name of the other file ends in.

    Raises:
        BookError: it holds what no brand can.
        FileError: a file cannot be read or written.
        RefusedError: nothing is written in that form.
    """
    make = _FORMS.get(out.suffix.casefold())
    if make is None:
        raise RefusedError(_NAMED, name=out.name, forms=[*_FORMS])
    data = _read(file)
    name = str(data.pop("name", "") or file.stem)
    write_file(out, make(name, merge_data(Book(), data, list_legal_places())))


# The same for palettes; of what was asked for, and the palette.
_PALETTES: Mapping[str, Callable[[str, Palette], bytes]] = {
    ".png": lambda _words, made: palette_page(made, "en"),
    ".css": lambda _words, made: palette_css(made).encode(),
    ".gpl": lambda words, made: render_gpl(made, words.split("\n")[0][:120]).encode(),
    ".json": lambda _words, made: format_tokens(list_colours(made, "en")).encode(),
    ".md": lambda _words, made: f"{format_palette(made, 'en')}\n".encode(),
}


def tell_palette(words: str, out: Path | None, language: str) -> str:
    """The palette that words ask for, in words; written to a file too, in the form that its name ends in.

    Raises:
        RefusedError: they name no colour and no mood, or nothing is written in that form.
        FileError: the file cannot be written.
    """
    make = _PALETTES.get(out.suffix.casefold()) if out else None
    if out and make is None:
        raise RefusedError(_NAMED, name=out.name, forms=[*_PALETTES])
    made = build_palette(words, language)
    if out and make:
        write_file(out, make(words, made))
    return format_palette(made, language)


def _read(file: Path) -> dict[str, object]:
    body = read_file(file, _MAX_BYTES + 1)
    try:
        text = body[:_MAX_BYTES].decode("utf-8-sig")
        data = tomllib.loads(text) if file.suffix.casefold() == ".toml" else json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if len(body) > _MAX_BYTES or not isinstance(data, dict):
        raise FileError("{name} holds no brand: it is no JSON and no TOML as /brand export gives it.", name=str(file))
    return data
