"""Recognises the file formats that a request names: "as a Word file", "make it a PDF", "als .docx", "archivo de Excel"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

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


def find_names(text: str, names: Iterable[str]) -> list[str]:
    """Return the names of formats that a text asks for a file with, in its order; mentioning one is not asking for it."""
    matches = _compile(tuple(sorted(names, key=len, reverse=True))).finditer(text)
    # "In a word, sunshine" does not mean Word.
    found = [match["as_file"] or match["file_of"] or match["plain"].replace("word", "") for match in matches]
    return list(dict.fromkeys(name.casefold() for name in found if name))


@cache
def _compile(names: tuple[str, ...]) -> re.Pattern[str]:
    name = "|".join(map(re.escape, names))
    return re.compile(
        rf"(?<![\w.])(?P<as_file>(?:{name}))[\s-]{_FILE}\b"
        rf"|\b{_FILE}\s+(?:(?:in|de|en|em|im)\s+)?(?P<file_of>{name})\b"
        rf"|(?:\b{_BEFORE}\s+\.?|(?<![\w.])\.|^\s*)(?P<plain>{name})\b{_AFTER}",
        re.IGNORECASE,
    )
