"""What stands over the parts of a text, in the language of the text; in English where that is none of the bot's own languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bot.content import Assignment


@cache
def _labels() -> dict[str, dict[str, str]]:
    """The labels by their English, each by its language."""
    return tomllib.loads((files("bot.kinds") / "labels.toml").read_text(encoding="utf-8"))


def in_every_language(english: str) -> frozenset[str]:
    """A label in all the languages that it may stand in."""
    return frozenset((english, *_labels().get(english, {}).values()))


def label_in(english: str, language: str) -> str:
    """A label in a language."""
    return _labels().get(english, {}).get(language, english)


def label(english: str, assignment: Assignment) -> str:
    """A label in the language of an assignment's text; in English over a draft that code has put together, as all of that is."""
    return label_in(english, assignment.language) if assignment.as_written else english


def label_around(english: str, assignment: Assignment) -> str:
    """A label beside what is in no language of its reader, such as a prompt."""
    return label_in(english, assignment.language_around)
