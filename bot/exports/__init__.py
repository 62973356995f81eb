"""Finished texts as files. A module here with an `export` is found; nothing else is edited to add a format.

A module may also say `LABEL`, what people call the format, and `SIGN`, the emoji beside that; `ENDING`, where the file's ending
is not the module's name; `fits(content)`, where the format takes only some contents, and `lacking(content)`, which says why one
does not fit. A name that begins with "_" hides a module.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from bot.checks.language import identify_language
from bot.content import Content
from bot.errors import FileError, Phrase
from bot.kinds._labels import translate_label
from personas import plugins

log = logging.getLogger(__name__)

_PAGE = "📄"
# Writes a titled text as a file of the format, reads it back, and gives its bytes.
Export = Callable[[str, Content], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its module's name, the file's ending, what people call it and the emoji beside that, which contents it fits, and
    how it is written.
    """

    name: str
    ending: str
    label: str
    sign: str
    fits: Callable[[Content], bool]
    export: Export
    lacking: Callable[[Content], Phrase | None]

    @property
    def suffix(self) -> str:
        """What a file's name ends in; it names the format too where several share an ending: "kahoot.xlsx"."""
        return self.ending if self.ending == self.name else f"{self.name}.{self.ending}"


@cache
def formats() -> dict[str, Format]:
    """Every format by its name."""
    names = [found.name for found in iter_modules(__path__) if not found.name.startswith("_")]
    built_in = {name: _format(name, import_module(f"{__name__}.{name}")) for name in names}
    modules = plugins.load("exports", _usable, built_in)
    return built_in | {name: _format(name, module) for name, module in modules.items()}


def _usable(module: Any) -> Any:
    """A plugin's module, if it exports anything.

    Raises:
        TypeError: it does not.
    """
    if not callable(getattr(module, "export", None)):
        raise TypeError("It has no function export(title, content).")
    return module


def _format(name: str, module: Any) -> Format:
    ending = getattr(module, "ENDING", name)
    return Format(
        name, ending, getattr(module, "LABEL", f".{ending}"), getattr(module, "SIGN", _PAGE),
        getattr(module, "fits", _everything), module.export, getattr(module, "lacking", _nothing),
    )  # fmt: skip


def _everything(_content: Content) -> bool:
    return True


def _nothing(_content: Content) -> None:
    return None


def fitting(content: Content, wanted: Sequence[str] = ()) -> list[Format]:
    """The formats that a content fits, of those that are wanted where some are."""
    return [one for one in formats().values() if (not wanted or one.name in wanted) and one.fits(content)]


def format_of(file_name: str) -> Format | None:
    """The format that a file's name ends in: "x.kahoot.xlsx" is Kahoot's, "x.xlsx" a plain table; None when there is none."""
    *_, before, last = ["", "", *file_name.lower().split(".")]
    special = formats().get(before)
    if special and special.suffix == f"{before}.{last}":
        return special
    return formats().get(last) or next((one for one in formats().values() if one.ending == last), None)


def export(name: str, title: str, content: Content, locale: str = "en") -> bytes:
    """The content as a file, its labels in the language of its text; where that cannot be told, of a locale.

    Raises:
        FileError: there is no such format, the content does not fit it, or what was written could not be read back. The
            sentence names a format that does.
    """
    if name not in formats():
        raise FileError("I cannot save files as .{name}; choose one of {known}.", name=name, known=list(formats()))
    spoken = identify_language(content.text) or locale.partition("-")[0]
    chosen, content = formats()[name], _with_sources(replace(content, language=spoken))
    if not chosen.fits(content):
        nothing = Phrase("This text has nothing to put into a .{ending} file.", ending=chosen.suffix)
        why = chosen.lacking(content) or nothing
        raise FileError(_offering(why, name, title, content))
    try:
        return chosen.export(title, content)
    except FileError as error:
        raise FileError(_offering(error.phrase, name, title, content)) from error
    except Exception as error:
        log.error("a text was not written as .%s: %s", chosen.suffix, type(error).__name__)
        why = Phrase("I cannot save this text as .{ending}.", ending=chosen.suffix)
        raise FileError(_offering(why, name, title, content)) from error


def _with_sources(content: Content) -> Content:
    """The content with a last line that names the documents it draws on, where it does."""
    sources = content.parts.get("sources")
    named = f"{translate_label('Sources', content.language)}: {'; '.join(sources)}" if sources else ""
    return replace(content, text=f"{content.text}\n\n{named}") if named else content


def _offering(why: Phrase, name: str, title: str, content: Content) -> Phrase:
    """The reason, with a format that the text can be written in where there is one."""
    for one in fitting(content):
        if one.name != name:
            with suppress(Exception):
                one.export(title, content)
                return Phrase("{why} Try .{ending} instead.", why=why, ending=one.suffix)
    return why
