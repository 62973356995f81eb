"""Export of finished texts as files. Each module here with an `export` function is discovered; nothing else is edited to add a
format.

A module may also define `LABEL`, the format's name for users, and `SIGN`, the emoji next to it; `ENDING`, if the file's ending
differs from the module's name; `fits(content)`, if the format takes only some contents, and `lacking(content)`, which explains
why one does not fit. A name that begins with "_" hides a module.
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
from bot.reading.surrounding_labels import translate_label
from personas import plugins

log = logging.getLogger(__name__)

_PAGE_SIGN = "📄"
# Writes a titled text as a file of the format, reads it back, and returns its bytes.
ExportFunction = Callable[[str, Content], bytes]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its module's name, the file's ending, its label and emoji for users, which contents it fits, and how it is
    written.
    """

    name: str
    ending: str
    label: str
    sign: str
    fits: Callable[[Content], bool]
    export: ExportFunction
    lacking: Callable[[Content], Phrase | None]

    @property
    def suffix(self) -> str:
        """The suffix of a file's name; it includes the format where several share an ending: "kahoot.xlsx"."""
        return self.ending if self.ending == self.name else f"{self.name}.{self.ending}"


@cache
def load_formats() -> dict[str, ExportFormat]:
    """Return every format by name."""
    names = [found.name for found in iter_modules(__path__) if not found.name.startswith("_")]
    built_in = {name: _build_format(name, import_module(f"{__name__}.{name}")) for name in names}
    modules = plugins.load("exports", _check_module, built_in)
    return built_in | {name: _build_format(name, module) for name, module in modules.items()}


def _check_module(module: Any) -> Any:
    """Return a plugin's module.

    Raises:
        TypeError: it exports nothing.
    """
    if not callable(getattr(module, "export", None)):
        raise TypeError("It has no function export(title, content).")
    return module


def _build_format(name: str, module: Any) -> ExportFormat:
    ending = getattr(module, "ENDING", name)
    return ExportFormat(
        name,
        ending,
        getattr(module, "LABEL", f".{ending}"),
        getattr(module, "SIGN", _PAGE_SIGN),
        getattr(module, "fits", _fits_everything),
        module.export,
        getattr(module, "lacking", _lacks_nothing),
    )


def _fits_everything(_content: Content) -> bool:
    return True


def _lacks_nothing(_content: Content) -> None:
    return None


def find_fitting_formats(content: Content, wanted: Sequence[str] = ()) -> list[ExportFormat]:
    """Return the formats that fit a content, limited to the wanted ones if any are given."""
    return [one for one in load_formats().values() if (not wanted or one.name in wanted) and one.fits(content)]


def find_format(file_name: str) -> ExportFormat | None:
    """Return the format of a file name: "x.kahoot.xlsx" is Kahoot's, "x.xlsx" a plain table; None if there is none."""
    *_, before, last = ["", "", *file_name.lower().split(".")]
    special = load_formats().get(before)
    if special and special.suffix == f"{before}.{last}":
        return special
    return load_formats().get(last) or next((one for one in load_formats().values() if one.ending == last), None)


def export_content(name: str, title: str, content: Content, locale: str = "en") -> bytes:
    """Return the content as a file, its labels in the language of its text, or of a locale if that is unknown.

    Raises:
        FileError: there is no such format, the content does not fit it, or the written file could not be read back. The
        message names a format that works.
    """
    if name not in load_formats():
        raise FileError("I cannot save files as .{name}; choose one of {known}.", name=name, known=list(load_formats()))
    spoken = identify_language(content.text) or locale.partition("-")[0]
    chosen, content = load_formats()[name], _add_sources(replace(content, language=spoken))
    if not chosen.fits(content):
        nothing = Phrase("This text has nothing to put into a .{ending} file.", ending=chosen.suffix)
        why = chosen.lacking(content) or nothing
        raise FileError(_suggest_format(why, name, title, content))
    try:
        return chosen.export(title, content)
    except FileError as error:
        raise FileError(_suggest_format(error.phrase, name, title, content)) from error
    except Exception as error:
        log.error("a text was not written as .%s: %s", chosen.suffix, type(error).__name__)
        why = Phrase("I cannot save this text as .{ending}.", ending=chosen.suffix)
        raise FileError(_suggest_format(why, name, title, content)) from error


def _add_sources(content: Content) -> Content:
    """Return the content with a last line naming the documents it draws on, if any."""
    sources = content.parts.get("sources")
    named = f"{translate_label('Sources', content.language)}: {'; '.join(sources)}" if sources else ""
    return replace(content, text=f"{content.text}\n\n{named}") if named else content


def _suggest_format(why: Phrase, name: str, title: str, content: Content) -> Phrase:
    """Return the reason, with a format that the text can be written in if there is one."""
    for one in find_fitting_formats(content):
        if one.name != name:
            with suppress(Exception):
                one.export(title, content)
                return Phrase("{why} Try .{ending} instead.", why=why, ending=one.suffix)
    return why
