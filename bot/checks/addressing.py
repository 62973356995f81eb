"""How a text speaks to its readers: "du" or "Sie", "tu" or "vous", "tú" or "usted". Pure; the words are in addressing.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

Address = Literal["familiar", "polite"]
_MOST_READ = 30_000
# What somebody says in the text is said to somebody else.
_QUOTED = re.compile(r"“[^“”\n]{0,400}”|„[^„“”\n]{0,400}[“”]|«[^«»\n]{0,400}»|\"[^\"\n]{0,400}\"")


def addressed(text: str, language: str, form: Address) -> list[str]:
    """The words of a text that speak to its readers in some form; none in languages where words do not tell."""
    pattern = _pattern(language, form)
    return [] if pattern is None else [found.group() for found in pattern.finditer(_QUOTED.sub(" ", text[:_MOST_READ]))]


@cache
def _pattern(language: str, form: Address) -> re.Pattern[str] | None:
    words = _data().get(language, {}).get(form, [])
    if not words:
        return None
    # German alone tells its polite words by their capital, which every word has that begins a sentence.
    capital = words[0][:1].isupper()
    before = r"(?:(?<=[^\W\d_] )|(?<=, ))" if capital else r"(?<![\w'’-])"
    return re.compile(rf"{before}(?:{'|'.join(words)})(?![\w'’-])", re.NOFLAG if capital else re.IGNORECASE)


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files(__package__) / "addressing.toml").read_text(encoding="utf-8"))
