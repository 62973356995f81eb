"""Exports finished texts as files. Each module of this package is a format and is discovered; adding one needs no other edit.

A format's module has `export(title, content)`. It may also have `LABEL`, the format's name for users; `SIGN`, the emoji next to
it; `ENDING`, the file name extension if it differs from the module's name; `NAMES`, which users call it by if not by the module's
name; `fits(content)`, if the format takes only some contents; and `lacking(content)`, which explains why one does not fit. Modules
whose names begin with "_" are no formats.
"""

from __future__ import annotations

import logging
import re
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
from bot.markup import render_formulas
from bot.reading.surrounding_labels import translate_label
from personas import plugins

log = logging.getLogger(__name__)

# Words for a file behind its format's name, and words before one: "a Word file", "as a PDF", "in Excel".
_FILE = (
    r"(?:files?|docs?|documents?|sheets?|decks?|versions?"
    r"|datei(?:en)?|dokumente?|fichiers?|archivos?|documentos?|arquivos?|ficheiros?)"
)
_BEFORE = r"(?:as|into|to|in|als|im|ins|comme|en|como|em|an?|the|ein|eine|einen|une?|uma?|das|el|le|o|formate?|formato)"
# What can follow a name that is no part of another, as in "a PDF guide": the end of a clause, or a few words more.
_AFTER = (
    r"(?=\s*(?:$|[.,;:!?)\n–—])|\s+(?:format|formato|and|und|y|et|e|with|mit|please|pls|plz|bitte|por favor|porfa|stp|svp"
    r"|s'il|from|of|out|aus|draus|daraus|davon|für|for|para|pour|so|to|zum|dass|that|which|rather|instead|now|too|also)\b)"
)

_DEFAULT_EMOJI = "📄"
# Returns the file's bytes for a title and a content, after reading them back.
ExportFunction = Callable[[str, Content], bytes]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format's module; `name` is the module's, `label` and `emoji` are for users, who call it by `names`."""

    name: str
    extension: str
    label: str
    emoji: str
    names: tuple[str, ...]
    fits: Callable[[Content], bool]
    export: ExportFunction
    explain_misfit: Callable[[Content], Phrase | None]

    @property
    def suffix(self) -> str:
        """The end of a file's name, unique to the format: "pdf", or "kahoot.xlsx" if the extension is not the name."""
        return self.extension if self.extension == self.name else f"{self.name}.{self.extension}"


@cache
def load_formats() -> dict[str, ExportFormat]:
    """Return every format by name."""
    names = [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]
    built_in = {name: _build_format(name, import_module(f"{__name__}.{name}")) for name in names}
    plugin_modules = plugins.load("exports", _check_module, built_in)
    return built_in | {name: _build_format(name, module) for name, module in plugin_modules.items()}


def _check_module(module: Any) -> Any:
    """Return a plugin's module.

    Raises:
        TypeError: it has no `export` function.
    """
    if not callable(getattr(module, "export", None)):
        raise TypeError("It has no function export(title, content).")
    return module


def _build_format(name: str, module: Any) -> ExportFormat:
    extension = getattr(module, "ENDING", name)
    return ExportFormat(
        name,
        extension,
        getattr(module, "LABEL", f".{extension}"),
        getattr(module, "SIGN", _DEFAULT_EMOJI),
        getattr(module, "NAMES", (name,)),
        getattr(module, "fits", lambda _content: True),
        module.export,
        getattr(module, "lacking", lambda _content: None),
    )


def find_fitting_formats(content: Content, names: Sequence[str] = ()) -> list[ExportFormat]:
    """Return the formats that fit a content, only those of the given names if there are any."""
    formats = load_formats().values()
    return [
        export_format
        for export_format in formats
        if (not names or export_format.name in names) and export_format.fits(content)
    ]


def find_named_formats(text: str) -> list[ExportFormat]:
    """Return the formats that a request asks for files in, such as "as a Word file"; mentioning one is not asking for it."""
    formats = {
        name.casefold(): export_format for export_format in load_formats().values() for name in export_format.names
    }
    matches = _compile_names(tuple(sorted(formats, key=len, reverse=True))).finditer(text)
    # "In a word, sunshine" does not mean Word.
    found = [match["as_file"] or match["file_of"] or match["plain"].replace("word", "") for match in matches]
    return [formats[name] for name in dict.fromkeys(name.casefold() for name in found if name)]


@cache
def _compile_names(names: tuple[str, ...]) -> re.Pattern[str]:
    name = "|".join(map(re.escape, names))
    return re.compile(
        rf"(?<![\w.])(?P<as_file>(?:{name}))[\s-]{_FILE}\b"
        rf"|\b{_FILE}\s+(?:(?:in|de|en|em|im)\s+)?(?P<file_of>{name})\b"
        rf"|(?:\b{_BEFORE}\s+\.?|(?<![\w.])\.|^\s*)(?P<plain>{name})\b{_AFTER}",
        re.IGNORECASE,
    )


def find_format(file_name: str) -> ExportFormat | None:
    """Return the format of a file name: "x.kahoot.xlsx" is Kahoot's, "x.xlsx" a plain table; None if there is none."""
    formats = load_formats()
    *_, name, extension = ["", "", *file_name.lower().split(".")]
    if name in formats and formats[name].suffix == f"{name}.{extension}":
        return formats[name]
    return formats.get(extension) or next((each for each in formats.values() if each.extension == extension), None)


def export_content(name: str, title: str, content: Content, locale: str = "en") -> bytes:
    """Return the content as a file of the named format. Labels are in the text's language, or the locale's if that is unknown.

    Raises:
        FileError: there is no such format, the content does not fit it, or writing or reading back the file failed. The
        message suggests another format, if one works.
    """
    if name not in load_formats():
        raise FileError("I cannot save files as .{name}; choose one of {known}.", name=name, known=list(load_formats()))
    export_format = load_formats()[name]
    language = identify_language(content.text) or locale.partition("-")[0]
    # Programs that read Markdown read LaTeX in it.
    text = content.text if name == "md" else render_formulas(content.text)
    content = _add_sources(replace(content, language=language, text=text))
    if not export_format.fits(content):
        nothing = Phrase("This text has nothing that a .{ending} file could contain.", ending=export_format.suffix)
        why = export_format.explain_misfit(content) or nothing
        raise FileError(_suggest_format(why, name, title, content))
    try:
        return export_format.export(title, content)
    except FileError as error:
        raise FileError(_suggest_format(error.phrase, name, title, content)) from error
    except Exception as error:
        log.error("a text was not written as .%s: %s", export_format.suffix, type(error).__name__)
        why = Phrase("I cannot save this text as .{ending}.", ending=export_format.suffix)
        raise FileError(_suggest_format(why, name, title, content)) from error


def _add_sources(content: Content) -> Content:
    """Return the content with a last line naming the documents it draws on, if any."""
    sources = content.parts.get("sources")
    if not sources:
        return content
    label = translate_label("Sources", content.language)
    return replace(content, text=f"{content.text}\n\n{label}: {'; '.join(sources)}")


def _suggest_format(why: Phrase, name: str, title: str, content: Content) -> Phrase:
    """Return the reason of a failure, followed by another format that the text can be exported as, if there is one."""
    for export_format in find_fitting_formats(content):
        if export_format.name != name:
            with suppress(Exception):
                export_format.export(title, content)
                return Phrase("{why} Try .{ending} instead.", why=why, ending=export_format.suffix)
    return why
