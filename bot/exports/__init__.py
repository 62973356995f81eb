"""Finished texts as files. A module here with an `export` is found; nothing else is edited to add a format."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bot.content import Content
from bot.errors import FileError

# Writes a titled text as a file of the format, reads it back, and gives its bytes.
Export = Callable[[str, Content], bytes]


@cache
def formats() -> dict[str, Export]:
    """Every format by its ending."""
    return {found.name: import_module(f"{__name__}.{found.name}").export for found in iter_modules(__path__)}


def export(ending: str, title: str, content: Content) -> bytes:
    """The content as a file.

    Raises:
        FileError: there is no such format, or what was written could not be read back.
    """
    if ending not in formats():
        raise FileError(f"I cannot write .{ending} files; choose one of {', '.join(formats())}.")
    try:
        return formats()[ending](title, content)
    except Exception as error:
        other = next(name for name in formats() if name != ending)
        raise FileError(f"This text cannot be written as .{ending}. Try .{other} instead.") from error
